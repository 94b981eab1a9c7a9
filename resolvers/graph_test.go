package resolvers_test

import (
	"encoding/json"
	"os"
	"testing"

	"guanxi/server/servertest"
)

// own carries out one of the requests that frontends are built on, as the user, in a language.
func own(t *testing.T, c *servertest.Company, login, language, operation string, variables map[string]any) *servertest.Answer {
	t.Helper()
	text, err := os.ReadFile("../operations/customer360.graphql")
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"query": string(text), "operationName": operation, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return c.Send("POST", "/graphql", body, "Content-Type", "application/json", "Accept-Language", language, "Authorization", "Bearer "+c.Token(login)).Good()
}

// busy finds a customer with contacts and documents that the user sees.
func busy(c *servertest.Company, login string) string {
	return c.Ask(login, "{ customers(first: 1, where: {documents: {some: {}}, contacts: {some: {}}}) { nodes { id } } }", nil).Good().Text("customers.nodes.0.id")
}

func TestACustomerIsSeenWithEverythingStrungToIt(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	id := busy(c, "director")
	a := own(t, c, "director", "en", "Customer360", map[string]any{"id": id})
	zh := own(t, c, "director", "zh", "Customer360", map[string]any{"id": id})
	if n := c.Last().Statements; n > 60 {
		t.Errorf("%d statements", n)
	}
	if got := len(a.List("customer.contacts.edges")); float64(got) != min(10, a.Number("customer.contacts.totalCount")) {
		t.Errorf("%d contacts of %v", got, a.Number("customer.contacts.totalCount"))
	}
	for _, e := range a.List("customer.relationships.edges") {
		edge := e.(map[string]any)
		other := edge["other"].(map[string]any)
		if edge["label"] == "" || other["id"] == id || other["__typename"] == "Contact" && edge["label"] != "employs" {
			t.Errorf("relationship %v", edge)
		}
	}
	if en, zh := a.Text("customer.relationships.edges.0.label"), zh.Text("customer.relationships.edges.0.label"); en == zh {
		t.Errorf("the label is %q in both languages", en)
	}
	if a.Text("customer.network.nodes.0.party.id") != id || a.Number("customer.network.nodes.0.hops") != 0 || len(a.List("customer.network.edges")) == 0 {
		t.Errorf("the net begins with %v", a.Get("customer.network.nodes.0"))
	}
	last := ""
	for i, e := range a.List("customer.timeline.edges") {
		at := e.(map[string]any)["node"].(map[string]any)["at"].(string)
		if i > 0 && at > last {
			t.Errorf("%s stands behind %s in the timeline", at, last)
		}
		last = at
	}
	if last == "" {
		t.Error("the timeline is empty")
	}
}

func TestNothingIsNearADeletedCustomer(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	id := busy(c, "admin")
	c.Ask("admin", "mutation($id: ID!) { customerDelete(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": id}).Good()
	a := c.Ask("admin", "{ deletedCustomers(first: 20) { nodes { id network { nodes { hops } edges { label } truncated } } } }", nil).Good()
	for _, node := range a.List("deletedCustomers.nodes") {
		deleted := node.(map[string]any)
		if near := deleted["network"].(map[string]any); deleted["id"] == id && len(near["nodes"].([]any)) == 0 && len(near["edges"].([]any)) == 0 {
			return
		}
	}
	t.Errorf("answered %s", a.Body)
}

// A kind of party or of entry that only some customers have costs a statement when the first of it comes, and none for
// any further.
func TestWhatIsStrungToManyCustomersTakesABoundedNumberOfStatements(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const query = `query($n: Int!) { customers(first: $n) { nodes { id
		contacts(first: 2) { totalCount edges { primary relationship { type { code } } node { name customers(first: 2) { nodes { name } } } } }
		relationships(first: 5) { totalCount edges { label other { name } node { a { id } b { id } } } }
		timeline(first: 5) { totalCount nodes { __typename summary by { name } } }
		network(depth: 1, first: 5) { nodes { party { name } } edges { a { id } b { name } relationship { strength } } } } } }`
	statements := func(n int) int {
		c.Ask("director", query, map[string]any{"n": n}).Good()
		return c.Last().Statements
	}
	if few, lots := statements(20), statements(100); lots > 40 || lots > few+8 {
		t.Errorf("%d statements for 20 customers, %d for 100", few, lots)
	}
}

func TestContactEnteredAtACustomerIsFoundAndHisAffiliationEnds(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	id := busy(c, "director")
	made := c.Ask("director", `mutation($c: ID!) { contactCreate(input: {name: "欧阳试", phone: "138 0000 9876", customer: $c, role: BUYER, title: "采购", primary: true}) {
		contact { id phone customers { totalCount edges { role title primary relationship { id version } node { id } } } } userErrors { code } } }`, map[string]any{"c": id}).Good()
	if made.Text("contactCreate.contact.customers.edges.0.node.id") != id || made.Text("contactCreate.contact.customers.edges.0.title") != "采购" || made.Text("contactCreate.contact.phone") != "138 0000 9876" {
		t.Fatalf("made %s", made.Body)
	}
	for text, how := range map[string]string{"欧阳试": "NAME", "ouyangshi": "PINYIN", "00009876": "PHONE"} {
		hits := own(t, c, "director", "en", "Find", map[string]any{"text": text})
		if hits.Text("search.nodes.0.record.name") != "欧阳试" || hits.Text("search.nodes.0.matched") != how {
			t.Errorf("%s finds %s", text, hits.Body)
		}
	}
	edge := made.Text("contactCreate.contact.customers.edges.0.relationship.id")
	tooSoon := c.Ask("director", `mutation($e: ID!) { relationshipEnd(input: {id: $e}) { relationship { until } userErrors { code field } } }`, map[string]any{"e": edge}).Good()
	if tooSoon.Text("relationshipEnd.userErrors.0.code") != "INVALID" || tooSoon.Get("relationshipEnd.relationship") != nil {
		t.Errorf("ended on its first day: %s", tooSoon.Body)
	}
	gone := c.Ask("director", `mutation($e: ID!) { relationshipDelete(input: {id: $e, expectedVersion: 1}) { id userErrors { code } } }`, map[string]any{"e": edge}).Good()
	if gone.Text("relationshipDelete.id") != edge {
		t.Errorf("deleted: %s", gone.Body)
	}
	contact := map[string]any{"id": made.Text("contactCreate.contact.id")}
	if left := c.Ask("director", `query($id: ID!) { contact(id: $id) { customers { totalCount } } }`, contact).Good(); left.Number("contact.customers.totalCount") != 0 {
		t.Errorf("still at a customer: %s", left.Body)
	}
}

func TestReaderIsOneOfThreeKinds(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	document := c.Ask("admin", "{ documents(first: 1) { nodes { id } } viewer { user { id } } }", nil).Good()
	a := c.Ask("admin", `mutation($d: ID!, $r: [SubjectInput!]) { documentReadersSet(input: {id: $d, restricted: true, readers: $r}) { document { id } userErrors { code field } } }`,
		map[string]any{"d": document.Text("documents.nodes.0.id"), "r": []any{map[string]any{"user": document.Text("viewer.user.id"), "group": document.Text("viewer.user.id")}}})
	if len(a.Errors) == 0 && a.Text("documentReadersSet.userErrors.0.code") != "INVALID" {
		t.Errorf("two kinds at once: %s", a.Body)
	}
}
