package server_test

import (
	"fmt"
	"testing"

	"guanxi/access"
	"guanxi/server/servertest"
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
	totals := func() (opportunities, customers float64, won any) {
		a := c.Ask(login, `{ one: lossRate { total { count wonAmount { amount } } } two: customerReport { total { count } } }`, nil).Good()
		return a.Number("one.total.count"), a.Number("two.total.count"), a.Get("one.total.wonAmount.amount")
	}
	simulated := func(change map[string]any) *servertest.Answer {
		return c.Ask("admin", simulateTotals, map[string]any{"changes": []any{change}}).Good()
	}
	grant := map[string]any{"grantee": map[string]any{"user": user}, "subject": map[string]any{"everyone": true}, "effect": "ALLOW", "level": "OBSERVE", "kinds": []string{"OPPORTUNITY"}}
	seen, customers, won := totals()
	a := simulated(map[string]any{"grant": grant})
	c.Ask("admin", `mutation($g: GrantCreateInput!) { grantCreate(input: $g) { userErrors { code } } }`, map[string]any{"g": grant}).Good()
	sees, still, wins := totals()
	want := fmt.Sprintf("[map[after:%v before:%v field:one measures:[count lossRate lost wonAmount] report:map[id:%s name:totals] user:map[login:%s]]]", sees, seen, report, login)
	if got := fmt.Sprint(a.List("simulateAccess.movedTotals.list")); got != want || a.Get("simulateAccess.movedTotals.cut") != false || seen >= sees || won == wins || customers != still {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	a = simulated(map[string]any{"userDeactivate": user})
	want = fmt.Sprintf("[map[after:<nil> before:%v field:one measures:[] report:map[id:%[2]s name:totals] user:map[login:%[3]s]] map[after:<nil> before:%[4]v field:two measures:[] report:map[id:%[2]s name:totals] user:map[login:%[3]s]]]",
		sees, report, login, customers)
	if got := fmt.Sprint(a.List("simulateAccess.movedTotals.list")); got != want {
		t.Errorf("of one who leaves told\n%s\nwant\n%s", got, want)
	}
	if n := c.Ask("admin", `{ accessLog(where: {user: {login: {eq: "`+login+`"}}, field: {startsWith: "OpportunityReport"}}) { totalCount } }`, nil).Good().Number("accessLog.totalCount"); n != 2 {
		t.Errorf("%v figures that he read are in the access log: those of the simulation are none", n)
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
