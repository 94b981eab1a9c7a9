package prove

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"guanxi/internal/naive"
)

// truth is what a condition says of a record: a comparison with what the viewer cannot read is neither true nor false.
type truth int

const (
	no truth = iota
	unknown
	yes
)

func truly(b bool) truth {
	if b {
		return yes
	}
	return no
}

// condition is a filter as the API takes it, and as loops decide it. A nil record is one that the viewer does not see.
type condition struct {
	where map[string]any
	holds func(*naive.Record) truth
}

// filters compares lists under random conditions, over relations too.
func (v viewer) filters() {
	for range 2 {
		head, body := "query (", ") {"
		variables, asked := map[string]any{}, map[string]condition{}
		for i, kind := range v.every() {
			name := fmt.Sprintf("w%d", i)
			asked[kind] = v.condition(kind, 2)
			variables[name] = asked[kind].where
			head += fmt.Sprintf("$%s: %sWhere ", name, typeName(kind))
			body += fmt.Sprintf(" %s: %s(first: 50, where: $%s) { totalCount nodes { id } }", strings.ToLower(kind), kinds[kind].list, name)
		}
		data := v.ask(head+body+" }", variables)
		for kind, c := range asked {
			alias := strings.ToLower(kind)
			matches := func(r *naive.Record) bool { return v.sees(r) && c.holds(r) == yes }
			v.matching(kind, c, idsAt(list(data, alias+".nodes"), "id"), matches)
			count := len(slices.DeleteFunc(v.all(kind), func(r *naive.Record) bool { return !matches(r) }))
			v.number("count under a filter", kind+fmt.Sprint(c.where), count, at(data, alias+".totalCount"))
		}
	}
	v.refused()
}

func (v viewer) matching(kind string, c condition, got []string, matches func(*naive.Record) bool) {
	for _, r := range v.all(kind) {
		if want := matches(r); want != slices.Contains(got, r.ID().String()) {
			v.Fatalf("filter: user %d asked for %s where %v: for %s the model says %t\n%s", v.user, kind, c.where, v.name(r.ID()), want, describe(v.c))
		}
		v.count("filter", r.ID(), matches(r))
	}
}

func typeName(kind string) string {
	name := ""
	for word := range strings.SplitSeq(kind, "_") {
		name += word[:1] + strings.ToLower(word[1:])
	}
	return name
}

// refused compares whether a protected field is refused in a filter to who reads it in full nowhere.
func (v viewer) refused() {
	for rule, where := range map[string]string{
		"CONTACT_DETAILS": `contacts(where: { or: [{ not: { phone: { isNull: true } } }] })`, "AMOUNTS": `opportunities(orderBy: [{ field: AMOUNT }])`,
		"COSTS": `opportunities(where: { services: { some: { cost: { gt: "1" } } } })`,
	} {
		a := v.try("{ "+where+" { totalCount } }", nil)
		v.decide("protected field used", text(rule), v.c.ReadsSome(v.user, rule), a.refusal() != "FIELD_DENIED")
	}
}

// condition draws a condition on a kind that nests at most so deep.
func (v viewer) condition(kind string, depth int) condition {
	choices := []func() condition{func() condition { return v.byID(kind) }, func() condition { return v.byName(kind) }}
	if kind == "RELATIONSHIP" {
		choices = []func() condition{choices[0], v.byEnd}
	} else {
		choices = append(choices, func() condition { return v.byOwner() })
	}
	switch {
	case (kind == "CUSTOMER" || kind == "CONTACT") && v.c.ReadsSome(v.user, "CONTACT_DETAILS"):
		choices = append(choices, v.byPhone)
	case kind == "OPPORTUNITY" && v.c.ReadsSome(v.user, "AMOUNTS"):
		choices = append(choices, func() condition { return v.byAmount("amount", "AMOUNTS") })
	case kind == "SERVICE" && v.c.ReadsSome(v.user, "COSTS"):
		choices = append(choices, func() condition { return v.byAmount("cost", "COSTS") })
	}
	if depth > 0 {
		choices = append(choices, func() condition { return v.combined(kind, depth-1) })
		if len(manyLinks[kind])+len(oneLinks[kind]) > 0 {
			link := func() condition { return v.byLink(kind, depth-1) }
			choices = append(choices, link, link, link)
		}
	}
	return choices[v.draw("condition", len(choices))]()
}

func (v viewer) byID(kind string) condition {
	ids := v.among("ids", v.all(kind))
	return condition{map[string]any{"id": map[string]any{"in": ids}}, func(r *naive.Record) truth {
		if r == nil {
			return unknown
		}
		return truly(slices.Contains(ids, r.ID()))
	}}
}

func (v viewer) byName(kind string) condition {
	if kind == "RELATIONSHIP" {
		return v.byID(kind)
	}
	digit := fmt.Sprint(v.draw("digit", 10))
	return condition{map[string]any{kinds[kind].text: map[string]any{"contains": digit}}, func(r *naive.Record) truth {
		if r == nil {
			return unknown
		}
		return truly(strings.Contains(r.Name, digit))
	}}
}

func (v viewer) byOwner() condition {
	if rapid.Bool().Draw(v.T, "unowned") {
		return condition{map[string]any{"owner": map[string]any{"id": map[string]any{"isNull": true}}},
			func(r *naive.Record) truth { return truly(r == nil || r.Owner < 0) }}
	}
	user := v.draw("owner", len(v.c.Users))
	return condition{map[string]any{"owner": map[string]any{"id": map[string]any{"eq": userID(user)}}}, func(r *naive.Record) truth {
		if r == nil || r.Owner < 0 {
			return unknown
		}
		return truly(r.Owner == user)
	}}
}

