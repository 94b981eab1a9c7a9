package prove

import (
	"fmt"
	"net/http"
	"slices"

	"guanxi/internal/naive"
	"guanxi/models"
)

const searching = `query ($text: String!) { search(text: $text, kinds: [CUSTOMER, CONTACT, OPPORTUNITY, SERVICE, DOCUMENT, ACTIVITY, SAVED_REPORT, DASHBOARD], first: 100) {
	totalCount nodes { record { id } } } }`

// searches compares what is found by a name that all records have in part, by one's own, and by a phone number.
func (v viewer) searches() {
	business := slices.DeleteFunc(slices.Clone(v.c.Records), func(r *naive.Record) bool { return r.Kind == "RELATIONSHIP" })
	one := v.some("searched for", business)
	v.search("search by name", "guang", business, v.sees)
	v.search("search by one name", one.Name, business, func(r *naive.Record) bool { return r == one && v.sees(r) })
	people := append(v.all("CUSTOMER"), v.all("CONTACT")...)
	caller := v.some("calling", people)
	v.search("search by phone", fmt.Sprintf("0%04d", caller.Number), people, func(r *naive.Record) bool {
		return r == caller && r.Phone != "" && v.sees(r) && v.c.Reads(v.user, r, "CONTACT_DETAILS") == "FULL"
	})
}

func (v viewer) search(surface, text string, among []*naive.Record, found func(*naive.Record) bool) {
	data := v.ask(searching, map[string]any{"text": text})
	v.compare(surface, among, idsAt(list(data, "search.nodes"), "record.id"), found)
	count := len(slices.DeleteFunc(slices.Clone(among), func(r *naive.Record) bool { return !found(r) }))
	v.number("count of a search", text, count, at(data, "search.totalCount"))
}

// timelines compares each customer's timeline. Entries on what was changed meanwhile are of records that are seen.
func (v viewer) timelines() {
	data := v.ask(`query ($n: Int) { customers(first: $n) { nodes { id
		timeline(first: 100) { totalCount nodes { id ... on HistoryEntry { record { id } } } } } } }`, map[string]any{"n": v.size + 1})
	for _, customer := range list(data, "customers.nodes") {
		id, _ := at(customer, "id").(string)
		got := byID(list(customer, "timeline.nodes"))
		count := 0
		for entry, r := range v.entries(v.recordOf(id)) {
			v.decide("timeline", text(entry), v.sees(r), got[entry] != nil)
			delete(got, entry)
			if v.sees(r) {
				count++
			}
		}
		for entry, node := range got {
			of, _ := at(node, "record.id").(string)
			r := v.recordOf(of)
			v.decide("timeline", text(entry), r != nil && v.sees(r), true)
			count++
		}
		v.number("count of a timeline", id, count, at(customer, "timeline.totalCount"))
	}
}

// entries are what stands in a customer's timeline from the beginning, and the record that each is seen with.
func (v viewer) entries(customer *naive.Record) map[string]*naive.Record {
	found := map[string]*naive.Record{customer.Entry().String(): customer}
	for _, r := range v.c.Records {
		if r.Kind == "CONTACT" && v.affiliated(customer, r) {
			found[r.Entry().String()] = r
		}
		if r.Customer != customer {
			continue
		}
		if r.Kind != "OPPORTUNITY" {
			found[r.ID().String()] = r
		}
		if r.Kind == "OPPORTUNITY" || r.Kind == "SERVICE" {
			found[r.Entry().String()] = r
		}
		for _, part := range r.Parts {
			if part.Kind == "STAGE_CHANGE" {
				found[part.ID().String()] = r
			}
		}
	}
	return found
}

// histories compares the history of one record of each kind: its entry from the beginning, with what it tells of fields and
// references.
func (v viewer) histories() {
	head, body, variables := "query (", ") {", map[string]any{}
	asked := map[string]*naive.Record{}
	for i, kind := range v.every() {
		name := fmt.Sprintf("h%d", i)
		asked[name] = v.some("history of", v.all(kind))
		variables[name] = asked[name].ID()
		head += "$" + name + ": ID! "
		body += fmt.Sprintf(" %s: history(record: $%s, first: 20) { totalCount nodes { id record { id } changes { field old new newRecord { id } } } }", name, name)
	}
	data := v.ask(head+body+" }", variables)
	for name, r := range asked {
		nodes := list(data, name+".nodes")
		entry := byID(nodes)[r.Entry().String()]
		v.decide("history", r.ID(), v.sees(r), entry != nil)
		if !v.sees(r) {
			v.number("count of a hidden history", r.ID().String(), 0, at(data, name+".totalCount"))
			continue
		}
		v.same("record of a history entry", r.ID(), r.ID(), at(entry, "record.id"))
		v.told(r, list(entry, "changes"))
	}
}

// told compares what a history entry tells.
func (v viewer) told(r *naive.Record, changes []any) {
	found := map[string]any{}
	for _, change := range changes {
		field, _ := at(change, "field").(string)
		found[field] = change
	}
	if r.Told != nil {
		v.decide("reference in a history", r.Told.ID(), v.sees(r.Told), at(found["customer"], "newRecord.id") == r.Told.ID().String())
	}
	switch r.Kind {
	case "CUSTOMER", "CONTACT":
		v.same("protected field in a history", r.ID(), v.phone(r), at(found["phone"], "new"))
	case "OPPORTUNITY":
		v.same("protected field in a history", r.ID(), v.amount(r, "AMOUNTS", r.Amount), at(found["amount"], "new"))
	case "SERVICE":
		v.same("protected field in a history", r.ID(), v.amount(r, "COSTS", r.Amount), at(found["cost"], "new"))
	}
}

// downloads compares which files can be fetched; what cannot is answered as one never issued.
func (v viewer) downloads() {
	never := v.h.send(v.user, http.MethodGet, "/files/"+naive.ID(models.DocumentCode, 60_000).String(), nil)
	for _, r := range v.all("DOCUMENT") {
		got := v.h.send(v.user, http.MethodGet, "/files/"+r.ID().String(), nil)
		v.decide("download", r.ID(), v.sees(r), got.Code == http.StatusOK && got.Body.String() == "x")
		if got.Code != http.StatusOK && (got.Code != never.Code || got.Body.String() != never.Body.String()) {
			v.wrong("download", r.ID(), never.Body, got.Body)
		}
	}
}

// deleted compares the lists of deleted records.
func (v viewer) deleted() {
	query := "query {"
	for _, kind := range v.every() {
		query += " " + kinds[kind].deleted + "(first: 50) { totalCount nodes { id } }"
	}
	data := v.ask(query+" }", nil)
	for _, kind := range v.every() {
		found := func(r *naive.Record) bool { return v.c.FindsDeleted(v.user, r) }
		v.compare("deleted list", v.all(kind), idsAt(list(data, kinds[kind].deleted+".nodes"), "id"), found)
		count := len(slices.DeleteFunc(v.all(kind), func(r *naive.Record) bool { return !found(r) }))
		v.number("count of a deleted list", kind, count, at(data, kinds[kind].deleted+".totalCount"))
	}
}
