package reports_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/reports"
)

// gaps folds how far a competitor's prices are from the amounts of sales, each as the viewer reads it.
func (w *world) gaps(e eyes, competitor uuid.UUID, sales []*sale) (list []float64) {
	for _, s := range sales {
		price, quoted := s.quoted[competitor]
		ours, _ := w.amount(e, s)
		if !quoted || ours == nil || ours.Sign() <= 0 {
			continue
		}
		theirs := *s
		theirs.Amount, theirs.Currency = &price.Amount, &price.Currency
		if asked, _ := w.amount(e, &theirs); asked != nil {
			list = append(list, asked.Sub(*ours).InexactFloat64()/ours.InexactFloat64())
		}
	}
	slices.Sort(list)
	return list
}

func (w *world) checkGap(e eyes, competitor uuid.UUID, got *reports.PriceGap, sales []*sale) {
	w.t.Helper()
	list := w.gaps(e, competitor, sales)
	switch n := len(list); {
	case e.amounts == nil:
		if got != nil {
			w.t.Errorf("a price gap of %+v without the right", got)
		}
	case got.Sample != n || got.SmallSample != (n < 5) || math.Abs(*got.Share-float64(n)/float64(len(sales))) > 1e-12:
		w.t.Errorf("price gap %+v, want %d of %d", got, n, len(sales))
	case n == 0:
		if got.Average != nil || got.Median != nil {
			w.t.Errorf("price gap %+v of nothing", got)
		}
	default:
		sum, middle := 0.0, (list[(n-1)/2]+list[n/2])/2
		for _, gap := range list {
			sum += gap
		}
		if close := 1e-9 * (1 + math.Abs(sum)); math.Abs(*got.Average-sum/float64(n)) > close || math.Abs(*got.Median-middle) > close {
			w.t.Errorf("price gap %v and %v, want %v and %v", *got.Average, *got.Median, sum/float64(n), middle)
		}
	}
}

// TestEachCellIsTheFoldOfItsEncounters groups each competitor by dimensions of every type: each cell has the numbers of its
// encounters, opens to them, and all cells together are the row.
func TestEachCellIsTheFoldOfItsEncounters(t *testing.T) {
	w := newWorld(t)
	w.fill(150)
	for _, e := range []eyes{{w.users[1].ID, true, everyAmount}, {w.users[0].ID, false, nil}} {
		snap := w.look(w.viewer(e.user, e.wide, e.amounts...))
		r, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range []string{"REGION", "OWNER", "CLOSED_MONTH", "STATUS", "CUSTOMER", "MAIN_COMPETITOR"} {
			for _, row := range r.Rows {
				w.checkCells(e, row, by)
			}
		}
	}
}

func (w *world) checkCells(e eyes, row *reports.CompetitorReportRow, by string) {
	w.t.Helper()
	groups := map[string][]*sale{}
	for _, s := range w.seen(e) {
		if slices.Contains(s.met, row.ID) && s.Status != models.Cancelled {
			key := w.grouped(e, by, s, zone(companyZone))
			groups[key] = append(groups[key], s)
		}
	}
	cells, err := row.Breakdown(context.Background(), by, 2)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, cell := range cells {
		key := ""
		if cell.Key.ID != nil {
			key = *cell.Key.ID
		}
		sales := groups[key]
		if cell.Key.Other {
			sales = slices.Concat(valuesOf(groups)...)
		} else {
			delete(groups, key) // the row other comes last: what is left then is in it
		}
		w.checkCell(e, row.ID, cell, sales)
	}
	if len(groups) > 0 && (len(cells) == 0 || !cells[len(cells)-1].Key.Other) {
		w.t.Errorf("by %s: %d groups are in no cell", by, len(groups))
	}
}

func valuesOf(groups map[string][]*sale) (list [][]*sale) {
	for _, sales := range groups {
		list = append(list, sales)
	}
	return list
}

func (w *world) checkCell(e eyes, competitor uuid.UUID, cell *reports.CompetitorBreakdownRow, sales []*sale) {
	w.t.Helper()
	want := map[string]int{}
	var ids []uuid.UUID
	for _, s := range sales {
		want[w.outcome(s, competitor)]++
		ids = append(ids, s.ID)
	}
	got := map[string]int{models.Open: cell.Open, models.WeWon: cell.WeWon, models.TheyWon: cell.TheyWon, models.OtherWon: cell.OtherWon, models.NobodyWon: cell.NobodyWon, models.UnknownOutcome: cell.Unknown}
	for outcome, n := range got {
		if n != want[outcome] {
			w.t.Errorf("%s in %s: %d, want %d", outcome, cell.Key.Label, n, want[outcome])
		}
	}
	page, err := cell.Page(context.Background(), nil, pointer(100), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if cell.Encounters != len(sales) || page.Total.Number != len(sales) || !slices.Equal(models.SortIDs(page.IDs), models.SortIDs(ids)[:len(page.IDs)]) && len(ids) <= 100 {
		w.t.Errorf("%s has %d encounters and opens to %d records, want %d", cell.Key.Label, cell.Encounters, page.Total.Number, len(sales))
	}
	won := models.TheyWon
	if page, err = cell.Page(context.Background(), &won, pointer(100), nil); err != nil || page.Total.Number != want[won] {
		w.t.Errorf("%s opens to %d lost to them, want %d (%v)", cell.Key.Label, page.Total.Number, want[won], err)
	}
	gap, err := cell.PriceGap(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	w.checkGap(e, competitor, gap, sales)
}
