package reports

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/columns"
	"guanxi/models"
)

// Answering what is asked of competitors from columns, which count encounters by competitor and outcome.

// winnerKey tells who won an opportunity; only columns group by it.
var winnerKey = &Dimension{Name: "WON_BY", Type: RecordKeys, Key: "o.won_by_id", Of: access.Competitor}

// against asks for some numbers by competitor and further dimensions.
func (x byColumns) against(ctx context.Context, r *CompetitorReport, numbers []*component, by ...*Dimension) (*tallied, error) {
	return x.tally(ctx, r.snap, r.plan.rivals(numbers, by...))
}

// againstRows asks the same of the report's competitors alone.
func (x byColumns) againstRows(ctx context.Context, r *CompetitorReport, numbers []*component, by ...*Dimension) (*tallied, error) {
	p := r.plan.rivals(numbers, by...)
	p.only = r.ids()
	return x.tally(ctx, r.snap, p)
}

// rivals gives the plan of the same report for some numbers by competitor and further dimensions.
func (p *plan) rivals(numbers []*component, by ...*Dimension) *plan {
	of := *p
	of.by, of.components, of.at = append([]*Dimension{competitorKey}, by...), nil, map[string]int{}
	of.need(numbers...)
	return &of
}

// competitor gives whose a group is.
func (t *tallied) competitor(g *group) uuid.UUID { return uuid.MustParse(*t.axes[0].keys[g.Keys[0]]) }

// ofRows gives the groups of the report's competitors.
func (t *tallied) ofRows(r *CompetitorReport) map[uuid.UUID][]*group {
	found := make(map[uuid.UUID][]*group, len(r.Rows))
	for _, id := range r.ids() {
		found[id] = nil
	}
	for _, g := range t.groups {
		id := t.competitor(g)
		if _, has := found[id]; has {
			found[id] = append(found[id], g)
		}
	}
	return found
}

func (x byColumns) meet(ctx context.Context, r *CompetitorReport) ([]*CompetitorReportRow, error) {
	t, err := x.against(ctx, r, r.plan.components)
	if err != nil {
		return nil, err
	}
	rows := make([]*CompetitorReportRow, len(t.groups))
	for i, g := range t.groups {
		rows[i] = r.row(t.competitor(g), bout{t.figures(g)})
	}
	return rows, nil
}

func (x byColumns) attribute(ctx context.Context, r *CompetitorReport) (a attribution, err error) {
	p := *r.plan
	p.dataset, p.by, p.components, p.at = Opportunities, nil, nil, map[string]int{}
	q, err := p.question(ctx, r.snap)
	if err != nil {
		return a, err
	}
	q.By = []columns.Dimension{
		columns.Known(columns.By(columns.MainCompetitor)), columns.Known(columns.By(columns.LossReason)),
		columns.Known(columns.By(columns.WonBy)), columns.LossKind,
	}
	q.Amounts, q.AllAmounts = true, true
	t, err := x.asked(ctx, r.snap, &p, q)
	if err != nil {
		return a, err
	}
	a.sum = decimal.Zero
	for _, g := range t.groups {
		a.take(t.answer, g.Group)
	}
	return a, nil
}

// take adds the opportunities that are alike in whether a competitor is known, a reason and a winner, and in the kind of loss.
func (a *attribution) take(from *columns.Answer, g *columns.Group) {
	all, lost := from.Sum(g, from.Statuses([]string{models.Open, models.Won, models.Lost})), from.Sum(g, from.Statuses([]string{models.Lost}))
	a.all, a.amounts, a.lost = a.all+all.Count, a.amounts+all.Amounts, a.lost+lost.Count
	if g.Keys[0] != 0 {
		a.met += all.Count
	}
	if g.Keys[1] != 0 {
		a.explained += lost.Count
	}
	switch {
	case g.Keys[2] != 0:
		a.attributed += lost.Count
	case from.Key(3, g.Keys[3]) != models.LossNoDecision:
		a.unattributed, a.counted = a.unattributed+lost.Count, a.counted+lost.Amounts
		a.sum = a.sum.Add(decimal.NewFromBigInt(lost.Amount(), -4))
	}
}

