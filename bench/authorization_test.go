package bench

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"slices"
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

//go:embed company.sql
var company string

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
	fill := strings.NewReplacer("{users}", fmt.Sprint(h.users), "{customers}", fmt.Sprint(n), "{works}", models.WorksAtID.String(),
		"{pool}", fmt.Sprint(int(models.PoolCode))).Replace(company)
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
	filled := time.Since(began)
	if err := simulate.Count(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	fmt.Printf("%d customers of %d users, filled in %v, counted in %v\n", n, h.users, filled.Round(time.Second), (time.Since(began) - filled).Round(time.Second))
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

// BenchmarkAuthorization prints what a simulation takes against 300 ms, with and without the counts that are kept, and what scope
// costs, against the same question of who needs none:
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

// simulation gives ten people a grant over a division, a quarter of the owners.
func (h *house) simulation(b *testing.B) {
	role, division := id(2, models.RoleCode), id(1, models.DepartmentCode)
	change := simulate.Change{Grant: &models.Grant{GranteeRoleID: &role, SubjectID: &division, WithSubDepartments: true, Effect: models.Allow, Level: models.Observe}}
	run := func(b *testing.B) {
		var all []time.Duration
		var records int
		worked, runs := h.worked(), 0
		for b.Loop() {
			runs++
			began := time.Now()
			found, err := simulate.Run(context.Background(), h.store, h.all, []simulate.Change{change})
			if err != nil || len(found.Changed) != 10 {
				b.Fatal(err)
			}
			all, records = append(all, time.Since(began)), 0
			for _, kind := range found.Changed[0].Gained {
				records += kind.Count
			}
		}
		b.ReportMetric(ms(h.worked()-worked)/float64(runs), "cpu-ms")
		slices.Sort(all)
		middle := all[len(all)/2]
		b.ReportMetric(ms(middle), "ms")
		b.ReportMetric(ms(middle)/300, "of-300-ms")
		b.ReportMetric(float64(h.users/4), "owners")
		b.ReportMetric(float64(records), "records-each")
	}
	b.Run("simulating ten grantees", run)
	h.exec("update contacts set owner_id = null where id in (select id from contacts limit 1000)")
	b.Run("simulating ten grantees, 1000 contacts changed since", run)
}

// worked is how long this process and those of its database have been at work: on a machine that others use too, it tells
// more than the clock.
func (h *house) worked() time.Duration {
	var pids []int
	if err := h.store.DB.NewRaw("select pid from pg_stat_activity where datname = current_database()").Scan(h.Context(), &pids); err != nil {
		h.Fatal(err)
	}
	sum, one := busy(h.B), int64(0)
	for _, pid := range pids {
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid)); err == nil {
			fmt.Sscan(string(text), &one)
			sum += time.Duration(one)
		}
	}
	return sum
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
