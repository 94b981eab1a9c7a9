package reports

import (
	"context"
	"strconv"

	"guanxi/access"
	"guanxi/columns"
)

// The records behind rows, from columns: the latest of each group are listed while they are counted.

func (x byColumns) opened(ctx context.Context, r *Report, of string, turn turned, level int) (*RecordPages, error) {
	var ended []string
	if of != "" && of != "ALL" {
		ended = []string{of}
	}
	return x.behind(ctx, r.snap, r.plan, level, r.groups[level], ended, true, turn)
}

func (x byColumns) cases(ctx context.Context, m *mixes, turn turned) (*RecordPages, error) {
	var ended []string
	for _, c := range m.plan.dataset.compared.of {
		ended = append(ended, c.when.in...)
	}
	return x.behind(ctx, m.snap, m.plan, len(m.plan.by), m.lines, ended, false, turn)
}

// behind gives the pages of the opportunities behind groups that are named by their first keys, those that ended so; the rest are under line 0, if
// they are asked for.
func (x byColumns) behind(ctx context.Context, snap *access.Snapshot, p *plan, level int, groups [][]string, ended []string, rest bool, turn turned) (*RecordPages, error) {
	if p.dataset.Kind != access.Opportunity {
		return nil, errLacks // parts are not told apart
	}
	of := *p
	of.by, of.components, of.at = p.by[:level], nil, map[string]int{}
	q, err := of.question(ctx, snap)
	if err != nil {
		return nil, err
	}
	q.Latest, q.LatestOf, q.Before = turn.size+1, ended, turn.after
	t, err := x.asked(ctx, snap, &of, q)
	if err != nil {
		return nil, err
	}
	lines, places := map[string][]*columns.Group{}, t.placesOf(level, groups)
	for _, g := range t.groups {
		at := places[prefix(g.Keys, level)]
		switch {
		case level == 0:
			at = []int{1}
		case at == nil && rest:
			at = []int{0}
		}
		for _, place := range at {
			line := strconv.Itoa(place)
			lines[line] = append(lines[line], g.Group)
		}
	}
	return t.turned(q, turn, lines), nil
}
