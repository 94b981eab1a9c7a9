package feed

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How often what is kept is tended without a hint, and how long after a failure.
const (
	tendEvery = time.Second
	tendAgain = 30 * time.Second
)

// Tend brings what somebody keeps up to date at once, at every hint, and every moment, until the context ends or he says that it
// is kept no longer. A failure is told, and rested after.
func Tend(ctx context.Context, hints <-chan struct{}, tend func(context.Context) error, kept func() bool, failed func(error)) {
	for ctx.Err() == nil {
		wait := tendEvery
		if err := whole(ctx, tend); err != nil && ctx.Err() == nil {
			failed(err)
			wait = tendAgain
		}
		if !kept() {
			return
		}
		select {
		case <-ctx.Done():
		case <-hints:
		case <-time.After(wait):
		}
	}
}

// whole makes a panic of whoever tends a failure: what is kept beside the records ends no server.
func whole(ctx context.Context, tend func(context.Context) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("feed: tending panicked: %v\n\n%s", cause, debug.Stack())
		}
	}()
	return tend(ctx)
}

// InSnapshot reads what is to be kept in one snapshot of the database, however long it takes.
func InSnapshot(ctx context.Context, pool *pgxpool.Pool, do func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local statement_timeout = 0"); err != nil {
			return err
		}
		return do(tx)
	})
}
