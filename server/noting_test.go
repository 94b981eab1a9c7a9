package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"guanxi/access"
	"guanxi/models"
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
	read("query Plain($id: ID!) { customer(id: $id) { id name } }")
	holds("nothing protected")
	read("query Empty($id: ID!) { customer(id: $id) { email } }")
	holds("what is empty", "guangdong.sales Customer.email "+w.customer)
	read("query Own($id: ID!, $opportunity: ID!) { customer(id: $id) { a: phone phone } opportunity(id: $opportunity) { amount { amount } lines { amount { amount } } } }")
	holds("values", "guangdong.sales Customer.phone "+w.customer, "guangdong.sales Opportunity.amount "+w.opportunity)
	read("query($opportunity: ID!) { opportunityReport(by: [STATUS], where: {id: {eq: $opportunity}}) { total { openAmount { amount } wonAmount { amount } } } }")
	holds("figures", "guangdong.sales OpportunityReportRow.openAmount", "guangdong.sales OpportunityReportRow.wonAmount")
	for _, share := range []string{"shareOfTotal", "runningTotal"} {
		read("query($opportunity: ID!) { opportunityReport(by: [STATUS], where: {id: {eq: $opportunity}}) { rows { " + share + "(measure: OPEN_AMOUNT) } } }")
		holds(share+" of figures", "guangdong.sales OpportunityReportRow.openAmount")
		read("query($opportunity: ID!) { opportunityReport(by: [STATUS], where: {id: {eq: $opportunity}}) { rows { " + share + "(measure: COUNT) } } }")
		holds(share + " of counts")
	}
	read("query($id: ID!) { customer(id: $id) { history { nodes { changes { field new } } } } }")
	holds("history", "guangdong.sales Customer.phone "+w.customer)
	w.rights("sales", "CONTACT_DETAILS", "OWN", "MASKED")
	read("query($id: ID!) { customer(id: $id) { phone history { nodes { changes { field new } } } } }")
	holds("masks")
	w.rights("sales", "AMOUNTS", "OTHER", "NONE")
	for _, c := range [][2]string{{"OPEN_AMOUNT", "[OpportunityReportRow.openAmount]"}, {"COUNT", "<nil>"}, {"WON_AMOUNT", "[OpportunityReportRow.wonAmount]"}} {
		share := w.Ask("guangdong.sales", "query($m: OpportunityMeasure!) { opportunityReport(by: [STATUS]) { total { shareOfTotal(measure: $m) } } }", map[string]any{"m": c[0]}).Good()
		if denied := fmt.Sprint(share.Extensions["denied"]); denied != c[1] {
			t.Errorf("of a share of %s it is told that denied is %s", c[0], denied)
		}
	}
	change(t, w.Company, "delete from access_log")
	for _, relation := range access.Relations {
		w.rights("sales", "AMOUNTS", string(relation), "NONE")
	}
	read("query { opportunityReport(by: [STATUS]) { total { openAmount { amount } } } }")
	holds("figures without the right")
}

