package plan

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// batch is the objects that stand at one place of the selection, of one type, and what has been read of them.
type batch struct {
	*selection
	rows    []any
	columns []*column // by the fields that are read
}

// column is what a field gives for the objects of a batch.
type column struct {
	Rows
	ends  []int  // for each object: where its entries end, in items or Text
	nulls []bool // whether its list is null; none when no list is

	below   []below
	single  *batch
	rows    []int32 // for each item its row in its batch, -1 for null; nil when they are the same
	batches []*batch
	arrived atomic.Int32 // of a field that is begun before its record is found: the one, and the other
	err     error        // the former's
}

type below struct {
	*batch
	row int32
}

// run is one execution of a plan.
type run struct {
	*Plan
	ctx    context.Context
	op     *graphql.OperationContext
	tasks  *access.Gathering
	failed atomic.Pointer[failure] // why the plan is given up

	mu    sync.Mutex
	begun []*ahead
}

// failure is why a plan is given up: an error, a null where none may be, or what a part of it panicked with.
type failure struct{ cause any }

func (r *run) giveUp(cause any) {
	if r.failed.CompareAndSwap(nil, &failure{cause}) {
		r.tasks.CallOff()
	}
}

func (r *run) over() bool { return r.failed.Load() != nil }

var (
	errNull    = errors.New("null where the schema has none")
	errUnknown = errors.New("an object of another type than the schema has here")
)

// read carries out a plan, and tells why it had to be given up, if it had to.
func (p *Plan) read(ctx context.Context, snap *access.Snapshot, op *graphql.OperationContext) (*batch, *failure) {
	r := &run{Plan: p, ctx: ctx, op: op}
	root := &batch{selection: p.root, rows: []any{nil}}
	snap.Gather(ctx, func(g *access.Gathering) {
		r.tasks = g
		r.guarded(func() { r.roots(root) })
	})
	for _, a := range r.begun {
		a.drop()
	}
	return root, r.failed.Load()
}

// guarded does a part of the work, and gives the plan up when the part breaks down.
func (r *run) guarded(do func()) {
	defer func() {
		if cause := recover(); cause != nil {
			r.giveUp(cause)
		}
	}()
	if !r.over() {
		do()
	}
}

// begin does something in a task of its own.
func (r *run) begin(do func()) { r.tasks.Go(func() { r.guarded(do) }) }

// roots begins to read the root fields.
func (r *run) roots(b *batch) {
	b.columns = columnsFor(b.selection)
	for _, f := range b.selection.read {
		r.begin(func() { r.root(f, b.columns[f.column]) })
	}
}

func columnsFor(s *selection) []*column {
	all, list := make([]column, len(s.read)), make([]*column, len(s.read))
	for i := range all {
		list[i] = &all[i]
	}
	return list
}

// root reads a root field and what is below it. Of a record that is found by its id, fields that need no more are begun at
// the same time.
func (r *run) root(f *field, c *column) {
	ctx := graphql.WithFieldContext(r.ctx, &graphql.FieldContext{Object: r.Plan.root.of.Name, Field: f.collected, IsMethod: true, IsResolver: true})
	args, err := f.arguments(ctx, r.op)
	if err != nil {
		r.giveUp(err)
		return
	}
	graphql.GetFieldContext(ctx).Args = args
	var early *ahead
	_, err = f.guarded(ctx, func(ctx context.Context) (any, error) {
		if len(f.early) > 0 {
			early = r.ahead(f, args["id"].(uuid.UUID))
		}
		return nil, f.Read(models.WithSelected(ctx, f.below), nil, args, &c.Rows)
	})
	if err == nil {
		err = c.close(f)
	}
	if err != nil {
		r.giveUp(err)
		return
	}
	if early != nil && c.items[0] == nil {
		early.drop()
		return
	}
	r.below(f, c, early)
}

func (f *field) guarded(ctx context.Context, next graphql.Resolver) (any, error) {
	if f.Guard == nil {
		return next(ctx)
	}
	return f.Guard(ctx, next)
}

func (f *field) arguments(ctx context.Context, op *graphql.OperationContext) (map[string]any, error) {
	if f.Args == nil {
		return nil, nil
	}
	return f.Args(ctx, f.collected.ArgumentMap(op.Variables))
}

// ahead is what is read of a record while it is still looked for. When there is none, it is dropped, and reads nothing more
// than it has begun with: to look for a hidden record takes as much as for one that was never issued.
type ahead struct {
	*batch
	ctx  context.Context
	drop context.CancelFunc
}

// ahead begins to read, of a record that is looked for, what needs its id alone.
func (r *run) ahead(f *field, id uuid.UUID) *ahead {
	record := f.Bare(id).(models.Keyed)
	models.NewBatch([]models.Keyed{record})
	a := &ahead{batch: &batch{selection: f.single, rows: []any{record}, columns: columnsFor(f.single)}}
	a.ctx, a.drop = context.WithCancel(r.ctx)
	r.early(a)
	for _, e := range f.early {
		r.begin(func() {
			c := a.columns[e.column]
			c.err = r.fetch(a.ctx, a.batch, e)
			r.meet(e, c)
		})
	}
	return a
}

