package network_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/network"
)

// same holds a network against the plain model.
func (w *world) same(got *network.Network, start uuid.UUID, depth, first int) {
	w.t.Helper()
	if (got != nil) != w.sees(start) {
		w.t.Fatalf("network of %v: %v, although the model says visible = %v", start, got, w.sees(start))
	}
	if got == nil {
		return
	}
	edges := w.walkable(false)
	want := around(edges, start, depth)
	if got.Truncated != (len(want) > first) {
		w.t.Errorf("truncated = %v with %d parties of %d", got.Truncated, first, len(want))
	}
	want = want[:min(first, len(want))]
	listed := map[uuid.UUID]bool{}
	for i, n := range got.Nodes {
		listed[n.PartyID] = true
		if i >= len(want) || n.PartyID != want[i].id || n.Hops != want[i].hops {
			w.t.Fatalf("node %d of depth %d is %v after %d hops, want %v", i, depth, n.PartyID, n.Hops, want)
		}
	}
	if len(got.Nodes) != len(want) {
		w.t.Fatalf("%d nodes, want %d", len(got.Nodes), len(want))
	}
	wanted := map[uuid.UUID]edge{}
	for _, e := range edges {
		if listed[e.a] && listed[e.b] {
			wanted[e.id] = e
		}
	}
	for _, e := range got.Edges {
		if want, ok := wanted[e.RelationshipID]; !ok || want.a != e.AID || want.b != e.BID || e.Label == "" {
			w.t.Fatalf("edge %+v is not wanted or not as wanted: %+v", e, want)
		}
	}
	if len(got.Edges) != len(wanted) {
		w.t.Fatalf("%d edges, want %d", len(got.Edges), len(wanted))
	}
}

func TestNetworksAreThoseOfThePlainModel(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t, pool)
		parties := w.scatter(r, 25, 20+r.IntN(60))
		engines, snap := w.engines(), w.look()
		for range 6 {
			depth, first := 1+r.IntN(4), []int{1, 2, 5, 10, 500}[r.IntN(5)]
			starts := []uuid.UUID{parties[r.IntN(len(parties))], parties[r.IntN(len(parties))], parties[r.IntN(len(parties))]}
			for _, engine := range engines {
				all, err := engine.AroundAll(context.Background(), snap, starts, depth, first)
				if err != nil {
					t.Fatal(err)
				}
				for _, start := range starts {
					w.same(all[start], start, depth, first)
				}
			}
		}
		w.close()
	}
}

func TestPathsAreThoseOfThePlainModel(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	longest, choices := 0, 0
	for seed := range uint64(9) {
		r := rand.New(rand.NewPCG(seed, 2))
		w := newWorld(t, pool)
		parties := w.scatter(r, 25, []int{60, 110, 220}[seed%3])
		engines, snap, edges := w.engines(), w.look(), w.walkable(true)
		for i := range 40 {
			from, to := parties[r.IntN(len(parties))], parties[r.IntN(len(parties))]
			most, first := 1+r.IntN(6), 1+r.IntN(10)
			got, err := engines[i%2].Paths(context.Background(), snap, from, to, most, first)
			if err != nil {
				t.Fatal(err)
			}
			want := shortest(edges, from, to)
			if len(want) > 0 && len(want[0]) > most {
				want = nil
			}
			want = want[:min(first, len(want))]
			if len(got) != len(want) {
				t.Fatalf("seed %d: %d paths, want %d", seed, len(got), len(want))
			}
			for i, p := range got {
				w.samePath(p, from, want[i], edges)
				longest = max(longest, p.Hops)
			}
			if len(want) > 1 {
				choices++
			}
		}
		w.close()
	}
	if longest < 3 || choices < 9 {
		t.Errorf("the longest chain has %d hops, %d times there was a choice: these graphs prove little", longest, choices)
	}
}

func (w *world) samePath(got *network.Path, from uuid.UUID, want []uuid.UUID, edges []edge) {
	w.t.Helper()
	if got.Hops != len(want) || len(got.Steps) != len(want)+1 || got.Steps[0].PartyID != from || got.Steps[0].RelationshipID != nil || got.Steps[0].Label != nil {
		w.t.Fatalf("path %+v from %v, want %v", got, from, want)
	}
	for i, s := range got.Steps[1:] {
		before := got.Steps[i].PartyID
		at := slices.IndexFunc(edges, func(e edge) bool { return e.id == *s.RelationshipID })
		if s.PartyID != want[i] || at < 0 {
			w.t.Fatalf("step %d is %v by %v, want %v", i+1, s.PartyID, s.RelationshipID, want[i])
		}
		for _, e := range edges {
			joins := e.a == before && e.b == s.PartyID || e.b == before && e.a == s.PartyID
			if e.id == *s.RelationshipID && !joins || joins && e.strength > edges[at].strength {
				w.t.Fatalf("step %d goes by %+v, although there is %+v", i+1, edges[at], e)
			}
		}
	}
}

