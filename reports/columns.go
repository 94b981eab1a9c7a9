package reports

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"guanxi/access"
	"guanxi/columns"
	"guanxi/models"
)

// WithColumns makes an engine that answers from columns in memory what they hold, and everything else by SQL.
func WithColumns(store *columns.Store) *Engine {
	return &Engine{executors: []executor{byColumns{store}, bySQL{}}}
}

// byColumns answers from columns: they count, by keys and status; what is chosen, sorted and folded is done here, and the
// names of records are read by SQL in the same snapshot.
type byColumns struct{ store *columns.Store }

// tallied is a plan's groups as columns counted them.
type tallied struct {
	*plan
	view   *columns.View
	answer *columns.Answer
	groups []*group
	axes   []*axis
	counts []counting
}

// group is one combination of keys, by their numbers in each dimension, 0 for unknown.
type group struct {
	*columns.Group
	known figures     // those that were asked for
	sorts []comparand // what it is sorted by, for each key that is a measure
}

// counting is how a component is computed: over some statuses, or of the facts with a key.
type counting struct {
	*component
	statuses []int
	key      int // -1 for none

	different int // of which dimension of the question the different values are counted
	known     int // the same where the known ones are
}

func (x byColumns) list(ctx context.Context, snap *access.Snapshot, p *plan) ([]line, error) {
	if !p.sortable() {
		return nil, errLacks
	}
	t, err := x.tally(ctx, snap, p)
	if err != nil {
		return nil, err
	}
	if len(p.by) == 0 {
		return []line{{spot: total, figures: t.fold(t.groups)}}, nil
	}
	if err := t.place(ctx, snap); err != nil {
		return nil, err
	}
	listed, others := t.chosen()
	lines := make([]line, 0, len(listed)+2)
	if len(others) > 0 {
		lines = append(lines, line{spot: spot{len(p.by), 0}, figures: t.fold(others)})
	}
	for i, g := range listed {
		lines = append(lines, t.line(spot{len(p.by), i + 1}, g))
	}
	for level := len(p.by) - 1; p.Subtotals && level > 0; level-- {
		lines = append(lines, t.subtotals(level)...)
	}
	if slicesCount(lines, len(p.by)) > maxRows {
		return nil, tooManySubtotals()
	}
	return append(lines, line{spot: total, figures: t.fold(t.groups)}), nil
}

func (x byColumns) again(ctx context.Context, snap *access.Snapshot, p *plan, groups [][][]string) (map[spot]figures, error) {
	t, err := x.tally(ctx, snap, p)
	if err != nil {
		return nil, err
	}
	found := map[spot]figures{}
	for level, list := range groups {
		if level > 0 && list == nil {
			continue
		}
		behind := map[int][]*group{}
		places := t.placesOf(level, list)
		for _, g := range t.groups {
			at := places[prefix(g.Keys, level)]
			switch {
			case level == 0:
				at = []int{1}
			case at == nil:
				at = []int{0}
			}
			for _, place := range at {
				behind[place] = append(behind[place], g)
			}
		}
		for place, list := range behind {
			found[spot{level, place}] = t.fold(list)
		}
	}
	return found, nil
}

func (x byColumns) count(ctx context.Context, snap *access.Snapshot, p *plan) (int, error) {
	t, err := x.tally(ctx, snap, p)
	if err != nil {
		return 0, err
	}
	return t.answer.Sum(t.answer.Fold(t.answer.Groups), t.answer.Statuses(nil)).Count, nil
}

// placesOf finds groups that are named by their first keys: at which places of the list each stands.
func (t *tallied) placesOf(level int, list [][]string) map[[maxDimensions]uint32][]int {
	places := map[[maxDimensions]uint32][]int{}
	for i, keys := range list {
		var name [maxDimensions]uint32
		has := true
		for dim, key := range keys[:level] {
			if key != "" {
				name[dim] = t.axes[dim].numbered(key)
				has = has && name[dim] != 0
			}
		}
		if has {
			places[name] = append(places[name], i+1)
		}
	}
	return places
}

// prefix gives the first keys alone.
func prefix(keys []uint32, level int) (first [maxDimensions]uint32) {
	copy(first[:level], keys)
	return first
}

// tally asks the columns; errLacks when they cannot answer.
func (x byColumns) tally(ctx context.Context, snap *access.Snapshot, p *plan) (*tallied, error) {
	q, err := p.question(ctx, snap)
	if err != nil {
		return nil, err
	}
	return x.asked(ctx, snap, p, q)
}

// asked puts a plan's question to the columns.
func (x byColumns) asked(ctx context.Context, snap *access.Snapshot, p *plan, q *columns.Question) (*tallied, error) {
	view, err := x.store.Look(ctx, snap)
	if err == nil {
		var answer *columns.Answer
		if answer, err = view.Ask(q); err == nil {
			x.store.Count(true)
			return p.tallied(view, answer), nil
		}
	}
	if errors.Is(err, columns.ErrLacks) {
		x.store.Count(false)
		err = errLacks
	}
	return nil, err
}

