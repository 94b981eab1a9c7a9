package schematest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const root = "../.."

func operationFiles(t *testing.T) []string {
	files, err := filepath.Glob(filepath.Join(root, "operations", "*.graphql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no operations found: %v", err)
	}
	return files
}

// validated parses a file, which may hold several operations, and holds it against the schema.
func validated(t *testing.T, schema *ast.Schema, file string) *ast.QueryDocument {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document, errs := gqlparser.LoadQueryWithRules(schema, string(text), nil)
	if len(errs) > 0 {
		t.Fatalf("%s: %v", file, errs)
	}
	return document
}

func TestEveryOperationOfTheUsersIsValid(t *testing.T) {
	schema := load(t, root)
	for _, file := range operationFiles(t) {
		if len(validated(t, schema, file).Operations) == 0 {
			t.Errorf("%s holds no operation", file)
		}
	}
}

func TestEveryOperationHasItsVariables(t *testing.T) {
	schema := load(t, root)
	for _, file := range operationFiles(t) {
		text, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var variables map[string]map[string]any
		if err := json.Unmarshal(text, &variables); err != nil {
			t.Fatal(err)
		}
		for _, operation := range validated(t, schema, file).Operations {
			given, ok := variables[operation.Name]
			if !ok {
				t.Errorf("%s: no variables for %s", file, operation.Name)
			}
			for _, variable := range operation.VariableDefinitions {
				if _, ok := given[variable.Variable]; !ok && variable.Type.NonNull {
					t.Errorf("%s: %s lacks $%s", file, operation.Name, variable.Variable)
				}
			}
		}
	}
}

func TestOperationsAreThoseThatUsersRelyOn(t *testing.T) {
	shared := filepath.Join(root, "..", "shared", "operations")
	entries, err := os.ReadDir(shared)
	if err != nil {
		t.Skipf("the users' own folder of operations is not here: %v", err)
	}
	for _, entry := range entries {
		want, err := os.ReadFile(filepath.Join(shared, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(filepath.Join(root, "operations", entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != string(want) {
			t.Errorf("operations/%s differs from the users' own", entry.Name())
		}
	}
}
