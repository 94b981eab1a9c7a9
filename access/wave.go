package access

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/fault"
)

// beginning begins what all waves of a snapshot read.
const beginning = "begin isolation level repeatable read read only"

// How PostgreSQL plans what follows in the snapshot.
const (
	plannedOnce   = "set local plan_cache_mode = force_generic_plan"
	plannedByCost = "set local plan_cache_mode = auto"
)

// statement is one statement of a wave: what is asked, and what it came to.
type statement struct {
	ctx  context.Context // of whoever asks
	text string
	args []any
	each func(Row) error

	sifting bool // it is planned for its values where that seems better
	turned  bool // how it is planned is told before it
	opening bool // it opens the snapshot: nobody waits for it

	form  *pgconn.StatementDescription
	err   error
	woken chan struct{} // closed when it is answered; nil where nobody waits apart
}

// Panic is a panic that was met in a goroutine and raised again in another.
type Panic struct {
	Cause any
	Stack []byte // where it began
}

// Met does something in a goroutine and gives the panic that it met, for whoever waits for it; nil for none.
func Met(do func()) (met *Panic) {
	defer func() {
		if cause := recover(); cause != nil {
			met = &Panic{cause, debug.Stack()}
		}
	}()
	do()
	return nil
}

// Raise raises the first of some panics again, if there is one.
func Raise(all []*Panic) {
	for _, p := range all {
		if p != nil {
			panic(p)
		}
	}
}

func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Cause, p.Stack) }

// outcome gives whoever ran the statement its error, or its panic.
func (one *statement) outcome() error {
	var fell *Panic
	if errors.As(one.err, &fell) {
		panic(fell)
	}
	return one.err
}

// wave sends statements together, waits for the database once, and hands each its rows; what is answered is told at once.
// What stands behind a statement that fails is not run.
func (s *Snapshot) wave(ctx context.Context, all []*statement, answered func(*statement)) {
	s.line.Lock()
	defer s.line.Unlock()
	all = wanted(all, answered)
	s.statements.Add(int32(len(all)))
	if first := s.opens(); first != nil && s.conn == nil && s.broken == nil {
		all = append([]*statement{first}, all...)
	}
	if len(all) == 0 {
		return
	}
	s.waves.Add(1)
	if s.broken == nil {
		all = s.converse(ctx, all, answered)
	}
	for _, one := range all {
		if one.err == nil {
			one.err = fault.FromSQL(fmt.Errorf("not run, since another statement of the snapshot failed: %w", s.broken))
		}
		if !one.opening {
			answered(one)
		}
	}
}

// wanted leaves out the statements of those who have been told meanwhile not to go on.
func wanted(all []*statement, answered func(*statement)) []*statement {
	return slices.DeleteFunc(all, func(one *statement) bool {
		if one.ctx == nil || one.ctx.Err() == nil {
			return false
		}
		one.err = fault.FromSQL(one.ctx.Err())
		answered(one)
		return true
	})
}

// converse carries a wave out and gives the statements that remain when the snapshot broke.
func (s *Snapshot) converse(ctx context.Context, all []*statement, answered func(*statement)) (left []*statement) {
	left = all
	defer func() {
		if cause := recover(); cause != nil {
			left = s.breaks(left, &Panic{cause, debug.Stack()}, left...)
		}
	}()
	begun := s.conn != nil
	if !begun {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return s.breaks(all, err, all...)
		}
		s.conn = conn
	}
	pipe := s.conn.Conn().PgConn().StartPipeline(ctx)
	defer func() {
		if err := pipe.Close(); err != nil && s.broken == nil {
			s.broken = err
		}
	}()
	known := preparedOn(s.conn.Conn())
	before := known.drop(pipe)
	if !begun {
		pipe.SendQueryParams(beginning, nil, nil, nil, nil)
		before++
	}
	if one, err := known.prepare(pipe, all, &before); err != nil {
		return s.breaks(all, err, one)
	}
	if err := s.send(pipe, all, known.tracer); err != nil {
		return s.breaks(all, err, all...)
	}
	if err := pass(pipe, before); err != nil {
		return s.breaks(all, err, all...)
	}
	for i, one := range all {
		err := s.receive(pipe, one)
		if err != nil {
			known.forget(one.text)
		} else if one.opening {
			err = s.opened(one)
		}
		if err != nil {
			return s.breaks(all[i:], err, one)
		}
		left = all[i+1:]
		if !one.opening {
			answered(one)
		}
	}
	return left
}

// breaks keeps why nothing more can be read; those whose own error it is get it as it is.
func (s *Snapshot) breaks(left []*statement, err error, own ...*statement) []*statement {
	s.broken = err
	for _, one := range own {
		one.err = fault.FromSQL(err)
	}
	return left
}

// send writes all statements to the database, and tells who listens to the connection. One whose values cannot be written fails alone, as nothing of it is sent.
func (s *Snapshot) send(pipe *pgconn.Pipeline, all []*statement, tracer pgx.QueryTracer) error {
	var values pgx.ExtendedQueryBuilder
	for _, one := range all {
		if tracer != nil {
			ctx := tracer.TraceQueryStart(context.Background(), s.conn.Conn(), pgx.TraceQueryStartData{SQL: one.text, Args: one.args})
			defer tracer.TraceQueryEnd(ctx, s.conn.Conn(), pgx.TraceQueryEndData{})
		}
		if one.err = values.Build(s.conn.Conn().TypeMap(), one.form, one.args); one.err == nil {
			s.turn(pipe, one)
			pipe.SendQueryStatement(one.form, values.ParamValues, values.ParamFormats, slices.Clone(values.ResultFormats))
		}
	}
	return pipe.Sync()
}

// turn tells PostgreSQL how a statement is to be planned, where that differs from the one before it. Of a transaction that is lent
// nothing is changed.
func (s *Snapshot) turn(pipe *pgconn.Pipeline, one *statement) {
	mode := plannedOnce
	if one.sifting {
		mode = plannedByCost
	}
	if one.turned = s.pool != nil && s.planned != mode; one.turned {
		s.planned = mode
		pipe.SendQueryParams(mode, nil, nil, nil, nil)
	}
}

// receive hands a statement its rows. An error that is given back is the database's and breaks the snapshot; one of whoever
// takes the rows does not.
func (s *Snapshot) receive(pipe *pgconn.Pipeline, one *statement) error {
	if one.err != nil {
		return nil
	}
	if one.turned {
		if err := pass(pipe, 1); err != nil {
			return err
		}
	}
	result, err := pipe.GetResults()
	if err != nil {
		return err
	}
	reader, ok := result.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("access: the database answers a statement with %T", result)
	}
	types := s.conn.Conn().TypeMap()
	one.take(&reading{Rows: pgx.RowsFromResultReader(types, reader), types: types})
	_, err = reader.Close()
	return err
}

// take hands over the rows, until whoever takes them wants no more.
func (one *statement) take(rows pgx.Rows) {
	defer func() {
		if cause := recover(); cause != nil {
			one.err = &Panic{cause, debug.Stack()}
		}
	}()
	for one.err == nil && rows.Next() {
		one.err = one.each(rows)
	}
}

// pass reads results that have no rows.
func pass(pipe *pgconn.Pipeline, results int) error {
	for range results {
		result, err := pipe.GetResults()
		if reader, ok := result.(*pgconn.ResultReader); ok {
			_, err = reader.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
