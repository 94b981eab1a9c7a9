package reports

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
)

// The times that reports run on.
const (
	ClosedClock   = "CLOSED"
	OpenedClock   = "OPENED"
	ExpectedClock = "EXPECTED_CLOSE"
	CreatedClock  = "CREATED"
	AtClock       = "AT"
	DueClock      = "DUE"
)

// Limits of one report.
const (
	maxDimensions = 6
	maxRows       = 5000
)

// Ask is a question on a dataset, as a caller puts it.
type Ask struct {
	Period    *Period
	Clock     string
	Where     map[string]any
	By        []string
	Having    map[string]any
	OrderBy   []*Order
	First     int
	CompareTo *string
	TimeZone  *string

	FiscalYearStart *int       // the month, 1 to 12; the company's when absent
	AsOf            *time.Time // what was recorded by then; now when absent

	Within *int // within how many days what came of it counts; all when absent

	Measures  []string // what is computed, by the names of a row's fields; nil for all
	Shares    []string // what shares and running totals are asked of, as orderBy names them
	Coverage  bool     // whether the coverage of fields is told
	Covered   []string // of competitors: what parts of the answer are grouped by, whose coverage is told
	Subtotals bool     // whether rows are also given for the first dimensions alone
}

// Order asks for one sort key of a report's rows.
type Order struct {
	Measure   string
	Direction string
}

// plan is a question that was checked: the viewer may ask it, and everything in it exists. Whatever answers reads only this.
type plan struct {
	Ask
	dataset  *Dataset
	viewer   *access.Viewer
	language string
	clock    *Clock
	calendar *calendar
	by       []*Dimension
	having   *test
	order    []sortKey
	measures []*Measure // those of the answer
	filter   *sifted    // the filter on records as columns know it: the same one for all that is asked of the plan

	timeless   bool         // instead of a period, what no period could choose
	only       []uuid.UUID  // the records of the first dimension that are asked of; all when nil
	components []*component // what the answer is made of, each once
	at         map[string]int
}

// sortKey is what rows are sorted by: a measure, or their keys when there is none.
type sortKey struct {
	measure *Measure
	descend bool
}

// check turns a question into a plan before any SQL, or tells what is wrong with it.
func check(d *Dataset, v *access.Viewer, ask Ask, language string) (*plan, error) {
	p := &plan{Ask: ask, dataset: d, viewer: v, language: language}
	if ask.First < 1 || ask.First > maxRows {
		return nil, outOfRange("first", maxRows)
	}
	for _, part := range []func() error{p.checkTime, p.checkInstant, p.checkWithin, p.checkDimensions, p.checkHaving, p.checkOrder, p.checkMeasures} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	p.gather()
	p.filter = &sifted{}
	return p, nil
}

func (p *plan) checkTime() error {
	var has bool
	if p.clock, has = p.dataset.clock(p.Ask.Clock); !has {
		return fault.Deny(fault.BadInput, fault.Say("This report has no clock %.64q.", "此报表没有时钟 %.64q。", p.Ask.Clock)).At("clock")
	}
	var err error
	if p.calendar, err = calendarFor(p.viewer.Company, p.TimeZone, p.FiscalYearStart); err != nil {
		return err
	}
	return p.Period.check()
}

func outOfRange(field string, most int) error {
	return fault.Deny(fault.BadInput, fault.Say("Write a number from 1 to %d.", "请填写 1 到 %d 的数。", most)).At(field)
}

// checkDimensions finds what to group by; the viewer must have the right to each.
func (p *plan) checkDimensions() error {
	if len(p.By) > maxDimensions {
		return fault.Deny(fault.LimitExceeded, fault.Say("A report groups by at most %d dimensions.", "报表最多按 %d 个维度分组。", maxDimensions)).At("by")
	}
	for i, name := range p.By {
		d, err := p.dimension(name, "by", fmt.Sprint(i))
		if err != nil {
			return err
		}
		if slices.Contains(p.by, d) {
			return fault.Deny(fault.BadInput, fault.Say("%s is named twice.", "%s 重复。", name)).At("by", fmt.Sprint(i))
		}
		p.by = append(p.by, d)
	}
	return nil
}

