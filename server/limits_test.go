package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"guanxi/operations"
	"guanxi/server/servertest"
)

// deep asks for departments above departments, n levels deep.
func deep(n int) string {
	return "{ departments { nodes { " + strings.Repeat("parent { ", n-3) + "id" + strings.Repeat(" }", n)
}

func many(n int, each func(i int) string) string {
	var text strings.Builder
	for i := range n {
		text.WriteString(each(i) + " ")
	}
	return text.String()
}

func TestADocumentThatIsTooLargeIsRefusedBeforeAnythingIsDone(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	alias := func(i int) string { return fmt.Sprintf("a%d: name", i) }
	double := func(i int) string {
		return fmt.Sprintf("fragment F%d on Department { parent { ...F%d } parent { ...F%d } }", i, i+1, i+1)
	}
	for name, document := range map[string]struct{ query, says string }{
		"depth":               {deep(11), "11 levels"},
		"depth in a fragment": {"{ departments { nodes { ...D } } } fragment D on Department { " + strings.Repeat("parent { ", 8) + "id" + strings.Repeat(" }", 8) + " }", "11 levels"},
		"aliases":             {"{ departments { nodes { " + many(31, alias) + "} } }", "31 aliases"},
		"root fields":         {"{ " + many(11, func(i int) string { return fmt.Sprintf("a%d: __typename", i) }) + "}", "11 root fields"},
		"mutations": {"mutation { " + many(6, func(i int) string {
			return fmt.Sprintf(`a%d: customerClaim(input: {id: "x"}) { userErrors { code } }`, i)
		}) + "}", "6 root fields"},
		"directives":            {"{ __typename " + strings.Repeat("@skip(if: false) ", 21) + "}", "21 directives"},
		"fields side by side":   {"{ departments { nodes { " + strings.Repeat("name ", 201) + "} } }", "201 fields side by side"},
		"introspection depth":   {"{ __schema { types { " + strings.Repeat("ofType { ", 20) + "name" + strings.Repeat(" }", 22) + " }", "introspection"},
		"fragments that double": {"{ departments { nodes { ...F0 } } } " + many(30, double) + "fragment F30 on Department { id }", "at most"},
	} {
		began := time.Now()
		a := c.Ask("admin", document.query, nil)
		if len(a.Errors) != 1 || a.Errors[0].Code() != "LIMIT_EXCEEDED" || !strings.Contains(a.Errors[0].Message, document.says) || a.Data != nil {
			t.Errorf("%s: answered %s", name, a.Body)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: refusing took %s", name, took)
		}
	}
	c.Ask("admin", deep(10), nil).Good()
}

func TestDocumentsThatCannotBeMeasuredAreRefused(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	c.Ask("admin", "{ departments { nodes { ...A } } } fragment A on Department { ...B } fragment B on Department { ...A }", nil).Refused("BAD_INPUT")
	if a := c.Ask("admin", "{ "+strings.Repeat("__typename ", 2000)+"}", nil); a.Refused("GRAPHQL_PARSE_FAILED").Message == "" {
		t.Errorf("answered %s", a.Body)
	}
	c.Ask("admin", "{ "+strings.Repeat("x {", 900), nil).Refused("GRAPHQL_PARSE_FAILED")
	c.Ask("admin", "{ departments { nodes { name }", nil).Refused("GRAPHQL_PARSE_FAILED")
}

func TestTheUsersOwnRequestsStayWithinTheLimits(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for _, file := range operations.Files() {
		// an operation that is not there is asked for, so that nothing is carried out
		a := c.Send(http.MethodPost, "/graphql", []byte(fmt.Sprintf(`{"query":%q,"operationName":"None"}`, file.Document)),
			"Content-Type", "application/json", "Authorization", "Bearer "+c.Token("admin"))
		if e := a.Refused("GRAPHQL_VALIDATION_FAILED"); !strings.Contains(e.Message, "operation None not found") {
			t.Errorf("%s: %s", file.Name, a.Body)
		}
	}
}

