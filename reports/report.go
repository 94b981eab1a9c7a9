package reports

import (
	"context"
	"fmt"
	"reflect"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
)

// Report is the answer to an Ask: the listed groups, what was left out, and the whole.
type Report struct {
	Rows       []*Row // in the order asked for, the row other last
	Total      *Row
	Subtotals  []*Row // those of one dimension first, each level's in the order of its keys
	Coverage   []*Coverage
	Definition *ReportDefinition

	plan   *plan
	snap   *access.Snapshot
	engine *Engine
	groups [][][]string // by level and place, keys of the groups, "" for unknown
	opened *models.Batch
}

// Row is one group's keys and numbers, or those of all that was left out, or of the total.
type Row struct {
	Keys []*ReportKey

	previous *Row
	figures  figures
	report   *Report
	spot
}

// ReportKey is a row's value of one dimension.
type ReportKey struct {
	Dimension string
	ID        *string
	Label     string
	Unknown   bool
	Other     bool
}

// Coverage tells how well a field behind a report is filled in, as far as the viewer reads it.
type Coverage struct {
	Field   string
	Known   int
	Unknown int
	Share   *float64

	Unknowns *Behind // the records without a value
}

func coverage(field string, known, all int) *Coverage {
	c := &Coverage{Field: field, Known: known, Unknown: all - known}
	if all > 0 {
		share := float64(known) / float64(all)
		c.Share = &share
	}
	return c
}

// Records tells how many facts are behind the row.
func (r *Row) Records() int { return r.figures.count(all) }

// Before gives the row's counterpart in the period compared with; nil without one.
func (r *Row) Before() *Row { return r.previous }

// Value gives a measure that was asked for: an int (an *int under a rule), a *Rate, an *AmountRate, a *models.Money, a *decimal.Decimal or a *float64; nil when it is
// unknown, or was not asked for.
func (r *Row) Value(m *Measure) any {
	if !r.figures.plan.has(m) {
		return nil
	}
	return m.value(r.figures)
}

func (p *plan) report(snap *access.Snapshot) *Report {
	opened := models.NewBatch[models.Keyed](nil)
	return &Report{
		Rows: []*Row{}, Subtotals: []*Row{}, plan: p, snap: snap, groups: make([][][]string, len(p.by)+1),
		opened: opened, Definition: p.definition(snap, opened),
	}
}

// take puts each line where it belongs.
func (r *Report) take(lines []line) {
	full, told := len(r.plan.by), toldKeys{plan: r.plan}
	var other *Row
	for _, l := range lines {
		row := r.row(l.spot, l.figures)
		switch {
		case l.spot == total:
			r.Total = row
			r.Coverage = r.plan.coverage(l.figures)
			r.plan.opens(r.snap, r.opened, r.Coverage)
			continue
		case l.place == 0:
			row.Keys = r.plan.others()
			other = row
			continue
		case l.level == full:
			r.Rows = append(r.Rows, row)
		default:
			r.Subtotals = append(r.Subtotals, row)
		}
		row.Keys = told.keys(l.keys, l.labels)
		r.groups[l.level] = append(r.groups[l.level], known(l.keys))
	}
	if other != nil {
		r.Rows = append(r.Rows, other)
	}
}

func (r *Report) row(at spot, f figures) *Row {
	return &Row{Keys: []*ReportKey{}, figures: f, report: r, spot: at}
}

// toldKeys are the keys of an answer, each made once.
type toldKeys struct {
	*plan
	made [maxDimensions]map[string]*ReportKey
}

func (t *toldKeys) keys(keys, labels []*string) []*ReportKey {
	list := make([]*ReportKey, len(keys))
	for i, key := range keys {
		list[i] = t.key(i, key, labels[i])
	}
	return list
}

func (t *toldKeys) key(dim int, key, label *string) *ReportKey {
	name := "" // no key of any dimension
	if key != nil {
		name = *key
	}
	if t.made[dim] == nil {
		t.made[dim] = map[string]*ReportKey{}
	}
	made, has := t.made[dim][name]
	if !has {
		made = t.by[dim].keyOf(key, label, t.plan)
		t.made[dim][name] = made
	}
	return made
}

// keyOf gives a dimension's key for people and programs; nil is unknown.
func (d *Dimension) keyOf(key, label *string, p *plan) *ReportKey {
	if key == nil {
		return &ReportKey{Dimension: d.Name, Label: unknownLabel(p.language), Unknown: true}
	}
	name := ""
	if label != nil {
		name = *label
	}
	return &ReportKey{Dimension: d.Name, ID: key, Label: d.label(*key, name, p.calendar, p.language)}
}

func (p *plan) others() []*ReportKey {
	list := make([]*ReportKey, len(p.by))
	for i, d := range p.by {
		list[i] = d.other(p.language)
	}
	return list
}

func (d *Dimension) other(language string) *ReportKey {
	return &ReportKey{Dimension: d.Name, Label: otherLabel(language), Other: true}
}

