package server_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guanxi/server/servertest"
)

// What answers tell of hidden data all the same: docs/disclosures.md, entry by entry, and no more than it says.

// TestTheDisclosuresAreThoseOfTheirPage holds the names of the tests against the page that lists them.
func TestTheDisclosuresAreThoseOfTheirPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/disclosures.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := regexp.MustCompile(`TestDisclosed\w+`).FindAllString(string(page), -1)
	var there []string
	files, err := filepath.Glob("../*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`(?m)^func (TestDisclosed\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			there = append(there, match[1])
		}
	}
	slices.Sort(listed)
	slices.Sort(there)
	if !slices.Equal(slices.Compact(slices.Clone(listed)), there) {
		t.Errorf("the page lists %v\nthe tests are %v", listed, there)
	}
	table, _, _ := strings.Cut(string(page), "## Beyond")
	if rows := regexp.MustCompile(`(?m)^\| \*\*`).FindAllString(table, -1); len(rows) != 5 {
		t.Errorf("the closed list has %d entries, not the five of the product", len(rows))
	}
	for row := range strings.SplitSeq(string(page), "\n") {
		if strings.HasPrefix(row, "| **") && !strings.Contains(row, "TestDisclosed") {
			t.Errorf("no test is named for %.80s", row)
		}
	}
}

var changedAlone = regexp.MustCompile(`"(version|updatedAt)":("[^"]*"|\d+)`)

// TestDisclosedThatAVisibleRecordChanged lets a colleague change a field that a person may not read: version and updatedAt
// move, and nothing else of all that he can ask for.
func TestDisclosedThatAVisibleRecordChanged(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "analyst")
	a := newAsker()
	id := slices.Sorted(func(yield func(string) bool) {
		for id := range p.visible["contacts"] {
			if !yield(id) {
				return
			}
		}
	})[0]
	ask := func() (all []string) {
		for _, query := range []string{
			"query($id: ID!) { contact(id: $id) " + a.everything(a.schema.Types["Contact"], 0) + " }",
			"query($id: ID!) { contacts(first: 100, where: {id: {eq: $id}}) " + a.everything(a.schema.Types["ContactConnection"], 0) + " }",
			"{ contacts(first: 100, orderBy: [{field: NAME}]) { edges { cursor node { id name phone } } } }",
			`{ search(text: "138", first: 100) { edges { cursor node { record { id } } } } }`,
		} {
			all = append(all, withoutHistory(t, c.Ask("analyst", query, map[string]any{"id": id}).Good()))
		}
		return all
	}
	before := ask()
	c.Ask("admin", `mutation($id: ID!) { contactUpdate(input: {id: $id, phone: "13800001111"}) { userErrors { message } contact { version } } }`, map[string]any{"id": id}).Good().Number("contactUpdate.contact.version")
	after := ask()
	if slices.Equal(before, after) {
		t.Error("a change is not shown at all")
	}
	for i := range before {
		if was, is := changedAlone.ReplaceAllString(before[i], "$1"), changedAlone.ReplaceAllString(after[i], "$1"); was != is {
			t.Errorf("more than version and updatedAt has changed:\n%s\n%s", was, is)
		}
	}
}

// TestDisclosedThatAVisibleRecordChangedByAnEmptyEntry looks at the history of such a record: one entry more, of nothing.
func TestDisclosedThatAVisibleRecordChangedByAnEmptyEntry(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	id := idsOf(t, c, "select id from contacts where deleted_at is null order by id limit 1")[0]
	ask := func() *servertest.Answer {
		return c.Ask("analyst", "query($id: ID!) { contact(id: $id) { history { totalCount nodes { action summary changes { field old new } } } } }", map[string]any{"id": id}).Good()
	}
	before := ask().Number("contact.history.totalCount")
	c.Ask("admin", `mutation($id: ID!) { contactUpdate(input: {id: $id, phone: "13800001111"}) { contact { version } } }`, map[string]any{"id": id}).Good()
	after := ask()
	if after.Number("contact.history.totalCount") != before+1 || len(after.List("contact.history.nodes.0.changes")) != 0 || after.Text("contact.history.nodes.0.summary") != "Changed" {
		t.Errorf("told %s", after.Body)
	}
}

// withoutHistory gives an answer's text without the histories in it.
func withoutHistory(t *testing.T, a *servertest.Answer) string {
	t.Helper()
	var drop func(any)
	drop = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			delete(value, "history")
			for _, inner := range value {
				drop(inner)
			}
		case []any:
			for _, inner := range value {
				drop(inner)
			}
		}
	}
	drop(a.Data)
	text, err := json.Marshal(a.Data)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDisclosedByADuplicateCheckNothingYet makes customers and contacts like hidden ones and unlike any: there is no duplicate
