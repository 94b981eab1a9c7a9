package server_test

import (
	"fmt"
	"testing"
	"time"

	"guanxi/server/servertest"
)

// TestATreeIsAsItWasAtTheInstantAskedAbout moves an entry below another: what is asked as of before groups as it did, and a waterfall
// leads from the one to the other.
func TestATreeIsAsItWasAtTheInstantAskedAbout(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	// The sample company's dictionaries are set up when the test begins, which is after its history ends.
	if _, err := c.Store.Pool.Exec(t.Context(), "update dictionary_entries set created_at = '2020-01-01'"); err != nil {
		t.Fatal(err)
	}
	const report = `query($at: DateTime) { r: opportunityReport(by: [REGION_LEVEL_1], asOf: $at) { rows { keys { id label } count open } total { count open } } }`
	now := func() string { return servertest.End.Format(time.RFC3339) }
	was := c.Ask("admin", report, nil).Good()
	top := was.List("r.rows")
	if len(top) < 3 {
		t.Fatalf("the sample company has %d regions", len(top))
	}
	under, moved := was.Text("r.rows.0.keys.0.id"), was.Text("r.rows.1.keys.0.id")
	before := now()
	c.Pass(time.Hour)
	after := servertest.End.Add(2 * time.Hour).Format(time.RFC3339)
	answer := c.Ask("admin", `mutation($i: DictionaryEntryUpdateInput!) { dictionaryEntryUpdate(input: $i) { userErrors { code } } }`, map[string]any{"i": map[string]any{"id": moved, "parent": under}}).Good()
	if len(answer.List("dictionaryEntryUpdate.userErrors")) > 0 {
		t.Fatal(string(answer.Body))
	}
	if _, err := c.Store.Pool.Exec(t.Context(), "update audit_entries set at = $2 where record_id = $1", moved, servertest.End.Add(time.Hour)); err != nil {
		t.Fatal(err) // changes are dated by the database's clock
	}
	c.Pass(time.Hour)
	is := c.Ask("admin", report, nil).Good()
	if len(is.List("r.rows")) != len(top)-1 || is.Number("r.rows.0.count") != was.Number("r.rows.0.count")+was.Number("r.rows.1.count") {
		t.Errorf("after the move there are %v, before %v", is.Get("r.rows"), top)
	}
	if then := c.Ask("admin", report, map[string]any{"at": before}).Good(); fmt.Sprint(then.Data) != fmt.Sprint(was.Data) {
		t.Errorf("as of before the move %s\nbefore it %s", then.Body, was.Body)
	}
	fall := c.Ask("admin", `query($from: DateTime!, $until: DateTime!) { w: opportunityWaterfall(from: $from, until: $until, by: REGION_LEVEL_1) { rows { key { id } begin { count } entered { count } left { count } end { count } } total { end { count } } } }`,
		map[string]any{"from": before, "until": after}).Good()
	for i := range fall.List("w.rows") {
		at := fmt.Sprintf("w.rows.%d.", i)
		switch fall.Get(at + "key.id") {
		case under:
			if fall.Number(at+"entered.count") != was.Number("r.rows.1.open") || fall.Number(at+"end.count") != is.Number("r.rows.0.open") {
				t.Errorf("what came to stand below: %v", fall.List("w.rows")[i])
			}
		case moved:
			if fall.Number(at+"begin.count") != was.Number("r.rows.1.open") || fall.Number(at+"left.count") != fall.Number(at+"begin.count") {
				t.Errorf("what stood apart: %v", fall.List("w.rows")[i])
			}
		}
	}
	if was.Number("r.rows.1.open") == 0 || fall.Number("w.total.end.count") != is.Number("r.total.open") {
		t.Errorf("%s", fall.Body)
	}
}
