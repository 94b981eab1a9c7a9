package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/graph"
	"guanxi/server/servertest"
)

// usage is one place in which a protected field stands elsewhere than selected: a whole request.
type usage struct {
	field, query string
	variables    map[string]any
}

// walk finds, in the schema as it stands, every place in which protected fields can be referred to.
type walk struct{ schema *ast.Schema }

func newWalk() walk {
	return walk{graph.NewExecutableSchema(graph.Config{}).Schema()}
}

func underRule(f *ast.FieldDefinition) bool { return f.Directives.ForName("protected") != nil }

// filters gives a filter object for each protected field of a where type, from the type itself and over one relation.
func (w walk) filters(typeName string, deeper bool) map[string]any {
	found := map[string]any{}
	for _, f := range w.schema.Types[typeName].Fields {
		of := f.Type.Name()
		isWhere := strings.HasSuffix(of, "Where") && !strings.HasSuffix(of, "ListWhere")
		asks := map[string]any{"isNull": false}
		switch {
		case underRule(f) && isWhere:
			found[typeName+"."+f.Name] = map[string]any{f.Name: map[string]any{"id": asks}}
		case underRule(f):
			found[typeName+"."+f.Name] = map[string]any{f.Name: asks}
		case deeper && f.Type.Elem == nil && isWhere && f.Name != "not":
			for name, inner := range w.filters(of, false) {
				found[f.Name+"/"+name] = map[string]any{f.Name: inner}
			}
		case deeper && strings.HasSuffix(of, "ListWhere"):
			for name, inner := range w.filters(w.schema.Types[of].Fields.ForName("some").Type.Name(), false) {
				for _, quantifier := range []string{"some", "none", "every"} {
					found[f.Name+"/"+quantifier+"/"+name] = map[string]any{f.Name: map[string]any{quantifier: inner}}
				}
			}
		}
	}
	return found
}

// selection is the least that can be selected of an answer.
func (w walk) selection(f *ast.FieldDefinition) string {
	definition := w.schema.Types[f.Type.Name()]
	for _, name := range []string{"totalCount", "keys", "total { count }", "unattributed { lost }"} {
		if first, _, _ := strings.Cut(name, " "); definition.Fields.ForName(first) != nil {
			return "{ " + name + " }"
		}
	}
	return "{ __typename }"
}

// references lists the requests by a root field: its where, plain, buried and by a variable, its orderBy and its having.
func (w walk) references() (all []usage) {
	for _, root := range w.schema.Query.Fields {
		add := func(argument *ast.ArgumentDefinition, field string, value any) {
			query := fmt.Sprintf("query($v: %s) { %s(%s: $v) %s }", argument.Type.String(), root.Name, argument.Name, w.selection(root))
			all = append(all, usage{root.Name + "(" + argument.Name + ") " + field, query, map[string]any{"v": value}})
		}
		for _, argument := range root.Arguments {
			of := argument.Type.Name()
			switch {
			case argument.Name == "where" || argument.Name == "having":
				for field, filter := range w.filters(of, true) {
					add(argument, field, filter)
					if strings.Contains(field, "/") { // a filter nests at most 5 deep
						add(argument, field+" buried", map[string]any{"not": filter})
					} else {
						add(argument, field+" buried", map[string]any{"or": []any{map[string]any{"and": []any{map[string]any{"not": filter}}}}})
					}
				}
			case argument.Name == "orderBy" && strings.HasSuffix(of, "Order"):
				for _, key := range w.protectedKeys(strings.TrimSuffix(of, "Order")) {
					add(argument, key, []any{map[string]any{"field": key}})
				}
			}
		}
	}
	return all
}

