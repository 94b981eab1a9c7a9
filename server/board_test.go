package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"guanxi/reports"
	"guanxi/server"
	"guanxi/server/servertest"
)

// board is a dashboard of seven reports, some of which marketing, who reads no amounts, is refused.
const board = `{ amounts: opportunityReport(by: [STATUS], where: {amount: {gt: "1"}}) { total { count } }
	overall: lossRate { total { count } }
	share: opportunityReport { total { count shareOfTotal(measure: LOST_AMOUNT) } }
	byDay: opportunityReport(timeZone: "Nowhere/Else") { total { count } }
	competitors: competitorAnalysis { unattributed { lost } }
	way: opportunityWaterfall(from: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z") { total { end { count } } }
	page: lossRate { total { records(after: "nowhere") { totalCount } } } }`

// TestOneRefusedReportLeavesTheOthersOfItsRequest holds what each report of a board answers against what it answers by itself, however
// reports are answered.
func TestOneRefusedReportLeavesTheOthersOfItsRequest(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	refused := map[string]string{"amounts": "FIELD_DENIED", "share": "FIELD_DENIED", "byDay": "BAD_INPUT", "way": "BAD_INPUT", "page": "BAD_INPUT"}
	for name, door := range map[string]*servertest.Company{"columns": c, "SQL": c.Beside(func(o *server.Options) { o.Reports = reports.New() })} {
		a := door.Ask("marketing", board, nil)
		told := map[string]string{}
		for _, err := range a.Errors {
			told[fmt.Sprint(err.Path[0])] = err.Code()
		}
		if !maps.Equal(told, refused) || a.Status != 200 {
			t.Errorf("by %s the errors are %v, under the status %d", name, told, a.Status)
		}
		if keys := slices.Sorted(maps.Keys(a.Data)); len(keys) != 7 {
			t.Fatalf("by %s there are %v: %s", name, keys, a.Body)
		}
		for alias := range refused {
			if a.Data[alias] != nil {
				t.Errorf("by %s the refused %s says %v", name, alias, a.Data[alias])
			}
		}
		alone := door.Ask("marketing", `{ overall: lossRate { total { count } } competitors: competitorAnalysis { unattributed { lost } } }`, nil).Good()
		for alias, want := range alone.Data {
			if got := a.Data[alias]; fmt.Sprint(got) != fmt.Sprint(want) || got == nil {
				t.Errorf("by %s %s is %v beside refused ones, %v by itself", name, alias, got, want)
			}
		}
	}
	a := c.Send("POST", "/reports.json", quoted(t, board), "Authorization", "Bearer "+c.Token("admin"), "Content-Type", "application/json")
	if a.Status != 400 || len(a.Errors) != 3 || a.Header.Get("Content-Disposition") != "" {
		t.Errorf("a file with refused reports is answered %d %s", a.Status, a.Body)
	}
}

// What a file's rows leave out stands in it once, wherever the request asks for it, and also when it does not.
func TestAFileTellsOnceWhatItsRowsLeaveOut(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	met := fmt.Sprint(c.Ask("admin", `{ competitorAnalysis(first: 2) { other { encounters } } }`, nil).Good().Get("competitorAnalysis.other.encounters"))
	for _, query := range []string{
		`{ competitorAnalysis(first: 2) { rows { encounters } } }`,
		`{ competitorAnalysis(first: 2) { rows { encounters } other { encounters } } }`,
		`{ competitorAnalysis(first: 2) { rows { encounters } ... { other { encounters } } } }`,
		`{ competitorAnalysis(first: 2) { ...R } } fragment R on CompetitorReport { rows { encounters } other { encounters } }`,
	} {
		a := c.Send("POST", "/reports.csv", quoted(t, query), "Authorization", "Bearer "+c.Token("admin"), "Content-Type", "application/json")
		if a.Status != 200 || strings.Count(string(a.Body), "other,"+met) != 1 {
			t.Errorf("%s is answered %d, with %s once of\n%s", query, a.Status, met, a.Body)
		}
	}
}

func quoted(t *testing.T, query string) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return body
}
