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
	for _, text := range []string{"set statement_timeout = 0", numbered, fill, "reset session_replication_role", "vacuum analyze"} {
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
	}{{"an owner", 16}, {"a manager of a tenth", 2}, {"a director of three quarters", 3}, {"one who sees all", 4}} {
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
			found, err := simulate.Run(context.Background(), h.store, h.all, simulate.Asked{Changes: []simulate.Change{change}}, nil)
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

// scope asks lists of a viewer: as they are rendered for him, against the best of the forms that were tried by hand, and against who needs no
// authorization.
func (h *house) scope(b *testing.B, name string, v *access.Viewer) {
	newest, byName := []models.Order{{Field: "CREATED_AT", Direction: "DESC"}}, []models.Order{{Field: "NAME"}}
	won := "WON"
	ofWinners := map[string]any{"opportunities": map[string]any{"some": map[string]any{"status": &models.EnumFilter{Eq: &won}}}}
	for _, question := range []struct {
		name  string
		page  access.Page
		order []models.Order
		count bool
	}{
		{"the newest 50 opportunities", access.Page{Kind: access.Opportunity}, newest, false},
		{"the first 50 customers by name", access.Page{Kind: access.Customer}, byName, false},
		{"the first 50 customers where something was won", access.Page{Kind: access.Customer, Where: ofWinners}, byName, false},
		{"how many opportunities, to 10,000", access.Page{Kind: access.Opportunity}, nil, true},
	} {
		b.Run(name+"/"+question.name, func(b *testing.B) {
			ask := func(v *access.Viewer) { h.ask(v, question.page, question.order, question.count) }
			free := least(5, func() { ask(h.all) })
			by, best := "ours", time.Duration(1<<63-1)
			for form, sql := range h.byHand(v, question.page, question.order, question.count) {
				if took := least(4, func() { h.rows(sql.text, sql.args) }); took < best {
					by, best = form, took
				}
			}
			took := timed(b, func() { ask(v) })
			b.ReportMetric(ms(took), "ms")
			b.ReportMetric(float64(took)/float64(best), "of-best-by-hand")
			b.ReportMetric(float64(took)/float64(free), "of-unscoped")
			b.Log("best by hand: ", by, ms(best), "ms")
		})
	}
}

// ask asks for 50 records of a list, or how many there are, as it is rendered for the viewer.
func (h *house) ask(v *access.Viewer, page access.Page, orders []models.Order, count bool) {
	q := v.Query()
	var text string
	var err error
	if count {
		text, err = q.Count(page, 10_000)
	} else if page.Keys, err = q.Order(page.Kind, "r", orders); err == nil {
		page.Size = 51
		text, err = q.Page(page)
	}
	if err != nil {
		h.Fatal(err)
	}
	h.rows(q.Text(text), q.Args())
}

// written is a statement with its parameters.
type written struct {
	text string
	args []any
}

// byHand are other forms of the same question: what is visible, as a whole, by the order or however PostgreSQL likes; and by owner alone,
// which is less than the rule, so that nothing that answers it all can take less: for all owners at once, and for one after the other.
func (h *house) byHand(v *access.Viewer, page access.Page, orders []models.Order, count bool) map[string]written {
	q := v.Query()
	keys, err := q.Order(page.Kind, "r", orders)
	if err != nil {
		h.Fatal(err)
	}
	where, err := q.Where(page.Kind, "r", page.Where)
	if err != nil {
		h.Fatal(err)
	}
	by, end := "", " limit 10001"
	if !count {
		for _, key := range keys {
			by += map[bool]string{true: " order by ", false: ", "}[by == ""] + key.Value + map[bool]string{true: " desc"}[key.Descend]
		}
		end = by + " limit 51"
	}
	wrap := func(text string) string {
		if count {
			return "select count(*) from (" + text + ") c"
		}
		return text
	}
	visible := q.Text("select r.* from " + q.Visible(page.Kind, "r") + " where " + where + end)
	forms := map[string]written{"what is visible": {wrap(visible), q.Args()}}
	scope := v.ScopeToRead(page.Kind)
	if len(page.Where) == 0 && !scope.All {
		from := "select r.* from " + page.Kind.Table + " r where r.deleted_at is null and r.owner_id = "
		forms["owners at once"] = written{wrap(from + "any($1)" + end), []any{scope.Users}}
		forms["one owner after the other"] = written{wrap("select r.* from unnest($1::uuid[]) o (owner) cross join lateral (" + from + "o.owner" + end + ") r" + end), []any{scope.Users}}
	}
	return forms
}

// rows reads all rows of a statement, prepared.
func (h *house) rows(text string, args []any) {
	rows, err := h.store.Pool.Query(h.Context(), text, append([]any{pgx.QueryExecModeCacheStatement}, args...)...)
	if err != nil {
		h.Fatal(err, text)
	}
	for rows.Next() {
		continue
	}
	if rows.Err() != nil {
		h.Fatal(rows.Err(), text)
	}
}
