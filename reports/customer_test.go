package reports_test

import (
	"context"
	"testing"

	"guanxi/access"
	"guanxi/reports"
)

func (w *world) run(v *access.Viewer, d *reports.Dataset, a reports.Ask) *reports.Report {
	w.t.Helper()
	snap := access.Look(w.pool, v)
	defer snap.Close(context.Background())
	r, err := reports.New().Run(context.Background(), snap, d, a)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func TestCustomersAreCountedOnce(t *testing.T) {
	w := newWorld(t)
	w.fill(20)
	v := w.viewer(w.users[0].ID, true)
	a := ask("REGION", "OWNER")
	a.First, a.Subtotals = 2, true
	r := w.run(v, reports.Customers, a)
	owners, _ := reports.Customers.Measure("owners")
	regions, all := map[string]map[string]int{}, map[string]bool{}
	for _, c := range w.customers {
		region := ""
		if c.RegionID != nil {
			region = c.RegionID.String()
		}
		if regions[region] == nil {
			regions[region] = map[string]int{}
		}
		regions[region][c.OwnerID.String()]++
		all[c.OwnerID.String()] = true
	}
	if len(r.Rows) != 3 || !r.Rows[2].Keys[0].Other || len(r.Subtotals) != len(regions) || r.Total.Value(owners) != len(all) {
		t.Fatalf("%d rows, %d subtotals of %d regions, %v owners of %d", len(r.Rows), len(r.Subtotals), len(regions), r.Total.Value(owners), len(all))
	}
	for _, row := range r.Subtotals {
		region, count := "", 0
		if id := row.Keys[0].ID; id != nil {
			region = *id
		}
		for _, n := range regions[region] {
			count += n
		}
		if row.Records() != count || row.Value(owners) != len(regions[region]) || len(row.Keys) != 1 {
			t.Errorf("region %s: %d customers of %v owners, want %d of %d", row.Keys[0].Label, row.Records(), row.Value(owners), count, len(regions[region]))
		}
	}
	shown := reports.Shape[reports.CustomerReportRow](r)
	if total := shown.Total; total.Count != 8 || total.Organizations != 8 || total.Owners != len(all) || total.WithPhone != nil {
		t.Errorf("%+v", total)
	}
	if sum, err := r.Rows[2].RunningTotal("COUNT"); err != nil || sum.IntPart() != 8 {
		t.Errorf("the rows run to %v, %v", sum, err)
	}
	if share, err := r.Total.ShareOfTotal("COUNT"); err != nil || *share != 1 {
		t.Errorf("the total's share is %v, %v", share, err)
	}
	if _, err := r.Total.ShareOfTotal("OWNERS"); err == nil {
		t.Error("there is a share of what does not add up")
	}
}

// Each row of each dataset has a field for each of its measures.
func TestRowsShowEveryMeasure(t *testing.T) {
	w := newWorld(t)
	w.fill(10)
	v := w.viewer(w.users[0].ID, true, everyAmount...)
	a := ask("OWNER")
	a.CompareTo, a.Period = pointer(reports.PreviousYear), &reports.Period{From: day("2026-01-01"), Until: day("2027-01-01")}
	if r := reports.Shape[reports.OpportunityReportRow](w.run(v, reports.Opportunities, a)); r.Total.Previous == nil || r.Total.LossRate == nil {
		t.Errorf("%+v", r.Total)
	}
	if r := reports.Shape[reports.CustomerReportRow](w.run(v, reports.Customers, a)); r.Total.Previous == nil {
		t.Errorf("%+v", r.Total)
	}
}
