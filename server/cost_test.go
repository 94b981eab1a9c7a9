package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"guanxi/fault"
	"guanxi/operations"
	"guanxi/store"
)

// bare is an engine without a database: reading and measuring need none.
func bare() *engine { return New(Options{Store: &store.Store{}}).engine }

// weighed reads a document and weighs its only operation.
func weighed(t *testing.T, e *engine, text string, variables string) (weight, error) {
	t.Helper()
	a, err := e.prepare(request{RawParams: sent(t, text, variables)})
	return a.weight, err
}

func TestCostIsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	e := bare()
	for query, want := range map[string]weight{
		"{ __typename }":                                            {},
		"{ viewer { user { name } } }":                              {cost: 2},
		"{ customers { totalCount } }":                              {cost: 1},
		"{ customers { nodes { name } } }":                          {cost: 21, nodes: 20},
		"{ customers(first: 7) { nodes { name } } }":                {cost: 8, nodes: 7},
		"{ customers(last: 7) { edges { cursor node { name } } } }": {cost: 15, nodes: 7},
		"{ customers(first: null) { nodes { name } } }":             {cost: 21, nodes: 20},
		"query($n: Int = 3) { customers(first: $n) { nodes { name } pageInfo { endCursor } } }":                                           {cost: 5, nodes: 3},
		"{ customers(first: 10) { nodes { owner { name } contacts(first: 5) { nodes { name } } } } }":                                     {cost: 1 + 10*(1+1+1+5), nodes: 10 + 50},
		"{ customers(first: 10) { ...F } } fragment F on CustomerConnection { nodes { name } }":                                           {cost: 11, nodes: 10},
		"{ customers(first: 10) { ... { ... on CustomerConnection { nodes { name } } } } }":                                               {cost: 11, nodes: 10},
		"{ a: customers(first: 2) { ...F } b: customers(first: 9) { ...F } } fragment F on CustomerConnection { nodes { name } }":         {cost: 2 + 2 + 9, nodes: 11},
		`{ node(id: "x") { ... on Opportunity { lines { product { name } } } } }`:                                                         {cost: 1 + 20*2, nodes: 20},
		`{ nodes(ids: ["a", "b", "c"]) { id } }`:                                                                                          {cost: 3, nodes: 3},
		`{ paths(from: "a", to: "b") { steps { party { id } } } }`:                                                                        {cost: 3 * (1 + 20*2), nodes: 3 + 60},
		`{ node(id: "x") { ... on Customer { network(first: 50) { nodes { hops } edges { label } } } } }`:                                 {cost: 1 + 1 + 50 + 50, nodes: 100},
		"{ opportunityReport { total { count } } }":                                                                                       {cost: 50, reports: 1},
		"{ opportunityReport(by: [OWNER, REGION]) { rows { keys { label } count wonAmount { amount } previous { count } } } }":            {cost: 70, reports: 1},
		"{ opportunityReport(by: OWNER, first: 30) { rows { records(first: 10) { nodes { id } } } total { records { nodes { id } } } } }": {cost: 60 + 30*(1+10) + 1 + 20, nodes: 300 + 20, reports: 1},
		"{ lossRate(by: [OWNER], first: 3) { rows { records { nodes { amount { amount } } } } } }":                                        {cost: 60 + 3*(1+20*2), nodes: 60, reports: 1},
		"{ competitorAnalysis(first: 5) { rows { competitor { name } breakdown(by: REGION) { encounters } trend(by: CLOSED_QUARTER) { encounters } } } }": {
			cost: 50 + 5 + 10 + 10, reports: 1},
		"{ competitorAnalysis { mixWarnings(within: REGION) { sentence strata { weight higher { value } } } } }": {cost: 50 + 10, reports: 1},
		"{ competitorAnalysis { mixWarnings { sentence } } }":                                                    {cost: 50 + 40, reports: 1},
		"{ competitorAnalysis(first: 5) { rows { lossReasons { reason { label } } } } }":                         {cost: 50 + 5*10, reports: 1},
		`{ simulateAccess(changes: [{userDeactivate: "x"}, {userDeactivate: "y"}]) { users(first: 3) { nodes { gained { count } } } } }`: {
			cost: 700 + 1 + 3*(1+20), nodes: 3 * 21},
		"{ __schema { types { name fields { name } } } customers { totalCount } }":                      {cost: 1001},
		`mutation { customerClaim(input: {id: "x"}) { customer { id } userErrors { code } } }`:          {cost: 1 + 1 + 20, nodes: 20},
		`mutation { userPasswordSet(input: {user: "x", newPassword: "y"}) { userErrors { message } } }`: {cost: 21, nodes: 20, checks: 1},
		"{ opportunityReport(by: OWNER) { rows { records { nodes { id owner { id } } } } } }":           {cost: 60 + 1000 + 100*20*2, nodes: 2000, reports: 1},
		"{ opportunityReport(by: OWNER, first: 5000) { rows { records { edges { node { id } } } } } }":  {cost: 60 + 5000 + 5000*2, nodes: 5000, reports: 1},
		"{ opportunityReport(by: OWNER, first: 101) { rows { records(first: 20) { nodes { id } } } } }": {cost: 60 + 101*21, nodes: 2020, reports: 1},
		"{ competitorAnalysis { rows { competitor { id } records { totalCount nodes { id } } } } }":     {cost: 50 + 1000 + 1000 + 2000, nodes: 2000, reports: 1},
	} {
		got, err := weighed(t, e, query, "{}")
		if err != nil || got != want {
			t.Errorf("%s\nweighs %+v, not %+v (%v)", query, got, want, err)
		}
	}
}