func TestNoRefusalSuggestsWhatElseThereIs(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for _, query := range []string{
		"{ custmers { totalCount } }", "{ customers(frst: 1) { totalCount } }", "{ customers { totlCount } }", "{ customers { nodes { nme } } }",
		`{ customers(where: {nme: {eq: "x"}}) { totalCount } }`, "{ customers(orderBy: [{field: NAM}]) { totalCount } }",
		"query($w: CustmerWhere) { customers(where: $w) { totalCount } }", "{ customers }", "{ ...F } fragment F on Custmer { id }",
	} {
		a := c.Ask("admin", query, nil)
		if a.Refused("GRAPHQL_VALIDATION_FAILED"); strings.Contains(strings.ToLower(string(a.Body)), "did you mean") {
			t.Errorf("%s: %s", query, a.Body)
		}
	}
	a := c.Ask("admin", "query($w: CustomerWhere) { customers(where: $w) { totalCount } }", map[string]any{"w": map[string]any{"nme": nil}})
	if e := a.Refused("GRAPHQL_VALIDATION_FAILED"); !strings.Contains(e.Message, "nme") && !strings.Contains(fmt.Sprint(e.Path), "nme") {
		t.Errorf("an unknown field in a variable: %s", a.Body)
	}
}

func TestValuesThatNoFieldMayHoldAreRefusedByPlace(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const rename = "mutation($i: CustomerUpdateInput!) { customerUpdate(input: $i) { userErrors { code } } }"
	for place, ask := range map[string]func() *servertest.Answer{
		"i.name": func() *servertest.Answer {
			return c.Ask("admin", rename, map[string]any{"i": map[string]any{"id": "x", "name": "a\x00b"}})
		},
		"w.or.1.name.eq": func() *servertest.Answer {
			return c.Ask("admin", "query($w: CustomerWhere) { customers(where: $w) { totalCount } }",
				map[string]any{"w": map[string]any{"or": []any{map[string]any{}, map[string]any{"name": map[string]any{"eq": "\x00"}}}}})
		},
		"customers.where.name.in.0": func() *servertest.Answer {
			return c.Ask("admin", `{ customers(where: {name: {in: ["\u0000"]}}) { totalCount } }`, nil)
		},
	} {
		if e := ask().Refused("BAD_INPUT"); !strings.Contains(e.Message, place+" holds a NUL") {
			t.Errorf("at %s: %s", place, e.Message)
		}
	}
	a := c.Ask("admin", `{ opportunities(where: {openedOn: {gte: "2026-02-30"}}) { totalCount } }`, nil)
	if e := a.Refused("BAD_INPUT"); fmt.Sprint(e.Path) != "[opportunities where openedOn gte]" || !strings.Contains(e.Message, "2026-02-30") {
		t.Errorf("a day that does not exist: %s", a.Body)
	}
	a = c.Ask("admin", "{ customers(first: -1) { totalCount nodes { id } } }", nil)
	if len(a.Errors) == 0 || a.Errors[0].Code() == "INTERNAL" {
		t.Errorf("a negative page: %s", a.Body)
	}
}

func TestTheNumberOfStatementsFollowsFromTheSelection(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const query = `query($n: Int!) { customers(first: $n) { totalCount nodes { name owner { name } region { label }
		contacts(first: 3) { totalCount edges { role node { name owner { name } } } }
		opportunities(first: 3) { nodes { title stage { name } owner { name } encounters { competitor { name } } lines { product { name } } } }
		services(first: 2) { nodes { title assignee { name } } } documents(first: 2) { nodes { name category { label } } }
		relationships(first: 2) { edges { label node { strength } } } } } }`
	statements := func(n int) int {
		for range 2 { // for the second time what everyone sees alike is kept
			a := c.Ask("director", query, map[string]any{"n": n}).Good()
			if got := len(a.List("customers.nodes")); got != n {
				t.Fatalf("asked for %d customers, got %d", n, got)
			}
		}
		return c.Last().Statements
	}
	few, lots := statements(5), statements(50)
	if few != lots || lots == 0 || lots > 40 {
		t.Errorf("%d statements for 5 customers, %d for 50", few, lots)
	}
}
