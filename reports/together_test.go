package reports_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
	"guanxi/reports"
)

// bout is one encounter: a sale with a competitor met.
type bout struct {
	*sale
	rival uuid.UUID
}

// bouts lists the seen encounters with some competitors.
func (w *world) bouts(e eyes, rivals []uuid.UUID) (list []bout) {
	for _, s := range w.seen(e) {
		for _, rival := range s.met {
			if s.Status != models.Cancelled && slices.Contains(rivals, rival) {
				list = append(list, bout{s, rival})
			}
		}
	}
	return list
}

// ended keeps the encounters that ended so; all for "".
func (w *world) ended(list []bout, outcome string) []bout {
	return slices.DeleteFunc(slices.Clone(list), func(b bout) bool { return outcome != "" && w.outcome(b.sale, b.rival) != outcome })
}

// opened lists the sales of encounters, each once.
func opened(list []bout) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, b := range list {
		ids = append(ids, b.ID)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// opensTo checks that all pages together are the sales of some encounters, each once.
func (w *world) opensTo(name string, list []bout, page func(first *int, after *string) (*reports.RecordPage, error)) {
	w.t.Helper()
	want, got := opened(list), []uuid.UUID{}
	var after *string
	for range 100 {
		one, err := page(pointer(20), after)
		if err != nil {
			w.t.Fatal(err)
		}
		if one.Total.Number != len(want) {
			w.t.Errorf("%s opens to %d records, want %d", name, one.Total.Number, len(want))
		}
		got = append(got, one.IDs...)
		if !one.HasNext {
			break
		}
		cursors := one.Cursors()
		after = &cursors[len(cursors)-1]
	}
	slices.SortFunc(got, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if !slices.Equal(got, want) {
		w.t.Errorf("%s opens to %d records, want %d", name, len(got), len(want))
	}
}

// isFoldOf checks the numbers of a row, or of one group of a row, against its encounters.
func (w *world) isFoldOf(name string, e eyes, got reports.Bouts, list []bout, page func(context.Context, *string, *int, *string) (*reports.RecordPage, error)) {
	w.t.Helper()
	for outcome, n := range map[string]int{"": got.Encounters, models.Open: got.Open, models.WeWon: got.WeWon, models.TheyWon: got.TheyWon,
		models.OtherWon: got.OtherWon, models.NobodyWon: got.NobodyWon, models.UnknownOutcome: got.Unknown} {
		want := w.ended(list, outcome)
		if n != len(want) {
			w.t.Errorf("%s %s: %d, want %d", name, outcome, n, len(want))
		}
		var of *string
		if outcome != "" {
			of = &outcome
		}
		w.opensTo(name+" "+outcome, want, func(first *int, after *string) (*reports.RecordPage, error) {
			return page(context.Background(), of, first, after)
		})
	}
	if got.WinRate.Sample != got.WeWon+got.TheyWon {
		w.t.Errorf("%s: a rate of %d", name, got.WinRate.Sample)
	}
	for outcome, money := range map[string]*models.Money{models.WeWon: got.AmountWon, models.TheyWon: got.AmountLost} {
		var sum decimal.Decimal
		known := 0
		for _, b := range w.ended(list, outcome) {
			if amount, _ := w.amount(e, b.sale); amount != nil {
				sum, known = sum.Add(*amount), known+1
			}
		}
		w.sameMoney(name+" "+outcome, money, sum, known)
	}
}

// isWhole checks a row, of one competitor or of several, with all that it opens to.
func (w *world) isWhole(name string, e eyes, row *reports.CompetitorReportRow, rivals []uuid.UUID) {
	w.t.Helper()
	ctx, list := context.Background(), w.bouts(e, rivals)
	w.isFoldOf(name, e, row.Bouts, list, row.Page)
	if row.Competitors != len(rivals) {
		w.t.Errorf("%s is of %d competitors, want %d", name, row.Competitors, len(rivals))
	}
	gap, err := row.PriceGap(ctx)
	if err != nil || (gap == nil) != (e.amounts == nil) {
		w.t.Fatal(gap, err)
	}
	gaps := 0
	for _, rival := range rivals {
		for _, b := range list {
			if b.rival == rival {
				gaps += len(w.gaps(e, rival, []*sale{b.sale}))
			}
		}
	}
	if gap != nil && (gap.Sample != gaps || *gap.Share != float64(gaps)/float64(len(list))) {
		w.t.Errorf("%s: prices are apart in %+v, want %d of %d", name, gap, gaps, len(list))
	}
	w.reasonsAddUp(name, row, w.ended(list, models.TheyWon))
	for _, first := range []int{1, 2, 50} {
		for _, by := range []string{"REGION", "STATUS", "CLOSED_MONTH"} {
			groups, err := row.Breakdown(ctx, by, first)
			w.groupsAddUp(fmt.Sprint(name, " by ", by, first), e, by, groups, list, err)
			if n := len(groups); n > first+1 || n == first+1 && !groups[n-1].Key.Other {
				w.t.Errorf("%s by %s: %d groups where %d were asked", name, by, n, first)
			}
		}
		steps, err := row.Trend(ctx, "CLOSED_MONTH", first)
		w.groupsAddUp(fmt.Sprint(name, " over time", first), e, "CLOSED_MONTH", steps, list, err)
		w.inTime(name, steps, first)
	}
}

// groupsAddUp checks each group, and that every encounter is in one.
func (w *world) groupsAddUp(name string, e eyes, by string, groups []*reports.CompetitorBreakdownRow, list []bout, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	left := map[string][]bout{}
	for _, b := range list {
		key := w.grouped(e, by, b.sale, zone(companyZone))
		left[key] = append(left[key], b)
	}
	var other *reports.CompetitorBreakdownRow
	for _, group := range groups {
		key := ""
		if group.Key.ID != nil {
			key = *group.Key.ID
		}
		if group.Key.Other {
			other = group
			continue
		}
		w.isFoldOf(name+" "+group.Key.Label, e, group.Bouts, left[key], group.Page)
		delete(left, key)
	}
	rest := []bout{}
	for _, bouts := range left {
		rest = append(rest, bouts...)
	}
	if other == nil && len(rest) > 0 || other != nil && len(rest) == 0 {
		w.t.Errorf("%s: %d encounters are left, and other is %v", name, len(rest), other)
	}
	if other != nil {
		w.isFoldOf(name+" other", e, other.Bouts, rest, other.Page)
	}
}

// inTime checks the order of steps: what is earlier, so many of the latest, and what has no time.
func (w *world) inTime(name string, steps []*reports.CompetitorBreakdownRow, first int) {
	w.t.Helper()
	known := 0
	for i, step := range steps {
		switch {
		case step.Key.Other && (i > 0 || step.Key.Label != "Earlier"), step.Key.Unknown && i < len(steps)-1:
			w.t.Errorf("%s: %s is at place %d of %d", name, step.Key.Label, i, len(steps))
		case step.Key.ID == nil:
			continue
		case known > 0 && *step.Key.ID <= *steps[i-1].Key.ID:
			w.t.Errorf("%s: the trend goes back at %s", name, *step.Key.ID)
		}
		known++
	}
	if known > first {
		w.t.Errorf("%s: %d steps where %d were asked", name, known, first)
	}
}

// reasonsAddUp checks why the competitors won: the first reasons, and all others together.
func (w *world) reasonsAddUp(name string, row *reports.CompetitorReportRow, lost []bout) {
	w.t.Helper()
	for _, first := range []int{1, 2, 50} {
		reasons, err := row.LossReasons(context.Background(), first)
		if err != nil {
			w.t.Fatal(err)
		}
		left := slices.Clone(lost)
		for i, reason := range reasons {
			is := func(b bout) bool {
				return reason.Named.Other || reason.Named.Unknown && b.LossReasonID == nil || b.LossReasonID != nil && reason.ReasonID != nil && *b.LossReasonID == *reason.ReasonID
			}
			want := slices.DeleteFunc(slices.Clone(left), func(b bout) bool { return !is(b) })
			left = slices.DeleteFunc(left, is)
			if reason.Count != len(want) || len(want) == 0 || reason.Named.Other != (i == first) || !reason.Named.Other && i > 0 && reason.Count > reasons[i-1].Count {
				w.t.Errorf("%s, reason %d of %d, %s: %d, want %d", name, i, first, reason.Named.Label, reason.Count, len(want))
			}
			w.opensTo(name+" for "+reason.Named.Label, want, func(first *int, after *string) (*reports.RecordPage, error) {
				return reason.Page(context.Background(), first, after)
			})
		}
		if len(left) > 0 {
			w.t.Errorf("%s: %d losses are under no reason", name, len(left))
		}
	}
}

// TestWhatIsLeftOutAndTheTotalAreFoldsOfTheirEncounters asks for fewer competitors than there are: the rows, other and the total are each
// the fold of their encounters, in all that they open to, and the rows and other are the total.
func TestWhatIsLeftOutAndTheTotalAreFoldsOfTheirEncounters(t *testing.T) {
	w := newWorld(t)
	w.fill(120)
	everybody := []uuid.UUID{w.competitors[0].ID, w.competitors[1].ID, w.competitors[2].ID}
	for _, e := range []eyes{{w.users[1].ID, true, everyAmount}, {w.users[0].ID, false, nil}} {
		snap := w.look(w.viewer(e.user, e.wide, e.amounts...))
		for first := 1; first <= 3; first++ {
			r, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: first})
			if err != nil {
				t.Fatal(err)
			}
			left := slices.Clone(everybody)
			for i, row := range r.Rows {
				if row.Rank == nil || *row.Rank != i+1 || *row.Rival() != row.ID {
					t.Errorf("row %d is %+v", i, row)
				}
				w.isWhole(fmt.Sprint("row ", i, " of ", first), e, row, []uuid.UUID{row.ID})
				left = slices.DeleteFunc(left, func(id uuid.UUID) bool { return id == row.ID })
			}
			if len(r.Rows) != first || (r.Other == nil) != (first == 3) {
				t.Fatalf("of %d asked there are %d rows, and other is %v", first, len(r.Rows), r.Other)
			}
			together := map[string]*reports.CompetitorReportRow{"total": r.Total}
			w.isWhole("total", e, r.Total, everybody)
			if r.Other != nil {
				together["other"] = r.Other
				w.isWhole(fmt.Sprint("other of ", first), e, r.Other, left)
			}
			for name, row := range together {
				strength, err := row.Strength(t.Context())
				if row.Rank != nil || row.RankByAmountLost != nil || row.Rival() != nil || strength != nil || err != nil {
					t.Errorf("%s is a competitor: %+v, %v, %v", name, row, strength, err)
				}
			}
			w.unattributedOpen(e, r)
		}
	}
}

