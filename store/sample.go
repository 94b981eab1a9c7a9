package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"guanxi/fault"
)

// Sampled tells whether the database holds a sample company, whole.
func (s *Store) Sampled(ctx context.Context) (bool, error) {
	var filled bool
	err := s.DB.NewRaw("select exists (select from company where sample) and exists (select from customers)").Scan(ctx, &filled)
	return filled, fault.FromSQL(err)
}

// FillSample lets fill bring a sample company into a database that has been set up, whole or not at all, and marks the
// database as a sample that ends at the instant. A filled one stays as it is; of several processes that begin at once one
// fills. A database with customers of its own, or not set up, is refused.
func (s *Store) FillSample(ctx context.Context, until time.Time, fill func(*Copying) error) error {
	return fault.FromSQL(pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		c := &Copying{ctx: ctx, tx: tx}
		todo, err := c.beginSample()
		if err != nil || !todo {
			return err
		}
		if err := fill(c); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "update company set sample = true, version = version + 1, updated_at = $1", until)
		return err
	}))
}

// beginSample waits for the company's row and tells whether the sample is still to be filled.
func (c *Copying) beginSample() (todo bool, err error) {
	for _, limit := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		if _, err := c.tx.Exec(c.ctx, "set local "+limit+" = 0"); err != nil {
			return false, err
		}
	}
	var sample, used bool
	err = c.tx.QueryRow(c.ctx, "select sample from company for update").Scan(&sample)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, fault.Refuse(fault.Invalid, fault.Say("This database has not been set up yet.", "该数据库尚未初始化。")).Because(err)
	}
	if err == nil {
		err = c.tx.QueryRow(c.ctx, "select exists (select from customers)").Scan(&used)
	}
	if err == nil && used && !sample {
		err = fault.Refuse(fault.InUse, fault.Say("This database has customers of its own; the sample company needs an empty one.", "该数据库已有自己的客户；示例公司需要空数据库。"))
	}
	return !used, err
}
