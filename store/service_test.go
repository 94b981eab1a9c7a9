package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

func (w *world) service(user uuid.UUID, input map[string]any) *models.Service {
	w.t.Helper()
	if input["title"] == nil {
		input["title"] = "上门维修"
	}
	id := w.must(w.store.ServiceCreate(context.Background(), w.viewer(user), ask("serviceCreate"), input))
	return w.readService(id)
}

func (w *world) readService(id uuid.UUID) *models.Service {
	w.t.Helper()
	s := &models.Service{}
	if err := w.store.DB.NewSelect().Model(s).Where("id = ?", id).Scan(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestNewServiceIsOpenFromNowOfTheOpportunitysCustomer(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep")
	customer := w.customer("甲", rep)
	opportunity := w.opportunity(rep, &customer, 1)
	s := w.service(rep, map[string]any{"opportunity": &opportunity, "openedAt": (*time.Time)(nil), "cost": ptr(decimal.NewFromInt(80))})
	if s.Status != models.Open || s.Kind != "OTHER" || s.Priority != "NORMAL" || s.OpenedAt.Sub(w.now).Abs() > time.Minute || s.ClosedAt != nil {
		t.Errorf("made %+v", s)
	}
	if s.CustomerID == nil || *s.CustomerID != customer || s.Currency == nil || *s.Currency != "CNY" {
		t.Errorf("of customer %v in %v", s.CustomerID, s.Currency)
	}
}

func TestServiceOfAnotherCustomerThanItsOpportunityIsRefused(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss", everything), w.user("rep")
	a, b, hidden := w.customer("甲", rep), w.customer("乙", rep), w.customer("看不见", boss)
	ofA, ofHidden, ofNone := w.opportunity(rep, &a, 1), w.opportunity(rep, &hidden, 1), w.opportunity(rep, nil, 1)
	_, err := w.store.ServiceCreate(ctx, w.viewer(rep), ask("serviceCreate"), map[string]any{"title": "修", "customer": &b, "opportunity": &ofA})
	w.refused(err, fault.Invalid, "opportunity")
	// a hidden customer is answered like none
	for opportunity, want := range map[uuid.UUID]uuid.UUID{ofHidden: b, ofNone: b} {
		if s := w.service(rep, map[string]any{"customer": &b, "opportunity": &opportunity}); *s.CustomerID != want {
			t.Errorf("of customer %v", s.CustomerID)
		}
	}
	s := w.service(rep, map[string]any{"opportunity": &ofHidden})
	if *s.CustomerID != hidden {
		t.Errorf("of customer %v, want that of its opportunity", s.CustomerID)
	}
	w.must(w.store.ServiceUpdate(ctx, w.viewer(rep), ask("serviceUpdate"), s.ID, nil, map[string]any{"opportunity": &ofA}))
	if s = w.readService(s.ID); *s.CustomerID != a {
		t.Errorf("moved to customer %v, want %v", s.CustomerID, a)
	}
	_, err = w.store.ServiceUpdate(ctx, w.viewer(rep), ask("serviceUpdate"), s.ID, nil, map[string]any{"customer": &hidden})
	w.refused(err, fault.NotFound, "customer")
}

func TestClosedServiceKnowsWhenAndAnOpenOneDoesNot(t *testing.T) {
	w := newWorld(t)
	ctx, rep := context.Background(), w.user("rep")
	v, then := w.viewer(rep), w.now.Add(-48*time.Hour)
	change := func(id uuid.UUID, input map[string]any) error {
		_, err := w.store.ServiceUpdate(ctx, v, ask("serviceUpdate"), id, nil, input)
		return err
	}
	_, err := w.store.ServiceCreate(ctx, v, ask("serviceCreate"), map[string]any{"title": "修", "closedAt": &then})
	w.refused(err, fault.Invalid, "closedAt")
	s := w.service(rep, map[string]any{"status": "CLOSED", "closedAt": &then})
	if !s.ClosedAt.Equal(then) {
		t.Errorf("closed at %v", s.ClosedAt)
	}
	if !s.OpenedAt.Equal(then) {
		t.Errorf("closed at %v, opened at %v", s.ClosedAt, s.OpenedAt)
	}
	early, late, soon := then.Add(-48*time.Hour), w.now.Add(48*time.Hour), w.now.Add(time.Hour)
	w.refused(change(s.ID, map[string]any{"closedAt": &early}), fault.Invalid, "closedAt")
	w.refused(change(s.ID, map[string]any{"closedAt": &late}), fault.Invalid, "closedAt")
	w.refused(change(s.ID, map[string]any{"openedAt": late}), fault.Invalid, "openedAt")
	planned := w.service(rep, map[string]any{"openedAt": late}).ID
	w.refused(change(planned, map[string]any{"status": "CLOSED"}), fault.Invalid, "closedAt")
	if err := change(planned, map[string]any{"status": "CANCELLED"}); err != nil || w.readService(planned).ClosedAt == nil {
		t.Errorf("what was planned is not cancelled: %v", err)
	}
	w.refused(change(planned, map[string]any{"status": "CLOSED"}), fault.Invalid, "status")
	w.refused(change(s.ID, map[string]any{"closedAt": &soon}), fault.Invalid, "closedAt")
	if err := change(s.ID, map[string]any{"status": "IN_PROGRESS"}); err != nil || w.readService(s.ID).ClosedAt != nil {
		t.Errorf("opened again: %v, closed at %v", err, w.readService(s.ID).ClosedAt)
	}
	w.refused(change(s.ID, map[string]any{"closedAt": &then}), fault.Invalid, "closedAt")
	if err := change(s.ID, map[string]any{"status": "CANCELLED"}); err != nil || w.readService(s.ID).ClosedAt == nil {
		t.Errorf("cancelled: %v, closed at %v", err, w.readService(s.ID).ClosedAt)
	}
	w.refused(change(s.ID, map[string]any{"status": (*string)(nil)}), fault.Required, "status")
	w.refused(change(s.ID, map[string]any{"cost": ptr(decimal.NewFromInt(-1))}), fault.Invalid, "cost")
	w.refused(change(s.ID, map[string]any{"currency": ptr("XXX")}), fault.NotFound, "currency")
}

func TestWorkIsGivenToActiveUsersWhoThenManageIt(t *testing.T) {
	w := newWorld(t)
	ctx, rep, fitter, gone := context.Background(), w.user("rep"), w.user("fitter"), w.user("gone")
	w.exec("update users set active = false where id = ?", gone)
	_, err := w.store.ServiceCreate(ctx, w.viewer(rep), ask("serviceCreate"), map[string]any{"title": "修", "assignee": &gone})
	w.refused(err, fault.NotFound, "assignee")
	s := w.service(rep, map[string]any{"assignee": &fitter})
	w.must(w.store.ServiceUpdate(ctx, w.viewer(fitter), ask("serviceUpdate"), s.ID, nil, map[string]any{"status": "CLOSED"}))
	w.exec("update users set active = false where id = ?", fitter)
	w.must(w.store.ServiceUpdate(ctx, w.viewer(rep), ask("serviceUpdate"), s.ID, nil, map[string]any{"title": "已修"}))
}

func TestWhatIsAttachedFollowsAServiceToAnotherCustomer(t *testing.T) {
	w := newWorld(t)
	ctx, rep := context.Background(), w.user("rep")
	a, b := w.customer("甲", rep), w.customer("乙", rep)
	s := w.service(rep, map[string]any{"customer": &a})
	activity := w.activity(rep, map[string]any{"service": &s.ID})
	w.must(w.store.ServiceUpdate(ctx, w.viewer(rep), ask("serviceUpdate"), s.ID, nil, map[string]any{"customer": &b}))
	row, err := store.Activities.ByID(ctx, w.look(rep), activity.ID)
	if err != nil || *row.CustomerID != b {
		t.Errorf("the activity is of %v (%v)", row.CustomerID, err)
	}
}
