package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"guanxi/models"
	"guanxi/operations"
	"guanxi/server/servertest"
)

// TestCustomer360TakesAConstantNumberOfStatements asks the users' own request of a customer that has one of each thing,
// then hundreds of each: as many statements, in two waves. No customer takes more.
func TestCustomer360TakesAConstantNumberOfStatements(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	document := ""
	for _, file := range operations.Files() {
		if strings.Contains(file.Document, "query Customer360(") {
			document = file.Document
		}
	}
	ask := func(id string) (statements int) {
		t.Helper()
		body, err := json.Marshal(map[string]any{"query": document, "operationName": "Customer360", "variables": map[string]any{"id": id}})
		if err != nil {
			t.Fatal(err)
		}
		stand(t, c)
		var answer *servertest.Answer
		for range 2 { // for the second time what everyone sees alike is kept
			answer = c.Send("POST", "/graphql", body, "Content-Type", plainJSON, "Authorization", "Bearer "+c.Token("admin")).Good()
		}
		if answer.Get("customer.id") != id {
			t.Fatalf("told %.300s", answer.Body)
		}
		if waves := c.Last().Waves; waves > 2 {
			t.Errorf("the database is waited for %d times", waves)
		}
		t.Logf("%d statements in %s: %v contacts, %v relationships, %v opportunities, %v services, %v documents", c.Last().Statements, c.Last().Took,
			answer.Get("customer.contacts.totalCount"), answer.Get("customer.relationships.totalCount"), answer.Get("customer.opportunities.totalCount"),
			answer.Get("customer.services.totalCount"), answer.Get("customer.documents.totalCount"))
		return c.Last().Statements
	}
	ranked := idsOf(t, c, "select c.id from customers c left join opportunities o on o.customer_id = c.id group by c.id order by count(o.id) desc, c.id")
	g := grow(t, c)
	g.strings(1, 1)
	one := ask(g.customer)
	g.strings(2, 200)
	if many := ask(g.customer); many != one {
		t.Errorf("%d statements with one of each, %d with many", one, many)
	}
	for _, id := range []string{ranked[0], ranked[len(ranked)/2], ranked[len(ranked)-1]} {
		if statements := ask(id); statements > one {
			t.Errorf("%d statements for another customer, %d for the one that has everything", statements, one)
		}
	}
}

// growing strings more and more things to a customer, copies of what others have.
type growing struct {
	*testing.T

	company  *servertest.Company
	customer string
}

// grow enters a customer of the Guangdong salesperson.
func grow(t *testing.T, c *servertest.Company) *growing {
	t.Helper()
	g := &growing{t, c, ""}
	g.customer = g.copied("customers", models.CustomerCode, "r.owner_id = (select id from users where login = 'guangdong.sales') and r.region_id is not null and r.industry_id is not null", 0, "'name', 'Grown'")
	return g
}

// strings gives the customer copies of each thing, numbered from one number to another.
func (g *growing) strings(from, to int) {
	g.Helper()
	for n := from; n <= to; n++ {
		at := fmt.Sprintf("'2026-09-01T00:00:00Z'::timestamptz - interval '%d minutes'", n)
		mine := "'customer_id', '" + g.customer + "'"
		opportunity := g.copied("opportunities", models.OpportunityCode, `r.status = 'LOST' and r.amount is not null and r.loss_reason_id is not null
			and exists (select from encounters e where e.opportunity_id = r.id and e.quoted_price is not null)`, n, mine)
		its := "'opportunity_id', '" + opportunity + "'"
		g.copied("encounters", models.EncounterCode, "r.quoted_price is not null", n, its)
		g.copied("opportunity_lines", models.OpportunityLineCode, "r.amount is not null", n, its)
		g.copied("stage_changes", models.StageChangeCode, "r.changed_by is not null and r.to_stage_id is not null", n, its+", 'changed_at', "+at)
		g.copied("audit_entries", models.AuditEntryCode, "r.action = 'TRANSFER'", n, "'record_id', '"+g.customer+"', 'at', "+at)
		g.copied("services", models.ServiceCode, "r.assignee_id is not null and r.contact_id is not null and r.cost is not null", n, mine+", 'opened_at', "+at)
		g.copied("documents", models.DocumentCode, "r.category_id is not null and r.uploaded_by is not null and not r.restricted", n, mine+", 'uploaded_at', "+at)
		g.copied("activities", models.ActivityCode, "r.owner_id is not null", n, mine+", "+its+", 'happened_at', "+at)
		if n <= 10 { // so that the nearest of every kind fit into the network asked for
			g.tie("WORKS_AT", "contacts", n)
			g.tie("KNOWS", "users", n)
			g.tie("PARENT_OF", "customers", n)
			g.tie("BUYS_FROM_COMPETITOR", "competitors", n)
		}
	}
}

