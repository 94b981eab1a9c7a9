package reports_test

import (
	"context"
	"math/rand"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/postgres"
)

// world is one test's own company: what it keeps in the database, it also keeps here to be counted another way.
type world struct {
	t      *testing.T
	pool   *pgxpool.Pool
	db     *bun.DB
	now    time.Time
	random *rand.Rand
	prices *rand.Rand

	pipeline    models.Pipeline
	stages      []models.Stage
	users       []models.User
	departments []models.Department
	regions     []models.DictionaryEntry
	reasons     []models.DictionaryEntry
	competitors []models.Competitor
	customers   []*models.Customer
	sales       []*sale
	rates       []models.ExchangeRate
}

// sale is an opportunity with the competitors met.
type sale struct {
	models.Opportunity
	met    []uuid.UUID
	quoted map[uuid.UUID]models.Money // what competitors asked
	reads  bool                       // whether the viewer of then reads amounts of it
}

const companyZone = "Asia/Shanghai"

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	pool := pgtest.New(t)
	w := &world{t: t, pool: pool, db: postgres.Bun(pool), now: time.Date(2026, 5, 20, 8, 0, 0, 0, time.UTC), random: rand.New(rand.NewSource(7)), prices: rand.New(rand.NewSource(11))}
	w.exec("insert into company (id, name, currency, time_zone, small_sample, created_at, updated_at) values (?, 'Test', 'CNY', ?, 5, now(), now())", models.CompanyID, companyZone)
	w.exec("insert into currencies (code, name) values ('CNY', '人民币'), ('USD', '美元'), ('EUR', '欧元'), ('JPY', '日元')")
	w.rate("USD", "2020-01-01", "6.8976543215")
	w.rate("USD", "2026-02-01", "7.1234567885")
	w.rate("EUR", "2026-03-01", "7.75")
	w.people()
	w.reference()
	return w
}

func (w *world) people() {
	top, branch := models.NewID(models.DepartmentCode), models.NewID(models.DepartmentCode)
	w.departments = []models.Department{
		{Record: models.Record{ID: top}, Name: "Sales", Path: []uuid.UUID{top}},
		{Record: models.Record{ID: branch}, Name: "South", ParentID: &top, Path: []uuid.UUID{top, branch}},
	}
	for i := range w.departments {
		w.insert(&w.departments[i])
	}
	for i, name := range []string{"Chen", "Li", "Wang", "Zhao"} {
		u := models.User{Record: models.Record{ID: models.NewID(models.UserCode)}, Login: name, Name: name, Active: true}
		w.insert(&u)
		w.insert(&models.Membership{Record: models.Record{ID: models.NewID(models.MembershipCode)}, UserID: u.ID, DepartmentID: w.departments[i%2].ID, IsPrimary: true})
		w.users = append(w.users, u)
	}
}

func (w *world) reference() {
	w.pipeline = models.Pipeline{Record: models.Record{ID: models.NewID(models.PipelineCode)}, Name: "Standard", IsDefault: true}
	w.insert(&w.pipeline)
	for i, p := range []float64{0.1, 0.35, 0.7} {
		s := models.Stage{Record: models.Record{ID: models.NewID(models.StageCode)}, PipelineID: w.pipeline.ID, Name: string(rune('A' + i)), Probability: p, Position: 3 - i}
		w.insert(&s)
		w.stages = append(w.stages, s)
	}
	w.regions = w.entries("region", nil, "广东", "北京", "四川")
	w.reasons = w.entries("loss_reason", []string{"PRICE", "NO_DECISION", "COMPETITOR"}, "太贵", "未决定", "对手")
	for _, name := range []string{"Acme", "Bolt", "Crux"} {
		c := models.Competitor{Record: models.Record{ID: models.NewID(models.CompetitorCode)}, Name: name, Active: true}
		w.insert(&c)
		w.competitors = append(w.competitors, c)
	}
}

