package store

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5/stdlib"

	"guanxi/access"
	"guanxi/fault"
)

// Try lets before see the database, carries out changes, lets after see what they made of it, and takes all of it back. What
// others do meanwhile is not seen.
func (s *Store) Try(ctx context.Context, v *access.Viewer, before func(access.Database) error, change func(*Tx) error, after func(access.Database) error) error {
	conn, err := s.DB.Conn(ctx)
	if err != nil {
		return fault.FromSQL(err)
	}
	defer conn.Close()
	raw, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return fault.FromSQL(err)
	}
	defer raw.Rollback()
	look := func(see func(access.Database) error) error {
		return fault.FromSQL(conn.Raw(func(driver any) error { return see(driver.(*stdlib.Conn).Conn()) }))
	}
	if err := look(before); err != nil {
		return err
	}
	if err := change(s.tx(ctx, raw, v)); err != nil {
		return named(fault.FromSQL(err))
	}
	return look(after)
}
