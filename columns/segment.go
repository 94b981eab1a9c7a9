package columns

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/google/uuid"

	"guanxi/internal/numbers"
)

// Column is a column of numbers from a dictionary.
type Column int

// The columns of an opportunity, and of the customer that it belongs to.
const (
	Owner Column = iota
	Stage
	Pipeline
	ClosingOwner
	ClosingDepartment
	LossReason
	MainCompetitor
	WonBy
	MainProduct
	CustomerOwner
	CustomerPool
	CustomerRegion
	CustomerIndustry
	CustomerSource
	CustomerKind
	CustomerLifecycle
	Status

	narrow // how many columns there are of at most 16 bits
	Customer
)

// Clock is a day of each opportunity.
type Clock int

// The clocks.
const (
	Closed Clock = iota
	Opened
	Expected
	Created

	clocks
)

// What stands for no value in days and amounts, and for an amount without a rate.
const (
	noDay     = math.MinInt32
	noAmount  = math.MinInt64
	noRate    = math.MinInt64 + 1
	perUnit   = 10_000 // amounts are counted in ten-thousandths
	firstDay  = -719_162
	lastDay   = 2_932_896 // of the years 1 to 9999, counted from 1970
	tooLarge  = math.MaxInt64
	tooFarDay = math.MaxInt32
)

// segment holds opportunities in columns, sorted by their customers' owners and by customer: all of them, or those that were closed in some
// stretch of time. It is not changed.
type segment struct {
	keys     []uuid.UUID
	narrow   [narrow]ints
	customer ints
	days     [clocks]days // local days of the company
	amount   []int64      // in the company's currency
	met      encountered
	foreign  writtenOtherwise
	floating []uint64 // those that are open, and in another currency or at such prices, and so change with the day: bits by row; nil for none
	places   []uint32 // open addressing by key
	reached
}

// days are those of one clock: the first is 1, none is 0.
type days struct {
	ints
	first, last int32 // last is before first when there is no day at all
	each        bool  // whether every row has a day
}

// allWithin tells whether all rows have a day, and one whose number is from low to high.
func (d *days) allWithin(low, high uint32) bool {
	return d.each && low <= 1 && int64(high) >= int64(d.last)-int64(d.first)+1
}

// at gives the day of a row, from 1970, or noDay.
func (d *days) at(row uint32) int32 {
	if n := d.ints.at(row); n != 0 {
		return d.first + int32(n) - 1
	}
	return noDay
}

// writtenOtherwise are amounts in other currencies as they were written, of the rows that have a bit.
type writtenOtherwise struct {
	bits    []uint64
	before  []uint32 // how many have a bit in the words before
	amounts []int64
}

func (w *writtenOtherwise) at(row uint32) (int64, bool) {
	word, bit := row/64, uint64(1)<<(row%64)
	if w.amounts == nil || w.bits[word]&bit == 0 {
		return 0, false
	}
	return w.amounts[int(w.before[word])+bits.OnesCount64(w.bits[word]&(bit-1))], true
}

func otherwise(written map[uint32]int64, order []uint32) writtenOtherwise {
	w := writtenOtherwise{}
	if len(written) == 0 {
		return w
	}
	w.bits, w.before = make([]uint64, len(order)/64+1), make([]uint32, len(order)/64+1)
	w.amounts = make([]int64, 0, len(written))
	for row, at := range order {
		if row%64 == 0 {
			w.before[row/64] = uint32(len(w.amounts))
		}
		if amount, has := written[at]; has {
			w.bits[row/64] |= 1 << (row % 64)
			w.amounts = append(w.amounts, amount)
		}
	}
	return w
}

func (s *segment) len() int { return len(s.keys) }

// fact is one opportunity.
type fact struct {
	key      uuid.UUID
	narrow   [narrow]uint16
	customer uint32
	days     [clocks]int32
	amount   int64
	foreign  int64 // noAmount when it is in the company's currency
	floating bool
	met      []offer
}

