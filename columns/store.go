// Package columns keeps the facts of reports in memory, column by column, so that any question on millions of them is
// answered in milliseconds. It answers exactly what SQL would answer in the snapshot of whoever asks, or says that it cannot.
//
// What is kept is the company's opportunities, whoever sees them, with what their customers and owners add. From the feed of
// changes it is kept up to date in the background; who asks reads the feed in his own snapshot, finds the newest version that
// holds nothing which his snapshot does not show, and brings it up to exactly that. Whether he sees a row is decided row by
// row (law.go), as access decides it in SQL.
package columns

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/access"
	"guanxi/feed"
	"guanxi/models"
)

// ErrLacks is the answer to a question that columns cannot answer, or cannot answer now.
var ErrLacks = errors.New("columns lack what is asked")

// Options say how columns are kept.
type Options struct {
	Pool   *pgxpool.Pool
	Log    *slog.Logger
	Now    func(context.Context) (time.Time, error)
	Memory int  // the most bytes that they may take; 0 is no bound
	AtOnce bool // whoever asks tends them first, so that nothing need run in the background
}

// Store keeps the columns of one company.
type Store struct {
	Options

	answered, declined atomic.Int64

	loading  sync.Mutex // held by whoever loads or tends
	mu       sync.Mutex
	tables   *tables
	versions []*version // the newest last; few, for those who ask in snapshots somewhat older
	off      string     // why they are not kept any more
}

// New makes columns that hold nothing yet.
func New(o Options) *Store { return &Store{Options: o} }

// How often columns are tended without a hint, and how many versions are kept.
const (
	tendEvery    = time.Second
	mostVersions = 4
	loadAgain    = 30 * time.Second
)

// Answered tells how many questions were answered, and how many declined.
func (s *Store) Answered() (answered, declined int64) { return s.answered.Load(), s.declined.Load() }

// Run loads columns and keeps them up to date until the context ends.
func (s *Store) Run(ctx context.Context, hints <-chan struct{}) {
	for ctx.Err() == nil {
		wait := tendEvery
		if err := s.Tend(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("columns are not kept; SQL answers reports", "cause", err)
			wait = loadAgain
		}
		if s.isOff() {
			return
		}
		select {
		case <-ctx.Done():
		case <-hints:
		case <-time.After(wait):
		}
	}
}

func (s *Store) isOff() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.off != ""
}

// Tend brings the columns to what the database shows now, loading them when there are none or too much has changed.
func (s *Store) Tend(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	newest := s.newest()
	if newest == nil {
		return s.load(ctx, now)
	}
	err = s.inSnapshot(ctx, func(tx pgx.Tx) error { return s.catchUp(ctx, tx, newest, now) })
	if errors.Is(err, errFar) || errors.Is(err, feed.ErrBehind) {
		return s.load(ctx, now)
	}
	return err
}

func (s *Store) newest() *version {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.versions) == 0 {
		return nil
	}
	return s.versions[len(s.versions)-1]
}

// inSnapshot does something in one snapshot of the database, however long it takes.
func (s *Store) inSnapshot(ctx context.Context, do func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local statement_timeout = 0"); err != nil {
			return err
		}
		return do(tx)
	})
}

// load reads everything.
func (s *Store) load(ctx context.Context, now time.Time) error {
	began := time.Now()
	err := s.inSnapshot(ctx, func(tx pgx.Tx) error {
		var b basis
		if err := tx.QueryRow(ctx, "select currency, time_zone from company").Scan(&b.currency, &b.zone); err != nil {
			return err
		}
		b = basisOf(system(b, now))
		reading, err := feed.Read(ctx, tx, lastSeal)
		if err != nil {
			return err
		}
		var expected int
		if err := tx.QueryRow(ctx, "select count(*) from opportunities where deleted_at is null").Scan(&expected); err != nil {
			return err
		}
		if need := expected * bytesPerFact; s.Memory > 0 && need > s.Memory {
			s.switchOff("they would take more memory than GUANXI_COLUMNS_MEMORY allows", "bytes", need, "allowed", s.Memory)
			return nil
		}
		t := newTables()
		q := system(b, now).Query()
		v := &version{basis: b}
		rows, err := t.read(ctx, raw(tx), q, factsText(q, b, "true"), expected)
		if err == nil {
			v.refs, err = t.refsOf(ctx, raw(tx), b, now)
		}
		if err != nil {
			return err
		}
		v.parts = []part{{segment: rows}}
		v.at(reading, reading.Sealed, nil)
		s.begin(t, v)
		return nil
	})
	if v := s.newest(); err == nil && v != nil {
		rows, _ := v.rows()
		s.Log.Info("columns are loaded", "facts", rows, "bytes", s.Bytes(), "took", time.Since(began).Round(time.Millisecond))
	}
	return err
}

const (
	lastSeal     = 1<<63 - 1
	bytesPerFact = 70 // at least
)

func (s *Store) begin(t *tables, v *version) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables, s.versions = t, []*version{v}
}

func (s *Store) switchOff(why string, args ...any) {
	s.Log.Warn("columns are off: "+why, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off, s.versions, s.tables = why, nil, nil
}

// Bytes tells the memory that columns take.
func (s *Store) Bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.versions) == 0 {
		return 0
	}
	sum := s.tables.customers.bytes()
	seen := map[*segment]bool{}
	for _, v := range s.versions {
		for _, p := range v.parts {
			sum += len(p.dead) * 8
			if !seen[p.segment] {
				seen[p.segment] = true
				sum += p.bytes()
			}
		}
	}
	return sum
}

