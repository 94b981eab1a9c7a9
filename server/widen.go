package server

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"guanxi/fault"
)

// What a file of tables asks beside what its request selects: by what rows are grouped, how well the report is filled in and
// what its numbers mean, under names that GraphQL keeps from others.
const (
	ownAlias  = "__"
	keysAlias = ownAlias + "keys"
)

// about are the fields of a report that stand in every file.
var about = []string{"coverage", "definition"}

// onlyReports refuses an operation that asks for anything that is no report.
func (e *engine) onlyReports(a *asked) error {
	if a.operation == nil {
		return nil // told when the document has been validated
	}
	var wrong error
	eachField(a.document.QueryDocument, a.operation.SelectionSet, func(f *ast.Field) {
		root := e.schema.Query.Fields.ForName(f.Name)
		if wrong == nil && (a.operation.Operation != ast.Query || introspects(f) || root != nil && root.Directives.ForName("report") == nil) {
			wrong = fault.Deny(fault.BadInput, fault.Say("Only reports can be had here; %q is none.", "此处只能请求报表；“%s”不是报表。", f.Name))
		}
	})
	return wrong
}

// eachField visits the fields that a selection puts on its object, whatever fragments they stand in.
func eachField(document *ast.QueryDocument, set ast.SelectionSet, visit func(*ast.Field)) {
	for _, one := range set {
		switch one := one.(type) {
		case *ast.Field:
			visit(one)
		case *ast.InlineFragment:
			eachField(document, one.SelectionSet, visit)
		case *ast.FragmentSpread:
			if fragment := document.Fragments.ForName(one.Name); fragment != nil {
				eachField(document, fragment.SelectionSet, visit)
			}
		}
	}
}

// widen makes a request for reports ask what a file of tables needs besides. It has been measured as it was sent.
func (e *engine) widen(a *asked) error {
	if a.operation == nil {
		return nil
	}
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: a.params.Query}, maxTokens)
	if err != nil {
		return err
	}
	a.document = &document{QueryDocument: parsed}
	a.operation = parsed.Operations.ForName(a.params.OperationName)
	eachField(parsed, a.operation.SelectionSet, func(root *ast.Field) {
		if field := e.schema.Query.Fields.ForName(root.Name); field != nil {
			e.widenReport(parsed, root, field.Type)
		}
	})
	return nil
}

func (e *engine) widenReport(document *ast.QueryDocument, root *ast.Field, of *ast.Type) {
	report := e.schema.Types[of.Name()]
	eachField(document, root.SelectionSet, func(f *ast.Field) {
		if field := report.Fields.ForName(f.Name); field != nil && field.Type.Elem != nil {
			row := e.schema.Types[field.Type.Name()]
			if keys := row.Fields.ForName("keys"); keys != nil && isKey(e.schema.Types[keys.Type.Name()]) {
				e.add(f, row, "keys")
			}
			e.addOther(document, root, report, f, row)
		}
	})
	for _, name := range about {
		e.add(root, report, name)
	}
}

// addOther selects of what rows leave out the same as of the rows, where a report tells it apart from them.
func (e *engine) addOther(document *ast.QueryDocument, root *ast.Field, report *ast.Definition, rows *ast.Field, row *ast.Definition) {
	other, has := report.Fields.ForName("other"), false
	eachField(document, root.SelectionSet, func(f *ast.Field) { has = has || f.Name == "other" })
	if other == nil || rows.Name != "rows" || other.Type.Name() != row.Name || has {
		return
	}
	root.SelectionSet = append(root.SelectionSet, &ast.Field{
		Alias: ownAlias + other.Name, Name: other.Name, Position: rows.Position, SelectionSet: rows.SelectionSet,
	})
}

// add selects a field with all that is in it.
func (e *engine) add(to *ast.Field, on *ast.Definition, name string) {
	field := on.Fields.ForName(name)
	if field == nil || len(to.SelectionSet) == 0 {
		return
	}
	own := func(s ast.Selection) bool { f, is := s.(*ast.Field); return is && f.Alias == ownAlias+name }
	if slices.ContainsFunc(to.SelectionSet, own) {
		return // it stands in a fragment that is spread twice
	}
	to.SelectionSet = append(to.SelectionSet, &ast.Field{
		Alias: ownAlias + name, Name: name, Position: to.Position, SelectionSet: e.plainFields(e.schema.Types[field.Type.Name()], to.Position),
	})
}

// plainFields selects what a plain object says, and the plain objects in it.
func (e *engine) plainFields(of *ast.Definition, at *ast.Position) (set ast.SelectionSet) {
	for _, field := range of.Fields {
		type_ := e.schema.Types[field.Type.Name()]
		switch {
		case strings.HasPrefix(field.Name, "__") || len(field.Arguments) > 0:
		case type_.IsLeafType():
			set = append(set, &ast.Field{Alias: field.Name, Name: field.Name, Position: at})
		case e.plain[type_] && type_ != of:
			set = append(set, &ast.Field{Alias: field.Name, Name: field.Name, Position: at, SelectionSet: e.plainFields(type_, at)})
		}
	}
	return set
}

// isKey tells whether a type is a report's key: the value of a dimension, unknown, or other.
func isKey(of *ast.Definition) bool {
	for _, name := range []string{"dimension", "id", "label", "unknown", "other"} {
		if of.Fields.ForName(name) == nil {
			return false
		}
	}
	return true
}

// rowTypeOf gives the type of a report's rows: that of its field rows, else of the first list in it, else its own.
func rowTypeOf(schema *ast.Schema, report *ast.Type) *ast.Definition {
	of := schema.Types[report.Name()]
	if rows := of.Fields.ForName("rows"); rows != nil {
		return schema.Types[rows.Type.Name()]
	}
	for _, field := range of.Fields {
		if type_ := schema.Types[field.Type.Name()]; report.Elem == nil && field.Type.Elem != nil && type_.IsCompositeType() && !slices.Contains(about, field.Name) {
			return type_
		}
	}
	return of
}

// replaced tells whether a field of a report is asked for in full besides.
func replaced(f graphql.CollectedField) bool {
	return slices.Contains(about, f.Name) && f.Alias != ownAlias+f.Name
}

// plainName is what a field is called in a file.
func plainName(f graphql.CollectedField) string {
	if strings.HasPrefix(f.Alias, ownAlias) {
		return f.Name
	}
	return f.Alias
}
