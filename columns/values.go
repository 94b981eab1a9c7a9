package columns

import (
	"slices"
	"sync/atomic"
)

// Some numbers of a group are found only from all its facts together: what stands at some place among their values, and how many of
// them are different. For these the values are listed.

// mostValues bounds how many values are listed for a question; one with more is left to SQL.
const mostValues = 1 << 22

// listing watches over what the workers list.
type listing struct {
	values atomic.Int64
	unfit  atomic.Bool // one of them does not fit
}

// note takes so many more values into account.
func (l *listing) note(n int) {
	if n > 0 && l.values.Add(int64(n)) > mostValues {
		l.unfit.Store(true)
	}
}

// values are listed by cell; nil of what is not asked for.
type values struct {
	amounts, cycles [][]int64
	gaps            [][]Gap
	different       [][]set // by dimension, then by cell
}

func (q *Question) values(cells int) values {
	v := values{}
	if q.AmountsListed {
		v.amounts = make([][]int64, cells)
	}
	if q.CyclesListed {
		v.cycles = make([][]int64, cells)
	}
	if q.Gaps {
		v.gaps = make([][]Gap, cells)
	}
	for range q.Different {
		v.different = append(v.different, make([]set, cells))
	}
	return v
}

func (v *values) grow() {
	if v.amounts != nil {
		v.amounts = append(v.amounts, nil)
	}
	if v.cycles != nil {
		v.cycles = append(v.cycles, nil)
	}
	if v.gaps != nil {
		v.gaps = append(v.gaps, nil)
	}
	for of := range v.different {
		v.different[of] = append(v.different[of], nil)
	}
}

// addCell adds what another has listed at a place.
func (v *values) addCell(at int, other *values, place int) {
	if v.amounts != nil {
		v.amounts[at] = append(v.amounts[at], other.amounts[place]...)
	}
	if v.cycles != nil {
		v.cycles[at] = append(v.cycles[at], other.cycles[place]...)
	}
	if v.gaps != nil {
		v.gaps[at] = append(v.gaps[at], other.gaps[place]...)
	}
	for of := range v.different {
		for _, n := range other.different[of][place] {
			v.different[of][at], _ = v.different[of][at].with(n)
		}
	}
}

// set holds numbers, each once when it is full.
type set []uint32

// with gives the set with one more number, and how many more it has room for.
func (s set) with(n uint32) (set, int) {
	switch {
	case len(s) > 0 && s[len(s)-1] == n:
		return s, 0
	case len(s) < cap(s):
		return append(s, n), 0
	}
	s = s.once()
	before := cap(s)
	if len(s) > before/2 {
		s = slices.Grow(s, len(s)+1)
	}
	return append(s, n), cap(s) - before
}

// once sorts the numbers, and leaves each once.
func (s set) once() set {
	slices.Sort(s)
	return slices.Compact(s)
}

// listGaps lists how far the prices of the competitors met are from the amounts.
func (s *scan) listGaps(t *tally, b *buffers, p *segment, rows []uint32, cells []uint64) {
	n := 0
	for j, row := range rows {
		amount := p.amount[row]
		if amount <= 0 || !s.sight.allRead && !s.sight.readsAmounts(p, row) {
			continue
		}
		price := p.met.price(row, b.met.rivals[j])
		if price == noAmount {
			continue
		}
		gap, fits := gapOf(price, amount)
		if !fits {
			s.listing.unfit.Store(true)
			continue
		}
		t.gaps[cells[j]] = append(t.gaps[cells[j]], gap)
		n++
	}
	s.listing.note(n)
}

// listDifferent lists the numbers of the dimensions of which the different ones are counted.
func (s *scan) listDifferent(t *tally, b *buffers, at int, p *segment, rows []uint32, cells []uint64) {
	codes := b.codes[:len(rows)]
	for of, dim := range s.different {
		dim.write(at, p, rows, codes)
		n, sets := 0, t.different[of]
		for j, code := range codes {
			if code != 0 {
				more := 0
				sets[cells[j]], more = sets[cells[j]].with(code)
				n += more
			}
		}
		s.listing.note(n)
	}
}

// listed gives the values of a group over some statuses.
func listed[T any](g *Group, statuses []int, by [][]T) (list []T) {
	for _, status := range statuses {
		if cell := g.cells[status]; cell >= 0 {
			list = append(list, by[cell]...)
		}
	}
	return list
}

// Amounts lists the known amounts of a group over some statuses, Cycles the known days from beginning to end, Gaps what the known prices of
// competitors met are from ours.
func (a *Answer) Amounts(g *Group, statuses []int) []int64 {
	return listed(g, statuses, a.tally.values.amounts)
}
func (a *Answer) Cycles(g *Group, statuses []int) []int64 {
	return listed(g, statuses, a.tally.values.cycles)
}
func (a *Answer) Gaps(g *Group, statuses []int) []Gap { return listed(g, statuses, a.tally.gaps) }

// Different tells how many values of a question's dimension, by its place, are different in a group over some statuses.
func (a *Answer) Different(of int, g *Group, statuses []int) int {
	all := set{}
	for _, status := range statuses {
		if cell := g.cells[status]; cell >= 0 {
			all = append(all, a.tally.different[of][cell]...)
		}
	}
	return len(all.once())
}