// catchUp makes the next version, in a snapshot of its own.
func (s *Store) catchUp(ctx context.Context, tx pgx.Tx, v *version, now time.Time) error {
	reading, err := feed.Read(ctx, tx, v.sealed)
	if err != nil {
		return err
	}
	t := s.tablesNow()
	c := v.missing(reading)
	day := basisOf(system(v.basis, now)).day
	if _, floating := v.rows(); day != v.day && floating > 0 {
		return errFar // what is open in other currencies goes by another day's rates
	}
	if c.none() && day == v.day && len(reading.Entries) == 0 && reading.Sealed == v.sealed {
		return nil
	}
	next, err := t.further(ctx, raw(tx), v.on(day), c, mostTended, now)
	if err != nil {
		return err
	}
	if next = t.tidy(next); next == nil {
		return errFar
	}
	s.publish(v, next, reading)
	if s.Memory > 0 && s.Bytes() > s.Memory {
		s.switchOff("they take more memory than GUANXI_COLUMNS_MEMORY allows", "bytes", s.Bytes(), "allowed", s.Memory)
	}
	return nil
}

func (s *Store) tablesNow() *tables {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tables
}

// publish adds a version that follows the newest, of the snapshot of a reading after that one's seal.
func (s *Store) publish(newest, next *version, r *feed.Reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.versions) == 0 || s.versions[len(s.versions)-1] != newest {
		return // somebody was quicker, or columns are off
	}
	s.versions = append(s.versions, next)
	if len(s.versions) > mostVersions {
		s.versions = s.versions[1:]
	}
	next.at(r, s.versions[0].sealed, newest.since)
}

// View is the columns as one snapshot shows them, to its viewer.
type View struct {
	version *version
	tables  *tables
	sight   *sight
}

// Look gives the columns as a snapshot shows them, to its viewer; ErrLacks when that cannot be had.
func (s *Store) Look(ctx context.Context, snap *access.Snapshot) (*View, error) {
	return access.Once(snap, "columns", func() (*View, error) { return s.look(ctx, snap) })
}

// Count takes note of a question that was answered, or declined.
func (s *Store) Count(answered bool) {
	if answered {
		s.answered.Add(1)
	} else {
		s.declined.Add(1)
	}
}

func (s *Store) look(ctx context.Context, snap *access.Snapshot) (*View, error) {
	if !Lawful() || snap.Viewer.Anonymous() || snap.Viewer.IsSystem() || s.isOff() {
		return nil, ErrLacks
	}
	if s.AtOnce {
		if err := s.Tend(context.WithoutCancel(ctx)); err != nil {
			s.Log.Warn("columns are not kept; SQL answers reports", "cause", err)
			return nil, ErrLacks
		}
	}
	s.mu.Lock()
	t, versions := s.tables, s.versions
	s.mu.Unlock()
	if len(versions) == 0 {
		return nil, ErrLacks
	}
	v, err := s.exact(ctx, snap, t, versions)
	if err != nil {
		return nil, err
	}
	sight, err := t.sightOf(ctx, snap)
	if err != nil {
		return nil, err
	}
	return &View{v, t, sight}, nil
}

// exact gives the version of exactly what the snapshot shows.
func (s *Store) exact(ctx context.Context, snap *access.Snapshot, t *tables, versions []*version) (*version, error) {
	after := versions[0].sealed
	r, err := feed.ReadBy(after, func(text string, args []any, each func(feed.Row) error) error {
		q := snap.Viewer.Query()
		for _, arg := range args {
			q.Bind(arg)
		}
		return snap.Run(ctx, q, text, func(row access.Row) error { return each(row) })
	})
	if errors.Is(err, feed.ErrBehind) {
		return nil, ErrLacks
	}
	if err != nil {
		return nil, err
	}
	v := fitting(versions, r, after)
	if v == nil || !v.counts(basisOf(snap.Viewer)) {
		return nil, ErrLacks
	}
	c := v.missing(r)
	if c.none() {
		return v, nil
	}
	next, err := t.further(ctx, within(snap), v.on(snap.Viewer.Today), c, mostAsked, snap.Viewer.Now)
	if errors.Is(err, errFar) || errors.Is(err, errUnfit) {
		return nil, ErrLacks
	}
	return next, err
}

// fitting gives the newest version that holds nothing but what a reading after a seal shows.
func fitting(versions []*version, r *feed.Reading, after int64) *version {
	if r.Sealed < after {
		return nil
	}
	shown := map[uuid.UUID]bool{}
	for _, e := range r.Entries {
		shown[e.ID] = true
	}
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].holds(after, shown) {
			return versions[i]
		}
	}
	return nil
}

// counts tells whether amounts and days in the version are those of a request.
func (v *version) counts(b basis) bool {
	_, floating := v.rows()
	return v.currency == b.currency && v.zone == b.zone && (v.day == b.day || floating == 0)
}

// on gives the version on another day, when nothing in it changes with the day.
func (v *version) on(day models.Date) *version {
	next := *v
	next.day = day
	return &next
}

// within runs queries in a viewer's snapshot.
func within(snap *access.Snapshot) run {
	return func(ctx context.Context, q *access.Query, text string, each func([][]byte) error) error {
		return snap.Run(ctx, q, text, func(row access.Row) error {
			return each(row.(interface{ RawValues() [][]byte }).RawValues())
		})
	}
}
