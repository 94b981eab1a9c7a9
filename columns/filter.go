package columns

import (
	"slices"

	"github.com/google/uuid"
)

// Three values of truth, in their order.
const (
	No int8 = iota
	Unknown
	Yes
)

// Filter chooses opportunities: parts joined, or one value tested.
type Filter struct {
	All, Any []*Filter // every one, or one of them
	Not      *Filter

	Of    *Dimension // tested by its key
	Null  int8       // what the test says of an unknown value
	Other int8       // of a known one that is not named
	Keys  map[string]int8

	Met   *Filter // tested by whom it met: a filter on the competitor alone, of which one at least must be fulfilled
	Every bool    // instead of one, by every one

	Day    func(day int32) int8 // tested by its day on a clock
	Clock  Clock
	Amount func(amount int64) int8 // tested by its amount as it is written, in ten-thousandths
	ID     func(id uuid.UUID) int8
	Says   string // what the test of a day, an amount or an id asks: two that say the same are the same
}

// tester is a filter made ready for a view.
type tester struct {
	what  *Filter
	parts []*tester
	dim   *coded
	table []int8   // by the dimension's numbers, or by those of competitors
	days  [][]int8 // by part and the numbers of days
	view  *View
}

// ofMet tells whether the filter tests anything of encounters.
func (f *Filter) ofMet() bool {
	return f.Of != nil && f.Of.ofMet() || f.Not != nil && f.Not.ofMet() || slices.ContainsFunc(f.All, (*Filter).ofMet) || slices.ContainsFunc(f.Any, (*Filter).ofMet)
}

// parted gives what a filter asks of opportunities, and what it asks of the encounters in those.
func (f *Filter) parted() (ofRows, ofMet *Filter) {
	switch {
	case f == nil || !f.ofMet():
		return f, nil
	case f.All == nil:
		return nil, f
	}
	ofRows, ofMet = &Filter{All: []*Filter{}}, &Filter{All: []*Filter{}}
	for _, part := range f.All {
		rows, met := part.parted()
		if rows != nil {
			ofRows.All = append(ofRows.All, rows)
		}
		if met != nil {
			ofMet.All = append(ofMet.All, met)
		}
	}
	return ofRows, ofMet
}

// testers makes the question's filter ready.
func (s *scan) testers() (err error) {
	ofRows, ofMet := s.Where.parted()
	if s.test, err = s.tester(ofRows); err == nil {
		s.testMet, err = s.tester(ofMet)
	}
	return err
}

// tester makes a filter ready.
func (v *View) tester(f *Filter) (*tester, error) {
	if f == nil {
		return nil, nil
	}
	t := &tester{what: f, view: v}
	parts := f.All
	switch {
	case f.Any != nil:
		parts = f.Any
	case f.Not != nil:
		parts = []*Filter{f.Not}
	}
	for _, part := range parts {
		inner, err := v.tester(part)
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, inner)
	}
	switch {
	case f.Day != nil:
		first, last := v.span(f.Clock)
		if int(last)-int(first) > mostDays {
			return nil, ErrLacks
		}
		t.days = v.daysTested(f)
		return t, nil
	case f.Met != nil:
		var err error
		t.table, err = v.rivalsTested(f)
		return t, err
	case f.Of == nil:
		return t, nil
	}
	var err error
	if t.dim, err = v.code(*f.Of); err == nil {
		t.table = v.keysTested(f, t.dim.size)
	}
	return t, err
}

// keysTested tests each number of the filter's dimension.
func (v *View) keysTested(f *Filter, size uint64) []int8 {
	table := make([]int8, size)
	for n := range table {
		table[n] = f.Other
	}
	table[0] = f.Null
	for key, truth := range f.Keys {
		if n := v.numberOf(*f.Of, key); n != 0 && uint64(n) < size {
			table[n] = truth
		}
	}
	return table
}

// rivalsTested tests each competitor, whether having met him fulfils a filter, or, where every one must, whether it does not.
func (v *View) rivalsTested(f *Filter) ([]int8, error) {
	all := make([]uint16, len(v.tables.of[MainCompetitor].All()))
	for n := range all {
		all[n] = uint16(n)
	}
	if !f.Met.ofRivals() {
		return nil, ErrLacks
	}
	inner, err := v.tester(f.Met)
	if err != nil {
		return nil, err
	}
	b, table := newBuffers(), make([]int8, len(all))
	for from := 0; from < len(all); from += block {
		b.met = meeting{rivals: all[from:min(from+block, len(all))]}
		for i, truth := range inner.say(b, 0, nil, make([]uint32, len(b.met.rivals)), 0) {
			table[from+i] = flagOf(truth == Yes != f.Every)
		}
	}
	return table, nil
}

