package access_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// What a compiled authorization may add to a statement, for one source of records.
const (
	mostJoins = 20
	mostText  = 16 << 10
)

// bigCompany has 5,000 users in 10 levels of departments, 200 groups, and a user with 200 grants of every sort.
const bigCompany = `
	insert into users (id, login, name, created_at, updated_at)
		select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000001')::uuid, n::text, n::text, now(), now() from generate_series(1, 5000) n;
	insert into departments (id, name, path, created_at, updated_at)
		select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000002')::uuid, n::text,
			array(select (lpad(to_hex(m), 8, '0') || '-0000-7000-8000-000000000002')::uuid from generate_series(n / 10 * 10, n) m), now(), now() from generate_series(0, 499) n;
	insert into groups (id, name, created_at, updated_at)
		select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000003')::uuid, n::text, now(), now() from generate_series(1, 200) n;
	insert into group_members (group_id, user_id)
		select (lpad(to_hex(n % 200 + 1), 8, '0') || '-0000-7000-8000-000000000003')::uuid, (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000001')::uuid from generate_series(1, 5000) n;
	insert into memberships (id, user_id, department_id, is_primary, created_at, updated_at)
		select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000005')::uuid, (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000001')::uuid,
			(lpad(to_hex(n % 500), 8, '0') || '-0000-7000-8000-000000000002')::uuid, true, now(), now() from generate_series(1, 5000) n;
	insert into roles (id, code, name, permissions, created_at, updated_at)
		values ('00000001-0000-7000-8000-000000000004', 'all', 'all', array['CUSTOMER_READ', 'CONTACT_READ', 'OPPORTUNITY_READ', 'SERVICE_READ', 'DOCUMENT_READ', 'ACTIVITY_READ', 'RELATIONSHIP_READ'], now(), now());
	insert into user_roles (user_id, role_id) values ('00000001-0000-7000-8000-000000000001', '00000001-0000-7000-8000-000000000004');
	insert into field_rights (role_id, rule, relation, access)
		select '00000001-0000-7000-8000-000000000004', rule, relation, case relation when 'OWN' then 'FULL' when 'SCOPE' then 'MASKED' else 'NONE' end
			from unnest(array['CONTACT_DETAILS', 'AMOUNTS', 'COSTS']) rule, unnest(array['OWN', 'SCOPE', 'OTHER']) relation;
	insert into grants (id, grantee_user_id, subject_id, with_sub_departments, effect, level, kinds, everyone, created_at, updated_at)
		select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000006')::uuid, '00000001-0000-7000-8000-000000000001',
			(lpad(to_hex(n), 8, '0') || '-0000-7000-8000-00000000000' || (n % 3 + 1))::uuid, true, case when n % 5 = 0 then 'DENY' else 'ALLOW' end,
			case when n % 2 = 0 then 'MANAGE' else 'OBSERVE' end, case when n % 7 = 0 then array['CUSTOMER'] when n % 11 = 0 then array['DOCUMENT', 'ACTIVITY'] end, false, now(), now()
			from generate_series(1, 199) n`

// tables finds the tables that a text reads.
var tables = regexp.MustCompile(`\b(from|join)\s+[a-z_]+\b`)

// TestAuthorizationStaysSmallInSQL holds what is added to a statement against its bounds, for viewers in a large company: people
// travel as parameters, so neither they nor grants make the text longer.
func TestAuthorizationStaysSmallInSQL(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, err := pool.Exec(t.Context(), bigCompany); err != nil {
		t.Fatal(err)
	}
	longest, widest := 0, 0
	for _, everyone := range []bool{false, true} {
		if everyone {
			if _, err := pool.Exec(t.Context(), `insert into grants (id, grantee_user_id, everyone, effect, level, created_at, updated_at)
				values ('000000c8-0000-7000-8000-000000000006', '00000001-0000-7000-8000-000000000001', true, 'ALLOW', 'MANAGE', now(), now())`); err != nil {
				t.Fatal(err)
			}
		}
		v, err := access.Load(t.Context(), pool, [16]byte{3: 1, 6: 0x70, 8: 0x80, 15: byte(models.UserCode)}, time.Now())
		if err != nil || v.Anonymous() {
			t.Fatal("the viewer is nobody", err)
		}
		for _, kind := range access.Kinds {
			for name, source := range map[string]func(*access.Query) string{
				"Visible":    func(q *access.Query) string { return q.Visible(kind, "r") },
				"Manageable": func(q *access.Query) string { return q.Manageable(kind, "r") },
				"Deleted":    func(q *access.Query) string { return q.Deleted(kind, "r") },
			} {
				if name == "Deleted" && kind.Guard != access.Business && kind.Guard != access.BetweenParties {
					continue
				}
				q := v.Query()
				text := q.Text(source(q))
				joins := len(tables.FindAllString(text, -1)) - 1
				longest, widest = max(longest, len(text)), max(widest, joins)
				if len(text) > mostText || joins > mostJoins {
					t.Errorf("%s of %s, everyone %t: %d bytes and %d joins", name, kind.Name, everyone, len(text), joins)
				}
				if _, err := pool.Exec(t.Context(), "explain select r.id from "+text, append([]any{pgx.QueryExecModeCacheStatement}, q.Args()...)...); err != nil {
					t.Errorf("%s of %s does not run: %v", name, kind.Name, err)
				}
			}
		}
	}
	t.Logf("at most %d bytes and %d joins", longest, widest)
}