func TestNothingLeadsThroughAHiddenParty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pgtest.New(t))
	a, between, b := w.customer(w.mine), w.customer(w.users[2]), w.customer(w.mine)
	w.connect(edge{a: a, b: between}, edge{a: between, b: b})
	snap := w.look()
	for _, to := range []uuid.UUID{b, between, models.NewID(models.CustomerCode), uuid.Nil} {
		if got, err := network.New().Paths(context.Background(), snap, a, to, 6, 10); err != nil || len(got) != 0 {
			t.Errorf("paths to %v: %v, %v", to, got, err)
		}
	}
	if n, err := network.New().Around(context.Background(), snap, a, 4, 500); err != nil || len(n.Nodes) != 1 || len(n.Edges) != 0 {
		t.Errorf("a party whose only neighbour is hidden has the network %+v, %v", n, err)
	}
	for _, hidden := range []uuid.UUID{between, models.NewID(models.CustomerCode)} {
		before := snap.Statements()
		if n, err := network.New().Around(context.Background(), snap, hidden, 2, 50); err != nil || n != nil {
			t.Errorf("a hidden or unknown party has the network %+v, %v", n, err)
		}
		if got := snap.Statements() - before; got != 2 {
			t.Errorf("%d statements", got)
		}
	}
	w.exec(`update customers set owner_id = $1 where id = $2`, w.mine, between)
	if got, err := network.New().Paths(context.Background(), w.look(), a, b, 6, 10); err != nil || len(got) != 1 {
		t.Errorf("once it is seen: %v, %v", got, err)
	}
}

func TestTheAnonymousViewerSeesNoNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pgtest.New(t))
	a, b := w.party(models.UserCode, uuid.Nil), w.party(models.CompetitorCode, uuid.Nil)
	w.connect(edge{a: a, b: b})
	snap := access.Look(w.pool, access.Nobody(now))
	t.Cleanup(func() { snap.Close(context.Background()) })
	if n, err := network.New().Around(context.Background(), snap, a, 2, 50); err != nil || n != nil {
		t.Errorf("network %+v, %v", n, err)
	}
	if got, err := network.New().Paths(context.Background(), snap, a, b, 6, 10); err != nil || len(got) != 0 {
		t.Errorf("paths %v, %v", got, err)
	}
}

func TestLabelsAreReadInTheReadersLanguageAndDirection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pgtest.New(t))
	a, b, c := w.customer(w.mine), w.customer(w.mine), w.customer(w.mine)
	w.connect(edge{a: a, b: b}, edge{a: b, b: c})
	snap := w.look()
	// the type has no English name as read from b, and the Chinese one stands in
	for language, want := range map[string][2]string{"en": {"above", "的下级"}, "zh-CN": {"的上级", "的下级"}} {
		ctx := fault.WithLanguage(context.Background(), language)
		n, err := network.New().Around(ctx, snap, b, 1, 10)
		if err != nil || len(n.Edges) != 2 || n.Edges[0].Label != want[0] || n.Edges[0].AID != a || n.Edges[1].Label != want[0] {
			t.Errorf("%s: %+v, %v", language, n, err)
		}
		for i, ends := range [][2]uuid.UUID{{a, c}, {c, a}} {
			got, err := network.New().Paths(ctx, snap, ends[0], ends[1], 6, 1)
			if err != nil || len(got) != 1 {
				t.Fatalf("%v, %v", got, err)
			}
			for _, s := range got[0].Steps[1:] {
				if *s.Label != want[i] {
					t.Errorf("%s: step to %v reads %q, want %q", language, s.PartyID, *s.Label, want[i])
				}
			}
		}
	}
}

func TestStatementsDoNotGrowWithWhatIsFound(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	count := func(fan, starts int) (int, int) {
		w := newWorld(t, pool)
		var hubs []uuid.UUID
		for range starts {
			hub := w.customer(w.mine)
			hubs = append(hubs, hub)
			for range fan {
				near, far := w.customer(w.mine), w.customer(w.users[1])
				w.connect(edge{a: hub, b: near}, edge{a: far, b: near})
			}
		}
		snap := w.look()
		if _, err := network.New().AroundAll(context.Background(), snap, hubs, 2, 500); err != nil {
			t.Fatal(err)
		}
		around := snap.Statements()
		if _, err := network.New().Paths(context.Background(), snap, hubs[0], w.edges[1].a, 5, 3); err != nil {
			t.Fatal(err)
		}
		defer w.close()
		return around, snap.Statements() - around
	}
	around, paths := count(1, 1)
	moreAround, morePaths := count(40, 3)
	if around != moreAround || paths != morePaths {
		t.Errorf("%d and %d statements for little, %d and %d for much", around, paths, moreAround, morePaths)
	}
	if around != 4 {
		t.Errorf("%d statements for two hops", around)
	}
}

func TestWhatIsOutOfBoundsIsRefusedByName(t *testing.T) {
	t.Parallel()
	snap := access.Look(nil, access.Nobody(now))
	id := models.NewID(models.CustomerCode)
	for _, c := range []struct {
		field string
		ask   func() error
	}{
		{"depth", func() error { _, err := network.New().Around(context.Background(), snap, id, 0, 10); return err }},
		{"depth", func() error { _, err := network.New().Around(context.Background(), snap, id, 5, 10); return err }},
		{"first", func() error { _, err := network.New().Around(context.Background(), snap, id, 2, 501); return err }},
		{"maxHops", func() error { _, err := network.New().Paths(context.Background(), snap, id, id, 7, 1); return err }},
		{"first", func() error { _, err := network.New().Paths(context.Background(), snap, id, id, 5, 11); return err }},
	} {
		err := c.ask()
		if !fault.Is(err, fault.BadInput) || fmt.Sprint(err.(*fault.Fault).Field) != fmt.Sprint([]string{c.field}) {
			t.Errorf("%s: %v", c.field, err)
		}
	}
}
