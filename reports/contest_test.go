package reports_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/reports"
)

// TestCompetitorsAreChosenAndSortedByTheirNumbers asks by each number: the rows are those of the whole list that it keeps, in its order, with
// the ranks that they have in it, and all others are told together.
func TestCompetitorsAreChosenAndSortedByTheirNumbers(t *testing.T) {
	w := newWorld(t)
	for i := range 6 {
		c := models.Competitor{Record: models.Record{ID: models.NewID(models.CompetitorCode)}, Name: string(rune('Z' - i)), Active: true}
		w.insert(&c)
		w.competitors = append(w.competitors, c)
	}
	w.fill(40)
	for i, s := range w.sales { // those of the six are met unequally
		for j := range 6 {
			if (i+j*j)%(3+j) == 0 && !slices.Contains(s.met, w.competitors[3+j].ID) {
				s.met = append(s.met, w.competitors[3+j].ID)
				w.insert(&models.Encounter{Part: models.Part{ID: models.NewID(models.EncounterCode)}, OpportunityID: s.ID, CompetitorID: w.competitors[3+j].ID, CreatedAt: w.now})
			}
		}
	}
	e := eyes{w.users[1].ID, true, everyAmount}
	snap := w.look(w.viewer(e.user, true, e.amounts...))
	ask := func(a reports.Ask) *reports.CompetitorReport {
		t.Helper()
		r, err := reports.New().Competitors(t.Context(), snap, a)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	whole := ask(reports.Ask{First: 100}).Rows
	if len(whole) != 9 {
		t.Fatalf("%d competitors were met", len(whole))
	}
	names := map[uuid.UUID]string{}
	for _, c := range w.competitors {
		names[c.ID] = c.Name
	}
	none := decimal.NewFromInt(-1)
	amount := func(m *models.Money) float64 {
		if m == nil {
			return none.InexactFloat64()
		}
		return m.Amount.InexactFloat64()
	}
	rate := func(r *float64) float64 {
		if r == nil {
			return -1
		}
		return *r
	}
	for measure, of := range map[string]func(*reports.CompetitorReportRow) float64{
		"RANK": func(r *reports.CompetitorReportRow) float64 { return float64(*r.Rank) }, "RANK_BY_AMOUNT_LOST": func(r *reports.CompetitorReportRow) float64 { return float64(*r.RankByAmountLost) },
		"ENCOUNTERS": func(r *reports.CompetitorReportRow) float64 { return float64(r.Encounters) }, "THEY_WON": func(r *reports.CompetitorReportRow) float64 { return float64(r.TheyWon) },
		"WIN_RATE": func(r *reports.CompetitorReportRow) float64 { return rate(r.WinRate.Value) }, "AMOUNT_WON": func(r *reports.CompetitorReportRow) float64 { return amount(r.AmountWon) },
		"STRENGTH": func(r *reports.CompetitorReportRow) float64 { s, _ := r.Strength(t.Context()); return s.Value },
		"PRICE_GAP": func(r *reports.CompetitorReportRow) float64 {
			gap, _ := r.PriceGap(t.Context())
			return rate(gap.Average)
		},
		"KEY": func(r *reports.CompetitorReportRow) float64 { return float64(names[r.ID][0]) },
	} {
		for _, direction := range []string{"ASC", "DESC"} {
			want := slices.Clone(whole)
			slices.SortStableFunc(want, func(a, b *reports.CompetitorReportRow) int {
				x, y := of(a), of(b)
				switch {
				case x == y:
					return 0
				case x < 0 && measure != "STRENGTH" && !(measure == "PRICE_GAP" && x > -1), y < 0 && measure != "STRENGTH" && !(measure == "PRICE_GAP" && y > -1):
					return cmp.Compare(y, x) // unknown, which comes last
				case direction == "DESC":
					return cmp.Compare(y, x)
				}
				return cmp.Compare(x, y)
			})
			r := ask(reports.Ask{First: 4, OrderBy: []*reports.Order{{Measure: measure, Direction: direction}}})
			w.areRows(measure+" "+direction, r, want[:4])
			w.isFoldOf("other by "+measure, e, r.Other.Bouts, w.bouts(e, others(r, whole)), r.Other.Page)
		}
	}
	few, half := 3, 0.5
	for name, c := range map[string]struct {
		having map[string]any
		holds  func(*reports.CompetitorReportRow) bool
	}{
		"more than a few":  {map[string]any{"theyWon": &models.IntFilter{Gt: &few}}, func(r *reports.CompetitorReportRow) bool { return r.TheyWon > few }},
		"the first few":    {map[string]any{"rank": &models.IntFilter{Lte: &few}}, func(r *reports.CompetitorReportRow) bool { return *r.Rank <= few }},
		"not the half":     {map[string]any{"not": map[string]any{"winRate": &models.FloatFilter{Gte: &half}}}, func(r *reports.CompetitorReportRow) bool { return r.WinRate.Value != nil && *r.WinRate.Value < half }},
		"lost nothing":     {map[string]any{"amountLost": &models.DecimalFilter{IsNull: pointer(true)}}, func(r *reports.CompetitorReportRow) bool { return r.AmountLost == nil }},
		"stronger than we": {map[string]any{"strength": &models.FloatFilter{Gt: pointer(0.0)}}, func(r *reports.CompetitorReportRow) bool { s, _ := r.Strength(t.Context()); return s.Value > 0 }},
		"with prices":      {map[string]any{"priceGap": &models.FloatFilter{IsNull: pointer(false)}}, func(r *reports.CompetitorReportRow) bool { g, _ := r.PriceGap(t.Context()); return g.Average != nil }},
		"nobody":           {map[string]any{"encounters": &models.IntFilter{Lt: pointer(0)}}, func(*reports.CompetitorReportRow) bool { return false }},
	} {
		want := slices.DeleteFunc(slices.Clone(whole), func(r *reports.CompetitorReportRow) bool { return !c.holds(r) })
		if name != "nobody" && (len(want) == 0 || len(want) == len(whole)) {
			t.Errorf("%s are %d of %d", name, len(want), len(whole))
		}
		r := ask(reports.Ask{First: 100, Having: c.having})
		w.areRows(name, r, want)
		w.isWhole("but "+name, e, r.Other, others(r, whole))
	}
}

// others lists the competitors that a report does not list.
func others(r *reports.CompetitorReport, whole []*reports.CompetitorReportRow) (ids []uuid.UUID) {
	for _, row := range whole {
		if !slices.ContainsFunc(r.Rows, func(listed *reports.CompetitorReportRow) bool { return listed.ID == row.ID }) {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

func (w *world) areRows(name string, r *reports.CompetitorReport, want []*reports.CompetitorReportRow) {
	w.t.Helper()
	tell := func(rows []*reports.CompetitorReportRow) (list []string) {
		for _, row := range rows {
			list = append(list, fmt.Sprint(row.ID, *row.Rank, *row.RankByAmountLost, row.Encounters))
		}
		return list
	}
	if got, want := tell(r.Rows), tell(want); !slices.Equal(got, want) {
		w.t.Errorf("%s: rows %v, want %v", name, got, want)
	}
}

// TestCompetitorsAreComparedWithAnEarlierPeriod checks what every row, other and the total had in the month before, against its fold and
// against a report on that month.
func TestCompetitorsAreComparedWithAnEarlierPeriod(t *testing.T) {
	w := newWorld(t)
	w.fill(150)
	march, april, may := models.Date("2026-03-01"), models.Date("2026-04-01"), models.Date("2026-05-01")
	e := eyes{w.users[1].ID, true, everyAmount}
	snap := w.look(w.viewer(e.user, true, e.amounts...))
	in := func(from, until models.Date, list []bout) []bout {
		return slices.DeleteFunc(slices.Clone(list), func(b bout) bool {
			day := models.Date("")
			if b.ClosedAt != nil {
				day = models.DateOf(b.ClosedAt.In(zone(companyZone)))
			}
			return day < from || day >= until
		})
	}
	everybody := []uuid.UUID{w.competitors[0].ID, w.competitors[1].ID, w.competitors[2].ID}
	compared := reports.PreviousPeriod
	for first := 1; first <= 3; first++ {
		r, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: first, Period: &reports.Period{From: &april, Until: &may}, CompareTo: &compared})
		if err != nil {
			t.Fatal(err)
		}
		before, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 3, Period: &reports.Period{From: &march, Until: &april}})
		if err != nil {
			t.Fatal(err)
		}
		left := slices.Clone(everybody)
		for _, row := range r.Rows {
			w.isFoldOf("now", e, row.Bouts, in(april, may, w.bouts(e, []uuid.UUID{row.ID})), row.Page)
			w.isFoldOf("before", e, row.Previous.Bouts, in(march, april, w.bouts(e, []uuid.UUID{row.ID})), row.Previous.Page)
			then := before.Rows[slices.IndexFunc(before.Rows, func(b *reports.CompetitorReportRow) bool { return b.ID == row.ID })]
			if *row.Previous.Rank != *then.Rank || *row.Previous.RankByAmountLost != *then.RankByAmountLost || row.Previous.Competitors != 1 {
				t.Errorf("ranked %d then, and %d in the comparison", *then.Rank, *row.Previous.Rank)
			}
			trend, err := row.Previous.Trend(t.Context(), "CLOSED_MONTH", 5)
			if err != nil || len(trend) != 1 || *trend[0].Key.ID != "2026-03" || trend[0].Encounters != then.Encounters {
				t.Errorf("the trend of then is %v, %v", trend, err)
			}
			left = slices.DeleteFunc(left, func(id uuid.UUID) bool { return id == row.ID })
		}
		w.isFoldOf("total before", e, r.Total.Previous.Bouts, in(march, april, w.bouts(e, everybody)), r.Total.Previous.Page)
		if first < 3 {
			w.isFoldOf("other before", e, r.Other.Previous.Bouts, in(march, april, w.bouts(e, left)), r.Other.Previous.Page)
		} else if r.Other != nil {
			t.Error("all are listed, and there is other")
		}
	}
}

