package feed

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// atOnce is how many entries are sealed, or taken away, in one transaction.
const atOnce = 10_000

// Seal gives entries that have no seal the next one, and tells how many. While another process is sealing it does nothing.
func Seal(ctx context.Context, pool *pgxpool.Pool) (sealed int64, err error) {
	var loose bool
	if err := pool.QueryRow(ctx, "select exists (select 1 from feed where seal = 0)", pgx.QueryExecModeCacheStatement).Scan(&loose); err != nil || !loose {
		return 0, err
	}
	err = sealing(ctx, pool, func(tx pgx.Tx, s state) error {
		done, err := tx.Exec(ctx, "update feed set seal = $1, sealed_at = $2 where seal = 0 and id in (select id from feed where seal = 0 limit $3)", s.last+1, s.now, atOnce)
		if sealed = done.RowsAffected(); err == nil && sealed > 0 {
			_, err = tx.Exec(ctx, "update feed_sealing set last = $1 where id = 1", s.last+1)
		}
		return err
	})
	return sealed, err
}

// Clean takes away entries that were sealed longer ago than a time, and tells how many. Whoever has not read them must begin anew, and
// learns so.
func Clean(ctx context.Context, pool *pgxpool.Pool, kept time.Duration) (gone int64, err error) {
	for some := int64(atOnce); some >= atOnce && err == nil; gone += some {
		some, err = cleanSome(ctx, pool, kept)
	}
	return gone, err
}

// cleanSome takes away the oldest of them, in one transaction.
func cleanSome(ctx context.Context, pool *pgxpool.Pool, kept time.Duration) (gone int64, err error) {
	err = sealing(ctx, pool, func(tx pgx.Tx, s state) error {
		var cut *int64
		err := tx.QueryRow(ctx, `select max(seal) from (select seal, sealed_at from feed where seal > 0 order by seal limit $1) oldest
			where sealed_at < $2`, atOnce, s.now.Add(-kept)).Scan(&cut)
		if err != nil || cut == nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update feed_sealing set cleaned = $1 where id = 1", *cut); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, "delete from feed where seal between 1 and $1", *cut)
		gone = done.RowsAffected()
		return err
	})
	return gone, err
}

// state is what the one who seals needs to know.
type state struct {
	last int64
	now  time.Time
}

// sealing does something to seals that one process at a time may do; it does nothing while another is at it.
func sealing(ctx context.Context, pool *pgxpool.Pool, do func(pgx.Tx, state) error) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var s state
		err := tx.QueryRow(ctx, "select last, clock_timestamp() from feed_sealing where id = 1 for update skip locked").Scan(&s.last, &s.now)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return do(tx, s)
	})
}
