package access

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/models"
)

// Snapshot is one viewer's view of the database at one instant: everything that a request reads agrees. It is the only way
// to run a Query.
type Snapshot struct {
	Viewer *Viewer

	pool       *pgxpool.Pool
	line       sync.Mutex // held by whoever speaks to the database
	conn       connection
	planned    string // how what follows is planned
	broken     error  // why nothing more can be read
	statements atomic.Int32
	waves      atomic.Int32

	gathering atomic.Pointer[Gathering]

	opening *Opening
	epoch   atomic.Pointer[Epoch] // known when it has been opened
	moved   atomic.Bool
	commons *Commons

	once models.Fetches

	noting sync.Mutex
	read   map[Reading]int
}

// Look begins a snapshot; the database is asked only when something is read. Close it.
func Look(pool *pgxpool.Pool, v *Viewer) *Snapshot { return &Snapshot{Viewer: v, pool: pool} }

// Over begins a snapshot of what the transaction that is under way on a connection sees. Closing it leaves both be.
func Over(conn *pgx.Conn, v *Viewer) *Snapshot { return &Snapshot{Viewer: v, conn: lent{conn}} }

// connection is one of the pool, or one that is lent.
type connection interface {
	Conn() *pgx.Conn
	Release()
}

type lent struct{ conn *pgx.Conn }

func (l lent) Conn() *pgx.Conn { return l.conn }
func (lent) Release()          {}

// Statements tells how many statements have been run.
func (s *Snapshot) Statements() int { return int(s.statements.Load()) }

// Waves tells how often the database was waited for: for all statements of a wave once. Only what a connection has never
// run before is prepared by one wait more.
func (s *Snapshot) Waves() int { return int(s.waves.Load()) }

// Row is one row of an answer.
type Row interface{ Scan(dest ...any) error }

// Run runs the query's text as a prepared statement and hands over each row. In a gathering it goes in the next wave.
func (s *Snapshot) Run(ctx context.Context, q *Query, text string, each func(Row) error) error {
	one := &statement{ctx: ctx, text: q.Text(text), args: q.Args(), sifting: q.sifting, each: each}
	if g := s.gathering.Load(); g != nil {
		return g.run(one)
	}
	s.wave(ctx, []*statement{one}, func(*statement) {})
	return one.outcome()
}

// Once gives what is made for this snapshot under a name by whoever asks for it first, be it a fault; others who ask meanwhile wait for it.
func Once[T any](s *Snapshot, name string, make func() (T, error)) (T, error) {
	return models.FetchOnce(&s.once, s, name, make)
}

// Close ends the snapshot; a later read begins a new one.
func (s *Snapshot) Close(ctx context.Context) {
	s.line.Lock()
	defer s.line.Unlock()
	s.once.Forget()
	if s.conn == nil || s.pool == nil {
		return
	}
	go giveBack(context.WithoutCancel(ctx), s.conn) // nobody waits for it
	s.conn, s.broken, s.planned = nil, nil, ""
	s.epoch.Store(nil)
}

// giveBack ends the snapshot of a connection, which others take then.
func giveBack(ctx context.Context, conn connection) {
	if _, err := conn.Conn().PgConn().Exec(ctx, "rollback").ReadAll(); err != nil {
		conn.Conn().Close(ctx)
	}
	conn.Release()
}
