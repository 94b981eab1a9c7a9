package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/server/servertest"
)

const saveReport = `mutation($input: SavedReportCreateInput!) { savedReportCreate(input: $input) { savedReport { id version defaults parameters { name type value } owner { login } } userErrors { code field message } } }`

// save saves a report as somebody and gives its id.
func save(c *servertest.Company, login, name, document, defaults string) string {
	return c.Ask(login, saveReport, map[string]any{"input": map[string]any{"name": name, "document": document, "defaults": defaults}}).Good().Text("savedReportCreate.savedReport.id")
}

// open opens a saved report as somebody, with what stands behind its id in the address.
func open(c *servertest.Company, login, id, rest string, header ...string) *servertest.Answer {
	return c.Send(http.MethodGet, "/reports/"+id+rest, nil, append(header, "Authorization", "Bearer "+c.Token(login))...)
}

// share opens a record to a user.
func share(t *testing.T, c *servertest.Company, login, record, to string) {
	t.Helper()
	user := idsOf(t, c, "select id from users where login = $1", to)[0]
	a := c.Ask(login, `mutation($r: ID!, $u: ID!) { shareCreate(input: {record: $r, subject: {user: $u}, level: OBSERVE}) { userErrors { code message } } }`, map[string]any{"r": record, "u": user}).Good()
	if refused := a.List("shareCreate.userErrors"); len(refused) > 0 {
		t.Fatalf("not shared: %v", refused)
	}
}

const lostBy = `query Lost($by: [OpportunityDimension!], $first: Int! = 5, $where: OpportunityWhere, $zone: String) {
	lossRate(by: $by, first: $first, where: $where, timeZone: $zone) { rows { count lost } total { count lost wonAmount { amount } } definition { timeZone } } }`

// TestASavedReportIsAskedByWhoeverOpensIt saves one, shares it, and opens it as others, with parameters of their own.
func TestASavedReportIsAskedByWhoeverOpensIt(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	letExport(t, c, "sales", access.Opportunity)
	letExport(t, c, "marketing", access.Opportunity)
	made := c.Ask("admin", saveReport, map[string]any{"input": map[string]any{"name": "丢单/按状态", "document": lostBy, "defaults": `{"by": ["STATUS"]}`}}).Good()
	if got := fmt.Sprint(made.List("savedReportCreate.savedReport.parameters")); got != `[map[name:by type:[OpportunityDimension!] value:["STATUS"]] map[name:first type:Int! value:<nil>] map[name:where type:OpportunityWhere value:<nil>] map[name:zone type:String value:<nil>]]` {
		t.Errorf("its parameters are %s", got)
	}
	id := made.Text("savedReportCreate.savedReport.id")
	whole := open(c, "admin", id, ".json").Good()
	direct := c.Ask("admin", lostBy, map[string]any{"by": []string{"STATUS"}}).Good()
	if fmt.Sprint(whole.Data) != fmt.Sprint(direct.Data) {
		t.Errorf("saved: %s, asked: %s", whole.Body, direct.Body)
	}
	if got := whole.Header.Get("Content-Disposition"); !strings.HasSuffix(got, "filename*=UTF-8''"+url.PathEscape("丢单_按状态.json")) {
		t.Errorf("the file is called %s", got)
	}
	narrow := open(c, "admin", id, ".json?first=1&by=CLOSED_YEAR&by=STATUS&zone=Europe/Paris&where="+url.QueryEscape(`{"status":{"eq":"LOST"}}`)).Good()
	asked := c.Ask("admin", lostBy, map[string]any{"by": []string{"CLOSED_YEAR", "STATUS"}, "first": 1, "zone": "Europe/Paris", "where": map[string]any{"status": map[string]any{"eq": "LOST"}}}).Good()
	if fmt.Sprint(narrow.Data) != fmt.Sprint(asked.Data) || narrow.Text("lossRate.definition.timeZone") != "Europe/Paris" {
		t.Errorf("with parameters it answers %s", narrow.Body)
	}
	if lines := csvGrid(t, open(c, "admin", id, ".csv?by="+url.QueryEscape(`["STATUS"]`)).Body).table("line"); lines[len(lines)-1]["Opportunities"] != text(direct.Get("lossRate.total.count")) {
		t.Errorf("as CSV its lines are %v", lines)
	}
	if grids := xlsxGrids(t, open(c, "admin", id, ".xlsx").Body); len(grids["lossRate"]) == 0 {
		t.Errorf("as XLSX it is %v", grids)
	}

	hidden, never := open(c, "guangdong.sales", id, ".csv"), open(c, "guangdong.sales", models.NewID(models.SavedReportCode).String(), ".csv")
	if hidden.Status != 404 || string(hidden.Body) != string(never.Body) || open(c, "guangdong.sales", "x", ".csv").Status != 404 || open(c, "admin", id, ".pdf").Status != 404 {
		t.Errorf("hidden it answers %d %s, never issued %s", hidden.Status, hidden.Body, never.Body)
	}
	share(t, c, "admin", id, "guangdong.sales")
	his := open(c, "guangdong.sales", id, ".json").Good()
	if his.Number("lossRate.total.count") >= whole.Number("lossRate.total.count") || fmt.Sprint(his.Data) != fmt.Sprint(c.Ask("guangdong.sales", lostBy, map[string]any{"by": []string{"STATUS"}}).Good().Data) {
		t.Errorf("shared with him it answers him %s", his.Body)
	}
	share(t, c, "admin", id, "marketing")
	if masked := open(c, "marketing", id, ".json").Good(); masked.Get("lossRate.total.wonAmount") != nil {
		t.Errorf("one who reads no amounts is told %s", masked.Body)
	}
	if as := c.Send(http.MethodGet, "/reports/"+id+".json", nil, lookAs(t, c, "admin", "guangdong.sales")[2:]...).Good(); fmt.Sprint(as.Data) != fmt.Sprint(his.Data) {
		t.Errorf("looked at as he does it answers %s", as.Body)
	}
}

