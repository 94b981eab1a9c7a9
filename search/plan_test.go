package search

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

func TestIndexesServeTheSearch(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%v: %s", err, sql)
		}
	}
	boss, seller := models.NewID(models.UserCode), models.NewID(models.UserCode)
	exec(`insert into users (id, login, name, created_at, updated_at) values ($1, 'boss', 'b', now(), now()), ($2, 'seller', 's', now(), now())`, boss, seller)
	for who, other := range map[uuid.UUID]string{boss: "FULL", seller: "MASKED"} {
		role := models.NewID(models.RoleCode)
		exec(`insert into roles (id, code, name, permissions, created_at, updated_at) values ($1, $2, 'r', '{CUSTOMER_READ}', now(), now())`, role, role.String())
		exec(`insert into user_roles (user_id, role_id) values ($1, $2)`, who, role)
		exec(`insert into field_rights (role_id, rule, relation, access) values ($1, 'CONTACT_DETAILS', 'OWN', 'FULL'), ($1, 'CONTACT_DETAILS', 'SCOPE', $2), ($1, 'CONTACT_DETAILS', 'OTHER', $2)`, role, other)
	}
	exec(`insert into grants (id, grantee_user_id, everyone, effect, level, created_at, updated_at) values ($1, $2, true, 'ALLOW', 'OBSERVE', now(), now())`, models.NewID(models.GrantCode), boss)
	exec(`insert into customers (id, name, kind, lifecycle, owner_id, search_terms, search_text, phone_terms, created_at, updated_at)
		select (substr(md5('c' || n), 1, 30) || '10')::uuid, 'c' || n, 'PERSON', 'LEAD', $1, array['t' || n % 2000], 'customer' || md5(n::text), array[(10000 + n)::text], now(), now()
		from generate_series(1, 30000) n`, seller)
	exec("analyze")

	plan := func(who uuid.UUID, text string) string {
		t.Helper()
		v, err := access.Load(t.Context(), pool, who, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		snap := access.Look(pool, v)
		defer snap.Close(t.Context())
		f, err := look(snap, Ask{Text: text, Kinds: []string{"CUSTOMER"}})
		if err != nil {
			t.Fatal(err)
		}
		var lines strings.Builder
		err = snap.Run(t.Context(), f.q, "explain "+strings.Join(f.arms(f.kinds), " union all "), func(row access.Row) error {
			var line string
			err := row.Scan(&line)
			lines.WriteString(line + "\n")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return lines.String()
	}
	for _, who := range []uuid.UUID{boss, seller} {
		for text, index := range map[string]string{"t7": "customers_search_terms_idx", "abcd": "customers_search_text_idx", "12345": "customers_phone_terms_idx"} {
			if got := plan(who, text); !strings.Contains(got, index) || strings.Contains(got, "Seq Scan on customers") {
				t.Errorf("%q does not go by %s:\n%s", text, index, got)
			}
		}
	}
}
