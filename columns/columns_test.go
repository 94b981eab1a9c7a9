package columns_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"guanxi/columns"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// loud keeps what is logged.
type loud struct{ strings.Builder }

func newStore(t *testing.T, memory int) (*columns.Store, *loud, func(string, ...any)) {
	t.Helper()
	pool := pgtest.New(t)
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), text, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("insert into company (id, name, currency, time_zone, created_at, updated_at) values ($1, 'Test', 'CNY', 'Asia/Shanghai', now(), now())", models.CompanyID)
	exec("insert into currencies (code, name) values ('CNY', 'x'), ('USD', 'y')")
	exec("insert into pipelines (id, name, created_at, updated_at) values ($1, 'p', now(), now())", naive.ID(models.PipelineCode, 0))
	exec("insert into stages (id, pipeline_id, name, probability, position, created_at, updated_at) values ($1, $2, 's', 0.5, 1, now(), now())", naive.ID(models.StageCode, 0), naive.ID(models.PipelineCode, 0))
	log := &loud{}
	s := columns.New(columns.Options{
		Pool: pool, Log: slog.New(slog.NewTextHandler(log, nil)), Memory: memory,
		Now: func(context.Context) (time.Time, error) { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), nil },
	})
	return s, log, exec
}

const sold = `insert into opportunities (id, title, pipeline_id, stage_id, status, amount, currency, closed_at, created_at, updated_at)
	select (left(gen_random_uuid()::text, 34) || '23')::uuid, 'x', p.id, s.id, 'WON', 12.5, 'CNY', now(), now(), now()
	from pipelines p, stages s, generate_series(1, $1)`

// Columns tell what they take. When that is more than they may, they switch off, say so, and take nothing.
func TestMemoryIsToldAndBounded(t *testing.T) {
	t.Parallel()
	free, log, exec := newStore(t, 0)
	exec(sold, 20_000)
	if err := free.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	each := free.Bytes() / 20_000
	t.Logf("%d bytes for each fact", each)
	if each < 40 || each > 120 || !strings.Contains(log.String(), fmt.Sprint("bytes=", free.Bytes())) {
		t.Errorf("%d bytes for each fact; the log says %s", each, log)
	}
	tight, log, exec := newStore(t, 100_000)
	exec(sold, 1_000)
	if err := tight.Tend(t.Context()); err != nil || tight.Bytes() == 0 {
		t.Fatalf("%v, %d bytes", err, tight.Bytes())
	}
	for range 4 {
		exec(sold, 1_000)
		if err := tight.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if tight.Bytes() != 0 || !strings.Contains(log.String(), "GUANXI_COLUMNS_MEMORY") {
		t.Errorf("%d bytes; the log says %s", tight.Bytes(), log)
	}
}

// What does not fit into columns, or is of no calendar, is told by an error, and fails no statement of the database.
func TestWhatDoesNotFitIsLeftToSQL(t *testing.T) {
	t.Parallel()
	for _, change := range []string{
		"update opportunities set amount = 9999999999999999", "update opportunities set closed_at = 'infinity'", "update opportunities set opened_on = '-infinity'",
		"update opportunities set opened_on = '0044-03-15 BC'",
	} {
		s, _, exec := newStore(t, 0)
		exec(sold, 3)
		if err := s.Tend(t.Context()); err != nil || s.Bytes() == 0 {
			t.Fatalf("%v, %d bytes", err, s.Bytes())
		}
		exec(change)
		if err := s.Tend(t.Context()); err == nil || strings.Contains(err.Error(), "SQLSTATE") {
			t.Errorf("%s: %v", change, err)
		}
	}
}