// A competitor that was met in the earlier period alone is in other, and one that was not met then has a row of nothing and no rank.
func TestAComparisonTellsOfWhoWasMetOnceOnly(t *testing.T) {
	w := newWorld(t)
	for i, c := range w.competitors[:2] {
		at := time.Date(2026, time.Month(3+i), 10, 4, 0, 0, 0, time.UTC)
		w.sale(func(s *sale) { s.Status, s.ClosedAt, s.WonByID, s.met = models.Lost, &at, &c.ID, []uuid.UUID{c.ID} })
	}
	april, may := models.Date("2026-04-01"), models.Date("2026-05-01")
	ask := reports.Ask{First: 5, Period: &reports.Period{From: &april, Until: &may}, CompareTo: pointer(reports.PreviousPeriod)}
	r, err := reports.New().Competitors(t.Context(), w.look(w.viewer(w.users[0].ID, true)), ask)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 1 || r.Rows[0].TheyWon != 1 || r.Rows[0].Previous.Encounters != 0 || r.Rows[0].Previous.Rank != nil || r.Rows[0].Previous.Competitors != 0 {
		t.Errorf("who was met now is %+v, and was %+v", r.Rows[0], r.Rows[0].Previous)
	}
	if r.Other == nil || r.Other.Encounters != 0 || r.Other.Competitors != 0 || r.Other.Previous.TheyWon != 1 || r.Total.Previous.Encounters != 1 {
		t.Errorf("other is %+v, the total %+v", r.Other, r.Total)
	}
}

