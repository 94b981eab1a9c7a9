package server_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"guanxi/server/servertest"
)

// TestRelationshipsAreFilteredByWhatTheirEndsAre holds filters through the ends, and of customers by their relationships, against the
// relationships themselves.
func TestRelationshipsAreFilteredByWhatTheirEndsAre(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for _, login := range []string{"admin", "guangdong.sales"} {
		listed := c.Ask(login, `{ relationships(first: 100, where: {a: {customer: {kind: {eq: ORGANIZATION}}}}) { totalCount nodes { a { __typename ... on Customer { kind } } } }
			contacts: relationships(first: 100, where: {a: {contact: {name: {isNull: false}}}, b: {customer: {kind: {eq: ORGANIZATION}}}}) { totalCount nodes { a { __typename } b { __typename } } }
			works: relationshipReport(where: {a: {contact: {name: {isNull: false}}}, b: {customer: {kind: {eq: ORGANIZATION}}}}) { total { count } }
			no: relationships(where: {not: {a: {customer: {kind: {eq: ORGANIZATION}}}}}) { totalCount }
			persons: relationships(where: {a: {customer: {kind: {eq: PERSON}}}}) { totalCount } }`, nil).Good()
		for _, one := range listed.List("relationships.nodes") {
			if end := one.(map[string]any)["a"].(map[string]any); end["__typename"] != "Customer" || end["kind"] != "ORGANIZATION" {
				t.Errorf("%s: by customers that are organizations there is %v", login, end)
			}
		}
		for _, one := range listed.List("contacts.nodes") {
			if fmt.Sprint(one) != "map[a:map[__typename:Contact] b:map[__typename:Customer]]" {
				t.Errorf("%s: by contacts of customers there is %v", login, one)
			}
		}
		if listed.Number("relationships.totalCount") == 0 || listed.Number("works.total.count") == 0 || listed.Number("contacts.totalCount") != min(10000, listed.Number("works.total.count")) {
			t.Errorf("%s: %s", login, listed.Body)
		}
		// Of an end that is no customer the kind is unknown, so neither the condition nor its contrary holds.
		if listed.Number("no.totalCount") != listed.Number("persons.totalCount") {
			t.Errorf("%s: %v are not of organizations, %v of persons", login, listed.Get("no.totalCount"), listed.Get("persons.totalCount"))
		}
		parts := c.Ask(login, `{ all: customers { totalCount } some: customers(where: {relationships: {some: {strength: {gte: 4}}}}, first: 20) { totalCount nodes { relationships(where: {strength: {gte: 4}}, first: 1) { totalCount } } }
			none: customers(where: {relationships: {none: {strength: {gte: 4}}}}, first: 20) { totalCount nodes { relationships(where: {strength: {gte: 4}}, first: 1) { totalCount } } }
			report: customerReport(where: {relationships: {some: {strength: {gte: 4}}}}) { total { count } } }`, nil).Good()
		some, none := parts.Number("some.totalCount"), parts.Number("none.totalCount")
		if some == 0 || none == 0 || some+none != parts.Number("all.totalCount") || some != parts.Number("report.total.count") {
			t.Errorf("%s: %v of %v customers have a strong relationship, %v none", login, some, parts.Get("all.totalCount"), none)
		}
		for name, has := range map[string]bool{"some": true, "none": false} {
			for i := range parts.List(name + ".nodes") {
				if n := parts.Number(fmt.Sprintf("%s.nodes.%d.relationships.totalCount", name, i)); (n > 0) != has {
					t.Errorf("%s: among %s a customer has %v strong relationships", login, name, n)
				}
			}
		}
	}
	c.Ask("analyst", `{ relationships(where: {a: {contact: {phone: {startsWith: "1"}}}}) { totalCount } }`, nil).Refused("FIELD_DENIED")
	c.Ask("analyst", `{ customers(where: {relationships: {some: {b: {customer: {email: {isNull: true}}}}}}) { totalCount } }`, nil).Refused("FIELD_DENIED")
}

// TestA04AnEndOfARelationshipIsFilteredAsTheViewerSeesIt asks for relationships and customers by parties that the viewer does not see,
// whatever is asked of them: as of an id never issued.
func TestA04AnEndOfARelationshipIsFilteredAsTheViewerSeesIt(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "guangdong.sales")
	row := rowsOf[struct{ Seen, Hidden, Name, Edge string }](t, c, `select e.a_id::text as seen, e.b_id::text as hidden, h.name, e.id::text as edge from relationships e join customers h on h.id = e.b_id
		where e.a_id = any ($1::uuid[]) and e.b_id = any ($2::uuid[]) and e.deleted_at is null
		union all select e.b_id::text, e.a_id::text, h.name, e.id::text from relationships e join customers h on h.id = e.a_id
		where e.b_id = any ($1::uuid[]) and e.a_id = any ($2::uuid[]) and e.deleted_at is null order by edge limit 1`,
		slices.Collect(maps.Keys(p.visible["customers"])), p.hidden["customers"])
	if len(row) == 0 {
		t.Fatal("no relationship leads from a seen customer to a hidden one")
	}
	const never = "00000000-0000-7000-8000-000000000010"
	asked := func(id, name string) []string {
		var answers []string
		for _, end := range []map[string]any{
			{"name": map[string]any{"eq": name}}, {"id": map[string]any{"eq": id}}, {"not": map[string]any{"name": map[string]any{"eq": "x"}}},
			{"relationships": map[string]any{"some": map[string]any{"id": map[string]any{"eq": row[0].Edge}}}},
		} {
			of := map[string]any{"id": map[string]any{"eq": row[0].Edge}, "or": []any{map[string]any{"a": map[string]any{"customer": end}}, map[string]any{"b": map[string]any{"customer": end}}}}
			seen := map[string]any{"id": map[string]any{"eq": row[0].Seen}, "relationships": map[string]any{"some": of}}
			a := p.ask(`query($of: RelationshipWhere, $seen: CustomerWhere) { relationships(where: $of) { totalCount } relationshipReport(where: $of) { total { count } } customers(where: $seen) { totalCount } customerReport(where: $seen) { total { count } } }`,
				map[string]any{"of": of, "seen": seen})
			answers = append(answers, fmt.Sprint(a.Data))
		}
		return answers
	}
	hidden, none := asked(row[0].Hidden, row[0].Name), asked(never, "no such name")
	for i, answer := range hidden {
		if answer != none[i] || answer != "map[customerReport:map[total:map[count:0]] customers:map[totalCount:0] relationshipReport:map[total:map[count:0]] relationships:map[totalCount:0]]" {
			t.Errorf("by a hidden end: %s\nby none: %s", answer, none[i])
		}
	}
}
