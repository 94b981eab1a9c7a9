package prove

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"guanxi/internal/naive"
)

// sortable are the fields that lists are sorted by here, and what each is compared by: for the viewer, who may not know it.
var sortable = []struct {
	kind, field, rule string
	value             func(*naive.Record) string
}{
	{"CUSTOMER", "NAME", "", func(r *naive.Record) string { return r.Name }},
	{"CONTACT", "NAME", "", func(r *naive.Record) string { return r.Name }},
	{"OPPORTUNITY", "AMOUNT", "AMOUNTS", func(r *naive.Record) string { return amountText(r) }},
	{"OPPORTUNITY", "STATUS", "", func(r *naive.Record) string { return r.Status }},
	{"SERVICE", "COST", "COSTS", func(r *naive.Record) string { return amountText(r) }},
	{"DOCUMENT", "UPLOADED_AT", "", func(r *naive.Record) string { return r.At.String() }},
	{"ACTIVITY", "AT", "", func(r *naive.Record) string { return r.At.String() }},
	{"RELATIONSHIP", "STRENGTH", "", func(r *naive.Record) string { return strings.Repeat("x", r.Strength) }},
}

func amountText(r *naive.Record) string {
	if r.Amount == 0 {
		return ""
	}
	return fmt.Sprintf("%020d", r.Amount)
}

// sorted compares a list in an order, page by page from either end, with the order of what the viewer sees: unknown last.
func (v viewer) sorted() {
	by := sortable[v.draw("sorted by", len(sortable))]
	if by.rule != "" && !v.c.ReadsSome(v.user, by.rule) {
		return // refused, as compared elsewhere
	}
	down := v.draw("down", 2) == 1
	want := v.seen(by.kind)
	value := func(r *naive.Record) string {
		if by.rule != "" && v.c.Reads(v.user, r, by.rule) != "FULL" {
			return ""
		}
		return by.value(r)
	}
	slices.SortFunc(want, func(a, b *naive.Record) int {
		x, y := value(a), value(b)
		order := cmp.Or(cmp.Compare(x, y), cmp.Compare(a.Number, b.Number))
		if down {
			order = -order
		}
		if (x == "") != (y == "") {
			order = cmp.Compare(y, x) // the unknown one last
		}
		return order
	})
	direction := map[bool]string{false: "ASC", true: "DESC"}[down]
	for _, way := range []struct{ size, cursor, end, more string }{{"first", "after", "endCursor", "hasNextPage"}, {"last", "before", "startCursor", "hasPreviousPage"}} {
		got := v.pages(by.kind, by.field, direction, way.size, way.cursor, way.end, way.more)
		for i, r := range want {
			place := slices.Index(got, r.ID().String())
			v.same("place in pages, "+way.size, r.ID(), i, place)
		}
		v.same("length of pages", text(by.kind+way.size), len(want), len(got))
	}
}

// pages gives the ids of all pages of three, one behind the other.
func (v viewer) pages(kind, field, direction, size, cursor, end, more string) []string {
	query := fmt.Sprintf(`query ($at: String) { page: %s(%s: 3, %s: $at, orderBy: [{ field: %s, direction: %s }]) {
		nodes { id } pageInfo { %s %s } } }`, kinds[kind].list, size, cursor, field, direction, end, more)
	var got []string
	var place any
	for range len(v.c.Records) {
		data := v.ask(query, map[string]any{"at": place})
		page := idsAt(list(data, "page.nodes"), "id")
		if size == "last" {
			got = append(page, got...)
		} else {
			got = append(got, page...)
		}
		if at(data, "page.pageInfo."+more) != true {
			return got
		}
		place = at(data, "page.pageInfo."+end)
	}
	v.Fatalf("the pages of %s do not end", kind)
	return nil
}
