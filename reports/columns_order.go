package reports

import (
	"cmp"

	"github.com/shopspring/decimal"

	"guanxi/columns"
	"guanxi/models"
)

// Choosing and sorting groups, as having.go does it in SQL.

// comparand is a measure's number to compare: a decimal, or a float where SQL computes one; unknown when both are absent.
type comparand struct {
	exact *decimal.Decimal
	float *float64
}

func (c comparand) unknown() bool { return c.exact == nil && c.float == nil }

func (c comparand) compare(other comparand) int {
	if c.float != nil {
		return cmp.Compare(*c.float, *other.float)
	}
	return c.exact.Cmp(*other.exact)
}

// comparing gives a measure's number of a group; false when SQL computes it in a way that is not repeated here.
func (m *Measure) comparing(f figures) (c comparand, repeats bool) {
	ratio := func(of float64, by int) {
		if by != 0 {
			of /= float64(by)
			c.float = &of
		}
	}
	switch form := m.form.(type) {
	case number:
		n := decimal.NewFromInt(int64(f.count(form.of)))
		c.exact = &n
	case amount:
		if f.count(form.known) > 0 {
			sum := f.sum(form.of)
			c.exact = &sum
		}
	case rate:
		cases := 0
		for _, part := range form.of {
			cases += f.count(part)
		}
		ratio(float64(f.count(form.hits)), cases)
	case mean:
		ratio(f.sum(form.of).InexactFloat64(), f.count(form.known))
	case amountRate:
		if both := f.sum(form.one.of).Add(f.sum(form.other.of)); f.count(form.one.known) > 0 && f.count(form.other.known) > 0 && !both.IsZero() {
			of := quotient(f.sum(form.one.of), both, 4).InexactFloat64()
			c.float = &of
		}
	case meanAmount:
		if n := f.count(form.of.known); n > 0 {
			of := quotient(f.sum(form.of.of), decimal.NewFromInt(int64(n)), 4).RoundBank(4)
			c.exact = &of
		}
	case placed:
		if value, known := f.found(form.of); known {
			of := value.InexactFloat64()
			c.float = &of
		}
	case placedAmount:
		if value, known := f.found(form.of); known {
			of := value.RoundBank(4)
			c.exact = &of
		}
	default:
		return c, false
	}
	return c, true
}

// sortable tells whether all that rows are chosen and sorted by is repeated here.
func (p *plan) sortable() bool {
	none := p.figures()
	fine := true
	p.having.each(func(m *Measure) {
		_, repeats := m.comparing(none)
		fine = fine && repeats
	})
	for _, key := range p.order {
		if key.measure != nil {
			_, repeats := key.measure.comparing(none)
			fine = fine && repeats
		}
	}
	return fine && p.having.repeats()
}

// prepare computes what groups are sorted by.
func (t *tallied) prepare(groups []*group) {
	for _, g := range groups {
		for _, key := range t.order {
			if key.measure != nil {
				by, _ := key.measure.comparing(t.figures(g))
				g.sorts = append(g.sorts, by)
			}
		}
	}
}

// compare sorts as the plan asks; unknown comes last, and the keys decide ties.
func (t *tallied) compare(a, b *group) int {
	n := 0
	for _, key := range t.order {
		if key.measure == nil {
			if c := t.compareKeys(a, b, len(t.by), key.descend); c != 0 {
				return c
			}
			continue
		}
		x, y := a.sorts[n], b.sorts[n]
		n++
		if x.unknown() || y.unknown() {
			if x.unknown() != y.unknown() {
				return unknownLast(x.unknown())
			}
			continue
		}
		if c := x.compare(y); c != 0 {
			return directed(c, key.descend)
		}
	}
	return t.compareWhole(a, b, len(t.by))
}

// compareWhole sorts by the first keys, and where these are equal in that by the keys as they are.
func (t *tallied) compareWhole(a, b *group, level int) int {
	if c := t.compareKeys(a, b, level, false); c != 0 {
		return c
	}
	return t.compareRaw(a, b, level)
}

func unknownLast(first bool) int {
	if first {
		return 1
	}
	return -1
}

