package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Times are what a connection is given.
type Times struct {
	Header time.Duration // to send its header
	Body   time.Duration // to send all of a request
	Write  time.Duration // to take its answer
	Idle   time.Duration // between requests
}

// DefaultTimes are the times of a server that nobody told otherwise.
func DefaultTimes() Times {
	return Times{Header: 5 * time.Second, Body: 30 * time.Second, Write: 60 * time.Second, Idle: 60 * time.Second}
}

const drainTime = 20 * time.Second

// Run answers requests until the context ends; then it takes no more and finishes what it has begun, for at most 20
// seconds.
func Run(ctx context.Context, listener net.Listener, handler http.Handler) error {
	return RunWithin(ctx, listener, handler, DefaultTimes())
}

// RunWithin does the same with other times for connections.
func RunWithin(ctx context.Context, listener net.Listener, handler http.Handler, times Times) error {
	web := &http.Server{
		Handler: handler, ReadHeaderTimeout: times.Header, ReadTimeout: times.Body, WriteTimeout: times.Write, IdleTimeout: times.Idle,
		MaxHeaderBytes: 32 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := web.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = web.Close()
	}
	return err
}
