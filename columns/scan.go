package columns

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"guanxi/access"
)

// Question is what is counted, of what the view's viewer sees.
type Question struct {
	Met   bool // the competitors met are counted, not the opportunities; by how it ended with each, and those of cancelled ones not
	By    []Dimension
	Where *Filter
	Clock Clock
	From  *int32 // days on the clock: from inclusive, until exclusive
	Until *int32
	Never bool // instead of a period: without a day on the clock

	Amounts, Weighted, Cycles bool     // what is added up beside counting
	AllAmounts                bool     // amounts of all statuses are
	AmountsOf                 []string // else those of which they are

	AmountsListed, CyclesListed bool        // those are listed one by one too
	Prices, PricesListed        bool        // what the competitors met asked is added up, and listed one by one
	Knowing                     []Dimension // of which the known values are counted
	Gaps                        bool        // how far the prices of the competitors met are from the amounts is listed
	Different                   []Dimension // of which the different values are counted

	Latest   int       // how many of the latest opportunities are listed
	LatestOf []string  // of which statuses; all for none
	Before   uuid.UUID // those that come after this one
}

// Bounds of a scan.
const (
	block      = 1024    // rows that are looked at together
	stretch    = 1 << 15 // rows that a worker takes at once
	mostDense  = 1 << 18 // cells that are kept in an array; beyond it in a map
	mostGroups = 200_000
	mostListed = 1 << 20 // opportunities that may be listed
)

// scan is a question under way.
type scan struct {
	*View
	*Question
	over      over
	dims      []*coded
	test      *tester
	testMet   *tester // of encounters, where these are counted
	different []*coded
	knowing   []*coded
	listing   *listing
	statuses  uint64
	dense     bool
	cells     uint64
	open      uint32
	valued    []uint32 // by status, 1 where amounts are added up
	listed    []uint32 // by status, 1 where the latest are listed
	endings   endings
}

// Ask counts.
func (v *View) Ask(q *Question) (*Answer, error) {
	s, err := v.scan(q)
	if err != nil {
		return nil, err
	}
	t, err := s.counted()
	if err != nil {
		return nil, err
	}
	if s.listing.unfit.Load() {
		return nil, ErrLacks
	}
	return s.answer(v.statuses(q), t)
}