// ofRivals tells whether nothing but the competitor is tested.
func (f *Filter) ofRivals() bool {
	other := func(part *Filter) bool { return !part.ofRivals() }
	switch {
	case f.Of != nil:
		return f.Of.rival
	case f.Not != nil:
		return f.Not.ofRivals()
	}
	return (f.All != nil || f.Any != nil) && !slices.ContainsFunc(f.All, other) && !slices.ContainsFunc(f.Any, other)
}

func flagOf(yes bool) int8 {
	if yes {
		return Yes
	}
	return No
}

// sayMet tells of each row whether it met one whom the table flags.
func (t *tester) sayMet(p *segment, rows []uint32, out []int8) {
	for i, row := range rows {
		out[i] = No
		for _, rival := range p.met.of(row) {
			out[i] = max(out[i], t.table[rival])
		}
		if t.what.Every {
			out[i] = Yes - out[i]
		}
	}
}

// daysTested tests each day that there is, once.
func (v *View) daysTested(f *Filter) [][]int8 {
	list := make([][]int8, len(v.version.parts))
	for at, p := range v.version.parts {
		days := &p.days[f.Clock]
		list[at] = []int8{f.Day(noDay)}
		for day := days.first; day <= days.last; day++ {
			list[at] = append(list[at], f.Day(day))
		}
	}
	return list
}

// keep gives those rows that fulfil the filter. Parts that must all hold are tested one after the other, each on the rows
// that are left.
func (t *tester) keep(b *buffers, at int, p *segment, rows []uint32) []uint32 {
	if t.what.All != nil {
		for _, part := range t.parts {
			rows = part.keep(b, at, p, rows)
		}
		return rows
	}
	truth := t.say(b, at, p, rows, 0)
	n := 0
	for i, row := range rows {
		rows[n] = row
		if truth[i] == Yes {
			n++
		}
	}
	return rows[:n]
}

// say tells how true the filter is of each row; depth is how far it stands inside others.
func (t *tester) say(b *buffers, at int, p *segment, rows []uint32, depth int) []int8 {
	for len(b.truth) <= depth {
		b.truth = append(b.truth, make([]int8, block))
	}
	out, codes := b.truth[depth][:len(rows)], b.codes[:len(rows)]
	f := t.what
	switch {
	case f.Of != nil:
		t.dim.writeMet(at, p, rows, b.met, codes)
		for i, code := range codes {
			out[i] = t.table[code]
		}
	case f.Day != nil:
		p.days[f.Clock].take(rows, nil, codes)
		for i, code := range codes {
			out[i] = t.days[at][code]
		}
	case f.Met != nil:
		t.sayMet(p, rows, out)
	case f.Amount != nil:
		for i, row := range rows {
			out[i] = f.Amount(t.view.written(p, row))
		}
	case f.ID != nil:
		for i, row := range rows {
			out[i] = f.ID(p.keys[row])
		}
	default:
		t.join(b, at, p, rows, depth, out)
	}
	return out
}

// join joins the parts: the least of all, the greatest of any, or the opposite.
func (t *tester) join(b *buffers, at int, p *segment, rows []uint32, depth int, out []int8) {
	start := Yes
	if t.what.Any != nil {
		start = No
	}
	for i := range out {
		out[i] = start
	}
	for _, part := range t.parts {
		inner := part.say(b, at, p, rows, depth+1)
		for i, truth := range inner {
			switch {
			case t.what.Not != nil:
				out[i] = Yes - truth
			case t.what.Any != nil:
				out[i] = max(out[i], truth)
			default:
				out[i] = min(out[i], truth)
			}
		}
	}
}

// NoDay and NoAmount are what is tested where there is no value, or none that the viewer reads.
const (
	NoDay    = noDay
	NoAmount = noAmount
)

// written gives an amount as it is written, in whatever currency.
func (v *View) written(p *segment, row uint32) int64 {
	if !v.sight.allRead && !v.sight.readsAmounts(p, row) {
		return noAmount
	}
	if amount, has := p.foreign.at(row); has {
		return amount
	}
	return p.amount[row]
}