func (w *world) entries(code string, kinds []string, labels ...string) []models.DictionaryEntry {
	d := models.Dictionary{Record: models.Record{ID: models.NewID(models.DictionaryCode)}, Code: code, Name: code}
	w.insert(&d)
	list := make([]models.DictionaryEntry, len(labels))
	for i, label := range labels {
		list[i] = models.DictionaryEntry{Record: models.Record{ID: models.NewID(models.DictionaryEntryCode)}, DictionaryID: d.ID, Label: label, Active: true}
		if kinds != nil {
			list[i].LossKind = &kinds[i]
		}
		w.insert(&list[i])
	}
	return list
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	if _, err := w.db.ExecContext(context.Background(), text, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) insert(row any) {
	w.t.Helper()
	if b, ok := row.(interface{ Base() *models.Record }); ok {
		base := b.Base()
		base.Version, base.CreatedAt, base.UpdatedAt = 1, w.now, w.now
	}
	if _, err := w.db.NewInsert().Model(row).Exec(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) rate(currency string, day models.Date, rate string) {
	r := models.ExchangeRate{Currency: currency, ValidOn: day, Rate: decimal.RequireFromString(rate)}
	w.insert(&r)
	w.rates = append(w.rates, r)
}

// customer adds a customer of an owner.
func (w *world) customer(owner uuid.UUID, region *uuid.UUID) *models.Customer {
	c := &models.Customer{Name: "客户", Kind: "ORGANIZATION", Lifecycle: "PROSPECT", RegionID: region}
	c.ID, c.OwnerID = models.NewID(models.CustomerCode), &owner
	w.insert(c)
	w.customers = append(w.customers, c)
	return c
}

// sale adds an opportunity; what the change leaves alone is open, without an amount, owned by the first user.
func (w *world) sale(change func(*sale)) *sale {
	s := &sale{Opportunity: models.Opportunity{Title: "商机", PipelineID: w.pipeline.ID, StageID: w.stages[0].ID, Status: models.Open}}
	s.ID, s.OwnerID = models.NewID(models.OpportunityCode), &w.users[0].ID
	change(s)
	w.insert(&s.Opportunity)
	for i, id := range s.met {
		e := models.Encounter{Part: models.Part{ID: models.NewID(models.EncounterCode)}, OpportunityID: s.ID, CompetitorID: id, IsMain: i == 0, CreatedAt: w.now}
		if price, known := s.quoted[id]; known {
			e.QuotedPrice, e.Currency = &price.Amount, &price.Currency
		}
		w.insert(&e)
	}
	w.sales = append(w.sales, s)
	return s
}

// viewer makes a user's role with every permission and the given rights to amounts, by relation; grants reach everyone
// when wide.
func (w *world) viewer(user uuid.UUID, wide bool, amounts ...access.Relation) *access.Viewer {
	w.t.Helper()
	role := models.NewID(models.RoleCode)
	permissions := []string{}
	for _, p := range access.Permissions() {
		permissions = append(permissions, string(p))
	}
	w.insert(&models.Role{Record: models.Record{ID: role}, Code: role.String(), Name: "r", Permissions: permissions})
	w.exec("insert into user_roles (user_id, role_id) values (?, ?)", user, role)
	for _, relation := range amounts {
		w.exec("insert into field_rights (role_id, rule, relation, access) values (?, 'AMOUNTS', ?, 'FULL')", role, string(relation))
	}
	if wide {
		w.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &user, Everyone: true, Effect: models.Allow, Level: models.Observe})
	}
	v, err := access.Load(context.Background(), w.pool, user, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) look(v *access.Viewer) *access.Snapshot {
	snap := access.Look(w.pool, v)
	w.t.Cleanup(func() { snap.Close(context.Background()) })
	return snap
}

// fill adds random opportunities: of several owners, customers, currencies, days around midnight, many values unknown.
func (w *world) fill(n int) {
	for range 8 {
		w.customer(w.users[w.random.Intn(4)].ID, maybe(w.random, w.regions[w.random.Intn(3)].ID))
	}
	for range n {
		w.sale(w.anything)
	}
}

// date spreads the opportunities over time: when each is expected to close, and when it was entered, around midnight too.
func (w *world) date() {
	w.t.Helper()
	r := rand.New(rand.NewSource(17))
	for _, s := range w.sales {
		s.ExpectedCloseOn = maybe(r, models.DateOf(time.Date(2025, 12, 1+r.Intn(200), 0, 0, 0, 0, time.UTC)))
		s.CreatedAt = time.Date(2025, 9, 1+r.Intn(250), r.Intn(24), r.Intn(60), 0, 0, time.UTC)
		w.exec("update opportunities set expected_close_on = ?, created_at = ? where id = ?", s.ExpectedCloseOn, s.CreatedAt, s.ID)
	}
}

func maybe[T any](r *rand.Rand, value T) *T {
	if r.Intn(4) == 0 {
		return nil
	}
	return &value
}

func (w *world) anything(s *sale) {
	r := w.random
	s.OwnerID = &w.users[r.Intn(4)].ID
	s.StageID = w.stages[r.Intn(3)].ID
	s.CustomerID = maybe(r, w.customers[r.Intn(len(w.customers))].ID)
	if amount := maybe(r, decimal.New(r.Int63n(3_000_000_000), -4)); amount != nil {
		currency := []string{"CNY", "USD", "EUR", "JPY"}[r.Intn(4)]
		s.Amount, s.Currency = amount, &currency
	}
	opened := models.DateOf(time.Date(2025, 10, 1+r.Intn(150), 0, 0, 0, 0, time.UTC))
	s.OpenedOn = maybe(r, opened)
	s.Status = []string{models.Open, models.Won, models.Won, models.Lost, models.Lost, models.Cancelled}[r.Intn(6)]
	for _, i := range r.Perm(3)[:r.Intn(4)] {
		s.met = append(s.met, w.competitors[i].ID)
	}
	if len(s.met) > 0 {
		s.MainCompetitorID = &s.met[0]
	}
	s.quoted = map[uuid.UUID]models.Money{}
	for _, id := range s.met {
		if price := maybe(w.prices, decimal.New(w.prices.Int63n(3_000_000_000), -4)); price != nil {
			s.quoted[id] = models.Money{Amount: *price, Currency: []string{"CNY", "USD", "EUR", "JPY"}[w.prices.Intn(4)]}
		}
	}
	if s.Status == models.Open {
		return
	}
	at := time.Date(2026, 1, 1+r.Intn(120), r.Intn(24), r.Intn(60), 0, 0, time.UTC)
	s.ClosedAt = &at
	s.ClosingOwnerID = maybe(r, w.users[r.Intn(4)].ID)
	s.ClosingDepartmentID = maybe(r, w.departments[r.Intn(2)].ID)
	if s.Status == models.Lost {
		s.LossReasonID = maybe(r, w.reasons[r.Intn(3)].ID)
		if len(s.met) > 0 {
			s.WonByID = maybe(r, s.met[r.Intn(len(s.met))])
		}
	}
}