// gathering are opportunities on their way into a segment.
type gathering struct {
	keys     []uuid.UUID
	narrow   [narrow][]uint16
	customer []uint32
	days     [clocks][]int32
	amount   []int64
	foreign  map[uint32]int64
	floating map[uint32]bool
	met      encountered
}

func gather(capacity int) *gathering {
	g := &gathering{
		keys: make([]uuid.UUID, 0, capacity), customer: make([]uint32, 0, capacity), amount: make([]int64, 0, capacity), foreign: map[uint32]int64{}, floating: map[uint32]bool{},
		met: meetings(capacity),
	}
	for c := range g.narrow {
		g.narrow[c] = make([]uint16, 0, capacity)
	}
	for c := range g.days {
		g.days[c] = make([]int32, 0, capacity)
	}
	return g
}

func (g *gathering) add(f *fact) {
	if f.foreign != noAmount {
		g.foreign[uint32(len(g.keys))] = f.foreign
	}
	if f.floating {
		g.floating[uint32(len(g.keys))] = true
	}
	g.keys = append(g.keys, f.key)
	for c, n := range f.narrow {
		g.narrow[c] = append(g.narrow[c], n)
	}
	for c, day := range f.days {
		g.days[c] = append(g.days[c], day)
	}
	g.customer, g.amount = append(g.customer, f.customer), append(g.amount, f.amount)
	g.met.add(f.met)
}

// segment puts what was gathered into columns; nil when an opportunity was gathered twice.
func (g *gathering) segment() *segment {
	if list := g.into([][]uint32{g.order(nil)}); list != nil {
		return list[0]
	}
	return nil
}

// into puts what was gathered into segments, each with those rows in that order; nil when an opportunity was gathered twice.
func (g *gathering) into(orders [][]uint32) []*segment {
	list := make([]*segment, len(orders))
	for i, order := range orders {
		list[i] = &segment{keys: make([]uuid.UUID, len(order)), amount: make([]int64, len(order)), customer: packed(g.customer, order)}
		list[i].foreign, list[i].met = otherwise(g.foreign, order), g.met.ordered(order)
		for row, at := range order {
			list[i].keys[row], list[i].amount[row] = g.keys[at], g.amount[at]
			if g.floating[at] {
				list[i].float(row)
			}
		}
	}
	for c := range g.narrow {
		for i, order := range orders {
			list[i].narrow[c] = packed(g.narrow[c], order)
		}
		g.narrow[c] = nil
	}
	for c := range g.days {
		for i, order := range orders {
			list[i].days[c] = daysOf(g.days[c], order)
		}
		g.days[c] = nil
	}
	for _, s := range list {
		if !s.place() {
			return nil
		}
		s.reached = s.reach()
	}
	return list
}

// float notes that a row changes with the day.
func (s *segment) float(row int) {
	if s.floating == nil {
		s.floating = make([]uint64, len(s.keys)/64+1)
	}
	s.floating[row/64] |= 1 << (row % 64)
}

func (s *segment) floats(row uint32) bool {
	return s.floating != nil && s.floating[row/64]>>(row%64)&1 == 1
}

// order sorts what was gathered by the stretch of time that each is of, if any, by the customers' owners, then by customer.
func (g *gathering) order(times []uint8) []uint32 {
	type place struct {
		by  uint64
		row uint32
	}
	places := make([]place, len(g.keys))
	for i := range places {
		places[i] = place{uint64(g.narrow[CustomerOwner][i])<<32 | uint64(g.customer[i]), uint32(i)}
		if times != nil {
			places[i].by |= uint64(times[i]) << 48
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.row, b.row)) })
	order := make([]uint32, len(places))
	for i, p := range places {
		order[i] = p.row
	}
	return order
}