// TestAnAnalysisTellsWhatItWasAskedFor checks the measures of its definition, and the coverage of what it is grouped by within.
func TestAnAnalysisTellsWhatItWasAskedFor(t *testing.T) {
	w := newWorld(t)
	w.fill(80)
	for _, e := range []eyes{{w.users[1].ID, true, everyAmount}, {w.users[0].ID, false, nil}} {
		viewer := w.viewer(e.user, e.wide, e.amounts...)
		r, err := reports.New().Competitors(t.Context(), w.look(viewer), reports.Ask{
			First: 2, Measures: []string{"strength", "priceGap", "lossReasons"}, Covered: []string{"REGION", "CLOSED_MONTH", "LOSS_REASON", "AMOUNT_BAND"}})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][2]int{}
		for _, c := range r.Coverage {
			if _, twice := got[c.Field]; twice {
				t.Errorf("%s is told twice", c.Field)
			}
			got[c.Field] = [2]int{c.Known, c.Unknown}
		}
		all, want := w.bouts(e, []uuid.UUID{w.competitors[0].ID, w.competitors[1].ID, w.competitors[2].ID}), map[string]int{}
		for _, b := range all {
			for _, by := range []string{"REGION", "CLOSED_MONTH"} {
				if w.grouped(e, by, b.sale, zone(companyZone)) != "" {
					want[by]++
				}
			}
			price, quoted := b.quoted[b.rival]
			theirs := *b.sale
			theirs.Amount, theirs.Currency = &price.Amount, &price.Currency
			if quoted {
				if asked, _ := w.amount(e, &theirs); asked != nil {
					want["quotedPrice"]++
				}
			}
		}
		for _, field := range []string{"REGION", "CLOSED_MONTH", "quotedPrice"} {
			if got[field] != [2]int{want[field], len(all) - want[field]} {
				t.Errorf("%s is known of %v, want %d of %d", field, got[field], want[field], len(all))
			}
		}
		if _, told := got["AMOUNT_BAND"]; told != (e.amounts != nil) || len(got) != 7+len(e.amounts)/len(everyAmount) {
			t.Errorf("told of %v", got)
		}
		measures := []string{}
		for _, m := range r.Definition.Measures {
			measures = append(measures, m.Name)
		}
		wanted := []string{"strength", "priceGap", "lossReasons"}
		if e.amounts == nil {
			wanted = []string{"strength", "lossReasons"}
		}
		if !slices.Equal(measures, wanted) {
			t.Errorf("the definition names %v, want %v", measures, wanted)
		}
	}
}

