package reports

import (
	"context"
	"errors"

	"guanxi/access"
	"guanxi/fault"
)

// Engine answers questions on datasets. What can answer is asked in turn; the last, SQL, lacks nothing.
type Engine struct{ executors []executor }

// New makes an engine that answers by SQL.
func New() *Engine { return &Engine{executors: []executor{bySQL{}}} }

// executor answers plans, one way or another: whichever does, the answer is the same.
type executor interface {
	// list gives the lines of a plan's answer, each level's in their order.
	list(ctx context.Context, snap *access.Snapshot, p *plan) ([]line, error)
	// again gives the numbers of groups named by their keys, per level, and of all others together.
	again(ctx context.Context, snap *access.Snapshot, p *plan, groups [][][]string) (map[spot]figures, error)
	// count gives how many facts a plan is over.
	count(ctx context.Context, snap *access.Snapshot, p *plan) (int, error)
	// opened gives the pages of the records behind a report's rows of one level, all or those of one part.
	opened(ctx context.Context, r *Report, of string, t turned, level int) (*RecordPages, error)
	// cases gives the pages of the records behind warnings of mix.
	cases(ctx context.Context, m *mixes, t turned) (*RecordPages, error)
	// scores gives how the groups of a plan's first dimension that have the given keys score within the second.
	scores(ctx context.Context, snap *access.Snapshot, p *plan, keys []string) ([]scored, error)

	competitive
}

// errLacks is what an executor answers that lacks something of a plan.
var errLacks = errors.New("reports: this executor lacks what is asked")

// spot is where a line stands: its level is how many dimensions it is keyed by, all in a row, fewer in a subtotal, none in
// the total; in its level it has a place from 1. Place 0 is all that was left out.
type spot struct{ level, place int }

var total = spot{0, 1}

// line is one group's keys, the names of the records they stand for, and its numbers.
type line struct {
	spot
	keys, labels []*string
	figures      figures
}

// Run answers a question on what the snapshot's viewer sees of a dataset, in one statement, or two with a comparison. Parts
// asked later read the same snapshot.
func (e *Engine) Run(ctx context.Context, snap *access.Snapshot, d *Dataset, ask Ask) (*Report, error) {
	p, err := check(d, snap.Viewer, ask, fault.Language(ctx))
	if err != nil {
		return nil, err
	}
	previous, err := p.before()
	if err != nil {
		return nil, err
	}
	r := p.report(snap)
	r.engine, r.Definition.engine = e, e
	lines, err := e.list(ctx, snap, p)
	if err != nil {
		return nil, err
	}
	r.take(lines)
	if previous != nil {
		err = r.compare(ctx, e, previous)
	}
	return r, err
}

func (e *Engine) list(ctx context.Context, snap *access.Snapshot, p *plan) ([]line, error) {
	return answered(e, func(x executor) ([]line, error) { return x.list(ctx, snap, p) })
}

func (e *Engine) again(ctx context.Context, snap *access.Snapshot, p *plan, groups [][][]string) (map[spot]figures, error) {
	return answered(e, func(x executor) (map[spot]figures, error) { return x.again(ctx, snap, p, groups) })
}

// answered gives what the first executor answers that lacks nothing.
func answered[T any](e *Engine, ask func(executor) (T, error)) (found T, err error) {
	for _, x := range e.executors {
		if found, err = ask(x); !errors.Is(err, errLacks) {
			return found, err
		}
	}
	return found, err
}

// bySQL answers by one statement on the records.
type bySQL struct{}

func (bySQL) list(ctx context.Context, snap *access.Snapshot, p *plan) ([]line, error) {
	s := p.statement()
	text, err := s.listed()
	if err != nil {
		return nil, err
	}
	var lines []line
	err = snap.Run(ctx, s.q, text, func(row access.Row) error {
		l := line{figures: p.figures(), keys: make([]*string, len(p.by)), labels: make([]*string, len(p.by))}
		into := []any{&l.level, &l.place}
		for i := range p.by {
			into = append(into, &l.keys[i], &l.labels[i])
		}
		if err := row.Scan(append(into, l.figures.places()...)...); err != nil {
			return err
		}
		l.keys, l.labels = l.keys[:l.level], l.labels[:l.level]
		lines = append(lines, l)
		return nil
	})
	if err == nil && slicesCount(lines, len(p.by)) > maxRows {
		err = tooManySubtotals()
	}
	return lines, err
}

// slicesCount tells how many lines are subtotals.
func slicesCount(lines []line, full int) int {
	n := 0
	for _, l := range lines {
		if l.level > 0 && l.level < full {
			n++
		}
	}
	return n
}

func tooManySubtotals() error {
	return fault.Deny(fault.LimitExceeded, fault.Say("There are more than %d subtotals: name the dimensions with fewer values first.", "小计超过 %d 个：请把取值较少的维度放在前面。", maxRows)).At("by")
}

func (bySQL) again(ctx context.Context, snap *access.Snapshot, p *plan, groups [][][]string) (map[spot]figures, error) {
	s := p.statement()
	text, err := s.again(groups)
	if err != nil {
		return nil, err
	}
	found := map[spot]figures{}
	err = snap.Run(ctx, s.q, text, func(row access.Row) error {
		var at spot
		f := p.figures()
		if err := row.Scan(append([]any{&at.level, &at.place}, f.places()...)...); err != nil {
			return err
		}
		found[at] = f
		return nil
	})
	return found, err
}