// early keeps what has been begun, to end its context with the plan.
func (r *run) early(a *ahead) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = append(r.begun, a)
}

// meet is where a field that was begun early and its record arrive; whoever comes last goes on. Until the record is there, an
// error is nobody's.
func (r *run) meet(f *field, c *column) {
	switch {
	case c.arrived.Add(1) < 2:
	case c.err != nil:
		r.giveUp(c.err)
	default:
		r.below(f, c, nil)
	}
}

// fetch reads a field of the objects of a batch.
func (r *run) fetch(ctx context.Context, b *batch, f *field) error {
	args, err := f.arguments(ctx, r.op)
	ctx = models.WithSelected(ctx, f.below)
	c := b.columns[f.column]
	c.ends = make([]int, 0, len(b.rows))
	if f.Of != "" {
		c.items = make([]any, 0, len(b.rows))
	}
	for i := 0; i < len(b.rows) && err == nil && !r.over(); i++ {
		if err = f.Read(ctx, b.rows[i], args, &c.Rows); err == nil {
			err = c.close(f)
		}
	}
	return err
}

// close ends what the field gave for one object, which may not be null where the schema says so.
func (c *column) close(f *field) error {
	if f.Of == "" {
		c.ends = append(c.ends, len(c.Text))
		return nil
	}
	if f.List && c.null && !f.NonNull && c.nulls == nil {
		c.nulls = make([]bool, len(c.ends), cap(c.ends))
	}
	if c.nulls != nil {
		c.nulls = append(c.nulls, c.null)
	}
	start := 0
	if len(c.ends) > 0 {
		start = c.ends[len(c.ends)-1]
	}
	c.ends = append(c.ends, len(c.items))
	if f.List && f.Filled || !f.List && f.NonNull {
		for _, item := range c.items[start:] {
			if item == nil {
				return errNull
			}
		}
	}
	return nil
}

// below reads on with the objects that a field gave. What was read early of a record is among its columns already.
func (r *run) below(f *field, c *column, early *ahead) {
	switch {
	case f.Of == "" || !r.sort(f, c):
	case early != nil:
		r.fill(c.single, early.columns)
	case c.single != nil:
		r.fill(c.single, nil)
	default:
		for _, b := range c.batches {
			r.fill(b, nil)
		}
	}
}

// sort puts the objects that a field gave into batches, each of one type; false when there are none.
func (r *run) sort(f *field, c *column) bool {
	missing := 0
	for _, item := range c.items {
		if item == nil {
			missing++
		}
	}
	if missing == len(c.items) {
		return false
	}
	if f.single != nil {
		c.single = &batch{selection: f.single, rows: c.items}
		if missing > 0 {
			c.thin(len(c.items) - missing)
		}
		return true
	}
	c.below = make([]below, len(c.items))
	batches := map[*selection]*batch{}
	for i, item := range c.items {
		if item == nil {
			continue
		}
		sel := f.by[reflect.TypeOf(item)]
		if sel == nil || reflect.ValueOf(item).IsNil() {
			r.giveUp(errUnknown)
			return false
		}
		b := batches[sel]
		if b == nil {
			b = &batch{selection: sel}
			batches[sel] = b
			c.batches = append(c.batches, b)
		}
		c.below[i] = below{b, int32(len(b.rows))}
		b.rows = append(b.rows, item)
	}
	return true
}

// thin leaves out nulls.
func (c *column) thin(n int) {
	rows := make([]any, 0, n)
	c.rows = make([]int32, len(c.items))
	for i, item := range c.items {
		if item == nil {
			c.rows[i] = -1
			continue
		}
		c.rows[i] = int32(len(rows))
		rows = append(rows, item)
	}
	c.single.rows = rows
}

// fill reads what is selected on a batch: what may wait, itself or below, in tasks, the last of them in this one, after all that
// only looks.
func (r *run) fill(b *batch, early []*column) {
	b.columns = early
	if early == nil {
		b.columns = columnsFor(b.selection)
	}
	var last func()
	for _, f := range b.selection.read {
		if !f.waits {
			continue
		}
		if last != nil {
			r.begin(last)
		}
		last = func() { r.step(b, f) }
		if early != nil && f.Early {
			last = func() { r.meet(f, b.columns[f.column]) }
		}
	}
	for _, f := range b.selection.read {
		if !f.waits {
			r.step(b, f)
		}
	}
	if last != nil {
		last()
	}
}

// step reads a field of a batch and what is below.
func (r *run) step(b *batch, f *field) {
	if err := r.fetch(r.ctx, b, f); err != nil {
		r.giveUp(err)
		return
	}
	if !r.over() {
		r.below(f, b.columns[f.column], nil)
	}
}
