package network_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"guanxi/adjacency"
	"guanxi/internal/pgtest"
)

// What is loaded after the net does not wait for ever: the net says when it is loaded, and also when it cannot be.
func TestWhoWaitsForTheNetIsToldAlsoWhenItFails(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, fails := range []error{nil, errors.New("no clock")} {
		net := adjacency.New(adjacency.Options{
			Pool: pool, Log: slog.New(slog.DiscardHandler), Now: func(context.Context) (time.Time, error) { return now, fails },
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			net.Run(ctx, nil)
			close(ended)
		}()
		<-net.Tried()
		if loaded := net.Bytes() > 0; loaded != (fails == nil) {
			t.Errorf("the clock fails with %v, and the net is loaded: %t", fails, loaded)
		}
		stop()
		<-ended
	}
}
