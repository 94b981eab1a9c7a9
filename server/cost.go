package server

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/fault"
	"guanxi/reports"
	"guanxi/store"
)

// What things cost, in points. Scalars cost nothing, an object 1, a list as much as all its entries.
const (
	objectCost        = 1
	reportCost        = 50
	dimensionCost     = 10
	simulationCost    = 500   // before and after, for everyone touched
	changeCost        = 100   // of a simulation
	askedCost         = 2_000 // for reports that are asked within it
	introspectionCost = 1_000 // the schema is as large for everybody
	unpaged           = 20    // entries that a list is taken for when nobody says how many
	openedRows        = 100   // rows of a report that are opened to so many records
)

// weight is what an operation comes to at most, by schema, document and variables alone.
type weight struct {
	cost    int
	nodes   int // entries of lists, without the plain rows of reports
	reports int // reports asked for
	checks  int // fields that check a password
}

func (w weight) check() error {
	switch {
	case w.checks > maxChecks:
		return tooMuch("fields that check a password", "校验密码的字段", w.checks, maxChecks)
	case w.cost > maxCost:
		return fault.Deny(fault.LimitExceeded, fault.Say("The request costs %d points; at most %d are allowed. Ask for smaller pages, or in several requests.",
			"请求需要 %d 点，最多允许 %d 点。请缩小分页，或分多次请求。", w.cost, maxCost))
	case w.nodes > maxNodes:
		return fault.Deny(fault.LimitExceeded, fault.Say("The answer may hold %d entries of lists; at most %d are allowed. Ask for smaller pages, or in several requests.",
			"结果最多可能包含 %d 个列表条目，最多允许 %d 个。请缩小分页，或分多次请求。", w.nodes, maxNodes))
	}
	return nil
}

// points are the cost and the entries of lists.
type points struct{ cost, nodes int }

func (p points) plus(q points) points { return points{plus(p.cost, q.cost), plus(p.nodes, q.nodes)} }
func (p points) times(n int) points   { return points{times(p.cost, n), times(p.nodes, n)} }

// amount is what one thing comes to. What it opens are records behind a report's rows of which nobody says how many: those of up to
// 100 rows are 20 each, those of more together as many, but one of each.
type amount struct{ points, opens points }

func costs(n int) amount { return amount{points: points{cost: n}} }

func (a amount) plus(b amount) amount { return amount{a.points.plus(b.points), a.opens.plus(b.opens)} }
func (a amount) times(n int) amount {
	return amount{a.points.times(n), a.opens.times(max(min(n, openedRows), (n+unpaged-1)/unpaged))}
}
func (a amount) all() points    { return a.points.plus(a.opens) }
func (a amount) opened() amount { return amount{opens: a.all()} }

// share is what a selection adds to the object it stands on.
type share struct {
	object  amount
	entry   amount // more for each entry of the object's page
	once    int    // cost that no list multiplies: the dimensions of reports
	reports int
	checks  int
}

func (a share) plus(b share) share {
	return share{a.object.plus(b.object), a.entry.plus(b.entry), plus(a.once, b.once), plus(a.reports, b.reports), plus(a.checks, b.checks)}
}

// scales weigh one operation. Each fragment is weighed once, wherever it is spread.
type scales struct {
	schema    *ast.Schema
	plain     map[*ast.Definition]bool // types of a report's plain rows
	values    values
	fragments map[string]*ast.FragmentDefinition
	shares    map[string]share
	held      map[string]filter // by variable
	wrong     error             // the first argument that no list takes
}

// weigh tells what an operation of a measured document comes to.
func (e *engine) weigh(document *ast.QueryDocument, operation *ast.OperationDefinition, variables map[string]any) (weight, error) {
	s := &scales{
		schema: e.schema, plain: e.plain, values: values{operation, variables},
		fragments: fragmentsOf(document), shares: map[string]share{}, held: map[string]filter{},
	}
	root := e.schema.Query
	if operation.Operation == ast.Mutation {
		root = e.schema.Mutation
	}
	total := s.selection(operation.SelectionSet, root)
	all := total.object.plus(total.entry.times(unpaged)).all()
	w := weight{cost: plus(all.cost, total.once), nodes: all.nodes, reports: total.reports, checks: total.checks}
	if s.wrong != nil {
		return w, s.wrong
	}
	return w, w.check()
}

func (s *scales) selection(set ast.SelectionSet, on *ast.Definition) (total share) {
	for _, one := range set {
		switch one := one.(type) {
		case *ast.Field:
			total = total.plus(s.field(one, on))
		case *ast.InlineFragment:
			if one.TypeCondition != "" {
				total = total.plus(s.selection(one.SelectionSet, s.schema.Types[one.TypeCondition]))
			} else {
				total = total.plus(s.selection(one.SelectionSet, on))
			}
		case *ast.FragmentSpread:
			total = total.plus(s.fragment(one.Name))
		}
	}
	return total
}

