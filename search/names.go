package search

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/access"
	"guanxi/feed"
	"guanxi/internal/numbers"
)

// errLacks is the answer of names that cannot tell what is asked, or not now: SQL does.
var errLacks = errors.New("search: names lack what is asked")

// Options say how names are kept.
type Options struct {
	Pool   *pgxpool.Pool
	Log    *slog.Logger
	Now    func(context.Context) (time.Time, error)
	Memory int  // the most bytes that they may take; 0 is no bound
	AtOnce bool // whoever asks tends them first, so that nothing need run in the background
}

// Names keeps in memory what the company's records are found by, whoever sees them. From the feed of changes it is kept up to
// date in the background; who asks reads the feed in his own snapshot, finds the newest copy that holds nothing which his
// snapshot does not show, and brings it up to exactly that. It tells in order what he may find; what he does find is decided by
// the database.
type Names struct {
	Options

	answered, declined atomic.Int64

	loading sync.Mutex // held by whoever loads or tends
	kept    feed.Kept[*copied]
	off     atomic.Bool
	left    map[*access.Kind]bool // kinds that take too much memory
	few     usual
}

// NewNames makes names that hold nothing yet.
func NewNames(o Options) *Names {
	return &Names{Options: o, left: map[*access.Kind]bool{}, few: usually}
}

// Answered tells how many searches were answered from memory, and how many were left to SQL.
func (n *Names) Answered() (answered, declined int64) { return n.answered.Load(), n.declined.Load() }

// Run loads names and keeps them up to date until the context ends.
func (n *Names) Run(ctx context.Context, hints <-chan struct{}) {
	feed.Tend(ctx, hints, n.Tend, func() bool { return !n.off.Load() }, n.warn)
}

func (n *Names) warn(err error) {
	n.Log.Warn("names are not kept in memory; SQL answers searches", "cause", err)
}

// Tend brings the names to what the database shows now, loading them when there are none or too much has changed.
func (n *Names) Tend(ctx context.Context) error {
	n.loading.Lock()
	defer n.loading.Unlock()
	now, err := n.Now(ctx)
	if err != nil {
		return err
	}
	newest := n.kept.Newest()
	if newest == nil {
		return n.load(ctx, now)
	}
	err = feed.InSnapshot(ctx, n.Pool, func(tx pgx.Tx) error { return n.catchUp(ctx, tx, newest, now) })
	if errors.Is(err, errFar) || errors.Is(err, feed.ErrBehind) {
		return n.load(ctx, now)
	}
	return err
}

const (
	lastSeal     = 1<<63 - 1
	bytesPerName = 120 // at least
)

// load reads everything, kind by kind, as far as there is memory.
func (n *Names) load(ctx context.Context, now time.Time) error {
	began, c := time.Now(), &copied{customers: numbers.New()}
	n.kept.Drop()
	err := feed.InSnapshot(ctx, n.Pool, func(tx pgx.Tx) error {
		reading, err := feed.Read(ctx, tx, lastSeal)
		if err != nil {
			return err
		}
		for _, kind := range Searchable() {
			if err := n.loadKind(ctx, tx, c, kind, now); err != nil {
				return err
			}
		}
		if len(c.kinds) == 0 {
			n.off.Store(true)
			return nil
		}
		n.kept.Begin(c, reading)
		return nil
	})
	if err == nil {
		n.Log.Info("names are loaded", "names", c.rows(), "bytes", n.Bytes(), "took", time.Since(began).Round(time.Millisecond))
	}
	return err
}

func (n *Names) loadKind(ctx context.Context, tx pgx.Tx, c *copied, kind *access.Kind, now time.Time) error {
	if n.left[kind] {
		return nil
	}
	var rows int
	q := system(now).Query()
	if err := tx.QueryRow(ctx, "select count(*) from "+q.Visible(kind, "x")).Scan(&rows); err != nil {
		return err
	}
	if n.Memory > 0 && c.bytes()+rows*bytesPerName > n.Memory {
		n.leave(kind, c.bytes()+rows*bytesPerName)
		return nil
	}
	s := shelf{kind: kind, hands: newHands(), customers: c.customers, few: n.few}
	q = system(now).Query()
	one, err := s.read(ctx, access.RawIn(tx), q, q.Findable(kind, ""), rows)
	if err != nil {
		return err
	}
	s.parts = []part{{segment: one}}
	c.kinds = append(c.kinds, s)
	if n.Memory > 0 && c.bytes() > n.Memory {
		n.leave(kind, c.bytes())
		c.kinds = c.kinds[:len(c.kinds)-1]
	}
	return nil
}