func (x byColumns) split(ctx context.Context, r *CompetitorReport, d *Dimension, first int, trend bool) ([]piece, error) {
	t, err := x.againstRows(ctx, r, r.plan.components, d)
	if err == nil {
		err = t.placeOn(ctx, r.snap, t.axes[1])
	}
	if err != nil {
		return nil, err
	}
	var list []piece
	for id, groups := range t.ofRows(r) {
		listed, others := t.strongest(groups, first)
		if trend {
			listed, others = t.newest(groups, first), nil
		}
		for _, g := range listed {
			key := g.Keys[1]
			list = append(list, piece{competitor: id, key: t.axes[1].keys[key], label: t.axes[1].labels[key], bout: bout{t.figures(g)}})
		}
		if len(others) > 0 {
			list = append(list, piece{competitor: id, other: true, bout: bout{t.fold(others)}})
		}
	}
	return list, nil
}

// strongest sorts a competitor's groups, those with the most encounters first, and gives the first of them and all others.
func (t *tallied) strongest(groups []*group, first int) (listed, others []*group) {
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(t.figures(b).count(all), t.figures(a).count(all)), t.compareWhole(a, b, 2))
	})
	first = min(len(groups), first)
	return groups[:first], groups[first:]
}

// newest gives the latest of a competitor's groups by time, in the order of time, the unknown one last, and first to be left out.
func (t *tallied) newest(groups []*group, first int) []*group {
	slices.SortFunc(groups, func(a, b *group) int { return t.compareRaw(a, b, 2) })
	known := len(groups)
	if known > 0 && groups[known-1].Keys[1] == 0 {
		known--
	}
	if known >= first {
		return groups[known-first : known]
	}
	return groups
}

func (x byColumns) reasons(ctx context.Context, r *CompetitorReport) ([]reasoned, error) {
	reason, _ := Competition.Dimension("LOSS_REASON")
	t, err := x.againstRows(ctx, r, []*component{theyWon}, reason)
	if err != nil {
		return nil, err
	}
	var list []reasoned
	for id, groups := range t.ofRows(r) {
		slices.SortFunc(groups, func(a, b *group) int {
			return cmp.Or(cmp.Compare(t.figures(b).count(theyWon), t.figures(a).count(theyWon)), t.compareRaw(a, b, 2))
		})
		for _, g := range groups {
			if count := t.figures(g).count(theyWon); count > 0 {
				list = append(list, reasoned{id, t.id(1, g), count})
			}
		}
	}
	return list, nil
}

// id gives a group's key of a dimension of records; nil for unknown.
func (t *tallied) id(dim int, g *group) *uuid.UUID {
	if g.Keys[dim] == 0 {
		return nil
	}
	id := uuid.MustParse(*t.axes[dim].keys[g.Keys[dim]])
	return &id
}

func (x byColumns) games(ctx context.Context, r *CompetitorReport) ([]game, error) {
	t, err := x.against(ctx, r, []*component{weWon, theyWon, otherWon}, winnerKey)
	if err != nil {
		return nil, err
	}
	var list []game
	for _, g := range t.groups {
		met, winner := t.id(0, g), t.id(1, g)
		for _, one := range []game{{nil, met, t.figures(g).count(weWon)}, {winner, nil, t.figures(g).count(theyWon)}, {winner, met, t.figures(g).count(otherWon)}} {
			if one.times > 0 {
				list = append(list, one)
			}
		}
	}
	return list, nil
}

func (x byColumns) pages(ctx context.Context, c *cells, ended string, turn turned) (*RecordPages, error) {
	p := c.rivals()
	q, err := p.question(ctx, c.report.snap)
	if err != nil {
		return nil, err
	}
	q.Latest, q.Before = turn.size+1, turn.after
	if ended != "" {
		q.LatestOf = []string{ended}
	}
	t, err := x.asked(ctx, c.report.snap, p, q)
	if err != nil {
		return nil, err
	}
	pages := nobody(turn)
	statuses, behind := t.answer.Statuses(q.LatestOf), map[string]*columns.Group{}
	for line, groups := range t.lines(c) {
		if all := t.answer.Fold(groups); t.answer.Sum(all, statuses).Count > 0 {
			behind[line] = all
		}
	}
	size := turn.of(len(behind))
	for line, all := range behind {
		total := t.answer.Sum(all, statuses).Count
		pages.take(line, total, nil, size)
		for _, id := range t.answer.Latest(all, statuses) {
			pages.take(line, total, &id, size)
		}
	}
	pages.IDs = models.SortIDs(pages.IDs)
	return pages, nil
}

