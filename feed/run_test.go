package feed_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"guanxi/feed"
	"guanxi/internal/pgtest"
)

// A process is told soon of what another has written, and everything is sealed by itself. No time is asserted but that of
// giving up.
func TestOneProcessHearsOfWhatAnotherWrote(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	here, there := feed.New(pool, slog.New(slog.DiscardHandler)), feed.New(pool, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	done := make(chan struct{})
	go func() { here.Run(ctx); done <- struct{}{} }()
	go func() { there.Run(ctx); done <- struct{}{} }()
	t.Cleanup(func() { stop(); <-done; <-done })
	hints, unfollow := there.Follow()
	defer unfollow()
	record(t, pool)
	for heard := false; !heard; {
		here.Wrote() // again, for the other may not be listening yet
		select {
		case <-hints:
			heard = true
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("nothing was heard")
		}
	}
	for sealed := 0; sealed == 0; time.Sleep(50 * time.Millisecond) {
		if err := pool.QueryRow(ctx, "select count(*) from feed where seal = 1").Scan(&sealed); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever tends what is kept beside the records panics: that is told as a failure, and he is called again.
func TestAPanicOfWhoTendsIsAFailure(t *testing.T) {
	t.Parallel()
	hints, calls, failures := make(chan struct{}, 1), 0, 0
	hints <- struct{}{}
	feed.Tend(t.Context(), hints, func(context.Context) error {
		if calls++; calls == 1 {
			panic("no such place")
		}
		return nil
	}, func() bool { return calls < 2 }, func(error) { failures++ })
	if calls != 2 || failures != 1 {
		t.Errorf("called %d times, %d failures", calls, failures)
	}
}
