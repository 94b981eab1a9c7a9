package store

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"guanxi/access"
	"guanxi/fault"
)

// Trial is changes that are made to be looked at and taken back, all in one view of the database: what others do meanwhile is
// not seen.
type Trial struct {
	Before   func(*pgx.Conn) error // sees the database as it is; may be nil
	Change   func(*Tx) error
	Changed  func(*pgx.Conn) error // sees what the changes made of it
	Restored func(*pgx.Conn) error // sees it as it was again; nobody waits for what the changes had locked
}

// Try carries out a trial.
func (s *Store) Try(ctx context.Context, v *access.Viewer, t Trial) error {
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
	look := func(see func(*pgx.Conn) error) error {
		if see == nil {
			return nil
		}
		return fault.FromSQL(conn.Raw(func(driver any) error { return see(driver.(*stdlib.Conn).Conn()) }))
	}
	if err := look(t.Before); err != nil {
		return err
	}
	if _, err := raw.ExecContext(ctx, "savepoint untouched"); err != nil {
		return fault.FromSQL(err)
	}
	if err := t.Change(s.tx(ctx, raw, v)); err != nil {
		return named(fault.FromSQL(err))
	}
	if err := look(t.Changed); err != nil {
		return err
	}
	if _, err := raw.ExecContext(ctx, "rollback to savepoint untouched"); err != nil {
		return fault.FromSQL(err)
	}
	return look(t.Restored)
}
