package reports_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/columns"
	"guanxi/feed"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/reports"
)

// market is a random company, of people, rights, customers and shares as the naive model draws them, that sells a lot. Its
// reports are asked by SQL and of columns, which must tell the same.
type market struct {
	t       *testing.T
	pool    *pgxpool.Pool
	r       *rand.Rand
	company *naive.Company
	now     time.Time
	store   *columns.Store
	sql     *reports.Engine
	both    *reports.Engine
	cut     int // rows of a segment of columns at least

	bouts []reports.Ask // what was asked of encounters

	customers, sales, regions, industries, reasons, categories, products, stages, rivals []uuid.UUID
}

var marketNow = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

func newMarket(t *testing.T, seed int) *market {
	t.Helper()
	m := &market{t: t, pool: pgtest.New(t), r: rand.New(rand.NewPCG(uint64(seed), 3)), now: marketNow, sql: reports.New(), cut: []int{5, 40}[seed%2]}
	m.company = rapid.Custom(func(rt *rapid.T) *naive.Company { return naive.Draw(rt, marketNow, "2026-03-02") }).Example(seed)
	m.company.AddAdministrator("OPPORTUNITY_READ", "CUSTOMER_READ")
	denied := m.company.AddAdministrator("OPPORTUNITY_READ", "CUSTOMER_READ") // the first user's records, but never the second's
	m.company.Grants[len(m.company.Grants)-1].Over = naive.Subject{What: "user", Which: 0}
	m.company.Grants = append(m.company.Grants, &naive.Grant{Number: 60_000, ToUser: denied, ToRole: -1, Over: naive.Subject{What: "user", Which: 1}, Deny: true})
	tx, err := m.pool.Begin(t.Context())
	if err == nil {
		err = naive.Write(t.Context(), tx, m.company)
	}
	if err == nil {
		err = tx.Commit(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	m.furnish()
	m.store = m.columns()
	m.both = reports.WithColumns(m.store)
	m.tend()
	return m
}

// columns are those of one process.
func (m *market) columns() *columns.Store {
	return columns.New(columns.Options{
		Pool: m.pool, Log: slog.New(slog.DiscardHandler), Cut: m.cut,
		Now: func(context.Context) (time.Time, error) { return m.now, nil },
	})
}

// tend brings the columns to what the database shows; in between, who asks brings them to his snapshot himself.
func (m *market) tend() {
	if err := m.store.Tend(context.Background()); err != nil {
		m.t.Fatal(err)
	}
}

func (m *market) exec(text string, args ...any) {
	m.t.Helper()
	if _, err := m.pool.Exec(context.Background(), text, args...); err != nil {
		m.t.Fatalf("%v in %s", err, text)
	}
}

func (m *market) furnish() {
	m.exec("update company set small_sample = 1") // few cases are enough for warnings of mix
	m.exec("insert into currencies (code, name) values ('USD', '美元'), ('EUR', '欧元'), ('JPY', '日元')")
	m.exec("insert into exchange_rates (currency, valid_on, rate) values ('USD', '2020-01-01', 6.8976543215), ('USD', '2026-02-01', 7.1234567885), ('EUR', '2026-02-20', 7.75)")
	for _, code := range []string{"region", "industry", "loss_reason", "product_category"} {
		dictionary := models.NewID(models.DictionaryCode)
		m.exec("insert into dictionaries (id, code, name, created_at, updated_at) values ($1, $2, $2, now(), now())", dictionary, code)
		for i, label := range []string{"广东", "北京", "Sichuan", "甲"} {
			id := models.NewID(models.DictionaryEntryCode)
			m.exec("insert into dictionary_entries (id, dictionary_id, label, label_en, loss_kind, created_at, updated_at) values ($1, $2, $3, $4, $5, now(), now())",
				id, dictionary, label, maybeText(i%2 == 0, label+" en"), maybeText(code == "loss_reason" && i < 3, []string{"PRICE", "NO_DECISION", "COMPETITOR", ""}[i]))
			switch code {
			case "region":
				m.regions = append(m.regions, id)
			case "industry":
				m.industries = append(m.industries, id)
			case "loss_reason":
				m.reasons = append(m.reasons, id)
			default:
				m.categories = append(m.categories, id)
				product := models.NewID(models.ProductCode)
				m.exec("insert into products (id, name, category_id, created_at, updated_at) values ($1, $2, $3, now(), now())", product, label, maybe2(m.r, id))
				m.products = append(m.products, product)
			}
		}
	}
	for range 8 {
		m.grow()
	}
	for i := range naive.Competitors + 4 {
		id := naive.ID(models.CompetitorCode, i)
		m.exec("insert into competitors (id, name, created_at, updated_at) values ($1, $2, now(), now()) on conflict (id) do nothing", id, fmt.Sprint("rival ", i))
		m.rivals = append(m.rivals, id)
	}
	m.stages = []uuid.UUID{naive.ID(models.StageCode, 0)}
	for i, p := range []float64{0.35, 0.123456} {
		id := models.NewID(models.StageCode)
		m.exec("insert into stages (id, pipeline_id, name, probability, position, created_at, updated_at) values ($1, $2, $3, $4, $5, now(), now())",
			id, naive.ID(models.PipelineCode, 0), string(rune('B'-i)), p, i)
		m.stages = append(m.stages, id)
	}
	m.exec("update memberships set is_primary = true where id in (select distinct on (user_id) id from memberships order by user_id, id)")
	for _, r := range m.company.Records {
		if r.Kind == "CUSTOMER" {
			m.customers = append(m.customers, r.ID())
			m.exec("update customers set region_id = $2, kind = $3, industry_id = $4 where id = $1", r.ID(), m.any(m.regions), []string{"ORGANIZATION", "PERSON"}[m.r.IntN(2)], m.any(m.industries))
		}
		if r.Kind == "OPPORTUNITY" {
			m.sales = append(m.sales, r.ID())
			m.sell(r.ID())
		}
	}
	for range 60 {
		m.add()
	}
}

func maybeText(yes bool, text string) *string {
	if yes {
		return &text
	}
	return nil
}

func maybe2[T any](r *rand.Rand, value T) *T {
	if r.IntN(4) == 0 {
		return nil
	}
	return &value
}

// any gives one of some, or none.
func (m *market) any(of []uuid.UUID) *uuid.UUID { return maybe2(m.r, of[m.r.IntN(len(of))]) }

// grow lets a tree of entries grow by one, which is in no record yet, or hangs an entry elsewhere; one that would stand above itself has no place
// in any tree until it is hung elsewhere again.
func (m *market) grow() {
	tree := []*[]uuid.UUID{&m.regions, &m.industries, &m.categories}[m.r.IntN(3)]
	if m.r.IntN(3) == 0 {
		m.exec("update dictionary_entries set parent_id = $2 where id = $1", (*tree)[m.r.IntN(len(*tree))], m.any(*tree))
		return
	}
	id := models.NewID(models.DictionaryEntryCode)
	m.exec(`insert into dictionary_entries (id, dictionary_id, label, parent_id, created_at, updated_at) select $1, dictionary_id, label || $3, id, now(), now()
		from dictionary_entries where id = $2`, id, (*tree)[m.r.IntN(len(*tree))], fmt.Sprint(len(*tree)))
	*tree = append(*tree, id)
}

func (m *market) user() *uuid.UUID {
	return maybe2(m.r, naive.ID(models.UserCode, m.r.IntN(len(m.company.Users))))
}

// add makes an opportunity of anybody, at any customer.
func (m *market) add() {
	id := models.NewID(models.OpportunityCode)
	var customer *uuid.UUID
	if len(m.customers) > 0 {
		customer = maybe2(m.r, m.customers[m.r.IntN(len(m.customers))])
	}
	m.exec("insert into opportunities (id, title, customer_id, owner_id, pipeline_id, stage_id, status, created_at, updated_at) values ($1, 'x', $2, $3, $4, $5, 'OPEN', now(), now())",
		id, customer, m.user(), naive.ID(models.PipelineCode, 0), m.stages[0])
	m.sales = append(m.sales, id)
	m.sell(id)
	m.encounter(id)
}

// sell writes anything into an opportunity.
func (m *market) sell(id uuid.UUID) {
	r := m.r
	status := []string{"OPEN", "WON", "LOST", "LOST", "CANCELLED"}[r.IntN(5)]
	var amount, currency any
	if r.IntN(5) > 0 {
		amount, currency = decimal.New(r.Int64N(30_000_000_000)-1_000_000, -int32(r.IntN(5))), []string{"CNY", "CNY", "USD", "EUR", "JPY"}[r.IntN(5)]
	}
	var closedAt, reason, owner, department, winner any
	if status != "OPEN" {
		closedAt = time.Date(2025, 10, 1+r.IntN(150), r.IntN(24), r.IntN(60), 0, 0, time.UTC)
		owner = m.user()
		if len(m.company.Parents) > 0 {
			department = maybe2(r, naive.ID(models.DepartmentCode, r.IntN(len(m.company.Parents))))
		}
		if status == "LOST" {
			reason, winner = maybe2(r, m.reasons[r.IntN(4)]), maybe2(r, m.rivals[r.IntN(len(m.rivals))])
		}
	}
	m.exec(`update opportunities set status = $2, amount = $3, currency = $4, closed_at = $5, loss_reason_id = $6, closing_owner_id = $7, closing_department_id = $8,
		opened_on = $9, stage_id = $10, main_competitor_id = $11, main_product_id = $12, won_by_id = $14, owner_id = $13, expected_close_on = $15, created_at = $16 where id = $1`,
		id, status, amount, currency, closedAt, reason, owner, department, maybe2(r, time.Date(2025, 6, 1+r.IntN(300), 0, 0, 0, 0, time.UTC)), m.stages[r.IntN(3)],
		maybe2(r, m.rivals[r.IntN(len(m.rivals))]), maybe2(r, m.products[r.IntN(4)]), m.user(), winner,
		maybe2(r, time.Date(2025, 9, 1+r.IntN(250), 0, 0, 0, 0, time.UTC)), time.Date(2025, 9, 1+r.IntN(180), r.IntN(24), r.IntN(60), 0, 0, time.UTC))
}

// change lets something happen that may change a report, of this viewer or of another.
func (m *market) change() {
	r := m.r
	sale := m.sales[r.IntN(len(m.sales))]
	customer := naive.ID(models.CustomerCode, 0)
	if len(m.customers) > 0 {
		customer = m.customers[r.IntN(len(m.customers))]
	}
	switch r.IntN(20) {
	case 0, 1, 2:
		m.sell(sale)
	case 3:
		m.add()
	case 4:
		m.exec("update opportunities set deleted_at = now(), deletion_id = gen_random_uuid() where id = $1 and deleted_at is null", sale)
	case 5:
		m.exec("update opportunities set deleted_at = null, deletion_id = null where deleted_at is not null")
	case 6:
		m.exec("update customers set owner_id = $2, pool_id = null where id = $1", customer, m.user())
	case 7:
		if len(m.company.Pools) > 0 {
			m.exec("update customers set owner_id = null, pool_id = $2 where id = $1", customer, naive.ID(models.PoolCode, r.IntN(len(m.company.Pools))))
		}
	case 8:
		m.exec("update customers set region_id = $2, lifecycle = $3 where id = $1", customer, m.any(m.regions), []string{"LEAD", "DORMANT", "FORMER"}[r.IntN(3)])
	case 9:
		m.exec("update customers set deleted_at = case when deleted_at is null then now() end, deletion_id = case when deleted_at is null then gen_random_uuid() end where id = $1", customer)
	case 10:
		m.exec("update memberships set is_primary = not is_primary where id = (select id from memberships m where not exists (select 1 from memberships o where o.user_id = m.user_id and o.id <> m.id) order by id limit 1)")
		m.exec("update dictionary_entries set loss_kind = 'OTHER', label = label || '改' where id = $1", m.reasons[r.IntN(4)])
		m.exec("update stages set probability = $2 where id = $1", m.stages[r.IntN(3)], float64(r.IntN(1000))/1000)
		m.exec("update products set category_id = $2 where id = $1", m.products[r.IntN(4)], m.any(m.categories))
		m.rename([]string{"users", "competitors", "departments", "products", "pipelines"}[r.IntN(5)])
		m.exec("update stages set position = 10 - position where id = $1", m.stages[r.IntN(3)])
	case 11:
		m.exec("insert into exchange_rates (currency, valid_on, rate) values ('JPY', $1, $2) on conflict (currency, valid_on) do update set rate = excluded.rate",
			time.Date(2025, 12, 1+r.IntN(95), 0, 0, 0, 0, time.UTC), decimal.New(int64(40+r.IntN(20)), -3))
	case 12:
		m.exec("insert into shares (id, record_id, subject_id, level, kinds, created_at, updated_at) values ($1, $2, $3, 'OBSERVE', $4, now(), now())", models.NewID(models.ShareCode),
			[]uuid.UUID{sale, customer}[r.IntN(2)], naive.ID(models.UserCode, r.IntN(len(m.company.Users))), [][]string{nil, {"OPPORTUNITY"}, {"CUSTOMER"}}[r.IntN(3)])
	case 13:
		m.exec("delete from shares where id = (select id from shares order by id desc limit 1)")
	case 14:
		m.exec("update opportunities set customer_id = $2 where id = $1", sale, customer)
	case 15:
		m.now = m.now.Add(24 * time.Hour)
	case 16:
		m.grow()
		m.exec("update customers set industry_id = $2 where id = $1", customer, m.any(m.industries))
	default:
		m.encounter(sale)
	}
}

// rename gives some record of a table another name, which may sort elsewhere.
func (m *market) rename(table string) {
	m.exec("update "+table+" set name = $1 || name where id = (select id from "+table+" order by random() limit 1)", []string{"甲", "乙", "a", "Z", "é"}[m.r.IntN(5)])
}

// cheap are measures that are folded from those of groups; a question asks for them, or for all there are.
var cheap = []string{"count", "won", "lost", "open", "cancelled", "lossRate", "winRate", "lossRateByAmount", "wonAmount", "lostAmount", "openAmount", "weightedAmount",
	"unconverted", "averageCycleDays", "averageAmount"}

// ask draws a question that a viewer may put on opportunities.
func (m *market) ask(v *access.Viewer) reports.Ask {
	r := m.r
	ask := m.question(v, reports.Opportunities)
	if r.IntN(3) > 0 {
		ask.Measures = cheap
	}
	for range r.IntN(3) {
		measure := []string{"COUNT", "LOST", "LOSS_RATE", "AVERAGE_CYCLE_DAYS", "KEY", "MEDIAN_CYCLE_DAYS", "P90_CYCLE_DAYS", "CUSTOMERS"}[r.IntN(8)]
		if v.ReadsSome(access.Amounts) && r.IntN(2) == 0 {
			measure = []string{"LOST_AMOUNT", "WEIGHTED_AMOUNT", "UNCONVERTED", "MEDIAN_AMOUNT", "P90_AMOUNT", "AVERAGE_AMOUNT", "LOSS_RATE_BY_AMOUNT"}[r.IntN(7)]
		}
		ask.OrderBy = append(ask.OrderBy, &reports.Order{Measure: measure, Direction: []string{"ASC", "DESC"}[r.IntN(2)]})
	}
	if r.IntN(3) == 0 {
		ask.Having = m.having(v)
	}
	if r.IntN(2) == 0 {
		ask.Where = m.where(v, 3)
	}
	return ask
}

// question draws what is asked of every dataset: by what, of when.
func (m *market) question(v *access.Viewer, of *reports.Dataset) reports.Ask {
	r := m.r
	ask := reports.Ask{First: 1 + r.IntN(12), Coverage: true, Subtotals: r.IntN(2) == 0}
	for range r.IntN(4) {
		d := of.Dimensions[r.IntN(len(of.Dimensions))]
		if (d.Rule == "" || v.ReadsSome(d.Rule)) && !strings.Contains(strings.Join(ask.By, " ")+" ", d.Name+" ") {
			ask.By = append(ask.By, d.Name)
		}
	}
	if r.IntN(2) == 0 {
		from, until := models.DateOf(time.Date(2025, 9, 1+r.IntN(90), 0, 0, 0, 0, time.UTC)), models.DateOf(time.Date(2026, 1, 1+r.IntN(60), 0, 0, 0, 0, time.UTC))
		ask.Period = &reports.Period{From: &from, Until: &until}
		switch r.IntN(4) {
		case 0:
			ask.Period.From = nil
		case 1:
			ask.CompareTo = &[]string{reports.PreviousPeriod, reports.PreviousYear}[r.IntN(2)]
		}
	}
	ask.Clock = []string{"", "CLOSED", "OPENED", "EXPECTED_CLOSE", "CREATED"}[r.IntN(5)]
	if r.IntN(3) == 0 {
		start := 1 + r.IntN(12)
		ask.FiscalYearStart = &start
	}
	return ask
}

func (m *market) having(v *access.Viewer) map[string]any {
	n, half, money := m.r.IntN(4), float64(m.r.IntN(4))/3, decimal.New(m.r.Int64N(1_000_000), 0)
	list := []map[string]any{
		{"count": &models.IntFilter{Gte: &n}}, {"lossRate": &models.FloatFilter{Lt: &half}}, {"not": map[string]any{"averageCycleDays": &models.FloatFilter{Gt: &half}}},
		{"or": []map[string]any{{"won": &models.IntFilter{In: []int{1, n}}}, {"lossRate": &models.FloatFilter{IsNull: ptr(true)}}}},
		{"medianCycleDays": &models.FloatFilter{Gte: &half}}, {"owners": &models.IntFilter{Gt: &n}},
	}
	if v.ReadsSome(access.Amounts) {
		list = append(list, map[string]any{"wonAmount": &models.DecimalFilter{Gte: &money}}, map[string]any{"not": map[string]any{"lostAmount": &models.DecimalFilter{Lte: &money}}},
			map[string]any{"averageAmount": &models.DecimalFilter{Lt: &money}}, map[string]any{"medianAmount": &models.DecimalFilter{Gt: &money}},
			map[string]any{"lossRateByAmount": &models.FloatFilter{Lte: &half}})
	}
	one, other := list[m.r.IntN(len(list))], list[m.r.IntN(len(list))]
	switch m.r.IntN(4) {
	case 0:
		return map[string]any{"and": []map[string]any{one, other}, "or": []map[string]any{{"open": &models.IntFilter{Gte: &n}}, one}}
	case 1:
		one = maps.Clone(one)
		maps.Copy(one, other)
	}
	return one
}

func ptr[T any](v T) *T { return &v }

// where draws a filter: of what columns hold, and sometimes of what they lack.
func (m *market) where(v *access.Viewer, depth int) map[string]any {
	r := m.r
	if depth > 1 && r.IntN(2) == 0 {
		inner := func() map[string]any { return m.where(v, depth-1) }
		return []map[string]any{{"not": inner()}, {"or": []map[string]any{inner(), inner()}}, {"and": []map[string]any{inner(), inner()}}}[r.IntN(3)]
	}
	byID := func(ids []uuid.UUID) map[string]any {
		one := ids[r.IntN(len(ids))]
		return map[string]any{"id": []*models.IDFilter{{Eq: &one}, {In: []uuid.UUID{one, ids[0]}}, {In: []uuid.UUID{}}, {IsNull: ptr(r.IntN(2) == 0)}}[r.IntN(4)]}
	}
	day := models.DateOf(time.Date(2025, 6, 1+r.IntN(300), 0, 0, 0, 0, time.UTC))
	money := decimal.New(r.Int64N(3_000_000_000), -int32(r.IntN(7)))
	users := []uuid.UUID{naive.ID(models.UserCode, 0), naive.ID(models.UserCode, 1)}
	list := []map[string]any{
		{"status": &models.EnumFilter{Eq: ptr("LOST")}}, {"status": &models.EnumFilter{In: []string{"WON", "OPEN"}, IsNull: ptr(false)}},
		{"openedOn": &models.DateFilter{Gte: &day}}, {"openedOn": &models.DateFilter{Lt: &day, IsNull: ptr(false)}}, {"openedOn": &models.DateFilter{IsNull: ptr(true)}},
		{"expectedCloseOn": &models.DateFilter{Lte: &day}}, {"expectedCloseOn": &models.DateFilter{In: []models.Date{day}, IsNull: ptr(false)}},
		{"owner": byID(users)}, {"lossReason": byID(m.reasons)}, {"stage": byID(m.stages)}, {"closingOwner": byID(users)}, {"wonBy": byID(m.rivals)},
		{"owner": map[string]any{"not": map[string]any{"name": &models.StringFilter{Contains: ptr("1")}}}}, {"stage": map[string]any{"probability": &models.FloatFilter{Gte: ptr(0.3)}}},
		{"lossReason": map[string]any{"lossKind": &models.EnumFilter{In: []string{"PRICE", "OTHER"}}}}, {"not": map[string]any{"lossReason": map[string]any{"lossKind": &models.EnumFilter{Eq: ptr("PRICE")}}}},
		{"wonBy": map[string]any{"name": &models.StringFilter{IsNull: ptr(true)}}}, {"closingDepartment": map[string]any{"parent": map[string]any{"id": &models.IDFilter{IsNull: ptr(true)}}}},
		{"customer": map[string]any{"region": map[string]any{"label": &models.StringFilter{StartsWith: ptr("广")}}}}, {"closingOwner": map[string]any{"memberships": map[string]any{"some": map[string]any{}}}},
		byID(m.sales), {"deletedAt": &models.DateTimeFilter{IsNull: ptr(r.IntN(2) == 0)}}, {"not": map[string]any{"deletedAt": &models.DateTimeFilter{Lt: &m.now}}},
		{"customer": map[string]any{"region": byID(m.regions)}}, {"customer": map[string]any{"not": map[string]any{"kind": &models.EnumFilter{Eq: ptr("PERSON")}}}},
		{"customer": map[string]any{"id": &models.IDFilter{IsNull: ptr(r.IntN(2) == 0)}}}, {"customer": map[string]any{"owner": byID(users)}},
		{"customer": map[string]any{"lifecycle": &models.EnumFilter{Eq: ptr("LEAD")}, "kind": &models.EnumFilter{In: []string{"PERSON"}}}},
		{"encounters": map[string]any{[]string{"some", "none", "every"}[r.IntN(3)]: map[string]any{"competitor": byID(m.rivals)}}},
		{"encounters": map[string]any{"some": map[string]any{}, "every": map[string]any{"not": map[string]any{"competitor": map[string]any{"name": &models.StringFilter{Contains: ptr("1")}}}}}},
		{"encounters": map[string]any{"none": map[string]any{"or": []map[string]any{{"competitor": byID(m.rivals)}, {"competitor": byID(m.rivals)}}}}},
		{"title": &models.StringFilter{Contains: ptr("x")}}, {"lines": map[string]any{"none": map[string]any{}}},
	}
	if v.ReadsSome(access.Amounts) {
		list = append(list, map[string]any{"amount": &models.DecimalFilter{Gte: &money}}, map[string]any{"amount": &models.DecimalFilter{IsNull: ptr(true)}},
			map[string]any{"amount": &models.DecimalFilter{In: []decimal.Decimal{money}, Lt: &money}}, map[string]any{"mainProduct": byID(m.products)},
			map[string]any{"mainProduct": map[string]any{"category": map[string]any{"id": &models.IDFilter{IsNull: ptr(r.IntN(2) == 0)}}}})
	}
	return list[r.IntN(len(list))]
}

// told writes everything that a report tells.
func told(of *reports.Dataset, r *reports.Report, err error) string {
	if err != nil {
		return "refused: " + err.Error()
	}
	var b strings.Builder
	var row func(name string, one *reports.Row)
	row = func(name string, one *reports.Row) {
		fmt.Fprintf(&b, "%s:", name)
		for _, k := range one.Keys {
			id := "-"
			if k.ID != nil {
				id = *k.ID
			}
			fmt.Fprintf(&b, " [%s %s %s %t %t]", k.Dimension, id, k.Label, k.Unknown, k.Other)
		}
		for _, m := range of.Measures {
			fmt.Fprintf(&b, " %s=%s", m.Name, value(one.Value(m)))
		}
		b.WriteString("\n")
		if before := one.Before(); before != nil {
			row(name+" before", before)
		}
	}
	for i, one := range r.Rows {
		row(fmt.Sprint("row ", i), one)
	}
	for i, one := range r.Subtotals {
		row(fmt.Sprint("subtotal ", i), one)
	}
	row("total", r.Total)
	for _, c := range r.Coverage {
		fmt.Fprintf(&b, "%s %d of %d\n", c.Field, c.Known, c.Known+c.Unknown)
	}
	return b.String()
}

func value(of any) string {
	switch of := of.(type) {
	case nil:
		return "-"
	case *models.Money:
		return of.Amount.String() + of.Currency
	case *reports.Rate:
		return fmt.Sprint(number(of.Value), number(of.Low), number(of.High), of.Sample)
	case *reports.AmountRate:
		return fmt.Sprint(number(of.Value), of.Sample)
	case *float64:
		return number(of)
	case *int:
		return fmt.Sprint(*of)
	}
	return fmt.Sprint(of)
}

func number(n *float64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

// viewers gives everyone who is there.
func (m *market) viewers() []*access.Viewer {
	var list []*access.Viewer
	for i := range m.company.Users {
		v, err := access.Load(context.Background(), m.pool, naive.ID(models.UserCode, i), m.now)
		if err != nil {
			m.t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

// compare asks both in one snapshot.
func (m *market) compare(snap *access.Snapshot, by *reports.Engine, ask reports.Ask) {
	m.t.Helper()
	within := m.parts(snap.Viewer).within
	of, size, opens := []string{"", "ALL", "LOST", "OPEN", "WON"}[m.r.IntN(5)], maybe2(m.r, 1+m.r.IntN(4)), m.r.IntN(3) == 0
	m.compareOf(snap, by, reports.Opportunities, ask, func(r *reports.Report, err error) string {
		if opens {
			return mixed(r, err, within) + records(r, of, size)
		}
		return mixed(r, err, within)
	})
}

// records opens every row of a report, and writes two pages of each.
func records(r *reports.Report, of string, size *int) string {
	var b strings.Builder
	open := func(name string, row *reports.Row) {
		var after *string
		for range 2 {
			page, err := row.Page(context.Background(), of, size, after)
			if err != nil {
				fmt.Fprintln(&b, name, "does not open:", err)
				return
			}
			fmt.Fprintln(&b, name, "has", page.IDs, page.HasNext, page.After, page.Total)
			if len(page.IDs) == 0 {
				return
			}
			cursors := page.Cursors()
			after = &cursors[len(cursors)-1]
		}
	}
	for i, row := range slices.Concat(r.Rows, r.Subtotals, []*reports.Row{r.Total}) {
		open(fmt.Sprint("row ", i), row)
		if before := row.Before(); before != nil {
			open(fmt.Sprint("row before ", i), before)
		}
	}
	return b.String()
}

// compareOf asks both the same of a dataset, and what is told beside its report.
func (m *market) compareOf(snap *access.Snapshot, by *reports.Engine, of *reports.Dataset, ask reports.Ask, beside func(*reports.Report, error) string) {
	m.t.Helper()
	tell := func(e *reports.Engine) string {
		r, err := e.Run(context.Background(), snap, of, ask)
		if err != nil {
			return told(of, r, err)
		}
		excluded, err := r.Definition.Excluded(context.Background())
		return told(of, r, err) + beside(r, err) + fmt.Sprintln("excluded", excluded)
	}
	want, got := tell(m.sql), tell(by)
	if want == got && !strings.Contains(got, notAsTold) {
		return
	}
	sql, columns := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < min(len(sql), len(columns))-1 && sql[i] == columns[i] {
		i++
	}
	where, _ := json.Marshal(ask)
	m.t.Fatalf("viewer %s asks of %s %s:\nSQL tells %s\ncolumns   %s", snap.Viewer.UserID, of.Name, where, sql[i], columns[i])
}

// Whatever the company, its rights and what changes between, who asks and what, also what was asked before: columns tell what SQL tells.
func TestColumnsTellWhatSQLTells(t *testing.T) {
	t.Parallel()
	rounds := max(4, naive.Decisions(0)/20_000)
	var answered, declined, recalled int64
	for seed := range rounds {
		m := newMarket(t, seed)
		var before []reports.Ask
		for range 9 {
			for _, v := range m.viewers() {
				snap := access.Look(m.pool, v)
				for range 3 {
					ask := m.ask(v)
					m.compare(snap, m.both, ask)
					before = append(before, ask)
				}
				again := m.r.IntN(len(before))
				for _, ask := range []int{again, again, 0} {
					m.compare(snap, m.both, before[ask])
				}
				m.bout(snap, m.both)
				if m.r.IntN(6) == 0 {
					m.rivalry(snap, m.both)
				}
				snap.Close(context.Background())
			}
			for range 1 + m.r.IntN(5) {
				m.change()
			}
			if m.r.IntN(3) > 0 {
				m.tend()
			}
		}
		a, d := m.store.Answered()
		answered, declined, recalled = answered+a, declined+d, recalled+m.store.Recalled()
	}
	t.Logf("columns answered %d, some of what they had counted before %d times, and declined %d", answered, recalled, declined)
	if answered < declined || answered < 300 || recalled < 20 {
		t.Errorf("columns answered %d questions, some of what they had counted before %d times, and declined %d", answered, recalled, declined)
	}
}

// Several processes keep columns in the background while others write, and snapshots are asked late: each answer is that of
// its own snapshot.
func TestColumnsTellWhatASnapshotShows(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 3)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	changes := feed.New(m.pool, slog.New(slog.DiscardHandler))
	all.Go(func() { changes.Run(ctx) })
	var engines []*reports.Engine
	var stores []*columns.Store
	for range 2 {
		store := m.columns()
		hints, _ := changes.Follow()
		all.Go(func() { store.Run(ctx, hints) })
		stores, engines = append(stores, store), append(engines, reports.WithColumns(store))
	}
	writer := *m
	writer.r = rand.New(rand.NewPCG(9, 9))
	all.Go(func() {
		for ctx.Err() == nil {
			sale := writer.sales[writer.r.IntN(len(writer.sales))]
			writer.sell(sale)
			writer.encounter(sale)
			changes.Wrote()
		}
	})
	viewers := m.viewers()
	enough := func() bool {
		a, _ := stores[0].Answered()
		b, _ := stores[1].Answered()
		return a > 60 && b > 60
	}
	for began := time.Now(); !enough() && time.Since(began) < 30*time.Second; {
		v := viewers[m.r.IntN(len(viewers))]
		snap := access.Look(m.pool, v)
		first := m.ask(v)
		m.compare(snap, engines[m.r.IntN(2)], first)
		if m.r.IntN(4) == 0 {
			time.Sleep(30 * time.Millisecond)
		}
		m.compare(snap, engines[m.r.IntN(2)], m.ask(v))
		m.rivalry(snap, engines[m.r.IntN(2)])
		m.bout(snap, engines[m.r.IntN(2)])
		snap.Close(context.Background())
	}
	stop()
	all.Wait()
	if !enough() {
		t.Error("columns that are kept in the background hardly answered")
	}
}
