package reports_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/reports"
)

func TestWrongQuestionsAreRefusedByNameBeforeAnySQL(t *testing.T) {
	w := newWorld(t)
	snap := w.look(w.viewer(w.users[0].ID, true))
	amount := decimal.New(1, 0)
	filter := map[string]any{"amount": &models.DecimalFilter{Gt: &amount}}
	for name, c := range map[string]struct {
		ask   reports.Ask
		code  fault.Code
		field string
	}{
		"no rows":             {reports.Ask{}, fault.BadInput, "first"},
		"too many rows":       {reports.Ask{First: 5001}, fault.BadInput, "first"},
		"a period backwards":  {reports.Ask{First: 1, Period: &reports.Period{From: day("2026-02-01"), Until: day("2026-02-01")}}, fault.BadInput, "period.until"},
		"no such zone":        {reports.Ask{First: 1, TimeZone: pointer("Mars/Olympus")}, fault.BadInput, "timeZone"},
		"no such month":       {reports.Ask{First: 1, FiscalYearStart: pointer(13)}, fault.BadInput, "fiscalYearStart"},
		"no such clock":       {reports.Ask{First: 1, Clock: reports.DueClock}, fault.BadInput, "clock"},
		"a share of a rate":   {reports.Ask{First: 1, Shares: []string{"LOSS_RATE"}}, fault.BadInput, "measure"},
		"a share of amounts":  {reports.Ask{First: 1, Shares: []string{"LOST_AMOUNT"}}, fault.FieldDenied, "measure"},
		"no such dimension":   {reports.Ask{First: 1, By: []string{"REGION", "MOON"}}, fault.BadInput, "by.1"},
		"a dimension twice":   {reports.Ask{First: 1, By: []string{"REGION", "REGION"}}, fault.BadInput, "by.1"},
		"seven dimensions":    {reports.Ask{First: 1, By: []string{"STATUS", "STAGE", "OWNER", "REGION", "INDUSTRY", "CUSTOMER", "PIPELINE"}}, fault.LimitExceeded, "by"},
		"nothing to compare":  {reports.Ask{First: 1, CompareTo: pointer(reports.PreviousYear)}, fault.BadInput, "compareTo"},
		"grouped by amounts":  {reports.Ask{First: 1, By: []string{"AMOUNT_BAND"}}, fault.FieldDenied, "by.0"},
		"sorted by amounts":   {reports.Ask{First: 1, By: []string{"OWNER"}, OrderBy: []*reports.Order{{Measure: "LOST_AMOUNT"}}}, fault.FieldDenied, "orderBy.LOST_AMOUNT"},
		"having amounts":      {reports.Ask{First: 1, Having: map[string]any{"not": map[string]any{"wonAmount": &models.DecimalFilter{Gt: &amount}}}}, fault.FieldDenied, "having.not.wonAmount"},
		"filtered by amounts": {reports.Ask{First: 1, Where: filter}, fault.FieldDenied, "where.amount"},
	} {
		_, err := opportunities(t.Context(), snap, c.ask)
		var f *fault.Fault
		if !errors.As(err, &f) || f.Code != c.code || strings.Join(f.Field, ".") != c.field || f.Sentence.Zh == "" {
			t.Errorf("%s: %v, want %s at %s", name, err, c.code, c.field)
		}
	}
	if snap.Statements() != 0 {
		t.Errorf("%d statements were run", snap.Statements())
	}
}

func TestAmountsAreAbsentWithoutTheRight(t *testing.T) {
	w := newWorld(t)
	w.fill(30)
	r := w.report(w.viewer(w.users[0].ID, true), ask("OWNER"))
	row := r.Total
	if row.Count != 30 || row.WonAmount != nil || row.LostAmount != nil || row.OpenAmount != nil || row.WeightedAmount != nil || row.LossRateByAmount != nil || row.Unconverted != nil {
		t.Errorf("%+v", row)
	}
	for _, c := range r.Coverage {
		if c.Field == "amount" && c.Known != 0 {
			t.Errorf("amounts are known of %d", c.Known)
		}
	}
}

