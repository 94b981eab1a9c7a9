package columns

import "math"

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
	MainProduct
	CustomerOwner
	CustomerPool
	CustomerRegion
	CustomerIndustry
	CustomerSource
	CustomerKind
	CustomerLifecycle
	Status

	narrow // how many columns there are of 16 bits
	Customer
)

// What stands in columns of days and amounts for no value, and for an amount without a rate.
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

// segment holds opportunities in columns. Once filled it is not changed.
type segment struct {
	keys     []uint64 // a hash of each id
	narrow   [narrow][]uint16
	customer []uint32
	closed   []int32 // local days of the company, from 1970
	opened   []int32
	amount   []int64          // in the company's currency
	foreign  map[uint32]int64 // amounts in other currencies as they were written, by row
	floating int              // how many are open in another currency, and so change with the day
	places   []uint32         // open addressing by key
}

func newSegment(capacity int) *segment {
	s := &segment{
		keys: make([]uint64, 0, capacity), customer: make([]uint32, 0, capacity), closed: make([]int32, 0, capacity),
		opened: make([]int32, 0, capacity), amount: make([]int64, 0, capacity), foreign: map[uint32]int64{},
	}
	for c := range s.narrow {
		s.narrow[c] = make([]uint16, 0, capacity)
	}
	return s
}

func (s *segment) len() int { return len(s.keys) }

// fact is one opportunity.
type fact struct {
	key            uint64
	narrow         [narrow]uint16
	customer       uint32
	closed, opened int32
	amount         int64
	foreign        int64 // noAmount when it is in the company's currency
	floating       bool
}

func (s *segment) add(f *fact) {
	if f.foreign != noAmount {
		s.foreign[uint32(len(s.keys))] = f.foreign
	}
	if f.floating {
		s.floating++
	}
	s.keys = append(s.keys, f.key)
	for c, n := range f.narrow {
		s.narrow[c] = append(s.narrow[c], n)
	}
	s.customer = append(s.customer, f.customer)
	s.closed, s.opened = append(s.closed, f.closed), append(s.opened, f.opened)
	s.amount = append(s.amount, f.amount)
}

// copy adds a row of another segment.
func (s *segment) copy(from *segment, row int, open uint16) {
	f := fact{key: from.keys[row], customer: from.customer[row], closed: from.closed[row], opened: from.opened[row], amount: from.amount[row], foreign: noAmount}
	for c := range f.narrow {
		f.narrow[c] = from.narrow[c][row]
	}
	if raw, has := from.foreign[uint32(row)]; has {
		f.foreign, f.floating = raw, f.narrow[Status] == open
	}
	s.add(&f)
}

// finish makes the rows findable by key. It fails when two have the same.
func (s *segment) finish() bool {
	size := 16
	for size < len(s.keys)*3/2 {
		size *= 2
	}
	s.places = make([]uint32, size)
	for row, key := range s.keys {
		at, has := s.place(key)
		if has {
			return false
		}
		s.places[at] = uint32(row) + 1
	}
	return true
}

func (s *segment) place(key uint64) (at uint64, has bool) {
	mask := uint64(len(s.places) - 1)
	for at = key & mask; s.places[at] != 0; at = (at + 1) & mask {
		if s.keys[s.places[at]-1] == key {
			return at, true
		}
	}
	return at, false
}

// row finds a row by its key.
func (s *segment) row(key uint64) (int, bool) {
	at, has := s.place(key)
	if !has {
		return 0, false
	}
	return int(s.places[at]) - 1, true
}

// bytes tells the memory that the segment takes.
func (s *segment) bytes() int {
	return cap(s.keys)*(8+2*int(narrow)+4+4+4+8) + len(s.places)*4 + len(s.foreign)*24
}

// part is a segment with the rows that are gone or have been read anew since.
type part struct {
	*segment
	dead []uint64 // bits by row; nil for none
	gone int
}

// without gives the part less some rows, by their keys; the part itself stays.
func (p part) without(keys []uint64) part {
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

func (p part) isDead(row int) bool { return p.dead != nil && p.dead[row/64]>>(row%64)&1 == 1 }

// merged gives one segment with the rows that are left of several; nil when two have the same key.
func merged(parts []part, open uint16) *segment {
	n := 0
	for _, p := range parts {
		n += p.len() - p.gone
	}
	s := newSegment(n)
	for _, p := range parts {
		for row := range p.len() {
			if !p.isDead(row) {
				s.copy(p.segment, row, open)
			}
		}
	}
	if !s.finish() {
		return nil
	}
	return s
}
