package reports_test

import (
	"fmt"
	"testing"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// Periods far away, in any zone, count what the days of the facts tell; and keys of time are the same whether they are written of groups or of facts, which a median
// needs.
func TestPeriodsCountTheDaysOfTheirFacts(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 1)
	viewers := m.viewers()
	all := viewers[len(viewers)-2]
	for i, at := range []string{"0001-01-01 00:00Z", "0001-01-01 12:00Z", "2011-12-29 10:00Z", "2011-12-30 09:59Z", "2011-12-30 10:00Z", "2025-11-02 05:30Z", "2025-11-02 06:30Z", "2026-01-01 15:59:59.999999Z", "2026-01-01 16:00Z", "9999-12-31 23:59Z"} {
		if i < len(m.sales) {
			m.exec("update opportunities set status = 'LOST', closed_at = $2::text::timestamptz where id = $1", m.sales[i], at)
		}
	}
	snap := access.Look(m.pool, all)
	defer snap.Close(t.Context())
	for _, zone := range []string{"UTC", "Asia/Shanghai", "Pacific/Apia", "America/New_York", "Pacific/Kiritimati", "Asia/Manila", "Etc/GMT+12", "Pacific/Niue"} {
		for _, p := range [][2]string{
			{"0001-01-01", "9999-12-31"}, {"0001-01-02", "0001-01-03"}, {"", "0001-01-01"}, {"0001-01-01", "0001-01-02"}, {"9999-12-31", ""}, {"2011-12-30", "2011-12-31"}, {"2011-12-29", "2011-12-30"}, {"2011-12-31", "2012-01-01"}, {"2025-11-02", "2025-11-03"}, {"2026-01-01", "2026-01-02"}, {"2026-01-02", ""},
		} {
			ask := reports.Ask{First: 100, TimeZone: &zone, Period: &reports.Period{}, Measures: []string{"count"}}
			cond := "true"
			if p[0] != "" {
				d := models.Date(p[0])
				ask.Period.From = &d
				cond += fmt.Sprintf(" and (closed_at at time zone '%s')::date >= '%s'", zone, p[0])
			}
			if p[1] != "" {
				d := models.Date(p[1])
				ask.Period.Until = &d
				cond += fmt.Sprintf(" and (closed_at at time zone '%s')::date < '%s'", zone, p[1])
			}
			var want int
			if err := m.pool.QueryRow(t.Context(), "select count(*) from opportunities where deleted_at is null and "+cond).Scan(&want); err != nil {
				t.Fatal(err)
			}
			for _, e := range []*reports.Engine{m.sql, m.both} {
				r, err := e.Run(t.Context(), snap, reports.Opportunities, ask)
				if err != nil {
					t.Errorf("%s %v: %v", zone, p, err)
					continue
				}
				got := ""
				for _, me := range reports.Opportunities.Measures {
					if me.Name == "count" {
						got = value(r.Total.Value(me))
					}
				}
				if got != fmt.Sprint(want) {
					t.Errorf("%s %v: %s, want %d", zone, p, got, want)
				}
			}
			for _, by := range []string{"CLOSED_DAY", "CLOSED_WEEK", "CLOSED_QUARTER", "CLOSED_YEAR"} {
				for _, start := range []int{1, 4, 12} {
					before := ""
					for _, measures := range [][]string{{"count"}, {"count", "medianCycleDays"}} {
						ask := ask
						ask.By, ask.Measures, ask.FiscalYearStart = []string{by}, measures, &start
						r, err := m.sql.Run(t.Context(), snap, reports.Opportunities, ask)
						if err != nil {
							t.Errorf("%s %v %s: %v", zone, p, by, err)
							continue
						}
						s := ""
						for _, row := range r.Rows {
							id := "-"
							if row.Keys[0].ID != nil {
								id = *row.Keys[0].ID
							}
							s += id + row.Keys[0].Label + " " + value(row.Value(reports.Opportunities.Measures[0])) + "\n"
						}
						if before != "" && before != s {
							t.Errorf("%s %v %s %d:\n%s\n%s", zone, p, by, start, before, s)
						}
						before = s
					}
				}
			}
		}
	}
}

// A day that is infinite, which only who writes to the database himself can store, is no day: what has none is one row, not several.
func TestDaysThatAreInfiniteAreUnknownOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 1)
	viewers := m.viewers()
	m.exec("update opportunities set opened_on = 'infinity' where id = $1", m.sales[0])
	m.exec("update opportunities set opened_on = '-infinity' where id = $1", m.sales[1])
	m.exec("update opportunities set opened_on = null where id = $1", m.sales[2])
	snap := access.Look(m.pool, viewers[len(viewers)-2])
	defer snap.Close(t.Context())
	r, err := m.sql.Run(t.Context(), snap, reports.Opportunities, reports.Ask{By: []string{"OPENED_MONTH"}, First: 100, Measures: []string{"count"}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, row := range r.Rows {
		if row.Keys[0].Unknown {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d rows for what is unknown", n)
	}
}
