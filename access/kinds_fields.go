package access

import "guanxi/models"

// What can be filtered and sorted by, under which rule, and where each link leads. Names are those of the API.

var common = []string{"id", "id", "version", "version", "createdAt", "created_at", "updatedAt", "updated_at"}

func with(pairs ...string) map[string]Field {
	return fields(append(common[:len(common):len(common)], pairs...)...)
}

func init() {
	declareReferenceFields()
	declareBusinessFields()
	declareOpportunityFields()
	declareDictionaries()
	declareColumns()
	for _, k := range Kinds {
		k.collate(present(k, "name", "title", "label")...)
		if err := k.decided(); err != nil {
			panic(err)
		}
	}
}

func declareReferenceFields() {
	User.Fields = with("login", "login", "name", "name", "active", "active")
	User.Relations = map[string]Link{
		"memberships": ByForeign(Membership, "user_id"),
		"departments": {To: Department, Many: true, On: func(parent, child string) string {
			return "exists (select 1 from memberships m where m.department_id = " + child + ".id and m.user_id = " + parent + ".id)"
		}},
		"groups": {To: Group, Many: true, On: func(parent, child string) string {
			return "exists (select 1 from group_members m where m.group_id = " + child + ".id and m.user_id = " + parent + ".id and " + child + ".dissolved_at is null)"
		}},
		"roles": {To: Role, Many: true, On: func(parent, child string) string {
			return "exists (select 1 from user_roles m where m.role_id = " + child + ".id and m.user_id = " + parent + ".id)"
		}},
	}
	Department.Fields = with("name", "name", "level", "cardinality(path)")
	Department.Relations = map[string]Link{
		"parent":   ByColumn(Department, "parent_id"),
		"children": ByForeign(Department, "parent_id"),
		"members": {To: User, Many: true, On: func(parent, child string) string {
			return "exists (select 1 from memberships m where m.user_id = " + child + ".id and m.department_id = " + parent + ".id)"
		}},
	}
	Membership.Fields = with("primary", "is_primary", "title", "title")
	Membership.Relations = map[string]Link{"user": ByColumn(User, "user_id"), "department": ByColumn(Department, "department_id")}
	Group.Fields = with("name", "name", "dissolvedAt", "dissolved_at")
	Group.Relations = map[string]Link{"members": {To: User, Many: true, On: func(parent, child string) string {
		return "exists (select 1 from group_members m where m.user_id = " + child + ".id and m.group_id = " + parent + ".id)"
	}}}
	Role.Fields = with("code", "code", "name", "name")
	Competitor.Fields = with("name", "name", "website", "website", "active", "active")
	RelationshipType.Fields = with("code", "code", "name", "name_ab", "category", "category", "symmetric", "is_symmetric", "introduces", "introduces")
	Product.Fields = with("name", "name", "code", "code", "listPrice", "list_price", "currency", "currency", "active", "active")
	Product.Relations = map[string]Link{"category": ByColumn(DictionaryEntry, "category_id")}
	Pipeline.Fields = with("name", "name", "default", "is_default")
	Pipeline.Relations = map[string]Link{"stages": ByForeign(Stage, "pipeline_id")}
	Stage.Fields = with("name", "name", "probability", "probability", "position", "position")
	Stage.Relations = map[string]Link{"pipeline": ByColumn(Pipeline, "pipeline_id")}
	Dictionary.Fields = with("code", "code", "name", "name")
	Dictionary.Relations = map[string]Link{"entries": ByForeign(DictionaryEntry, "dictionary_id")}
	DictionaryEntry.Fields = with("code", "code", "label", "label", "lossKind", "loss_kind", "position", "position", "active", "active")
	DictionaryEntry.Relations = map[string]Link{"dictionary": ByColumn(Dictionary, "dictionary_id"), "parent": ByColumn(DictionaryEntry, "parent_id")}
	Pool.Fields = with("name", "name")
	AccessLogEntry.ReadBy = AccessAdmin
	AccessLogEntry.Fields = fields("id", "id", "at", "at", "field", "field", "operation", "operation", "request", "request", "record", "record_id")
	AccessLogEntry.Relations = map[string]Link{"user": ByColumn(User, "user_id"), "viewedBy": ByColumn(User, "viewed_by")}
	Grant.ReadBy = AccessAdmin
	Grant.Fields = with("effect", "effect", "level", "level", "from", "valid_from", "until", "valid_until", "note", "note", "subject", "subject_id")
	Grant.Relations = map[string]Link{
		"user": ByColumn(User, "grantee_user_id"), "role": ByColumn(Role, "grantee_role_id"), "createdBy": ByColumn(User, "created_by"),
	}
}

