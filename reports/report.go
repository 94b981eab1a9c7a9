package reports

import (
	"context"
	"time"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// OpportunityReport is the answer to an Ask: the listed groups, what was left out, and the whole.
type OpportunityReport struct {
	Rows       []*OpportunityReportRow
	Total      *OpportunityReportRow
	Coverage   []*Coverage
	Definition *ReportDefinition

	plan   *plan
	snap   *access.Snapshot
	groups [][]string // keys of the listed groups by place, "" for unknown
	other  *OpportunityReportRow
	opened *models.Batch
}

// OpportunityReportRow is one group's keys and numbers, or those of all that was left out, or the total.
type OpportunityReportRow struct {
	Keys                                              []*ReportKey
	Count, Won, Lost, Open, Cancelled                 int
	LossRate, WinRate                                 *Rate
	LossRateByAmount                                  *AmountRate
	WonAmount, LostAmount, OpenAmount, WeightedAmount *models.Money
	Unconverted                                       *int
	AverageCycleDays                                  *float64
	Previous                                          *OpportunityReportRow

	report *OpportunityReport
	place  int
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
}

func coverage(field string, known, all int) *Coverage {
	c := &Coverage{Field: field, Known: known, Unknown: all - known}
	if all > 0 {
		share := float64(known) / float64(all)
		c.Share = &share
	}
	return c
}

// ReportDefinition says what a report's numbers mean.
type ReportDefinition struct {
	Sentence        string
	Clock           string
	From, Until     *models.Date
	TimeZone        string
	FiscalYearStart int
	Currency        string
	AsOf            time.Time
}

// Opportunities answers a question on the opportunities that the snapshot's viewer sees, in one statement, or two with a
// comparison. Parts asked later read the same snapshot.
func Opportunities(ctx context.Context, snap *access.Snapshot, ask Ask) (*OpportunityReport, error) {
	p, err := check(snap.Viewer, ask, fault.Language(ctx))
	if err != nil {
		return nil, err
	}
	r := p.report(snap)
	previous, err := p.before()
	if err != nil {
		return nil, err
	}
	if err := r.list(ctx); err != nil {
		return nil, err
	}
	if previous != nil {
		err = r.compare(ctx, previous)
	}
	return r, err
}

func (p *plan) report(snap *access.Snapshot) *OpportunityReport {
	return &OpportunityReport{
		Rows: []*OpportunityReportRow{}, plan: p, snap: snap, opened: models.NewBatch[models.Keyed](nil),
		Definition: p.definition(opportunitySentence),
	}
}

// list reads the report's rows.
func (r *OpportunityReport) list(ctx context.Context) error {
	s := r.plan.statement()
	text, err := s.listed()
	if err != nil {
		return err
	}
	err = r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var place int
		f := &figures{known: make([]int, len(r.plan.by))}
		keys, labels := make([]*string, len(r.plan.by)), make([]*string, len(r.plan.by))
		into := []any{&place}
		for i := range keys {
			into = append(into, &keys[i], &labels[i])
		}
		if err := row.Scan(append(into, f.places()...)...); err != nil {
			return err
		}
		r.take(place, keys, labels, f)
		return nil
	})
	if r.other != nil {
		r.Rows = append(r.Rows, r.other)
	}
	return err
}

// take puts a row where it belongs; without dimensions there is only the total.
func (r *OpportunityReport) take(place int, keys, labels []*string, f *figures) {
	row := r.row(place, f)
	switch {
	case place == totalPlace:
		r.Total = row
		r.Coverage = r.plan.coverage(f)
	case len(r.plan.by) == 0:
	case place == otherPlace:
		row.Keys = r.plan.others()
		r.other = row
	default:
		row.Keys = r.plan.keys(keys, labels)
		r.groups = append(r.groups, known(keys))
		r.Rows = append(r.Rows, row)
	}
}

func (r *OpportunityReport) row(place int, f *figures) *OpportunityReportRow {
	row := f.row(r.plan.viewer)
	row.report, row.place = r, place
	return row
}

func (p *plan) keys(keys, labels []*string) []*ReportKey {
	list := make([]*ReportKey, len(p.by))
	for i, d := range p.by {
		list[i] = d.keyOf(keys[i], labels[i], p)
	}
	return list
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
func (p *plan) coverage(total *figures) []*Coverage {
	var list []*Coverage
	for i, d := range p.by {
		list = append(list, coverage(d.Name, total.known[i], total.n))
	}
	return append(list, coverage("amount", total.amounts, total.n), coverage("openedOn", total.opened, total.n))
}
