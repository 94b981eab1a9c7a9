package access

import "slices"

// Action is something a role may let its users do with the records of a kind.
type Action string

// The actions on business records.
const (
	Read     Action = "READ"
	Create   Action = "CREATE"
	Update   Action = "UPDATE"
	Delete   Action = "DELETE"
	Transfer Action = "TRANSFER"
	Sharing  Action = "SHARE"
	Export   Action = "EXPORT"
)

// Permission is one right that a role gives, such as CUSTOMER_READ or ACCESS_ADMIN.
type Permission string

// Permissions that are not about the records of one kind.
const (
	AccessAdmin     Permission = "ACCESS_ADMIN"
	UserAdmin       Permission = "USER_ADMIN"
	DictionaryAdmin Permission = "DICTIONARY_ADMIN"
	CatalogAdmin    Permission = "CATALOG_ADMIN"
	PoolAdmin       Permission = "POOL_ADMIN"
	Import          Permission = "IMPORT"
	Report          Permission = "REPORT"
)

// To names the permission for an action on a kind: for reference records, one permission covers all changes.
func To(action Action, kind *Kind) Permission {
	if kind.Guard == Reference {
		return kind.Admin
	}
	return Permission(kind.Name + "_" + string(action))
}

// ToExport names the permission for taking out records of a kind, of a part that for its whole; empty where nobody minds.
func ToExport(kind *Kind) Permission {
	switch {
	case kind == nil:
		return ""
	case kind.Guard == PartOf:
		return ToExport(kind.Whole)
	case slices.Contains(kind.Actions, Export):
		return To(Export, kind)
	}
	return ""
}

// Permissions lists every permission there is.
func Permissions() []Permission {
	all := []Permission{AccessAdmin, UserAdmin, DictionaryAdmin, CatalogAdmin, PoolAdmin, Import, Report}
	for _, kind := range Kinds {
		for _, action := range kind.Actions {
			all = append(all, To(action, kind))
		}
	}
	return all
}

// Rule names a group of protected fields.
type Rule string

// The rules that protect fields.
const (
	ContactDetails Rule = "CONTACT_DETAILS"
	Amounts        Rule = "AMOUNTS"
	Costs          Rule = "COSTS"
)

// Rules lists every field rule.
var Rules = []Rule{ContactDetails, Amounts, Costs}

// Relation is how a viewer stands to a record when its fields are decided.
type Relation string

// The relations: his own record, one of somebody in his scope, any other that he sees.
const (
	Own     Relation = "OWN"
	InScope Relation = "SCOPE"
	Other   Relation = "OTHER"
)

// Relations lists the relations from near to far.
var Relations = []Relation{Own, InScope, Other}

// Right is how far a field is read; more is greater.
type Right int

// The rights.
const (
	None Right = iota
	Masked
	Full
)

// Rights gives the right for its name in the database.
var Rights = map[string]Right{"NONE": None, "MASKED": Masked, "FULL": Full}
