package importer

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/store"
)

// company is one test's own company, freshly set up.
type company struct {
	t      *testing.T
	store  *store.Store
	viewer *access.Viewer
}

func newCompany(t *testing.T) *company {
	t.Helper()
	t.Parallel()
	return openCompany(t, pgtest.NewURL(t))
}

func openCompany(t *testing.T, url string) *company {
	t.Helper()
	s, viewer, done, err := enter(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	return &company{t, s, viewer}
}

// into imports files by a mapping and fails on an error; problems of rows are in the result.
func (c *company) into(mapping string, paths ...string) *Result {
	c.t.Helper()
	return c.run(Options{}, mapping, paths...)
}

func (c *company) run(options Options, mapping string, paths ...string) *Result {
	c.t.Helper()
	result, err := Run(context.Background(), c.store, c.viewer, open(c.t, mapping, paths...), options)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, k := range result.Kinds {
		if k.Read != k.Created+k.Updated+k.Unchanged+k.Repeated+k.LeftOut {
			c.t.Errorf("rows were lost: %+v", k)
		}
	}
	return result
}

// clean imports and fails on any problem.
func (c *company) clean(mapping string, paths ...string) *Result {
	c.t.Helper()
	result := c.into(mapping, paths...)
	if len(result.Problems) > 0 {
		c.t.Fatalf("%d problems, first: %v", len(result.Problems), result.Problems[0])
	}
	return result
}

// one reads a single value.
func one[T any](c *company, sql string, args ...any) T {
	c.t.Helper()
	var value T
	if err := c.store.Pool.QueryRow(context.Background(), sql, args...).Scan(&value); err != nil {
		c.t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// is wants a single value.
func is[T comparable](c *company, want T, sql string, args ...any) {
	c.t.Helper()
	if got := one[T](c, sql, args...); got != want {
		c.t.Errorf("%s: %v, want %v", sql, got, want)
	}
}

// rowsOf reads rows into structs.
func rowsOf[T any](c *company, sql string) []T {
	c.t.Helper()
	rows, err := c.store.Pool.Query(context.Background(), sql)
	if err != nil {
		c.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

// people does what somebody in the company would do by hand.
func (c *company) people(sql string, args ...any) {
	c.t.Helper()
	done, err := c.store.Pool.Exec(context.Background(), sql, args...)
	if err != nil || done.RowsAffected() == 0 {
		c.t.Fatalf("%s: %d rows, %v", sql, done.RowsAffected(), err)
	}
}

// counts wants what became of the records of a kind.
func (c *company) counts(r *Result, want KindResult) {
	c.t.Helper()
	got := *r.kind(want.Kind)
	got.Read, got.LeftOut, got.Repeated, got.PassedOver = 0, 0, 0, 0
	if got != want {
		c.t.Errorf("counted %+v, want %+v", got, want)
	}
}

// files writes a mapping and files beside it, named alternately with their content, and gives the mapping and the folder.
func files(t *testing.T, mapping string, list ...string) (string, string) {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(list); i += 2 {
		write(t, filepath.Join(dir, list[i]), list[i+1])
	}
	return write(t, filepath.Join(t.TempDir(), "mapping.yaml"), mapping), dir
}

// system is the viewer of a command-line import.
func system(s *store.Store) (*access.Viewer, error) {
	company := models.Company{Currency: "USD", TimeZone: "Asia/Shanghai"}
	now, err := s.Now(context.Background())
	return access.System("import", now.UTC().Truncate(time.Microsecond), company), err
}
