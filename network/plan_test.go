package network

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/access"
	"guanxi/internal/pgtest"
)

// manyEdges fills a company of one salesperson: 20,000 customers, half of them his, and 100,000 relationships, of which
// one customer has 2,000. It gives the salesperson and that customer.
func manyEdges(t *testing.T, pool *pgxpool.Pool) (seller, hub uuid.UUID) {
	seller = uuid.MustParse("00000000-0000-7000-8000-000000000001")
	for _, sql := range []string{
		`insert into users (id, login, name, created_at, updated_at) select ('00000000-0000-7000-8000-00000000' || n || '01')::uuid, n, 'someone', now(), now() from unnest('{00,01}'::text[]) n`,
		`insert into roles (id, code, name, permissions, created_at, updated_at) values ('00000000-0000-7000-8000-000000000004', 'sales', 's', '{CUSTOMER_READ,CONTACT_READ,RELATIONSHIP_READ}', now(), now())`,
		`insert into user_roles (user_id, role_id) values ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000004')`,
		`insert into relationship_types (id, code, name_ab, name_ba, category, introduces, a_kinds, b_kinds, created_at, updated_at)
			values ('00000000-0000-7000-8000-000000000013', 'KNOWS', 'k', 'k', 'SOCIAL', true, '{}', '{}', now(), now())`,
		`insert into customers (id, name, kind, lifecycle, owner_id, created_at, updated_at)
			select (substr(md5('c' || n), 1, 30) || '10')::uuid, 'c', 'PERSON', 'LEAD', ('00000000-0000-7000-8000-000000000' || n % 2 || '01')::uuid, now(), now()
			from generate_series(1, 20000) n`,
		`insert into relationships (id, type_id, a_id, b_id, created_at, updated_at)
			select (substr(md5('r' || n), 1, 30) || '14')::uuid, '00000000-0000-7000-8000-000000000013',
				(substr(md5('c' || case when n <= 2000 then 2 else 1 + n % 20000 end), 1, 30) || '10')::uuid,
				(substr(md5('c' || 1 + (n::bigint * 7919 + n / 20000) % 20000), 1, 30) || '10')::uuid, now(), now()
			from generate_series(1, 100000) n
			where case when n <= 2000 then 2 else 1 + n % 20000 end <> 1 + (n::bigint * 7919 + n / 20000) % 20000
			on conflict do nothing`,
		`analyze`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v: %s", err, sql)
		}
	}
	err := pool.QueryRow(t.Context(), `select (substr(md5('c2'), 1, 30) || '10')::uuid`).Scan(&hub)
	if err != nil {
		t.Fatal(err)
	}
	return seller, hub
}

func TestAHopTouchesOnlyTheRelationshipsOfItsFrontier(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	seller, hub := manyEdges(t, pool)
	v, err := access.Load(t.Context(), pool, seller, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	snap := access.Look(pool, v)
	t.Cleanup(func() { snap.Close(context.Background()) })

	n, err := New().Around(t.Context(), snap, hub, 4, 500)
	if err != nil || len(n.Nodes) != 500 || !n.Truncated {
		t.Fatalf("network of the hub: %+v, %v", n, err)
	}
	frontier := pairs{}
	for _, node := range n.Nodes[:100] {
		frontier.add(hub, node.PartyID)
	}
	q := v.Query()
	text := outward(q, frontier.table(q, "f"))
	var plan strings.Builder
	err = snap.Run(t.Context(), q, "explain (analyze, timing off) "+text, func(row access.Row) error {
		var line string
		err := row.Scan(&line)
		plan.WriteString(line + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range []string{"relationships_a_id_idx", "relationships_b_id_idx"} {
		if !strings.Contains(plan.String(), index) {
			t.Errorf("%s is not used", index)
		}
	}
	if strings.Contains(plan.String(), "Seq Scan on relationships") {
		t.Errorf("all relationships are scanned")
	}
	if t.Failed() || testing.Verbose() {
		t.Log(plan.String())
	}
}
