package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// logged gives the entries of the access log as the administrator is told of them, oldest first, as user field record.
func (w *tale) logged(where string) (list []string) {
	w.t.Helper()
	a := w.Ask("admin", "{ accessLog(first: 100, where: "+where+", orderBy: [{field: AT}]) { nodes { user { login } viewedBy { login } operation field record { id } records } } }", nil).Good()
	for _, node := range a.List("accessLog.nodes") {
		e := node.(map[string]any)
		line := fmt.Sprint(e["user"].(map[string]any)["login"], " ", e["field"])
		if by, viewed := e["viewedBy"].(map[string]any); viewed {
			line = fmt.Sprint(by["login"], " as ", line)
		}
		if record, of := e["record"].(map[string]any); of {
			line += " " + record["id"].(string)
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}

const bySales = `{user: {login: {eq: "guangdong.sales"}}}`

// TestTheAccessLogTellsWhoReadWhichProtectedFieldInFull reads values, masks, nothing at all, figures and a history.
func TestTheAccessLogTellsWhoReadWhichProtectedFieldInFull(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	read := func(query string) {
		w.Ask("guangdong.sales", query, map[string]any{"id": w.customer, "opportunity": w.opportunity}).Good()
	}
	holds := func(what string, want ...string) {
		t.Helper()
		if got := w.logged(bySales); !slices.Equal(got, want) {
			t.Errorf("%s: the log holds %v", what, got)
		}
		change(t, w.Company, "delete from access_log")
	}
	read("query Plain($id: ID!) { customer(id: $id) { id name email address } }")
	holds("nothing protected, and what is empty")
	read("query Own($id: ID!, $opportunity: ID!) { customer(id: $id) { a: phone phone } opportunity(id: $opportunity) { amount { amount } lines { amount { amount } } } }")
	holds("values", "guangdong.sales Customer.phone "+w.customer, "guangdong.sales Opportunity.amount "+w.opportunity)
	read("query($opportunity: ID!) { opportunityReport(by: [STATUS], where: {id: {eq: $opportunity}}) { total { openAmount { amount } wonAmount { amount } } } }")
	holds("figures", "guangdong.sales OpportunityReportRow.openAmount")
	read("query($id: ID!) { customer(id: $id) { history { nodes { changes { field new } } } } }")
	holds("history", "guangdong.sales Customer.phone "+w.customer)
	w.rights("sales", "CONTACT_DETAILS", "OWN", "MASKED")
	read("query($id: ID!) { customer(id: $id) { phone history { nodes { changes { field new } } } } }")
	holds("masks")
}

// TestTheAccessLogNamesTheAdministratorWhoViewsAsAnother asks twice: each use is kept by an entry of its own, so that whether
// one is told of it hangs on no record that was read.
func TestTheAccessLogNamesTheAdministratorWhoViewsAsAnother(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	as := lookAs(t, w.Company, "admin", "guangdong.sales")
	w.Send(http.MethodPost, "/graphql", []byte(`{"query":"{ customers(first: 1, where: {name: {eq: \"Told\"}}) { nodes { phone } } }"}`), as...).Good()
	w.Send(http.MethodPost, "/graphql", []byte(`{"query":"{ __typename }"}`), as...).Good()
	if got := w.logged(bySales); !slices.Equal(got, []string{"admin as guangdong.sales <nil>", "admin as guangdong.sales <nil>", "admin as guangdong.sales Customer.phone " + w.customer}) {
		t.Errorf("the log holds %v", got)
	}
	if got := w.logged(`{viewedBy: {login: {eq: "admin"}}}`); len(got) != 3 {
		t.Errorf("by the administrator the log holds %v", got)
	}
}

// TestA15TheAccessLogTellsOfNoHiddenRecord asks as an administrator of access who does not see all records.
func TestA15TheAccessLogTellsOfNoHiddenRecord(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	w.Ask("guangdong.sales", "query($id: ID!) { customer(id: $id) { phone } }", map[string]any{"id": w.customer}).Good()
	entry := w.one("select id from access_log where record_id = $1", w.customer)
	change(t, w.Company, "update roles set permissions = permissions || '{ACCESS_ADMIN}'::text[] where code = 'sales'")
	const query = "query($id: ID!, $entry: ID!) { accessLog(where: {record: {eq: $id}}) { totalCount nodes { id } } all: accessLog(where: {field: {eq: \"Customer.phone\"}}) { totalCount } accessLogCounts(by: [USER, FIELD, DAY], where: {user: {login: {eq: \"guangdong.sales\"}}}) { user { login } field day reads } node(id: $entry) { id } }"
	hidden := w.Ask("guangxi.sales", query, map[string]any{"id": w.customer, "entry": entry}).Good()
	if hidden.Number("accessLog.totalCount") != 0 || hidden.Number("all.totalCount") != 0 || len(hidden.List("accessLogCounts")) != 0 || hidden.Get("node") != nil {
		t.Errorf("another salesperson is told %s", hidden.Body)
	}
	seen := w.Ask("admin", query, map[string]any{"id": w.customer, "entry": entry}).Good()
	if seen.Number("accessLog.totalCount") != 1 || seen.Text("node.id") != entry || seen.Number("accessLogCounts.0.reads") != 1 || seen.Text("accessLogCounts.0.day") != "2026-09-17" {
		t.Errorf("the administrator is told %s", seen.Body)
	}
	w.Ask("marketing", "{ accessLog { totalCount } }", nil).Refused("PERMISSION_DENIED")
}

func TestTheAccessLogIsPruned(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	w.Ask("guangdong.sales", "query($id: ID!) { customer(id: $id) { phone } }", map[string]any{"id": w.customer}).Good()
	for _, passed := range []time.Duration{0, 24 * time.Hour} {
		w.Pass(passed)
		gone, err := w.Store.PruneAccessLog(t.Context(), 12*time.Hour)
		if err != nil || (gone > 0) != (passed > 0) {
			t.Errorf("after %s %d entries are gone, %v", passed, gone, err)
		}
	}
}

// TestWhatIsNotInTheAccessLogDoesNotGoOut takes the log away.
func TestWhatIsNotInTheAccessLogDoesNotGoOut(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	change(t, w.Company, "alter table access_log rename to gone")
	a := w.Ask("guangdong.sales", "query($id: ID!) { customer(id: $id) { phone } }", map[string]any{"id": w.customer})
	if a.Data != nil || len(a.Errors) == 0 {
		t.Errorf("answered %s", a.Body)
	}
	w.Ask("guangdong.sales", "query($id: ID!) { customer(id: $id) { name } }", map[string]any{"id": w.customer}).Good()
}