func TestWhatIsPassedByVariablesCostsAsMuch(t *testing.T) {
	t.Parallel()
	e := bare()
	const query = "query($n: Int, $by: [OpportunityDimension!]) { customers(first: $n) { nodes { name } } opportunityReport(by: $by) { total { count } } }"
	for variables, cost := range map[string]int{
		`{}`:                              1 + 20 + 50,
		`{"n": null}`:                     1 + 20 + 50,
		`{"n": 9, "by": ["OWNER"]}`:       1 + 9 + 60,
		`{"n": 100, "by": ["A","B","C"]}`: 1 + 100 + 80,
	} {
		if got, err := weighed(t, e, query, variables); err != nil || got.cost != cost {
			t.Errorf("with %s it costs %d, not %d (%v)", variables, got.cost, cost, err)
		}
	}
}

// TestEveryOperationOfTheUsersStaysWithinTheLimits prints what the users' own requests come to.
func TestEveryOperationOfTheUsersStaysWithinTheLimits(t *testing.T) {
	t.Parallel()
	e := bare()
	for _, file := range operations.Files() {
		d, err := e.read(file.Document)
		if err != nil {
			t.Fatalf("%s: %v", file.Name, err)
		}
		for _, operation := range d.Operations {
			w, err := e.weigh(d.QueryDocument, operation, nil)
			if err != nil {
				t.Errorf("%s: %v", operation.Name, err)
			}
			t.Logf("%s: depth %d, cost %d, %d entries", operation.Name, d.sizes[operation].depth, w.cost, w.nodes)
		}
	}
}

func TestEveryReportIsMarked(t *testing.T) {
	t.Parallel()
	for _, field := range bare().schema.Query.Fields {
		permission := field.Directives.ForName("allow")
		if permission == nil || permission.Arguments.ForName("permission").Value.Raw != "REPORT" || field.Type.Elem != nil {
			continue
		}
		if field.Directives.ForName("report") == nil {
			t.Errorf("%s needs the permission REPORT and is not marked @report", field.Name)
		}
	}
}