func TestCompetitorsAreNotRankedByAmountsWithoutTheRight(t *testing.T) {
	w := newWorld(t)
	w.fill(60)
	for _, right := range []bool{true, false} {
		user, amounts := w.users[0].ID, []access.Relation(nil)
		if right {
			user, amounts = w.users[1].ID, everyAmount
		}
		r, err := reports.New().Competitors(t.Context(), w.look(w.viewer(user, true, amounts...)), reports.Ask{First: 10})
		if err != nil || len(r.Rows) == 0 {
			t.Fatalf("%d rows (%v)", len(r.Rows), err)
		}
		for _, row := range r.Rows {
			if (row.RankByAmountLost != nil) != right || !right && (row.AmountWon != nil || row.AmountLost != nil) {
				t.Errorf("with the right %v: rank %v, won %v, lost %v", right, row.RankByAmountLost, row.AmountWon, row.AmountLost)
			}
		}
		if r.Unattributed.AmountLost != nil && !right {
			t.Errorf("unattributed: %v", r.Unattributed.AmountLost)
		}
	}
}

func TestCatalogShowsWhatTheViewerMayUse(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		amounts []access.Relation
		shown   bool
	}{{nil, false}, {[]access.Relation{access.Own}, true}} {
		v := w.viewer(w.users[len(c.amounts)].ID, true, c.amounts...)
		for _, dataset := range reports.Catalog(v, "zh")[:2] {
			dimension := slices.ContainsFunc(dataset.Dimensions, func(d *reports.ReportDimension) bool { return d.Name == "AMOUNT_BAND" && d.Label == "金额区间" })
			measure := slices.ContainsFunc(dataset.Measures, func(m *reports.ReportMeasure) bool { return m.Unit == reports.MoneyUnit && m.Sentence != "" })
			if dimension != c.shown || measure != c.shown || len(dataset.Dimensions) < 20 {
				t.Errorf("%s with %v: dimension %t, measure %t", dataset.Dataset, c.amounts, dimension, measure)
			}
		}
	}
}

func TestTiesAreRoundedToEvenBeforeTheyAreSummed(t *testing.T) {
	w := newWorld(t)
	w.rate("JPY", "2020-01-01", "0.5")
	for _, amount := range []string{"0.0001", "0.0003", "0.0005", "-0.0001", "-0.0003"} {
		w.sale(func(s *sale) {
			d := decimal.RequireFromString(amount)
			s.Amount, s.Currency = &d, pointer("JPY")
		})
	}
	// Halves of these: 0.0000, 0.0002, 0.0002, -0.0000, -0.0002.
	r := w.report(w.viewer(w.users[0].ID, false, access.Own), ask())
	if got := r.Total.OpenAmount.Amount.String(); got != "0.0002" {
		t.Errorf("the sum is %s, want 0.0002", got)
	}
}

func TestLossRateByAmountNeedsAmountsOnBothSides(t *testing.T) {
	w := newWorld(t)
	v := w.viewer(w.users[0].ID, false, access.Own)
	closed := func(status string, amount *string) {
		w.sale(func(s *sale) {
			s.Status, s.ClosedAt = status, &w.now
			if amount != nil {
				d := decimal.RequireFromString(*amount)
				s.Amount, s.Currency = &d, pointer("CNY")
			}
		})
	}
	closed(models.Won, pointer("300"))
	closed(models.Lost, nil)
	if r := w.report(v, ask()).Total.LossRateByAmount; r.Value != nil || r.Sample != 1 {
		t.Errorf("%+v, want no value with one amount", r)
	}
	closed(models.Lost, pointer("100"))
	if r := w.report(v, ask()).Total; *r.LossRateByAmount.Value != 0.25 || *r.LossRate.Value != 2.0/3 || *r.WinRate.Value != 1.0/3 {
		t.Errorf("%v by amount, %v by number", *r.LossRateByAmount.Value, *r.LossRate.Value)
	}
}