func daysOf(list []int32, order []uint32) days {
	d := days{first: math.MaxInt32, last: math.MinInt32, each: true}
	for _, at := range order {
		if day := list[at]; day != noDay {
			d.first, d.last = min(d.first, day), max(d.last, day)
		} else {
			d.each = false
		}
	}
	numbers := make([]uint32, len(order))
	for i, at := range order {
		if day := list[at]; day != noDay {
			numbers[i] = uint32(day-d.first) + 1
		}
	}
	d.ints = packed(numbers, nil)
	return d
}

// place makes the rows findable by key. It fails when two have the same.
func (s *segment) place() bool {
	s.places = make([]uint32, len(s.keys)*5/4+8)
	for row, key := range s.keys {
		at, has := s.placeOf(key)
		if has {
			return false
		}
		s.places[at] = uint32(row) + 1
	}
	return true
}

func (s *segment) placeOf(key uuid.UUID) (at int, has bool) {
	for at = int((numbers.Hash(key[:]) >> 32) * uint64(len(s.places)) >> 32); s.places[at] != 0; {
		if s.keys[s.places[at]-1] == key {
			return at, true
		}
		if at++; at == len(s.places) {
			at = 0
		}
	}
	return at, false
}

// row finds a row by its key.
func (s *segment) row(key uuid.UUID) (uint32, bool) {
	at, has := s.placeOf(key)
	if !has {
		return 0, false
	}
	return s.places[at] - 1, true
}

// fact gives a row as it was gathered.
func (s *segment) fact(row uint32) fact {
	f := fact{key: s.keys[row], customer: s.customer.at(row), amount: s.amount[row], foreign: noAmount, floating: s.floats(row), met: s.met.offers(row)}
	for c := range f.narrow {
		f.narrow[c] = uint16(s.narrow[c].at(row))
	}
	for c := range f.days {
		f.days[c] = s.days[c].at(row)
	}
	if written, has := s.foreign.at(row); has {
		f.foreign = written
	}
	return f
}

// bytes tells the memory that the segment takes.
func (s *segment) bytes() int {
	sum := len(s.keys)*(16+8) + s.met.bytes() + len(s.places)*4 + len(s.floating)*8 + len(s.foreign.bits)*12 + len(s.foreign.amounts)*8 + s.customer.bytes() + s.reached.bytes()
	for c := range s.narrow {
		sum += s.narrow[c].bytes()
	}
	for c := range s.days {
		sum += s.days[c].bytes()
	}
	return sum
}

// part is a segment with the rows that are gone or have been read anew since.
type part struct {
	*segment
	dead []uint64 // bits by row; nil for none
	gone int
}

// without gives the part less some rows, by their keys; the part itself stays.
func (p part) without(keys []uuid.UUID) part {
	copied := false
	for _, key := range keys {
		row, has := p.row(key)
		if !has || p.isDead(row) {
			continue
		}
		if !copied {
			bits := make([]uint64, (p.len()+63)/64)
			copy(bits, p.dead)
			p.dead, copied = bits, true
		}
		p.dead[row/64] |= 1 << (row % 64)
		p.gone++
	}
	return p
}

// eachDead goes through those rows of a span that are gone.
func (p *part) eachDead(of *span, do func(row uint32)) {
	for _, row := range of.rows {
		if p.isDead(row) {
			do(row)
		}
	}
	if of.rows != nil {
		return
	}
	for at := of.from; at < of.until; at = at&^63 + 64 {
		for word := p.dead[at/64] >> (at % 64) << (at % 64); word != 0; word &= word - 1 {
			if row := at&^63 + bits.TrailingZeros64(word); row < of.until {
				do(uint32(row))
			}
		}
	}
}

func (p *part) isDead(row uint32) bool { return p.dead != nil && p.dead[row/64]>>(row%64)&1 == 1 }

// together gathers the rows that are left of several parts.
func together(parts []part) *gathering {
	n := 0
	for _, p := range parts {
		n += p.len() - p.gone
	}
	g := gather(n)
	for _, p := range parts {
		for row := range uint32(p.len()) {
			if !p.isDead(row) {
				f := p.fact(row)
				g.add(&f)
			}
		}
	}
	return g
}
