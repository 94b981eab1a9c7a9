package reports_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/reports"
)

// Each competitor's rating expects as many games won as he won of those that the viewer sees, half a game each way against
// us taken as given.
func TestStrengthsExpectTheWinsInTheVisibleEncounters(t *testing.T) {
	w := newWorld(t)
	w.fill(250)
	for _, e := range []eyes{{w.users[1].ID, true, everyAmount}, {w.users[0].ID, false, nil}} {
		snap := w.look(w.viewer(e.user, e.wide, e.amounts...))
		r, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 10})
		if err != nil {
			t.Fatal(err)
		}
		strengths := map[uuid.UUID]*reports.Strength{}
		for _, row := range r.Rows {
			if strengths[row.ID], err = row.Strength(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if snap.Statements() != 3 {
			t.Errorf("%d statements, not one more", snap.Statements())
		}
		for id, s := range strengths {
			w.checkStrength(e, id, s, strengths)
			games := slices.Concat(w.met(e, id, models.WeWon), w.met(e, id, models.TheyWon), w.met(e, id, models.OtherWon))
			if page, err := s.Page(t.Context(), pointer(100), nil); err != nil || page.Total.Number != len(games) || len(page.IDs) != len(games) {
				t.Errorf("the games open to %v, %v, want %d", page, err, len(games))
			}
		}
	}
}

func (w *world) checkStrength(e eyes, id uuid.UUID, s *reports.Strength, all map[uuid.UUID]*reports.Strength) {
	w.t.Helper()
	won, expected, games := 0.5, 1/(1+math.Exp(-s.Value)), 0
	against := func(rating float64, theyWon bool) {
		games++
		expected += 1 / (1 + math.Exp(rating-s.Value))
		if theyWon {
			won++
		}
	}
	for range w.met(e, id, models.WeWon) {
		against(0, false)
	}
	for _, sale := range w.met(e, id, models.OtherWon) {
		against(all[*sale.WonByID].Value, false)
	}
	for _, sale := range w.met(e, id, models.TheyWon) {
		against(0, true)
		for _, other := range sale.met {
			if other != id {
				against(all[other].Value, true)
			}
		}
	}
	if math.Abs(won-expected) > 1e-6 || s.Games != games || s.Low >= s.Value || s.High <= s.Value {
		w.t.Errorf("rated %+v: %v games won of %d, %v expected", s, won, games, expected)
	}
}
