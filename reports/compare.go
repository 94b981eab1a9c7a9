package reports

import "context"

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
func (r *Report) compare(ctx context.Context, e *Engine, earlier *plan) error {
	before := earlier.report(r.snap)
	before.engine = e
	for level, list := range r.groups {
		for _, keys := range list {
			before.groups[level] = append(before.groups[level], r.plan.shifted(keys, earlier.Period))
		}
	}
	if full := len(r.plan.by); before.groups[full] == nil {
		before.groups[full] = [][]string{}
	}
	found, err := e.again(ctx, r.snap, earlier, before.groups)
	if err != nil {
		return err
	}
	if f := found[spot{len(r.plan.by), 0}]; f.plan != nil && f.count(all) > 0 {
		r.leaveRoom()
	}
	counterpart := func(row *Row) *Row {
		f, has := found[row.spot]
		if !has {
			f = earlier.figures()
		}
		row.previous = before.row(row.spot, f)
		row.previous.Keys = before.keysLike(row)
		return row.previous
	}
	before.Total = counterpart(r.Total)
	for _, row := range r.Rows {
		before.Rows = append(before.Rows, counterpart(row))
	}
	for _, row := range r.Subtotals {
		before.Subtotals = append(before.Subtotals, counterpart(row))
	}
	return nil
}

// leaveRoom gives a report that lists all its groups the row other, for those that there were in the earlier period alone.
func (r *Report) leaveRoom() {
	at := spot{len(r.plan.by), 0}
	if at.level == 0 || len(r.Rows) > 0 && r.Rows[len(r.Rows)-1].spot == at {
		return
	}
	other := r.row(at, r.plan.figures())
	other.Keys = r.plan.others()
	r.Rows = append(r.Rows, other)
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
func (r *Report) keysLike(row *Row) []*ReportKey {
	list := make([]*ReportKey, len(row.Keys))
	for i, key := range row.Keys {
		list[i] = key
		if d := r.plan.by[i]; d.Type == TimeKeys && key.ID != nil {
			moved := r.groups[row.level][row.place-1][i]
			list[i] = d.keyOf(&moved, nil, r.plan)
		}
	}
	return list
}