// FuzzMeasuring holds what is measured of any document that can be read against a count of the document written out whole.
// The seeds run with the tests.
func FuzzMeasuring(f *testing.F) {
	for _, file := range operations.Files() {
		f.Add(file.Document, `{"period": {"from": "2026-01-01"}}`)
	}
	for _, text := range []string{
		"query($n: Int = 5) { customers(first: $n) { ...A nodes { ...B } } } fragment A on CustomerConnection { edges { node { ...B } } } fragment B on Customer { a: owner { name } contacts(last: $n) { ...C } } fragment C on CustomerContactConnection { nodes { id } }",
		"{ ...A ...A } fragment A on Query { ...B ...B } fragment B on Query { customers(first: 2147483647) { nodes { documents(first: -1) { nodes { revisions { revision } } } } } }",
		"query($n: Int) { x: opportunityReport(by: OWNER) { rows { records { nodes { owner { id } } pageInfo { endCursor } } } } competitorAnalysis(first: 300) { rows { breakdown(by: REGION, first: 700) { records(first: $n) { edges { node { id } } } } records { nodes { lines { id } } } } } }",
		"{ x: opportunityReport(by: [OWNER, REGION], first: 9) { rows { ...R } total { ...R } } competitorAnalysis { rows { breakdown(by: REGION, first: 3) { key { label } } records { nodes { id } } competitor { id } } } } fragment R on OpportunityReportRow { previous { records { edges { node { id } } } } }",
		"{ __schema { types { fields { args { type { ofType { name } } } } } } nodes(ids: [\"a\", \"b\"]) { id ... on Customer { network { edges { a { id } } } } } }",
		"{ customers { nodes { name name: id owner { id } owner: createdBy { id } } } ... on Query { customers { nodes { name } } } }",
		"mutation M { a: userPasswordSet(input: {user: \"x\"}) { userErrors { code } } } query Q { __typename @skip(if: true) @include(if: false) }",
		"fragment A on Customer { ...B } fragment B on Customer { ...A } { customers { nodes { ...A } } }",
		"{ customers(where: {and: [{or: [{not: {name: {eq: \"x\"}}}]}]}, first: 3) { nodes { __typename } } }",
	} {
		f.Add(text, `{"n": 17}`)
	}
	e := bare()
	f.Fuzz(func(t *testing.T, text, variables string) {
		var told map[string]any
		if err := intoMap([]byte(variables), "variables", &told); err != nil {
			t.Skip()
		}
		d, err := e.read(text)
		if err != nil {
			refusedForAReason(t, text, err)
			return
		}
		for _, operation := range d.Operations {
			n := &naive{engine: e, document: d.QueryDocument, values: values{operation, told}, budget: 10 * maxFields}
			n.count(operation)
			if got := d.sizes[operation]; got.depth != n.depth || got.fields != n.fields || got.aliases != n.aliases || got.breadth != n.breadth {
				t.Errorf("measured %+v, written out it is depth %d, %d fields, %d aliases, %d roots", got, n.depth, n.fields, n.aliases, n.breadth)
			}
			w, _ := e.weigh(d.QueryDocument, operation, told)
			if want := (weight{cost: n.points(), nodes: small(&n.nodes), reports: n.reports, checks: n.checks}); w != want {
				t.Errorf("weighed %+v, written out it is %+v", w, want)
			}
		}
		if ours, theirs, _ := conflictsIn(e, d); ours != theirs {
			t.Errorf("conflicts: %v, the library says %v", ours, theirs)
		}
	})
}

// refusedForAReason holds a refusal for too many fields or levels against the document written out.
func refusedForAReason(t *testing.T, text string, err error) {
	t.Helper()
	var f *fault.Fault
	if errors.As(err, &f) && (f.Sentence.En == "" || f.Sentence.Zh == "") {
		t.Errorf("%q is refused in one language only: %v", text, f.Sentence)
	}
}

// conflictsIn holds the rule of one pass against the library's, which compares each field with each. They are asked only
// about documents that keep the other rules: in others what conflicts is nobody's question.
func conflictsIn(e *engine, d *document) (ours, theirs, judged bool) {
	if len(validator.ValidateWithRules(e.schema, d.QueryDocument, withoutMerging())) > 0 {
		return false, false, false
	}
	breaks := func(list *rules.Rules) bool {
		return len(validator.ValidateWithRules(e.schema, d.QueryDocument, list)) > 0
	}
	return breaks(rulesOfDocuments()), breaks(rules.NewDefaultRules()), true
}

func withoutMerging() *rules.Rules {
	list := rules.NewDefaultRules()
	list.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	return list
}

// naive counts a document written out whole, from the top down, in numbers without bounds.
type naive struct {
	*engine

	document                        *ast.QueryDocument
	values                          values
	budget                          int
	depth, fields, aliases, breadth int
	reports, checks, dimensions     int
	cost, nodes                     big.Int
}

func (n *naive) count(o *ast.OperationDefinition) {
	root := n.schema.Query
	if o.Operation == ast.Mutation {
		root = n.schema.Mutation
	}
	n.set(o.SelectionSet, root, 1, false, objects{big.NewInt(1), big.NewInt(1)}, unpaged)
}

func (n *naive) points() int {
	return small(new(big.Int).Add(&n.cost, big.NewInt(int64(n.dimensions))))
}

// small gives a number, or the largest that is counted to.
func small(x *big.Int) int {
	if x.Cmp(big.NewInt(most)) > 0 {
		return most
	}
	return int(x.Int64())
}

// objects are as many as there are of a thing; opened is the number of those behind rows of which 20 records are read.
type objects struct{ all, opened *big.Int }

func (o objects) times(n int) objects {
	rows := n
	if n > 100 {
		rows = max(100, (n+19)/20)
	}
	return objects{new(big.Int).Mul(o.all, big.NewInt(int64(n))), new(big.Int).Mul(o.opened, big.NewInt(int64(rows)))}
}

