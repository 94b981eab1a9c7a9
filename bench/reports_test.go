package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// rounds is how often each question is asked each way, in turns; what is printed is the median.
const rounds = 3

// question is one of a report, and the same in plain SQL by hand: without any right but, of who does not see all, to the
// records of the owners in his scope. Amounts are summed as they stand, without exchange rates.
type question struct {
	name  string
	years int
	ask   reports.Ask
	plain string // {mine} stands for the owners; $1 and $2 are the period
}

const inShanghai = "closed_at at time zone 'Asia/Shanghai'"

var questions = []question{
	{"loss rate by competitor × quarter, 5 years", 5, reports.Ask{By: []string{"MAIN_COMPETITOR", "CLOSED_QUARTER"}, Measures: []string{"lossRate"}},
		`select main_competitor_id, date_trunc('quarter', ` + inShanghai + `), count(*) filter (where status = 'LOST')::float8 / nullif(count(*) filter (where status in ('WON', 'LOST')), 0)
		from opportunities where {mine} and deleted_at is null and closed_at >= $1 and closed_at < $2 group by 1, 2`},
	{"loss rate by closing owner, 1 year", 1, reports.Ask{By: []string{"CLOSING_OWNER"}, Measures: []string{"lossRate"}, OrderBy: []*reports.Order{{Measure: "LOSS_RATE", Direction: "DESC"}}},
		`select closing_owner_id, count(*) filter (where status = 'LOST')::float8 / nullif(count(*) filter (where status in ('WON', 'LOST')), 0) as rate
		from opportunities where {mine} and deleted_at is null and closed_at >= $1 and closed_at < $2 group by 1 order by 2 desc`},
	{"amount lost by region × month, 5 years", 5, reports.Ask{By: []string{"REGION", "CLOSED_MONTH"}, Measures: []string{"lostAmount"}},
		`select c.region_id, date_trunc('month', ` + inShanghai + `), sum(amount) filter (where status = 'LOST')
		from opportunities o left join customers c on c.id = o.customer_id where {mine} and o.deleted_at is null and closed_at >= $1 and closed_at < $2 group by 1, 2`},
	{"amount open by stage", 0, reports.Ask{By: []string{"STAGE"}, Measures: []string{"count", "openAmount"}, Where: map[string]any{"status": &models.EnumFilter{In: []string{models.Open}}}},
		`select stage_id, count(*), sum(amount) from opportunities where {mine} and deleted_at is null and status = 'OPEN' and $1::date < $2::date group by 1`},
	{"lost by department × reason, 1 year", 1, reports.Ask{By: []string{"CLOSING_DEPARTMENT", "LOSS_REASON"}, Measures: []string{"lost"}},
		`select closing_department_id, loss_reason_id, count(*) filter (where status = 'LOST')
		from opportunities where {mine} and deleted_at is null and closed_at >= $1 and closed_at < $2 group by 1, 2`},
	{"average cycle by industry, 5 years", 5, reports.Ask{By: []string{"INDUSTRY"}, Measures: []string{"count", "averageCycleDays"}},
		`select c.industry_id, count(*), avg((` + inShanghai + `)::date - opened_on)
		from opportunities o left join customers c on c.id = o.customer_id where {mine} and o.deleted_at is null and closed_at >= $1 and closed_at < $2 group by 1`},
}

// period ends tomorrow.
func (q question) period() (from, until models.Date) {
	end := time.Now().UTC().AddDate(0, 0, 1)
	return models.Date(end.AddDate(-max(q.years, 1), 0, 0).Format(time.DateOnly)), models.Date(end.Format(time.DateOnly))
}

// BenchmarkReports prints what reports on millions of opportunities take: by plain SQL, by the server's SQL and from columns, for
// three who see differently much; then whole boards over HTTP.
//
//	make bench-reports
//	GUANXI_BENCH=200000 make bench-reports
func BenchmarkReports(b *testing.B) {
	m := &market{B: b, store: ownStore(b), bySQL: reports.New()}
	for i, size := range sizes(b) {
		took := m.fill(size)
		m.look()
		fmt.Printf("\n%d opportunities of %d owners, %s; filled up in %v\n", size, sellers, m.size(), took.Round(time.Second))
		m.columns = columnsOf(m)
		fmt.Println(m.columns.told())
		if i < 2 {
			m.compare(questions[:1]) // for the growth
		} else {
			m.compare(questions)
		}
	}
	m.boards()
	m.columns.lag(m)
}

