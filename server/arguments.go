package server

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// values are what an operation's arguments are told, in the document or by variables, before anything has been validated.
type values struct {
	operation *ast.OperationDefinition
	variables map[string]any
}

// given gives an argument's value: what a variable holds, or a literal that is no variable; nil for none and for null.
func (v values) given(f *ast.Field, name string) any {
	argument := f.Arguments.ForName(name)
	if argument == nil {
		return nil
	}
	literal := argument.Value
	if literal.Kind == ast.Variable {
		if value, has := v.variables[literal.Raw]; has {
			return value
		}
		definition := v.operation.VariableDefinitions.ForName(literal.Raw)
		if definition == nil || definition.DefaultValue == nil {
			return nil
		}
		literal = definition.DefaultValue
	}
	if literal.Kind == ast.NullValue {
		return nil
	}
	return literal
}

// number gives a whole number; one that no number can hold, or that is none, is taken for the largest.
func (v values) number(f *ast.Field, name string) (n int, has bool) {
	var text string
	switch value := v.given(f, name).(type) {
	case nil:
		return 0, false
	case *ast.Value:
		text = value.Raw
	case json.Number:
		text = value.String()
	}
	n, err := strconv.Atoi(text)
	switch {
	case err == nil:
		return min(max(n, -most), most), true
	case strings.HasPrefix(text, "-"):
		return -most, true
	}
	return most, true
}

// length gives how many values a list has; a single value is a list of one.
func (v values) length(f *ast.Field, name string) int {
	switch value := v.given(f, name).(type) {
	case nil:
		return 0
	case []any:
		return len(value)
	case *ast.Value:
		if value.Kind == ast.ListValue {
			return len(value.Children)
		}
	}
	return 1
}

// otherwise is how many entries a field's list has when nobody says how many: as the schema says, else as any list.
func otherwise(first *ast.ArgumentDefinition) int {
	if first.DefaultValue == nil {
		return unpaged
	}
	n, err := strconv.Atoi(first.DefaultValue.Raw)
	if err != nil {
		return unpaged
	}
	return n
}