// unattributedOpen checks the records behind what was lost to nobody that is known.
func (w *world) unattributedOpen(e eyes, r *reports.CompetitorReport) {
	w.t.Helper()
	var list []bout
	for _, s := range w.seen(e) {
		if s.Status == models.Lost && s.WonByID == nil && (s.LossReasonID == nil || *s.LossReasonID != w.reasons[1].ID) {
			list = append(list, bout{sale: s})
		}
	}
	w.opensTo("unattributed", list, func(first *int, after *string) (*reports.RecordPage, error) {
		return r.Unattributed.Page(context.Background(), first, after)
	})
	if r.Unattributed.Lost != len(list) || len(list) == 0 {
		w.t.Errorf("%d are unattributed, want %d", r.Unattributed.Lost, len(list))
	}
}

// Without any encounter there is a total of nothing.
func TestTheTotalOfNoCompetitorIsNought(t *testing.T) {
	w := newWorld(t)
	r, err := reports.New().Competitors(t.Context(), w.look(w.viewer(w.users[0].ID, true, everyAmount...)), reports.Ask{First: 5})
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := r.Total.LossReasons(t.Context(), 5)
	if len(r.Rows) != 0 || r.Other != nil || r.Total.Encounters != 0 || r.Total.Competitors != 0 || r.Total.AmountLost != nil || r.Total.WinRate.Value != nil || len(reasons) > 0 || err != nil {
		t.Errorf("of nothing there are %d rows, other is %v, the total %+v, for %v, %v", len(r.Rows), r.Other, r.Total, reasons, err)
	}
}