// leave says that a kind is kept in memory no more.
func (n *Names) leave(kind *access.Kind, bytes int) {
	n.Log.Warn("names take more memory than GUANXI_SEARCH_MEMORY allows; SQL answers searches for this kind", "kind", kind.Name, "bytes", bytes, "allowed", n.Memory)
	n.left[kind] = true
}

// catchUp makes the next copy, in a snapshot of its own.
func (n *Names) catchUp(ctx context.Context, tx pgx.Tx, newest *feed.Version[*copied], now time.Time) error {
	reading, err := feed.Read(ctx, tx, newest.Sealed())
	if err != nil {
		return err
	}
	ids := changed(newest.Missing(reading))
	if len(ids) == 0 && len(reading.Entries) == 0 && reading.Sealed == newest.Sealed() {
		return nil
	}
	next, err := newest.Of.further(ctx, access.RawIn(tx), ids, mostTended, now)
	if err != nil {
		return err
	}
	next, whole := next.tidy()
	if !whole {
		return errFar
	}
	for n.Memory > 0 && next.bytes() > n.Memory {
		if len(next.kinds) == 0 { // what records belong to takes more by itself
			n.off.Store(true)
			n.kept.Drop()
			return nil
		}
		next.drop(n.leave)
	}
	n.kept.Add(newest, next, reading)
	if n.Memory > 0 && n.Bytes() > n.Memory {
		n.kept.Begin(next, reading) // without the copies before
	}
	return nil
}

// Bytes tells the memory that names take.
func (n *Names) Bytes() int {
	sum, counted := 0, map[*segment]bool{}
	for i, c := range n.kept.All() {
		if i == 0 {
			sum += c.customers.Bytes()
		}
		for i := range c.kinds {
			sum += c.kinds[i].bytes(counted)
		}
	}
	return sum
}

// at gives the names as a snapshot shows them; errLacks when that cannot be had.
func (n *Names) at(ctx context.Context, snap *access.Snapshot) (*copied, error) {
	return access.Once(snap, "names", func() (*copied, error) { return n.exact(ctx, snap) })
}

func (n *Names) exact(ctx context.Context, snap *access.Snapshot) (*copied, error) {
	if n.off.Load() || !lawful() {
		return nil, errLacks
	}
	if n.AtOnce {
		if err := n.Tend(context.WithoutCancel(ctx)); err != nil {
			n.warn(err)
			return nil, errLacks
		}
	}
	fitting, missing, err := n.kept.Fitting(func(text string, args []any, each func(feed.Row) error) error {
		return snap.Bound(ctx, text, args, func(row access.Row) error { return each(row) })
	})
	switch {
	case err != nil:
		return nil, err
	case fitting == nil:
		return nil, errLacks
	}
	next, err := fitting.Of.further(ctx, snap.Raw, changed(missing), mostAsked, snap.Viewer.Now)
	if errors.Is(err, errFar) || errors.Is(err, errUnfit) {
		return nil, errLacks
	}
	return next, err
}

// knownWays are the ways to a record that hands and Besides speak of. When access knows another, memory tells nothing.
var knownWays = []string{
	access.ByOwner, access.ByAssignee, access.ByScope, access.ByUnowned, access.ByShare, access.ByCustomerOwner, access.ByCustomerShare,
	access.ByCustomerScope, access.ByPool, access.ByReader, access.ByReference,
}

var lawful = sync.OnceValue(func() bool {
	for _, kind := range Searchable() {
		for _, rule := range access.RulesOf(kind) {
			if way, is := strings.CutPrefix(rule, "way "); is && !slices.Contains(knownWays, way) {
				return false
			}
		}
	}
	return true
})

// mostBesides is how many records may lie open to one viewer whoever's they are; who has more is answered by SQL.
const mostBesides = 20_000

// besides lists the records that may lie open to a viewer whoever's they are.
func besides(ctx context.Context, snap *access.Snapshot) ([]uuid.UUID, error) {
	return access.Once(snap, "besides", func() (ids []uuid.UUID, err error) {
		q := snap.Viewer.Query()
		text := "select * from (" + q.Besides() + ") b limit " + q.Bind(mostBesides+1)
		err = snap.Run(ctx, q, text, func(row access.Row) error {
			var id uuid.UUID
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if len(ids) > mostBesides {
			err = errLacks
		}
		return ids, err
	})
}
