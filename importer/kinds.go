package importer

import (
	"maps"
	"slices"

	"guanxi/access"
	"guanxi/models"
)

// Field says what a field of a kind takes.
type Field struct {
	Type       Type
	Required   bool
	Choices    []string // of a Choice
	Kinds      []string // that a Reference may point to, the usual one first
	Dictionary string   // code, of a Reference to a dictionary entry
	By         []string // how a Reference may name its record, the usual way first
	Creatable  bool     // a Reference may ask for the record to be made
}

var (
	text     = Field{Type: Text}
	name     = Field{Type: Text, Required: true}
	number   = Field{Type: Number}
	amount   = Field{Type: Amount}
	date     = Field{Type: Date}
	yesNo    = Field{Type: YesNo}
	user     = Field{Type: Reference, Kinds: []string{"user"}, By: []string{ByKey, "login", "name", "email"}}
	moment   = Field{Type: Moment}
	customer = to("customer", "name", "website")

	department = to("department", "name", ByPath)
	role       = to("role").named("code", "name")
)

func businessKinds() (names []string) {
	for _, kind := range access.Kinds {
		if kind.Guard == access.Business {
			names = append(names, kind.Name)
		}
	}
	return names
}

func choice(words ...string) Field { return Field{Type: Choice, Choices: words} }

func entry(dictionary string) Field {
	return Field{Type: Reference, Kinds: []string{"dictionaryEntry"}, Dictionary: dictionary, By: []string{"label", "code"}, Creatable: true}
}

func to(kind string, by ...string) Field {
	return Field{Type: Reference, Kinds: []string{kind}, By: append([]string{ByKey}, by...)}
}

func (f Field) required() Field  { f.Required = true; return f }
func (f Field) creatable() Field { f.Creatable = true; return f }

// named is the same reference, usually by the first of these instead of the key.
func (f Field) named(by ...string) Field { f.By = by; return f }

var party = Field{
	Type: Reference, Required: true,
	Kinds: []string{"customer", "contact", "competitor", "user"}, By: []string{ByKey, "name"},
}

// kinds lists what a file can hold, field by field, named as in the API.
var kinds = map[string]map[string]Field{
	"department": {"name": name, "parent": department},
	"user": {
		"name": name, "login": text, "email": text, "phone": text,
		"department": department, "title": text, "active": yesNo, "role": role,
	},
	"membership": {"user": user.required(), "department": department.required(), "primary": yesNo, "title": text},
	"grant": {
		"granteeUser": user, "granteeRole": role,
		"everyone": yesNo, "department": department, "withSubDepartments": yesNo, "user": user, "group": to("group").named("name"),
		"effect": choice(models.Allow, models.Deny), "level": choice(models.Observe, models.Manage).required(),
		"kinds": {Type: Choices, Choices: businessKinds()}, "from": moment, "until": moment, "note": text,
	},
	"product": {
		"name": name, "code": text, "category": entry(models.ProductCategoryDictionary), "listPrice": amount, "active": yesNo,
	},
	"competitor": {"name": name, "website": text, "strengths": text, "weaknesses": text, "note": text, "active": yesNo},
	"customer": {
		"name": name, "kind": choice("ORGANIZATION", "PERSON"), "lifecycle": choice("LEAD", "PROSPECT", "CUSTOMER", "DORMANT", "FORMER"),
		"region": entry(models.RegionDictionary), "industry": entry(models.IndustryDictionary),
		"source": entry(models.SourceDictionary), "phone": text, "email": text, "website": text, "address": text,
		"note": text, "owner": user,
	},
	"contact": {
		"name": name, "gender": choice("FEMALE", "MALE", "OTHER"), "phone": text, "email": text, "wechat": text, "birthday": date, "note": text,
		"owner": user, "customer": customer, "role": choice("DECISION_MAKER", "INFLUENCER", "USER", "GATEKEEPER", "CHAMPION", "BUYER", "OTHER"), "title": text, "primary": yesNo,
	},
	"opportunity": {
		"title": name, "customer": customer, "owner": user,
		"pipeline": to("pipeline").named("name").creatable(), "stage": to("stage").named("name").creatable(),
		"status":  choice(models.Open, models.Won, models.Lost, models.Cancelled).required(),
		"product": to("product", "name", "code"), "quantity": number, "amount": amount,
		"openedOn": date, "expectedCloseOn": date, "closedAt": moment,
		"lossReason": entry(models.LossReasonDictionary), "wonBy": to("competitor", "name"), "note": text,
	},
	"service": {
		"title": name, "kind": choice("REPAIR", "MAINTENANCE", "INSTALLATION", "COMPLAINT", "CONSULTATION", "RETURN_VISIT", "OTHER"),
		"status": choice(models.Open, "IN_PROGRESS", "CLOSED", models.Cancelled), "priority": choice("LOW", "NORMAL", "HIGH", "URGENT"),
		"customer": customer, "contact": to("contact", "name"), "opportunity": to("opportunity", "title"), "owner": user, "assignee": user,
		"openedAt": moment.required(), "dueAt": moment, "closedAt": moment, "cost": amount, "description": text,
	},
	"activity": {
		"summary": name, "kind": choice("CALL", "VISIT", "MEETING", "MAIL", "MESSAGE", "NOTE", "TASK"), "body": text, "at": moment.required(),
		"customer": customer, "contact": to("contact", "name"), "opportunity": to("opportunity", "title"), "service": to("service", "title"),
		"owner": user, "assignee": user, "nextFollowUpOn": date,
	},
	"relationship": {
		"type": to("relationshipType").named("code").required(), "a": party, "b": party,
		"strength": number, "from": date, "until": date, "origin": text, "note": text,
	},
	"dictionaryEntry": {"dictionary": name, "label": name, "labelEn": text, "code": text},
}

// Kinds lists the kinds of record that a mapping can fill.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }
