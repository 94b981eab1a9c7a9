package reports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/reports"
)

func TestEachRowHasItsCounterpart(t *testing.T) {
	w := newWorld(t)
	w.fill(250)
	e := eyes{w.users[1].ID, true, everyAmount}
	v := w.viewer(e.user, true, everyAmount...)
	a := ask("STAGE", "CLOSED_MONTH")
	a.Period = &reports.Period{From: day("2026-03-01"), Until: day("2026-05-01")}
	a.CompareTo = pointer(reports.PreviousPeriod)
	r := w.report(v, a)
	earlier := map[string]string{"2026-03": "2026-01", "2026-04": "2026-02"}
	closedIn := func(s *sale, months ...string) bool {
		return s.ClosedAt != nil && slices.Contains(months, s.ClosedAt.In(zone(companyZone)).Format("2006-01"))
	}
	if len(r.Rows) != 6 {
		t.Fatalf("%d rows, want 3 stages in 2 months", len(r.Rows))
	}
	for _, row := range r.Rows {
		stage, month := *row.Keys[0].ID, earlier[*row.Keys[1].ID]
		var before []*sale
		for _, s := range w.sales {
			if s.StageID.String() == stage && closedIn(s, month) {
				before = append(before, s)
			}
		}
		w.same("before "+*row.Keys[1].ID, row.Previous, w.fold(e, before, zone(companyZone)))
		if got := *row.Previous.Keys[1].ID; got != month || row.Previous.Keys[1].Label != month || *row.Previous.Keys[0].ID != stage {
			t.Errorf("the counterpart of %s is %s", *row.Keys[1].ID, got)
		}
	}
	both := slices.DeleteFunc(slices.Clone(w.sales), func(s *sale) bool { return !closedIn(s, "2026-01", "2026-02") })
	w.same("total before", r.Total.Previous, w.fold(e, both, zone(companyZone)))
}

// What there was in the earlier period alone is in the row other, so that the counterparts of all rows add up to the total's.
func TestCounterpartsAddUp(t *testing.T) {
	w := newWorld(t)
	w.fill(150)
	v, alone := w.viewer(w.users[1].ID, true, everyAmount...), 0
	for _, by := range [][]string{{"CUSTOMER"}, {"CLOSED_DAY"}, {"STAGE", "CUSTOMER"}, {"CLOSED_WEEK", "STATUS"}} {
		for _, first := range []int{1, 1000} {
			a := ask(by...)
			a.First, a.CompareTo = first, pointer(reports.PreviousPeriod)
			a.Period = &reports.Period{From: day("2026-03-10"), Until: day("2026-03-17")}
			r := w.report(v, a)
			count, before, won := 0, 0, decimal.Zero
			for i, row := range r.Rows {
				count, before = count+row.Count, before+row.Previous.Count
				if row.Previous.WonAmount != nil {
					won = won.Add(row.Previous.WonAmount.Amount)
				}
				if row.Count == 0 {
					alone += row.Previous.Count
				}
				if other := row.Keys[0].Other; other && (i < len(r.Rows)-1 || !row.Previous.Keys[0].Other) {
					t.Errorf("by %s: row %d of %d is other, its counterpart %+v", by, i, len(r.Rows), row.Previous.Keys[0])
				}
			}
			if total := r.Total.Previous; count != r.Total.Count || before != total.Count || total.WonAmount != nil && !won.Equal(total.WonAmount.Amount) {
				t.Errorf("by %s: rows add up to %d, and to %d and %v before; total %d, before %d, %v", by, count, before, won, r.Total.Count, total.Count, total.WonAmount)
			}
		}
	}
	if alone == 0 {
		t.Error("nothing was in the earlier period alone")
	}
}

// Every dimension, sorted both ways, adds up, under a fiscal year that is not the calendar's.
func TestEveryDimensionAddsUp(t *testing.T) {
	w := newWorld(t)
	w.fill(120)
	w.date()
	w.exec("update company set fiscal_year_start = 4")
	v := w.viewer(w.users[1].ID, true, everyAmount...)
	snap := w.look(v)
	competitors, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range reports.Catalog(v, "en")[0].Dimensions {
		for _, direction := range []string{"ASC", "DESC"} {
			a := ask(d.Name)
			a.First, a.OrderBy = 3, []*reports.Order{{Measure: "KEY", Direction: direction}}
			w.addsUp(d.Name+" "+direction, w.report(v, a))
		}
		for _, row := range competitors.Rows {
			groups, err := row.Breakdown(context.Background(), d.Name, 2)
			count := 0
			for _, g := range groups {
				count += g.Encounters
			}
			if err != nil || count != row.Encounters {
				t.Errorf("a breakdown by %s adds up to %d of %d, %v", d.Name, count, row.Encounters, err)
			}
		}
	}
	quarters := ask("CLOSED_QUARTER")
	for _, row := range w.report(v, quarters).Rows {
		if id := row.Keys[0].ID; id != nil && *id != "2025-Q4" && *id != "2026-Q1" {
			t.Errorf("January to May 2026 is not %s of a fiscal year from April", *id)
		}
	}
}

func (w *world) addsUp(name string, r *reports.OpportunityReport) {
	w.t.Helper()
	count, won := 0, decimal.Zero
	for i, row := range r.Rows {
		count += row.Count
		if row.WonAmount != nil {
			won = won.Add(row.WonAmount.Amount)
		}
		key := row.Keys[0]
		if key.Other != (i == 3) || key.Label == "" {
			w.t.Errorf("%s: row %d is %+v", name, i, key)
		}
	}
	if count != r.Total.Count || !won.Equal(r.Total.WonAmount.Amount) || r.Coverage[0].Known+r.Coverage[0].Unknown != count {
		w.t.Errorf("%s: rows add up to %d, %v; total %d, %v", name, count, won, r.Total.Count, r.Total.WonAmount.Amount)
	}
}

// A filter, its contrary and what is unknown to it make up all, of records and of rows.
func TestFilterContraryAndUnknownAreAll(t *testing.T) {
	w := newWorld(t)
	w.fill(150)
	v := w.viewer(w.users[0].ID, false, everyAmount...)
	amount, rate, number := decimal.New(100_000, 0), 0.4, 4
	for field, filter := range map[string]any{
		"lostAmount": &models.DecimalFilter{Gt: &amount}, "openAmount": &models.DecimalFilter{In: []decimal.Decimal{amount}}, "wonAmount": &models.DecimalFilter{Lte: &amount},
		"lossRate": &models.FloatFilter{Gte: &rate}, "averageCycleDays": &models.FloatFilter{Lt: &rate}, "count": &models.IntFilter{Eq: &number}, "won": &models.IntFilter{Lt: &number},
	} {
		unknown := any(&models.DecimalFilter{IsNull: pointer(true)})
		switch filter.(type) {
		case *models.FloatFilter:
			unknown = &models.FloatFilter{IsNull: pointer(true)}
		case *models.IntFilter:
			unknown = &models.IntFilter{IsNull: pointer(true)}
		}
		listed := 0
		for _, having := range []map[string]any{{field: filter}, {"not": map[string]any{field: filter}}, {"or": []map[string]any{{field: unknown}}}} {
			a := ask("CUSTOMER", "CLOSED_MONTH")
			a.Having = having
			for _, row := range w.report(v, a).Rows {
				if !row.Keys[0].Other {
					listed++
				}
			}
		}
		if all := len(w.report(v, ask("CUSTOMER", "CLOSED_MONTH")).Rows); listed != all || all < 10 {
			t.Errorf("%s lists %d rows in three parts, want %d", field, listed, all)
		}
	}
}

// TestConditionsOnRowsAllHold asks for rows under several conditions at once, among them of which one of two is to hold, and finds the same by hand.
func TestConditionsOnRowsAllHold(t *testing.T) {
	w := newWorld(t)
	w.fill(150)
	v := w.viewer(w.users[0].ID, false, everyAmount...)
	all := w.report(v, ask("CUSTOMER", "CLOSED_MONTH")).Rows
	atLeast, none, one := 2, 0, 1
	few := []map[string]any{{"won": &models.IntFilter{Lte: &none}}, {"lost": &models.IntFilter{Lte: &one}}}
	many := &models.IntFilter{Gte: &atLeast}
	for name, having := range map[string]map[string]any{
		"beside": {"count": many, "or": few}, "within": {"and": []map[string]any{{"or": few}, {"count": many}}},
		"both": {"and": []map[string]any{{"or": few}, {"or": []map[string]any{{"count": many}, {"count": many}}}}}, "not": {"count": many, "not": map[string]any{"and": []map[string]any{{"won": &models.IntFilter{Gt: &none}}, {"lost": &models.IntFilter{Gt: &one}}}}},
	} {
		var want, got []string
		for _, row := range all {
			if row.Count >= atLeast && (row.Won <= none || row.Lost <= one) {
				want = append(want, fmt.Sprint(row.Keys[0].Label, row.Keys[1].Label, row.Count))
			}
		}
		a := ask("CUSTOMER", "CLOSED_MONTH")
		a.Having = having
		for _, row := range w.report(v, a).Rows {
			if !row.Keys[0].Other {
				got = append(got, fmt.Sprint(row.Keys[0].Label, row.Keys[1].Label, row.Count))
			}
		}
		if !slices.Equal(got, want) || len(want) < 5 || len(want) == len(all) {
			t.Errorf("%s lists %v, want %v", name, got, want)
		}
	}
}