func (s *scales) fragment(name string) share {
	known, has := s.shares[name]
	if definition := s.fragments[name]; !has && definition != nil {
		known = s.selection(definition.SelectionSet, s.schema.Types[definition.TypeCondition])
		s.shares[name] = known
	}
	return known
}

// field weighs a field of a type. What the schema does not have weighs nothing: validation refuses it.
func (s *scales) field(f *ast.Field, on *ast.Definition) share {
	if introspects(f) {
		return share{object: costs(introspectionCost)}
	}
	if on == nil || on.Fields.ForName(f.Name) == nil {
		return share{}
	}
	at := position{Field: f, on: on, as: on.Fields.ForName(f.Name)}
	at.of = s.schema.Types[at.as.Type.Name()]
	s.filters(at)
	if !at.of.IsCompositeType() {
		return share{}
	}
	below := s.selection(f.SelectionSet, at.of)
	n, told := s.entries(at)
	inside := unpaged
	if told && !at.list() {
		inside = n
	}
	one := below.object.plus(below.entry.times(inside))
	if s.untold(at) {
		one = one.opened()
	}
	one = one.plus(costs(s.price(at)))
	total := share{once: plus(below.once, s.dimensions(at)), reports: plus(below.reports, at.is("report")+at.is("asksReports")), checks: plus(below.checks, at.is("once"))}
	switch {
	case !at.list():
		total.object = one
	case told:
		total.object = s.counted(at, one).times(n)
	default:
		total.entry = s.counted(at, one)
	}
	return total
}

// position is a field where it stands: on a type, as the schema has it, giving things of another type.
type position struct {
	*ast.Field
	on *ast.Definition
	as *ast.FieldDefinition
	of *ast.Definition
}

func (p position) list() bool { return p.as.Type.Elem != nil }

// is gives 1 for a field that the schema says this of, else 0.
func (p position) is(directive string) int {
	if p.as.Directives.ForName(directive) == nil {
		return 0
	}
	return 1
}

// price is what an object costs without what is selected on it.
func (s *scales) price(at position) int {
	switch {
	case at.is("report") == 1:
		return reportCost
	case at.is("simulation") == 1:
		return plus(simulationCost, times(changeCost, s.values.length(at.Field, "changes")))
	case at.is("asksReports") == 1:
		return askedCost
	case s.inRow(at):
		return 0
	}
	return objectCost
}

// untold tells whether a field is a page of the records behind a row of which nobody says how long it is.
func (s *scales) untold(at position) bool {
	_, given := s.values.number(at.Field, "first")
	return s.plain[at.on] && isPage(at.of) && !given
}

// inRow tells whether a field is part of a report's plain rows.
func (s *scales) inRow(at position) bool { return s.plain[at.on] && s.plain[at.of] }

func (s *scales) counted(at position, one amount) amount {
	if !s.inRow(at) {
		one.points.nodes = plus(one.points.nodes, 1)
	}
	return one
}

// dimensions is what a report costs for what it is grouped by.
func (s *scales) dimensions(at position) int {
	if at.is("report") == 0 && !s.plain[at.on] {
		return 0
	}
	within := s.values.length(at.Field, "within")
	if within == 0 && at.of.Name == "MixWarning" {
		within = len(reports.UsualMixes)
	}
	return times(dimensionCost, plus(s.values.length(at.Field, "by"), within))
}

// entries is how many entries a field's list has at most, when the field is told.
func (s *scales) entries(at position) (n int, told bool) {
	first := at.as.Arguments.ForName("first")
	switch {
	case at.as.Arguments.ForName("ids") != nil:
		return s.values.length(at.Field, "ids"), true
	case first == nil:
		return 0, false
	}
	largest := maxRows
	if isPage(at.of) {
		largest = store.MaxPage
	}
	n, given := 0, false
	for _, name := range []string{"first", "last"} {
		asked, has := s.values.number(at.Field, name)
		if !has {
			continue
		}
		n, given = max(n, min(max(asked, 1), largest)), true
		if isPage(at.of) {
			s.refuse(store.CheckPage(asked, name))
		}
	}
	if !given {
		n = otherwise(first)
	}
	return n, true
}

// refuse keeps the first reason to refuse the operation, if there is one.
func (s *scales) refuse(err error) {
	if s.wrong == nil {
		s.wrong = err
	}
}

// plainRows finds the types that reports are made of: values without an id, and no pages of records.
func plainRows(schema *ast.Schema) map[*ast.Definition]bool {
	plain := map[*ast.Definition]bool{}
	var walk func(*ast.Definition)
	walk = func(d *ast.Definition) {
		if plain[d] || !d.IsCompositeType() || slices.Contains(d.Interfaces, "Node") || isPage(d) {
			return
		}
		plain[d] = true
		for _, field := range d.Fields {
			walk(schema.Types[field.Type.Name()])
		}
	}
	for _, field := range schema.Query.Fields {
		if field.Directives.ForName("report") != nil {
			walk(schema.Types[field.Type.Name()])
		}
	}
	return plain
}

// isPage tells whether a type is a page of a list.
func isPage(d *ast.Definition) bool { return strings.HasSuffix(d.Name, "Connection") }
