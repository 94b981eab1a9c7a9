package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/store"
)

// world is one test's own database with the few records that the test sets.
type world struct {
	t     *testing.T
	store *store.Store
	now   time.Time
	stage uuid.UUID
	pipe  uuid.UUID
}

func newWorld(t *testing.T) *world {
	t.Parallel()
	s, err := store.Open(context.Background(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: s, now: time.Now().UTC().Truncate(time.Microsecond)}
	w.exec("insert into company (id, name, currency, time_zone, created_at, updated_at) values (?, 'Test', 'CNY', 'Asia/Shanghai', now(), now())", models.CompanyID)
	w.exec("insert into currencies (code, name) values ('CNY', '人民币'), ('USD', '美元')")
	w.insert(&models.RelationshipType{Record: models.Record{ID: models.WorksAtID}, Code: models.WorksAt, NameAb: "任职于", NameBa: "员工", Category: "EMPLOYMENT",
		AKinds: []string{"CONTACT"}, BKinds: []string{"CUSTOMER"}, BuiltIn: true})
	w.pipe, w.stage = models.NewID(models.PipelineCode), models.NewID(models.StageCode)
	w.insert(&models.Pipeline{Record: models.Record{ID: w.pipe}, Name: "默认", IsDefault: true})
	w.insert(&models.Stage{Record: models.Record{ID: w.stage}, PipelineID: w.pipe, Name: "有需求", Probability: 0.1})
	return w
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	if _, err := w.store.DB.ExecContext(context.Background(), text, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) insert(row any) {
	w.t.Helper()
	if b, ok := row.(interface{ Base() *models.Record }); ok {
		base := b.Base()
		base.Version, base.CreatedAt, base.UpdatedAt = 1, w.now, w.now
	}
	if _, err := w.store.DB.NewInsert().Model(row).Exec(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// everything makes a role see all records of everyone.
func everything(w *world, user, role uuid.UUID) {
	w.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &user, Everyone: true, Effect: models.Allow, Level: models.Manage})
}

// withoutAmounts takes the right to read amounts away.
func withoutAmounts(w *world, _, role uuid.UUID) {
	w.exec("delete from field_rights where role_id = ? and rule = 'AMOUNTS'", role)
}

// user makes an active user with a role of his own that permits every action.
func (w *world) user(login string, traits ...func(w *world, user, role uuid.UUID)) uuid.UUID {
	w.t.Helper()
	user, role := models.NewID(models.UserCode), models.NewID(models.RoleCode)
	permissions := []string{}
	for _, p := range access.Permissions() {
		permissions = append(permissions, string(p))
	}
	w.insert(&models.User{Record: models.Record{ID: user}, Login: login, Name: login, Active: true})
	w.insert(&models.Role{Record: models.Record{ID: role}, Code: login, Name: login, Permissions: permissions})
	w.insert(&models.UserRole{UserID: user, RoleID: role})
	for _, rule := range access.Rules {
		for _, relation := range access.Relations {
			w.insert(&models.FieldRight{RoleID: role, Rule: string(rule), Relation: string(relation), Access: "FULL"})
		}
	}
	for _, trait := range traits {
		trait(w, user, role)
	}
	return user
}

func (w *world) viewer(user uuid.UUID) *access.Viewer {
	w.t.Helper()
	v, err := access.Load(context.Background(), w.store.Pool, user, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) look(user uuid.UUID) *access.Snapshot {
	snap := access.Look(w.store.Pool, w.viewer(user))
	w.t.Cleanup(func() { snap.Close(context.Background()) })
	return snap
}

func (w *world) customer(name string, owner uuid.UUID) uuid.UUID {
	c := &models.Customer{Name: name, Kind: "ORGANIZATION", Lifecycle: "LEAD"}
	c.ID, c.OwnerID = models.NewID(models.CustomerCode), &owner
	w.insert(c)
	return c.ID
}

func (w *world) contact(name string, owner uuid.UUID, at ...uuid.UUID) uuid.UUID {
	c := &models.Contact{Name: name}
	c.ID, c.OwnerID = models.NewID(models.ContactCode), &owner
	w.insert(c)
	for _, customer := range at {
		w.insert(&models.Relationship{Record: models.Record{ID: models.NewID(models.RelationshipCode)}, TypeID: models.WorksAtID, AID: c.ID, BID: customer})
	}
	return c.ID
}

// opportunity makes an open one; a customer and an amount of 0 may be left out.
func (w *world) opportunity(owner uuid.UUID, customer *uuid.UUID, amount int64) uuid.UUID {
	o := &models.Opportunity{Title: "机会", CustomerID: customer, PipelineID: w.pipe, StageID: w.stage, Status: models.Open, Currency: ptr("CNY")}
	o.ID, o.OwnerID = models.NewID(models.OpportunityCode), &owner
	if amount != 0 {
		o.Amount = ptr(decimal.NewFromInt(amount))
	}
	w.insert(o)
	return o.ID
}
