package columns

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// randomID draws an id.
func randomID(r *rand.Rand) (id uuid.UUID) {
	binary.LittleEndian.PutUint64(id[:], r.Uint64())
	binary.LittleEndian.PutUint64(id[8:], r.Uint64())
	return id
}

// same tells whether two facts are alike in everything.
func same(a, b fact) bool {
	met := slices.Equal(a.met, b.met)
	a.met, b.met = nil, nil
	return met && reflect.DeepEqual(a, b)
}

// drawn gathers random opportunities whose numbers are below a width, as many days apart.
func drawn(r *rand.Rand, n, width int) (*gathering, map[uuid.UUID]fact) {
	g, all := gather(0), map[uuid.UUID]fact{}
	for range n {
		f := fact{key: randomID(r), customer: uint32(r.IntN(width)), amount: r.Int64N(1000), foreign: noAmount}
		for c := range f.narrow {
			f.narrow[c] = uint16(r.IntN(min(width, 1<<16)))
		}
		f.narrow[CustomerOwner] = uint16(f.customer * 7 % uint32(min(width, 1<<16))) // a customer has one owner, or none
		for c := range f.days {
			f.days[c] = noDay
			if r.IntN(3) > 0 {
				f.days[c] = int32(r.IntN(width)) - 100
			}
		}
		if r.IntN(4) == 0 {
			f.foreign, f.floating = r.Int64(), r.IntN(2) == 0
		}
		for range r.IntN(4) {
			one := offer{uint16(1 + r.IntN(min(width, 1<<16-1))), []int64{noAmount, r.Int64N(2000)}[r.IntN(2)]}
			if !slices.ContainsFunc(f.met, func(had offer) bool { return had.rival == one.rival }) {
				f.met = append(f.met, one)
			}
		}
		all[f.key] = f
		g.add(&f)
	}
	return g, all
}

// However wide the numbers are, a segment gives back what was gathered: by key, by customer, and by what lies within bounds.
func TestSegmentsHoldWhatWasGathered(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	for _, width := range []int{1, 3, 200, 256, 257, 60_000, 1 << 16, 1<<16 + 5, 1 << 20} {
		for _, n := range []int{0, 1, 63, 64, 65, 700, fewRows + 900} {
			g, all := drawn(r, n, width)
			s := g.segment()
			if s == nil || s.len() != n {
				t.Fatalf("%d opportunities of width %d make no segment", n, width)
			}
			byCustomer := map[uint32]int{}
			for key, f := range all {
				row, has := s.row(key)
				if !has || !same(s.fact(row), f) {
					t.Fatalf("%d of width %d: gathered %v, found %v", n, width, f, s.fact(row))
				}
				byCustomer[f.customer]++
			}
			if _, has := s.row(randomID(r)); has {
				t.Fatal("what was never gathered is found")
			}
			for customer, want := range byCustomer {
				had := 0
				s.ofCustomer(customer, func(row uint32) {
					if s.customer.at(row) == customer {
						had++
					}
				})
				if had != want {
					t.Fatalf("%d of width %d: %d rows of a customer, not %d", n, width, had, want)
				}
			}
			s.bounded(t, r, width)
		}
	}
}

// bounded holds what lies within bounds, and where a table leads, against each row by itself.
func (s *segment) bounded(t *testing.T, r *rand.Rand, width int) {
	from := r.IntN(s.len() + 1)
	until := from + r.IntN(s.len()-from+1)
	low := uint32(r.IntN(width + 1))
	high := low + uint32(r.IntN(width+1))
	table := make([]uint32, r.IntN(width+1))
	for i := range table {
		table[i] = r.Uint32()
	}
	for c, column := range append(slices.Clone(s.narrow[:]), s.customer, s.days[Closed].ints, s.days[Opened].ints) {
		var want []uint32
		for row := uint32(from); row < uint32(until); row++ {
			if n := column.at(row); n >= low && n <= high {
				want = append(want, row)
			}
		}
		rows := column.within(from, until, low, high, make([]uint32, until-from))
		if !slices.Equal(rows, want) {
			t.Fatalf("column %d of width %d: %d rows within %d and %d, not %d", c, width, len(rows), low, high, len(want))
		}
		out := make([]uint32, len(rows))
		column.take(rows, table, out)
		for i, row := range rows {
			leads := uint32(0)
			if n := column.at(row); int(n) < len(table) {
				leads = table[n]
			}
			if out[i] != leads {
				t.Fatalf("column %d of width %d: row %d leads to %d, not %d", c, width, row, out[i], leads)
			}
		}
	}
}

// What is reached through owners is every row whose owner or whose customer's owner is, and each once.
func TestWhatIsReachedThroughOwners(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	for range 300 {
		g, _ := drawn(r, r.IntN(2_000), 2+r.IntN(40))
		p := g.segment()
		s := &sight{owner: make([]uint8, 42), custOwner: make([]uint8, 42), shares: map[uuid.UUID]bool{}, allSpared: true}
		sparing := r.IntN(3) == 0
		for n := range s.owner {
			takes, own := r.IntN(6) == 0, n > 0 && r.IntN(20) == 0
			s.owner[n] = flag(takes || own, seen) | flag(sparing || r.IntN(4) > 0, spared)
			s.custOwner[n] = flag(own, opens) | flag(takes, reaches)
			s.allSpared = s.allSpared && s.owner[n]&spared != 0
		}
		for range r.IntN(6) {
			s.share(uint32(r.IntN(42)), 42, r.IntN(2) == 0, true)
			if p.len() > 0 {
				s.shares[p.keys[r.IntN(p.len())]] = true
			}
		}
		want, got := map[uint32]int{}, map[uint32]int{}
		for row := range uint32(p.len()) {
			if s.seesByOwners(p, row) || s.opensCustomer(p.customer.at(row)) || s.shares[p.keys[row]] {
				want[row]++
			}
		}
		for _, one := range s.runs(nil, 0, p) {
			for row := one.from; row < one.until; row++ {
				if !one.check || s.seesByOwners(p, uint32(row)) {
					got[uint32(row)]++
				}
			}
		}
		for _, row := range s.besides(p) {
			got[row]++
		}
		if !maps.Equal(want, got) {
			t.Fatalf("of %d rows %d are reached, and %d seen", p.len(), len(got), len(want))
		}
	}
}
