package columns

import (
	"math/rand/v2"
	"testing"
)

// A set counts each number once, whether they are listed or turned into bits on the way, and joined with another.
func TestASetHoldsEachNumberOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 11))
	listed, turned := 0, 0
	for range 400 {
		size := 1 + r.IntN(40_000)
		var sets [2]set
		want := map[uint32]bool{}
		for i := range sets {
			room, had := 0, 0
			for range r.IntN(3_000) {
				n := uint32(r.IntN(size))
				want[n] = true
				room += sets[i].add(n, uint64(size))
				had = max(had, 1)
			}
			if took := cap(sets[i].list) + 2*len(sets[i].bits); room != took || room < had {
				t.Fatalf("a set below %d takes %d, and told %d", size, took, room)
			}
			if sets[i].bits != nil {
				turned++
			} else {
				listed++
			}
		}
		sets[0].take(&sets[1], uint64(size))
		if n := sets[0].len(); n != len(want) {
			t.Fatalf("a set below %d holds %d numbers, not %d", size, n, len(want))
		}
	}
	if listed == 0 || turned == 0 {
		t.Errorf("%d sets were lists and %d bits", listed, turned)
	}
}
