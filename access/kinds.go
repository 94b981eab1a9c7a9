package access

import (
	"reflect"
	"slices"

	"guanxi/models"
)

// Kinds lists every kind of record. A kind is added by one row here.
var Kinds []*Kind

// The kinds.
var (
	User             = reference[models.User]("USER", models.UserCode, "users", UserAdmin)
	Department       = reference[models.Department]("DEPARTMENT", models.DepartmentCode, "departments", UserAdmin)
	Membership       = reference[models.Membership]("MEMBERSHIP", models.MembershipCode, "memberships", UserAdmin)
	Group            = reference[models.Group]("GROUP", models.GroupCode, "groups", UserAdmin)
	Role             = reference[models.Role]("ROLE", models.RoleCode, "roles", AccessAdmin)
	Competitor       = reference[models.Competitor]("COMPETITOR", models.CompetitorCode, "competitors", CatalogAdmin)
	RelationshipType = reference[models.RelationshipType]("RELATIONSHIP_TYPE", models.RelationshipTypeCode, "relationship_types", DictionaryAdmin)
	Product          = reference[models.Product]("PRODUCT", models.ProductCode, "products", CatalogAdmin)
	Pipeline         = reference[models.Pipeline]("PIPELINE", models.PipelineCode, "pipelines", CatalogAdmin)
	Stage            = reference[models.Stage]("STAGE", models.StageCode, "stages", CatalogAdmin)
	Dictionary       = reference[models.Dictionary]("DICTIONARY", models.DictionaryCode, "dictionaries", DictionaryAdmin)
	DictionaryEntry  = reference[models.DictionaryEntry]("DICTIONARY_ENTRY", models.DictionaryEntryCode, "dictionary_entries", DictionaryAdmin)
	Grant            = reference[models.Grant]("GRANT", models.GrantCode, "grants", AccessAdmin)
	Pool             = reference[models.Pool]("POOL", models.PoolCode, "pools", PoolAdmin)

	AccessLogEntry = reference[models.AccessLogEntry]("ACCESS_LOG_ENTRY", models.AccessLogEntryCode, "access_log", AccessAdmin)

	Customer    = business[models.Customer]("CUSTOMER", models.CustomerCode, "customers")
	Contact     = business[models.Contact]("CONTACT", models.ContactCode, "contacts")
	Opportunity = business[models.Opportunity]("OPPORTUNITY", models.OpportunityCode, "opportunities")
	Service     = business[models.Service]("SERVICE", models.ServiceCode, "services")
	Document    = business[models.Document]("DOCUMENT", models.DocumentCode, "documents")
	Activity    = business[models.Activity]("ACTIVITY", models.ActivityCode, "activities")

	SavedReport = business[models.SavedReport]("SAVED_REPORT", models.SavedReportCode, "saved_reports").without(Export) // its files are of the records it counts
	Dashboard   = business[models.Dashboard]("DASHBOARD", models.DashboardCode, "dashboards").without(Export)

	Relationship = add(&Kind{
		Name: "RELATIONSHIP", Code: models.RelationshipCode, Table: "relationships", Guard: BetweenParties,
		Actions: []Action{Read, Create, Update, Delete, Export}, Model: reflect.TypeFor[models.Relationship](), Columns: columnsOf[models.Relationship](),
	})

	OpportunityLine  = part[models.OpportunityLine]("OPPORTUNITY_LINE", models.OpportunityLineCode, "opportunity_lines", Opportunity, "opportunity_id")
	StageChange      = part[models.StageChange]("STAGE_CHANGE", models.StageChangeCode, "stage_changes", Opportunity, "opportunity_id")
	Encounter        = part[models.Encounter]("ENCOUNTER", models.EncounterCode, "encounters", Opportunity, "opportunity_id")
	DocumentRevision = part[models.DocumentRevision]("DOCUMENT_REVISION", models.DocumentRevisionCode, "document_revisions", Document, "document_id")
)

func add(k *Kind) *Kind {
	Kinds = append(Kinds, k)
	return k
}

func reference[T any](name string, code models.KindCode, table string, admin Permission) *Kind {
	return add(&Kind{Name: name, Code: code, Table: table, Guard: Reference, Admin: admin, Model: reflect.TypeFor[T](), Columns: columnsOf[T]()})
}

func business[T any](name string, code models.KindCode, table string) *Kind {
	return add(&Kind{
		Name: name, Code: code, Table: table, Guard: Business, Model: reflect.TypeFor[T](), Columns: columnsOf[T](),
		Actions: []Action{Read, Create, Update, Delete, Transfer, Sharing, Export},
	})
}

// without takes an action from a kind.
func (k *Kind) without(action Action) *Kind {
	k.Actions = slices.DeleteFunc(k.Actions, func(a Action) bool { return a == action })
	return k
}

func part[T any](name string, code models.KindCode, table string, whole *Kind, wholeID string) *Kind {
	return add(&Kind{Name: name, Code: code, Table: table, Guard: PartOf, Whole: whole, WholeID: wholeID, Model: reflect.TypeFor[T](), Columns: columnsOf[T]()})
}

func fields(pairs ...string) map[string]Field {
	set := map[string]Field{}
	for i := 0; i < len(pairs); i += 2 {
		set[pairs[i]] = Field{Column: pairs[i+1]}
	}
	return set
}

func (k *Kind) collate(names ...string) {
	for _, name := range names {
		f := k.Fields[name]
		f.Collate = true
		k.Fields[name] = f
	}
}

// protect puts columns under a rule; the fields that show them follow.
func (k *Kind) protect(rule Rule, columns ...string) {
	if k.Protected == nil {
		k.Protected = map[string]Rule{}
	}
	for _, column := range columns {
		k.Protected[column] = rule
		for name, f := range k.Fields {
			if f.Column == column {
				f.Rule = rule
				k.Fields[name] = f
			}
		}
	}
}