// scan makes a question ready.
func (v *View) scan(q *Question) (*scan, error) {
	statuses := v.statuses(q)
	s := &scan{View: v, Question: q, statuses: uint64(len(statuses)), endings: v.endings(), listing: &listing{}}
	s.cells, s.open = s.statuses, s.endings.open
	s.valued, s.listed = among(statuses, q.AllAmounts, q.AmountsOf), among(statuses, q.LatestOf == nil, q.LatestOf)
	if !q.Met && q.Where != nil && q.Where.ofMet() {
		return nil, ErrLacks
	}
	for _, d := range q.By {
		if d.ofMet() && !q.Met || d.each {
			return nil, ErrLacks
		}
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
	var err error
	if s.different, err = s.coded(q.Different); err == nil {
		s.knowing, err = s.coded(q.Knowing)
	}
	if err != nil {
		return nil, err
	}
	if q.Weighted && !v.weighable() || q.Latest > 0 && s.cells > uint64(mostListed/q.Latest) {
		return nil, ErrLacks
	}
	return s, nil
}

// coded makes dimensions ready whose values are counted.
func (s *scan) coded(list []Dimension) (ready []*coded, err error) {
	for _, d := range list {
		if d.ofMet() && !s.Met {
			return nil, ErrLacks
		}
		c, err := s.code(d)
		if err != nil {
			return nil, err
		}
		ready = append(ready, c)
	}
	return ready, nil
}

// statuses lists what numbers are told apart by: the statuses that there are, or how encounters end.
func (v *View) statuses(q *Question) []string {
	if q.Met {
		return outcomes
	}
	return v.tables.words[Status].all()
}

// among tells by status whether it is one of some, or any.
func among(statuses []string, any bool, of []string) []uint32 {
	list := make([]uint32, len(statuses))
	for n, status := range statuses {
		if any || n > 0 && slices.Contains(of, status) {
			list[n] = 1
		}
	}
	return list
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

// counter is a worker who counts.
type counter struct {
	*tally
	*buffers
}

// work counts the stretches, which have so many rows.
func (s *scan) work(list []span, rows int) *tally {
	s.dense = s.cells <= mostDense && s.cells <= uint64(rows)*4+1024
	counters := shared(list, rows, func() *counter { return &counter{s.tally(), newBuffers()} }, func(c *counter, of span) { s.count(c.tally, c.buffers, of) })
	for _, other := range counters[1:] {
		counters[0].add(other.tally, 1)
	}
	if s.plainly() {
		s.unasked(counters[0].tally)
	}
	return counters[0].tally
}

// shared lets as many workers as there are processors, if there are so many rows, each take one stretch after the other.
func shared[W any](list []span, rows int, begin func() W, do func(W, span)) []W {
	workers := make([]W, max(1, min(runtime.GOMAXPROCS(0), rows/(4*stretch))))
	met := make([]*access.Panic, len(workers))
	var next atomic.Int64
	run := func(w int) {
		met[w] = access.Met(func() {
			workers[w] = begin()
			for n := int(next.Add(1)) - 1; n < len(list); n = int(next.Add(1)) - 1 {
				do(workers[w], list[n])
			}
		})
	}
	var others sync.WaitGroup
	for w := 1; w < len(workers); w++ {
		others.Go(func() { run(w) })
	}
	run(0)
	others.Wait()
	access.Raise(met)
	return workers
}

// stretches cuts the rows that the viewer sees, of the segments that reach into the period, into what a worker takes at once, and tells how many there are.
func (s *scan) stretches() (list []span, rows int) {
	for one := range s.spans(s.over) {
		rows += one.len()
		for one.len() > stretch {
			first := one
			if one.rows != nil {
				first.rows, one.rows = one.rows[:stretch], one.rows[stretch:]
			} else {
				first.until = one.from + stretch
				one.from = first.until
			}
			list = append(list, first)
		}
		list = append(list, one)
	}
	return list, rows
}

// buffers are what a worker writes into, block by block.
type buffers struct {
	rows  []uint32 // those of the block that count
	codes []uint32
	cells []uint64
	truth [][]int8
	met   meeting // the encounter that each row of the block is; nothing unless these are counted

	in span // encounters on their way into blocks
}

func newBuffers() *buffers {
	return &buffers{rows: make([]uint32, block), codes: make([]uint32, block), cells: make([]uint64, block)}
}

// next takes a block off a span.
func (of *span) next() span {
	one := *of
	n := min(block, of.len())
	if of.rows == nil {
		one.until = of.from + n
		of.from = one.until
		return one
	}
	one.rows, of.rows = of.rows[:n], of.rows[n:]
	if of.met.rivals != nil {
		one.met, of.met = of.met.first(n), of.met.after(n)
	}
	return one
}

// count counts some rows, block by block: it chooses those that count, finds the cell of each, and adds them up.
func (s *scan) count(t *tally, b *buffers, of span) {
	for of.len() > 0 {
		one := of.next()
		p, rows := s.version.parts[one.part].segment, s.choose(b, one)
		switch {
		case s.Met && !one.chosen:
			s.countMet(t, b, one.part, p, rows)
		case len(rows) > 0:
			b.met = one.met
			s.countBlock(t, b, one.part, p, picked{rows, one.inRow(rows)})
		}
	}
}

// inRow tells whether rows that were chosen from a span lie in a row.
func (of *span) inRow(rows []uint32) bool {
	return of.rows == nil && int(rows[len(rows)-1]-rows[0]) == len(rows)-1
}

func (s *scan) countBlock(t *tally, b *buffers, at int, p *segment, of picked) {
	rows := of.rows
	cells := b.cells[:len(rows)]
	clear(cells)
	for _, dim := range s.dims {
		dim.combine(at, p, of, b, cells)
	}
	if s.Met {
		combineList(b.met.outcomes, s.statuses, cells)
	} else {
		p.narrow[Status].combine(of, nil, s.statuses, cells)
	}
	t.locate(cells)
	for _, cell := range cells {
		t.counts[cell]++
	}
	switch {
	case s.Amounts && s.plainly():
		t.addPlainly(p, of, cells)
	case s.Amounts:
		s.addAmounts(t, b, p, rows, cells)
	}
	if s.Cycles {
		s.addCycles(t, p, rows, cells)
	}
	if s.Gaps {
		s.listGaps(t, b, p, rows, cells)
	}
	if s.Prices {
		s.addPrices(t, b, p, rows, cells)
	}
	if s.knowing != nil {
		s.countKnown(t, b, at, p, rows, cells)
	}
	if s.different != nil {
		s.listDifferent(t, b, at, p, rows, cells)
	}
	if s.Latest > 0 {
		for _, j := range s.of(s.listed, b, p, rows) {
			if id := p.keys[rows[j]]; precedes(s.Before, id) {
				t.latest[cells[j]].add(id, s.Latest)
			}
		}
	}
}

// of lists the places of those rows of a block whose status is one of some.
func (s *scan) of(some []uint32, b *buffers, p *segment, rows []uint32) []uint32 {
	codes, n := b.codes[:len(rows)], 0
	if s.Met {
		for i, outcome := range b.met.outcomes {
			codes[i] = some[outcome]
		}
	} else {
		p.narrow[Status].take(rows, some, codes)
	}
	for j, is := range codes {
		codes[n] = uint32(j)
		n += int(is)
	}
	return codes[:n]
}

// choose lists the rows of a block that live, fall into the period, are seen, and fulfil the filter.
func (s *scan) choose(b *buffers, of span) []uint32 {
	switch {
	case of.chosen && of.rows != nil:
		return of.rows
	case of.chosen:
		return of.list(b.rows)
	}
	p := &s.version.parts[of.part]
	rows := s.inPeriod(b, p.segment, of)
	if p.dead != nil && (s.over == all || s.over == news) {
		rows = those(rows, func(row uint32) bool { return !p.isDead(row) })
	}
	if of.check {
		rows = those(rows, func(row uint32) bool { return s.sight.seesByOwners(p.segment, row) })
	}
	if s.test != nil {
		rows = s.test.keep(b, of.part, p.segment, rows)
	}
	return rows
}

// those keeps some of the rows.
func those(rows []uint32, keep func(uint32) bool) []uint32 {
	n := 0
	for _, row := range rows {
		rows[n] = row
		if keep(row) {
			n++
		}
	}
	return rows[:n]
}

// inPeriod lists the rows of a block that fall into the period.
func (s *scan) inPeriod(b *buffers, p *segment, of span) []uint32 {
	days := &p.days[s.Clock]
	low, high := s.period(days)
	switch {
	case low > high:
		return nil
	case of.rows == nil && s.bounded() && !days.allWithin(low, high):
		return days.within(of.from, of.until, low, high, b.rows)
	case of.rows == nil:
		return of.list(b.rows)
	}
	rows := b.rows[:copy(b.rows, of.rows)]
	if !s.bounded() || days.allWithin(low, high) {
		return rows
	}
	return those(rows, func(row uint32) bool { n := days.ints.at(row); return n >= low && n <= high })
}

// list writes the rows of a span that lie in a row.
func (of *span) list(rows []uint32) []uint32 {
	rows = rows[:of.until-of.from]
	for i := range rows {
		rows[i] = uint32(of.from + i)
	}
	return rows
}

// bounded tells whether the clock chooses.
func (q *Question) bounded() bool { return q.From != nil || q.Until != nil || q.Never }

// period gives the numbers of the first and the last day of the period on a clock, 0 for those without a day; the first after the last for none.
func (s *scan) period(d *days) (low, high uint32) {
	switch {
	case s.Never:
		return 0, 0
	case d.last < d.first && s.bounded():
		return 1, 0
	case d.last < d.first:
		return 0, 0
	}
	first, last := int64(d.first), int64(d.last)
	if s.From != nil {
		first = max(first, int64(*s.From))
	}
	if s.Until != nil {
		last = min(last, int64(*s.Until)-1)
	}
	if first > last {
		return 1, 0
	}
	return uint32(first-int64(d.first)) + 1, uint32(last-int64(d.first)) + 1
}

// plainly tells whether amounts are added up whoever owns them, and nothing else is done with them.
func (s *scan) plainly() bool { return s.sight.allRead && !s.AmountsListed && !s.Weighted }

// addPlainly adds up amounts, of all statuses: those that are not asked for are taken away when all are counted.
func (t *tally) addPlainly(p *segment, of picked, cells []uint64) {
	if of.inRow {
		list := p.amount[of.rows[0]:][:len(cells)]
		for j, cell := range cells {
			t.amounts[cell].take(list[j])
		}
		return
	}
	for j, cell := range cells {
		t.amounts[cell].take(p.amount[of.rows[j]])
	}
}

// take adds an amount, or notes that there is none.
func (a *amounts) take(amount int64) {
	if amount > noRate {
		a.sum.add(amount)
	} else {
		a.without(amount)
	}
}

// unasked takes away the amounts of statuses of which they are not asked for.
func (s *scan) unasked(t *tally) {
	for place := range t.amounts {
		cell := uint64(place)
		if t.places != nil {
			cell = t.cells[place]
		}
		if s.valued[cell%s.statuses] == 0 {
			t.amounts[place] = amounts{}
		}
	}
}

func (s *scan) addAmounts(t *tally, b *buffers, p *segment, rows []uint32, cells []uint64) {
	some := s.of(s.valued, b, p, rows)
	if s.AmountsListed {
		s.listing.note(len(some))
	}
	for _, j := range some {
		row := rows[j]
		n, amount := &t.amounts[cells[j]], p.amount[row]
		if !s.sight.readsAmounts(p, row) {
			amount = noAmount
		}
		if amount <= noRate {
			n.without(amount)
			continue
		}
		n.sum.add(amount)
		if s.AmountsListed {
			t.values.amounts[cells[j]] = append(t.values.amounts[cells[j]], amount)
		}
		if s.Weighted && p.narrow[Status].at(row) == s.open {
			t.weighted[cells[j]].add(s.version.refs.probability[p.narrow[Stage].at(row)].of(amount))
		}
	}
}

// without notes an amount that is none.
func (a *amounts) without(amount int64) {
	if amount == noRate {
		a.noRate++
	} else {
		a.missing++
	}
}

func (s *scan) addCycles(t *tally, p *segment, rows []uint32, cells []uint64) {
	if s.CyclesListed {
		s.listing.note(len(rows))
	}
	opened, closed := &p.days[Opened], &p.days[Closed]
	apart := int64(closed.first) - int64(opened.first)
	for j, row := range rows {
		from := opened.ints.at(row)
		if from == 0 {
			continue
		}
		n := &t.cycles[cells[j]]
		n.opened++
		if until := closed.ints.at(row); until != 0 {
			n.known++
			n.days += int64(until) - int64(from) + apart
			if s.CyclesListed {
				t.values.cycles[cells[j]] = append(t.values.cycles[cells[j]], int64(until)-int64(from)+apart)
			}
		}
	}
}
