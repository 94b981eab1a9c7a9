package columns

import (
	"math/big"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// Question is what is counted, of what the view's viewer sees.
type Question struct {
	By    []Dimension
	Where *Filter
	Clock *Clock
	From  *int32 // days on the clock: from inclusive, until exclusive
	Until *int32

	Amounts, Weighted, Cycles bool // what is added up beside counting
}

// Numbers are those of the opportunities of one group that have one status.
type Numbers struct {
	Count   int // how many
	Amounts int // with a known amount
	NoRate  int // with an amount in a currency without a rate
	Cycles  int // with a beginning and an end
	Opened  int // with a beginning
	Days    int // from beginning to end, added up

	amount, weighted wide
}

// Amount gives the sum of the known amounts, Weighted that of the open ones times their stages' probability, both in
// ten-thousandths of the company's currency.
func (n *Numbers) Amount() *big.Int   { return n.amount.big() }
func (n *Numbers) Weighted() *big.Int { return n.weighted.big() }

// wide is a sum of 128 bits.
type wide struct {
	low  uint64
	high int64
}

func (w *wide) add(value int64) {
	var carry uint64
	w.low, carry = bits.Add64(w.low, uint64(value), 0)
	w.high += value>>63 + int64(carry)
}

func (w *wide) addWide(other wide) {
	var carry uint64
	w.low, carry = bits.Add64(w.low, other.low, 0)
	w.high += other.high + int64(carry)
}

func (w wide) big() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(w.high), 64)
	return n.Add(n, new(big.Int).SetUint64(w.low))
}

// Group is the numbers of one combination of keys, by the numbers of statuses.
type Group struct {
	Keys []uint32 // by dimension, 0 for unknown
	By   map[string]*Numbers
}

// Bounds of a scan.
const (
	block      = 2048    // rows that are looked at together
	stretch    = 1 << 16 // rows that a worker takes at once
	mostDense  = 1 << 18 // cells that are kept in an array; beyond it in a map
	mostGroups = 200_000
)

// scan is a question under way.
type scan struct {
	*View
	*Question
	dims     []*coded
	test     *tester
	statuses uint64
	dense    bool
	cells    uint64
	open     uint16
}

// tally is what one worker has counted, by cell.
type tally struct {
	places map[uint64]uint32 // of cells, when they are not dense
	cells  []uint64          // the cell of each place, then
	list   []Numbers
}

// Answer is what was counted.
type Answer struct {
	Groups []*Group
	dims   []*coded
}

// Key gives a group's key in a dimension as text; false when it is unknown.
func (a *Answer) Key(g *Group, dim int) (string, bool) {
	if g.Keys[dim] == 0 {
		return "", false
	}
	return a.dims[dim].key(g.Keys[dim]), true
}

// Ask counts.
func (v *View) Ask(q *Question) (*Answer, error) {
	s := &scan{View: v, Question: q, statuses: uint64(len(v.tables.words[Status].all())), open: uint16(v.tables.words[Status].find("OPEN"))}
	s.cells = s.statuses
	for _, d := range q.By {
		c, err := v.code(d)
		if err != nil {
			return nil, err
		}
		s.dims = append(s.dims, c)
		high, low := bits.Mul64(s.cells, c.size)
		if high != 0 {
			return nil, ErrLacks
		}
		s.cells = low
	}
	if q.Weighted && !v.weighable() {
		return nil, ErrLacks
	}
	var err error
	if s.test, err = v.tester(q.Where); err != nil {
		return nil, err
	}
	rows, _ := v.version.rows()
	s.dense = s.cells <= mostDense && s.cells <= uint64(rows)*4+1024
	return s.answer(s.work(rows))
}

// weighable tells whether every stage's probability can be computed with exactly.
func (v *View) weighable() bool {
	for n, p := range v.version.refs.probability {
		if n > 0 && p.scale == 0 {
			return false
		}
	}
	return len(v.version.refs.probability) >= len(v.tables.of[Stage].All())
}

// work lets as many workers count as there are processors, and adds up what they counted.
func (s *scan) work(rows int) *tally {
	if s.sight.nothing {
		return s.tally()
	}
	workers := max(1, min(runtime.GOMAXPROCS(0), rows/(4*stretch)))
	tallies := make([]*tally, workers)
	var next atomic.Int64
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			tallies[w] = s.tally()
			s.count(tallies[w], &next)
		})
	}
	all.Wait()
	for _, other := range tallies[1:] {
		tallies[0].add(other)
	}
	return tallies[0]
}

func (s *scan) tally() *tally {
	if s.dense {
		return &tally{list: make([]Numbers, s.cells)}
	}
	return &tally{places: map[uint64]uint32{}}
}

// at gives the numbers of a cell.
func (t *tally) at(cell uint64) *Numbers {
	if t.places == nil {
		return &t.list[cell]
	}
	place, has := t.places[cell]
	if !has {
		place = uint32(len(t.list))
		t.places[cell] = place
		t.cells, t.list = append(t.cells, cell), append(t.list, Numbers{})
	}
	return &t.list[place]
}

func (t *tally) add(other *tally) {
	for place := range other.list {
		from := &other.list[place]
		if from.Count == 0 {
			continue
		}
		cell := uint64(place)
		if other.places != nil {
			cell = other.cells[place]
		}
		t.at(cell).addAll(from)
	}
}

func (n *Numbers) addAll(from *Numbers) {
	n.Count += from.Count
	n.Amounts += from.Amounts
	n.NoRate += from.NoRate
	n.Cycles += from.Cycles
	n.Opened += from.Opened
	n.Days += from.Days
	n.amount.addWide(from.amount)
	n.weighted.addWide(from.weighted)
}