func directed(c int, descend bool) int {
	if descend {
		return -c
	}
	return c
}

// compareKeys sorts by what the keys are sorted by.
func (t *tallied) compareKeys(a, b *group, level int, descend bool) int {
	for i, axis := range t.axes[:level] {
		x, y := axis.places[a.Keys[i]], axis.places[b.Keys[i]]
		switch {
		case x == y:
			continue
		case x == 0 || y == 0:
			return unknownLast(x == 0)
		}
		return directed(cmp.Compare(x, y), descend)
	}
	return 0
}

// compareRaw sorts by the keys as they are, ids by their bytes; unknown comes last.
func (t *tallied) compareRaw(a, b *group, level int) int {
	for i, axis := range t.axes[:level] {
		x, y := a.Keys[i], b.Keys[i]
		switch {
		case x == y:
			continue
		case x == 0 || y == 0:
			return unknownLast(x == 0)
		}
		return cmp.Compare(*axis.keys[x], *axis.keys[y]) // ids are written all alike
	}
	return 0
}

// repeats tells whether every comparison of the test is of a kind that is repeated here.
func (t *test) repeats() bool {
	for _, part := range t.parts {
		if !part.repeats() {
			return false
		}
	}
	if t.measure == nil {
		return true
	}
	switch t.measure.form.(type) {
	case number:
		_, fits := t.with.(*models.IntFilter)
		return fits
	case amount, meanAmount, placedAmount:
		_, fits := t.with.(*models.DecimalFilter)
		return fits
	}
	_, fits := t.with.(*models.FloatFilter)
	return fits
}

// holds tells how true the test is of a line's numbers.
func (t *test) holds(f figures) int8 {
	return t.holdsOf(func(m *Measure) comparand { c, _ := m.comparing(f); return c })
}

// holdsOf tells the same of numbers that are told one by one.
func (t *test) holdsOf(number func(*Measure) comparand) int8 {
	if t.measure != nil {
		value := number(t.measure)
		switch c := t.with.(type) {
		case *models.IntFilter:
			return within(value, c, func(n int) comparand { d := decimal.NewFromInt(int64(n)); return comparand{exact: &d} })
		case *models.DecimalFilter:
			return within(value, c, func(d decimal.Decimal) comparand { return comparand{exact: &d} })
		case *models.FloatFilter:
			return within(value, c, func(n float64) comparand { return comparand{float: &n} })
		}
	}
	truth := columns.Yes
	if t.joined == anyOf {
		truth = columns.No
	}
	for _, part := range t.parts {
		inner := part.holdsOf(number)
		switch t.joined {
		case noneOf:
			return columns.Yes - inner
		case anyOf:
			truth = max(truth, inner)
		default:
			truth = min(truth, inner)
		}
	}
	return truth
}

// within tells how true a comparison is of a value; nothing compared is true.
func within[T any](value comparand, c *models.Range[T], of func(T) comparand) int8 {
	truth := columns.Yes
	if c == nil {
		return truth
	}
	for _, bound := range []struct {
		with  *T
		holds func(int) bool
	}{
		{c.Eq, func(n int) bool { return n == 0 }}, {c.Gt, func(n int) bool { return n > 0 }}, {c.Gte, func(n int) bool { return n >= 0 }},
		{c.Lt, func(n int) bool { return n < 0 }}, {c.Lte, func(n int) bool { return n <= 0 }},
	} {
		if bound.with != nil {
			truth = min(truth, compares(value, *bound.with, of, bound.holds))
		}
	}
	if c.In != nil {
		in := columns.No
		for _, one := range c.In {
			in = max(in, compares(value, one, of, func(n int) bool { return n == 0 }))
		}
		truth = min(truth, in)
	}
	if c.IsNull != nil {
		truth = min(truth, truthOf(value.unknown() == *c.IsNull))
	}
	return truth
}

func compares[T any](value comparand, with T, of func(T) comparand, holds func(int) bool) int8 {
	if value.unknown() {
		return columns.Unknown
	}
	return truthOf(holds(value.compare(of(with))))
}

func truthOf(yes bool) int8 {
	if yes {
		return columns.Yes
	}
	return columns.No
}
