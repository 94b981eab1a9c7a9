package schematest

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
)

// kindOf gives the kind of record that a type of the schema shows.
func kindOf(typeName string) *access.Kind {
	for _, kind := range access.Kinds {
		if kind.Model.Name() == typeName {
			return kind
		}
	}
	return nil
}

// fieldOf turns a sort key such as CLOSED_AT into the field's name closedAt.
func fieldOf(value string) string {
	words := strings.Split(strings.ToLower(value), "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

func TestWhatCanBeFilteredIsDeclaredInAccess(t *testing.T) {
	schema := load(t, root)
	for _, definition := range own(schema) {
		name, isWhere := strings.CutSuffix(definition.Name, "Where")
		if !isWhere || strings.HasSuffix(name, "List") {
			continue
		}
		kind := kindOf(name)
		if kind == nil {
			t.Errorf("access has no kind %s", name)
			continue
		}
		for _, field := range fields(definition) {
			checkFilter(t, kind, definition, field)
		}
	}
}

func checkFilter(t *testing.T, kind *access.Kind, definition *ast.Definition, field *ast.FieldDefinition) {
	if field.Name == "and" || field.Name == "or" || field.Name == "not" {
		return
	}
	declared, isField := kind.Fields[field.Name]
	if _, isLink := kind.Relations[field.Name]; isLink {
		return
	}
	if !isField {
		t.Errorf("%s.%s is not declared in access", definition.Name, field.Name)
		return
	}
	if protection(field) != string(declared.Rule) {
		t.Errorf("%s.%s is under the rule %q in the schema and %q in access", definition.Name, field.Name, protection(field), declared.Rule)
	}
}

func TestWhatCanBeSortedByIsDeclaredInAccess(t *testing.T) {
	for _, definition := range own(load(t, root)) {
		name, isOrder := strings.CutSuffix(definition.Name, "OrderField")
		if !isOrder {
			continue
		}
		kind := kindOf(name)
		if kind == nil {
			t.Errorf("access has no kind %s", name)
			continue
		}
		for _, value := range definition.EnumValues {
			if _, ok := kind.Fields[fieldOf(value.Name)]; !ok {
				t.Errorf("%s.%s is not declared in access", definition.Name, value.Name)
			}
		}
	}
}

func TestPermissionsAreThoseOfAccess(t *testing.T) {
	var declared []string
	for _, permission := range access.Permissions() {
		declared = append(declared, string(permission))
	}
	sameValues(t, load(t, root).Types["Permission"], declared)
}

func TestFieldRulesAreThoseOfAccess(t *testing.T) {
	schema := load(t, root)
	var rules, relations []string
	for _, rule := range access.Rules {
		rules = append(rules, string(rule))
	}
	for _, relation := range access.Relations {
		relations = append(relations, string(relation))
	}
	sameValues(t, schema.Types["FieldRule"], rules)
	sameValues(t, schema.Types["FieldRelation"], relations)
}

func sameValues(t *testing.T, enum *ast.Definition, declared []string) {
	t.Helper()
	for _, name := range declared {
		if enum.EnumValues.ForName(name) == nil {
			t.Errorf("%s lacks %s", enum.Name, name)
		}
	}
	if len(declared) != len(enum.EnumValues) {
		t.Errorf("%s has %d values, access %d", enum.Name, len(enum.EnumValues), len(declared))
	}
}