// known writes unknown keys as "", which is no key of any dimension.
func known(keys []*string) []string {
	list := make([]string, len(keys))
	for i, key := range keys {
		if key != nil {
			list[i] = *key
		}
	}
	return list
}

// coverage tells for each dimension, and for the fields behind the measures, how many of the population have a value.
func (p *plan) coverage(total figures) []*Coverage {
	list := []*Coverage{}
	if !p.Ask.Coverage {
		return list
	}
	n := total.count(all)
	for i, d := range p.by {
		list = append(list, coverage(d.Name, total.count(keyKnown(i)), n))
	}
	for _, c := range p.dataset.covered {
		list = append(list, coverage(c.field, total.count(c.component()), n))
	}
	return list
}

// ShareOfTotal gives the part that the row has in the total of a measure that adds up, named as orderBy names it; none when
// either is unknown or the total is nought.
func (r *Row) ShareOfTotal(measure string) (*float64, error) {
	m, err := r.report.plan.adding(measure)
	if err != nil {
		return nil, err
	}
	part, whole := exact(r.Value(m)), exact(r.report.Total.Value(m))
	if part == nil || whole == nil || whole.IsZero() {
		return nil, nil
	}
	share := part.Div(*whole).InexactFloat64()
	return &share, nil
}

// RunningTotal gives a measure that adds up, named as orderBy names it, summed over the rows from the first to this one; none
// where nothing is known yet. Of what is no row in a list it is the row's own.
func (r *Row) RunningTotal(measure string) (*decimal.Decimal, error) {
	m, err := r.report.plan.adding(measure)
	if err != nil {
		return nil, err
	}
	nothingToWait := context.Background() // it is added up here, without asking the database
	sums, err := models.Fetch(nothingToWait, r.report.opened, "running "+measure, func() (map[spot]*decimal.Decimal, error) {
		return r.report.running(m), nil
	})
	if sum, listed := sums[r.spot]; listed && r.level > 0 {
		return sum, err
	}
	return exact(r.Value(m)), err
}

// running adds a measure up, row by row.
func (r *Report) running(m *Measure) map[spot]*decimal.Decimal {
	sums := map[spot]*decimal.Decimal{}
	var sum *decimal.Decimal
	for _, row := range r.Rows {
		if part := exact(row.Value(m)); part != nil {
			next := *part
			if sum != nil {
				next = next.Add(*sum)
			}
			sum = &next
		}
		sums[row.spot] = sum
	}
	return sums
}

// exact gives a count or a sum as a decimal; nil when it is unknown.
func exact(value any) *decimal.Decimal {
	var d decimal.Decimal
	switch value := value.(type) {
	case int:
		d = decimal.NewFromInt(int64(value))
	case *int:
		d = decimal.NewFromInt(int64(*value))
	case *decimal.Decimal:
		d = *value
	case *models.Money:
		d = value.Amount
	default:
		return nil
	}
	return &d
}

// Shaped is a report whose rows show their measures as fields: R is a struct with a *Row, a field Previous and a field for
// each measure of the dataset.
type Shaped[R any] struct {
	Rows       []*R
	Total      *R
	Subtotals  []*R
	Coverage   []*Coverage
	Definition *ReportDefinition

	report *Report
}

// Shape gives the report with its measures as fields.
func Shape[R any](r *Report) *Shaped[R] {
	form := formOf[R](r.plan)
	s := &Shaped[R]{report: r, Total: form.shape(r.Total), Coverage: r.Coverage, Definition: r.Definition, Rows: make([]*R, len(r.Rows)), Subtotals: make([]*R, len(r.Subtotals))}
	for i, row := range r.Rows {
		s.Rows[i] = form.shape(row)
	}
	for i, row := range r.Subtotals {
		s.Subtotals[i] = form.shape(row)
	}
	return s
}

// shapes says where in a struct the row, the one before it and the measures stand.
type shapes[R any] struct {
	row, previous int
	measures      []int // in the order of the plan's
}

func formOf[R any](p *plan) *shapes[R] {
	fields := reflect.TypeFor[R]()
	at := func(name string) int {
		field, _ := fields.FieldByName(name)
		return field.Index[0]
	}
	s := &shapes[R]{row: at("Row"), previous: at("Previous"), measures: make([]int, len(p.measures))}
	for i, m := range p.measures {
		s.measures[i] = at(m.field())
	}
	return s
}

func (s *shapes[R]) shape(row *Row) *R {
	if row == nil {
		return nil
	}
	into := new(R)
	fields := reflect.ValueOf(into).Elem()
	fields.Field(s.row).Set(reflect.ValueOf(row))
	fields.Field(s.previous).Set(reflect.ValueOf(s.shape(row.previous)))
	for i, m := range row.report.plan.measures {
		if value := row.Value(m); value != nil {
			fields.Field(s.measures[i]).Set(reflect.ValueOf(value))
		}
	}
	return into
}

// field is the name of the measure in Go.
func (m *Measure) field() string { return fmt.Sprintf("%c%s", m.Name[0]-'a'+'A', m.Name[1:]) }