func TestWrongQuestionsOnCompetitorsAreRefused(t *testing.T) {
	w := newWorld(t)
	snap := w.look(w.viewer(w.users[0].ID, true))
	for name, c := range map[string]struct {
		ask   reports.Ask
		code  fault.Code
		field []string
	}{
		"sorted by amounts unread":   {reports.Ask{OrderBy: []*reports.Order{{Measure: "RANK_BY_AMOUNT_LOST"}}}, fault.FieldDenied, []string{"orderBy", "RANK_BY_AMOUNT_LOST"}},
		"sorted by prices unread":    {reports.Ask{OrderBy: []*reports.Order{{Measure: "PRICE_GAP"}}}, fault.FieldDenied, []string{"orderBy", "PRICE_GAP"}},
		"chosen by amounts unread":   {reports.Ask{Having: map[string]any{"not": map[string]any{"amountLost": &models.DecimalFilter{}}}}, fault.FieldDenied, []string{"having", "not", "amountLost"}},
		"sorted by nothing known":    {reports.Ask{OrderBy: []*reports.Order{{Measure: "MOON"}}}, fault.BadInput, []string{"orderBy", "0", "measure"}},
		"compared without a period":  {reports.Ask{CompareTo: pointer(reports.PreviousYear)}, fault.BadInput, []string{"compareTo"}},
		"more than can be told of":   {reports.Ask{First: 5001}, fault.BadInput, []string{"first"}},
		"sorted by what is not read": {reports.Ask{OrderBy: []*reports.Order{{Measure: "AMOUNT_WON"}}}, fault.FieldDenied, []string{"orderBy", "AMOUNT_WON"}},
	} {
		c.ask.First = max(c.ask.First, 1)
		_, err := reports.New().Competitors(t.Context(), snap, c.ask)
		var f *fault.Fault
		if !errors.As(err, &f) || f.Code != c.code || !slices.Equal(f.Field, c.field) || f.Sentence.Zh == "" || snap.Statements() > 0 {
			t.Errorf("%s: %v, want %s at %v", name, err, c.code, c.field)
		}
	}
}