func (x byColumns) gaps(ctx context.Context, c *cells) (map[string]*PriceGap, error) {
	t, err := x.tally(ctx, c.report.snap, c.rivals(append(priceGap.components(), all)...))
	if err != nil {
		return nil, err
	}
	found := map[string]*PriceGap{}
	for line, groups := range t.lines(c) {
		if len(groups) > 0 {
			found[line] = priceGap.value(t.figuresOf(t.answer.Fold(groups))).(*PriceGap)
		}
	}
	return found, nil
}

// rivals gives the plan for some numbers of the cells.
func (c *cells) rivals(numbers ...*component) *plan {
	p := c.report.plan.rivals(numbers)
	p.only = c.report.ids()
	if c.by != nil {
		p.by = append(p.by, c.by)
	}
	return p
}

// lines gives the groups behind each line of some cells.
func (t *tallied) lines(c *cells) map[string][]*columns.Group {
	places := make(map[cell]string, len(c.list))
	for i, one := range c.list {
		places[one] = lineOf(i)
	}
	found := map[string][]*columns.Group{}
	for id, groups := range t.ofRows(c.report) {
		for _, g := range groups {
			line := id.String()
			if c.by != nil {
				key := ""
				if g.Keys[1] != 0 {
					key = *t.axes[1].keys[g.Keys[1]]
				}
				line = cmp.Or(places[cell{id, key}], line)
			}
			found[line] = append(found[line], g.Group)
		}
	}
	return found
}

func (x byColumns) scores(ctx context.Context, snap *access.Snapshot, p *plan, keys []string) ([]scored, error) {
	if kind := p.by[0].Type; kind != RecordKeys && kind != TimeKeys {
		return nil, errLacks // texts that a database may sort otherwise
	}
	t, err := x.tally(ctx, snap, p)
	if err == nil {
		err = t.place(ctx, snap)
	}
	if err != nil {
		return nil, err
	}
	return t.scored(keys), nil
}

// scored lists the scores of the rows with the most cases in the strata where at least two of them have enough.
func (t *tallied) scored(keys []string) []scored {
	overall := map[uint32]score{}
	for _, g := range t.groups {
		if key := g.Keys[0]; key != 0 && slices.Contains(keys, *t.axes[0].keys[key]) {
			here := t.score(g)
			overall[key] = score{overall[key].hits + here.hits, overall[key].cases + here.cases}
		}
	}
	name := func(dim int, key uint32) string { return *t.axes[dim].keys[key] }
	rows := slices.SortedFunc(maps.Keys(overall), func(a, b uint32) int {
		return cmp.Or(cmp.Compare(overall[b].cases, overall[a].cases), cmp.Compare(name(0, a), name(0, b)))
	})
	rows = rows[:min(len(rows), maxCompared)]
	sides := map[uint32]int{}
	shared := slices.DeleteFunc(slices.Clone(t.groups), func(g *group) bool {
		return g.Keys[1] == 0 || !slices.Contains(rows, g.Keys[0]) || t.score(g).cases < t.enough()
	})
	for _, g := range shared {
		sides[g.Keys[1]]++
	}
	slices.SortFunc(shared, func(a, b *group) int { return t.compareRaw(a, b, 2) })
	var list []scored
	for _, g := range shared {
		if sides[g.Keys[1]] > 1 {
			list = append(list, scored{
				key: name(0, g.Keys[0]), label: t.axes[0].labels[g.Keys[0]], stratum: name(1, g.Keys[1]), stratumLabel: t.axes[1].labels[g.Keys[1]],
				here: t.score(g), overall: overall[g.Keys[0]],
			})
		}
	}
	return list
}

// score gives the score of a group by the dataset's own rate.
func (t *tallied) score(g *group) score {
	rate := t.dataset.compared
	s := score{hits: t.figures(g).count(rate.hits)}
	for _, c := range rate.of {
		s.cases += t.figures(g).count(c)
	}
	return s
}
