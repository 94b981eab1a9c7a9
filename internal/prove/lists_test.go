package prove

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"guanxi/internal/naive"
)

// kinds say how the API names each kind of record.
var kinds = map[string]struct{ one, list, deleted, mutation, text string }{
	"CUSTOMER":     {"customer", "customers", "deletedCustomers", "customer", "name"},
	"CONTACT":      {"contact", "contacts", "deletedContacts", "contact", "name"},
	"OPPORTUNITY":  {"opportunity", "opportunities", "deletedOpportunities", "opportunity", "title"},
	"SERVICE":      {"service", "services", "deletedServices", "service", "title"},
	"DOCUMENT":     {"document", "documents", "deletedDocuments", "document", "name"},
	"ACTIVITY":     {"activity", "activities", "deletedActivities", "activity", "summary"},
	"SAVED_REPORT": {"savedReport", "savedReports", "deletedSavedReports", "savedReport", "name"},
	"DASHBOARD":    {"dashboard", "dashboards", "deletedDashboards", "dashboard", "title"},
	"RELATIONSHIP": {"relationship", "relationships", "deletedRelationships", "relationship", "note"},
}

var everyList = []string{`query ($n: Int) {
	customers(first: $n) { totalCount nodes { id name phone owner { id } shares { id } value { opportunityCount wonAmount { amount } openAmount { amount } } } }
	contacts(first: $n) { totalCount nodes { id name phone owner { id } shares { id } } }
	relationships(first: 100) { totalCount nodes { id a { id } b { id } } }
}`, `query ($n: Int) {
	opportunities(first: $n) { totalCount nodes { id name: title amount { amount } customer { id } owner { id } shares { id }
		lines { id amount { amount } opportunity { id } } encounters { id quotedPrice { amount } opportunity { id } } stageChanges { id opportunity { id } } } }
	services(first: $n) { totalCount nodes { id name: title cost { amount } customer { id } contact { id } opportunity { id } owner { id } shares { id } } }
	documents(first: $n) { totalCount nodes { id name customer { id } opportunity { id } service { id } owner { id } shares { id } revisions { id document { id } } } }
	activities(first: $n) { totalCount nodes { id name: summary customer { id } contact { id } opportunity { id } service { id } owner { id } shares { id } } }
	savedReports(first: $n) { totalCount nodes { id name owner { id } shares { id } } }
	dashboards(first: $n) { totalCount nodes { id name: title owner { id } shares { id } } }
}`}

// lists compares each kind's list and its count, and within it fields, references, shares and parts.
func (v viewer) lists() {
	data := map[string]any{}
	for _, query := range everyList {
		for name, value := range v.ask(query, map[string]any{"n": v.size + 1}) {
			data[name] = value
		}
	}
	for _, kind := range v.every() {
		nodes := list(data, kinds[kind].list+".nodes")
		v.compare("list", v.all(kind), idsAt(nodes, "id"), v.sees)
		seen := v.seen(kind)
		v.number("count of a list", kind, len(seen), at(data, kinds[kind].list+".totalCount"))
		shown := byID(nodes)
		for _, r := range seen {
			v.record(r, shown[r.ID().String()])
		}
	}
}

func (v viewer) seen(kind string) []*naive.Record {
	return slices.DeleteFunc(v.all(kind), func(r *naive.Record) bool { return !v.sees(r) })
}

// record compares what is shown of a record that the viewer sees.
func (v viewer) record(r *naive.Record, shown any) {
	if r.Kind == "RELATIONSHIP" {
		v.same("reference to one", r.ID(), r.Ends[0].ID(), at(shown, "a.id"))
		v.same("reference to one", r.ID(), r.Ends[1].ID(), at(shown, "b.id"))
		return
	}
	v.same("plain field", r.ID(), r.Name, at(shown, "name"))
	v.same("plain field", r.ID(), orNil(r.Owner >= 0, userID(r.Owner)), at(shown, "owner.id"))
	v.field(r, shown)
	for name, to := range links(r) {
		if to != nil {
			v.decide("reference to one", to.ID(), v.sees(to), at(shown, name+".id") == to.ID().String())
		}
		if to == nil || !v.sees(to) {
			v.same("reference to one", text(r.ID().String()+name), nil, at(shown, name))
		}
	}
	v.shares(r, shown)
	v.parts(r, shown)
	if r.Kind == "CUSTOMER" {
		v.worth(r, shown)
	}
}

func orNil(given bool, id uuid.UUID) any {
	if !given {
		return nil
	}
	return id
}

// links are the references of a record to others, by their names in the API.
func links(r *naive.Record) map[string]*naive.Record {
	if r.Kind == "CUSTOMER" || r.Kind == "CONTACT" || r.Kind == "SAVED_REPORT" || r.Kind == "DASHBOARD" {
		return nil
	}
	found := map[string]*naive.Record{"customer": r.Customer}
	if r.Kind == "SERVICE" || r.Kind == "ACTIVITY" {
		found["contact"] = r.Contact
	}
	if r.Kind != "OPPORTUNITY" {
		found["opportunity"] = attached(r, "OPPORTUNITY")
	}
	if r.Kind == "DOCUMENT" || r.Kind == "ACTIVITY" {
		found["service"] = attached(r, "SERVICE")
	}
	return found
}

func attached(r *naive.Record, kind string) *naive.Record {
	for _, a := range r.Attached {
		if a.Kind == kind {
			return a
		}
	}
	return nil
}

