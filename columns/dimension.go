package columns

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/google/uuid"
)

// Dimension is a value of each opportunity that it is grouped by or filtered by, as a number; 0 is unknown.
type Dimension struct {
	column  Column
	through func(*refs) []uint16 // the small table that leads from the column's number to the value's
	leads   string               // names that table
	into    Column               // the column that has the same values, when a table leads to them
	level   int                  // of entries, those that stand above them on a level from 1; none when 0
	words   func(*refs) *words   // their words, when a table leads to words

	rival  bool // the competitor met, where these are counted
	ending bool // how it ended with him
	price  bool // what he asked, in steps
	each   bool // the opportunity itself
	known  bool // 1 for whatever is known

	customer bool // unknown where the customer is hidden
	amounts  bool // unknown where amounts are not read

	clock Clock // for steps of time
	step  Step  // none when empty

	bands []int64 // for steps of the amount
	ages  []int   // for steps of the days from beginning to closing, or to today
}

// By groups by a column.
func By(c Column) Dimension {
	return Dimension{column: c, into: c, customer: c == Customer || c >= CustomerOwner && c <= CustomerLifecycle, amounts: c == MainProduct}
}

// Through small tables.
var (
	OwnerDepartment = Dimension{column: Owner, into: ClosingDepartment, leads: "department", through: func(r *refs) []uint16 { return r.department }}
	ProductCategory = Dimension{column: MainProduct, into: LossReason, amounts: true, leads: "category", through: func(r *refs) []uint16 { return r.category }}
	LossKind        = Dimension{column: LossReason, leads: "kind", through: func(r *refs) []uint16 { return r.lossKind }, words: func(r *refs) *words { return r.lossKinds }}
)

// ClosingDepartmentAt groups by the department at a level from 1 above the closing one, itself included.
func ClosingDepartmentAt(level int) Dimension {
	return Dimension{column: ClosingDepartment, into: ClosingDepartment, leads: fmt.Sprint("above ", level), through: func(r *refs) []uint16 { return r.above[level-1] }}
}

// OwnerDepartmentAt groups by the department at a level above the owner's primary one, itself included.
func OwnerDepartmentAt(level int) Dimension {
	return Dimension{column: Owner, into: ClosingDepartment, leads: fmt.Sprint("department above ", level), through: func(r *refs) []uint16 {
		list := make([]uint16, len(r.department))
		for owner, department := range r.department {
			if above := r.above[level-1]; int(department) < len(above) {
				list[owner] = above[department]
			}
		}
		return list
	}}
}

// Steps groups by steps of time on a clock.
func Steps(c Clock, step Step) Dimension { return Dimension{clock: c, step: step} }

// Ages groups by how many ends the days from beginning to closing have reached; those of what is open until today.
func Ages(ends []int) Dimension { return Dimension{ages: ends} }

// Rival groups encounters by the competitor met.
var Rival = Dimension{column: MainCompetitor, into: MainCompetitor, rival: true}

// Ending groups encounters by how they ended.
var Ending = Dimension{ending: true}

// PriceBands groups encounters by how many ends the competitor's price in the company's currency has reached.
func PriceBands(ends []int) Dimension {
	d := Bands(ends)
	d.price = true
	return d
}

// Each tells opportunities apart: only the different ones are counted.
var Each = Dimension{each: true}

// ofMet tells whether the value is that of an encounter.
func (d Dimension) ofMet() bool { return d.rival || d.ending || d.price }

// Known groups by whether a value is known.
func Known(d Dimension) Dimension {
	d.known = true
	return d
}

// Bands groups by how many ends the amount in the company's currency has reached.
func Bands(ends []int) Dimension {
	d := Dimension{amounts: true, bands: make([]int64, len(ends))}
	for i, end := range ends {
		d.bands[i] = int64(end) * perUnit
	}
	return d
}

// mostDays bounds the table of a clock's steps.
const mostDays = 1 << 20

// coded is a dimension made ready for a view: a column, where a table may lead to another number; or what writes the numbers of
// some rows of a part.
type coded struct {
	size   uint64 // numbers are below
	first  int    // the step of time that 1 stands for
	column func(p *segment) *ints
	tables [][]uint32 // by part; none where numbers stay as they are
	one    []uint32   // the table of all parts, where they have the same
	writes func(at int, p *segment, rows, out []uint32)
	met    func(of meeting, p *segment, rows, out []uint32) // the same of the encounters that some rows of a part are
	key    func(n uint32) string
	rival  bool // the numbers are those of the competitors met
}

