package reports

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"guanxi/internal/pgtest"
	"guanxi/models"
)

// TestSeveralProcessorsMayCountTheFactsOfWhoSeesAll asks PostgreSQL, to which workers cost nothing here, how it would count.
func TestSeveralProcessorsMayCountTheFactsOfWhoSeesAll(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, err := pool.Exec(t.Context(), manyFacts, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	for _, a := range []Ask{
		{By: []string{"MAIN_COMPETITOR", "CLOSED_QUARTER"}, Measures: []string{"lossRate"}},
		{By: []string{"REGION", "CLOSED_MONTH"}, Measures: []string{"lostAmount"}},
		{By: []string{"STAGE"}, Measures: []string{"openAmount", "weightedAmount"}, Where: map[string]any{"status": &models.EnumFilter{In: []string{models.Open}}}},
		{By: []string{"INDUSTRY"}, Measures: []string{"count", "averageCycleDays"}},
	} {
		a.Period = period("2021-01-01", "2026-01-01")
		s := rendered(t, Opportunities, a).statement()
		text, err := s.listed()
		if err != nil {
			t.Fatal(err)
		}
		if plan := explained(t, pool.Config().ConnConfig, s.q.Text(text), s.q.Args()); !strings.Contains(plan, "Partial") {
			t.Errorf("%v is counted by one processor:\n%s", a.By, plan)
		}
	}
}

// manyFacts are enough of them for PostgreSQL to think of workers.
const manyFacts = `set session_replication_role = replica;
	insert into opportunities (id, title, pipeline_id, stage_id, customer_id, owner_id, status, currency, closed_at, created_at, updated_at)
		select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000023')::uuid, 'sale', md5((n % 5)::text)::uuid, md5((n % 5)::text)::uuid, md5((n % 5)::text)::uuid, md5((n % 5)::text)::uuid, (array['LOST', 'OPEN'])[n % 2 + 1], 'CNY', case when n % 2 = 0 then timestamptz '2025-01-01Z' end, now(), now() from generate_series(1, 5000) n;
	set session_replication_role = origin; analyze opportunities`

func explained(t *testing.T, config *pgx.ConnConfig, text string, args []any) string {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err = conn.Exec(t.Context(), "set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set enable_indexscan = off; set enable_bitmapscan = off", pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), "explain "+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
