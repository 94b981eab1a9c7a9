package reports

import (
	"context"

	"guanxi/access"
)

// before gives the plan over the period compared with; nothing when no comparison is asked.
func (p *plan) before() (*plan, error) {
	if p.CompareTo == nil {
		return nil, nil
	}
	period, err := p.Period.before(*p.CompareTo)
	if err != nil {
		return nil, err
	}
	earlier := *p
	earlier.Period = period
	return &earlier, nil
}

// compare reads the same groups over the earlier period and gives each row its counterpart.
func (r *OpportunityReport) compare(ctx context.Context, earlier *plan) error {
	before := earlier.report(r.snap)
	for _, keys := range r.groups {
		before.groups = append(before.groups, r.plan.shifted(keys, earlier.Period))
	}
	found, err := before.figures(ctx)
	if err != nil {
		return err
	}
	all := &figures{known: make([]int, len(r.plan.by))}
	for _, f := range found {
		all.add(f)
	}
	found[totalPlace] = all
	for _, row := range append(r.Rows[:len(r.Rows):len(r.Rows)], r.Total) {
		f := found[row.place]
		if f == nil {
			f = &figures{}
		}
		row.Previous = before.row(row.place, f)
		row.Previous.Keys = before.keysLike(row)
	}
	return nil
}

// figures reads the numbers of the report's groups by place, and of all the rest at the place of other.
func (r *OpportunityReport) figures(ctx context.Context) (map[int]*figures, error) {
	s := r.plan.statement()
	text, err := s.again(r.groups)
	if err != nil {
		return nil, err
	}
	found := map[int]*figures{}
	err = r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var place int
		f := &figures{known: make([]int, len(r.plan.by))}
		if err := row.Scan(append([]any{&place}, f.places()...)...); err != nil {
			return err
		}
		found[place] = f
		return nil
	})
	return found, err
}

// shifted gives a group's keys in the earlier period: time by its position from the period's begin, all others as they are.
func (p *plan) shifted(keys []string, earlier *Period) []string {
	list := make([]string, len(keys))
	for i, key := range keys {
		list[i] = key
		if d := p.by[i]; d.Type == TimeKeys && key != "" {
			moved := p.calendar.step(d.Grain, *earlier.From) - p.calendar.step(d.Grain, *p.Period.From)
			list[i] = keyOf(d.Grain, stepOf(d.Grain, key)+moved)
		}
	}
	return list
}

// keysLike gives the keys of a row's counterpart: the same, but for time.
func (r *OpportunityReport) keysLike(row *OpportunityReportRow) []*ReportKey {
	list := make([]*ReportKey, len(row.Keys))
	for i, key := range row.Keys {
		list[i] = key
		if d := r.plan.by[i]; d.Type == TimeKeys && key.ID != nil {
			moved := r.groups[row.place-1][i]
			list[i] = d.keyOf(&moved, nil, r.plan)
		}
	}
	return list
}
