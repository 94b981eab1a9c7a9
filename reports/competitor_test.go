package reports_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// outcome derives how an encounter ended, apart from the compiler.
func (w *world) outcome(s *sale, competitor uuid.UUID) string {
	switch {
	case s.Status == models.Cancelled:
		return ""
	case s.Status == models.Open:
		return models.Open
	case s.Status == models.Won:
		return models.WeWon
	case s.WonByID != nil && *s.WonByID == competitor:
		return models.TheyWon
	case s.WonByID != nil:
		return models.OtherWon
	case s.LossReasonID != nil && *s.LossReasonID == w.reasons[1].ID:
		return models.NobodyWon
	}
	return models.UnknownOutcome
}

// met lists the seen opportunities in which the competitor was met and that ended so.
func (w *world) met(e eyes, competitor uuid.UUID, outcome string) []*sale {
	return slices.DeleteFunc(slices.Clone(w.seen(e)), func(s *sale) bool {
		return !slices.Contains(s.met, competitor) || w.outcome(s, competitor) != outcome
	})
}

func (w *world) sum(e eyes, sales []*sale) (sum decimal.Decimal, known int) {
	for _, s := range sales {
		if amount, _ := w.amount(e, s); amount != nil {
			sum, known = sum.Add(*amount), known+1
		}
	}
	return sum, known
}

func TestCompetitors(t *testing.T) {
	w := newWorld(t)
	w.fill(250)
	for _, e := range []eyes{{w.users[1].ID, true, everyAmount}, {w.users[0].ID, false, everyAmount}} {
		snap := w.look(w.viewer(e.user, e.wide, e.amounts...))
		r, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Rows) != 3 || snap.Statements() != 2 {
			t.Fatalf("%d rows in %d statements", len(r.Rows), snap.Statements())
		}
		for i, row := range r.Rows {
			w.checkCompetitor(e, row)
			if *row.Rank != i+1 || i > 0 && theirs(row) > theirs(r.Rows[i-1]) {
				t.Errorf("rank %d at place %d is out of order", *row.Rank, i+1)
			}
		}
		w.checkUnattributed(e, r)
	}
}

// theirs is the lower bound of their win rate: 1 less the upper bound of ours.
func theirs(row *reports.CompetitorReportRow) float64 { return 1 - *row.WinRate.High }

