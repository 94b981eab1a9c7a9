package reports

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

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
	groups []*group
}

// group is one combination of keys: as text, nil for unknown, with the names and the places of the records among their like.
type group struct {
	keys, labels []*string
	places       []int // from 1; 0 for none
	figures      figures
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
	if err := t.name(ctx, snap); err != nil {
		return nil, err
	}
	listed, others := t.chosen()
	lines := make([]line, 0, len(listed)+2)
	if len(others) > 0 {
		lines = append(lines, line{spot: spot{len(p.by), 0}, figures: t.fold(others)})
	}
	for i, g := range listed {
		lines = append(lines, line{spot{len(p.by), i + 1}, g.keys, g.labels, g.figures})
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
	add := func(at spot, g *group) {
		sum, has := found[at]
		if !has {
			sum = p.figures()
			found[at] = sum
		}
		sum.add(g.figures)
	}
	for level, list := range groups {
		if level > 0 && list == nil {
			continue
		}
		places := map[string][]int{}
		for i, keys := range list {
			name := strings.Join(keys[:level], "\x00")
			places[name] = append(places[name], i+1)
		}
		for _, g := range t.groups {
			at := places[strings.Join(known(g.keys[:level]), "\x00")]
			switch {
			case level == 0:
				at = []int{1}
			case at == nil:
				at = []int{0}
			}
			for _, place := range at {
				add(spot{level, place}, g)
			}
		}
	}
	return found, nil
}

// tally asks the columns; errLacks when they cannot answer.
func (x byColumns) tally(ctx context.Context, snap *access.Snapshot, p *plan) (*tallied, error) {
	q, err := p.question()
	if err != nil {
		return nil, err
	}
	view, err := x.store.Look(ctx, snap)
	if err == nil {
		var answer *columns.Answer
		if answer, err = view.Ask(q); err == nil {
			x.store.Count(true)
			return p.tallied(answer), nil
		}
	}
	if errors.Is(err, columns.ErrLacks) {
		x.store.Count(false)
		err = errLacks
	}
	return nil, err
}

// question puts the plan to columns, as far as they know what it asks.
func (p *plan) question() (*columns.Question, error) {
	q := &columns.Question{}
	if p.dataset != Opportunities || p.AsOf != nil || p.calendar.zone != p.viewer.Zone().String() || p.viewer.Anonymous() {
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
	if p.Period.given() {
		q.Clock = columnarClocks[p.clock.Column]
		q.From, q.Until = dayNumber(p.Period.From), dayNumber(p.Period.Until)
		if q.Clock == nil {
			return nil, errLacks
		}
	}
	var err error
	q.Where, err = p.columnarWhere()
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
func (p *plan) tallied(a *columns.Answer) *tallied {
	t := &tallied{plan: p, groups: make([]*group, len(a.Groups))}
	for i, counted := range a.Groups {
		g := &group{keys: make([]*string, len(p.by)), labels: make([]*string, len(p.by)), places: make([]int, len(p.by)), figures: p.figures()}
		for j := range p.by {
			if key, known := a.Key(counted, j); known {
				g.keys[j] = &key
			}
		}
		for j, c := range p.components {
			g.figures.list[j] = c.columnar(counted)
		}
		t.groups[i] = g
	}
	return t
}

// fold adds groups up.
func (t *tallied) fold(groups []*group) figures {
	sum := t.plan.figures()
	for _, g := range groups {
		sum.add(g.figures)
	}
	return sum
}

// add adds the numbers of another line, which adds up.
func (f figures) add(other figures) {
	for i := range f.list {
		f.list[i].n += other.list[i].n
		if other.list[i].d.Valid {
			f.list[i].d = decimal.NewNullDecimal(f.list[i].d.Decimal.Add(other.list[i].d.Decimal))
		}
	}
}

// mostNamed is how many records are named; a report with more is left to SQL.
const mostNamed = 20_000

// name reads the names of the records that keys stand for, and their order.
func (t *tallied) name(ctx context.Context, snap *access.Snapshot) error {
	for i, d := range t.by {
		if d.Type != RecordKeys {
			continue
		}
		called := map[string][]*group{}
		for _, g := range t.groups {
			if g.keys[i] != nil {
				called[*g.keys[i]] = append(called[*g.keys[i]], g)
			}
		}
		if len(called) > mostNamed {
			return errLacks
		}
		if err := t.nameOne(ctx, snap, i, d, called); err != nil {
			return err
		}
	}
	return nil
}

func (t *tallied) nameOne(ctx context.Context, snap *access.Snapshot, i int, d *Dimension, called map[string][]*group) error {
	ids := make([]string, 0, len(called))
	for id := range called {
		ids = append(ids, id)
	}
	q := snap.Viewer.Query()
	label := names(d.Of, "l", t.language)
	place := label + ` collate "zh-x-icu"`
	if d.Place != "" {
		place = "l." + d.Place
	}
	text := "select l.id::text, " + label + ", dense_rank() over (order by " + place + ") from " + q.Visible(d.Of, "l") + " where l.id = any(" + q.Bind(ids) + "::uuid[])"
	return snap.Run(ctx, q, text, func(row access.Row) error {
		var id string
		var name *string
		var place int
		err := row.Scan(&id, &name, &place)
		for _, g := range called[id] {
			g.labels[i], g.places[i] = name, place
		}
		return err
	})
}

// chosen sorts the groups that having keeps, and gives the first of them and all others.
func (t *tallied) chosen() (listed, others []*group) {
	for _, g := range t.groups {
		if t.having.holds(g.figures) == columns.Yes {
			listed = append(listed, g)
		} else {
			others = append(others, g)
		}
	}
	slices.SortFunc(listed, t.compare)
	first := min(len(listed), t.First)
	return listed[:first], append(others, listed[first:]...)
}

// subtotals folds the groups by their first keys, in the order of these.
func (t *tallied) subtotals(level int) []line {
	byName := map[string]*group{}
	var list []*group
	for _, g := range t.groups {
		name := strings.Join(known(g.keys[:level]), "\x00")
		sum := byName[name]
		if sum == nil {
			sum = &group{keys: g.keys[:level], labels: g.labels[:level], places: g.places[:level], figures: t.plan.figures()}
			byName[name], list = sum, append(list, sum)
		}
		sum.figures.add(g.figures)
	}
	slices.SortFunc(list, func(a, b *group) int { return cmp.Or(t.compareKeys(a, b, level, false), t.compareRaw(a, b)) })
	lines := make([]line, min(len(list), maxRows+1))
	for i := range lines {
		lines[i] = line{spot{level, i + 1}, list[i].keys, list[i].labels, list[i].figures}
	}
	return lines
}
