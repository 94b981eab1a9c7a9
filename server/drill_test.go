package server_test

import (
	"fmt"
	"testing"

	"guanxi/reports"
	"guanxi/server"
	"guanxi/server/servertest"
)

const drill = `query Drill($after: String) { lossRate { total { records(of: LOST, first: 2, after: $after) {
	totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } } } } }`

func TestACursorBehindANumberServesOnlyWhomItWasMadeFor(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	first := c.Ask("analyst", drill, nil).Good()
	cursor := first.Text("lossRate.total.records.pageInfo.endCursor")
	next := c.Ask("analyst", drill, map[string]any{"after": cursor}).Good()
	if was, is := first.Text("lossRate.total.records.edges.1.node.id"), next.Text("lossRate.total.records.edges.0.node.id"); was == is {
		t.Errorf("the next page begins with the last record of the one before, %s", is)
	}
	c.Ask("finance", drill, map[string]any{"after": cursor}).Refused("BAD_INPUT")
	c.Ask("analyst", drill, map[string]any{"after": first.Text("lossRate.total.records.edges.0.node.id")}).Refused("BAD_INPUT")
}

// TestADefaultedReportOpensToItsRecords asks for the records behind each row, saying neither how many rows nor how many records.
func TestADefaultedReportOpensToItsRecords(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	plain := c.Beside(func(o *server.Options) { o.Reports = reports.New() })
	const page = `records { totalCount nodes { id } pageInfo { hasNextPage } }`
	for query, path := range map[string]string{
		`{ r: opportunityReport(by: [CUSTOMER]) { rows { count ` + page + ` } } }`:                                          "r.rows",
		`{ r: opportunityReport(by: [STAGE]) { rows { count ` + page + ` } } }`:                                             "r.rows",
		`{ r: competitorAnalysis { rows { count: encounters ` + page + ` } } }`:                                             "r.rows",
		`{ r: competitorAnalysis(first: 1) { rows { list: breakdown(by: CUSTOMER) { count: encounters ` + page + ` } } } }`: "r.rows.0.list",
		`{ r: customerReport(by: [OWNER], first: 5000) { rows { count ` + page + ` } } }`:                                   "r.rows",
	} {
		a, b := c.Ask("admin", query, nil).Good(), plain.Ask("admin", query, nil).Good()
		rows := a.List(path)
		size := max(1, min(20, 2000/max(len(rows), 1)))
		for i := range rows {
			at := fmt.Sprint(path, ".", i, ".")
			all := int(a.Number(at + "count"))
			if got := len(a.List(at + "records.nodes")); got != min(all, size) || int(a.Number(at+"records.totalCount")) != all || a.Get(at+"records.pageInfo.hasNextPage") != (all > size) {
				t.Errorf("%s: row %d of %d, with %d records, opens to %d of %v", query, i, len(rows), all, got, a.Get(at+"records.totalCount"))
			}
		}
		if len(rows) == 0 || fmt.Sprint(a.Data) != fmt.Sprint(b.Data) {
			t.Errorf("%s: %d rows\n%s\nby SQL\n%s", query, len(rows), a.Body, b.Body)
		}
		t.Logf("%d rows open to %d each: %s", len(rows), size, query)
	}
}
