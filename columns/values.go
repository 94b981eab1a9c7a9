package columns

import (
	"math/bits"
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
	amounts, cycles, prices [][]int64
	gaps                    [][]Gap
	quoted                  []quoted
	known                   [][]uint32 // by dimension, then by cell: of how many the value is known
	different               [][]set    // the same
	sizes                   []uint64   // by dimension, what its numbers are below
}

// quoted is what the competitors met asked, where that is known.
type quoted struct {
	known uint32
	sum   wide
}

// lists makes room for what is listed of so many cells.
func (s *scan) lists(cells int) values {
	v := values{}
	if s.AmountsListed {
		v.amounts = make([][]int64, cells)
	}
	if s.CyclesListed {
		v.cycles = make([][]int64, cells)
	}
	if s.PricesListed {
		v.prices = make([][]int64, cells)
	}
	if s.Gaps {
		v.gaps = make([][]Gap, cells)
	}
	if s.Prices {
		v.quoted = make([]quoted, cells)
	}
	for range s.knowing {
		v.known = append(v.known, make([]uint32, cells))
	}
	for _, d := range s.different {
		v.different, v.sizes = append(v.different, make([]set, cells)), append(v.sizes, d.size)
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
	if v.prices != nil {
		v.prices = append(v.prices, nil)
	}
	if v.gaps != nil {
		v.gaps = append(v.gaps, nil)
	}
	if v.quoted != nil {
		v.quoted = append(v.quoted, quoted{})
	}
	for of := range v.known {
		v.known[of] = append(v.known[of], 0)
	}
	for of := range v.different {
		v.different[of] = append(v.different[of], set{})
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
	if v.prices != nil {
		v.prices[at] = append(v.prices[at], other.prices[place]...)
	}
	if v.gaps != nil {
		v.gaps[at] = append(v.gaps[at], other.gaps[place]...)
	}
	if v.quoted != nil {
		v.quoted[at].known += other.quoted[place].known
		v.quoted[at].sum.addWide(other.quoted[place].sum)
	}
	for of := range v.known {
		v.known[of][at] += other.known[of][place]
	}
	for of := range v.different {
		v.different[of][at].take(&other.different[of][place], v.sizes[of])
	}
}

// set holds numbers: listed, each once when the list is full; or as bits, where these take less.
type set struct {
	list []uint32
	bits []uint64
}

// add adds a number below a size, and tells for how many more numbers room was made.
func (s *set) add(n uint32, size uint64) (room int) {
	last := len(s.list) - 1
	switch {
	case s.bits != nil:
		s.bits[n/64] |= 1 << (n % 64)
		return 0
	case last >= 0 && s.list[last] == n:
		return 0
	case last+1 < cap(s.list):
		s.list = append(s.list, n)
		return 0
	}
	s.once()
	before := cap(s.list)
	if len(s.list) > before/2 {
		if uint64(len(s.list))*32 >= size {
			s.toBits(size)
			return s.add(n, size) + 2*len(s.bits) - before
		}
		s.list = slices.Grow(s.list, len(s.list)+1)
	}
	s.list = append(s.list, n)
	return cap(s.list) - before
}

// toBits holds the same as bits.
func (s *set) toBits(size uint64) {
	s.bits = make([]uint64, size/64+1)
	for _, n := range s.list {
		s.bits[n/64] |= 1 << (n % 64)
	}
	s.list = nil
}

// take adds the numbers of another.
func (s *set) take(other *set, size uint64) {
	if other.bits != nil && s.bits == nil {
		s.toBits(size)
	}
	for at, word := range other.bits {
		s.bits[at] |= word
	}
	for _, n := range other.list {
		s.add(n, size)
	}
}

// once sorts the numbers that are listed, and leaves each once.
func (s *set) once() {
	slices.Sort(s.list)
	s.list = slices.Compact(s.list)
}

// len tells how many numbers there are.
func (s *set) len() int {
	s.once()
	n := len(s.list)
	for _, word := range s.bits {
		n += bits.OnesCount64(word)
	}
	return n
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
		dim.writeMet(at, p, rows, b.met, codes)
		n, sets := 0, t.different[of]
		for j, code := range codes {
			if code != 0 {
				n += sets[cells[j]].add(code, dim.size)
			}
		}
		s.listing.note(n)
	}
}

// countKnown counts the known values of dimensions.
func (s *scan) countKnown(t *tally, b *buffers, at int, p *segment, rows []uint32, cells []uint64) {
	codes := b.codes[:len(rows)]
	for of, dim := range s.knowing {
		dim.writeMet(at, p, rows, b.met, codes)
		known := t.known[of]
		for j, code := range codes {
			known[cells[j]] += min(code, 1)
		}
	}
}

// addPrices adds up what the competitors met asked.
func (s *scan) addPrices(t *tally, b *buffers, p *segment, rows []uint32, cells []uint64) {
	if s.PricesListed {
		s.listing.note(len(rows))
	}
	for j, row := range rows {
		price := s.price(p, row, b.met.rivals[j])
		if price == noAmount {
			continue
		}
		n := &t.quoted[cells[j]]
		n.known++
		n.sum.add(price)
		if s.PricesListed {
			t.values.prices[cells[j]] = append(t.values.prices[cells[j]], price)
		}
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

// Amounts lists the known amounts of a group over some statuses, Cycles the known days from beginning to end, Prices what the competitors met
// asked, Gaps what that is from ours.
func (a *Answer) Amounts(g *Group, statuses []int) []int64 {
	return listed(g, statuses, a.tally.values.amounts)
}
func (a *Answer) Cycles(g *Group, statuses []int) []int64 {
	return listed(g, statuses, a.tally.values.cycles)
}
func (a *Answer) Prices(g *Group, statuses []int) []int64 {
	return listed(g, statuses, a.tally.values.prices)
}
func (a *Answer) Gaps(g *Group, statuses []int) []Gap { return listed(g, statuses, a.tally.gaps) }

// Different tells how many values of a question's dimension, by its place, are different in a group over some statuses.
func (a *Answer) Different(of int, g *Group, statuses []int) int {
	all := set{}
	for _, status := range statuses {
		if cell := g.cells[status]; cell >= 0 {
			all.take(&a.tally.different[of][cell], a.tally.sizes[of])
		}
	}
	return all.len()
}

// Known tells of how many the value of a question's dimension, by its place, is known in a group over some statuses.
func (a *Answer) Known(of int, g *Group, statuses []int) (n int) {
	for _, status := range statuses {
		if cell := g.cells[status]; cell >= 0 {
			n += int(a.tally.values.known[of][cell])
		}
	}
	return n
}
