package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"guanxi/access"
	"guanxi/jobs"
	"guanxi/server"
	"guanxi/server/servertest"
	"guanxi/simulate"
)

const simulateTotals = `query($changes: [AccessChangeInput!]!) { simulateAccess(changes: $changes) { users { nodes { user { login } } }
	movedTotals { cut list { user { login } report { id name } field before after measures } } } }`

// TestASimulationTellsWhichTotalsOfSavedReportsMove holds what is told of two salespeople against what their reports say before the
// changes are made and after, one of whom loses sight of them.
func TestASimulationTellsWhichTotalsOfSavedReportsMove(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const login = "guangdong.sales"
	user := idsOf(t, c, "select id from users where login = $1", login)[0]
	report := save(c, "admin", "totals", `query($first: Int! = 3, $zone: String) { one: lossRate(by: [STATUS], timeZone: $zone) { rows { records(first: $first) { nodes { title } } wonAmount { amount } lossRate { value } } total { count lost } }
		two: customerReport { total { count } } three: competitorAnalysis { unattributed { lost } } }`, `{"zone": "Europe/Paris"}`)
	save(c, "admin", "not shared", `{ lossRate { total { count } } }`, "{}")
	share(t, c, "admin", report, login)
	totals := func() (opportunities, customers, encounters float64, won any) {
		a := c.Ask(login, `{ one: lossRate { total { count wonAmount { amount } } } two: customerReport { total { count } } three: competitorAnalysis { rows { encounters } } }`, nil).Good()
		for _, row := range a.List("three.rows") {
			encounters += row.(map[string]any)["encounters"].(float64)
		}
		return a.Number("one.total.count"), a.Number("two.total.count"), encounters, a.Get("one.total.wonAmount.amount")
	}
	simulated := func(change map[string]any) *servertest.Answer {
		return c.Ask("admin", simulateTotals, map[string]any{"changes": []any{change}}).Good()
	}
	grant := map[string]any{"grantee": map[string]any{"user": user}, "subject": map[string]any{"everyone": true}, "effect": "ALLOW", "level": "OBSERVE", "kinds": []string{"OPPORTUNITY"}}
	role := idsOf(t, c, "select r.id from roles r join user_roles u on u.role_id = r.id where u.user_id = $1", user)[0]
	var without []string
	for _, may := range rowsOf[struct{ P string }](t, c, "select p from roles r, unnest(r.permissions) p where r.id = $1 and p <> $2", role, access.Report) {
		without = append(without, may.P)
	}
	seen, customers, met, won := totals()
	a := simulated(map[string]any{"grant": grant})
	c.Ask("admin", `mutation($g: GrantCreateInput!) { grantCreate(input: $g) { userErrors { code } } }`, map[string]any{"g": grant}).Good()
	sees, still, meets, wins := totals()
	want := fmt.Sprintf("[map[after:%v before:%v field:one measures:[count lossRate lost wonAmount] report:map[id:%[3]s name:totals] user:map[login:%[4]s]] map[after:%[5]v before:%[6]v field:three measures:[encounters unattributed] report:map[id:%[3]s name:totals] user:map[login:%[4]s]]]",
		sees, seen, report, login, meets, met)
	if got := fmt.Sprint(a.List("simulateAccess.movedTotals.list")); got != want || a.Get("simulateAccess.movedTotals.cut") != false || seen >= sees || won == wins || customers != still {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	want = fmt.Sprintf("[map[after:<nil> before:%v field:one measures:[] report:map[id:%[2]s name:totals] user:map[login:%[3]s]] map[after:<nil> before:%[4]v field:two measures:[] report:map[id:%[2]s name:totals] user:map[login:%[3]s]] map[after:<nil> before:%[5]v field:three measures:[] report:map[id:%[2]s name:totals] user:map[login:%[3]s]]]",
		sees, report, login, customers, meets)
	for why, change := range map[string]map[string]any{
		"one who leaves":                  {"userDeactivate": user},
		"one who may not ask for reports": {"role": map[string]any{"id": role, "permissions": without}},
	} {
		if got := fmt.Sprint(simulated(change).List("simulateAccess.movedTotals.list")); got != want {
			t.Errorf("of %s told\n%s\nwant\n%s", why, got, want)
		}
	}
	if n := c.Ask("admin", `{ accessLog(where: {user: {login: {eq: "`+login+`"}}, field: {startsWith: "OpportunityReport"}}) { totalCount } }`, nil).Good().Number("accessLog.totalCount"); n != 2 {
		t.Errorf("%v figures that he read are in the access log: those of the simulation are none", n)
	}
}

const simulatedTotals = `movedTotals { cut list { user { login } report { name } dashboard { title } tile field before after measures } }`

// moves gives what is told of moved totals, one a line: user, report, dashboard, tile, field, before, after, measures.
func moves(list any) (lines []string) {
	for _, one := range list.([]any) {
		m := one.(map[string]any)
		dashboard := ""
		if on, has := m["dashboard"].(map[string]any); has {
			dashboard = fmt.Sprint(" on ", on["title"], " ", m["tile"])
		}
		lines = append(lines, fmt.Sprint(m["user"].(map[string]any)["login"], " ", m["report"].(map[string]any)["name"], dashboard, " ", m["field"], " ", m["before"], " ", m["after"], " ", m["measures"]))
	}
	return lines
}

// TestASimulationTellsOfWaterfallsAndTiles gives a salesperson sight of all opportunities: the waterfall that is shared with him moves,
// and so does a tile by its own parameters; a job tells the same.
func TestASimulationTellsOfWaterfallsAndTiles(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const login = "guangdong.sales"
	user := idsOf(t, c, "select id from users where login = $1", login)[0]
	fall := save(c, "admin", "fall", `{ fall: opportunityWaterfall(from: "2001-01-01T00:00:00Z") { total { won { count } end { amount { amount } } } } }`, "{}")
	of := save(c, "admin", "of", `query($s: OpportunityStatus!) { lossRate(where: {status: {eq: $s}}) { total { count } } }`, `{"s": "OPEN"}`)
	board := c.Ask("admin", `mutation($of: ID!) { dashboardCreate(input: {title: "board", tiles: [{report: $of}, {report: $of, parameters: "{\"s\": \"WON\"}"}]}) { dashboard { id } } }`, map[string]any{"of": of}).Good().Text("dashboardCreate.dashboard.id")
	for _, record := range []string{fall, of, board} {
		share(t, c, "admin", record, login)
	}
	asked := func() (open, won, ended float64) {
		a := c.Ask(login, `{ open: lossRate(where: {status: {eq: OPEN}}) { total { count } } won: lossRate(where: {status: {eq: WON}}) { total { count } }
			fall: opportunityWaterfall(from: "2001-01-01T00:00:00Z") { total { end { count } } } }`, nil).Good()
		return a.Number("open.total.count"), a.Number("won.total.count"), a.Number("fall.total.end.count")
	}
	grant := map[string]any{"grantee": map[string]any{"user": user}, "subject": map[string]any{"everyone": true}, "effect": "ALLOW", "level": "OBSERVE", "kinds": []string{"OPPORTUNITY"}}
	changes := map[string]any{"c": []any{map[string]any{"grant": grant}}}
	open, won, ended := asked()
	told := c.Ask("admin", `query($c: [AccessChangeInput!]!) { simulateAccess(changes: $c) { `+simulatedTotals+` } }`, changes).Good()
	started := c.Ask("admin", `mutation($c: [AccessChangeInput!]!) { accessSimulationStart(input: {changes: $c, movedTotals: true}) { job { id } userErrors { code } } }`, changes).Good()
	worker := jobs.Worker{Store: c.Store, Log: slog.New(slog.DiscardHandler), Kinds: map[string]jobs.Work{simulate.JobKind: simulate.Work(c.Store, c.Door.(*server.Server).Totals)}, Pause: time.Millisecond}
	working, stop := context.WithCancel(t.Context())
	defer stop()
	go worker.Run(working)
	var job *servertest.Answer
	for job == nil || job.Text("job.state") != "DONE" {
		time.Sleep(10 * time.Millisecond)
		job = c.Ask("admin", `query($id: ID!) { job(id: $id) { state failure simulation { `+simulatedTotals+` } } }`, map[string]any{"id": started.Text("accessSimulationStart.job.id")}).Good()
	}
	c.Ask("admin", `mutation($g: GrantCreateInput!) { grantCreate(input: $g) { userErrors { code } } }`, map[string]any{"g": grant}).Good()
	opens, wins, ends := asked()
	want := []string{fmt.Sprintf("%s fall fall %v %v [end won]", login, ended, ends), fmt.Sprintf("%s of lossRate %v %v [count]", login, open, opens),
		fmt.Sprintf("%s of on board 2 lossRate %v %v [count]", login, won, wins)}
	if got := moves(told.Get("simulateAccess.movedTotals.list")); !slices.Equal(got, want) || ended >= ends || won >= wins {
		t.Errorf("told %v, want %v", got, want)
	}
	if got := moves(job.Get("job.simulation.movedTotals.list")); !slices.Equal(got, want) {
		t.Errorf("a job tells %v, want %v", got, want)
	}
}

// TestASimulationTellsOfRowsByDepartmentsThatMove moves a department: who keeps his sight has the same total in other rows.
func TestASimulationTellsOfRowsByDepartmentsThatMove(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	by := save(c, "admin", "by department", `query($by: [OpportunityDimension!]) { byLevel: opportunityReport(by: $by) { rows { count } } }`, `{"by": ["OWNER_DEPARTMENT_LEVEL_2"]}`)
	save(c, "admin", "by stage", `{ opportunityReport(by: [STAGE]) { rows { count } } }`, "{}")
	share(t, c, "admin", by, "guangdong.sales")
	const rows = `{ opportunityReport(by: [OWNER_DEPARTMENT_LEVEL_2]) { rows { keys { id } count } total { count } } }`
	was := c.Ask("admin", rows, nil).Good()
	department := idsOf(t, c, "select id from departments where name = '广东分公司'")[0]
	a := c.Ask("admin", `query($d: ID!) { simulateAccess(changes: [{departmentMove: {department: $d}}]) { `+simulatedTotals+` } }`, map[string]any{"d": department}).Good()
	c.Ask("admin", `mutation($d: ID!) { departmentUpdate(input: {id: $d, parent: null}) { userErrors { code message } } }`, map[string]any{"d": department}).Good()
	if is := c.Ask("admin", rows, nil).Good(); fmt.Sprint(is.Get("opportunityReport.rows")) == fmt.Sprint(was.Get("opportunityReport.rows")) || is.Number("opportunityReport.total.count") != was.Number("opportunityReport.total.count") {
		t.Fatalf("the move has moved nothing, or everything: %s", is.Body)
	}
	got := moves(a.Get("simulateAccess.movedTotals.list"))
	for _, login := range []string{"admin", "guangdong.sales"} {
		all := c.Ask(login, rows, nil).Good().Number("opportunityReport.total.count")
		if !slices.Contains(got, fmt.Sprintf("%s by department byLevel %v %[2]v [rows]", login, all)) || all == 0 {
			t.Errorf("of %s told %v", login, got)
		}
	}
}

// TestASimulationTellsNobodyOfAmountsByTheWay asks as an administrator who reads no amounts.
func TestASimulationTellsNobodyOfAmountsByTheWay(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	user := idsOf(t, c, "select id from users where login = $1", "guangdong.sales")[0]
	if _, err := c.Store.DB.ExecContext(t.Context(), "update roles set permissions = permissions || array[?] where code = 'marketing'", string(access.AccessAdmin)); err != nil {
		t.Fatal(err)
	}
	for name, document := range map[string]string{
		"shown":    `{ lossRate { total { count wonAmount { amount } } } }`,
		"filtered": `query($w: OpportunityWhere!) { lossRate(where: {or: [$w]}) { total { count } } }`,
	} {
		id := save(c, "admin", name, document, map[string]string{"shown": "{}", "filtered": `{"w": {"amount": {"gt": "1"}}}`}[name])
		share(t, c, "admin", id, "guangdong.sales")
		share(t, c, "admin", id, "marketing")
	}
	change := map[string]any{"grant": map[string]any{"grantee": map[string]any{"user": user}, "subject": map[string]any{"everyone": true}, "effect": "ALLOW", "level": "OBSERVE"}}
	told := func(login string) (list []string) {
		for _, one := range c.Ask(login, simulateTotals, map[string]any{"changes": []any{change}}).Good().List("simulateAccess.movedTotals.list") {
			moved := one.(map[string]any)
			list = append(list, fmt.Sprint(moved["report"].(map[string]any)["name"], moved["measures"]))
		}
		return list
	}
	if got := fmt.Sprint(told("marketing")); got != "[shown[count]]" {
		t.Errorf("who reads no amounts is told %s", got)
	}
	if got := told("admin"); len(got) != 2 {
		t.Errorf("who reads them is told %v", got)
	}
}

// A simulation tells of all competitors together, whichever a saved report lists first: neither how many it lists nor by what it sorts
// them, which whoever simulates may not read, moves the number.
func TestTotalsOfCompetitorsAreOfAllWhicheverAreListed(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const login = "guangdong.sales"
	change(t, c, "update roles set permissions = permissions || '{ACCESS_ADMIN}'::text[] where code = 'marketing'")
	user := idsOf(t, c, "select id from users where login = $1", login)[0]
	share(t, c, "marketing", save(c, "marketing", "order", `{ a: competitorAnalysis(first: 1, orderBy: [{measure: AMOUNT_LOST, direction: DESC}]) { rows { encounters } } }`, "{}"), login)
	grant := map[string]any{"grant": map[string]any{"grantee": map[string]any{"user": user}, "subject": map[string]any{"everyone": true}, "effect": "ALLOW", "level": "OBSERVE", "kinds": []string{"OPPORTUNITY"}}}
	told := func() string {
		t.Helper()
		list := c.Ask("marketing", simulateTotals, map[string]any{"changes": []any{grant}}).Good().List("simulateAccess.movedTotals.list")
		if len(list) != 1 {
			t.Fatalf("told %v", list)
		}
		one := list[0].(map[string]any)
		return fmt.Sprint(one["before"], " ", one["after"])
	}
	first := told()
	want := fmt.Sprint(c.Ask(login, `{ a: competitorAnalysis { total { encounters } } }`, nil).Good().Get("a.total.encounters"), " ",
		c.Ask("admin", `{ a: competitorAnalysis { total { encounters } } }`, nil).Good().Get("a.total.encounters"))
	if first != want {
		t.Errorf("told %s, want %s", first, want)
	}
	second := c.Ask(login, `{ o: competitorAnalysis(orderBy: [{measure: AMOUNT_LOST, direction: DESC}]) { rows { competitor { id } } } }`, nil).Good().Text("o.rows.1.competitor.id")
	change(t, c, "update opportunities set amount = amount * 50 where status = 'LOST' and won_by_id = '"+second+"' and owner_id = '"+user+"'")
	if again := told(); again != first {
		t.Errorf("told %s before amounts changed, and %s after", first, again)
	}
}