// copied copies the first row of a table that is like this, with other values, and gives the copy's id. The ids of copies with
// one number lie together.
func (g *growing) copied(table string, kind models.KindCode, like string, n int, values string) string {
	g.Helper()
	fresh := fmt.Sprintf("(lpad(to_hex(%d), 8, '0') || left(md5(random()::text), 22) || '%02x')::uuid", n, kind)
	return idsOf(g.T, g.company, "insert into "+table+" select p.* from (select * from "+table+" r where "+like+" order by r.id limit 1) r, jsonb_populate_record(null::"+table+
		", to_jsonb(r) || jsonb_build_object('id', "+fresh+", "+values+")) p returning id")[0]
}

// tie relates the customer to the nth of other parties.
func (g *growing) tie(kind, others string, n int) {
	g.Helper()
	which := others + " where id <> $1"
	if others == "customers" {
		which += " and owner_id = (select owner_id from customers where id = $1)"
	}
	other := idsOf(g.T, g.company, "select id from "+which+" order by id offset $2 % (select count(*) from "+which+") limit 1", g.customer, n)[0]
	a, b := g.customer, other
	if kind == "WORKS_AT" || kind == "KNOWS" {
		a, b = b, a
	}
	taken := idsOf(g.T, g.company, "select id from relationships where a_id = $1 and b_id = $2", a, b)
	if len(taken) == 0 {
		g.copied("relationships", models.RelationshipCode, "r.type_id = (select id from relationship_types where code = '"+kind+"') and r.deleted_at is null and r.valid_until is null", n,
			"'a_id', '"+a+"', 'b_id', '"+b+"', 'is_primary', false")
	}
}

const nested = `query($where: CustomerWhere, $n: Int!, $some: Int!) { customers(first: $n, where: $where) { totalCount nodes { name owner { name departments { name } } region { label }
	contacts(first: $some) { totalCount edges { role node { name owner { name } customers(first: 2) { edges { node { name } } } } } }
	opportunities(first: $some) { totalCount nodes { title owner { name } stage { name } lines { product { name category { label } } } stageChanges { toStage { name } by { name } }
		encounters { competitor { name } outcome } activities(first: 2) { nodes { summary owner { name } } } } }
	services(first: $some) { totalCount nodes { title assignee { name } contact { name } } } documents(first: $some) { nodes { name category { label } uploadedBy { name } } }
	activities(first: $some) { nodes { summary opportunity { title } } } timeline(first: $some) { edges { node { id by { name } } } } shares { level }
	relationships(first: $some) { edges { label other { name } node { type { id } } } } value { opportunityCount wonAmount { amount } } } } }`

// TestANestedListTakesAConstantNumberOfStatements asks for customers with what is strung to them, two and three steps deep,
// as people who see all, some and little: one of each thing, many of each, and many customers.
func TestANestedListTakesAConstantNumberOfStatements(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	ask := func(login string, n, some int, where map[string]any) int {
		t.Helper()
		var answer *servertest.Answer
		for range 2 {
			answer = c.Ask(login, nested, map[string]any{"n": n, "some": some, "where": where}).Good()
		}
		if got := len(answer.List("customers.nodes")); got != n {
			t.Fatalf("%s asked for %d customers, got %d", login, n, got)
		}
		t.Logf("%s: %d statements in %s for %d customers with up to %d of each, %d bytes", login, c.Last().Statements, c.Last().Took, n, some, len(answer.Body))
		return c.Last().Statements
	}
	g := grow(t, c)
	g.strings(1, 1)
	alone, people, one := map[string]any{"id": map[string]any{"eq": g.customer}}, []string{"admin", "director", "guangdong.sales", "service"}, map[string]int{}
	for _, login := range people {
		one[login] = ask(login, 1, 5, alone)
	}
	g.strings(2, 15)
	for _, login := range people {
		if many := ask(login, 1, 12, alone); many != one[login] {
			t.Errorf("%s: %d statements with one of each, %d with many", login, one[login], many)
		}
		few, lots := ask(login, 5, 3, nil), ask(login, 24, 1, nil)
		if few > one[login] || lots > one[login] {
			t.Errorf("%s: %d statements for one customer, %d for five and %d for many", login, one[login], few, lots)
		}
	}
}
