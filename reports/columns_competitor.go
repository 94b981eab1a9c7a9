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

// competitor gives whose a group is.
func (t *tallied) competitor(g *group) uuid.UUID { return uuid.MustParse(*t.axes[0].keys[g.Keys[0]]) }

// of asks the same of a side.
func (x byColumns) of(ctx context.Context, r *CompetitorReport, of side, numbers []*component, by *Dimension) (*tallied, error) {
	p := r.plan.rivals(numbers, by)
	if of == eachListed {
		p.only = r.ids()
	}
	return x.tally(ctx, r.snap, p)
}

// attributed asks for the report's opportunities by what tells whether they are attributed.
func (r *CompetitorReport) attributed(ctx context.Context) (*plan, *columns.Question, error) {
	p := *r.plan
	p.dataset, p.by, p.components, p.at = Opportunities, nil, nil, map[string]int{}
	q, err := p.question(ctx, r.snap)
	if err == nil {
		q.By = []columns.Dimension{
			columns.Known(columns.By(columns.MainCompetitor)), columns.Known(columns.By(columns.LossReason)),
			columns.Known(columns.By(columns.WonBy)), columns.LossKind,
		}
	}
	return &p, q, err
}

func (x byColumns) attribute(ctx context.Context, r *CompetitorReport) (a attribution, err error) {
	p, q, err := r.attributed(ctx)
	if err != nil {
		return a, err
	}
	q.Amounts, q.AllAmounts = true, true
	t, err := x.asked(ctx, r.snap, p, q)
	if err != nil {
		return a, err
	}
	a.sum = decimal.Zero
	for _, g := range t.groups {
		a.take(t.answer, g.Group)
	}
	return a, nil
}

// unattributed tells whether the losses of a group are.
func unattributed(a *columns.Answer, g *columns.Group) bool {
	return g.Keys[2] == 0 && a.Key(3, g.Keys[3]) != models.LossNoDecision
}

func (x byColumns) losses(ctx context.Context, r *CompetitorReport, turn turned) (*RecordPages, error) {
	p, q, err := r.attributed(ctx)
	if err != nil {
		return nil, err
	}
	q.Latest, q.LatestOf, q.Before = turn.size+1, []string{models.Lost}, turn.after
	t, err := x.asked(ctx, r.snap, p, q)
	if err != nil {
		return nil, err
	}
	var groups []*columns.Group
	for _, g := range t.groups {
		if unattributed(t.answer, g.Group) {
			groups = append(groups, g.Group)
		}
	}
	return t.turned(q, turn, map[string][]*columns.Group{lostTo: groups}), nil
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
	case unattributed(from, g):
		a.unattributed, a.counted = a.unattributed+lost.Count, a.counted+lost.Amounts
		a.sum = a.sum.Add(decimal.NewFromBigInt(lost.Amount(), -4))
	}
}

func (x byColumns) split(ctx context.Context, r *CompetitorReport, c cut) ([]piece, error) {
	t, err := x.of(ctx, r, c.of, c.numbers(r.plan), c.by)
	if err == nil {
		err = t.placeOn(ctx, r.snap, t.axes[1])
	}
	if err != nil {
		return nil, err
	}
	var list []piece
	for id, groups := range t.ofSide(r, c.of) {
		listed, others := t.cut(groups, c)
		for _, g := range listed {
			key := g.Keys[1]
			list = append(list, piece{whose: id, key: t.axes[1].keys[key], label: t.axes[1].labels[key], bout: bout{t.figures(g)}})
		}
		if len(others) > 0 {
			other := piece{whose: id, other: true, bout: bout{t.fold(others)}}
			if c.way == overTime {
				list = slices.Insert(list, len(list)-len(listed), other)
			} else {
				list = append(list, other)
			}
		}
	}
	return list, nil
}

// cut sorts the groups of one line, and gives those that are listed, in their order, and all others.
func (t *tallied) cut(groups []*group, c cut) (listed, others []*group) {
	if c.way == overTime {
		return t.newest(groups, c.first)
	}
	rank := c.rank()
	groups = slices.DeleteFunc(groups, func(g *group) bool { return t.figures(g).count(rank) == 0 })
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(t.figures(b).count(rank), t.figures(a).count(rank)), t.compareWhole(a, b, 2))
	})
	first := min(len(groups), c.first)
	return groups[:first], groups[first:]
}

// newest gives the latest of the groups by time in the order of time, with the unknown one last, and those earlier.
func (t *tallied) newest(groups []*group, first int) (listed, earlier []*group) {
	slices.SortFunc(groups, func(a, b *group) int { return t.compareRaw(a, b, 2) })
	known := len(groups)
	if known > 0 && groups[known-1].Keys[1] == 0 {
		known--
	}
	from := max(0, known-first)
	return groups[from:], groups[:from]
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

func (x byColumns) pages(ctx context.Context, c *cells, ended []string, turn turned) (*RecordPages, error) {
	p := c.rivals()
	q, err := p.question(ctx, c.report.snap)
	if err != nil {
		return nil, err
	}
	if c.of != eachListed { // what met several of them counts once
		q.Different = []columns.Dimension{columns.Each}
	}
	q.Latest, q.LatestOf, q.Before = turn.size+1, ended, turn.after
	t, err := x.asked(ctx, c.report.snap, p, q)
	if err != nil {
		return nil, err
	}
	return t.turned(q, turn, t.lines(c)), nil
}

// turned gives the pages of the latest records behind lines.
func (t *tallied) turned(q *columns.Question, turn turned, lines map[string][]*columns.Group) *RecordPages {
	pages := nobody(turn)
	statuses, behind := t.answer.Statuses(q.LatestOf), map[string]*columns.Group{}
	for line, groups := range lines {
		if all := t.answer.Fold(groups); t.answer.Sum(all, statuses).Count > 0 {
			behind[line] = all
		}
	}
	size := turn.of(len(behind))
	for line, all := range behind {
		total := t.answer.Sum(all, statuses).Count
		if q.Different != nil {
			total = t.answer.Different(0, all, statuses)
		}
		pages.take(line, total, nil, size)
		for _, id := range t.answer.Latest(all, statuses) {
			pages.take(line, total, &id, size)
		}
	}
	pages.IDs = models.SortIDs(pages.IDs)
	return pages
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
	if c.of == eachListed {
		p.only = c.report.ids()
	}
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
	for id, groups := range t.ofSide(c.report, c.of) {
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