func (v viewer) byEnd() condition {
	end := v.some("end", v.all("CUSTOMER")).ID()
	return condition{map[string]any{"a": map[string]any{"eq": end}}, func(r *naive.Record) truth { return truly(r.Ends[0].ID() == end) }}
}

func (v viewer) byPhone() condition {
	read := func(r *naive.Record) bool {
		return r != nil && r.Phone != "" && v.c.Reads(v.user, r, "CONTACT_DETAILS") == "FULL"
	}
	if rapid.Bool().Draw(v.T, "without") {
		return condition{map[string]any{"phone": map[string]any{"isNull": true}}, func(r *naive.Record) truth { return truly(!read(r)) }}
	}
	digit := fmt.Sprint(v.draw("digit", 10))
	return condition{map[string]any{"phone": map[string]any{"contains": digit}}, func(r *naive.Record) truth {
		if !read(r) {
			return unknown
		}
		return truly(strings.Contains(r.Phone, digit))
	}}
}

func (v viewer) byAmount(field, rule string) condition {
	read := func(r *naive.Record) bool {
		return r != nil && r.Amount != 0 && v.c.Reads(v.user, r, rule) == "FULL"
	}
	if rapid.Bool().Draw(v.T, "with") {
		return condition{map[string]any{field: map[string]any{"isNull": false}}, func(r *naive.Record) truth { return truly(read(r)) }}
	}
	least := int64(1) << v.draw("least", 12)
	return condition{map[string]any{field: map[string]any{"gte": fmt.Sprint(least)}}, func(r *naive.Record) truth {
		if !read(r) {
			return unknown
		}
		return truly(r.Amount >= least)
	}}
}

// combined draws not, and, or.
func (v viewer) combined(kind string, depth int) condition {
	a, b := v.condition(kind, depth), v.condition(kind, depth)
	switch v.draw("combination", 3) {
	case 0:
		return condition{map[string]any{"not": a.where}, func(r *naive.Record) truth { return yes - a.holds(r) }}
	case 1:
		return condition{map[string]any{"and": []any{a.where, b.where}}, func(r *naive.Record) truth { return min(a.holds(r), b.holds(r)) }}
	}
	return condition{map[string]any{"or": []any{a.where, b.where}}, func(r *naive.Record) truth { return max(a.holds(r), b.holds(r)) }}
}

// manyLinks are the lists that one can filter over, and what is in them.
var manyLinks = map[string]map[string]string{
	"CUSTOMER":    {"contacts": "CONTACT", "opportunities": "OPPORTUNITY", "services": "SERVICE", "documents": "DOCUMENT", "activities": "ACTIVITY"},
	"CONTACT":     {"customers": "CUSTOMER", "activities": "ACTIVITY"},
	"OPPORTUNITY": {"services": "SERVICE", "documents": "DOCUMENT", "activities": "ACTIVITY"},
}

var oneLinks = map[string]map[string]string{
	"OPPORTUNITY": {"customer": "CUSTOMER"},
	"SERVICE":     {"customer": "CUSTOMER", "contact": "CONTACT", "opportunity": "OPPORTUNITY"},
	"DOCUMENT":    {"customer": "CUSTOMER", "opportunity": "OPPORTUNITY", "service": "SERVICE"},
	"ACTIVITY":    {"customer": "CUSTOMER", "contact": "CONTACT", "opportunity": "OPPORTUNITY", "service": "SERVICE"},
}

// byLink draws a condition on what the record leads to.
func (v viewer) byLink(kind string, depth int) condition {
	if many := manyLinks[kind]; many != nil && (oneLinks[kind] == nil || rapid.Bool().Draw(v.T, "many")) {
		name := v.nameOf(many)
		return v.byMany(kind, name, many[name], depth)
	}
	name := v.nameOf(oneLinks[kind])
	if v.draw("hidden", 4) == 0 {
		return condition{map[string]any{name: map[string]any{"id": map[string]any{"isNull": true}}},
			func(r *naive.Record) truth { return truly(v.linked(r, name) == nil) }}
	}
	inner := v.condition(oneLinks[kind][name], depth)
	return condition{map[string]any{name: inner.where}, func(r *naive.Record) truth { return inner.holds(v.linked(r, name)) }}
}

func (v viewer) nameOf(of map[string]string) string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names[v.draw("link", len(names))]
}

// linked is the record that a reference leads to, if the viewer sees it.
func (v viewer) linked(r *naive.Record, name string) *naive.Record {
	if r == nil {
		return nil
	}
	if to := links(r)[name]; to != nil && v.sees(to) {
		return to
	}
	return nil
}

func (v viewer) byMany(kind, name, to string, depth int) condition {
	inner := v.condition(to, depth)
	quantifier := []string{"some", "none", "every"}[v.draw("quantifier", 3)]
	holds := nestedLists[kinds[kind].list][name]
	if holds == nil {
		holds = func(of, r *naive.Record) bool { return v.affiliated(of, r) }
	}
	return condition{map[string]any{name: map[string]any{quantifier: inner.where}}, func(r *naive.Record) truth {
		if r == nil {
			return truly(quantifier != "some")
		}
		some, every := false, true
		for _, child := range v.all(to) {
			if v.sees(child) && holds(r, child) {
				some, every = some || inner.holds(child) == yes, every && inner.holds(child) == yes
			}
		}
		return truly(map[string]bool{"some": some, "none": !some, "every": every}[quantifier])
	}}
}