// set counts what is selected on each of so many objects; their lists are as long as the page they were asked for.
func (n *naive) set(set ast.SelectionSet, on *ast.Definition, depth int, inside bool, of objects, page int) {
	for _, one := range set {
		switch one := one.(type) {
		case *ast.Field:
			n.field(one, on, depth, inside, of, page)
		case *ast.InlineFragment:
			if one.TypeCondition != "" {
				n.set(one.SelectionSet, n.schema.Types[one.TypeCondition], depth, inside, of, page)
			} else {
				n.set(one.SelectionSet, on, depth, inside, of, page)
			}
		case *ast.FragmentSpread:
			if d := n.document.Fragments.ForName(one.Name); d != nil {
				n.set(d.SelectionSet, n.schema.Types[d.TypeCondition], depth, inside, of, page)
			}
		}
	}
}

func (n *naive) field(f *ast.Field, on *ast.Definition, depth int, inside bool, of objects, page int) {
	if n.budget--; n.budget < 0 {
		panic("a document that was let in is larger than allowed")
	}
	n.fields++
	if depth == 1 {
		n.breadth++
	}
	if f.Alias != f.Name {
		n.aliases++
	}
	if !inside {
		n.depth = max(n.depth, depth)
	}
	inside = inside || f.Name == "__schema" || f.Name == "__type"
	below, next, length := n.weighField(f, on, of, page)
	n.set(f.SelectionSet, below, depth+1, inside, next, length)
}

func (n *naive) weighField(f *ast.Field, on *ast.Definition, next objects, page int) (*ast.Definition, objects, int) {
	none := objects{big.NewInt(0), big.NewInt(0)}
	if f.Name == "__schema" || f.Name == "__type" {
		n.cost.Add(&n.cost, new(big.Int).Mul(next.all, big.NewInt(introspectionCost)))
		return nil, none, 0
	}
	if on == nil || on.Fields.ForName(f.Name) == nil {
		return nil, none, 0
	}
	definition := on.Fields.ForName(f.Name)
	of := n.schema.Types[definition.Type.Name()]
	if of.Kind != ast.Object && of.Kind != ast.Interface && of.Kind != ast.Union {
		return nil, none, 0
	}
	price, row := big.NewInt(1), n.plain[on] && n.plain[of]
	if row {
		price = none.all
	}
	length, told := n.length(f, definition, of)
	if definition.Directives.ForName("report") != nil {
		price = big.NewInt(50)
		n.reports++
	}
	if definition.Directives.ForName("simulation") != nil {
		price = big.NewInt(int64(500 + 100*n.values.length(f, "changes")))
	}
	if definition.Directives.ForName("asksReports") != nil {
		price = big.NewInt(2_000)
		n.reports++
	}
	if definition.Directives.ForName("report") != nil || n.plain[on] {
		n.dimensions += 10 * (n.values.length(f, "by") + n.values.length(f, "within"))
		if f.Name == "mixWarnings" && n.values.length(f, "within") == 0 {
			n.dimensions += 40
		}
	}
	if definition.Directives.ForName("once") != nil {
		n.checks++
	}
	list := strings.HasPrefix(definition.Type.String(), "[")
	if list {
		if !told {
			length = page
		}
		next = next.times(length)
		if !row {
			n.nodes.Add(&n.nodes, next.all)
		}
		length = 20
	} else if !told {
		length = 20
	}
	n.cost.Add(&n.cost, new(big.Int).Mul(next.all, price))
	if _, given := n.values.number(f, "first"); n.plain[on] && strings.HasSuffix(of.Name, "Connection") && !given {
		next.all = next.opened
	}
	return of, next, length
}

func (n *naive) length(f *ast.Field, definition *ast.FieldDefinition, of *ast.Definition) (int, bool) {
	if definition.Arguments.ForName("ids") != nil {
		return n.values.length(f, "ids"), true
	}
	if definition.Arguments.ForName("first") == nil {
		return 0, false
	}
	largest := 5000
	if strings.HasSuffix(of.Name, "Connection") {
		largest = 100
	}
	longest := 0
	for _, name := range []string{"first", "last"} {
		if asked, has := n.values.number(f, name); has {
			longest = max(longest, max(1, min(asked, largest)))
		}
	}
	if longest == 0 {
		longest = 20
		if standard := definition.Arguments.ForName("first").DefaultValue; standard != nil {
			fmt.Sscan(standard.Raw, &longest)
		}
	}
	return longest, true
}

// sent makes a request as a client sends it.
func sent(t *testing.T, text, variables string) *graphql.RawParams {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": text, "variables": json.RawMessage(variables)})
	if err != nil {
		t.Fatal(err)
	}
	params, err := fromJSON(body)
	if err != nil {
		t.Fatal(err)
	}
	return params
}
