package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// mergeRule is the language's rule that fields of one name in the answer can be one field. It looks at each field once on
// each level it stands on, where the library's own compares each with each, which takes long for a thousand equal ones.
//
// Fields of one name must give the same shape, whatever type they stand on. Those that can stand on one object must also
// be the same field with the same arguments. What is selected below such fields is looked at as one selection.
func mergeRule(events *core.Events, addError core.AddErrFunc) {
	told := map[*ast.Field]string{}
	events.OnOperation(func(walker *core.Walker, operation *ast.OperationDefinition) {
		m := &merging{schema: walker.Schema, addError: addError, told: told}
		set := []ast.SelectionSet{operation.SelectionSet}
		m.shapes(set)
		m.sames(set)
	})
}

type merging struct {
	schema   *ast.Schema
	addError core.AddErrFunc
	told     map[*ast.Field]string // its arguments: a fragment's fields are met wherever it is spread
}

// shapes holds the shapes of fields of one name against each other.
func (m *merging) shapes(sets []ast.SelectionSet) {
	names, named := together(sets)
	for _, name := range names {
		fields := named[name]
		for _, other := range fields[1:] {
			if m.differ(fields[0].Definition, other.Definition) {
				m.conflict(name, other, fmt.Sprintf("they return conflicting types %q and %q", fields[0].Definition.Type, other.Definition.Type))
				return
			}
		}
		m.shapes(below(fields))
	}
}

func (m *merging) differ(a, b *ast.FieldDefinition) bool {
	return a != nil && b != nil && m.differInType(a.Type, b.Type)
}

func (m *merging) differInType(a, b *ast.Type) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return true
	}
	if a.Elem != nil {
		return m.differInType(a.Elem, b.Elem)
	}
	leaf := m.schema.Types[a.NamedType].IsLeafType() || m.schema.Types[b.NamedType].IsLeafType()
	return leaf && a.NamedType != b.NamedType
}

// sames holds fields against each other that can stand on one object.
func (m *merging) sames(sets []ast.SelectionSet) {
	names, named := together(sets)
	for _, name := range names {
		for _, fields := range onOneObject(named[name]) {
			first, told := fields[0], m.argumentsOf(fields[0])
			for _, other := range fields[1:] {
				switch {
				case other.Name != first.Name:
					m.conflict(name, other, fmt.Sprintf("%q and %q are different fields", first.Name, other.Name))
					return
				case m.argumentsOf(other) != told:
					m.conflict(name, other, "they have differing arguments")
					return
				}
			}
			m.sames(below(fields))
		}
	}
}

// onOneObject groups fields by the type of object they stand on. One that stands on an interface can stand on the same
// object as any other.
func onOneObject(fields []*ast.Field) [][]*ast.Field {
	var groups [][]*ast.Field
	at := map[string]int{}
	for _, field := range fields {
		if field.ObjectDefinition == nil {
			continue // validation tells of its type
		}
		if field.ObjectDefinition.Kind != ast.Object || field.Definition == nil {
			return [][]*ast.Field{fields}
		}
		i, has := at[field.ObjectDefinition.Name]
		if !has {
			i = len(groups)
			at[field.ObjectDefinition.Name] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], field)
	}
	return groups
}

func (m *merging) conflict(name string, at *ast.Field, why string) {
	m.addError(core.Message("Fields %q conflict because %s. Use different aliases on the fields to fetch both if this was intentional.", name, why), core.At(at.Position))
}

func below(fields []*ast.Field) []ast.SelectionSet {
	sets := make([]ast.SelectionSet, 0, len(fields))
	for _, field := range fields {
		if len(field.SelectionSet) > 0 {
			sets = append(sets, field.SelectionSet)
		}
	}
	return sets
}

// together gives the fields of selections by their name in the answer, those of each fragment once, and the names in order.
func together(sets []ast.SelectionSet) (names []string, named map[string][]*ast.Field) {
	named = map[string][]*ast.Field{}
	spread := map[string]bool{}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, one := range set {
			switch one := one.(type) {
			case *ast.Field:
				if named[one.Alias] == nil {
					names = append(names, one.Alias)
				}
				named[one.Alias] = append(named[one.Alias], one)
			case *ast.InlineFragment:
				walk(one.SelectionSet)
			case *ast.FragmentSpread:
				if one.Definition != nil && !spread[one.Name] {
					spread[one.Name] = true
					walk(one.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		walk(set)
	}
	return names, named
}

// argumentsOf writes a field's arguments, once, such that equal ones are written equally, in whatever order they stand.
func (m *merging) argumentsOf(f *ast.Field) string {
	if told, has := m.told[f]; has {
		return told
	}
	parts := make([]string, len(f.Arguments))
	for i, argument := range f.Arguments {
		parts[i] = argument.Name + ":" + written(argument.Value)
	}
	slices.Sort(parts)
	m.told[f] = strings.Join(parts, ",")
	return m.told[f]
}

func written(v *ast.Value) string {
	parts := make([]string, len(v.Children))
	for i, child := range v.Children {
		parts[i] = fmt.Sprintf("%q:%s", child.Name, written(child.Value))
	}
	if v.Kind == ast.ObjectValue {
		slices.Sort(parts)
	}
	return fmt.Sprintf("%d%q(%s)", v.Kind, v.Raw, strings.Join(parts, ","))
}