func (w *world) checkCompetitor(e eyes, row *reports.CompetitorReportRow) {
	w.t.Helper()
	ended := map[string]int{
		models.Open: row.Open, models.WeWon: row.WeWon, models.TheyWon: row.TheyWon, models.OtherWon: row.OtherWon,
		models.NobodyWon: row.NobodyWon, models.UnknownOutcome: row.Unknown,
	}
	all := 0
	for outcome, got := range ended {
		want := w.met(e, row.ID, outcome)
		all += len(want)
		if got != len(want) {
			w.t.Errorf("%s: %d, want %d", outcome, got, len(want))
		}
		page, err := row.Page(context.Background(), &outcome, pointer(100), nil)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(page.IDs) != len(want) || page.Total.Number != len(want) {
			w.t.Errorf("%s opens to %d records of %d, want %d", outcome, len(page.IDs), page.Total.Number, len(want))
		}
	}
	if row.Encounters != all {
		w.t.Errorf("%d encounters, want %d", row.Encounters, all)
	}
	won, wonKnown := w.sum(e, w.met(e, row.ID, models.WeWon))
	lost, lostKnown := w.sum(e, w.met(e, row.ID, models.TheyWon))
	w.sameMoney("won against", row.AmountWon, won, wonKnown)
	w.sameMoney("lost to", row.AmountLost, lost, lostKnown)
	gap, err := row.PriceGap(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	w.checkGap(e, row.ID, gap, slices.DeleteFunc(slices.Clone(w.seen(e)), func(s *sale) bool {
		return !slices.Contains(s.met, row.ID) || s.Status == models.Cancelled
	}))
	w.checkReasons(e, row)
	w.checkBreakdown(e, row)
}

func (w *world) checkReasons(e eyes, row *reports.CompetitorReportRow) {
	w.t.Helper()
	want := map[uuid.UUID]int{}
	for _, s := range w.met(e, row.ID, models.TheyWon) {
		if s.LossReasonID == nil {
			want[uuid.Nil]++
		} else {
			want[*s.LossReasonID]++
		}
	}
	reasons, err := row.LossReasons(context.Background(), 10)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(reasons) != len(want) {
		w.t.Errorf("%d reasons, want %d", len(reasons), len(want))
	}
	for i, reason := range reasons {
		id, _ := reason.Key()
		if reason.Count != want[id] || i > 0 && reason.Count > reasons[i-1].Count {
			w.t.Errorf("reason %d: %d, want %d", i, reason.Count, want[id])
		}
	}
}

func (w *world) checkBreakdown(e eyes, row *reports.CompetitorReportRow) {
	w.t.Helper()
	groups, err := row.Breakdown(context.Background(), "REGION", 2)
	if err != nil {
		w.t.Fatal(err)
	}
	var encounters, weWon, theyWon int
	for _, g := range groups {
		encounters, weWon, theyWon = encounters+g.Encounters, weWon+g.WeWon, theyWon+g.TheyWon
	}
	if len(groups) != 3 || !groups[2].Key.Other || encounters != row.Encounters || weWon != row.WeWon || theyWon != row.TheyWon {
		w.t.Errorf("%d groups with %d, %d, %d; the row has %d, %d, %d", len(groups), encounters, weWon, theyWon, row.Encounters, row.WeWon, row.TheyWon)
	}
	trend, err := row.Trend(context.Background(), "CLOSED_MONTH", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	encounters = 0
	for i, g := range trend {
		encounters += g.Encounters
		if i > 0 && !g.Key.Unknown && *g.Key.ID <= *trend[i-1].Key.ID {
			w.t.Errorf("the trend goes back at %s", *g.Key.ID)
		}
	}
	if encounters != row.Encounters {
		w.t.Errorf("the trend has %d encounters, want %d", encounters, row.Encounters)
	}
}

func (w *world) checkUnattributed(e eyes, r *reports.CompetitorReport) {
	w.t.Helper()
	nobody := slices.DeleteFunc(slices.Clone(w.seen(e)), func(s *sale) bool {
		return s.Status != models.Lost || s.WonByID != nil || s.LossReasonID != nil && *s.LossReasonID == w.reasons[1].ID
	})
	if r.Unattributed.Lost != len(nobody) {
		w.t.Errorf("%d unattributed, want %d", r.Unattributed.Lost, len(nobody))
	}
	sum, known := w.sum(e, nobody)
	w.sameMoney("unattributed", r.Unattributed.AmountLost, sum, known)
	for _, c := range r.Coverage {
		if c.Field == "wonBy" && c.Unknown != len(nobody) {
			w.t.Errorf("coverage of the winner: %+v, want %d unknown", c, len(nobody))
		}
	}
}

func TestStatementsDoNotGrowWithTheRows(t *testing.T) {
	w := newWorld(t)
	w.fill(60)
	snap := w.look(w.viewer(w.users[1].ID, true, access.Own))
	r, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Rows {
		if _, err := row.LossReasons(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		if _, err := row.Breakdown(t.Context(), "REGION", 20); err != nil {
			t.Fatal(err)
		}
		if _, err := row.Trend(t.Context(), "CLOSED_QUARTER", 40); err != nil {
			t.Fatal(err)
		}
		if _, err := row.Page(t.Context(), nil, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if snap.Statements() != 6 || len(r.Rows) != 3 {
		t.Errorf("%d statements for %d rows, want 6 for 3", snap.Statements(), len(r.Rows))
	}
}
