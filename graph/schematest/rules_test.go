package schematest

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// own lists what the schema itself defines, without introspection and the language's scalars.
func own(schema *ast.Schema) []*ast.Definition {
	var definitions []*ast.Definition
	for _, definition := range schema.Types {
		if !definition.BuiltIn && !strings.HasPrefix(definition.Name, "__") {
			definitions = append(definitions, definition)
		}
	}
	return definitions
}

func fields(definition *ast.Definition) []*ast.FieldDefinition {
	var list []*ast.FieldDefinition
	for _, field := range definition.Fields {
		if !strings.HasPrefix(field.Name, "__") {
			list = append(list, field)
		}
	}
	return list
}

func TestEverythingIsDescribed(t *testing.T) {
	schema := load(t, root)
	described := func(description, what string) {
		if strings.TrimSpace(description) == "" {
			t.Errorf("%s has no description", what)
		}
	}
	for _, definition := range own(schema) {
		described(definition.Description, definition.Name)
		for _, field := range fields(definition) {
			described(field.Description, definition.Name+"."+field.Name)
			for _, argument := range field.Arguments {
				described(argument.Description, definition.Name+"."+field.Name+"("+argument.Name+":)")
			}
		}
		for _, value := range definition.EnumValues {
			described(value.Description, definition.Name+"."+value.Name)
		}
	}
	for _, name := range []string{"allow", "signedIn", "public", "protected"} {
		described(schema.Directives[name].Description, "@"+name)
		for _, argument := range schema.Directives[name].Arguments {
			described(argument.Description, "@"+name+"("+argument.Name+":)")
		}
	}
}

func TestEveryRootFieldSaysWhoMayAskIt(t *testing.T) {
	schema := load(t, root)
	decisions := func(field *ast.FieldDefinition, names ...string) int {
		n := 0
		for _, name := range names {
			n += len(field.Directives.ForNames(name))
		}
		return n
	}
	for _, field := range fields(schema.Mutation) {
		if decisions(field, "allow", "signedIn") != 1 || decisions(field, "public") != 0 {
			t.Errorf("Mutation.%s must have @allow or @signedIn, one of them", field.Name)
		}
	}
	for _, field := range fields(schema.Query) {
		if decisions(field, "allow", "signedIn", "public") != 1 {
			t.Errorf("Query.%s must have @allow, @signedIn or @public, one of them", field.Name)
		}
	}
}

func TestOnlyTheViewerIsPublic(t *testing.T) {
	for _, field := range fields(load(t, root).Query) {
		if field.Directives.ForName("public") != nil && field.Name != "viewer" {
			t.Errorf("Query.%s is public", field.Name)
		}
	}
}

func isNode(schema *ast.Schema, name string) bool {
	definition := schema.Types[name]
	if definition.Kind != ast.Object && definition.Kind != ast.Interface {
		return false
	}
	if name == "Node" {
		return true
	}
	for _, implemented := range definition.Interfaces {
		if implemented == "Node" {
			return true
		}
	}
	return false
}

func TestReferencesAndProtectedFieldsAreNullable(t *testing.T) {
	schema := load(t, root)
	for _, definition := range own(schema) {
		if definition.Kind != ast.Object && definition.Kind != ast.Interface {
			continue
		}
		for _, field := range fields(definition) {
			reference := field.Type.Elem == nil && isNode(schema, field.Type.Name())
			if reference && field.Type.NonNull {
				t.Errorf("%s.%s refers to a record that may be hidden, and is not nullable", definition.Name, field.Name)
			}
			if field.Directives.ForName("protected") != nil && field.Type.NonNull {
				t.Errorf("%s.%s is protected, and is not nullable", definition.Name, field.Name)
			}
		}
	}
}

func TestConnectionsHaveTheStandardFields(t *testing.T) {
	schema := load(t, root)
	standard := map[string]string{"pageInfo": "PageInfo!", "totalCount": "Int!", "totalCountExact": "Boolean!"}
	for _, definition := range own(schema) {
		if definition.Kind != ast.Object || !strings.HasSuffix(definition.Name, "Connection") {
			continue
		}
		edgeName := strings.TrimSuffix(definition.Name, "Connection") + "Edge"
		edge := schema.Types[edgeName]
		if edge == nil || edge.Fields.ForName("cursor") == nil || edge.Fields.ForName("node") == nil {
			t.Errorf("%s has no %s with cursor and node", definition.Name, edgeName)
			continue
		}
		node := edge.Fields.ForName("node").Type.Name()
		standard["edges"], standard["nodes"] = "["+edgeName+"!]!", "["+node+"!]!"
		for name, want := range standard {
			field := definition.Fields.ForName(name)
			if field == nil || field.Type.String() != want {
				t.Errorf("%s.%s must be %s", definition.Name, name, want)
			}
		}
	}
}

func TestMutationsTakeOneInputAndAnswerWithUserErrors(t *testing.T) {
	schema := load(t, root)
	for _, field := range fields(schema.Mutation) {
		if len(field.Arguments) != 1 || field.Arguments[0].Name != "input" || !field.Arguments[0].Type.NonNull {
			t.Errorf("Mutation.%s must take one argument, input", field.Name)
		}
		errors := schema.Types[field.Type.Name()].Fields.ForName("userErrors")
		if errors == nil || errors.Type.String() != "[UserError!]!" {
			t.Errorf("Mutation.%s must answer with userErrors", field.Name)
		}
	}
}

func TestWhatAWhereComparesIsAFieldOfItsType(t *testing.T) {
	schema := load(t, root)
	for _, definition := range own(schema) {
		name, isWhere := strings.CutSuffix(definition.Name, "Where")
		if !isWhere || strings.HasSuffix(name, "List") {
			continue
		}
		compared := schema.Types[name]
		if compared == nil {
			t.Errorf("%s compares a type that there is not", definition.Name)
			continue
		}
		for _, field := range fields(definition) {
			switch field.Name {
			case "and", "or", "not":
				continue
			}
			output := compared.Fields.ForName(field.Name)
			if output == nil {
				t.Errorf("%s.%s is no field of %s", definition.Name, field.Name, name)
				continue
			}
			if protection(field) != protection(output) {
				t.Errorf("%s.%s and %s.%s are under different rules", definition.Name, field.Name, name, field.Name)
			}
		}
	}
}

func protection(field *ast.FieldDefinition) string {
	directive := field.Directives.ForName("protected")
	if directive == nil {
		return ""
	}
	return directive.Arguments.ForName("rule").Value.Raw
}