// count takes stretches of rows until none is left.
func (s *scan) count(t *tally, next *atomic.Int64) {
	b := newBuffers(len(s.dims))
	for {
		n := int(next.Add(1)) - 1
		for _, p := range s.version.parts {
			stretches := (p.len() + stretch - 1) / stretch
			if n >= stretches {
				n -= stretches
				continue
			}
			for from := n * stretch; from < min(p.len(), (n+1)*stretch); from += block {
				s.countBlock(t, b, p, from, min(p.len(), (n+1)*stretch, from+block))
			}
			n = -1
			break
		}
		if n >= 0 {
			return
		}
	}
}

// buffers are what a worker writes into, block by block.
type buffers struct {
	rows  []uint32 // those of the block that count
	codes []uint32
	cells []uint64
	truth [][]int8
}

func newBuffers(int) *buffers {
	return &buffers{rows: make([]uint32, 0, block), codes: make([]uint32, block), cells: make([]uint64, block)}
}

// countBlock counts some rows of a part: it chooses those that live, fall into the period, are seen and fulfil the filter;
// finds the cell of each; and adds them up.
func (s *scan) countBlock(t *tally, b *buffers, p part, from, until int) {
	rows := s.choose(b, p, from, until)
	if s.test != nil {
		rows = s.test.keep(b, p.segment, rows)
	}
	if len(rows) == 0 {
		return
	}
	cells := b.cells[:len(rows)]
	clear(cells)
	for i, dim := range s.dims {
		dim.write(p.segment, rows, b.codes)
		size := s.dims[i].size
		for j := range cells {
			cells[j] = cells[j]*size + uint64(b.codes[j])
		}
	}
	status := p.narrow[Status]
	for j, row := range rows {
		cells[j] = cells[j]*s.statuses + uint64(status[row])
		t.at(cells[j]).Count++
	}
	if s.Amounts {
		s.addAmounts(t, p.segment, rows, cells)
	}
	if s.Cycles {
		s.addCycles(t, p.segment, rows, cells)
	}
}

// choose lists the rows of a block that live, fall into the period, and are seen.
func (s *scan) choose(b *buffers, p part, from, until int) []uint32 {
	rows := b.rows[:0]
	first, last := int32(noDay+1), int32(1<<31-1)
	var days []int32
	if s.From != nil || s.Until != nil {
		days = s.Clock.of(p.segment)
		if s.From != nil {
			first = *s.From
		}
		if s.Until != nil {
			last = *s.Until - 1
		}
	}
	for row := from; row < until; row++ {
		if days != nil && (days[row] < first || days[row] > last) || p.dead != nil && p.isDead(row) {
			continue
		}
		if s.sight.everything || s.sight.sees(p.segment, row) {
			rows = append(rows, uint32(row))
		}
	}
	return rows
}

func (s *scan) addAmounts(t *tally, p *segment, rows []uint32, cells []uint64) {
	for j, row := range rows {
		amount := p.amount[row]
		if amount == noAmount || !s.sight.allRead && !s.sight.readsAmounts(p, int(row)) {
			continue
		}
		n := t.at(cells[j])
		if amount == noRate {
			n.NoRate++
			continue
		}
		n.Amounts++
		n.amount.add(amount)
		if s.Weighted && p.narrow[Status][row] == s.open {
			n.weighted.add(s.version.refs.probability[p.narrow[Stage][row]].of(amount))
		}
	}
}

// of gives an amount times the probability, rounded half-even.
func (p probability) of(amount int64) int64 {
	negative := amount < 0
	size := uint64(amount)
	if negative {
		size = uint64(-amount)
	}
	high, low := bits.Mul64(size, p.units)
	whole, rest := bits.Div64(high, low, p.scale)
	switch half := p.scale - rest; {
	case rest > half, rest == half && whole%2 == 1:
		whole++
	}
	if negative {
		return -int64(whole)
	}
	return int64(whole)
}

func (s *scan) addCycles(t *tally, p *segment, rows []uint32, cells []uint64) {
	for j, row := range rows {
		opened := p.opened[row]
		if opened == noDay {
			continue
		}
		n := t.at(cells[j])
		n.Opened++
		if closed := p.closed[row]; closed != noDay {
			n.Cycles++
			n.Days += int(closed) - int(opened)
		}
	}
}

// answer lists the groups that have anything.
func (s *scan) answer(t *tally) (*Answer, error) {
	a := &Answer{dims: s.dims}
	groups := map[uint64]*Group{}
	statuses := s.tables.words[Status].all()
	for place := range t.list {
		if t.list[place].Count == 0 {
			continue
		}
		cell := uint64(place)
		if t.places != nil {
			cell = t.cells[place]
		}
		g := groups[cell/s.statuses]
		if g == nil {
			if len(groups) >= mostGroups {
				return nil, ErrLacks
			}
			g = &Group{Keys: s.keys(cell / s.statuses), By: map[string]*Numbers{}}
			groups[cell/s.statuses] = g
			a.Groups = append(a.Groups, g)
		}
		g.By[statuses[cell%s.statuses]] = &t.list[place]
	}
	return a, nil
}

func (s *scan) keys(group uint64) []uint32 {
	keys := make([]uint32, len(s.dims))
	for i := len(s.dims) - 1; i >= 0; i-- {
		keys[i] = uint32(group % s.dims[i].size)
		group /= s.dims[i].size
	}
	return keys
}
