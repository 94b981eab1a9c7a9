package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/sandbox"
	"guanxi/server/servertest"
)

const told = "history(first: 50) { totalCount nodes { id at by { id } action record { __typename id } summary changes { field old new oldRecord { __typename id } newRecord { __typename id } } } }"

// tale is a customer and an opportunity of the Guangdong salesperson with a history, and another customer that only the
// administrator sees.
type tale struct {
	*servertest.Company

	t                             *testing.T
	customer, hidden, opportunity string
}

func newTale(t *testing.T) *tale {
	t.Helper()
	w := &tale{servertest.New(t), t, "", "", ""}
	owner := w.one("select id from users where login = 'guangdong.sales'")
	w.customer = w.made("customerCreate", "customer", `{name: "Told", owner: "`+owner+`", phone: "13800001111", note: "first"}`)
	w.hidden = w.made("customerCreate", "customer", `{name: "Never to be named"}`)
	w.opportunity = w.made("opportunityCreate", "opportunity", `{title: "Told", owner: "`+owner+`", customer: "`+w.hidden+`", amount: "777000"}`)
	return w
}

func (w *tale) one(text string, values ...any) string {
	w.t.Helper()
	return idsOf(w.t, w.Company, text, values...)[0]
}

func (w *tale) count(text string, values ...any) (n int) {
	w.t.Helper()
	if err := w.Store.Pool.QueryRow(w.t.Context(), text, values...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return n
}

// made carries out a mutation as the administrator and gives the id of what it made or changed.
func (w *tale) made(mutation, record, input string) string {
	w.t.Helper()
	w.Pass(1e9)
	a := w.Ask("admin", "mutation { "+mutation+"(input: "+input+") { "+record+" { id } userErrors { code field message } } }", nil).Good()
	if len(a.List(mutation+".userErrors")) > 0 {
		w.t.Fatalf("%s %s", mutation, a.Body)
	}
	return a.Text(mutation + "." + record + ".id")
}

// history asks for the history of a record as somebody.
func (w *tale) history(login, root, id string) *servertest.Answer {
	w.t.Helper()
	return w.Ask(login, "query($id: ID!) { "+root+"(id: $id) { "+told+" } }", map[string]any{"id": id}).Good()
}

func (w *tale) rights(role, rule, relation, access string) {
	change(w.t, w.Company, "update field_rights set access = ? where rule = ? and relation = ? and role_id = (select id from roles where code = ?)", access, rule, relation, role)
}

// TestA28HistoryCutsWhatTheViewerMayNotReadFromEachEntry changes protected fields: who may not read them sees as many
// entries, and not one byte that depends on the values.
func TestA28HistoryCutsWhatTheViewerMayNotReadFromEachEntry(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	product, competitor := w.one("select id from products order by id limit 1"), w.one("select id from competitors order by id limit 1")
	w.made("opportunityUpdate", "opportunity", `{id: "`+w.opportunity+`", amount: "888000"}`)
	w.made("opportunityUpdate", "opportunity", `{id: "`+w.opportunity+`", amount: "999000", note: "visible"}`)
	w.made("opportunityLinesReplace", "opportunity", `{id: "`+w.opportunity+`", lines: [{product: "`+product+`", quantity: "3", unitPrice: "77.5"}]}`)
	w.made("encounterAdd", "opportunity", `{opportunity: "`+w.opportunity+`", competitor: "`+competitor+`", quotedPrice: "555444"}`)
	admin := w.history("admin", "opportunity", w.opportunity)
	for _, secret := range []string{"777000", "888000", "999000", "77.5", "555444", `"lineAmounts"`, `"mainProduct"`} {
		if !strings.Contains(string(admin.Body), strings.ReplaceAll(secret, `"lineAmounts"`, `lineAmounts`)) {
			t.Errorf("the administrator is not told %s in %s", secret, admin.Body)
		}
	}
	w.rights("sales", "AMOUNTS", "OWN", "NONE")
	before := w.history("guangdong.sales", "opportunity", w.opportunity)
	if before.Number("opportunity.history.totalCount") != admin.Number("opportunity.history.totalCount") || len(before.List("opportunity.history.nodes")) != 5 {
		t.Errorf("the salesperson is told %s, the administrator %s", before.Body, admin.Body)
	}
	for _, secret := range []string{"777000", "888000", "999000", "77.5", "555444", "mount", "mainProduct", "Price", "currency"} {
		if strings.Contains(string(before.Body), secret) {
			t.Errorf("%s stands in %s", secret, before.Body)
		}
	}
	if fields := len(before.List("opportunity.history.nodes.3.changes")); fields != 0 {
		t.Errorf("an entry of nothing but the amount holds %d fields", fields)
	}
	if !strings.Contains(string(before.Body), "visible") || !strings.Contains(string(before.Body), `"lines"`) {
		t.Errorf("what is not protected is missing in %s", before.Body)
	}
	change(t, w.Company, "update audit_entries set changes = replace(replace(changes::text, '888000', '4'), '77.5', '9')::jsonb where record_id = ?", w.opportunity)
	if after := w.history("guangdong.sales", "opportunity", w.opportunity); string(after.Body) != string(before.Body) {
		t.Errorf("other amounts make of %s %s", before.Body, after.Body)
	}
	if after := w.history("admin", "opportunity", w.opportunity); string(after.Body) == string(admin.Body) {
		t.Error("the administrator is told the same of other amounts")
	}
}

func TestA28HistoryMasksWhatTheViewerReadsMasked(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	w.made("customerUpdate", "customer", `{id: "`+w.customer+`", phone: "13900002222", email: "someone@example.com", address: "1 Secret Road"}`)
	w.rights("sales", "CONTACT_DETAILS", "OWN", "MASKED")
	a := w.history("guangdong.sales", "customer", w.customer)
	for _, secret := range []string{"13900002222", "13800001111", "someone@", "Secret Road", "address"} {
		if strings.Contains(string(a.Body), secret) {
			t.Errorf("%s stands in %s", secret, a.Body)
		}
	}
	for _, shown := range []string{"139****2222", "138****1111", "s***@example.com"} {
		if !strings.Contains(string(a.Body), shown) {
			t.Errorf("%s is missing in %s", shown, a.Body)
		}
	}
}

func TestA12HistoryShowsNoHiddenReference(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	if a, admin := w.history("guangdong.sales", "opportunity", w.opportunity), w.history("admin", "opportunity", w.opportunity); strings.Contains(string(a.Body), `"customer"`) || !strings.Contains(string(admin.Body), `"customer"`) {
		t.Errorf("of a customer that he does not see the salesperson is told %s, the administrator %s", a.Body, admin.Body)
	}
	w.made("opportunityUpdate", "opportunity", `{id: "`+w.opportunity+`", customer: "`+w.customer+`"}`)
	a, admin := w.history("guangdong.sales", "opportunity", w.opportunity), w.history("admin", "opportunity", w.opportunity)
	if body := string(a.Body); strings.Contains(body, w.hidden) || strings.Contains(body, "Never") || !strings.Contains(body, w.customer) {
		t.Errorf("the salesperson is told %s", body)
	}
	if !strings.Contains(string(admin.Body), w.hidden) {
		t.Errorf("the administrator is told %s", admin.Body)
	}
}

// TestA15HistoryOfAHiddenRecordIsThatOfNone asks by every door.
func TestA15HistoryOfAHiddenRecordIsThatOfNone(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	never := models.NewID(models.CustomerCode).String()
	entry := w.one("select id from audit_entries where record_id = $1", w.hidden)
	absent := models.NewID(models.AuditEntryCode).String()
	for query, ids := range map[string][2]string{
		"query($id: ID!) { history(record: $id) { totalCount nodes { id } } customer(id: $id) { history { totalCount } } }":                                           {w.hidden, never},
		"query($id: ID!) { node(id: $id) { __typename ... on HistoryEntry { action changes { field old new } record { id } } } nodes(ids: [$id]) { __typename id } }": {entry, absent},
	} {
		asked := map[string]string{}
		for _, id := range ids {
			a := w.Ask("guangdong.sales", query, map[string]any{"id": id}).Good()
			asked[fmt.Sprint(strings.ReplaceAll(string(a.Body), id, "ID"), w.Last().Statements)] = id
		}
		if len(asked) != 1 {
			t.Errorf("hidden and never issued differ: %v", asked)
		}
		if a := w.Ask("admin", query, map[string]any{"id": ids[0]}).Good(); !strings.Contains(string(a.Body), `"id"`) {
			t.Errorf("the administrator is told %s", a.Body)
		}
	}
	w.Ask("guangdong.sales", "query($id: ID!) { history(record: $id) { totalCount } }", map[string]any{"id": w.one("select id from users limit 1")}).Refused("PERMISSION_DENIED")
	grown := w.Ask("admin", "query($id: ID!) { history(record: $id) { nodes { action } } }", map[string]any{"id": w.one("select id from products limit 1")}).Good()
	if len(grown.Errors) > 0 {
		t.Errorf("the administrator is told %s", grown.Body)
	}
}

func TestA31HistoryOfADeletedRecordIsReadInTheTrash(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	entry := w.one("select id from audit_entries where record_id = $1", w.customer)
	w.Ask("admin", `mutation($id: ID!) { customerDelete(input: {id: $id}) { id } }`, map[string]any{"id": w.customer}).Good()
	for _, login := range []string{"admin", "guangdong.sales"} {
		a := w.Ask(login, "query($id: ID!, $entry: ID!) { history(record: $id) { totalCount } node(id: $entry) { id } }", map[string]any{"id": w.customer, "entry": entry}).Good()
		if a.Number("history.totalCount") != 0 || a.Get("node") != nil {
			t.Errorf("%s is told %s", login, a.Body)
		}
		trash := w.Ask(login, "{ deletedCustomers(first: 1) { nodes { id "+told+" } } }", nil).Good()
		if trash.Text("deletedCustomers.nodes.0.id") != w.customer || trash.Text("deletedCustomers.nodes.0.history.nodes.0.action") != "DELETE" || trash.Number("deletedCustomers.nodes.0.history.totalCount") != 2 {
			t.Errorf("%s finds %s", login, trash.Body)
		}
	}
	if a := w.Ask("guangxi.sales", "{ deletedCustomers(first: 5) { nodes { id "+told+" } } }", nil).Good(); strings.Contains(string(a.Body), w.customer) {
		t.Errorf("another salesperson finds %s", a.Body)
	}
}

// TestHistoryTellsOfSharesOnlyWhoManagesTheRecord: whom a record is open to is not for everybody who sees it.
func TestHistoryTellsOfSharesOnlyWhoManagesTheRecord(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	before := w.history("marketing", "customer", w.customer)
	w.made("shareCreate", "share", `{record: "`+w.customer+`", level: OBSERVE, subject: {user: "`+w.one("select id from users where login = 'apart'")+`"}}`)
	if after := w.history("marketing", "customer", w.customer); string(after.Body) != string(before.Body) {
		t.Errorf("marketing is told %s", after.Body)
	}
	if own := w.history("guangdong.sales", "customer", w.customer); own.Text("customer.history.nodes.0.action") != "SHARE" {
		t.Errorf("the owner is told %s", own.Body)
	}
}

// TestAnEntryOfWhatIsNewHasNothingBefore reads how a history begins and how it ends: with null, not with an empty text.
func TestAnEntryOfWhatIsNewHasNothingBefore(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	nodes := w.history("admin", "customer", w.customer).List("customer.history.nodes")
	changes := nodes[len(nodes)-1].(map[string]any)["changes"].([]any)
	for _, one := range changes {
		if field := one.(map[string]any); field["old"] != nil || field["oldRecord"] != nil {
			t.Errorf("before it was entered its %v was %v", field["field"], field["old"])
		}
	}
	if len(changes) < 6 {
		t.Errorf("only %v was entered", changes)
	}
	department := w.made("departmentCreate", "department", `{name: "A"}`)
	w.Ask("admin", "mutation($id: ID!) { departmentDelete(input: {id: $id}) { id } }", map[string]any{"id": department}).Good()
	if n := w.count("select count(*) from audit_entries where record_id = $1 and action = 'DELETE' and changes -> 'name' = '{\"old\": \"A\", \"new\": null}'", department); n != 1 {
		t.Errorf("%d entries tell that it is no more", n)
	}
}

// TestEachSideEffectLeavesAnEntry does what raises the version of other records: each of them tells of it.
func TestEachSideEffectLeavesAnEntry(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	service := w.made("serviceCreate", "service", `{title: "s", opportunity: "`+w.opportunity+`"}`)
	w.made("opportunityUpdate", "opportunity", `{id: "`+w.opportunity+`", customer: "`+w.customer+`"}`)
	first, second := w.made("departmentCreate", "department", `{name: "A"}`), w.made("departmentCreate", "department", `{name: "B"}`)
	below := w.made("departmentCreate", "department", `{name: "C", parent: "`+second+`"}`)
	w.made("departmentUpdate", "department", `{id: "`+second+`", parent: "`+first+`"}`)
	w.made("membershipCreate", "membership", `{user: "`+w.one("select id from users where login = 'apart'")+`", department: "`+first+`", primary: true}`)
	w.made("pipelineCreate", "pipeline", `{name: "Other", default: true}`)
	w.Ask("admin", `mutation($id: ID!) { customerDelete(input: {id: $id}) { id } }`, map[string]any{"id": w.customer}).Good()
	w.made("customerRestore", "customer", `{id: "`+w.customer+`"}`)
	for what, text := range map[string]string{
		"what follows an opportunity": "select 1 from audit_entries where record_id = '" + service + "' and action = 'FOLLOW' and changes #>> '{customer_id,old}' = '" + w.hidden + "' and changes #>> '{customer_id,new}' = '" + w.customer + "'",
		"a department below":          "select 1 from audit_entries where record_id = '" + below + "' and action = 'MOVE' and changes #>> '{path,new}' like '%" + first + "%' and changes #>> '{path,old}' not like '%" + first + "%'",
		"a former primary membership": "select 1 from audit_entries e join memberships m on m.id = e.record_id where e.action = 'UPDATE' and e.changes #>> '{is_primary,new}' = 'false' and m.user_id = (select id from users where login = 'apart')",
		"a former default pipeline":   "select 1 from audit_entries e join pipelines p on p.id = e.record_id where e.action = 'UPDATE' and e.changes #>> '{is_default,new}' = 'false' and not p.is_default",
		"what was deleted along":      "select 1 from audit_entries where record_id = '" + w.opportunity + "' and action = 'DELETE'",
		"what was restored along":     "select 1 from audit_entries where record_id = '" + w.opportunity + "' and action = 'RESTORE'",
	} {
		if n := w.count("select count(*) from (" + text + ") as x"); n != 1 {
			t.Errorf("%s has %d entries", what, n)
		}
	}
	if n := w.count(`select count(*) from (select o.version, count(e.id) from (select id, version from opportunities where id = $1 union all select id, version from services where id = $2
		union all select id, version from departments where id = $3) o join audit_entries e on e.record_id = o.id group by o.id, o.version having o.version <> count(e.id)) x`, w.opportunity, service, below); n != 0 {
		t.Errorf("%d versions were raised without an entry", n)
	}
}

// TestHistoriesTakeAConstantNumberOfStatements pages through a history of many entries, in order, and in the timeline.
func TestHistoriesTakeAConstantNumberOfStatements(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	var regions []string
	for i := range 13 {
		regions = append(regions, w.one("select e.id from dictionary_entries e join dictionaries d on d.id = e.dictionary_id where d.code = 'region' order by e.id offset $1 limit 1", i%3))
	}
	one := 0
	for i, region := range regions {
		w.made("customerUpdate", "customer", fmt.Sprintf(`{id: "%s", note: "%d", region: "%s"}`, w.customer, i, region))
		if i == 1 {
			for range 2 { // for the second time what everyone sees alike is kept
				w.history("guangdong.sales", "customer", w.customer)
			}
			one = w.Last().Statements
		}
	}
	w.history("guangdong.sales", "customer", w.customer)
	all := w.history("guangdong.sales", "customer", w.customer)
	if n := w.Last().Statements; n != one || all.Number("customer.history.totalCount") != 14 {
		t.Errorf("%d statements for three entries, %d for fourteen: %s", one, n, all.Body)
	}
	var seen []string
	var after any
	for range 20 {
		page := w.Ask("guangdong.sales", "query($id: ID!, $after: String) { customer(id: $id) { history(first: 3, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } } }", map[string]any{"id": w.customer, "after": after}).Good()
		for _, node := range page.List("customer.history.nodes") {
			seen = append(seen, node.(map[string]any)["id"].(string))
		}
		if after = page.Get("customer.history.pageInfo.endCursor"); page.Get("customer.history.pageInfo.hasNextPage") == false {
			break
		}
	}
	for i, node := range all.List("customer.history.nodes") {
		if i >= len(seen) || node.(map[string]any)["id"] != seen[i] {
			t.Fatalf("the pages give %v", seen)
		}
	}
	timeline := w.Ask("guangdong.sales", "query($id: ID!) { customer(id: $id) { timeline(first: 50) { totalCount nodes { __typename id at summary by { id } ... on HistoryEntry { changes { field old new } } } } } }", map[string]any{"id": w.customer}).Good()
	if timeline.Number("customer.timeline.totalCount") != 14 || timeline.Text("customer.timeline.nodes.0.__typename") != "HistoryEntry" || timeline.Text("customer.timeline.nodes.0.changes.0.field") != "note" {
		t.Errorf("the timeline is %s", timeline.Body)
	}
	if _, err := uuid.Parse(timeline.Text("customer.timeline.nodes.0.id")); err != nil || timeline.Text("customer.timeline.nodes.0.summary") != "Changed: note, region" {
		t.Errorf("the timeline is %s", timeline.Body)
	}
}

func TestASignInIsKept(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	if a := c.Send("POST", "/session", []byte(`{"login":"director","password":"`+sandbox.Password+`"}`), "Content-Type", plainJSON); a.Status != 200 {
		t.Fatalf("answered %d %s", a.Status, a.Body)
	}
	director := idsOf(t, c, "select id from users where login = 'director'")[0]
	a := c.Ask("admin", "query($id: ID!) { history(record: $id, first: 1) { nodes { action by { id } at } } }", map[string]any{"id": director}).Good()
	if a.Text("history.nodes.0.action") != "SIGN_IN" || a.Text("history.nodes.0.by.id") != director {
		t.Errorf("told %s", a.Body)
	}
}
