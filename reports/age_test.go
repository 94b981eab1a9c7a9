package reports_test

import (
	"testing"
	"time"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// TestAgesAreCountedToTheReportsDay holds that ages end on the day that it is in the report's zone, where their days are counted: while the
// zone's day has begun and the company's has not, what was entered this minute is nought days old, not one less.
func TestAgesAreCountedToTheReportsDay(t *testing.T) {
	w := newWorld(t)
	w.now = time.Date(2026, 5, 20, 14, 0, 0, 0, time.UTC) // 22:00 in Shanghai, 4:00 of the next day on Kiritimati
	w.sale(func(s *sale) { s.OpenedOn = day("2026-05-14") })
	w.customer(w.users[0].ID, nil)
	s := &models.Service{Title: "服务", Kind: "REPAIR", Status: "OPEN", Priority: "NORMAL", OpenedAt: w.now}
	s.ID, s.OwnerID = models.NewID(models.ServiceCode), &w.users[0].ID
	w.insert(s)
	v := w.viewer(w.users[0].ID, true, access.Own)
	for zone, ages := range map[string][3]string{companyZone: {"1", "1", "1"}, "Pacific/Kiritimati": {"2", "1", "1"}} {
		for i, d := range []*reports.Dataset{reports.Opportunities, reports.Customers, reports.Services} {
			a := ask("AGE_BAND")
			a.TimeZone = &zone
			r := w.run(v, d, a)
			if len(r.Rows) != 1 || r.Rows[0].Keys[0].ID == nil || *r.Rows[0].Keys[0].ID != ages[i] {
				t.Errorf("%s in %s: %+v, want age band %s", d.Name, zone, r.Rows[0].Keys[0], ages[i])
			}
			if d == reports.Customers {
				m, _ := d.Measure("averageAgeDays")
				if got := shown(r.Total.Value(m)); got != "0" {
					t.Errorf("in %s what was entered today is %s days old", zone, got)
				}
			}
		}
	}
}