// question puts the plan to columns, as far as they know what it asks.
func (p *plan) question(ctx context.Context, snap *access.Snapshot) (*columns.Question, error) {
	q := &columns.Question{Met: p.dataset == Competition || p.dataset == Encounters}
	if p.dataset != Opportunities && !q.Met || p.AsOf != nil || p.calendar.zone != p.viewer.Zone().String() {
		return nil, errLacks
	}
	for _, d := range p.by {
		dimension, knows := p.columnar(d)
		if !knows {
			return nil, errLacks
		}
		q.By = append(q.By, dimension)
	}
	for _, c := range p.components {
		if !p.countable(c, q) {
			return nil, errLacks
		}
	}
	for _, name := range differing(p.components) {
		q.Different = append(q.Different, columnarDifferent[name])
	}
	for _, name := range knowing(p.components) {
		q.Knowing = append(q.Knowing, columnarKnown[name])
	}
	if p.Period.given() || p.timeless {
		clock, knows := columnarClocks[p.clock.Column]
		if !knows {
			return nil, errLacks
		}
		q.Clock, q.Never = clock, p.timeless
		if !q.Never {
			q.From, q.Until = dayNumber(p.Period.From), dayNumber(p.Period.Until)
		}
	}
	var err error
	q.Where, err = p.filter.of(ctx, snap, p)
	return q, err
}

// dayNumber counts a day from 1970.
func dayNumber(day *models.Date) *int32 {
	if day == nil {
		return nil
	}
	n := int32(math.Floor(float64(day.Time().Unix()) / (24 * 60 * 60)))
	return &n
}

// tallied computes the components of each group.
func (p *plan) tallied(view *columns.View, a *columns.Answer) *tallied {
	t := &tallied{plan: p, view: view, answer: a, axes: make([]*axis, len(p.by))}
	for _, c := range p.components {
		n := counting{component: c, key: -1, statuses: a.Statuses(c.when.in), different: slices.Index(differing(p.components), c.of), known: slices.Index(knowing(p.components), c.of)}
		if strings.HasPrefix(c.of, "k") {
			n.key = int(c.of[1] - '1')
		}
		t.counts = append(t.counts, n)
	}
	counted := t.wanted()
	t.groups = make([]*group, len(counted))
	for i, g := range counted {
		t.groups[i] = &group{Group: g}
	}
	for dim := range t.axes {
		t.axes[dim] = t.axis(dim)
	}
	return t
}

// wanted lists the groups that are asked of.
func (t *tallied) wanted() []*columns.Group {
	if t.only == nil {
		return t.answer.Groups
	}
	keys, numbers := make(map[string]bool, len(t.only)), make([]bool, t.answer.Size(0))
	for _, id := range t.only {
		keys[id.String()] = true
	}
	for n := 1; n < len(numbers); n++ {
		numbers[n] = keys[t.answer.Key(0, uint32(n))]
	}
	var list []*columns.Group
	for _, g := range t.answer.Groups {
		if numbers[g.Keys[0]] {
			list = append(list, g)
		}
	}
	return list
}

// figuresOf computes the components of a group.
func (t *tallied) figuresOf(g *columns.Group) figures {
	f := t.plan.figures()
	for i, c := range t.counts {
		if one, is := t.ofValues(c, g); is {
			f.list[i] = one
			continue
		}
		f.list[i] = c.columnar(t.answer.Sum(g, c.statuses))
	}
	return f
}

// figures gives the components of a group; most groups of a long list are never asked.
func (t *tallied) figures(g *group) figures {
	if g.known.list != nil {
		return g.known
	}
	g.known = t.figuresOf(g.Group)
	for i, c := range t.counts {
		if c.key >= 0 && g.Keys[c.key] == 0 {
			g.known.list[i].n = 0
		}
	}
	return g.known
}

// fold adds groups up.
func (t *tallied) fold(groups []*group) figures {
	list := make([]*columns.Group, len(groups))
	for i, g := range groups {
		list[i] = g.Group
	}
	sum := t.figuresOf(t.answer.Fold(list))
	for i, c := range t.counts {
		if c.key < 0 {
			continue
		}
		sum.list[i].n = 0
		for _, g := range groups {
			if g.Keys[c.key] != 0 {
				sum.list[i].n += t.answer.Sum(g.Group, c.statuses).Count
			}
		}
	}
	return sum
}

// line gives a group's line.
func (t *tallied) line(at spot, g *group) line {
	l := line{spot: at, keys: make([]*string, at.level), labels: make([]*string, at.level), figures: t.figures(g)}
	for dim, key := range g.Keys[:at.level] {
		l.keys[dim], l.labels[dim] = t.axes[dim].keys[key], t.axes[dim].labels[key]
	}
	return l
}

// chosen sorts the groups that having keeps, and gives the first of them and all others.
func (t *tallied) chosen() (listed, others []*group) {
	for _, g := range t.groups {
		if t.having.holds(t.figures(g)) == columns.Yes {
			listed = append(listed, g)
		} else {
			others = append(others, g)
		}
	}
	t.prepare(listed)
	slices.SortFunc(listed, t.compare)
	first := min(len(listed), t.First)
	return listed[:first], append(others, listed[first:]...)
}

// subtotals folds the groups by their first keys, in the order of these.
func (t *tallied) subtotals(level int) []line {
	behind := map[[maxDimensions]uint32][]*group{}
	for _, g := range t.groups {
		name := prefix(g.Keys, level)
		behind[name] = append(behind[name], g)
	}
	list := make([][]*group, 0, len(behind))
	for _, groups := range behind {
		list = append(list, groups)
	}
	slices.SortFunc(list, func(a, b []*group) int { return t.compareWhole(a[0], b[0], level) })
	lines := make([]line, min(len(list), maxRows+1))
	for i := range lines {
		lines[i] = t.line(spot{level, i + 1}, &group{Group: list[i][0].Group, known: t.fold(list[i])})
	}
	return lines
}
