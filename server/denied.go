package server

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/resolvers"
)

// denied lists the protected fields among those selected that the viewer does not read in full on every record, as
// Type.field. It follows from the selection and the viewer alone, so that it tells nothing about any record.
func (e *engine) denied(op *graphql.OperationContext, viewer *access.Viewer) []string {
	d := &denials{engine: e, op: op, viewer: viewer, spread: map[string]bool{}, found: map[string]bool{}}
	d.each = d.field
	d.walk(op.Operation.SelectionSet)
	list := make([]string, 0, len(d.found))
	for name := range d.found {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

type denials struct {
	engine *engine
	op     *graphql.OperationContext
	viewer *access.Viewer
	spread map[string]bool
	found  map[string]bool
	each   func(*ast.Field) // what is done with a field that is selected
}

func (d *denials) walk(set ast.SelectionSet) {
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
func (d *denials) selected(directives ast.DirectiveList) bool {
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

// field judges a field on the type it is selected on, and where that is an interface, on each type behind it.
func (d *denials) field(f *ast.Field) {
	if f.ObjectDefinition == nil {
		return
	}
	for _, object := range d.engine.schema.GetPossibleTypes(f.ObjectDefinition) {
		rule, protected := resolvers.ProtectedFields()[object.Name][f.Name]
		if protected && !d.viewer.ReadsAll(rule) {
			d.found[object.Name+"."+f.Name] = true
		}
	}
}
