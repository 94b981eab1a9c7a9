package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/graph"
	"guanxi/reports"
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
	for _, name := range []string{"totalCount", "keys", "total count", "total begin", "unattributed lost"} {
		first, second, deeper := strings.Cut(name, " ")
		field := definition.Fields.ForName(first)
		switch {
		case field != nil && !deeper:
			return "{ " + first + " }"
		case field != nil && w.schema.Types[field.Type.Name()].Fields.ForName(second) != nil:
			return "{ " + first + " { " + second + w.plain(field, second) + " } }"
		}
	}
	return "{ __typename }"
}

// plain selects a number of a field that is an object itself.
func (w walk) plain(of *ast.FieldDefinition, name string) string {
	if w.schema.Types[w.schema.Types[of.Type.Name()].Fields.ForName(name).Type.Name()].Kind == ast.Object {
		return " { count }"
	}
	return ""
}

// besides are the arguments that a root field cannot do without.
func besides(root *ast.FieldDefinition) string {
	text := ""
	for _, argument := range root.Arguments {
		if argument.Type.String() == "DateTime!" {
			text += ", " + argument.Name + `: "2026-01-01T00:00:00Z"`
		}
	}
	return text
}

// references lists the requests by a root field: its where, plain, buried and by a variable, its orderBy and its having.
func (w walk) references() (all []usage) {
	for _, root := range w.schema.Query.Fields {
		add := func(argument *ast.ArgumentDefinition, field string, value any) {
			query := fmt.Sprintf("query($v: %s) { %s(%s: $v%s) %s }", argument.Type.String(), root.Name, argument.Name, besides(root), w.selection(root))
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
			case argument.Name == "orderBy" && w.schema.Types[strings.TrimSuffix(of, "Order")+"Row"] != nil: // of a report
				for _, key := range w.protectedMeasures(strings.TrimSuffix(of, "ReportOrder")) {
					add(argument, key, []any{map[string]any{"measure": key}})
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

// protectedMeasures lists the values by which rows of a report are sorted that are protected fields of them.
func (w walk) protectedMeasures(noun string) (keys []string) {
	for _, f := range w.schema.Types[noun+"ReportRow"].Fields {
		key := strings.ToUpper(strings.Join(wordsOf(f.Name), "_"))
		if underRule(f) && w.schema.Types[noun+"Measure"].EnumValues.ForName(key) != nil {
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

// TestA06NoProtectedFieldIsAGroup groups every dataset by each of its dimensions, sorts by each measure and asks the share of
// each: what is under a rule is refused to somebody who reads nothing under any, before any statement; all else is answered.
func TestA06NoProtectedFieldIsAGroup(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	login, refused := blind(t, c), 0
	ask := func(what, query string, under bool) {
		a := c.Ask(login, query, nil)
		denied := len(a.Errors) > 0 && a.Errors[0].Code() == "FIELD_DENIED"
		if denied != under || denied && c.Last().Statements != 0 {
			t.Errorf("%s, under a rule: %t, is answered %.200s after %d statements", what, under, a.Body, c.Last().Statements)
		}
		if denied {
			refused++
			if refused%7 == 0 {
				c.Ask("admin", query, nil).Good()
			}
		}
		c.Ask("admin", query, nil).Good()
	}
	for _, d := range reports.Datasets() {
		if d == reports.Competition {
			continue
		}
		root := strings.ToLower(d.Noun[:1]) + d.Noun[1:] + "Report"
		for i, dimension := range d.Dimensions {
			if dimension.Rule != "" || i%3 == 0 {
				ask(d.Name+" by "+dimension.Name, fmt.Sprintf("{ %s(by: [%s], first: 1) { rows { count } } }", root, dimension.Name), dimension.Rule != "")
			}
		}
		for _, m := range d.Measures {
			ask(d.Name+" sorted by "+m.Name, fmt.Sprintf("{ %s(by: [%s], orderBy: [{measure: %s}]) { rows { count } } }", root, d.Dimensions[0].Name, m.Order()), m.Rule != "")
			if m.Additive() {
				ask("the share of "+m.Name, fmt.Sprintf("{ %s { total { count shareOfTotal(measure: %s) runningTotal(measure: %[2]s) } } }", root, m.Order()), m.Rule != "")
			}
		}
	}
	if refused < 40 {
		t.Errorf("only %d are refused", refused)
	}
}

// TestNoProtectedFieldIsWrittenUnread writes each protected field that a mutation takes, in the input itself and in lists inside
// of it, to records that he may change, as somebody who reads it on no record: refused by the field's name.
func TestNoProtectedFieldIsWrittenUnread(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	login, w, fields, inside := blind(t, c), newWalk(), 0, 0
	change(t, c, "update grants set level = 'MANAGE' where grantee_role_id = (select id from roles where code = 'analyst')")
	for _, mutation := range w.schema.Mutation.Fields {
		input := mutation.Arguments[0].Type
		for name, value := range w.writing(t, c, input.Name()) {
			a := c.Ask(login, fmt.Sprintf("mutation($i: %s) { it: %s(input: $i) { userErrors { code field } } }", input.String(), mutation.Name), map[string]any{"i": value})
			denied := a.Refused("FIELD_DENIED")
			path := fmt.Sprint(denied.Extensions["field"])
			if last := name[strings.LastIndex(name, ".")+1:]; !strings.HasSuffix(path, last+"]") {
				t.Errorf("%s with %s is refused at %s", mutation.Name, name, path)
			}
			fields++
			if strings.Contains(name, ".") {
				inside++
			}
		}
	}
	if fields < 30 || inside < 5 {
		t.Errorf("%d fields of inputs are refused, %d of them inside of lists", fields, inside)
	}
}

// writing gives for each protected field of an input, and of the lists in it, a whole value that names it.
func (w walk) writing(t *testing.T, c *servertest.Company, input string) map[string]map[string]any {
	values := map[string]map[string]any{}
	for _, f := range w.schema.Types[input].Fields {
		of := w.schema.Types[f.Type.Name()]
		if underRule(f) {
			value := map[string]any{"Decimal": "1", "Date": "2000-01-01"}[of.Name]
			if value == nil {
				value = "CNY"
			}
			values[f.Name] = w.needed(t, c, input)
			values[f.Name][f.Name] = value
		}
		if of.Kind != ast.InputObject || f.Type.Elem == nil {
			continue
		}
		for name, inner := range w.writing(t, c, of.Name) {
			value := w.needed(t, c, input)
			value[f.Name] = []any{inner}
			values[f.Name+"."+name] = value
		}
	}
	return values
}

// needed fills in what an input must have.
func (w walk) needed(t *testing.T, c *servertest.Company, input string) map[string]any {
	value := map[string]any{}
	for _, f := range w.schema.Types[input].Fields {
		if !f.Type.NonNull || f.DefaultValue != nil || f.Type.Elem != nil {
			continue
		}
		value[f.Name] = "x"
		if f.Type.Name() == "ID" {
			name := strings.ToUpper(f.Name[:1]) + f.Name[1:]
			if f.Name == "id" {
				name = input
			}
			var kind *access.Kind
			for _, k := range access.Kinds {
				if strings.HasPrefix(name, k.Model.Name()) && (kind == nil || len(k.Model.Name()) > len(kind.Model.Name())) {
					kind = k
				}
			}
			value[f.Name] = idsOf(t, c, "select id from "+kind.Table+" order by id limit 1")[0]
		}
	}
	return value
}

// TestWhatOneReadsMaskedOrNotAtAllOnARecordIsNotWrittenThere writes protected fields of records of another's, which one manages by a
// share: a form that sends back the masked number it was given would else write it over the number.
func TestWhatOneReadsMaskedOrNotAtAllOnARecordIsNotWrittenThere(t *testing.T) {
	o := newOffice(t, "owner")
	o.does("admin", "roleCreate", "role", `code: "clerk", name: "clerk", permissions: [CUSTOMER_READ, CUSTOMER_CREATE, CUSTOMER_UPDATE, CONTACT_READ, CONTACT_UPDATE,
		OPPORTUNITY_READ, OPPORTUNITY_CREATE, OPPORTUNITY_UPDATE, SERVICE_READ, SERVICE_UPDATE], fieldRights: [{rule: CONTACT_DETAILS, relation: OWN, access: FULL},
		{rule: CONTACT_DETAILS, relation: OTHER, access: MASKED}, {rule: AMOUNTS, relation: OWN, access: FULL}, {rule: COSTS, relation: OWN, access: FULL}]`)
	o.hire("clerk", "clerk")
	product := o.does("admin", "productCreate", "product", `name: "product", code: "p"`)
	rival := o.does("admin", "competitorCreate", "competitor", `name: "rival"`)
	met := o.does("admin", "competitorCreate", "competitor", `name: "met"`)
	customer := o.does("owner", "customerCreate", "customer", `name: "customer", kind: PERSON, phone: "13812345678"`)
	contact := o.does("owner", "contactCreate", "contact", `name: "contact", phone: "13812345678"`)
	deal := o.does("owner", "opportunityCreate", "opportunity", `title: "deal", amount: "7", encounters: [{competitor: %q, quotedPrice: "8"}]`, met)
	repair := o.does("owner", "serviceCreate", "service", `title: "repair", cost: "7"`)
	for _, record := range []string{customer, contact, deal, repair} {
		o.share("owner", record, o.user("clerk"), manage)
	}
	encounter := o.Ask("owner", "query($id: ID!) { opportunity(id: $id) { encounters { id } } }", map[string]any{"id": deal}).Good().Text("opportunity.encounters.0.id")
	line := fmt.Sprintf("{product: %q}", product)
	for _, try := range [][]string{
		{"customerUpdate", customer, `phone: "138****5678"`}, {"customerUpdate", customer, `email: null`}, {"contactUpdate", contact, `phone: "138****5678"`},
		{"opportunityUpdate", deal, `amount: "5"`}, {"opportunityUpdate", deal, `currency: "USD"`}, {"serviceUpdate", repair, `cost: null`},
		{"opportunityLinesReplace", deal, fmt.Sprintf(`lines: [%s, {product: %q, amount: "1"}]`, line, product)},
		{"encounterUpdate", encounter, `quotedPrice: "1"`},
	} {
		o.Ask("clerk", fmt.Sprintf("mutation { it: %s(input: {id: %q, %s}) { userErrors { code } } }", try[0], try[1], try[2]), nil).Refused("FIELD_DENIED")
	}
	o.Ask("clerk", fmt.Sprintf("mutation { it: encounterAdd(input: {opportunity: %q, competitor: %q, quotedPrice: %q}) { userErrors { code } } }", deal, rival, "1"), nil).Refused("FIELD_DENIED")
	o.does("clerk", "customerUpdate", "customer", `id: %q, name: "renamed"`, customer)
	o.does("clerk", "encounterAdd", "opportunity", `opportunity: %q, competitor: %q`, deal, rival)
	o.does("clerk", "opportunityLinesReplace", "opportunity", `id: %q, lines: [%s]`, deal, line)
	own := o.does("clerk", "customerCreate", "customer", `name: "own", kind: PERSON`)
	o.does("clerk", "customerUpdate", "customer", `id: %q, phone: "13812345678"`, own)
	kept := o.Ask("owner", "query($c: ID!, $k: ID!, $o: ID!, $s: ID!) { customer(id: $c) { phone } contact(id: $k) { phone } opportunity(id: $o) { amount { amount currency } } service(id: $s) { cost { amount } } }",
		map[string]any{"c": customer, "k": contact, "o": deal, "s": repair}).Good()
	for path, want := range map[string]string{"customer.phone": "13812345678", "contact.phone": "13812345678", "opportunity.amount.amount": "7", "opportunity.amount.currency": "CNY", "service.cost.amount": "7"} {
		if got := kept.Text(path); got != want {
			t.Errorf("%s is %q now", path, got)
		}
	}
}