// check yet, and what is hidden makes no difference.
func TestDisclosedByADuplicateCheckNothingYet(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "guangdong.sales")
	hidden := rowsOf[struct{ Name, Phone string }](t, c, "select name, coalesce(phone, '13912345678') from customers where id = any ($1::uuid[]) order by id limit 1", p.hidden["customers"])[0]
	for _, kind := range []string{"customer", "contact"} {
		more := map[string]string{"customer": ", kind: ORGANIZATION"}[kind]
		text := "mutation($name: String!, $phone: String) { it: " + kind + "Create(input: {name: $name, phone: $phone" + more + "}) { userErrors { code } it: " + kind + " { version } } }"
		taken := c.Ask(p.login, text, map[string]any{"name": hidden.Name, "phone": hidden.Phone}).Good()
		free := c.Ask(p.login, text, map[string]any{"name": "没有人叫这个名字", "phone": "13900000000"}).Good()
		if string(taken.Body) != string(free.Body) || taken.Get("it.it.version") != float64(1) {
			t.Errorf("like a hidden one: %s\nunlike any: %s", taken.Body, free.Body)
		}
	}
}

// TestDisclosedUniquenessOfLogins lets somebody who may enter users, and no more, take a login that is taken: one refusal at
// the login, whoever has it. Signing in tells a wrong login from a wrong password by nothing.
func TestDisclosedUniquenessOfLogins(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	change(t, c, "update roles set permissions = '{USER_ADMIN}' where code = 'marketing'")
	enter := func(login string) *servertest.Answer {
		return c.Ask("marketing", "mutation($login: String!) { userCreate(input: {login: $login, name: \"新人\"}) { user { login } userErrors { code field message } } }", map[string]any{"login": login}).Good()
	}
	change(t, c, "update users set active = false where login = 'export'")
	taken, left := enter("apart"), enter("export")
	if taken.Get("userCreate.userErrors.0.code") != "DUPLICATE" || taken.Get("userCreate.userErrors.0.field.1") != "login" || taken.Get("userCreate.user") != nil || len(taken.List("userCreate.userErrors")) != 1 {
		t.Errorf("a login that is taken: %s", taken.Body)
	}
	if string(taken.Body) != string(left.Body) {
		t.Errorf("the login of somebody at work: %s, of somebody who left: %s", taken.Body, left.Body)
	}
	if free := enter("nobody.has.this"); free.Get("userCreate.user.login") != "nobody.has.this" {
		t.Errorf("a free login: %s", free.Body)
	}
	var told []string
	for _, login := range []string{"apart", "nobody.at.all", "export"} {
		a := c.Send("POST", "/session", []byte(`{"login": "`+login+`", "password": "not this"}`), "Content-Type", "application/json")
		told = append(told, headOf(a)+regexp.MustCompile(`"requestId":"\w+"`).ReplaceAllString(string(a.Body), ""))
	}
	if told[0] != told[1] || told[0] != told[2] {
		t.Errorf("signing in in vain is told as %v", told)
	}
}

// TestDisclosedThatAClaimCameTooLate has a pool's member and a stranger claim what somebody else has claimed: the member learns
// that he came too late, and nothing of the other; to the stranger the customer is absent.
func TestDisclosedThatAClaimCameTooLate(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	south := idsOf(t, c, "select c.id from customers c join pools p on p.id = c.pool_id where p.name = '华南沉睡客户' order by c.id limit 1")[0]
	claim := func(login, id string) *servertest.Answer {
		return c.Ask(login, "mutation($id: ID!) { customerClaim(input: {id: $id}) { customer { id owner { name } } userErrors { code field message } } }", map[string]any{"id": id}).Good()
	}
	never := neverIssued(recordKinds[0])
	absent := string(claim("guangxi.sales", never).Body)
	if won := claim("twohats", south); won.Get("customerClaim.customer.id") != south {
		t.Fatalf("the first claim is answered %s", won.Body)
	}
	late := claim("guangxi.sales", south)
	if late.Get("customerClaim.userErrors.0.code") != "ALREADY_CLAIMED" || late.Get("customerClaim.customer") != nil || strings.Contains(string(late.Body), "梁文博") {
		t.Errorf("a member who comes too late is told %s", late.Body)
	}
	if stranger := claim("head", south); string(stranger.Body) != absent {
		t.Errorf("a stranger is told %s, of an id never issued %s", stranger.Body, absent)
	}
	if seen := c.Ask("guangxi.sales", "query($id: ID!) { customer(id: $id) { id } }", map[string]any{"id": south}).Good(); seen.Get("customer") != nil {
		t.Errorf("who came too late still sees %s", seen.Body)
	}
	c.Ask("admin", "mutation($id: ID!, $to: ID!) { customerTransfer(input: {id: $id, to: $to}) { userErrors { code } } }",
		map[string]any{"id": south, "to": idsOf(t, c, "select id from users where login = 'head'")[0]}).Good()
	if after := claim("guangxi.sales", south); string(after.Body) != absent {
		t.Errorf("after it has changed hands otherwise a member is told %s", after.Body)
	}
}

