package plan

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"guanxi/access"
)

// A new kind of record costs the planner no line: it names none. What it knows of a kind it is given by what is generated from the schema.
func TestThePlannerNamesNoKind(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, k := range access.Kinds {
		kinds[k.Model.Name()] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				looked++
				if of, is := n.X.(*ast.Ident); is && (of.Name == "models" || of.Name == "access") && kinds[strings.TrimSuffix(n.Sel.Name, "Code")] {
					t.Errorf("%s: %s.%s", set.Position(n.Pos()), of.Name, n.Sel.Name)
				}
			case *ast.BasicLit:
				if kinds[strings.Trim(n.Value, `"`+"`")] {
					t.Errorf("%s: %s", set.Position(n.Pos()), n.Value)
				}
			}
			return true
		})
	}
	if looked < 100 || len(kinds) < 20 {
		t.Errorf("looked at %d names for %d kinds", looked, len(kinds))
	}
}
