// Package schematest holds the contract of the API against the rules that every part of it keeps.
package schematest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// load reads the whole schema of the repository whose root folder is given.
func load(t *testing.T, root string) *ast.Schema {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "graph", "schema", "*.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	files = append([]string{filepath.Join(root, "schema.graphqls")}, files...)
	sources := make([]*ast.Source, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources[i] = &ast.Source{Name: file, Input: string(text)}
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
