package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

func (w *world) competitor(name string) uuid.UUID {
	c := &models.Competitor{Record: models.Record{ID: models.NewID(models.CompetitorCode)}, Name: name, Active: true}
	w.insert(c)
	return c.ID
}

func (w *world) product(name string) uuid.UUID {
	p := &models.Product{Record: models.Record{ID: models.NewID(models.ProductCode)}, Name: name, Active: true}
	w.insert(p)
	return p.ID
}

func (w *world) reason(kind string) uuid.UUID {
	d := &models.Dictionary{Record: models.Record{ID: models.NewID(models.DictionaryCode)}, Code: models.LossReasonDictionary, Name: "丢单原因"}
	w.insert(d)
	e := &models.DictionaryEntry{Record: models.Record{ID: models.NewID(models.DictionaryEntryCode)}, DictionaryID: d.ID, Label: kind, LossKind: &kind, Active: true}
	w.insert(e)
	return e.ID
}

func (w *world) stored(id uuid.UUID) models.Opportunity {
	w.t.Helper()
	var o models.Opportunity
	if err := w.store.DB.NewSelect().Model(&o).Where("id = ?", id).Scan(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return o
}

func ask(name string) store.Request { return store.Request{Operation: name} }

func TestLosingToACompetitorNotMetAddsTheEncounterAndMakesItTheMainOne(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	v, rival, winner := w.viewer(boss), w.competitor("先遇到的"), w.competitor("赢的")
	id, err := w.store.OpportunityCreate(ctx, v, ask("opportunityCreate"), store.OpportunityDraft{
		Fields: map[string]any{"title": "机会"}, Encounters: []store.Meeting{{Competitor: rival}}})
	if err != nil {
		t.Fatal(err)
	}
	if o := w.stored(id); o.MainCompetitorID == nil || *o.MainCompetitorID != rival || o.StageID != w.stage {
		t.Fatalf("made %+v", o)
	}
	if _, err = w.store.OpportunityClose(ctx, v, ask("opportunityLose"), id, ptr(1), store.Closing{Status: models.Lost, WonBy: &winner}); err != nil {
		t.Fatal(err)
	}
	o := w.stored(id)
	if o.Status != models.Lost || *o.MainCompetitorID != winner || *o.ClosingOwnerID != boss || o.Version != 2 {
		t.Fatalf("closed as %+v", o)
	}
	outcomes := w.outcomes(boss, id)
	if outcomes[rival] != models.OtherWon || outcomes[winner] != models.TheyWon {
		t.Fatalf("outcomes %v", outcomes)
	}
	if _, err := w.store.OpportunityReopen(ctx, v, ask("opportunityReopen"), id, nil); err != nil {
		t.Fatal(err)
	}
	if o := w.stored(id); o.Status != models.Open || o.ClosedAt != nil || *o.MainCompetitorID != rival {
		t.Fatalf("reopened as %+v", o)
	}
}

func (w *world) outcomes(user, opportunity uuid.UUID) map[uuid.UUID]string {
	w.t.Helper()
	ctx, snap := context.Background(), w.look(user)
	var met []models.Encounter
	if err := w.store.DB.NewSelect().Model(&met).Where("opportunity_id = ?", opportunity).Scan(ctx); err != nil {
		w.t.Fatal(err)
	}
	found, err := store.OutcomesOf(ctx, snap, "opportunity_id", []uuid.UUID{opportunity}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	outcomes := map[uuid.UUID]string{}
	for _, e := range met {
		if outcome := found[e.ID]; outcome != nil {
			outcomes[e.CompetitorID] = *outcome
		}
	}
	return outcomes
}

func TestLosingWithNoDecisionIsWonByNobody(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	v, rival, none := w.viewer(boss), w.competitor("甲"), w.reason(models.LossNoDecision)
	id, err := w.store.OpportunityCreate(ctx, v, ask("opportunityCreate"), store.OpportunityDraft{
		Fields: map[string]any{"title": "机会"}, Encounters: []store.Meeting{{Competitor: rival}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.OpportunityClose(ctx, v, ask("opportunityLose"), id, nil, store.Closing{Status: models.Lost, LossReason: &none}); err != nil {
		t.Fatal(err)
	}
	if outcomes := w.outcomes(boss, id); outcomes[rival] != models.NobodyWon {
		t.Fatalf("outcomes %v", outcomes)
	}
}

func TestMainProductIsTheLargestLine(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	small, large := w.product("小"), w.product("大")
	id, err := w.store.OpportunityCreate(ctx, w.viewer(boss), ask("opportunityCreate"), store.OpportunityDraft{Fields: map[string]any{"title": "机会"}, Lines: []store.Line{
		{Product: small, Quantity: decimal.NewFromInt(1), Amount: ptr(decimal.NewFromInt(5))},
		{Product: large, Quantity: decimal.NewFromInt(3), UnitPrice: ptr(decimal.NewFromInt(2))},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if o := w.stored(id); *o.MainProductID != large {
		t.Fatal("not the largest line")
	}
}

func TestClosedTwiceStaleAndFutureAreRefused(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	v, id := w.viewer(boss), w.opportunity(boss, nil, 10)
	future := w.now.Add(time.Hour)
	for _, try := range []struct {
		version *int
		closing store.Closing
		want    fault.Code
	}{
		{ptr(7), store.Closing{Status: models.Won}, fault.StaleVersion},
		{nil, store.Closing{Status: models.Won, At: &future}, fault.Invalid},
		{nil, store.Closing{Status: models.Lost, WonBy: ptr(models.NewID(models.CompetitorCode))}, fault.NotFound},
		{nil, store.Closing{Status: models.Won}, ""},
		{nil, store.Closing{Status: models.Lost}, fault.AlreadyClosed},
	} {
		_, err := w.store.OpportunityClose(ctx, v, ask("opportunityWin"), id, try.version, try.closing)
		if try.want == "" && err != nil || try.want != "" && !fault.Is(err, try.want) {
			t.Errorf("wanted %q, got %v", try.want, err)
		}
	}
}

func TestNothingIsClosedBeforeItBegan(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	v, id := w.viewer(boss), w.opportunity(boss, nil, 10)
	begins := func(day models.Date) error {
		return failed(w.store.OpportunityUpdate(ctx, v, ask("opportunityUpdate"), id, nil, map[string]any{"openedOn": &day}))
	}
	wins := func() error {
		return failed(w.store.OpportunityClose(ctx, v, ask("opportunityWin"), id, nil, store.Closing{Status: models.Won}))
	}
	today := models.DateOf(w.now.In(v.Zone()))
	tomorrow := models.DateOf(w.now.In(v.Zone()).AddDate(0, 0, 1))
	if err := begins(tomorrow); err != nil {
		t.Fatal(err)
	}
	says(t, wins(), fault.Invalid, "input.closedAt")
	if err := errors.Join(begins(today), wins()); err != nil {
		t.Fatal(err)
	}
	says(t, begins(tomorrow), fault.Invalid, "input.openedOn")
	if err := begins(today); err != nil {
		t.Fatal(err)
	}
}

func TestAnAmountOfALineFits(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	product := &models.Product{Name: "控制器", Active: true}
	product.ID = models.NewID(models.ProductCode)
	w.insert(product)
	id := w.opportunity(boss, nil, 10)
	many, dear := decimal.New(1, 8), decimal.New(1, 8)
	_, err := w.store.OpportunityLinesReplace(ctx, w.viewer(boss), ask("lines"), id, nil, []store.Line{{Product: product.ID, Quantity: many, UnitPrice: &dear}})
	says(t, err, fault.Invalid, "input.lines.0.unitPrice")
}

func TestOneOfManyWhoCloseAtOnceWins(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	id := w.opportunity(boss, nil, 10)
	var all sync.WaitGroup
	results := make(chan error, 8)
	for i := range 8 {
		v, status := w.viewer(boss), []string{models.Won, models.Lost}[i%2]
		all.Go(func() {
			_, err := w.store.OpportunityClose(ctx, v, ask("close"), id, nil, store.Closing{Status: status})
			results <- err
		})
	}
	all.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
		} else if !fault.Is(err, fault.AlreadyClosed) {
			t.Errorf("got %v", err)
		}
	}
	changes, err := w.store.DB.NewSelect().Model((*models.StageChange)(nil)).Where("opportunity_id = ?", id).Count(ctx)
	if won != 1 || changes != 1 || err != nil {
		t.Fatalf("%d closings, %d stage changes, %v", won, changes, err)
	}
}

func TestSameKeyHappensOnce(t *testing.T) {
	w := newWorld(t)
	ctx, boss, other := context.Background(), w.user("boss", everything), w.user("other", everything)
	create := func(user uuid.UUID, title string) (uuid.UUID, error) {
		input := map[string]any{"title": title}
		return w.store.OpportunityCreate(ctx, w.viewer(user), store.Request{Operation: "opportunityCreate", Input: input, Key: ptr("k1")}, store.OpportunityDraft{Fields: input})
	}
	first, err := create(boss, "甲")
	if err != nil {
		t.Fatal(err)
	}
	again, err := create(boss, "甲")
	if err != nil || again != first {
		t.Fatalf("the repetition gave %v, %v", again, err)
	}
	if _, err := create(boss, "乙"); !fault.Is(err, fault.IdempotencyKeyReused) {
		t.Fatalf("another request under the same key: %v", err)
	}
	if fresh, err := create(other, "甲"); err != nil || fresh == first {
		t.Fatalf("another user's same key: %v, %v", fresh, err)
	}
}

func TestWhatOneMayNotChangeIsForbiddenAndWhatOneDoesNotSeeIsAbsent(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep, watcher := context.Background(), w.user("boss"), w.user("rep"), w.user("watcher")
	id := w.opportunity(boss, nil, 10)
	w.insert(&models.Grant{Record: models.Record{ID: models.NewID(models.GrantCode)}, GranteeUserID: &watcher, SubjectID: &boss, Effect: models.Allow, Level: models.Observe})
	update := func(user, id uuid.UUID) error {
		_, err := w.store.OpportunityUpdate(ctx, w.viewer(user), ask("opportunityUpdate"), id, ptr(99), map[string]any{"title": "新"})
		return err
	}
	if err := update(watcher, id); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who only sees it: %v", err)
	}
	hidden, never := update(rep, id), update(rep, models.NewID(models.OpportunityCode))
	if !fault.Is(hidden, fault.NotFound) || hidden.Error() != never.Error() {
		t.Errorf("hidden %v, never issued %v", hidden, never)
	}
}