// field compares a record's protected field.
func (v viewer) field(r *naive.Record, shown any) {
	switch r.Kind {
	case "CUSTOMER", "CONTACT":
		v.same("protected field", r.ID(), v.phone(r), at(shown, "phone"))
	case "OPPORTUNITY":
		v.same("protected field", r.ID(), v.amount(r, "AMOUNTS", r.Amount), at(shown, "amount.amount"))
	case "SERVICE":
		v.same("protected field", r.ID(), v.amount(r, "COSTS", r.Amount), at(shown, "cost.amount"))
	}
}

// phone is the phone number of the record as the viewer reads it.
func (v viewer) phone(r *naive.Record) any {
	right := v.c.Reads(v.user, r, "CONTACT_DETAILS")
	switch {
	case r.Phone == "" || right == "NONE":
		return nil
	case right == "MASKED":
		return "138****" + fmt.Sprintf("%04d", r.Number)
	}
	return r.Phone
}

// amount is an amount of the record as the viewer reads it: amounts have no mask.
func (v viewer) amount(r *naive.Record, rule string, amount int64) any {
	if amount == 0 || v.c.Reads(v.user, r, rule) != "FULL" {
		return nil
	}
	return amount
}

// shares compares with whom a record is shared, which those are told who manage it.
func (v viewer) shares(r *naive.Record, shown any) {
	var want []string
	for _, s := range v.c.Shares {
		if s.Record == r {
			want = append(want, s.ID().String())
		}
	}
	slices.Sort(want)
	switch given := at(shown, "shares"); {
	case !v.manages(r):
		v.same("shares of a record", r.ID(), nil, given)
	case given == nil:
		v.wrong("shares of a record", r.ID(), want, nil)
	default:
		got := idsAt(list(shown, "shares"), "id")
		slices.Sort(got)
		v.same("shares of a record", r.ID(), want, got)
	}
}

var partLists = map[string]struct{ list, whole, amount string }{
	"OPPORTUNITY_LINE": {"lines", "opportunity", "amount"}, "ENCOUNTER": {"encounters", "opportunity", "quotedPrice"},
	"STAGE_CHANGE": {"stageChanges", "opportunity", ""}, "DOCUMENT_REVISION": {"revisions", "document", ""},
}

// parts compares what is part of a record that the viewer sees.
func (v viewer) parts(r *naive.Record, shown any) {
	for kind, names := range partLists {
		want := map[string]bool{}
		for _, p := range r.Parts {
			if p.Kind == kind {
				want[p.ID().String()] = true
			}
		}
		for id, part := range byID(list(shown, names.list)) {
			v.decide("part", text(id), want[id], true)
			delete(want, id)
			v.same("reference to the whole", text(id), r.ID(), at(part, names.whole+".id"))
			if names.amount != "" {
				fixed := map[string]int64{"OPPORTUNITY_LINE": 7, "ENCOUNTER": 9}[kind]
				v.same("protected field of a part", text(id), v.amount(r, "AMOUNTS", fixed), at(part, names.amount+".amount"))
			}
		}
		for id := range want {
			v.decide("part", text(id), true, false)
		}
	}
}

// worth compares what is added up over a customer's opportunities: powers of two, so that the sum tells which.
func (v viewer) worth(customer *naive.Record, shown any) {
	count := 0
	sums := map[string]int64{}
	for _, r := range v.seen("OPPORTUNITY") {
		if r.Customer != customer || r.Status == "CANCELLED" {
			continue
		}
		count++
		if v.c.Reads(v.user, r, "AMOUNTS") == "FULL" {
			sums[r.Status] += r.Amount
		}
	}
	v.number("count within a customer's value", customer.ID().String(), count, at(shown, "value.opportunityCount"))
	for field, status := range map[string]string{"wonAmount": "WON", "openAmount": "OPEN"} {
		want := any(nil)
		if sums[status] > 0 {
			want = sums[status]
		}
		v.same("sum within a customer's value: "+status, customer.ID(), want, at(shown, "value."+field+".amount"))
	}
}

// oneByOne compares records and parts that are asked for by their ids.
func (v viewer) oneByOne() {
	var ids []string
	shown := map[string]bool{}
	for _, r := range v.c.Records {
		ids = append(ids, r.ID().String())
		shown[r.ID().String()] = v.sees(r)
		for _, p := range r.Parts {
			ids = append(ids, p.ID().String())
			shown[p.ID().String()] = v.sees(r)
		}
	}
	for some := range slices.Chunk(ids, 100) {
		got := list(v.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": some}), "nodes")
		for i, id := range some {
			v.decide("nodes by ids", text(id), shown[id], at(got[i], "id") == id)
		}
	}
	declared, query, variables := "", "", map[string]any{}
	asked := map[string]*naive.Record{}
	for i, kind := range v.every() {
		r := v.some(kind, v.all(kind))
		name := fmt.Sprintf("r%d", i)
		asked[name], variables[name] = r, r.ID()
		declared += fmt.Sprintf("$%s: ID! ", name)
		query += fmt.Sprintf(" %s: %s(id: $%s) { id }", name, kinds[kind].one, name)
	}
	data := v.ask("query ("+declared+") {"+query+" }", variables)
	for name, r := range asked {
		v.decide("one by id", r.ID(), v.sees(r), at(data, name+".id") == r.ID().String())
	}
}
