// Package adjacency keeps the net of relationships in memory, each party's relationships side by side, so that what is near a party
// and the chains between two are found in microseconds. It answers exactly what SQL would answer in the snapshot of whoever
// asks, or says that it cannot.
//
// What is kept is all parties and relationships, whoever sees them. From the feed of changes it is kept up to date in the
// background; who asks reads the feed in his own snapshot and goes by exactly what that shows (feed.Kept). Whether he sees a
// party is decided where the walk meets it (law.go), as access decides it in SQL.
package adjacency

import (
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
)

// ErrLacks is the answer to a question that the net in memory cannot answer now.
var ErrLacks = errors.New("the net in memory lacks what is asked")

// Options say how the net is kept.
type Options struct {
	Pool   *pgxpool.Pool
	Log    *slog.Logger
	Now    func(context.Context) (time.Time, error)
	Memory int  // the most bytes that it may take; 0 is no bound
	AtOnce bool // whoever asks tends it first, so that nothing need run in the background
}

// Store keeps the net of one company.
type Store struct {
	Options

	answered, declined atomic.Int64

	lawful bool // the rules are those that it knows

	loading sync.Mutex // held by whoever loads or tends
	kept    feed.Kept[*version]
	off     atomic.Bool // it is not kept any more
	tried   chan struct{}
	trying  sync.Once
}

// New makes a net that holds nothing yet.
func New(o Options) *Store { return &Store{Options: o, lawful: Lawful(), tried: make(chan struct{})} }

// Answered tells how many questions were answered, and how many declined.
func (s *Store) Answered() (answered, declined int64) { return s.answered.Load(), s.declined.Load() }

// Tried is closed when Run has loaded the net, or has come to know that it cannot.
func (s *Store) Tried() <-chan struct{} { return s.tried }

// Run loads the net and keeps it up to date until the context ends.
func (s *Store) Run(ctx context.Context, hints <-chan struct{}) {
	tend := func(ctx context.Context) error {
		defer s.trying.Do(func() { close(s.tried) })
		return s.Tend(ctx)
	}
	feed.Tend(ctx, hints, tend, func() bool { return !s.off.Load() }, s.warn)
}

func (s *Store) warn(err error) {
	s.Log.Warn("the net is not kept in memory; SQL walks it", "cause", err)
}

// Tend brings the net to what the database shows now, loading it when there is none or too much has changed.
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

const (
	lastSeal             = 1<<63 - 1
	bytesPerParty        = 50 // at least
	bytesPerRelationship = 70
)

// load reads everything.
func (s *Store) load(ctx context.Context, now time.Time) error {
	began := time.Now()
	err := feed.InSnapshot(ctx, s.Pool, func(tx pgx.Tx) error {
		reading, err := feed.Read(ctx, tx, lastSeal)
		if err != nil {
			return err
		}
		var parties, relationships int
		q := system(now).Query()
		text := "select (select count(*) from (" + partiesText(q, "true") + ") p), (select count(*) from (" + relationshipsText(q, "true") + ") e)"
		if err := tx.QueryRow(ctx, text).Scan(&parties, &relationships); err != nil {
			return err
		}
		if need := parties*bytesPerParty + relationships*bytesPerRelationship; s.Memory > 0 && need > s.Memory {
			s.switchOff("it would take more memory than GUANXI_NET_MEMORY allows", "bytes", need, "allowed", s.Memory)
			return nil
		}
		v, err := read(ctx, access.RawIn(tx), now, parties, relationships)
		if err == nil {
			s.kept.Begin(v, reading)
		}
		return err
	})
	if v := s.kept.Newest(); err == nil && v != nil {
		parties, relationships := v.Of.size()
		s.Log.Info("the net is loaded", "parties", parties, "relationships", relationships, "bytes", s.Bytes(), "took", time.Since(began).Round(time.Millisecond))
		s.bound()
	}
	return err
}

