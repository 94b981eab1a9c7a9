package search

import (
	"slices"
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
						if l.few.share = 1; !slices.Equal(got, want) || l.sum() < len(want) && l.sum() <= l.len() {
							t.Fatalf("%s sees %v of %s, gone through are %v, counted %d", v.UserID, want, kind.kind.Name, got, l.sum())
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
