package feed

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How often a process looks after the feed, and how long entries are kept.
const (
	sealEvery   = time.Second
	cleanEvery  = time.Minute
	kept        = 24 * time.Hour
	hintEvery   = 20 * time.Millisecond // at most, however much is written
	listenAgain = 5 * time.Second       // after the connection was lost
)

// channel is where those who wrote tell that there is something to read. It is a hint: who does not hear it finds the
// entries when he next looks.
const channel = "guanxi_feed"

// Feed is one process's part in the feed: it seals, cleans, and passes hints on. The zero value with a pool is ready.
type Feed struct {
	Pool *pgxpool.Pool
	Log  *slog.Logger

	mu        sync.Mutex
	wrote     chan struct{}
	followers map[chan struct{}]bool
}

// New gives a process its part in the feed.
func New(pool *pgxpool.Pool, log *slog.Logger) *Feed {
	return &Feed{Pool: pool, Log: log, wrote: make(chan struct{}, 1), followers: map[chan struct{}]bool{}}
}

// Wrote tells that this process has committed a change. It never waits.
func (f *Feed) Wrote() { nudge(f.wrote) }

// Follow gives hints that there may be something to read, until stopped. Hints come late, or twice, or never.
func (f *Feed) Follow() (hints <-chan struct{}, stop func()) {
	follower := make(chan struct{}, 1)
	f.mu.Lock()
	f.followers[follower] = true
	f.mu.Unlock()
	return follower, func() {
		f.mu.Lock()
		delete(f.followers, follower)
		f.mu.Unlock()
	}
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run looks after the feed until the context ends.
func (f *Feed) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, work := range []func(context.Context){f.tell, f.listen, f.seal, f.clean} {
		all.Go(func() { work(ctx) })
	}
	all.Wait()
}

// tell sends hints for what this process wrote, those of a moment as one.
func (f *Feed) tell(ctx context.Context) {
	for wait(ctx, f.wrote) {
		_, err := f.Pool.Exec(ctx, "select pg_notify($1, '')", channel)
		f.warn(ctx, "others could not be told of a change: they find it when they look", err)
		pause(ctx, hintEvery)
	}
}

// listen passes on the hints of all processes.
func (f *Feed) listen(ctx context.Context) {
	for ctx.Err() == nil {
		f.warn(ctx, "the hints of changes are not heard", f.hear(ctx))
		pause(ctx, listenAgain)
	}
}

func (f *Feed) hear(ctx context.Context) error {
	config := f.Pool.Config().ConnConfig
	config.BuildContextWatcherHandler = letGo
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		f.mu.Lock()
		for follower := range f.followers {
			nudge(follower)
		}
		f.mu.Unlock()
	}
}

// letGo ends the waiting of a connection on which no statement runs that the server could cancel.
func letGo(conn *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.DeadlineContextWatcherHandler{Conn: conn.Conn()}
}

// seal seals what there is, every moment.
func (f *Feed) seal(ctx context.Context) {
	for pause(ctx, sealEvery) {
		for sealed := int64(atOnce); sealed == atOnce; {
			var err error
			sealed, err = Seal(ctx, f.Pool)
			f.warn(ctx, "changes could not be sealed", err)
		}
	}
}

// clean takes away what is old.
func (f *Feed) clean(ctx context.Context) {
	for pause(ctx, cleanEvery) {
		_, err := Clean(ctx, f.Pool, kept)
		f.warn(ctx, "old changes could not be taken away", err)
	}
}

func (f *Feed) warn(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		f.Log.Warn(what, "cause", err)
	}
}

func wait(ctx context.Context, c <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return false
	case <-c:
		return true
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