// write writes the numbers of some rows of a part.
func (c *coded) write(at int, p *segment, rows, out []uint32) {
	if c.writes != nil {
		c.writes(at, p, rows, out)
		return
	}
	c.column(p).take(rows, c.table(at), out)
}

// writeMet writes the numbers of some rows of a part, or of the encounters that they are.
func (c *coded) writeMet(at int, p *segment, rows []uint32, of meeting, out []uint32) {
	switch {
	case c.rival:
		for i, rival := range of.rivals {
			out[i] = uint32(rival)
		}
	case c.met != nil:
		c.met(of, p, rows, out)
	default:
		c.write(at, p, rows, out)
	}
}

func (c *coded) table(at int) []uint32 {
	if c.tables == nil {
		return c.one
	}
	return c.tables[at]
}

// combine makes room for the dimension's numbers in cells and adds those of the rows.
func (c *coded) combine(at int, p *segment, of picked, b *buffers, cells []uint64) {
	switch {
	case c.rival:
		combineList(b.met.rivals, c.size, cells)
		return
	case c.writes == nil && c.met == nil:
		c.column(p).combine(of, c.table(at), c.size, cells)
		return
	}
	codes := b.codes[:len(of.rows)]
	c.writeMet(at, p, of.rows, b.met, codes)
	combineList(codes, c.size, cells)
}

// combineList makes room for so many numbers in cells and adds a list of them.
func combineList[T digits](list []T, size uint64, cells []uint64) {
	cells = cells[:len(list)]
	for i, n := range list {
		cells[i] = cells[i]*size + uint64(n)
	}
}

// code makes a dimension ready.
func (v *View) code(d Dimension) (*coded, error) {
	var c *coded
	switch {
	case d.known && (d.ofMet() || d.each):
		return nil, ErrLacks
	case d.ending:
		return &coded{size: uint64(len(outcomes)), key: func(n uint32) string { return outcomes[n] }, met: endingsOf}, nil
	case d.price:
		return v.pricesOf(d), nil
	case d.each:
		return v.each(), nil
	case d.step != Step{}:
		steps, err := v.steps(d)
		if err != nil {
			return nil, err
		}
		c = steps
	case d.bands != nil:
		c = bandsOf(d)
	case d.ages != nil:
		c = v.agesOf(d)
	case d.column == Customer:
		ids := v.tables.customers.All()
		c = &coded{size: uint64(len(ids)), key: func(n uint32) string { return ids[n].String() }}
		c.column = func(p *segment) *ints { return &p.customer }
	case d.level > 0:
		c = v.leveled(d)
	default:
		c = v.narrowed(d)
	}
	v.hide(c, d)
	if d.known {
		c = c.known()
	}
	return c, nil
}

// known makes 1 of all numbers but 0.
func (c *coded) known() *coded {
	if c.writes == nil && c.tables == nil && c.one == nil {
		some := slices.Repeat([]uint32{1}, int(c.size))
		some[0] = 0
		return &coded{size: 2, key: func(uint32) string { return "" }, column: c.column, one: some}
	}
	return &coded{size: 2, key: func(uint32) string { return "" }, writes: func(at int, p *segment, rows, out []uint32) {
		c.write(at, p, rows, out)
		for i := range rows {
			out[i] = min(out[i], 1)
		}
	}}
}

// narrowed makes a dimension over a narrow column ready.
func (v *View) narrowed(d Dimension) *coded {
	c := &coded{rival: d.rival}
	var list []string
	switch {
	case d.words != nil:
		list = d.words(v.version.refs).all()
	case v.tables.words[d.into] != nil:
		list = v.tables.words[d.into].all()
	}
	c.size, c.key = uint64(len(list)), func(n uint32) string { return list[n] }
	if list == nil {
		ids := v.tables.of[d.into].All()
		c.size, c.key = uint64(len(ids)), func(n uint32) string { return ids[n].String() }
	}
	if d.through != nil {
		leads := []uint32{}
		for _, to := range d.through(v.version.refs) {
			leads = append(leads, uint32(to))
		}
		c.one = leads
	}
	c.column = func(p *segment) *ints { return &p.narrow[d.column] }
	return c
}

// hide makes unknown what the viewer does not read.
func (v *View) hide(c *coded, d Dimension) {
	s := v.sight
	switch {
	case d.customer && !s.allShown: // without a customer nothing stands in the column
		c.only(s.showsCustomer)
	case d.amounts && !s.allRead:
		c.only(s.readsAmounts)
	}
}

