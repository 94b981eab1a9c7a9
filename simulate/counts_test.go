package simulate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/simulate"
)

// A kind whose changes are not noted would be counted as it once was.
func TestEveryChangeOfHandsIsNoted(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	for _, kind := range access.Kinds {
		if kind.Guard != access.Business && kind != access.Relationship {
			continue
		}
		for trigger, parts := range map[string][]string{
			"added":   {"AFTER INSERT", "note_added_holdings"},
			"changed": append(access.Holdings(kind.Table), "AFTER UPDATE ON", "note_changed_holding"),
			"gone":    {"DELETE", "TRUNCATE", "forget_holdings"},
		} {
			var definition string
			err := c.store.DB.NewRaw("select coalesce(max(pg_get_triggerdef(oid)), '') from pg_trigger where tgrelid = ?::regclass and tgname = ? and tgenabled = 'O'",
				kind.Table, kind.Table+"_"+trigger).Scan(t.Context(), &definition)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range parts {
				if !strings.Contains(definition, part) {
					t.Errorf("the trigger %s_%s does not speak of %s: %s", kind.Table, trigger, part, definition)
				}
			}
		}
	}
}

// numbered makes ids of numbers.
const numbered = `create schema f; create function f.id(n bigint, kind int) returns uuid language sql immutable as
	$$ select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-0000000000' || lpad(to_hex(kind), 2, '0'))::uuid $$`

// chain is a customer with a contact, and an opportunity, a service and what is attached to them, one hanging on the other.
const chain = `
	insert into users (id, login, name, created_at, updated_at) select f.id(n, 1), n::text, 'u', now(), now() from generate_series(1, 2) n;
	insert into customers (id, name, kind, lifecycle, owner_id, created_at, updated_at)
		select f.id(n, 16), 'c', 'ORGANIZATION', 'LEAD', f.id(1, 1), now(), now() from generate_series(1, 2) n;
	update customers set owner_id = f.id(2, 1) where id = f.id(2, 16);
	insert into contacts (id, name, created_at, updated_at) values (f.id(1, 17), 'k', now(), now());
	insert into relationships (id, type_id, a_id, b_id, created_at, updated_at) values (f.id(1, 20), '%s', f.id(1, 17), f.id(1, 16), now(), now());
	insert into opportunities (id, title, customer_id, pipeline_id, stage_id, status, created_at, updated_at)
		select f.id(1, 35), 'o', f.id(1, 16), pipeline_id, id, 'OPEN', now(), now() from stages limit 1;
	insert into services (id, title, kind, status, priority, opportunity_id, opened_at, created_at, updated_at)
		values (f.id(1, 48), 's', 'REPAIR', 'OPEN', 'NORMAL', f.id(1, 35), now(), now(), now());
	insert into documents (id, name, media_type, size, sha256, storage_key, service_id, uploaded_at, created_at, updated_at)
		values (f.id(1, 49), 'd', 'text/plain', 1, '', 'k', f.id(1, 48), now(), now(), now());
	insert into activities (id, kind, summary, happened_at, opportunity_id, created_at, updated_at) values (f.id(1, 50), 'CALL', 'a', now(), f.id(1, 35), now(), now())`

// TestCountsFollowWhateverChanged changes one table after the other, and holds the counts that were kept, brought up to date only for kinds
// that are said to follow, against the records.
func TestCountsFollowWhateverChanged(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	exec := func(text string) {
		t.Helper()
		if _, err := c.store.Pool.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	exec(numbered)
	exec(fmt.Sprintf(chain, models.WorksAtID))
	day := models.DateOf(c.now).AddDays(-2)
	number := func(q *access.Query, text string) (rows string) {
		t.Helper()
		all := "select coalesce(string_agg(concat_ws(' ', owner, holders, records), ', ' order by owner, holders), '') from (select coalesce(owner, $%d) as owner, holders, sum(records) as records from (" +
			q.Text(text) + ") x group by 1, 2 having sum(records) <> 0) x"
		if err := c.store.Pool.QueryRow(t.Context(), fmt.Sprintf(all, len(q.Args())+1), append(q.Args(), uuid.Nil)...).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	stale := map[string]bool{}
	for _, change := range []string{
		"customers set owner_id = f.id(2, 1) where id = f.id(1, 16)", "customers set deleted_at = now(), deletion_id = id where id = f.id(1, 16)", "customers set deleted_at = null, deletion_id = null where id = f.id(1, 16)",
		"contacts set owner_id = f.id(1, 1)", "relationships set valid_until = '2021-01-01'", "opportunities set customer_id = f.id(2, 16), owner_id = f.id(1, 1)",
		"opportunities set customer_id = null", "services set customer_id = f.id(2, 16)", "services set deleted_at = now(), deletion_id = id", "services set deleted_at = null, deletion_id = null",
		"documents set service_id = null, opportunity_id = f.id(1, 35)", "activities set service_id = f.id(1, 48)", "saved_reports set owner_id = f.id(2, 1)",
	} {
		if err := simulate.Count(t.Context(), c.store); err != nil {
			t.Fatal(err)
		}
		exec("update " + change)
		for _, kind := range access.Kinds {
			if kind.Guard != access.Business {
				continue
			}
			table, _, _ := strings.Cut(change, " ")
			var follows bool
			for _, changed := range access.Kinds {
				follows = follows || changed.Table == table && kind.Follows(changed.Code)
			}
			q := c.admin.Query()
			really := number(q, "select owner, holders, count(*) as records from ("+q.Held(kind, access.Hands{All: true}, "true")+") h where not listed group by 1, 2")
			q = c.admin.Query()
			if kept := number(q, q.Counts(kind, access.Hands{All: true}, day, follows)); kept != really {
				t.Errorf("after %s the counts of %s, followed %t, are %s, of the records %s", change, kind.Name, follows, kept, really)
			}
			q = c.admin.Query()
			if follows && number(q, q.Counts(kind, access.Hands{All: true}, day, false)) != really {
				stale[table+" "+kind.Name] = true
			}
		}
	}
	if len(stale) < 14 {
		t.Errorf("only these were moved by a change of others: %v", stale)
	}
}
