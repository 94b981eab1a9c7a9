// Package columns keeps the facts of reports in memory, column by column, so that any question on millions of them is
// answered in milliseconds. It answers exactly what SQL would answer in the snapshot of whoever asks, or says that it cannot.
//
// What is kept is the company's opportunities, whoever sees them, with what their customers and owners add, whom they met and what these asked: in
// segments by when they were closed (cut.go), each sorted by their customers' owners. From the feed of changes it is kept up to date in the background; who asks reads the feed in his own snapshot,
// finds the newest version that holds nothing which his snapshot does not show, and brings it up to exactly that. What he sees is
// decided once for each owner, pool and share (law.go), as access decides it in SQL, and counting begins with those rows (reach.go). What a
// question counts in segments that stay is kept for whoever sees the same (counted.go).
package columns

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

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
	Cut    int  // the fewest rows of a segment, where there are several by time; as many as are good for millions when 0
	Recall int  // the most bytes of what was counted that are kept; as many as is good when 0, nothing when it is negative
	Forget bool // no names are kept beside them: what a question takes is then the same whoever asked what before
}

// Store keeps the columns of one company.
type Store struct {
	Options

	answered, declined atomic.Int64

	loading sync.Mutex // held by whoever loads or tends
	kept    feed.Kept[*version]
	off     atomic.Bool // they are not kept any more
}

// New makes columns that hold nothing yet.
func New(o Options) *Store { return &Store{Options: o} }

// Answered tells how many questions were answered, and how many declined.
func (s *Store) Answered() (answered, declined int64) { return s.answered.Load(), s.declined.Load() }

// Recalled tells how many of those answered were not counted anew as a whole, since the columns were loaded.
func (s *Store) Recalled() int64 {
	if newest := s.kept.Newest(); newest != nil {
		return newest.Of.tables.counted.recalled.Load()
	}
	return 0
}

// Run loads columns and keeps them up to date until the context ends.
func (s *Store) Run(ctx context.Context, hints <-chan struct{}) {
	feed.Tend(ctx, hints, s.Tend, func() bool { return !s.off.Load() }, s.warn)
}

func (s *Store) warn(err error) {
	s.Log.Warn("columns are not kept; SQL answers reports", "cause", err)
}

// Tend brings the columns to what the database shows now, loading them when there are none or too much has changed.
func (s *Store) Tend(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	newest := s.kept.Newest()
	if newest == nil {
		return s.load(ctx, now)
	}
	err = feed.InSnapshot(ctx, s.Pool, func(tx pgx.Tx) error { return s.catchUp(ctx, tx, newest, now) })
	if errors.Is(err, errFar) || errors.Is(err, feed.ErrBehind) {
		return s.load(ctx, now)
	}
	return err
}

// load reads everything.
func (s *Store) load(ctx context.Context, now time.Time) error {
	began := time.Now()
	err := feed.InSnapshot(ctx, s.Pool, func(tx pgx.Tx) error {
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
		t := newTables(cmp.Or(s.Cut, fewCut))
		t.counted.most = cmp.Or(s.Recall, mostCounted)
		q := system(b, now).Query()
		v, facts := &version{basis: b, tables: t}, factsFor(q, b)
		rows, err := t.read(ctx, access.RawIn(tx), q, facts.text(facts.metByAll(), "true"), expected)
		if err == nil {
			v.refs, err = t.refsOf(ctx, access.RawIn(tx), b, now)
		}
		if err != nil {
			return err
		}
		if v.parts = partsOf(rows.segments(t.few)); v.parts == nil {
			return errUnfit
		}
		v.bases, v.whole = len(v.parts), t.named.Add(1)
		s.kept.Begin(v, reading)
		return nil
	})
	if v := s.kept.Newest(); err == nil && v != nil {
		rows, _ := v.Of.rows()
		s.Log.Info("columns are loaded", "facts", rows, "bytes", s.Bytes(), "took", time.Since(began).Round(time.Millisecond))
	}
	return err
}

const (
	lastSeal     = 1<<63 - 1
	bytesPerFact = 50 // at least
)

func (s *Store) switchOff(why string, args ...any) {
	s.Log.Warn("columns are off: "+why, args...)
	s.off.Store(true)
	s.kept.Drop()
}

