package access

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// Whatever hands a record is in: nobody sees it by them who is told that none of his have a part in it.
func TestWhoSeesByHandsHasAPartInThem(t *testing.T) {
	t.Parallel()
	r, now, held := rand.New(rand.NewPCG(5, 6)), time.Now(), 0
	for range 300 {
		v, other := randomViewer(r, now), models.NewID(models.UserCode)
		v.pools = []uuid.UUID{models.NewID(models.PoolCode)}
		people := []uuid.UUID{uuid.Nil, v.UserID, other, v.pools[0], models.NewID(models.PoolCode)}
		for _, g := range v.given {
			people = append(people, g.Reached[:min(3, len(g.Reached))]...)
		}
		for _, kind := range Kinds {
			grasp := v.Grasp(kind)
			within := grasp.Within()
			for range 10 {
				one := func() uuid.UUID { return people[r.IntN(len(people))] }
				h, assignee := Holding{Owner: one(), Holders: []uuid.UUID{one(), one()}[:r.IntN(3)]}, r.IntN(5) == 0
				if !grasp.MayHold(h, assignee, r.IntN(5) == 0) || within.All {
					continue
				}
				held++
				parts := append(slices.Clone(h.Holders), h.Owner)
				if assignee {
					parts = append(parts, v.UserID)
				}
				if !slices.ContainsFunc(parts, func(id uuid.UUID) bool { return slices.Contains(within.Of, id) }) {
					t.Fatalf("%s sees a %s in the hands of %+v, of whom none is among %v", v.UserID, kind.Name, h, within.Of)
				}
			}
		}
	}
	if held < 1000 {
		t.Errorf("only %d were seen", held)
	}
}