// catchUp makes the next version, in a snapshot of its own.
func (s *Store) catchUp(ctx context.Context, tx pgx.Tx, newest *feed.Version[*version], now time.Time) error {
	reading, err := feed.Read(ctx, tx, newest.Sealed())
	if err != nil {
		return err
	}
	missing := newest.Missing(reading)
	if len(missing) == 0 && len(reading.Entries) == 0 && reading.Sealed == newest.Sealed() {
		return nil
	}
	next, err := newest.Of.further(ctx, access.RawIn(tx), changeOf(missing), mostTended, now)
	if err != nil {
		return err
	}
	s.kept.Add(newest, next, reading)
	s.bound()
	return nil
}

// bound switches the net off when it takes more memory than it may.
func (s *Store) bound() {
	if need := s.Bytes(); s.Memory > 0 && need > s.Memory {
		s.switchOff("it takes more memory than GUANXI_NET_MEMORY allows", "bytes", need, "allowed", s.Memory)
	}
}

func (s *Store) switchOff(why string, args ...any) {
	s.Log.Warn("the net in memory is off: "+why, args...)
	s.off.Store(true)
	s.kept.Drop()
}

// Bytes tells the memory that the net takes.
func (s *Store) Bytes() int {
	versions := s.kept.All()
	if len(versions) == 0 {
		return 0
	}
	sum := versions[0].tables.bytes()
	seen := map[any]bool{}
	count := func(part any, bytes int) {
		if !seen[part] {
			seen[part] = true
			sum += bytes
		}
	}
	for _, v := range versions {
		sum += 8 * (len(v.hands) + len(v.names) + len(v.ends) + len(v.arcs))
		for _, page := range v.hands {
			count(page, 4*perPage)
		}
		for _, page := range v.names {
			count(page, 8*perPage)
		}
		for _, page := range v.ends {
			count(page, 8*perPage)
		}
		for _, b := range v.arcs {
			count(b, 4*perPage+arcBytes*cap(b.arcs))
		}
	}
	return sum
}

// View is the net as one snapshot shows it, to its viewer.
type View struct {
	*version
	sight *sight
}

// Look gives the net as a snapshot shows it, to its viewer; ErrLacks when that cannot be had.
func (s *Store) Look(ctx context.Context, snap *access.Snapshot) (*View, error) {
	v, err := access.Once(snap, "net", func() (*View, error) { return s.look(ctx, snap) })
	if errors.Is(err, ErrLacks) {
		s.declined.Add(1)
	} else {
		s.answered.Add(1)
	}
	return v, err
}

func (s *Store) look(ctx context.Context, snap *access.Snapshot) (*View, error) {
	if !s.lawful || snap.Viewer.Anonymous() || snap.Viewer.IsSystem() || s.off.Load() {
		return nil, ErrLacks
	}
	if s.AtOnce {
		if err := s.Tend(context.WithoutCancel(ctx)); err != nil {
			s.warn(err)
			return nil, ErrLacks
		}
	}
	v, shares, err := s.exact(ctx, snap)
	if err != nil {
		return nil, err
	}
	return &View{v, v.sightOf(snap.Viewer, shares)}, nil
}

// exact gives the version of exactly what the snapshot shows, and what is shared with its viewer; both are read by one statement.
func (s *Store) exact(ctx context.Context, snap *access.Snapshot) (*version, []share, error) {
	var shares []share
	fitting, missing, err := s.kept.Fitting(func(text string, args []any, each func(feed.Row) error) error {
		shares = nil
		q := snap.Viewer.Query()
		for _, arg := range args {
			q.Bind(arg)
		}
		return snap.Run(ctx, q, text+" union all "+sharesText(q), func(row access.Row) error {
			one, is, err := shareOf(row)
			if is {
				shares = append(shares, one)
			}
			if is || err != nil {
				return err
			}
			return each(row)
		})
	})
	switch {
	case err != nil:
		return nil, nil, err
	case fitting == nil || len(shares) > mostShares:
		return nil, nil, ErrLacks
	}
	v, c := fitting.Of, changeOf(missing)
	if c.none() {
		return v, shares, nil
	}
	next, err := v.further(ctx, snap.Raw, c, mostAsked, snap.Viewer.Now)
	if errors.Is(err, errFar) || errors.Is(err, errUnfit) {
		return nil, nil, ErrLacks
	}
	return next, shares, err
}