func (p *plan) dimension(name string, path ...string) (*Dimension, error) {
	d, ok := p.dataset.Dimension(name)
	if !ok {
		return nil, fault.Deny(fault.BadInput, fault.Say("There is no dimension %.64q.", "没有维度 %.64q。", name)).At(path...)
	}
	return d, p.viewer.Use(d.Rule, path...)
}

func (p *plan) checkOrder() error {
	for i, o := range p.OrderBy {
		key := sortKey{descend: o.Direction == "DESC"}
		if o.Measure != "KEY" {
			m, ok := p.dataset.ordering(o.Measure)
			if !ok {
				return fault.Deny(fault.BadInput, fault.Say("Rows cannot be sorted by %.64q.", "不能按 %.64q 排序。", o.Measure)).At("orderBy", fmt.Sprint(i), "measure")
			}
			if err := p.viewer.Use(m.Rule, "orderBy", o.Measure); err != nil {
				return err
			}
			key.measure = m
		}
		p.order = append(p.order, key)
	}
	return nil
}

// checkMeasures finds what is to be computed. A protected measure that is only shown is absent without the right; one that a
// share is asked of is refused.
func (p *plan) checkMeasures() error {
	if p.Measures == nil {
		p.measures = p.dataset.Measures
	}
	for _, name := range p.Measures {
		m, ok := p.dataset.Measure(name)
		if !ok {
			return fault.Deny(fault.BadInput, fault.Say("There is no measure %.64q.", "没有指标 %.64q。", name)).At("measures")
		}
		p.compute(m)
	}
	for _, name := range p.Shares {
		m, err := p.adding(name)
		if err != nil {
			return err
		}
		p.compute(m)
	}
	return nil
}

// compute adds a measure to those of the answer, once however often it is asked for.
func (p *plan) compute(m *Measure) {
	if !slices.Contains(p.measures, m) {
		p.measures = append(p.measures, m)
	}
}

// adding finds a measure that adds up over rows, of which alone there are shares and running totals.
func (p *plan) adding(name string) (*Measure, error) {
	m, ok := p.dataset.ordering(name)
	if !ok || !m.Additive() {
		return nil, fault.Deny(fault.BadInput, fault.Say("%.64q does not add up over rows.", "%.64q 不能逐行相加。", name)).At("measure")
	}
	return m, p.viewer.Use(m.Rule, "measure")
}

// gather collects the components of all that is computed, listed and sorted by.
func (p *plan) gather() {
	p.at = map[string]int{}
	p.need(all)
	for _, m := range p.measures {
		p.need(m.form.components()...)
	}
	p.having.each(func(m *Measure) { p.need(m.form.components()...) })
	for _, key := range p.order {
		if key.measure != nil {
			p.need(key.measure.form.components()...)
		}
	}
	if !p.Coverage {
		return
	}
	for i := range p.by {
		p.need(keyKnown(i))
	}
	for _, c := range p.dataset.covered {
		p.need(c.component())
	}
}

func (p *plan) need(list ...*component) {
	for _, c := range list {
		if _, has := p.at[c.name]; !has {
			p.at[c.name] = len(p.components)
			p.components = append(p.components, c)
		}
	}
}

// has tells whether all that a measure is made of was gathered.
func (p *plan) has(m *Measure) bool {
	return !slices.ContainsFunc(m.form.components(), func(c *component) bool { _, has := p.at[c.name]; return !has })
}

// keyKnown counts the facts with a key of the dimension at a place of by.
func keyKnown(i int) *component {
	return &component{name: fmt.Sprintf("known%d", i+1), of: fmt.Sprintf("k%d", i+1)}
}

// component counts the facts whose field is known.
func (c covered) component() *component { return &component{name: "has_" + c.of, of: c.of} }

// additive tells whether everything that is asked for adds up over groups.
func (p *plan) additive() bool {
	return !slices.ContainsFunc(p.components, func(c *component) bool { return !c.additive() })
}