// TestASavedReportIsRefusedWhatItCannotBeAsked calls one with what does not fit, and takes a field away that it sorts by.
func TestASavedReportIsRefusedWhatItCannotBeAsked(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	id := save(c, "admin", "x", `query($min: Decimal, $first: Int!) { lossRate(by: [STATUS], first: $first, having: {wonAmount: {gte: $min}}) { total { count } } }`, "{}")
	for rest, code := range map[string]string{
		".csv": "GRAPHQL_VALIDATION_FAILED", ".csv?first=x": "BAD_INPUT", ".csv?first=1&nothing=1": "BAD_INPUT", ".csv?first=0": "BAD_INPUT", ".csv?first=1&min=%ff": "BAD_INPUT", ".csv?%ff": "BAD_INPUT",
		".json?first=1&encoding=gb18030": "BAD_INPUT", ".json?first=1&first=1": "BAD_INPUT", ".csv?min=1&first=1&min=2": "BAD_INPUT",
	} {
		a := open(c, "admin", id, rest)
		if a.Refused(code); a.Status != 400 {
			t.Errorf("%s is answered %d", rest, a.Status)
		}
	}
	if said := open(c, "admin", id, ".csv?min=1&first=1&min=2").Refused("BAD_INPUT").Message; !strings.Contains(said, "min") {
		t.Errorf("of a parameter given twice it says %q", said)
	}
	open(c, "admin", id, ".json?first=1&min=5.50&encoding=utf-8").Good()
	named := save(c, "admin", "y", `query($part: String) { lossRate(where: {title: {contains: $part}}) { total { count } } }`, "{}")
	open(c, "admin", named, ".csv?part=%ed%a0%80").Refused("BAD_INPUT")
	share(t, c, "admin", id, "marketing")
	letExport(t, c, "marketing", access.Opportunity)
	open(c, "marketing", id, ".json?first=1&min=5").Refused("FIELD_DENIED")
	if a := c.Send(http.MethodPost, "/reports/"+id+".csv", []byte("{}"), "Authorization", "Bearer "+c.Token("admin"), "Content-Type", plainJSON); a.Status != 405 {
		t.Errorf("by POST it is answered %d", a.Status)
	}
	if a := c.Send(http.MethodGet, "/reports/"+id+".csv", nil); a.Status != 404 {
		t.Errorf("nobody is answered %d %s", a.Status, a.Body)
	}
}

