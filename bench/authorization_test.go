package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/simulate"
	"guanxi/store"
)

// customers is how many the company has: 1,000,000 with 2,000 users, or GUANXI_BENCH of them with a user for every 500.
func customers(b *testing.B) int {
	text := os.Getenv("GUANXI_BENCH")
	if text == "" {
		return 1_000_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 10_000 {
		b.Fatalf("GUANXI_BENCH is %q: write a number of customers from 10,000", text)
	}
	return n
}

// company fills a database. User 1 sees his own, 2 a tenth of all owners', 3 three quarters', 4 all; 5 to 14 are the people of
// a project, whose role is to see a quarter. Each customer has a contact and an opportunity; one opportunity in twenty is a
// colleague's. One customer in a thousand is shared with somebody.
const company = `set session_replication_role = replica;
	insert into users (id, login, name, created_at, updated_at) select pg_temp.id(n, 1), n::text, n::text, now(), now() from generate_series(1, {users}) n;
	insert into roles (id, code, name, permissions, created_at, updated_at) select pg_temp.id(n, 4), 'bench' || n, 'bench',
		array['CUSTOMER_READ', 'CONTACT_READ', 'OPPORTUNITY_READ', 'SERVICE_READ', 'DOCUMENT_READ', 'ACTIVITY_READ', 'RELATIONSHIP_READ', 'REPORT'], now(), now() from generate_series(1, 2) n;
	insert into user_roles (user_id, role_id) select pg_temp.id(n, 1), pg_temp.id(1, 4) from generate_series(1, {users}) n
		union all select pg_temp.id(n, 1), pg_temp.id(2, 4) from generate_series(5, 14) n;
	insert into groups (id, name, created_at, updated_at) select pg_temp.id(n, 3), n::text, now(), now() from generate_series(1, 3) n;
	insert into group_members (group_id, user_id) select pg_temp.id(1, 3), pg_temp.id(n, 1) from generate_series(1, {users} / 4) n
		union all select pg_temp.id(2, 3), pg_temp.id(n, 1) from generate_series(1, {users} / 10) n
		union all select pg_temp.id(3, 3), pg_temp.id(n, 1) from generate_series(1, {users} * 3 / 4) n;
	insert into grants (id, grantee_user_id, subject_id, everyone, effect, level, created_at, updated_at) values
		(pg_temp.id(1, 6), pg_temp.id(2, 1), pg_temp.id(2, 3), false, 'ALLOW', 'OBSERVE', now(), now()),
		(pg_temp.id(2, 6), pg_temp.id(3, 1), pg_temp.id(3, 3), false, 'ALLOW', 'OBSERVE', now(), now()),
		(pg_temp.id(3, 6), pg_temp.id(4, 1), null, true, 'ALLOW', 'OBSERVE', now(), now());
	insert into customers (id, name, kind, lifecycle, owner_id, created_at, updated_at)
		select pg_temp.id(n, 16), 'c' || n, 'ORGANIZATION', 'LEAD', pg_temp.id(n % {users} + 1, 1), now() - n * interval '1 second', now() from generate_series(1, {customers}) n;
	insert into contacts (id, name, owner_id, created_at, updated_at)
		select pg_temp.id(n, 17), 'k' || n, pg_temp.id(n % {users} + 1, 1), now(), now() from generate_series(1, {customers}) n;
	insert into relationships (id, type_id, a_id, b_id, created_at, updated_at)
		select pg_temp.id(n, 20), '{works}', pg_temp.id(n, 17), pg_temp.id(n, 16), now(), now() from generate_series(1, {customers}) n;
	insert into opportunities (id, title, customer_id, pipeline_id, stage_id, status, amount, currency, opened_on, closed_at, owner_id, created_at, updated_at)
		select pg_temp.id(n, 35), 'o' || n, pg_temp.id(n, 16), s.pipeline_id, s.id, (array['WON', 'LOST', 'LOST', 'OPEN'])[n % 4 + 1], n % 1000, 'CNY', current_date - 90,
			case when n % 4 < 3 then now() - n % 60 * interval '1 day' end, pg_temp.id((n + case when n % 20 = 0 then 7 else 0 end) % {users} + 1, 1), now() - n * interval '1 second', now()
		from generate_series(1, {customers}) n cross join (select id, pipeline_id from stages order by id limit 1) s;
	insert into shares (id, record_id, subject_id, level, created_at, updated_at)
		select pg_temp.id(n, 7), pg_temp.id(n * 1000, 16), pg_temp.id(n % 20 + 1, 1), 'OBSERVE', now(), now() from generate_series(1, {customers} / 1000) n`

const numbered = `create function pg_temp.id(n bigint, kind int) returns uuid language sql immutable as
	$$ select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-0000000000' || lpad(to_hex(kind), 2, '0'))::uuid $$`

func id(n uint16, kind models.KindCode) uuid.UUID {
	return uuid.UUID{2: byte(n >> 8), 3: byte(n), 6: 0x70, 8: 0x80, 15: byte(kind)}
}

// house is a filled database.
type house struct {
	*testing.B
	store *store.Store
	users int
	all   *access.Viewer
}

func newHouse(b *testing.B) *house {
	n := customers(b)
	pool := pgtest.New(b)
	s, err := store.Open(b.Context(), pool)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Setup(b.Context(), store.SetupOptions{}); err != nil {
		b.Fatal(err)
	}
	h := &house{B: b, store: s, users: min(2_000, max(20, n/500))}
	h.all = access.System("the bench counts without authorization", time.Now(), models.Company{Currency: "CNY", TimeZone: "Asia/Shanghai"})
	fill := strings.NewReplacer("{users}", fmt.Sprint(h.users), "{customers}", fmt.Sprint(n), "{works}", models.WorksAtID.String()).Replace(company)
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	began := time.Now()
	for _, text := range []string{"set statement_timeout = 0", numbered, fill, "vacuum analyze"} {
		if _, err := conn.Exec(b.Context(), text); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d customers, contacts and opportunities of %d users, filled in %v", n, h.users, time.Since(began).Round(time.Second))
	return h
}

func (h *house) viewer(n uint16) *access.Viewer {
	v, _, err := h.store.Rights(h.Context(), id(n, models.UserCode), time.Now())
	if err != nil || v.Anonymous() {
		h.Fatal("nobody", err)
	}
	return v
}

// timed gives the shortest of some runs, after one to warm up.
func timed(b *testing.B, do func()) time.Duration {
	do()
	least := time.Duration(1<<63 - 1)
	for b.Loop() {
		began := time.Now()
		do()
		least = min(least, time.Since(began))
	}
	return least
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkAuthorization prints what a simulation takes, against just counting the same owners' records and against 300 ms, and
// what scope costs, against the same question of who needs none:
//
//	go test ./bench -run xxx -bench Authorization -benchtime 5x
//	GUANXI_BENCH=20000 go test ./bench -run xxx -bench Authorization -benchtime 5x
func BenchmarkAuthorization(b *testing.B) {
	h := newHouse(b)
	h.simulation(b)
	for _, who := range []struct {
		name string
		user uint16
	}{{"an owner", 1}, {"a manager of a tenth", 2}, {"a director of three quarters", 3}, {"one who sees all", 4}} {
		h.scope(b, who.name, h.viewer(who.user))
	}
}

// simulation gives ten people a grant over a quarter of the owners, 500 of 2,000.
func (h *house) simulation(b *testing.B) {
	role, group := id(2, models.RoleCode), id(1, models.GroupCode)
	change := simulate.Change{Grant: &models.Grant{GranteeRoleID: &role, SubjectID: &group, Effect: models.Allow, Level: models.Observe}}
	var owners []uuid.UUID
	for n := range h.users / 4 {
		owners = append(owners, id(uint16(n+1), models.UserCode))
	}
	b.Run("simulating ten grantees", func(b *testing.B) {
		counting := least(3, func() {
			for _, table := range []string{"customers", "contacts", "opportunities"} {
				h.exec("select count(*) from "+table+" where owner_id = any($1) and deleted_at is null", owners)
			}
		})
		took := timed(b, func() {
			found, err := simulate.Run(context.Background(), h.store, h.all, []simulate.Change{change})
			if err != nil || len(found.Changed) != 10 {
				b.Fatal(err)
			}
		})
		b.ReportMetric(ms(took), "ms")
		b.ReportMetric(ms(took)/300, "of-300-ms")
		b.ReportMetric(float64(took)/float64(counting), "of-counting")
	})
}

func least(times int, do func()) time.Duration {
	shortest := time.Duration(1<<63 - 1)
	for range times {
		began := time.Now()
		do()
		shortest = min(shortest, time.Since(began))
	}
	return shortest
}

func (h *house) exec(text string, args ...any) {
	if _, err := h.store.Pool.Exec(h.Context(), text, append([]any{pgx.QueryExecModeCacheStatement}, args...)...); err != nil {
		h.Fatal(err)
	}
}

// scope asks the same questions as a viewer and as one who needs no authorization.
func (h *house) scope(b *testing.B, name string, v *access.Viewer) {
	fifty := 50
	list := func(v *access.Viewer, field, direction string, count bool) {
		snap := access.Look(h.store.Pool, v)
		defer snap.Close(context.Background())
		page, err := store.Customers.List(context.Background(), h.store, snap, store.Ask{First: &fifty, OrderBy: []models.Order{{Field: field, Direction: direction}}})
		if err == nil && count {
			_, err = page.Counted(context.Background())
		}
		if err != nil || len(page.Edges) != 50 {
			b.Fatal(len(page.Edges), err)
		}
	}
	for _, question := range []struct {
		name string
		ask  func(*access.Viewer)
	}{
		{"the newest 50", func(v *access.Viewer) { list(v, "CREATED_AT", "DESC", false) }},
		{"the first 50 by name", func(v *access.Viewer) { list(v, "NAME", "ASC", false) }},
		{"50 and how many", func(v *access.Viewer) { list(v, "CREATED_AT", "DESC", true) }},
		{"the loss rate by owner", func(v *access.Viewer) {
			snap := access.Look(h.store.Pool, v)
			defer snap.Close(context.Background())
			if _, err := reports.New().Run(context.Background(), snap, reports.Opportunities, reports.Ask{By: []string{"OWNER"}, First: 1000}); err != nil {
				b.Fatal(err)
			}
		}},
	} {
		b.Run(name+"/"+question.name, func(b *testing.B) {
			free := least(3, func() { question.ask(h.all) })
			took := timed(b, func() { question.ask(v) })
			b.ReportMetric(ms(took), "ms")
			b.ReportMetric(float64(took)/float64(free), "of-unscoped")
		})
	}
}
