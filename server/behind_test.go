package server_test

import (
	"fmt"
	"testing"

	"guanxi/reports"
	"guanxi/server"
	"guanxi/server/servertest"
)

const behindPage = `records { totalCount nodes { id __typename } }`

// TestWhatIsUnknownAndExcludedOpensToItsRecords opens each dataset's coverage and what no period could choose, however reports are
// answered, and lists the same records another way where there is one.
func TestWhatIsUnknownAndExcludedOpensToItsRecords(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	plain := c.Beside(func(o *server.Options) { o.Reports = reports.New() })
	const rest = `coverage { field unknown ` + behindPage + ` } definition { excluded excludedRecords { totalCount nodes { id __typename } } }`
	opened, excluded := 0, 0.0
	for _, one := range []struct{ call, kind string }{
		{`opportunityReport(by: [LOSS_REASON, CLOSED_MONTH], period: {from: "2026-01-01"}, where: {status: {eq: LOST}})`, "Opportunity"},
		{`opportunityReport(by: [REGION], period: {from: "2026-01-01"})`, "Opportunity"},
		{`opportunityReport(by: [MAIN_COMPETITOR], asOf: "2026-03-01T00:00:00Z", period: {from: "2020-01-01"})`, "Opportunity"},
		{`competitorAnalysis(period: {from: "2026-01-01"})`, "Opportunity"},
		{`encounterReport(by: [INDUSTRY], period: {from: "2026-01-01"})`, "Encounter"},
		{`opportunityLineReport(by: [LOSS_REASON], period: {from: "2026-01-01"})`, "OpportunityLine"},
		{`stageChangeReport(by: [FROM_STAGE])`, "StageChange"}, {`stageCohortReport(by: [FROM_STAGE])`, "StageChange"}, {`slipReport(by: [LOSS_REASON])`, "Opportunity"},
		{`customerReport(by: [POOL, REGION])`, "Customer"}, {`contactReport(by: [OWNER])`, "Contact"}, {`relationshipReport(by: [STRENGTH])`, "Relationship"},
		{`activityReport(by: [CUSTOMER], clock: DUE, period: {from: "2026-01-01"})`, "Activity"}, {`serviceReport(by: [ASSIGNEE], clock: CLOSED, period: {from: "2026-01-01"})`, "Service"},
		{`documentReport(by: [CUSTOMER])`, "Document"},
		{`opportunityWaterfall(from: "2026-01-01T00:00:00Z", by: LOSS_REASON)`, "Opportunity"},
	} {
		query := "{ r: " + one.call + " { " + rest + " } }"
		for _, login := range []string{"admin", "guangdong.sales"} {
			a, b := c.Ask(login, query, nil).Good(), plain.Ask(login, query, nil).Good()
			if fmt.Sprint(a.Data) != fmt.Sprint(b.Data) {
				t.Errorf("%s\n%s\nby SQL\n%s", one.call, a.Body, b.Body)
			}
			check := func(count float64, at string) {
				nodes := a.List(at + ".nodes")
				total := a.Number(at + ".totalCount")
				if total > count || (total == 0) != (count == 0) || len(nodes) != min(20, int(total)) {
					t.Errorf("%s: %v are counted, %v opened, %d listed at %s", one.call, count, total, len(nodes), at)
				}
				for _, node := range nodes {
					if of := node.(map[string]any)["__typename"]; of != one.kind {
						t.Errorf("%s opens to a %v", one.call, of)
					}
				}
			}
			for i := range a.List("r.coverage") {
				at := fmt.Sprintf("r.coverage.%d.", i)
				check(a.Number(at+"unknown"), at+"records")
				opened += int(a.Number(at + "records.totalCount"))
			}
			check(a.Number("r.definition.excluded"), "r.definition.excludedRecords")
			excluded += a.Number("r.definition.excludedRecords.totalCount")
		}
	}
	if opened == 0 || excluded == 0 {
		t.Errorf("%d unknown and %v excluded ones were opened", opened, excluded)
	}
	listed := c.Ask("guangdong.sales", `{ all: opportunities(where: {status: {eq: LOST}}, first: 100) { totalCount nodes { id lossReason { id } } }
		r: opportunityReport(by: [LOSS_REASON], where: {status: {eq: LOST}}) { coverage { field unknown `+behindPage+` } }
		open: opportunities(where: {status: {eq: OPEN}}) { totalCount }
		x: opportunityReport(period: {from: "2026-01-01"}) { definition { excluded excludedRecords(first: 1) { totalCount pageInfo { endCursor hasNextPage } nodes { ... on Opportunity { status } } } } } }`, nil).Good()
	without := map[any]bool{}
	for _, one := range listed.List("all.nodes") {
		if one := one.(map[string]any); one["lossReason"] == nil {
			without[one["id"]] = true
		}
	}
	nodes := listed.List("r.coverage.0.records.nodes")
	for _, one := range nodes {
		if !without[one.(map[string]any)["id"]] {
			t.Errorf("the report opens %v as without a reason", one)
		}
	}
	if len(nodes) != min(20, len(without)) || float64(len(without)) != listed.Number("r.coverage.0.unknown") || len(nodes) == 0 || listed.Number("all.totalCount") > 100 {
		t.Errorf("%d lost ones have no reason, the report opens %d", len(without), len(nodes))
	}
	if a, b := listed.Number("open.totalCount"), listed.Number("x.definition.excludedRecords.totalCount"); a != b || b != listed.Number("x.definition.excluded") || listed.Text("x.definition.excludedRecords.nodes.0.status") != "OPEN" {
		t.Errorf("%v are open, the report excludes %v", a, b)
	}
	cursor := listed.Text("x.definition.excludedRecords.pageInfo.endCursor")
	next := c.Ask("guangdong.sales", `query($c: String) { x: opportunityReport(period: {from: "2026-01-01"}) { definition { excludedRecords(first: 1, after: $c) { pageInfo { hasPreviousPage } } } } }`, map[string]any{"c": cursor}).Good()
	if next.Get("x.definition.excludedRecords.pageInfo.hasPreviousPage") != true {
		t.Errorf("the next page is %s", next.Body)
	}
}

// TestWhoReadsNoAmountsOpensAllAsUnknown holds the records without a known amount, for one who reads none, to all that he sees.
func TestWhoReadsNoAmountsOpensAllAsUnknown(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	a := c.Ask("marketing", `{ opportunities { totalCount } r: opportunityReport { total { count } coverage { field known records(first: 1) { totalCount } } }
		w: opportunityWaterfall(from: "2026-01-01T00:00:00Z") { coverage { field known unknown records { totalCount } } } }`, nil).Good()
	all, amount := a.Number("r.total.count"), -1.0
	for i, one := range a.List("r.coverage") {
		if one.(map[string]any)["field"] == "amount" {
			amount = a.Number(fmt.Sprintf("r.coverage.%d.records.totalCount", i))
		}
	}
	if amount != all || a.Number("w.coverage.0.known") != 0 || a.Number("w.coverage.0.unknown") != a.Number("w.coverage.0.records.totalCount") {
		t.Errorf("of %v records %v have no known amount for who reads none: %s", all, amount, a.Body)
	}
}
