package server

import (
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/fault"
)

// filter is what a filter comes to: how deep filters stand in each other, and how many conditions they hold.
type filter struct{ depth, conditions int }

func (a filter) side(b filter) filter {
	return filter{max(a.depth, b.depth), plus(a.conditions, b.conditions)}
}

// filters refuses arguments of a field that filter by too much.
func (s *scales) filters(at position) {
	for _, argument := range at.Arguments {
		as := at.as.Arguments.ForName(argument.Name)
		if as == nil {
			continue
		}
		of := s.schema.Types[as.Type.Name()]
		if of == nil || of.Kind != ast.InputObject {
			continue
		}
		switch f := s.literal(argument.Value, of); {
		case f.depth > maxFilterDepth:
			s.refuse(fault.Deny(fault.LimitExceeded, fault.Say("A filter nests at most %d deep.", "筛选最多嵌套 %d 层。", maxFilterDepth)).At(argument.Name))
		case f.conditions > maxConditions:
			s.refuse(fault.Deny(fault.LimitExceeded, fault.Say("A filter has at most %d conditions, not %d.", "筛选最多 %d 个条件，而不是 %d 个。", maxConditions, f.conditions)).At(argument.Name))
		}
	}
}

// isFilter tells whether an input is a filter: one that others of its kind stand in.
func isFilter(of *ast.Definition) bool {
	return of != nil && of.Fields.ForName("and") != nil && of.Fields.ForName("or") != nil && of.Fields.ForName("not") != nil
}

// literal measures a value that stands in the document, where the schema has an input of the type.
func (s *scales) literal(value *ast.Value, of *ast.Definition) (total filter) {
	switch value.Kind {
	case ast.Variable:
		return s.variable(value.Raw)
	case ast.ListValue:
		for _, child := range value.Children {
			total = total.side(s.literal(child.Value, of))
		}
		return total
	case ast.ObjectValue:
		for _, child := range value.Children {
			total = total.side(s.member(of, child.Name, func(below *ast.Definition) filter { return s.literal(child.Value, below) }))
		}
		return total.inside(of)
	}
	return total
}

// variable measures what a variable holds, once, as of the type that it is declared with.
func (s *scales) variable(name string) filter {
	if known, has := s.held[name]; has {
		return known
	}
	definition := s.values.operation.VariableDefinitions.ForName(name)
	if definition == nil {
		return filter{}
	}
	of := s.schema.Types[definition.Type.Name()]
	s.held[name] = filter{} // while a default is measured that names variables, which validation refuses
	if value, told := s.values.variables[name]; told {
		s.held[name] = s.json(value, of)
	} else if definition.DefaultValue != nil {
		s.held[name] = s.literal(definition.DefaultValue, of)
	}
	return s.held[name]
}

func (s *scales) json(value any, of *ast.Definition) (total filter) {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			total = total.side(s.json(one, of))
		}
		return total
	case map[string]any:
		for name, one := range value {
			total = total.side(s.member(of, name, func(below *ast.Definition) filter { return s.json(one, below) }))
		}
		return total.inside(of)
	}
	return total
}

// member measures a field of an input; one of a filter that is no filter itself is a condition.
func (s *scales) member(of *ast.Definition, name string, measure func(*ast.Definition) filter) filter {
	var below *ast.Definition
	if of != nil {
		if field := of.Fields.ForName(name); field != nil {
			below = s.schema.Types[field.Type.Name()]
		}
	}
	f := measure(below)
	if isFilter(of) && !isFilter(below) {
		f.conditions = plus(f.conditions, 1)
	}
	return f
}

func (f filter) inside(of *ast.Definition) filter {
	if isFilter(of) {
		f.depth++
	}
	return f
}