// TestTheAccessLogDoesNotTellWhetherThereWasAValue reads records on which the viewer has the right and others, with values and
// without: the log is the same.
func TestTheAccessLogDoesNotTellWhetherThereWasAValue(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	sales, service := w.one("select id from users where login = 'guangdong.sales'"), ""
	w.rights("sales", "AMOUNTS", "OTHER", "NONE")
	w.rights("sales", "CONTACT_DETAILS", "OTHER", "NONE")
	w.rights("sales", "COSTS", "OWN", "FULL")
	w.rights("sales", "COSTS", "OTHER", "NONE")
	w.made("shareCreate", "share", `{record: "`+w.hidden+`", subject: {user: "`+sales+`"}, level: OBSERVE}`)
	theirs := w.made("opportunityCreate", "opportunity", `{title: "Theirs", customer: "`+w.hidden+`"}`)
	for _, assigned := range []string{"", `, assignee: "` + sales + `"`} {
		service = w.made("serviceCreate", "service", `{title: "Theirs", customer: "`+w.hidden+`"`+assigned+`}`)
	}
	query := fmt.Sprintf(`{ a: customer(id: %q) { phone } b: customer(id: %q) { phone services { nodes { cost { amount } } } }
		c: opportunity(id: %q) { amount { amount } lines { amount { amount } } } d: opportunity(id: %q) { amount { amount } lines { amount { amount } } } }`, w.customer, w.hidden, w.opportunity, theirs)
	want := []string{"guangdong.sales Customer.phone " + w.customer, "guangdong.sales Opportunity.amount " + w.opportunity,
		"guangdong.sales OpportunityLine.amount " + w.opportunity, "guangdong.sales Service.cost " + service}
	line := "insert into opportunity_lines (id, opportunity_id, position, quantity, amount, product_id) select ?, ?, 1, 1, %s, id from products order by id limit 1"
	for _, values := range []string{"null", "1"} {
		for _, id := range []string{w.opportunity, theirs} {
			change(t, w.Company, "delete from opportunity_lines where opportunity_id = ?", id)
			change(t, w.Company, fmt.Sprintf(line, values), models.NewID(models.OpportunityLineCode), id)
		}
		change(t, w.Company, "update opportunities set currency = coalesce(currency, 'CNY'), amount = "+values)
		change(t, w.Company, "update services set currency = coalesce(currency, 'CNY'), cost = "+values)
		change(t, w.Company, "update customers set phone = "+values+"::int::text")
		w.Ask("guangdong.sales", query, nil).Good()
		if got := w.logged(bySales); !slices.Equal(got, want) {
			t.Errorf("with values %s the log holds %v, want %v", values, got, want)
		}
		change(t, w.Company, "delete from access_log")
	}
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
	w.made("shareCreate", "share", `{record: "`+w.customer+`", subject: {user: "`+w.one("select id from users where login = 'guangxi.sales'")+`"}, level: OBSERVE}`)
	shared := w.Ask("guangxi.sales", query, map[string]any{"id": w.customer, "entry": entry}).Good()
	if shared.Number("accessLog.totalCount") != 1 || shared.Number("all.totalCount") != 1 || shared.Text("node.id") != entry {
		t.Errorf("with whom it is shared is told %s", shared.Body)
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

// TestAWriteIsAnsweredTrulyWhenTheAccessLogIsGone writes without the log: what was written is told, and what is protected is not.
func TestAWriteIsAnsweredTrulyWhenTheAccessLogIsGone(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	change(t, w.Company, "alter table access_log rename to gone")
	const history = "history(first: 1) { nodes { changes { field old new } } }"
	a := w.Ask("guangdong.sales", "mutation($id: ID!) { it: customerUpdate(input: {id: $id, name: \"Written\", phone: \"13900002222\"}) { customer { id name tel: phone note "+history+" } userErrors { code } } }", map[string]any{"id": w.customer})
	changes := map[string]any{}
	for _, one := range a.List("it.customer.history.nodes.0.changes") {
		c := one.(map[string]any)
		changes[c["field"].(string)] = c["new"]
	}
	if a.Status != http.StatusOK || a.Text("it.customer.id") != w.customer || a.Text("it.customer.name") != "Written" || a.Text("it.customer.note") != "first" ||
		a.Get("it.customer.tel") != nil || changes["name"] != "Written" || changes["phone"] != nil || len(changes) != 2 {
		t.Errorf("answered %d %s", a.Status, a.Body)
	}
	for _, secret := range []string{"13900002222", "13800001111"} {
		if strings.Contains(string(a.Body), secret) {
			t.Errorf("%s stands in %s", secret, a.Body)
		}
	}
	var places []string
	for _, e := range a.Errors {
		places = append(places, fmt.Sprint(e.Path[len(e.Path)-1], " ", e.Code()))
	}
	slices.Sort(places)
	if !slices.Equal(places, []string{"new INTERNAL", "old INTERNAL", "tel INTERNAL"}) {
		t.Errorf("told of %v in %s", places, a.Body)
	}
	if n := w.count("select count(*) from customers where name = 'Written' and phone = '13900002222'"); n != 1 {
		t.Error("nothing was written")
	}
}

// TestTheAccessLogTellsOfARecordAsItWasWhoReadsItToday opens a report as of an instant before two opportunities changed hands: a
// value that is read by the right of today is in the log, one that was read by the right of then is not.
func TestTheAccessLogTellsOfARecordAsItWasWhoReadsItToday(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	w.rights("sales", "AMOUNTS", "OTHER", "NONE")
	sales, admin := w.one("select id from users where login = 'guangdong.sales'"), w.one("select id from users where login = 'admin'")
	given := w.made("opportunityCreate", "opportunity", `{title: "Given", customer: "`+w.customer+`", owner: "`+sales+`", amount: "1"}`)
	taken := w.made("opportunityCreate", "opportunity", `{title: "Taken", customer: "`+w.customer+`", amount: "2"}`)
	var then time.Time
	if err := w.Store.Pool.QueryRow(t.Context(), "select created_at from opportunities where id = $1", taken).Scan(&then); err != nil {
		t.Fatal(err)
	}
	w.made("opportunityTransfer", "opportunity", `{id: "`+given+`", to: "`+admin+`"}`)
	w.made("opportunityTransfer", "opportunity", `{id: "`+taken+`", to: "`+sales+`"}`)
	a := w.Ask("guangdong.sales", "query($of: [ID!], $at: DateTime) { opportunityReport(asOf: $at, where: {id: {in: $of}}) { total { records { nodes { title owner { login } amount { amount } } } } } }",
		map[string]any{"of": []string{given, taken}, "at": then.Format(time.RFC3339Nano)}).Good()
	want := `[map[amount:map[amount:2] owner:map[login:admin] title:Taken] map[amount:<nil> owner:map[login:guangdong.sales] title:Given]]`
	if got := fmt.Sprint(a.List("opportunityReport.total.records.nodes")); got != want {
		t.Errorf("he reads %s", got)
	}
	if got := w.logged(bySales); !slices.Equal(got, []string{"guangdong.sales Opportunity.amount " + taken}) {
		t.Errorf("the log holds %v", got)
	}
}

// TestTheAccessLogTellsWhatWasSearchedFor searches for names, and for what may be the end of a phone number: this is an entry of each kind that
// was looked in, of no record, whether anybody was found; none where the viewer reads no numbers, or is refused.
func TestTheAccessLogTellsWhatWasSearchedFor(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	const both = "[guangdong.sales ContactSearch.phone guangdong.sales CustomerSearch.phone]"
	holds := func(search, want string) {
		t.Helper()
		if got := fmt.Sprint(w.logged(bySales)); got != want {
			t.Errorf("%s: the log holds %v", search, got)
		}
		change(t, w.Company, "delete from access_log")
	}
	for search, want := range map[string]string{
		`search(text: "Told") { nodes { matched } }`:                                   "[]",
		`search(text: "111") { nodes { matched } }`:                                    "[]",
		`search(text: "0000 1111") { nodes { matched } }`:                              both,
		`search(text: "98989898") { totalCount }`:                                      both,
		`search(text: "1111", kinds: [CONTACT, USER]) { nodes { matched } }`:           "[guangdong.sales ContactSearch.phone]",
		`search(text: "1111", kinds: [OPPORTUNITY, COMPETITOR]) { nodes { matched } }`: "[]",
	} {
		w.Ask("guangdong.sales", "{ "+search+" }", nil).Good()
		if n := w.count("select count(*) from access_log where record_id is not null or records > 0"); n > 0 {
			t.Errorf("%s: %d entries are of records", search, n)
		}
		holds(search, want)
	}
	w.Ask("guangdong.sales", `{ search(text: "1111", after: "x") { totalCount } }`, nil).Refused("BAD_INPUT")
	holds("what is refused", "[]")
	for _, relation := range access.Relations {
		w.rights("sales", "CONTACT_DETAILS", string(relation), "MASKED")
	}
	w.Ask("guangdong.sales", `{ search(text: "1111") { totalCount } }`, nil).Good()
	holds("without the right", "[]")
}

// TestTheAccessLogTellsWhatWasFilteredGroupedAndSortedBy asks for nothing protected, by what is: each way is one entry, of no record,
// whether anything was found; what is refused, and what is not protected, is none.
func TestTheAccessLogTellsWhatWasFilteredGroupedAndSortedBy(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	for _, c := range []struct {
		query string
		want  []string
	}{
		{`{ opportunities(where: {title: {contains: "x"}}, orderBy: [{field: OPENED_ON}]) { nodes { id } } }`, nil},
		{`{ opportunities(where: {amount: {gt: "1"}}) { nodes { id } } }`, []string{"OpportunityWhere.amount"}},
		{`{ opportunities(where: {amount: {gt: "999999999"}}) { totalCount } }`, []string{"OpportunityWhere.amount"}},
		{`query($w: CustomerWhere) { customers(where: $w) { nodes { id } } }`, []string{"CustomerWhere.phone", "OpportunityWhere.amount"}},
		{`{ opportunities(orderBy: [{field: AMOUNT, direction: DESC}], first: 3) { nodes { id } } }`, []string{"OpportunityOrderField.AMOUNT"}},
		{`{ opportunityReport(by: [AMOUNT_BAND, STATUS], having: {wonAmount: {gt: "0"}}, orderBy: [{measure: LOST_AMOUNT}]) { rows { count } } }`,
			[]string{"OpportunityDimension.AMOUNT_BAND", "OpportunityHaving.wonAmount", "OpportunityMeasure.LOST_AMOUNT"}},
		{`{ opportunityReport(by: [STATUS], orderBy: [{measure: COUNT}]) { rows { shareOfTotal(measure: COUNT) } } }`, nil},
		{`{ competitorAnalysis { rows { breakdown(by: AMOUNT_BAND) { encounters } } } }`, []string{"OpportunityDimension.AMOUNT_BAND"}},
	} {
		change(t, w.Company, "delete from access_log")
		w.Ask("guangdong.sales", c.query, map[string]any{"w": map[string]any{"or": []any{map[string]any{"phone": map[string]any{"contains": "1"}},
			map[string]any{"opportunities": map[string]any{"some": map[string]any{"amount": map[string]any{"isNull": false}}}}}}}).Good()
		var want []string
		for _, field := range c.want {
			want = append(want, "guangdong.sales "+field)
		}
		if got := w.logged(bySales); !slices.Equal(got, want) {
			t.Errorf("%s: the log holds %v", c.query, got)
		}
	}
	if n := w.count("select count(*) from access_log where record_id is not null or records > 0"); n > 0 {
		t.Errorf("%d entries are of records", n)
	}
	for _, relation := range access.Relations {
		w.rights("sales", "AMOUNTS", string(relation), "NONE")
	}
	change(t, w.Company, "delete from access_log")
	w.Ask("guangdong.sales", `{ opportunities(where: {amount: {gt: "1"}}) { nodes { id } } }`, nil).Refused("FIELD_DENIED")
	if got := w.logged(bySales); len(got) > 0 {
		t.Errorf("what is refused is in the log: %v", got)
	}
}