// size tells how large the tables of facts are, with their indexes.
func (m *market) size() string {
	var opportunities, customers, encounters string
	err := m.store.Pool.QueryRow(m.Context(), `select pg_size_pretty(pg_total_relation_size('opportunities')),
		pg_size_pretty(pg_total_relation_size('customers')), pg_size_pretty(pg_total_relation_size('encounters'))`).Scan(&opportunities, &customers, &encounters)
	if err != nil {
		m.Fatal(err)
	}
	return fmt.Sprintf("%s, customers %s, encounters %s", opportunities, customers, encounters)
}

// compare prints questions, each way.
func (m *market) compare(questions []question) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "question\tviewer\trows\tplain ms\tour SQL ms\tcolumns ms\tplain / our SQL\tplain / columns\t")
	for _, q := range questions {
		for _, l := range m.lookers {
			c := m.measure(q, l)
			fmt.Fprintf(table, "%s\t%s\t%d\t%.1f\t%.1f\t%s\t%.2f\t%s\t\n", q.name, l.name, c.rows, c.plain, c.sql, number(c.columns, 2), c.plain/c.sql, number(c.plain/c.columns, 1))
		}
	}
	table.Flush()
}

// number writes what was measured; nothing for what was not.
func number(value float64, places int) string {
	if value == 0 || value > 1e12 {
		return "–"
	}
	return fmt.Sprintf("%.*f", places, value)
}

// cost is what one question took, in milliseconds; columns is 0 without columns.
type cost struct {
	rows                int
	plain, sql, columns float64
}

func (m *market) measure(q question, l looker) cost {
	from, until := q.period()
	ask := q.ask
	ask.First = 5000
	if q.years > 0 {
		ask.Period = &reports.Period{From: &from, Until: &until}
	}
	var c cost
	var plain, bySQL, byColumns []time.Duration
	for range rounds {
		plain = append(plain, m.plain(q, l, from, until))
		took, rows := m.asked(m.bySQL, l, ask)
		bySQL, c.rows = append(bySQL, took), rows
		if engine := m.columns.engine(); engine != nil {
			took, rows = m.asked(engine, l, ask)
			byColumns = append(byColumns, took)
			if rows != c.rows {
				m.Fatalf("%s for %s has %d rows from columns and %d by SQL", q.name, l.name, rows, c.rows)
			}
		}
	}
	c.plain, c.sql, c.columns = middle(plain), middle(bySQL), middle(byColumns)
	return c
}

// middle is the median in milliseconds, 0 of none.
func middle(list []time.Duration) float64 { return share(list, 0.5) }

// share is what so great a share of the durations does not exceed, in milliseconds.
func share(list []time.Duration, of float64) float64 {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return ms(list[min(int(of*float64(len(list))), len(list)-1)])
}

// plain asks the question by hand.
func (m *market) plain(q question, l looker, from, until models.Date) time.Duration {
	mine, args := "true", []any{pgx.QueryExecModeCacheStatement, from.Time(), until.Time()}
	if l.user != sellers {
		mine, args = "owner_id = any($3)", append(args, owners(l))
		if strings.Contains(q.plain, " o ") {
			mine = "o." + mine
		}
	}
	began := time.Now()
	rows, err := m.store.Pool.Query(m.Context(), strings.ReplaceAll(q.plain, "{mine}", mine), args...)
	if err == nil {
		_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) ([][]byte, error) { return row.RawValues(), nil })
	}
	if err != nil {
		m.Fatal(q.name, err)
	}
	return time.Since(began)
}

// owners are those whose records a viewer sees for their owner.
func owners(l looker) []uuid.UUID {
	if l.user != 1 {
		return []uuid.UUID{id(l.user, models.UserCode)}
	}
	list := []uuid.UUID{id(sellers/2, models.UserCode)}
	for n := range uint16(210) {
		if n+1 != 105 {
			list = append(list, id(n+1, models.UserCode))
		}
	}
	return list
}

// asked asks the question of an engine, and tells how many rows it has.
func (m *market) asked(engine *reports.Engine, l looker, ask reports.Ask) (time.Duration, int) {
	began := time.Now()
	snap := access.Look(m.store.Pool, l.viewer.At(began))
	defer snap.Close(context.Background())
	r, err := engine.Run(m.Context(), snap, reports.Opportunities, ask)
	if err != nil {
		m.Fatal(err)
	}
	return time.Since(began), len(r.Rows)
}

// counted is how many the question counts in all.
func (m *market) counted(engine *reports.Engine, l looker, ask reports.Ask) int {
	snap := access.Look(m.store.Pool, l.viewer.At(time.Now()))
	defer snap.Close(context.Background())
	r, err := engine.Run(m.Context(), snap, reports.Opportunities, ask)
	if err != nil {
		m.Fatal(err)
	}
	return reports.Shape[reports.OpportunityReportRow](r).Total.Count
}
