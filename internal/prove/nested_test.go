package prove

import "guanxi/internal/naive"

// nestedLists are the lists that hang on a record, and whether another record is in one.
var nestedLists = map[string]map[string]func(of, r *naive.Record) bool{
	"customers": {
		"contacts":      nil, // by affiliations
		"opportunities": ofCustomer("OPPORTUNITY"), "services": ofCustomer("SERVICE"), "documents": ofCustomer("DOCUMENT"), "activities": ofCustomer("ACTIVITY"),
		"relationships": isEnd,
	},
	"contacts":      {"customers": nil, "services": withContact("SERVICE"), "activities": withContact("ACTIVITY"), "relationships": isEnd},
	"opportunities": {"services": attachedTo("SERVICE"), "documents": attachedTo("DOCUMENT"), "activities": attachedTo("ACTIVITY")},
	"services":      {"documents": attachedTo("DOCUMENT"), "activities": attachedTo("ACTIVITY")},
	"users":         {"relationships": isEnd},
	"competitors":   {"relationships": isEnd},
}

func ofCustomer(kind string) func(of, r *naive.Record) bool {
	return func(of, r *naive.Record) bool { return r.Kind == kind && r.Customer == of }
}

func withContact(kind string) func(of, r *naive.Record) bool {
	return func(of, r *naive.Record) bool { return r.Kind == kind && r.Contact == of }
}

func attachedTo(kind string) func(of, r *naive.Record) bool {
	return func(of, r *naive.Record) bool { return r.Kind == kind && attached(r, of.Kind) == of }
}

func isEnd(of, r *naive.Record) bool {
	return r.Kind == "RELATIONSHIP" && (r.Ends[0].Record == of || r.Ends[1].Record == of)
}

var nestedQueries = []string{
	`query ($n: Int) { customers(first: $n) { nodes { id
		contacts(first: $n) { totalCount nodes { id } edges { relationship { id } } }
		opportunities(first: $n) { totalCount nodes { id } } services(first: $n) { totalCount nodes { id } } } } }`,
	`query ($n: Int) { customers(first: $n) { nodes { id
		documents(first: $n) { totalCount nodes { id } } activities(first: $n) { totalCount nodes { id } }
		relationships(first: 50) { totalCount nodes { id } edges { other { id } } } } } }`,
	`query ($n: Int) { contacts(first: $n) { nodes { id
		customers(first: $n) { totalCount nodes { id } edges { relationship { id } } }
		services(first: $n) { totalCount nodes { id } } activities(first: $n) { totalCount nodes { id } }
		relationships(first: 50) { totalCount nodes { id } edges { other { id } } } } } }`,
	`query ($n: Int) {
		opportunities(first: $n) { nodes { id services(first: $n) { totalCount nodes { id } } documents(first: $n) { totalCount nodes { id } }
			activities(first: $n) { totalCount nodes { id } } } }
		services(first: $n) { nodes { id documents(first: $n) { totalCount nodes { id } } activities(first: $n) { totalCount nodes { id } } } }
		users(first: 2, where: { login: { in: ["u0", "u1"] } }) { nodes { id relationships(first: 50) { totalCount nodes { id } } } }
		competitors(first: 2) { nodes { id relationships(first: 50) { totalCount nodes { id } } } } }`,
}

// nested compares the lists that hang on the records that the viewer sees.
func (v viewer) nested() {
	for _, query := range nestedQueries {
		data := v.ask(query, map[string]any{"n": v.size + 1})
		for root, connection := range data {
			for _, parent := range list(connection, "nodes") {
				v.nestedIn(root, parent)
			}
		}
	}
}

func (v viewer) nestedIn(root string, parent any) {
	id, _ := at(parent, "id").(string)
	of := v.recordOf(id)
	for name, holds := range nestedLists[root] {
		if at(parent, name) == nil {
			continue
		}
		if holds == nil {
			holds = v.affiliated
		}
		if of == nil { // a user or a competitor
			holds = func(_, r *naive.Record) bool {
				return r.Kind == "RELATIONSHIP" && (r.Ends[0].ID().String() == id || r.Ends[1].ID().String() == id)
			}
		}
		surface := root + "." + name
		v.within("nested list", list(parent, name+".nodes"), func(r *naive.Record) bool { return holds(of, r) })
		count := 0
		for _, r := range v.c.Records {
			if holds(of, r) && v.sees(r) {
				count++
			}
		}
		v.number("count of a nested list", surface+id, count, at(parent, name+".totalCount"))
		if of != nil {
			v.edges(of, name, list(parent, name+".edges"), list(parent, name+".nodes"))
		}
	}
}

// within compares the records of a list that hangs on another.
func (v viewer) within(surface string, nodes []any, holds func(*naive.Record) bool) {
	var linked []*naive.Record
	for _, r := range v.c.Records {
		if holds(r) {
			linked = append(linked, r)
		}
	}
	v.compare(surface, linked, idsAt(nodes, "id"), v.sees)
}

func (p *proof) recordOf(id string) *naive.Record {
	for _, r := range p.c.Records {
		if r.ID().String() == id {
			return r
		}
	}
	return nil
}

// affiliated tells whether one of the two is a contact whose affiliation with the other, a customer, has not ended.
func (v viewer) affiliated(of, r *naive.Record) bool { return v.affiliation(of, r) != nil }

func (v viewer) affiliation(of, r *naive.Record) *naive.Record {
	for _, a := range v.c.Records {
		if a.Kind != "RELATIONSHIP" || a.Type != naive.WorksAt || a.Deletion != 0 || a.Until != "" && a.Until <= v.c.Today {
			continue
		}
		if a.Ends[0].Record == r && a.Ends[1].Record == of || a.Ends[0].Record == of && a.Ends[1].Record == r {
			return a
		}
	}
	return nil
}

// edges compares what stands on the edges of a nested list: the affiliation itself, which takes the right to read
// relationships, or the other end.
func (v viewer) edges(of *naive.Record, name string, edges, nodes []any) {
	for i, edge := range edges {
		id, _ := at(nodes[i], "id").(string)
		r := v.recordOf(id)
		if name == "relationships" {
			other := r.Ends[1]
			if other.Record == of {
				other = r.Ends[0]
			}
			v.same("other end of a relationship", r.ID(), other.ID(), at(edge, "other.id"))
			continue
		}
		a := v.affiliation(of, r)
		v.decide("affiliation on an edge", a.ID(), v.sees(a), at(edge, "relationship.id") == a.ID().String())
	}
}
