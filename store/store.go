// Package store holds every statement on records: lists, single records, and writes, each through access.
package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"guanxi/search"
)

// Store keeps the company's records in one PostgreSQL.
type Store struct {
	Pool *pgxpool.Pool
	DB   *bun.DB // on the same pool
	Now  func(context.Context) (time.Time, error)

	// Clock, if not nil, gives the time instead of the database's clock.
	Clock func() time.Time

	// Wrote, if not nil, is told after each write was committed. It does not wait.
	Wrote func()

	// Names, if not nil, are what searches are answered from in memory, where they can be.
	Names *search.Names

	cursors   *cursors
	accessLog *accessLog
}

// Open makes a store on a migrated database.
func Open(ctx context.Context, pool *pgxpool.Pool) (*Store, error) {
	s := &Store{Pool: pool, DB: bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New()), accessLog: &accessLog{}}
	s.Now = s.databaseTime
	var err error
	s.cursors, err = openCursors(ctx, pool)
	return s, err
}

func (s *Store) databaseTime(ctx context.Context) (now time.Time, err error) {
	if s.Clock != nil {
		return s.Clock(), nil
	}
	err = s.Pool.QueryRow(ctx, "select clock_timestamp()").Scan(&now)
	return now, err
}