// TestDisclosedByAContactThatSurvivesItsCustomer deletes a customer whose contact works for another one that the person does
// not see: the contact stays, and that is all there is to see.
func TestDisclosedByAContactThatSurvivesItsCustomer(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	p := newPerson(t, c, "guangdong.sales")
	mine := c.Ask(p.login, `mutation { customerCreate(input: {name: "要删除的客户", kind: ORGANIZATION}) { customer { id } } }`, nil).Good().Text("customerCreate.customer.id")
	contact := func(name string) string {
		return c.Ask(p.login, "mutation($name: String!, $customer: ID!) { contactCreate(input: {name: $name, customer: $customer}) { contact { id } userErrors { code } } }",
			map[string]any{"name": name, "customer": mine}).Good().Text("contactCreate.contact.id")
	}
	shared, alone := contact("两处任职"), contact("只在一处")
	change(t, c, `insert into relationships (id, type_id, a_id, b_id, created_at, updated_at) select (left(gen_random_uuid()::text, 34) || '14')::uuid, id, ?, ?, now(), now() from relationship_types where code = 'WORKS_AT'`,
		shared, p.hidden["customers"][0])
	gone := c.Ask(p.login, "mutation($id: ID!) { customerDelete(input: {id: $id}) { id userErrors { code } } }", map[string]any{"id": mine}).Good()
	if gone.Get("customerDelete.id") != mine {
		t.Fatalf("the deletion is answered %s", gone.Body)
	}
	left := c.Ask(p.login, "query($shared: ID!, $alone: ID!) { shared: contact(id: $shared) { id customers { totalCount edges { node { id } } } relationships { totalCount } } alone: contact(id: $alone) { id } }",
		map[string]any{"shared": shared, "alone": alone}).Good()
	if left.Get("shared.id") != shared || left.Get("alone") != nil || left.Number("shared.customers.totalCount") != 0 || left.Number("shared.relationships.totalCount") != 0 {
		t.Errorf("after the deletion there is %s", left.Body)
	}
}

// TestA01ThatAReferenceRecordIsInUseIsToldOnlyToWhoManagesAll has somebody who may delete competitors, and sees no opportunity,
// delete one that is met in many and one that nobody met: the same refusal. Who manages all records is told.
func TestA01ThatAReferenceRecordIsInUseIsToldOnlyToWhoManagesAll(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	change(t, c, "update roles set permissions = '{CATALOG_ADMIN}' where code = 'marketing'")
	used := idsOf(t, c, "select competitor_id from encounters group by 1 order by count(*), 1")
	remove := func(login, id string) *servertest.Answer {
		return c.Ask(login, "mutation($id: ID!) { competitorDelete(input: {id: $id}) { id userErrors { code field message } } }", map[string]any{"id": id}).Good()
	}
	free := c.Ask("admin", `mutation { competitorCreate(input: {name: "没有人遇到"}) { competitor { id } } }`, nil).Good().Text("competitorCreate.competitor.id")
	met, unmet := remove("marketing", used[len(used)-1]), remove("marketing", free)
	if met.Get("competitorDelete.userErrors.0.code") != "FORBIDDEN" || string(met.Body) != string(unmet.Body) {
		t.Errorf("one that is met often: %s, never: %s", met.Body, unmet.Body)
	}
	if told := remove("admin", used[0]); told.Get("competitorDelete.userErrors.0.code") != "IN_USE" {
		t.Errorf("the administrator is told %s", told.Body)
	}
	if gone := remove("admin", free); gone.Get("competitorDelete.id") != free {
		t.Errorf("one that nobody met: %s", gone.Body)
	}
}
