package naive

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

var tables = map[string]string{
	"CUSTOMER": "customers", "CONTACT": "contacts", "OPPORTUNITY": "opportunities", "SERVICE": "services",
	"DOCUMENT": "documents", "ACTIVITY": "activities", "SAVED_REPORT": "saved_reports", "DASHBOARD": "dashboards", "RELATIONSHIP": "relationships",
}

// FileKey is where the file of every document is kept.
const FileKey = "2026/03/file"

func (w *writer) record(r *Record) {
	set := row{"id", r.ID()}
	w.put("audit_entries", "id", r.Entry(), "record_id", r.ID(), "action", "UPDATE", "at", r.At, "changes", told(r))
	if r.Deletion != 0 {
		set.set("deleted_at", w.c.Now)
		set.set("deletion_id", ID(0, r.Deletion))
	}
	if r.Kind == "RELATIONSHIP" {
		w.relationship(r, set)
		return
	}
	found := w.index(r.Name, r.Phone)
	set.set("search_terms", orEmpty(found.Terms))
	set.set("search_text", found.Text)
	set.set("owner_id", idOrNil(models.UserCode, r.Owner))
	if r.Customer != nil {
		set.set("customer_id", r.Customer.ID())
	}
	for _, a := range r.Attached {
		set.set(map[string]string{"OPPORTUNITY": "opportunity_id", "SERVICE": "service_id"}[a.Kind], a.ID())
	}
	if r.Contact != nil {
		set.set("contact_id", r.Contact.ID())
	}
	if r.Kind == "SERVICE" || r.Kind == "ACTIVITY" {
		set.set("assignee_id", idOrNil(models.UserCode, r.Assignee))
	}
	w.particulars(r, &set, found)
	w.put(tables[r.Kind], set...)
	for _, s := range r.Readers {
		w.put("document_readers", "document_id", r.ID(), "subject_id", s.ID(), "with_sub_departments", s.Below)
	}
	for i, part := range r.Parts {
		w.part(r, part, i)
	}
}

// told is what the record's history has of it, whatever becomes of it later.
func told(r *Record) map[string]any {
	changes := map[string]any{}
	became := func(field string, value any) { changes[field] = map[string]any{"old": nil, "new": value} }
	if r.Told = r.Customer; r.Told != nil {
		became("customer_id", r.Told.ID())
	}
	if r.Phone != "" {
		became("phone", r.Phone)
	}
	if r.Amount != 0 {
		became(map[string]string{"OPPORTUNITY": "amount", "SERVICE": "cost"}[r.Kind], fmt.Sprint(r.Amount))
	}
	return changes
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (w *writer) relationship(r *Record, set row) {
	set = append(set, "type_id", TypeID(r.Type), "a_id", r.Ends[0].ID(), "b_id", r.Ends[1].ID(),
		"valid_from", orNull(r.From), "valid_until", orNull(r.Until))
	if r.Strength > 0 {
		set.set("strength", r.Strength)
	}
	w.put("relationships", set...)
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (w *writer) particulars(r *Record, set *row, found Indexed) {
	var amount, currency any
	if r.Amount != 0 {
		amount, currency = r.Amount, "CNY"
	}
	switch r.Kind {
	case "CUSTOMER":
		*set = append(*set, "name", r.Name, "kind", "ORGANIZATION", "lifecycle", "LEAD", "pool_id", idOrNil(models.PoolCode, r.Pool),
			"phone", orNull(r.Phone), "phone_terms", orEmpty(found.Phones))
	case "CONTACT":
		*set = append(*set, "name", r.Name, "phone", orNull(r.Phone), "phone_terms", orEmpty(found.Phones))
	case "OPPORTUNITY":
		*set = append(*set, "title", r.Name, "pipeline_id", ID(models.PipelineCode, 0), "stage_id", ID(models.StageCode, 0), "status", "OPEN",
			"amount", amount, "currency", currency)
		w.closing(r, set)
	case "SERVICE":
		*set = append(*set, "title", r.Name, "kind", "REPAIR", "status", "OPEN", "priority", "NORMAL", "opened_at", r.At, "cost", amount, "currency", currency)
	case "DOCUMENT":
		*set = append(*set, "name", r.Name, "media_type", "text/plain", "size", 1, "sha256", []byte{1}, "storage_key", FileKey,
			"uploaded_at", r.At, "restricted", r.Listed)
	case "SAVED_REPORT":
		*set = append(*set, "name", r.Name, "document", "{ lossRate { total { count } } }", "defaults", "{}")
	case "DASHBOARD":
		*set = append(*set, "title", r.Name)
	case "ACTIVITY":
		*set = append(*set, "kind", "CALL", "summary", r.Name, "happened_at", r.At)
	}
}

// closing says how an opportunity stands, and who is its main competitor.
func (w *writer) closing(r *Record, set *row) {
	var met *uuid.UUID
	for _, p := range r.Parts {
		if p.Kind == "ENCOUNTER" && met == nil {
			met = idOrNil(models.CompetitorCode, p.Of)
		}
	}
	set.set("main_competitor_id", met)
	if r.Status == "" || r.Status == "OPEN" {
		return
	}
	for i := 0; i < len(*set); i += 2 {
		if (*set)[i] == "status" {
			(*set)[i+1] = r.Status
		}
	}
	set.set("closed_at", r.At)
}

func (w *writer) part(r *Record, p Part, position int) {
	switch p.Kind {
	case "STAGE_CHANGE":
		w.put("stage_changes", "id", p.ID(), "opportunity_id", r.ID(), "to_stage_id", ID(models.StageCode, 0), "to_status", "OPEN",
			"changed_at", r.At.Add(time.Duration(position)*time.Minute), "created_at", r.At.Add(time.Duration(position)*time.Minute))
	case "OPPORTUNITY_LINE":
		w.put("opportunity_lines", "id", p.ID(), "opportunity_id", r.ID(), "product_id", ID(models.ProductCode, 0), "quantity", 1, "amount", 7, "position", 0)
	case "ENCOUNTER":
		w.put("encounters", "id", p.ID(), "opportunity_id", r.ID(), "competitor_id", ID(models.CompetitorCode, p.Of), "quoted_price", 9, "currency", "CNY",
			"created_at", w.c.Now.Add(time.Duration(position)*time.Minute))
	case "DOCUMENT_REVISION":
		w.put("document_revisions", "id", p.ID(), "document_id", r.ID(), "revision", 1, "media_type", "text/plain", "size", 1, "sha256", []byte{1},
			"storage_key", FileKey, "uploaded_at", r.At)
	}
}