// protectedKeys lists the sort keys of a type that are protected fields of it.
func (w walk) protectedKeys(typeName string) (keys []string) {
	sorted, output := w.schema.Types[typeName+"OrderField"], w.schema.Types[typeName]
	if sorted == nil || output == nil {
		return nil
	}
	for _, f := range output.Fields {
		key := strings.ToUpper(strings.Join(wordsOf(f.Name), "_"))
		if underRule(f) && sorted.EnumValues.ForName(key) != nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// wordsOf splits a field's name such as closedAt.
func wordsOf(name string) (list []string) {
	start := 0
	for i, letter := range name {
		if letter >= 'A' && letter <= 'Z' {
			list, start = append(list, name[start:i]), i
		}
	}
	return append(list, name[start:])
}

// blind is somebody who sees and may do everything, and reads no protected field of any record.
func blind(t *testing.T, c *servertest.Company) string {
	permissions := []string{}
	for _, p := range access.Permissions() {
		permissions = append(permissions, string(p))
	}
	change(t, c, "update roles set permissions = string_to_array(?, ',') where code = 'analyst'", strings.Join(permissions, ","))
	change(t, c, "delete from field_rights where role_id = (select id from roles where code = 'analyst')")
	return "analyst"
}

// TestA02A03A05A08NoProtectedFieldIsAnOracle refers to each protected field in each where, under or, and and not, by a relation
// with each quantifier, in each having and each orderBy that the schema offers: refused, naming field and rule, before any
// statement, to somebody who reads it on no record; answered to the administrator.
func TestA02A03A05A08NoProtectedFieldIsAnOracle(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	login, all := blind(t, c), newWalk().references()
	covered := map[string]bool{}
	for _, r := range all {
		refused := c.Ask(login, r.query, r.variables).Refused("FIELD_DENIED")
		if c.Last().Statements != 0 || !strings.Contains(refused.Message, "rule") {
			t.Errorf("%s: refused after %d statements with %q", r.field, c.Last().Statements, refused.Message)
		}
		covered[r.field] = true
	}
	for i, r := range all {
		if i%7 == 0 { // the same requests, answered
			c.Ask("admin", r.query, r.variables).Good()
		}
	}
	if len(covered) < 60 {
		t.Errorf("the walk over the schema found only %d places", len(covered))
	}
	t.Logf("%d places", len(covered))
}

// TestA06NoProtectedFieldIsAGroup groups by each dimension of opportunities, and sorts by each measure: what the administrator's
// catalogue has beyond that of somebody who reads no amounts is refused to him; all else is answered.
func TestA06NoProtectedFieldIsAGroup(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	login, schema := blind(t, c), newWalk().schema
	refused := 0
	for _, d := range schema.Types["OpportunityDimension"].EnumValues {
		a := c.Ask(login, "query($d: OpportunityDimension!) { opportunityReport(by: [$d], first: 1) { rows { count } } }", map[string]any{"d": d.Name})
		byAmount := slices.Contains([]string{"AMOUNT_BAND", "MAIN_PRODUCT", "PRODUCT_CATEGORY"}, d.Name)
		if denied := len(a.Errors) > 0 && a.Errors[0].Code() == "FIELD_DENIED"; denied != byAmount || denied && c.Last().Statements != 0 {
			t.Errorf("grouping by %s is answered %s after %d statements", d.Name, a.Body, c.Last().Statements)
		}
		c.Ask("admin", "query($d: OpportunityDimension!) { opportunityReport(by: [$d], first: 1) { rows { count } } }", map[string]any{"d": d.Name}).Good()
	}
	for _, m := range schema.Types["OpportunityMeasure"].EnumValues {
		a := c.Ask(login, "query($m: OpportunityMeasure!) { opportunityReport(by: [STATUS], orderBy: [{measure: $m}]) { rows { count } } }", map[string]any{"m": m.Name})
		if denied := len(a.Errors) > 0 && a.Errors[0].Code() == "FIELD_DENIED"; denied != strings.Contains(m.Name, "AMOUNT") {
			t.Errorf("sorting by %s is answered %s", m.Name, a.Body)
		} else if denied {
			refused++
		}
	}
	if refused < 4 {
		t.Errorf("only %d measures are refused", refused)
	}
}

// TestNoProtectedFieldIsWrittenUnread writes each protected field that a create or update takes, as somebody who reads it on no
// record: refused by the field's name.
func TestNoProtectedFieldIsWrittenUnread(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	login, schema := blind(t, c), newWalk().schema
	fields, written := 0, 0
	for _, mutation := range schema.Mutation.Fields {
		input := schema.Types[mutation.Arguments[0].Type.Name()]
		for _, f := range input.Fields {
			if !underRule(f) {
				continue
			}
			value := map[string]any{f.Name: map[string]any{"Decimal": "1", "Date": "2000-01-01"}[f.Type.Name()]}
			if value[f.Name] == nil {
				value[f.Name] = "CNY"
			}
			fields++
			for _, needed := range input.Fields {
				if needed.Type.NonNull && needed.DefaultValue == nil {
					value[needed.Name] = map[string]any{"ID": "none", "String": "x"}[needed.Type.Name()]
				}
			}
			a := c.Ask(login, fmt.Sprintf("mutation($i: %s) { it: %s(input: $i) { userErrors { code field } } }", mutation.Arguments[0].Type.String(), mutation.Name), map[string]any{"i": value})
			if strings.Contains(string(a.Body), "FIELD_DENIED") {
				written++
			} else if !strings.Contains(string(a.Body), "NOT_FOUND") { // the record to change is none
				t.Errorf("%s with %s is answered %s", mutation.Name, f.Name, a.Body)
			}
		}
	}
	if fields < 20 || written < fields/2 {
		t.Errorf("%d of %d fields of inputs are refused as such", written, fields)
	}
}