// TestOnlyReportsWithinTheLimitsAreSaved tries what no request could ask, and is told where it goes wrong.
func TestOnlyReportsWithinTheLimitsAreSaved(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for _, try := range []struct{ document, defaults, field, message string }{
		{"{ lossRate {", "{}", "document", "Line 1, column 13"},
		{"{\n  lossRate { total { nothing } } }", "{}", "document", "Line 2, column 22"},
		{"{ lossRate { total { count } } customers { totalCount } }", "{}", "document", `"customers" is none`},
		{"query A { lossRate { total { count } } } query B { lossRate { total { count } } }", "{}", "document", "one query"},
		{`mutation { customerClaim(input: {id: "x"}) { userErrors { code } } }`, "{}", "document", "one query"},
		{"query($encoding: String) { lossRate(timeZone: $encoding) { total { count } } }", "{}", "document", "Line 1, column 7"},
		{"{" + strings.Repeat(" a: lossRate { total { count } }", 11) + "}", "{}", "document", "at most 10"},
		{"{ lossRate { rows { records(first: 100) { nodes { id } } } } }", "{}", "document", "costs"},
		{"query($n: Int!) { lossRate(first: $n) { rows { records(first: 100) { nodes { id } } } } }", `{"n": 5000}`, "document", "costs"},
		{"query($n: Int!) { lossRate(first: $n) { total { count } } }", "[]", "defaults", "no JSON object"},
		{"query($n: Int!) { lossRate(first: $n) { total { count } } }", `{"m": 1}`, "defaults", "$m"},
		{"query($n: Int!) { lossRate(first: $n) { total { count } } }", `{"n": "x"}`, "defaults", "n"},
		{"", "{}", "document", ""},
	} {
		a := c.Ask("admin", saveReport, map[string]any{"input": map[string]any{"name": "x", "document": try.document, "defaults": try.defaults}}).Good()
		told, _ := a.Get("savedReportCreate.userErrors.0.message").(string)
		if field := fmt.Sprint(a.Get("savedReportCreate.userErrors.0.field")); field != "[input "+try.field+"]" || !strings.Contains(told, try.message) {
			t.Errorf("%.60s %s: %s", try.document, try.defaults, a.Body)
		}
	}
	id := save(c, "admin", "x", lostBy, "{}")
	const change = `mutation($input: SavedReportUpdateInput!) { savedReportUpdate(input: $input) { savedReport { name note } userErrors { field } } }`
	if a := c.Ask("admin", change, map[string]any{"input": map[string]any{"id": id, "document": "{ viewer { user { id } } }"}}).Good(); len(a.List("savedReportUpdate.userErrors")) != 1 {
		t.Errorf("changed to what is no report: %s", a.Body)
	}
	if a := c.Ask("admin", change, map[string]any{"input": map[string]any{"id": id, "note": "y"}}).Good(); a.Text("savedReportUpdate.savedReport.note") != "y" {
		t.Errorf("answered %s", a.Body)
	}
}

const tiled = `dashboard { id tiles { title parameters report { id name } } history(first: 1) { nodes { changes { field old new } } } } userErrors { code field }`

