// Package pgtest gives every test a PostgreSQL database of its own.
//
// All test processes of a machine share one private cluster in memory, whose
// data may be lost. The first that needs it starts it; when nobody has used it
// for two minutes it is stopped and removed. A database is cloned from a
// template that was filled once, which takes some tens of milliseconds.
package pgtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/postgres"
	"guanxi/store/migrations"
)

// idle is how long the shared cluster stays when no test process uses it.
const idle = 2 * time.Minute

// shared is the cluster that all test processes of the machine use.
var shared = sync.OnceValues(func() (*host, error) {
	return join(context.Background(), sharedFolder(), idle)
})

// New returns a pool on a fresh, migrated database. Test and database end together.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return openPool(t, NewURL(t))
}

// NewURL returns the address of a fresh, migrated database.
func NewURL(t testing.TB) string {
	t.Helper()
	return cloneOf(t, migrated())
}

// NewEmpty returns a pool on a fresh database without any table.
func NewEmpty(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return openPool(t, cloneOf(t, template{database: "template1"}))
}

// Template returns a pool on a fresh copy of a named, filled database. The
// first test that asks fills it, on top of the migrated one; all others, in
// every test process, get copies. The hash stands for what fill does and
// reads: another hash is another template.
func Template(t testing.TB, name, hash string, fill func(context.Context, *pgxpool.Pool) error) *pgxpool.Pool {
	t.Helper()
	base := migrated()
	return openPool(t, cloneOf(t, template{
		database: templateName(name, base.database+" "+hash),
		base:     &base,
		fill:     fill,
	}))
}

// migrated is the template that the migrations make.
func migrated() template {
	return template{
		database: templateName("migrated", migrations.Hash()),
		base:     &template{database: "template1"},
		fill: func(ctx context.Context, pool *pgxpool.Pool) error {
			_, err := migrations.Up(ctx, postgres.Bun(pool))
			return err
		},
	}
}

func cloneOf(t testing.TB, from template) string {
	t.Helper()
	h, err := shared()
	if err != nil {
		t.Fatalf("a test database is not to be had: %v", err)
	}
	url, err := h.clone(t.Context(), from)
	if err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() { h.drop(url) })
	return url
}

func openPool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.NewPool(t.Context(), url, postgres.Limits{Statement: 2 * time.Minute, Connections: 8})
	if err != nil {
		t.Fatalf("open a test database: %v", err)
	}
	t.Cleanup(func() {
		neverAstray(t, pool)
		closePool(t, pool)
	})
	return pool
}

// closePool closes a test's pool and reports connections that the test never gave back.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	closed := make(chan struct{})
	go func() { pool.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Errorf("%d database connections are still in use at the end of the test", pool.Stat().AcquiredConns())
	}
}
