package reports

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// What a measure is measured in.
const (
	CountUnit = "COUNT"
	RateUnit  = "RATE"
	MoneyUnit = "MONEY"
	DaysUnit  = "DAYS"
	RatioUnit = "RATIO"

	LogOddsUnit = "LOG_ODDS"
	BytesUnit   = "BYTES"
	PlainUnit   = "NUMBER" // of anything else
)

// Measure is a number that a report gives.
type Measure struct {
	Name        string // the row's field
	Label       fault.Sentence
	Sentence    fault.Sentence
	Unit        string
	Rule        access.Rule
	Denominator fault.Sentence // of what it is a share or a mean, empty for none
	form        form
}

// form is how a measure is computed from components: in SQL, where groups are chosen and sorted by it, and in Go.
type form interface {
	components() []*component
	sql() string
	value(f figures) any
}

// Order is the value of orderBy that sorts by the measure.
func (m *Measure) Order() string { return shouted(m.Name) }

// Additive tells whether the measure of groups adds up to that of all.
func (m *Measure) Additive() bool {
	switch m.form.(type) {
	case number, amount, quantity:
		return !slices.ContainsFunc(m.form.components(), func(c *component) bool { return !c.additive() })
	}
	return false
}

// value computes the measure; absent under a rule that the viewer reads on no record.
func (m *Measure) value(f figures) any {
	switch {
	case m.Rule == "":
		return m.form.value(f)
	case !f.plan.viewer.ReadsSome(m.Rule):
		return nil
	}
	if n, whole := m.form.value(f).(int); whole {
		return &n
	}
	return m.form.value(f)
}

// number is a count.
type number struct{ of *component }

func (m number) components() []*component { return []*component{m.of} }
func (m number) sql() string              { return m.of.name }
func (m number) value(f figures) any      { return f.count(m.of) }

// amount is a sum of amounts, unknown where none is known.
type amount struct{ of, known *component }

func (m amount) components() []*component { return []*component{m.of, m.known} }
func (m amount) sql() string              { return "case when " + m.known.name + " > 0 then " + m.of.name + " end" }
func (m amount) value(f figures) any {
	if sum := money(f.plan.viewer, f.sum(m.of), f.count(m.known)); sum != nil {
		return sum
	}
	return nil
}

// rate is the share of cases that are hits; the cases are counted in parts.
type rate struct {
	hits *component
	of   []*component
}

func (m rate) components() []*component { return append([]*component{m.hits}, m.of...) }
func (m rate) sql() string {
	names := make([]string, len(m.of))
	for i, c := range m.of {
		names[i] = c.name
	}
	return m.hits.name + "::float8 / nullif(" + strings.Join(names, " + ") + ", 0)"
}
func (m rate) value(f figures) any {
	cases := 0
	for _, c := range m.of {
		cases += f.count(c)
	}
	return rateOf(f.count(m.hits), cases, f.plan.viewer.Company.SmallSample)
}

// amountRate is one side's share of the amounts of two; none when one side has no amounts at all.
type amountRate struct{ one, other amount }

func (m amountRate) components() []*component {
	return append(m.one.components(), m.other.components()...)
}
func (m amountRate) sql() string {
	return "case when " + m.other.known.name + " > 0 and " + m.one.known.name + " > 0 then (" +
		m.one.of.name + " / nullif(" + m.other.of.name + " + " + m.one.of.name + ", 0))::float8 end"
}
func (m amountRate) value(f figures) any {
	ones, others := f.count(m.one.known), f.count(m.other.known)
	r := &AmountRate{Sample: ones + others, SmallSample: ones+others < f.plan.viewer.Company.SmallSample}
	if both := f.sum(m.one.of).Add(f.sum(m.other.of)); ones > 0 && others > 0 && !both.IsZero() {
		value := f.sum(m.one.of).Div(both).InexactFloat64()
		r.Value = &value
	}
	return r
}

// mean is a sum of whole numbers divided by how many there are.
type mean struct{ of, known *component }

func (m mean) components() []*component { return []*component{m.of, m.known} }
func (m mean) sql() string              { return m.of.name + "::float8 / nullif(" + m.known.name + ", 0)" }
func (m mean) value(f figures) any {
	n := f.count(m.known)
	if n == 0 {
		return nil
	}
	value := f.sum(m.of).InexactFloat64() / float64(n)
	return &value
}

// apart is what is computed from all facts together, or from these components of all rows: no row's facts alone give it.
type apart struct{ from []*component }

func (m apart) components() []*component { return m.from }
func (apart) sql() string                { return "null::float8" }
func (apart) value(figures) any          { return nil }

// quantity is a sum of numbers that are no money, unknown where none is known.
type quantity struct{ of, known *component }

func (m quantity) components() []*component { return []*component{m.of, m.known} }
func (m quantity) sql() string              { return amount(m).sql() }
func (m quantity) value(f figures) any {
	if f.count(m.known) == 0 {
		return nil
	}
	sum := f.sum(m.of)
	return &sum
}

// meanAmount is a sum of amounts divided by how many are known, rounded half-even to 4 places.
type meanAmount struct{ of amount }

func (m meanAmount) components() []*component { return m.of.components() }
func (m meanAmount) sql() string {
	return access.HalfEven("(" + m.of.of.name + " / nullif(" + m.of.known.name + ", 0))")
}
func (m meanAmount) value(f figures) any {
	n := f.count(m.of.known)
	if n == 0 {
		return nil
	}
	return money(f.plan.viewer, f.sum(m.of.of).Div(decimal.NewFromInt(int64(n))).RoundBank(4), n)
}

// placed is a number of days or the like that stands at some place among all, such as the median; placedAmount is an amount.
type (
	placed       struct{ of *component }
	placedAmount struct{ of *component }
)

func (m placed) components() []*component { return []*component{m.of} }
func (m placed) sql() string              { return m.of.name + "::float8" }
func (m placed) value(f figures) any {
	found, known := f.found(m.of)
	if !known {
		return nil
	}
	value := found.InexactFloat64()
	return &value
}

func (m placedAmount) components() []*component { return []*component{m.of} }
func (m placedAmount) sql() string              { return access.HalfEven(m.of.name) }
func (m placedAmount) value(f figures) any {
	found, known := f.found(m.of)
	if !known {
		return nil
	}
	return money(f.plan.viewer, found.RoundBank(4), 1)
}

// money gives a sum in the company's currency; a sum of no known amount is unknown.
func money(v *access.Viewer, sum decimal.Decimal, amounts int) *models.Money {
	if amounts == 0 {
		return nil
	}
	return &models.Money{Amount: sum, Currency: v.Company.Currency}
}