// TestADashboardShowsTheReportsThatItsViewerSees puts two reports on one, one of which a colleague does not see.
func TestADashboardShowsTheReportsThatItsViewerSees(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	open, secret := save(c, "admin", "open", lostBy, "{}"), save(c, "admin", "secret", lostBy, "{}")
	tile := func(report, title string) map[string]any {
		return map[string]any{"report": report, "title": title, "parameters": `{"first": 3}`}
	}
	create := func(login string, tiles ...any) *servertest.Answer {
		return c.Ask(login, `mutation($tiles: [DashboardTileInput]) { dashboardCreate(input: {title: "板", tiles: $tiles}) { `+tiled+` } }`, map[string]any{"tiles": tiles}).Good()
	}
	a := create("admin", tile(open, "一"), tile(secret, "二"))
	id := a.Text("dashboardCreate.dashboard.id")
	if a.Text("dashboardCreate.dashboard.tiles.1.report.name") != "secret" || !strings.Contains(fmt.Sprint(a.Get("dashboardCreate.dashboard.history")), secret) {
		t.Errorf("made: %s", a.Body)
	}
	share(t, c, "admin", open, "guangdong.sales")
	share(t, c, "admin", id, "guangdong.sales")
	const look = `query($id: ID!) { dashboard(id: $id) { tiles { title report { name } } history { nodes { changes { field old new } } } } }`
	his := c.Ask("guangdong.sales", look, map[string]any{"id": id}).Good()
	if his.Text("dashboard.tiles.0.report.name") != "open" || his.Get("dashboard.tiles.1") != nil || len(his.List("dashboard.tiles")) != 2 || strings.Contains(string(his.Body), secret) {
		t.Errorf("he is shown %s", his.Body)
	}
	told := func(login, id, which string) string { // the tiles that the last change of some tells of
		a := c.Ask(login, look, map[string]any{"id": id}).Good()
		for i := range a.List("dashboard.history.nodes") {
			for j := range a.List(fmt.Sprintf("dashboard.history.nodes.%d.changes", i)) {
				if at := fmt.Sprintf("dashboard.history.nodes.%d.changes.%d.", i, j); a.Get(at+"field") == "tiles" {
					return a.Text(at + which)
				}
			}
		}
		return "nothing"
	}
	first, second := fmt.Sprintf(`{"title": "一", "report": "%s", "parameters": "{\"first\": 3}"}`, open), fmt.Sprintf(`{"title": "二", "report": "%s", "parameters": "{\"first\": 3}"}`, secret)
	if told("admin", id, "old") != "[]" || told("admin", id, "new") != "["+first+", "+second+"]" || told("guangdong.sales", id, "new") != "["+first+", null]" {
		t.Errorf("the history tells %s and him %s", told("admin", id, "new"), told("guangdong.sales", id, "new"))
	}
	change := func(login, who string, tiles ...any) *servertest.Answer {
		return c.Ask(login, `mutation($id: ID!, $tiles: [DashboardTileInput]) { dashboardUpdate(input: {id: $id, tiles: $tiles}) { `+tiled+` } }`, map[string]any{"id": who, "tiles": tiles}).Good()
	}
	if kept := change("admin", id, tile(secret, "零"), nil); kept.Text("dashboardUpdate.dashboard.tiles.0.title") != "零" || kept.Text("dashboardUpdate.dashboard.tiles.1.title") != "二" {
		t.Errorf("a tile that is null does not stay: %s", kept.Body)
	}
	if old, now := told("guangdong.sales", id, "old"), told("guangdong.sales", id, "new"); old != "["+first+", null]" || now != "[null, null]" {
		t.Errorf("after a change the history tells him %s and %s", old, now)
	}
	renamed := change("admin", id, tile(secret, "零零"), nil)
	if got := renamed.Get("dashboardUpdate.dashboard.history.nodes.0.changes.0.field"); got != "tiles" || told("guangdong.sales", id, "old") != "["+first+", null]" {
		t.Errorf("a change of what he does not see is told: %s, to him %s", renamed.Body, told("guangdong.sales", id, "old"))
	}
	for _, values := range []string{`{"nothing": 3}`, `{"first": "three"}`, `{"first": null, "encoding": 1}`} {
		wrong := tile(secret, "x")
		wrong["parameters"] = values
		if a := change("admin", id, nil, wrong); fmt.Sprint(a.Get("dashboardUpdate.userErrors")) != "[map[code:INVALID field:[input tiles 1 parameters]]]" {
			t.Errorf("a tile with %s: %s", values, a.Body)
		}
	}
	own := c.Ask("guangdong.sales", `mutation { dashboardCreate(input: {title: "own"}) { dashboard { id } } }`, nil).Good().Text("dashboardCreate.dashboard.id")
	for _, report := range []string{secret, models.NewID(models.SavedReportCode).String(), uuid.NewString()} {
		const refused = "[map[code:NOT_FOUND field:[input tiles 0 report]]]"
		if a := change("guangdong.sales", own, tile(report, "x")); fmt.Sprint(a.Get("dashboardUpdate.userErrors")) != refused {
			t.Errorf("a hidden report on a tile: %s", a.Body)
		}
		if a := create("guangdong.sales", tile(report, "x")); fmt.Sprint(a.Get("dashboardCreate.userErrors")) != refused || a.Get("dashboardCreate.dashboard") != nil {
			t.Errorf("a hidden report on a tile of a new dashboard: %s", a.Body)
		}
	}
	for what, tiles := range map[string][]any{
		"a place without a tile": {nil}, "no object": {map[string]any{"report": open, "parameters": "[]"}}, "no title": {map[string]any{"report": open, "title": " "}},
		"too many": slices.Repeat([]any{tile(open, "x")}, 51),
	} {
		if a := change("guangdong.sales", own, tiles...); len(a.List("dashboardUpdate.userErrors")) != 1 {
			t.Errorf("%s: %s", what, a.Body)
		}
	}
	c.Ask("admin", `mutation($id: ID!) { savedReportDelete(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": open}).Good()
	if gone := c.Ask("admin", look, map[string]any{"id": id}).Good(); gone.Get("dashboard.tiles.1.report.name") != "secret" && gone.Get("dashboard.tiles.0.report.name") != "secret" {
		t.Errorf("after deleting another report: %s", gone.Body)
	}
	if gone := c.Ask("guangdong.sales", look, map[string]any{"id": id}).Good(); gone.Get("dashboard.tiles.0") != nil || gone.Get("dashboard.tiles.1") != nil {
		t.Errorf("a deleted report is shown: %s", gone.Body)
	}
	if old, now := told("guangdong.sales", id, "old"), told("guangdong.sales", id, "new"); old != "[]" || now != "[null, null]" { // of when it was made
		t.Errorf("the history tells of a tile with a deleted report: %s and %s", old, now)
	}
}