// only makes the numbers of all other rows unknown.
func (c *coded) only(reads func(p *segment, row uint32) bool) {
	all := *c
	c.writes = func(at int, p *segment, rows, out []uint32) {
		all.write(at, p, rows, out)
		for i, row := range rows {
			if !reads(p, row) {
				out[i] = 0
			}
		}
	}
}

func bandsOf(d Dimension) *coded {
	c := &coded{size: uint64(len(d.bands)) + 2, key: func(n uint32) string { return strconv.Itoa(int(n) - 1) }}
	c.writes = func(_ int, p *segment, rows, out []uint32) {
		for i, row := range rows {
			out[i] = 0
			if amount := p.amount[row]; amount > noRate {
				out[i] = 1 + steps(d.bands, amount)
			}
		}
	}
	return c
}

// pricesOf makes steps of what competitors asked.
func (v *View) pricesOf(d Dimension) *coded {
	return &coded{size: uint64(len(d.bands)) + 2, key: func(n uint32) string { return strconv.Itoa(int(n) - 1) }, met: func(of meeting, p *segment, rows, out []uint32) {
		for i, row := range rows {
			out[i] = 0
			if price := v.price(p, row, of.rivals[i]); price != noAmount {
				out[i] = 1 + steps(d.bands, price)
			}
		}
	}}
}

// each numbers all rows of all parts.
func (v *View) each() *coded {
	before, rows := make([]uint32, len(v.version.parts)), uint32(0)
	for at, p := range v.version.parts {
		before[at] = rows + 1
		rows += uint32(p.len())
	}
	return &coded{size: uint64(rows) + 1, key: func(uint32) string { return "" }, writes: func(at int, _ *segment, rows, out []uint32) {
		for i, row := range rows {
			out[i] = before[at] + row
		}
	}}
}

func (v *View) agesOf(d Dimension) *coded {
	c := &coded{size: uint64(len(d.ages)) + 2, key: func(n uint32) string { return strconv.Itoa(int(n) - 1) }}
	c.writes = func(_ int, p *segment, rows, out []uint32) {
		for i, row := range rows {
			from, until := p.days[Opened].at(row), p.days[Closed].at(row)
			if until == noDay {
				until = v.today
			}
			if out[i] = 0; from != noDay {
				out[i] = 1 + steps(d.ages, int(until)-int(from))
			}
		}
	}
	return c
}

// steps tells how many of the ends, in their order, a value has reached.
func steps[T int | int64](ends []T, value T) uint32 {
	n := uint32(0)
	for _, end := range ends {
		if value >= end {
			n++
		}
	}
	return n
}

// steps makes steps of time ready: tables lead from the days of each part to their steps.
func (v *View) steps(d Dimension) (*coded, error) {
	first, last := v.span(d.clock)
	if last < first {
		first, last = 0, 0
	}
	if int(last)-int(first) > mostDays {
		return nil, ErrLacks
	}
	base := d.step.Of(first)
	tables := make([][]uint32, len(v.version.parts))
	for at, p := range v.version.parts {
		days := &p.days[d.clock]
		tables[at] = make([]uint32, 1, max(0, int(days.last)-int(days.first)+1)+1)
		for day := days.first; day <= days.last; day++ {
			tables[at] = append(tables[at], uint32(d.step.Of(day)-base)+1)
		}
	}
	return &coded{
		size: uint64(d.step.Of(last)-base) + 2, first: base, key: func(n uint32) string { return d.step.Key(base + int(n) - 1) },
		column: func(p *segment) *ints { return &p.days[d.clock].ints }, tables: tables,
	}, nil
}

// span gives the first and the last day on a clock.
func (v *View) span(c Clock) (first, last int32) {
	first, last = math.MaxInt32, math.MinInt32
	for _, p := range v.version.parts {
		first, last = min(first, p.days[c].first), max(last, p.days[c].last)
	}
	return first, last
}

// numberOf gives the number that a key has in a dimension of records or words; 0 when no opportunity has it.
func (v *View) numberOf(d Dimension, key string) uint32 {
	switch {
	case d.words != nil:
		return d.words(v.version.refs).find(key)
	case d.into < narrow && v.tables.words[d.into] != nil:
		return v.tables.words[d.into].find(key)
	}
	id, err := uuid.Parse(key)
	switch {
	case err != nil:
		return 0
	case d.column == Customer:
		return v.tables.customers.Find(id)
	}
	return v.tables.of[d.into].Find(id)
}
