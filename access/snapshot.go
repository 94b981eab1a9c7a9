package access

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/fault"
)

// Snapshot is one viewer's view of the database at one instant: everything that a request reads agrees. It is the only way
// to run a Query.
type Snapshot struct {
	Viewer *Viewer

	pool       *pgxpool.Pool
	mu         sync.Mutex
	conn       *pgxpool.Conn
	statements int

	once map[string]any

	noting sync.Mutex
	read   map[Reading]int
}

// Look begins a snapshot; the database is asked only when something is read. Close it.
func Look(pool *pgxpool.Pool, v *Viewer) *Snapshot { return &Snapshot{Viewer: v, pool: pool} }

// Statements tells how many statements have been run.
func (s *Snapshot) Statements() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statements
}

// Row is one row of an answer.
type Row interface{ Scan(dest ...any) error }

// Run runs the query's text as a prepared statement and hands over each row.
func (s *Snapshot) Run(ctx context.Context, q *Query, text string, each func(Row) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return fault.FromSQL(err)
	}
	s.statements++
	text = q.Text(text)
	rows, err := s.conn.Query(ctx, text, append([]any{pgx.QueryExecModeCacheStatement}, q.Args()...)...)
	if err != nil {
		return fault.FromSQL(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return fault.FromSQL(rows.Err())
}

func (s *Snapshot) begin(ctx context.Context) error {
	if s.conn != nil {
		return nil
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "begin isolation level repeatable read read only"); err != nil {
		conn.Release()
		return err
	}
	s.conn = conn
	return nil
}

// Once gives what was made for this snapshot under a name, making it when it is asked first. Two who ask first at the same
// time may both make it.
func Once[T any](s *Snapshot, name string, make func() (T, error)) (T, error) {
	s.mu.Lock()
	had, has := s.once[name].(T)
	s.mu.Unlock()
	if has {
		return had, nil
	}
	made, err := make()
	if err != nil {
		return made, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil && s.once == nil {
		s.once = map[string]any{}
	}
	if s.conn != nil {
		s.once[name] = made
	}
	return made, nil
}

// Close ends the snapshot; a later read begins a new one.
func (s *Snapshot) Close(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return
	}
	if _, err := s.conn.Exec(context.WithoutCancel(ctx), "rollback"); err != nil {
		s.conn.Conn().Close(context.WithoutCancel(ctx))
	}
	s.conn.Release()
	s.conn, s.once = nil, nil
}
