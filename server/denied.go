package server

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/reports"
	"guanxi/resolvers"
)

// protectedField is a field that is read in full only with the right for its rule.
type protectedField struct {
	name string // Type.field
	rule access.Rule
}

// protected lists the protected fields among those selected, on the types that they are selected on, and where that is an
// interface, on each type behind it.
func (e *engine) protected(op *graphql.OperationContext) (list []protectedField) {
	found := map[string]bool{}
	e.selected(op, func(f *ast.Field) {
		for _, object := range e.schema.GetPossibleTypes(f.ObjectDefinition) {
			shown := shows(object.Name, f, op.Variables)
			name := object.Name + "." + shown
			if rule, is := resolvers.ProtectedFields()[object.Name][shown]; is && !found[name] {
				found[name] = true
				list = append(list, protectedField{name, rule})
			}
		}
	})
	slices.SortFunc(list, func(a, b protectedField) int { return strings.Compare(a.name, b.name) })
	return list
}

// shows names the field whose value a field shows: a share or a running total that of the measure that it is asked of, all others
// their own.
func shows(object string, f *ast.Field, variables map[string]any) string {
	if !isShare(f) {
		return f.Name
	}
	measure, _ := f.ArgumentMap(variables)["measure"].(string)
	for _, d := range reports.Datasets() {
		if object != d.Noun+"ReportRow" {
			continue
		}
		for _, m := range d.Measures {
			if m.Order() == measure {
				return m.Name
			}
		}
	}
	return f.Name
}

// isShare tells whether a field of a report's row is of a measure that it names.
func isShare(f *ast.Field) bool { return f.Name == "shareOfTotal" || f.Name == "runningTotal" }

// denied names the protected fields among those selected that the viewer does not read in full on every record. It follows
// from the selection and the viewer alone, so that it tells nothing about any record.
func (p *planned) denied(viewer *access.Viewer) []string {
	list := []string{}
	for _, f := range p.protected {
		if !viewer.ReadsAll(f.rule) {
			list = append(list, f.name)
		}
	}
	return list
}

// selected visits the fields that an operation selects, with the values of its variables.
func (e *engine) selected(op *graphql.OperationContext, each func(*ast.Field)) {
	d := &selections{op: op, spread: map[string]bool{}, each: func(f *ast.Field) {
		if f.ObjectDefinition != nil {
			each(f)
		}
	}}
	d.walk(op.Operation.SelectionSet)
}

type selections struct {
	op     *graphql.OperationContext
	spread map[string]bool
	each   func(*ast.Field)
}

func (d *selections) walk(set ast.SelectionSet) {
	for _, one := range set {
		switch one := one.(type) {
		case *ast.Field:
			if d.selected(one.Directives) {
				d.each(one)
				d.walk(one.SelectionSet)
			}
		case *ast.InlineFragment:
			if d.selected(one.Directives) {
				d.walk(one.SelectionSet)
			}
		case *ast.FragmentSpread:
			if d.selected(one.Directives) && !d.spread[one.Name] {
				d.spread[one.Name] = true
				d.walk(one.Definition.SelectionSet)
			}
		}
	}
}

// selected tells what @skip and @include make of a selection.
func (d *selections) selected(directives ast.DirectiveList) bool {
	for _, directive := range directives {
		if directive.Name != "skip" && directive.Name != "include" {
			continue
		}
		if yes, _ := directive.ArgumentMap(d.op.Variables)["if"].(bool); yes == (directive.Name == "skip") {
			return false
		}
	}
	return true
}
