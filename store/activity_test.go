package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

func (w *world) activity(user uuid.UUID, input map[string]any) *models.Activity {
	w.t.Helper()
	if input["summary"] == nil {
		input["summary"] = "电话沟通"
	}
	id := w.must(w.store.ActivityCreate(context.Background(), w.viewer(user), ask("activityCreate"), input))
	a := &models.Activity{}
	if err := w.store.DB.NewSelect().Model(a).Where("id = ?", id).Scan(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return a
}

func TestActivityIsOfNowAndOfTheCustomerOfWhatItIsOn(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep")
	customer := w.customer("甲", rep)
	opportunity := w.opportunity(rep, &customer, 1)
	s := w.service(rep, map[string]any{"customer": &customer})
	for _, input := range []map[string]any{{"opportunity": &opportunity}, {"service": &s.ID}, {"opportunity": &opportunity, "service": &s.ID}, {"customer": &customer, "at": (*time.Time)(nil)}} {
		a := w.activity(rep, input)
		if a.CustomerID == nil || *a.CustomerID != customer || a.HappenedAt.Sub(w.now).Abs() > time.Minute || a.Kind != "NOTE" || *a.OwnerID != rep {
			t.Errorf("%v made %+v", input, a)
		}
	}
	if a := w.activity(rep, map[string]any{}); a.CustomerID != nil {
		t.Errorf("of customer %v", a.CustomerID)
	}
}

func TestActivityOnRecordsOfTwoCustomersIsRefused(t *testing.T) {
	w := newWorld(t)
	ctx, rep := context.Background(), w.user("rep")
	a, b := w.customer("甲", rep), w.customer("乙", rep)
	opportunity, s := w.opportunity(rep, &a, 1), w.service(rep, map[string]any{"customer": &b})
	create := func(input map[string]any) error {
		input["summary"] = "电话"
		_, err := w.store.ActivityCreate(ctx, w.viewer(rep), ask("activityCreate"), input)
		return err
	}
	w.refused(create(map[string]any{"opportunity": &opportunity, "service": &s.ID}), fault.Invalid, "service")
	w.refused(create(map[string]any{"customer": &b, "opportunity": &opportunity}), fault.Invalid, "opportunity")
	on := w.activity(rep, map[string]any{"opportunity": &opportunity})
	_, err := w.store.ActivityUpdate(ctx, w.viewer(rep), ask("activityUpdate"), on.ID, nil, map[string]any{"customer": &b})
	w.refused(err, fault.Invalid, "opportunity")
	w.must(w.store.ActivityUpdate(ctx, w.viewer(rep), ask("activityUpdate"), on.ID, nil, map[string]any{"customer": &b, "opportunity": (*uuid.UUID)(nil)}))
}

func TestActivityNamesOnlyWhatItsWriterSees(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss", everything), w.user("rep")
	customer := w.customer("甲", boss)
	hidden := map[string]uuid.UUID{"customer": customer, "contact": w.contact("人", boss), "opportunity": w.opportunity(boss, &customer, 1),
		"service": w.service(boss, map[string]any{}).ID, "assignee": models.NewID(models.UserCode)}
	for field, id := range hidden {
		_, err := w.store.ActivityCreate(ctx, w.viewer(rep), ask("activityCreate"), map[string]any{"summary": "电话", field: &id})
		w.refused(err, fault.NotFound, field)
	}
}

func TestRepeatedActivityIsNotedOnce(t *testing.T) {
	w := newWorld(t)
	ctx, rep := context.Background(), w.user("rep")
	input := map[string]any{"summary": "电话"}
	key := store.Request{Operation: "activityCreate", Input: input, Key: ptr("k1")}
	first := w.must(w.store.ActivityCreate(ctx, w.viewer(rep), key, input))
	if second := w.must(w.store.ActivityCreate(ctx, w.viewer(rep), key, input)); second != first || w.live("activities") != 1 {
		t.Errorf("made %v and %v", first, second)
	}
}