func TestEveryMeasureSorts(t *testing.T) {
	w := newWorld(t)
	w.fill(100)
	v := w.viewer(w.users[1].ID, true, everyAmount...)
	for _, measure := range []string{"COUNT", "WON", "LOST", "OPEN", "LOSS_RATE", "WIN_RATE", "LOSS_RATE_BY_AMOUNT", "WON_AMOUNT", "LOST_AMOUNT", "OPEN_AMOUNT", "WEIGHTED_AMOUNT", "AVERAGE_CYCLE_DAYS"} {
		a := ask("CUSTOMER")
		a.OrderBy = []*reports.Order{{Measure: measure, Direction: "DESC"}}
		down := w.report(v, a).Rows
		a.OrderBy[0].Direction = "ASC"
		up := w.report(v, a).Rows
		if len(up) != 9 || len(down) != 9 {
			t.Fatalf("%d and %d rows, want 8 customers and unknown", len(up), len(down))
		}
		if measure == "COUNT" && (up[0].Count > up[8].Count || down[0].Count < down[8].Count || up[0].Count == down[0].Count) {
			t.Errorf("by %s: %d to %d up, %d to %d down", measure, up[0].Count, up[8].Count, down[0].Count, down[8].Count)
		}
	}
}

func TestNothingSeenIsNothingCounted(t *testing.T) {
	w := newWorld(t)
	v := w.viewer(w.users[0].ID, false, everyAmount...)
	a := ask("OWNER")
	a.Period = &reports.Period{From: day("2026-01-01"), Until: day("2026-02-01")}
	a.CompareTo = pointer(reports.PreviousYear)
	snap := w.look(v)
	r, err := opportunities(fault.WithLanguage(t.Context(), "zh"), snap, a)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 0 || r.Total.Count != 0 || r.Total.Previous.Count != 0 || r.Total.LossRate.Value != nil || r.Coverage[0].Share != nil {
		t.Errorf("%+v", r.Total)
	}
	page, err := r.Total.Page(t.Context(), "ALL", nil, nil)
	if err != nil || len(page.IDs) != 0 || page.HasNext || !page.Total.Exact {
		t.Errorf("%+v, %v", page, err)
	}
	if d := r.Definition; d.TimeZone != companyZone || d.Currency != "CNY" || d.FiscalYearStart != 1 || !d.AsOf.Equal(w.now) || *d.From != "2026-01-01" || d.Sentence[:6] != "商机" {
		t.Errorf("%+v", d)
	}
	competitors, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 5})
	if err != nil || len(competitors.Rows) != 0 || competitors.Unattributed.Lost != 0 {
		t.Errorf("%+v, %v", competitors, err)
	}
}

// TestADefinitionNamesItsPopulationAndItsMeasuresOnce asks in both languages, with and without a period, an end of it and a filter.
func TestADefinitionNamesItsPopulationAndItsMeasuresOnce(t *testing.T) {
	w := newWorld(t)
	w.fill(10)
	v := w.viewer(w.users[0].ID, false, everyAmount...)
	from, until := models.Date("2026-01-01"), models.Date("2026-02-01")
	filter := map[string]any{"status": &models.EnumFilter{In: []string{"WON"}}}
	for _, one := range []struct {
		period           *reports.Period
		where            map[string]any
		english, chinese string
	}{
		{nil, nil, "Opportunities, of all times.", "商机，不限时间。"},
		{nil, map[string]any{"status": (*models.EnumFilter)(nil), "and": []map[string]any{}}, "Opportunities, of all times.", "商机，不限时间。"},
		{nil, filter, "Opportunities that match the filter, of all times.", "符合筛选条件的商机，不限时间。"},
		{&reports.Period{From: &from, Until: &until}, filter, "Opportunities that match the filter, closed from 2026-01-01 until before 2026-02-01.", "符合筛选条件的商机，结束日期自 2026-01-01 至 2026-02-01 之前。"},
		{&reports.Period{From: &from}, nil, "Opportunities, closed from 2026-01-01 on.", "商机，结束日期自 2026-01-01 起。"},
		{&reports.Period{Until: &until}, nil, "Opportunities, closed before 2026-02-01.", "商机，结束日期在 2026-02-01 之前。"},
	} {
		for language, want := range map[string]string{"en": one.english, "zh": one.chinese} {
			a := ask("STATUS")
			a.Period, a.Where, a.Measures = one.period, one.where, []string{"count", "lossRate", "count"}
			snap := access.Look(w.pool, v)
			r, err := opportunities(fault.WithLanguage(t.Context(), language), snap, a)
			snap.Close(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			d := r.Definition
			if d.Population != want || !strings.HasPrefix(d.Sentence, want) {
				t.Errorf("it is over %q: %q, want %q", d.Population, d.Sentence, want)
			}
			if len(d.Measures) != 2 || d.Measures[0].Name != "count" || d.Measures[1].Name != "lossRate" {
				t.Errorf("%d measures are named", len(d.Measures))
			}
		}
	}
}