// Bytes tells the memory that columns take.
func (s *Store) Bytes() int {
	versions := s.kept.All()
	if len(versions) == 0 {
		return 0
	}
	sum := versions[0].tables.bytes()
	seen := map[*segment]bool{}
	for _, v := range versions {
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
func (s *Store) catchUp(ctx context.Context, tx pgx.Tx, newest *feed.Version[*version], now time.Time) error {
	reading, err := feed.Read(ctx, tx, newest.Sealed())
	if err != nil {
		return err
	}
	v, c := newest.Of, changeOf(newest.Missing(reading))
	day := basisOf(system(v.basis, now)).day
	if _, floating := v.rows(); day != v.day && floating {
		return errFar // what is open in other currencies goes by another day's rates
	}
	if c.none() && day == v.day && len(reading.Entries) == 0 && reading.Sealed == newest.Sealed() {
		return nil
	}
	next, err := v.on(day).further(ctx, access.RawIn(tx), c, mostTended, now)
	if err != nil {
		return err
	}
	if next = next.tidy(); next == nil {
		return errFar
	}
	s.kept.Add(newest, next, reading)
	if s.Memory > 0 && s.Bytes() > s.Memory {
		next.tables.counted.drop()
	}
	if s.Memory > 0 && s.Bytes() > s.Memory {
		s.switchOff("they take more memory than GUANXI_COLUMNS_MEMORY allows", "bytes", s.Bytes(), "allowed", s.Memory)
	}
	return nil
}

// View is the columns as one snapshot shows them, to its viewer.
type View struct {
	version *version
	tables  *tables
	sight   *sight
	today   int32 // of whoever asks
	forget  bool

	reaching reaching
	keeps    int          // how many rows may be kept of choices; others are looked through for each question
	held     atomic.Int64 // how many are
	choosing sync.Mutex
	choices  map[choice]*chosen
}

// Kept gives what was made of the records of the small tables as the view shows them, and is the same for everybody; making it
// when it is asked for first. Two who ask first at the same time may both make it.
func Kept[T any](v *View, name string, make func() (T, error)) (T, error) {
	if had, has := v.version.refs.kept.Load(name); has {
		return had.(T), nil
	}
	made, err := make()
	if err == nil && !v.forget {
		v.version.refs.kept.Store(name, made)
	}
	return made, err
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
	if !Lawful() || snap.Viewer.Anonymous() || snap.Viewer.IsSystem() || s.off.Load() {
		return nil, ErrLacks
	}
	if s.AtOnce {
		if err := s.Tend(context.WithoutCancel(ctx)); err != nil {
			s.warn(err)
			return nil, ErrLacks
		}
	}
	var shared []sharedRecord
	var fitting *feed.Version[*version]
	var missing []feed.Entry
	err := snap.Beside(
		func() (err error) { fitting, missing, err = s.fitting(ctx, snap); return err },
		func() (err error) { shared, err = sharesOf(ctx, snap); return err },
	)
	if err != nil {
		return nil, err
	}
	v, err := fitting.Of.exactly(ctx, snap, changeOf(missing))
	if err != nil {
		return nil, err
	}
	return &View{version: v, tables: v.tables, sight: v.tables.sightOf(snap.Viewer, shared), today: int32(snap.Viewer.Today.Time().Unix() / (24 * 60 * 60)), forget: s.Forget, keeps: mostKept}, nil
}

// fitting gives the newest version that holds nothing which the snapshot does not show, and what that shows beyond.
func (s *Store) fitting(ctx context.Context, snap *access.Snapshot) (*feed.Version[*version], []feed.Entry, error) {
	v, missing, err := s.kept.Fitting(func(text string, args []any, each func(feed.Row) error) error {
		return snap.Bound(ctx, text, args, func(row access.Row) error { return each(row) })
	})
	if err == nil && (v == nil || !v.Of.counts(basisOf(snap.Viewer))) {
		err = ErrLacks
	}
	return v, missing, err
}

// exactly gives the version of exactly what the snapshot shows, which is so much more.
func (v *version) exactly(ctx context.Context, snap *access.Snapshot, c change) (*version, error) {
	if c.none() {
		return v, nil
	}
	next, err := v.on(snap.Viewer.Today).further(ctx, snap.Raw, c, mostAsked, snap.Viewer.Now)
	if errors.Is(err, errFar) || errors.Is(err, errUnfit) {
		return nil, ErrLacks
	}
	return next, err
}

// counts tells whether amounts and days in the version are those of a request.
func (v *version) counts(b basis) bool {
	_, floating := v.rows()
	return v.currency == b.currency && v.zone == b.zone && (v.day == b.day || !floating)
}

// on gives the version on another day, when nothing in it changes with the day.
func (v *version) on(day models.Date) *version {
	next := *v
	next.day = day
	return &next
}