func declareBusinessFields() {
	Customer.Fields = with("name", "name", "kind", "kind", "lifecycle", "lifecycle", "phone", "phone", "email", "email",
		"website", "website", "address", "address", "note", "note", "deletedAt", "deleted_at")
	Customer.Relations = map[string]Link{
		"owner": ByColumn(User, "owner_id"), "pool": ByColumn(Pool, "pool_id"), "createdBy": ByColumn(User, "created_by"),
		"region": ByColumn(DictionaryEntry, "region_id"), "industry": ByColumn(DictionaryEntry, "industry_id"), "source": ByColumn(DictionaryEntry, "source_id"),
		"contacts":      {To: Contact, Many: true, On: func(parent, child string) string { return worksAt(child, parent) }},
		"opportunities": ByForeign(Opportunity, "customer_id"), "services": ByForeign(Service, "customer_id"),
		"documents": ByForeign(Document, "customer_id"), "activities": ByForeign(Activity, "customer_id"),
		"relationships": edges,
	}
	Customer.protect(ContactDetails, "phone", "email", "address", "phone_terms")
	Contact.Fields = with("name", "name", "gender", "gender", "phone", "phone", "email", "email", "wechat", "wechat",
		"birthday", "birthday", "note", "note", "deletedAt", "deleted_at")
	Contact.Relations = map[string]Link{
		"owner": ByColumn(User, "owner_id"), "createdBy": ByColumn(User, "created_by"),
		"customers":     {To: Customer, Many: true, On: func(parent, child string) string { return worksAt(parent, child) }},
		"activities":    ByForeign(Activity, "contact_id"),
		"relationships": edges,
	}
	Contact.protect(ContactDetails, "phone", "email", "wechat", "birthday", "phone_terms")
	Service.Fields = with("title", "title", "kind", "kind", "status", "status", "priority", "priority", "openedAt", "opened_at",
		"dueAt", "due_at", "closedAt", "closed_at", "cost", "cost", "description", "description", "deletedAt", "deleted_at")
	Service.Customer, Service.Assignee, Service.Attached = "customer_id", "assignee_id", []*Kind{Opportunity}
	Service.Relations = map[string]Link{
		"customer": ByColumn(Customer, "customer_id"), "contact": ByColumn(Contact, "contact_id"), "opportunity": ByColumn(Opportunity, "opportunity_id"),
		"owner": ByColumn(User, "owner_id"), "assignee": ByColumn(User, "assignee_id"), "createdBy": ByColumn(User, "created_by"),
	}
	Service.protect(Costs, "cost")
	Service.Within = map[string]Rule{"currency": Costs}
	Document.Fields = with("name", "name", "mediaType", "media_type", "size", "size", "revision", "revision", "uploadedAt", "uploaded_at",
		"restricted", "restricted", "deletedAt", "deleted_at")
	Document.Customer, Document.Attached = "customer_id", []*Kind{Opportunity, Service}
	Document.Relations = map[string]Link{
		"customer": ByColumn(Customer, "customer_id"), "opportunity": ByColumn(Opportunity, "opportunity_id"), "service": ByColumn(Service, "service_id"),
		"category": ByColumn(DictionaryEntry, "category_id"), "owner": ByColumn(User, "owner_id"), "uploadedBy": ByColumn(User, "uploaded_by"),
		"createdBy": ByColumn(User, "created_by"),
	}
	Activity.Fields = with("kind", "kind", "summary", "summary", "body", "body", "at", "happened_at",
		"nextFollowUpOn", "next_follow_up_on", "deletedAt", "deleted_at")
	Activity.Customer, Activity.Assignee, Activity.Attached = "customer_id", "assignee_id", []*Kind{Opportunity, Service}
	Activity.Relations = map[string]Link{
		"customer": ByColumn(Customer, "customer_id"), "contact": ByColumn(Contact, "contact_id"), "opportunity": ByColumn(Opportunity, "opportunity_id"),
		"service": ByColumn(Service, "service_id"), "owner": ByColumn(User, "owner_id"), "by": ByColumn(User, "owner_id"),
		"assignee": ByColumn(User, "assignee_id"), "createdBy": ByColumn(User, "created_by"),
	}
	SavedReport.Fields = with("name", "name", "note", "note", "deletedAt", "deleted_at")
	SavedReport.Relations = map[string]Link{"owner": ByColumn(User, "owner_id"), "createdBy": ByColumn(User, "created_by")}
	Dashboard.Fields = with("title", "title", "note", "note", "deletedAt", "deleted_at")
	Dashboard.Relations = map[string]Link{"owner": ByColumn(User, "owner_id"), "createdBy": ByColumn(User, "created_by")}
	Relationship.Fields = with("a", "a_id", "b", "b_id", "strength", "strength", "from", "valid_from", "until", "valid_until", "origin", "origin", "note", "note",
		"contactRole", "contact_role", "title", "title", "primary", "is_primary", "deletedAt", "deleted_at")
	Relationship.Relations = map[string]Link{"type": ByColumn(RelationshipType, "type_id"), "createdBy": ByColumn(User, "created_by")}
}

