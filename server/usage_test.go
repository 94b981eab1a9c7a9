package server_test

import (
	"fmt"
	"strings"
	"testing"

	"guanxi/server/servertest"
)

const usageQuery = `query($kinds: [UsageKind!], $never: Boolean!, $from: Date, $until: Date, $after: String) {
	reportUsage(kinds: $kinds, never: $never, from: $from, until: $until, first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { kind name report { id } uses people lastAt } } }`

// usageOf asks how much things of a kind were used, by name as uses and people.
func usageOf(c *servertest.Company, kind string, more map[string]any) map[string]string {
	variables := map[string]any{"kinds": []string{kind}, "never": false}
	for name, value := range more {
		variables[name] = value
	}
	found := map[string]string{}
	for more := true; more; {
		a := c.Ask("admin", usageQuery, variables).Good()
		for _, node := range a.List("reportUsage.nodes") {
			u := node.(map[string]any)
			found[u["name"].(string)] = fmt.Sprint(u["uses"], " by ", u["people"])
		}
		more, variables["after"] = a.Get("reportUsage.pageInfo.hasNextPage") == true, a.Get("reportUsage.pageInfo.endCursor")
	}
	return found
}

// TestWhatIsUsedIsCounted asks and changes as several people on two servers, and is told what was used and what never.
func TestWhatIsUsedIsCounted(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	second := c.Beside()
	keep := func() {
		t.Helper()
		for _, one := range []*servertest.Company{c, second} {
			if err := one.Usage.Keep(t.Context(), one.Store); err != nil {
				t.Fatal(err)
			}
		}
	}
	const lost = `query($by: [OpportunityDimension!], $yes: Boolean!) { lossRate(by: $by, where: {customer: {name: {contains: "a"}}}, having: {count: {gte: 1}}) {
		total { lossRate { value } } definition @include(if: $yes) { clock } } }`
	ask := func(on *servertest.Company, login string) {
		on.Ask(login, lost, map[string]any{"by": []string{"REGION"}, "yes": false}).Good()
	}
	ask(c, "admin")
	ask(second, "admin")
	ask(second, "guangdong.sales")
	before := c.Last().Statements
	ask(c, "admin")
	if c.Last().Statements != before && before != 0 && c.Last().Statements > 1 {
		t.Errorf("counting takes statements: %d, then %d", before, c.Last().Statements)
	}
	id := save(c, "admin", "seen", lostBy, "{}")
	hidden := save(c, "guangdong.sales", "idle", lostBy, "{}")
	open(c, "admin", id, ".csv")
	fileOf(t, c, "admin", "/reports.csv", fewRows, map[string]any{"first": 3})
	c.Ask("marketing", `{ opportunityReport(by: [STATUS], orderBy: [{measure: WON_AMOUNT}]) { total { count } } }`, nil).Refused("FIELD_DENIED")
	keep()
	holds := func(kind, name, want string, more map[string]any) {
		t.Helper()
		if got := usageOf(c, kind, more)[name]; got != want {
			t.Errorf("%s %s was used %q, want %q", kind, name, got, want)
		}
	}
	holds("REPORT", "lossRate", "6 by 2", nil)
	holds("REPORT", "opportunityReport", "", nil)
	holds("FUNCTION", "lossRate", "6 by 2", nil)
	holds("FUNCTION", "savedReportCreate", "2 by 2", nil)
	holds("SAVED_REPORT", "seen", "1 by 1", nil)
	holds("DIMENSION", "OpportunityDimension.REGION", "4 by 2", nil)
	holds("FILTER", "CustomerWhere.name", "4 by 2", nil)
	holds("FILTER", "OpportunityHaving.count", "4 by 2", nil)
	holds("MEASURE", "OpportunityReportRow.lossRate", "5 by 2", nil)
	holds("FIELD", "OpportunityReport.definition", "1 by 1", nil)
	holds("FIELD", "OpportunityReport.coverage", "", nil)
	never := map[string]any{"never": true}
	for kind, name := range map[string]string{"REPORT": "competitorAnalysis", "FUNCTION": "customerCreate", "DIMENSION": "OpportunityDimension.STAGE", "FILTER": "ContactWhere.phone", "FIELD": "Customer.phone", "SAVED_REPORT": "idle"} {
		holds(kind, name, "0 by 0", never)
	}
	holds("REPORT", "lossRate", "", never)
	holds("REPORT", "lossRate", "", map[string]any{"until": "2026-09-17"})
	holds("REPORT", "lossRate", "0 by 0", map[string]any{"never": true, "from": "2026-09-18"})
	holds("REPORT", "lossRate", "6 by 2", map[string]any{"from": "2026-09-17", "until": "2026-09-18"})
	ask(c, "admin")
	keep()
	holds("REPORT", "lossRate", "7 by 2", nil)

	kept := fmt.Sprint(rowsOf[struct{ Row string }](t, c, "select report_usage::text as row from report_usage where kind <> 'SAVED_REPORT'"))
	if strings.Contains(kept, hidden) || strings.Contains(kept, "\"a\"") {
		t.Errorf("it is kept what was asked for: %s", kept)
	}
	c.Ask("guangdong.sales", usageQuery, map[string]any{"never": false}).Refused("PERMISSION_DENIED")
	c.Ask("admin", `{ reportUsage(after: "x") { totalCount } }`, nil).Refused("BAD_INPUT")
}
