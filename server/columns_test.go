package server_test

import (
	"testing"

	"guanxi/reports"
	"guanxi/server"
	"guanxi/server/servertest"
)

// The sales board of the dashboards is answered from columns, also right after a change that another server made, and tells
// the same as a server without columns.
func TestTheBoardsAreAnsweredFromColumns(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	plain := c.Beside(func(o *server.Options) { o.Reports = reports.New() })
	const board = `{ all: lossRate { total { won lost lostAmount { amount } } coverage { field known } }
		byCompetitor: lossRate(by: [MAIN_COMPETITOR], first: 20) { rows { keys { id label unknown other } won lost lossRate { value low high } lostAmount { amount } } }
		bySource: opportunityReport(by: [CUSTOMER_SOURCE, CLOSED_QUARTER], first: 40) { rows { keys { id label } count wonAmount { amount } averageCycleDays } } }`
	for _, login := range []string{"director", "head", "guangdong.sales"} {
		if got, want := c.Ask(login, board, nil).Good(), plain.Ask(login, board, nil).Good(); string(got.Body) != string(want.Body) {
			t.Errorf("%s is told %s from columns, and %s by SQL", login, got.Body, want.Body)
		}
	}
	answered, declined := c.Columns.Answered()
	if answered == 0 || declined > 0 {
		t.Errorf("columns answered %d reports and left %d to SQL", answered, declined)
	}
	before := c.Ask("director", "{ opportunityReport { total { count } } }", nil).Number("opportunityReport.total.count")
	plain.Ask("director", `mutation { opportunityCreate(input: {title: "new"}) { opportunity { id } userErrors { message } } }`, nil).Good()
	if after := c.Ask("director", "{ opportunityReport { total { count } } }", nil).Number("opportunityReport.total.count"); after != before+1 {
		t.Errorf("%v opportunities before another server made one, %v after", before, after)
	}
	if now, _ := c.Columns.Answered(); now != answered+2 {
		t.Errorf("columns answered %d reports more, not 2", now-answered)
	}
}