func declareOpportunityFields() {
	Opportunity.Fields = with("title", "title", "status", "status", "amount", "amount",
		"openedOn", "opened_on", "expectedCloseOn", "expected_close_on", "closedAt", "closed_at", "closingNote", "closing_note",
		"note", "note", "deletedAt", "deleted_at")
	Opportunity.Customer = "customer_id"
	Opportunity.Relations = map[string]Link{
		"customer": ByColumn(Customer, "customer_id"), "owner": ByColumn(User, "owner_id"), "createdBy": ByColumn(User, "created_by"),
		"pipeline": ByColumn(Pipeline, "pipeline_id"), "stage": ByColumn(Stage, "stage_id"),
		"closingOwner": ByColumn(User, "closing_owner_id"), "closingDepartment": ByColumn(Department, "closing_department_id"),
		"lossReason": ByColumn(DictionaryEntry, "loss_reason_id"), "wonBy": ByColumn(Competitor, "won_by_id"),
		"mainCompetitor": ByColumn(Competitor, "main_competitor_id"), "mainProduct": ByColumn(Product, "main_product_id"),
		"lines": ByForeign(OpportunityLine, "opportunity_id"), "encounters": ByForeign(Encounter, "opportunity_id"),
		"stageChanges": ByForeign(StageChange, "opportunity_id"), "activities": ByForeign(Activity, "opportunity_id"),
		"documents": ByForeign(Document, "opportunity_id"), "services": ByForeign(Service, "opportunity_id"),
	}
	Opportunity.protect(Amounts, "amount", "main_product_id") // the main product is told by the largest amount
	Opportunity.Within = map[string]Rule{"currency": Amounts}
	OpportunityLine.Fields = fields("id", "id", "quantity", "quantity", "unitPrice", "unit_price", "amount", "amount", "position", "position")
	OpportunityLine.Relations = map[string]Link{"opportunity": ByColumn(Opportunity, "opportunity_id"), "product": ByColumn(Product, "product_id")}
	OpportunityLine.protect(Amounts, "unit_price", "amount")
	StageChange.Fields = fields("id", "id", "at", "changed_at", "toStatus", "to_status", "fromStatus", "from_status")
	StageChange.Relations = map[string]Link{
		"opportunity": ByColumn(Opportunity, "opportunity_id"), "fromStage": ByColumn(Stage, "from_stage_id"),
		"toStage": ByColumn(Stage, "to_stage_id"), "by": ByColumn(User, "changed_by"),
	}
	Encounter.Fields = fields("id", "id", "quotedPrice", "quoted_price", "main", "is_main", "createdAt", "created_at",
		"strengths", "strengths", "weaknesses", "weaknesses")
	Encounter.Relations = map[string]Link{"opportunity": ByColumn(Opportunity, "opportunity_id"), "competitor": ByColumn(Competitor, "competitor_id")}
	Encounter.protect(Amounts, "quoted_price")
	Encounter.Within = map[string]Rule{"currency": Amounts}
}

func declareDictionaries() {
	Customer.Dictionaries = map[string]string{
		"region": models.RegionDictionary, "industry": models.IndustryDictionary, "source": models.SourceDictionary,
	}
	Opportunity.Dictionaries = map[string]string{"lossReason": models.LossReasonDictionary}
	Document.Dictionaries = map[string]string{"category": models.DocumentCategoryDictionary}
	Product.Dictionaries = map[string]string{"category": models.ProductCategoryDictionary}
}

func present(k *Kind, names ...string) []string {
	var found []string
	for _, name := range names {
		if _, ok := k.Fields[name]; ok {
			found = append(found, name)
		}
	}
	return found
}

var edges = Link{To: Relationship, Many: true, On: func(parent, child string) string {
	return "(" + child + ".a_id = " + parent + ".id or " + child + ".b_id = " + parent + ".id)"
}}
