package search

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"guanxi/access"
)

// Rows are listed under each of their numbers, in their order, and under no other.
func TestRowsAreListedByTheirNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.SliceOfDistinct(rapid.Uint32Range(0, 20), func(n uint32) uint32 { return n })).Draw(t, "rows")
		l := listingOf(len(rows), func(row int) []uint32 { return rows[row] })
		for n := range uint32(25) {
			var want []uint32
			for row, numbers := range rows {
				if slices.Contains(numbers, n) {
					want = append(want, uint32(row))
				}
			}
			if got := l.of(n); !slices.Equal(got, want) {
				t.Fatalf("rows of %d are %v, want %v", n, got, want)
			}
		}
	})
}

// A needle is found in the same rows by its rarest byte and as a whole, in whichever stretch of rows.
func TestANeedleIsFoundInTheRowsThatHoldIt(t *testing.T) {
	t.Parallel()
	text := rapid.StringOfN(rapid.RuneFrom([]rune("ab华伟")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(text, 1, 30).Draw(t, "lines")
		a := newArena(len(lines), 0)
		for _, line := range lines {
			a.add([]byte(line))
		}
		a.finish()
		needle := []byte(rapid.StringOfN(rapid.RuneFrom([]rune("ab华伟")), 1, 3, -1).Draw(t, "needle"))
		from := rapid.IntRange(0, len(lines)).Draw(t, "from")
		to := rapid.IntRange(from, len(lines)).Draw(t, "to")
		var want, rare, whole []int
		for row := from; row < to; row++ {
			if strings.Contains(lines[row], string(needle)) {
				want = append(want, row)
			}
		}
		a.eachWhole(needle, from, to, func(row int) { whole = append(whole, row) })
		a.often = [256]int{} // as if no byte were frequent
		a.each(needle, a.rarest(needle), from, to, func(row int) { rare = append(rare, row) })
		if !slices.Equal(rare, want) || !slices.Equal(whole, want) {
			t.Fatalf("%q is in rows %v of %q from %d to %d; found by a byte %v, as a whole %v", needle, want, lines, from, to, rare, whole)
		}
	})
}

// What a viewer may see is counted not too low, and the rows that are gone through are exactly those that he may see: whatever was
// handed over, shared, put into pools, denied or changed since.
func TestWhoSeesFewIsAnsweredFromExactlyHisRows(t *testing.T) {
	t.Parallel()
	narrow, several := 0, 0
	for seed := range 3 {
		w := newTown(t, seed, 10)
		for range 3 {
			for _, v := range w.viewers() {
				snap := access.Look(w.pool, v)
				f, err := look(snap, Ask{Text: "华"})
				if err != nil {
					t.Fatal(err)
				}
				names, err := w.names[1].at(t.Context(), snap)
				if err != nil {
					t.Fatal(err)
				}
				h, err := f.hunt(t.Context(), names)
				if err != nil {
					t.Fatal(err)
				}
				for _, kind := range h.lookers {
					for _, l := range kind.parts {
						if !l.sight.narrow || l.len() == 0 {
							continue
						}
						var want, got []int
						for row := range l.len() {
							if l.sees(row) {
								want = append(want, row)
							}
						}
						eachBit(l.mine(), 0, func(row int) bool { got = append(got, row); return true })
						if sum := l.sum(len(want)); !slices.Equal(got, want) || sum < len(want) {
							t.Fatalf("%s sees %v of %s, gone through are %v, counted %d", v.UserID, want, kind.kind.Name, got, sum)
						}
						if narrow++; len(want) > 1 {
							several++
						}
					}
				}
				snap.Close(t.Context())
			}
			w.change()
		}
	}
	if several < 20 {
		t.Errorf("of %d, more than one row was seen by %d", narrow, several)
	}
}
