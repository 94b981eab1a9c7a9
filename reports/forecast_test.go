package reports_test

import (
	"testing"

	"guanxi/models"
	"guanxi/reports"
)

// TestAPipelineIsForecastByMonth asks what is open by the month in which it is expected to close: of a period on that clock, with the
// period before; and by when it was entered.
func TestAPipelineIsForecastByMonth(t *testing.T) {
	w := newWorld(t)
	w.fill(250)
	w.date()
	e := eyes{w.users[1].ID, true, everyAmount}
	snap, in := w.look(w.viewer(e.user, true, everyAmount...)), zone(companyZone)
	earlier := map[string]string{"2026-03": "2026-01", "2026-04": "2026-02"}
	for clock, c := range map[string]struct {
		by    string
		month func(*sale) string
	}{
		reports.ExpectedClock: {"EXPECTED_CLOSE_MONTH", func(s *sale) string { return w.grouped(e, "EXPECTED_CLOSE_MONTH", s, in) }},
		reports.CreatedClock:  {"CREATED_MONTH", func(s *sale) string { return s.CreatedAt.In(in).Format("2006-01") }},
	} {
		of := func(month string) (list []*sale) {
			for _, s := range w.sales {
				if s.Status == models.Open && c.month(s) == month {
					list = append(list, s)
				}
			}
			return list
		}
		a := ask(c.by)
		a.Clock, a.CompareTo = clock, pointer(reports.PreviousPeriod)
		a.Period = &reports.Period{From: day("2026-03-01"), Until: day("2026-05-01")}
		a.Where = map[string]any{"status": &models.EnumFilter{Eq: pointer(models.Open)}}
		r, err := opportunities(t.Context(), snap, a)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Rows) != 2 {
			t.Fatalf("%s: %d rows, want 2 months", clock, len(r.Rows))
		}
		for _, row := range r.Rows {
			month := *row.Keys[0].ID
			if row.OpenAmount == nil || row.WeightedAmount == nil {
				t.Errorf("%s: nothing is expected in %s", clock, month)
			}
			w.same(month, row, w.fold(e, of(month), in))
			w.same("before "+month, row.Previous, w.fold(e, of(earlier[month]), in))
		}
		excluded, err := r.Definition.Excluded(t.Context())
		if without := len(of("")); err != nil || excluded != without || (without > 0) != (clock == reports.ExpectedClock) {
			t.Errorf("%s: %d are excluded, want %d, %v", clock, excluded, without, err)
		}
		if r.Definition.Clock != clock {
			t.Errorf("the definition says %s", r.Definition.Clock)
		}
	}
}
