package prove

import (
	"fmt"
	"net/http"
	"slices"

	"guanxi/internal/naive"
	"guanxi/models"
)

const searching = `query ($text: String!) { search(text: $text, kinds: [CUSTOMER, CONTACT, OPPORTUNITY, SERVICE, DOCUMENT, ACTIVITY], first: 100) {
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

// timelines compares each customer's timeline.
func (v viewer) timelines() {
	data := v.ask("query ($n: Int) { customers(first: $n) { nodes { id timeline(first: 50) { totalCount nodes { id } } } } }", map[string]any{"n": v.size + 1})
	for _, customer := range list(data, "customers.nodes") {
		id, _ := at(customer, "id").(string)
		got := map[string]bool{}
		for _, entry := range idsAt(list(customer, "timeline.nodes"), "id") {
			got[entry] = true
		}
		count := 0
		for entry, r := range v.entries(v.recordOf(id)) {
			v.decide("timeline", text(entry), v.sees(r), got[entry])
			delete(got, entry)
			if v.sees(r) {
				count++
			}
		}
		for entry := range got {
			v.decide("timeline", text(entry), false, true)
		}
		v.number("count of a timeline", id, count, at(customer, "timeline.totalCount"))
	}
}

// entries are what may stand in a customer's timeline, and the record that each is seen with.
func (p *proof) entries(customer *naive.Record) map[string]*naive.Record {
	found := map[string]*naive.Record{}
	for _, r := range p.c.Records {
		switch {
		case r.Customer != customer:
		case r.Kind == "ACTIVITY" || r.Kind == "SERVICE" || r.Kind == "DOCUMENT":
			found[r.ID().String()] = r
		case r.Kind == "OPPORTUNITY":
			for _, part := range r.Parts {
				if part.Kind == "STAGE_CHANGE" {
					found[part.ID().String()] = r
				}
			}
		}
	}
	return found
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
