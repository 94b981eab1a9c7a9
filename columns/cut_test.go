package columns

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// However they are cut, segments hold each opportunity once, what was closed on a day in one of them alone; and a version that is tidied holds
// what is left, cut anew when much has changed.
func TestSegmentsAreCutByTime(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 8))
	for _, few := range []int{1, 7, 100, 1 << 20} {
		for _, n := range []int{0, 1, 50, 3_000} {
			g, all := drawn(r, n, 300)
			v := &version{parts: partsOf(g.segments(few)), tables: newTables(few)}
			v.bases = len(v.parts)
			if cut := n >= 2*few && n > 1; v.bases == 0 || v.bases > mostCut+2 || cut && few < 1<<20 && v.bases < 2 {
				t.Fatalf("%d opportunities are cut into %d, at least %d each", n, v.bases, few)
			}
			v.holds(t, all)
			for range 20 {
				changed := map[uuid.UUID]fact{}
				more, fresh := drawn(r, r.IntN(60), 300)
				for key := range all {
					if r.IntN(100) == 0 {
						changed[key] = fact{}
						delete(all, key)
					}
				}
				next := *v
				next.parts = slices.Clone(v.parts)
				for i, p := range next.parts {
					var keys []uuid.UUID
					for key := range changed {
						keys = append(keys, key)
					}
					next.parts[i] = p.without(keys)
				}
				next.parts = append(next.parts, part{segment: more.segment()})
				for key, f := range fresh {
					all[key] = f
				}
				if v = next.tidy(); v == nil || len(v.parts) > v.bases+mostParts {
					t.Fatal("parts grow")
				}
				v.holds(t, all)
			}
		}
	}
}

// holds tells whether the version holds some facts, each once, and those of a day together where they were cut.
func (v *version) holds(t *testing.T, all map[uuid.UUID]fact) {
	t.Helper()
	in := map[int32]int{}
	rows := 0
	for at, p := range v.parts {
		for row := range uint32(p.len()) {
			if p.isDead(row) {
				continue
			}
			f, has := all[p.keys[row]]
			if !has || !same(f, p.fact(row)) {
				t.Fatal("a row is held that is not there")
			}
			rows++
			day := f.days[Closed]
			if before, had := in[day]; had && at < v.bases && before != at {
				t.Fatalf("what was closed on day %d is in segments %d and %d", day, before, at)
			}
			if at < v.bases {
				in[day] = at
			}
		}
	}
	if rows != len(all) {
		t.Fatalf("%d rows, not %d", rows, len(all))
	}
}

// A question of a period looks only at segments that reach into it.
func TestAPeriodLeavesSegmentsOut(t *testing.T) {
	t.Parallel()
	g, _ := drawn(rand.New(rand.NewPCG(9, 9)), 5_000, 1_000)
	v := &View{version: &version{parts: partsOf(g.segments(100))}, sight: &sight{everything: true}}
	looked := func(q Question) (rows int) {
		_, rows = (&scan{View: v, Question: &q}).stretches()
		return rows
	}
	from, until, far := int32(100), int32(200), int32(math.MaxInt32-1)
	all, some, none := looked(Question{}), looked(Question{From: &from, Until: &until}), looked(Question{From: &far})
	if never := looked(Question{Never: true}); all != 5_000 || some > 1_500 || some < 300 || none != 0 || never < 1_000 {
		t.Errorf("looked at %d, %d in a tenth of the time, %d in none, %d without a day", all, some, none, never)
	}
}
