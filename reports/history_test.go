package reports_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// past is a world whose records are changed by writes, one after another; what they were after each is kept.
type past struct {
	*world
	store *store.Store
	boss  uuid.UUID
	kept  []moment
}

// moment is what was recorded at an instant.
type moment struct {
	at        time.Time
	sales     map[uuid.UUID]*models.Opportunity
	customers map[uuid.UUID]*models.Customer
	met       map[uuid.UUID][]*models.Encounter
}

func newPast(t *testing.T) *past {
	t.Helper()
	p := &past{world: newWorld(t)}
	p.boss = p.users[3].ID
	p.viewer(p.boss, true, everyAmount...)
	p.exec("update grants set level = 'MANAGE'")
	var err error
	if p.store, err = store.Open(context.Background(), p.pool); err != nil {
		t.Fatal(err)
	}
	return p
}

// writer is the boss an hour after the last change.
func (p *past) writer() *access.Viewer {
	p.t.Helper()
	p.now = p.now.Add(time.Hour)
	v, err := access.Load(context.Background(), p.pool, p.boss, p.now)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// live makes a number of random changes, and keeps what was recorded after each.
func (p *past) live(changes int) {
	p.t.Helper()
	for range 5 {
		p.customer(p.users[p.random.Intn(4)].ID, maybe(p.random, p.regions[p.random.Intn(3)].ID))
	}
	p.keep()
	for range changes {
		err := p.change()
		if err != nil && !fault.Is(err, fault.AlreadyClosed) && !fault.Is(err, fault.NotClosed) && !fault.Is(err, fault.Invalid) {
			p.t.Fatal(err)
		}
		p.keep()
	}
}

// change does one random thing to one random record.
func (p *past) change() error {
	ctx, r, v := context.Background(), p.random, p.writer()
	q := store.Request{Operation: "test"}
	last := p.kept[len(p.kept)-1]
	if len(last.sales) < 5 || r.Intn(6) == 0 {
		_, err := p.store.OpportunityCreate(ctx, v, q, store.OpportunityDraft{Fields: p.fields()})
		return err
	}
	id := p.anyOf(last.sales)
	var err error
	switch r.Intn(12) {
	case 0, 1, 2:
		_, err = p.store.OpportunityUpdate(ctx, v, q, id, nil, p.fields())
	case 3:
		_, err = p.store.OpportunityStageMove(ctx, v, q, id, nil, p.stages[r.Intn(3)].ID)
	case 4, 5:
		at := v.Now.Add(-time.Duration(r.Intn(2000)) * time.Hour)
		c := store.Closing{Status: []string{models.Won, models.Lost, models.Cancelled}[r.Intn(3)], At: &at}
		if c.Status == models.Lost {
			c.LossReason, c.WonBy = maybe(r, p.reasons[r.Intn(3)].ID), maybe(r, p.competitors[r.Intn(3)].ID)
		}
		_, err = p.store.OpportunityClose(ctx, v, q, id, nil, c)
	case 6:
		_, err = p.store.OpportunityReopen(ctx, v, q, id, nil)
	case 7:
		_, err = store.Opportunities.Transfer(ctx, p.store, v, q, id, p.users[r.Intn(4)].ID, false, nil)
	case 8:
		c := p.customers[r.Intn(len(p.customers))]
		_, err = store.Customers.Update(ctx, p.store, v, q, c.ID, nil, map[string]any{"region": maybe(r, p.regions[r.Intn(3)].ID)}, nil)
	case 9:
		err = p.deleteOrRestore(v, q, id)
	default:
		err = p.meet(v, q, id)
	}
	return err
}

// meet notes a competitor met in an opportunity, or changes or takes away what is noted.
func (p *past) meet(v *access.Viewer, q store.Request, id uuid.UUID) (err error) {
	r, met := p.random, p.kept[len(p.kept)-1].met[id]
	currency := []string{"CNY", "USD", "EUR", "JPY"}[r.Intn(4)]
	price := maybe(r, decimal.New(r.Int63n(3_000_000_000), -4))
	if len(met) == 0 || r.Intn(3) == 0 {
		_, err = p.store.EncounterAdd(context.Background(), v, q, id, nil, store.Meeting{Competitor: p.competitors[r.Intn(3)].ID, QuotedPrice: price, Currency: &currency, Main: r.Intn(2) == 0})
		if fault.Is(err, fault.Duplicate) {
			return nil
		}
		return err
	}
	e := met[r.Intn(len(met))]
	if r.Intn(2) == 0 {
		_, err = p.store.EncounterRemove(context.Background(), v, q, e.ID, nil)
		return err
	}
	_, err = p.store.EncounterUpdate(context.Background(), v, q, e.ID, nil, nil, func(e *models.Encounter) {
		e.Strengths, e.IsMain = maybe(r, "快"), r.Intn(2) == 0
		if r.Intn(2) == 0 {
			e.QuotedPrice, e.Currency = price, &currency
		}
	})
	return err
}

func (p *past) deleteOrRestore(v *access.Viewer, q store.Request, id uuid.UUID) (err error) {
	var gone []uuid.UUID
	if err = p.db.NewRaw("select id from opportunities where deleted_at is not null order by id").Scan(context.Background(), &gone); err != nil {
		return err
	}
	if len(gone) > 0 && p.random.Intn(4) > 0 {
		_, err = store.Opportunities.Restore(context.Background(), p.store, v, q, gone[0])
	} else {
		_, err = store.Opportunities.Delete(context.Background(), p.store, v, q, id, nil)
	}
	return err
}

// fields are random values of an opportunity's own fields.
func (p *past) fields() map[string]any {
	r := p.random
	f := map[string]any{"title": "商机", "customer": maybe(r, p.customers[r.Intn(len(p.customers))].ID)}
	if r.Intn(3) > 0 {
		f["amount"], f["currency"] = decimal.New(r.Int63n(3_000_000_000), -4), []string{"CNY", "USD", "EUR", "JPY"}[r.Intn(4)]
	}
	if r.Intn(2) == 0 {
		f["openedOn"] = maybe(r, models.DateOf(p.now.AddDate(0, 0, -r.Intn(200)-200)))
	}
	if r.Intn(2) == 0 {
		f["expectedCloseOn"] = maybe(r, models.DateOf(p.now.AddDate(0, 0, r.Intn(20)-10)))
	}
	return f
}

func (p *past) anyOf(sales map[uuid.UUID]*models.Opportunity) uuid.UUID {
	ids := make([]uuid.UUID, 0, len(sales))
	for id := range sales {
		ids = append(ids, id)
	}
	ids = models.SortIDs(ids)
	return ids[p.random.Intn(len(ids))]
}

// keep notes what is recorded now.
func (p *past) keep() {
	p.t.Helper()
	ctx := context.Background()
	var sales []*models.Opportunity
	var customers []*models.Customer
	if err := p.db.NewSelect().Model(&sales).Where("deleted_at is null").Scan(ctx); err != nil {
		p.t.Fatal(err)
	}
	if err := p.db.NewSelect().Model(&customers).Scan(ctx); err != nil {
		p.t.Fatal(err)
	}
	var met []*models.Encounter
	if err := p.db.NewSelect().Model(&met).Order("created_at", "id").Scan(ctx); err != nil {
		p.t.Fatal(err)
	}
	m := moment{p.now, map[uuid.UUID]*models.Opportunity{}, map[uuid.UUID]*models.Customer{}, map[uuid.UUID][]*models.Encounter{}}
	for _, e := range met {
		m.met[e.OpportunityID] = append(m.met[e.OpportunityID], e)
	}
	for _, o := range sales {
		m.sales[o.ID] = o
	}
	for _, c := range customers {
		m.customers[c.ID] = c
	}
	p.kept = append(p.kept, m)
}
