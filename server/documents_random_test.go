package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// TestRandomDocumentsAreMeasuredAsWrittenOut makes documents out of the schema, most of them valid but for fields of one name
// that conflict, and holds what is measured against the document written out whole.
func TestRandomDocumentsAreMeasuredAsWrittenOut(t *testing.T) {
	t.Parallel()
	e := bare()
	conflicts, agreed := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		text := randomDocument(r, e.schema)
		d, err := e.read(text)
		if err != nil {
			return
		}
		n := &naive{engine: e, document: d.QueryDocument, values: values{operation: d.Operations[0]}, budget: 10 * maxFields}
		n.count(d.Operations[0])
		w, _ := e.weigh(d.QueryDocument, d.Operations[0], nil)
		if want := (weight{cost: n.points(), nodes: small(&n.nodes), reports: n.reports, checks: n.checks}); w != want {
			r.Fatalf("weighed %+v, written out it is %+v:\n%s", w, want, text)
		}
		ours, theirs, judged := conflictsIn(e, d)
		if ours != theirs {
			r.Fatalf("conflicts: %v, the library says %v:\n%s", ours, theirs, text)
		}
		if ours {
			conflicts++
		} else if judged {
			agreed++
		}
	})
	t.Logf("%d documents with conflicts, %d without", conflicts, agreed)
	if conflicts+agreed == 0 {
		t.Error("no document was held against the library: the test shows nothing")
	}
}

type randomText struct {
	*rapid.T

	schema    *ast.Schema
	composite []string
	fragments []*ast.Definition
}

func randomDocument(r *rapid.T, schema *ast.Schema) string {
	m := &randomText{T: r, schema: schema}
	for name, d := range schema.Types {
		if d.IsCompositeType() && !strings.HasPrefix(name, "__") && name != "Mutation" {
			m.composite = append(m.composite, name)
		}
	}
	slices.Sort(m.composite)
	for range rapid.IntRange(0, 3).Draw(r, "fragments") {
		m.fragments = append(m.fragments, schema.Types[rapid.SampledFrom(m.composite).Draw(r, "on")])
	}
	text := "query " + m.set(schema.Query, 4, 0)
	for i, on := range m.fragments {
		text += fmt.Sprintf(" fragment F%d on %s %s", i, on.Name, m.set(on, 3, i+1))
	}
	return text
}

// set selects on a type; fragments are spread from a number on, so that none spreads itself.
func (m *randomText) set(on *ast.Definition, deep, from int) string {
	parts := []string{}
	for range rapid.IntRange(1, 4).Draw(m.T, "fields") {
		parts = append(parts, m.selection(on, deep, from))
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

func (m *randomText) selection(on *ast.Definition, deep, from int) string {
	switch kind := rapid.IntRange(0, 9).Draw(m.T, "kind"); {
	case kind == 0 && deep > 0:
		return "... on " + m.near(on).Name + " " + m.set(m.near(on), deep-1, from)
	case kind <= 2 && from < len(m.fragments):
		return fmt.Sprintf("...F%d", rapid.IntRange(from, len(m.fragments)-1).Draw(m.T, "spread"))
	}
	if len(on.Fields) == 0 {
		return "__typename"
	}
	f := rapid.SampledFrom(on.Fields).Draw(m.T, "field")
	of := m.schema.Types[f.Type.Name()]
	if strings.HasPrefix(f.Name, "__") || of.IsCompositeType() && deep == 0 {
		return "__typename"
	}
	text := rapid.SampledFrom([]string{"", "", "", "a: ", "name: "}).Draw(m.T, "alias") + f.Name + m.arguments(f)
	if of.IsCompositeType() {
		text += " " + m.set(of, deep-1, from)
	}
	return text
}

// near gives the type, or where that is an interface one behind it.
func (m *randomText) near(on *ast.Definition) *ast.Definition {
	return m.schema.GetPossibleTypes(on)[0]
}

func (m *randomText) arguments(f *ast.FieldDefinition) string {
	told := []string{}
	for _, a := range f.Arguments {
		value := ""
		switch {
		case a.Name == "first" || a.Name == "last":
			value = fmt.Sprint(rapid.SampledFrom([]int{1, 2, 3, 100, 7000, -4}).Draw(m.T, "page"))
		case a.Name == "by":
			value = rapid.SampledFrom([]string{"REGION", "[REGION, OWNER]", "[]"}).Draw(m.T, "by")
		case a.Name == "ids":
			value = `["a", "b"]`
		case a.Type.NonNull && a.Type.Name() == "ID":
			value = `"x"`
		}
		if value != "" && (a.Type.NonNull && a.DefaultValue == nil || rapid.Bool().Draw(m.T, "told")) {
			told = append(told, a.Name+": "+value)
		}
	}
	if len(told) == 0 {
		return ""
	}
	return "(" + strings.Join(told, ", ") + ")"
}
