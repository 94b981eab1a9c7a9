package access

import (
	"fmt"
	"slices"
)

// Every column of every kind has a decision: it is open to whoever sees the record, kept for the server alone, or under a
// rule by protect or shown only within such a value. A column of a model that stands in none of these lists, or in two, keeps
// the program from starting.

// The columns that records have in common.
var (
	commonOpen = []string{"id", "version", "created_at", "updated_at", "owner_id", "created_by", "deleted_at"}
	commonKept = []string{"deletion_id", "search_terms", "search_text"}
)

func declareColumns() {
	User.opens("login", "name", "email", "phone", "active", "locale").keeps("password_hash")
	Department.opens("name", "parent_id", "path")
	Membership.opens("user_id", "department_id", "is_primary", "title")
	Group.opens("name", "note", "dissolved_at")
	Role.opens("code", "name", "name_en", "note", "permissions")
	Competitor.opens("name", "website", "strengths", "weaknesses", "note", "active")
	RelationshipType.opens("code", "name_ab", "name_ba", "name_ab_en", "name_ba_en", "category", "is_symmetric", "introduces", "a_kinds", "b_kinds", "built_in")
	Product.opens("name", "code", "category_id", "list_price", "currency", "active")
	Pipeline.opens("name", "is_default")
	Stage.opens("pipeline_id", "name", "name_en", "probability", "position")
	Dictionary.opens("code", "name", "name_en")
	DictionaryEntry.opens("dictionary_id", "code", "label", "label_en", "parent_id", "loss_kind", "position", "active")
	Grant.opens("grantee_user_id", "grantee_role_id", "everyone", "subject_id", "with_sub_departments", "effect", "level", "kinds", "valid_from", "valid_until", "note")
	Pool.opens("name", "note")
	AccessLogEntry.opens("at", "user_id", "viewed_by", "request", "operation", "field", "record_id", "records")

	Customer.opens("name", "kind", "lifecycle", "region_id", "industry_id", "source_id", "website", "note", "pool_id")
	Contact.opens("name", "gender", "note")
	Service.opens("title", "kind", "status", "priority", "customer_id", "contact_id", "opportunity_id", "assignee_id", "opened_at", "due_at", "closed_at", "description")
	Document.opens("name", "media_type", "size", "revision", "category_id", "customer_id", "opportunity_id", "service_id", "restricted",
		"uploaded_at", "uploaded_by").keeps("sha256", "storage_key")
	Activity.opens("kind", "summary", "body", "happened_at", "customer_id", "contact_id", "opportunity_id", "service_id", "assignee_id", "next_follow_up_on")
	SavedReport.opens("name", "note", "document", "defaults")
	Dashboard.opens("title", "note", "tiles")
	Relationship.opens("type_id", "a_id", "b_id", "strength", "valid_from", "valid_until", "origin", "note", "contact_role", "title", "is_primary")

	Opportunity.opens("title", "customer_id", "pipeline_id", "stage_id", "status", "opened_on", "expected_close_on", "closed_at", "closing_owner_id",
		"closing_department_id", "loss_reason_id", "won_by_id", "closing_note", "main_competitor_id", "note")
	OpportunityLine.opens("opportunity_id", "product_id", "quantity", "position")
	StageChange.opens("opportunity_id", "from_stage_id", "to_stage_id", "from_status", "to_status", "changed_at", "changed_by")
	Encounter.opens("opportunity_id", "competitor_id", "strengths", "weaknesses", "is_main")
	DocumentRevision.opens("document_id", "revision", "media_type", "size", "uploaded_at", "uploaded_by").keeps("sha256", "storage_key")
}

// opens says that whoever sees a record of the kind reads these columns of it.
func (k *Kind) opens(columns ...string) *Kind {
	k.Open = append(k.Open, columns...)
	return k
}

// keeps says that no field of the API shows these columns, and none is compared with them.
func (k *Kind) keeps(columns ...string) {
	k.Kept = append(k.Kept, columns...)
}

// decided adds what records have in common, and tells which columns of the kind have no decision, or two, and which
// decisions are about no column.
func (k *Kind) decided() error {
	for _, column := range k.Columns {
		if slices.Contains(commonOpen, column) {
			k.opens(column)
		}
		if slices.Contains(commonKept, column) {
			k.keeps(column)
		}
	}
	decisions := map[string]int{}
	for _, column := range slices.Concat(k.Open, k.Kept) {
		decisions[column]++
	}
	for _, rules := range []map[string]Rule{k.Protected, k.Within} {
		for column := range rules {
			decisions[column]++
		}
	}
	for _, column := range k.Columns {
		if decisions[column] != 1 {
			return fmt.Errorf("access: the column %s.%s has %d decisions in kinds_columns.go and kinds_fields.go: it is open, kept, or under one rule", k.Table, column, decisions[column])
		}
		delete(decisions, column)
	}
	for column := range decisions {
		return fmt.Errorf("access: %s has no column %s to decide on", k.Table, column)
	}
	return nil
}
