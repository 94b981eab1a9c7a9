package server_test

import (
	"net/http"
	"strings"
	"testing"

	"guanxi/server/servertest"
)

// TestADealThatSlipsAndAdvancesIsToldOf moves one deal's expected closing day and stage, and asks what slipped and what came of the
// stage that it entered: through GraphQL, opened to its records, and as a file.
func TestADealThatSlipsAndAdvancesIsToldOf(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	do := func(text string, variables map[string]any) *servertest.Answer {
		c.Pass(1e9)
		a := c.Ask("admin", text, variables).Good()
		if strings.Contains(string(a.Body), `"userErrors":[{`) {
			t.Fatalf("%s", a.Body)
		}
		return a
	}
	made := do(`mutation { opportunityCreate(input: {title: "Slips", amount: "500", expectedCloseOn: "2099-01-01"}) { opportunity { id stage { id } pipeline { stages { id name } } } } }`, nil)
	id, stages := made.Text("opportunityCreate.opportunity.id"), made.List("opportunityCreate.opportunity.pipeline.stages")
	for _, day := range []string{"2099-01-08", "2099-02-08", "2098-01-01"} {
		do(`mutation($id: ID!, $day: Date) { opportunityUpdate(input: {id: $id, expectedCloseOn: $day}) { userErrors { message } } }`, map[string]any{"id": id, "day": day})
	}
	last := stages[len(stages)-1].(map[string]any)
	do(`mutation($id: ID!, $to: ID!) { opportunityStageMove(input: {id: $id, stage: $to}) { userErrors { message } } }`, map[string]any{"id": id, "to": last["id"]})
	slips := `query slipped($id: ID!) { slipReport(where: {id: {eq: $id}}, by: [KIND]) {
		rows { keys { id label } count opportunities amount { amount } daysSlipped medianDays maxDays records(first: 3) { totalCount nodes { id } } } total { moved passed } definition { sentence } } }`
	found := do(slips, map[string]any{"id": id})
	if rows := found.List("slipReport.rows"); len(rows) != 1 || found.Number("slipReport.total.moved") != 2 || found.Number("slipReport.total.passed") != 0 {
		t.Errorf("the slips are %s", found.Body)
	}
	row := found.List("slipReport.rows")[0].(map[string]any)
	records := row["records"].(map[string]any)
	if row["daysSlipped"] != "38" || row["medianDays"] != 19.0 || row["maxDays"] != 31.0 || row["amount"].(map[string]any)["amount"] != "500" || records["totalCount"] != 1.0 {
		t.Errorf("the row is %v", row)
	}
	cohorts := `query cohorts($id: ID!) { stageCohortReport(where: {opportunity: {id: {eq: $id}}}, within: 30, by: [ENTERED_STAGE], first: 10) {
		rows { keys { label } count advanced open waiting advanceRate { value low high sample } steps { stage { id name } entered reached rate { value } medianDays records { totalCount nodes { opportunity { id } } } } }
		definition { sentence } } }`
	told := do(cohorts, map[string]any{"id": id})
	entered := told.List("stageCohortReport.rows")
	first := entered[0].(map[string]any)
	steps := first["steps"].([]any)
	if len(entered) != 2 || first["count"] != 1.0 || first["advanced"] != 1.0 || first["waiting"] != 1.0 || len(steps) != len(stages)-1 || !strings.Contains(told.Text("stageCohortReport.definition.sentence"), "Within 30 days") {
		t.Errorf("the cohorts are %s", told.Body)
	}
	for _, step := range steps {
		if step := step.(map[string]any); step["reached"] != 1.0 || step["records"].(map[string]any)["totalCount"] != 1.0 {
			t.Errorf("a step is %v", step)
		}
	}
	for _, query := range []string{slips, cohorts} {
		file := fileOf(t, c, "admin", "/reports.csv", strings.NewReplacer(" records(first: 3) { totalCount nodes { id } }", "", " records { totalCount nodes { opportunity { id } } }", "").Replace(query), map[string]any{"id": id})
		if file.Status != http.StatusOK || !strings.Contains(string(file.Body), "38") && !strings.Contains(string(file.Body), last["name"].(string)) {
			t.Errorf("as a file: %d %.600s", file.Status, file.Body)
		}
	}
}
