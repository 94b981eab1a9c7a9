package sandbox

import (
	"testing"
	"time"
)

func TestARegionWithMoreCustomersThanNamesStillNamesThemAll(t *testing.T) {
	t.Parallel()
	f := newFirm(t.Context(), nil, Options{Seed: 1, Until: time.Date(2026, 9, 17, 0, 0, 0, 0, time.UTC)}, 50_000)
	a := &acquiring{firm: f, chance: f.chance("customers"), taken: map[string]bool{}}
	names := map[string]bool{}
	for range 3_000 {
		n := a.name(&client{region: "SG"})
		if n.full == "" {
			t.Fatal("a customer without a name")
		}
		names[n.full] = true
	}
	if len(names) == 3_000 {
		t.Fatal("the region has names enough, so this proves nothing")
	}
}
