package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// relationshipType makes a type of relationship between kinds of parties.
func (w *world) relationshipType(code string, symmetric bool, a, b []string) uuid.UUID {
	t := &models.RelationshipType{Record: models.Record{ID: models.NewID(models.RelationshipTypeCode)}, Code: code, NameAb: code + "→", NameBa: code + "←",
		Category: "BUSINESS", Symmetric: symmetric, AKinds: a, BKinds: b}
	w.insert(t)
	return t.ID
}

func (w *world) link(user, kind, a, b uuid.UUID, more ...any) (uuid.UUID, error) {
	w.t.Helper()
	input := map[string]any{"type": kind, "a": a, "b": b}
	for i := 0; i < len(more); i += 2 {
		input[more[i].(string)] = more[i+1]
	}
	return w.store.RelationshipCreate(context.Background(), w.viewer(user), ask("relationshipCreate"), input)
}

func TestLinkingTakesManagingOneEndAndSeeingTheOther(t *testing.T) {
	w := newWorld(t)
	boss, rep := w.user("boss", everything), w.user("rep")
	supplies := w.relationshipType("SUPPLIES", false, []string{"CUSTOMER"}, []string{"CUSTOMER", "COMPETITOR", "USER"})
	mine, seen, seen2, hidden := w.customer("我的", rep), w.customer("看得见", boss), w.customer("看得见", boss), w.customer("看不见", boss)
	for _, id := range []uuid.UUID{seen, seen2} {
		w.insert(&models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: id, SubjectID: rep, Level: models.Observe})
	}
	rival := w.competitor("对手")
	w.must(w.link(rep, supplies, mine, seen))
	w.must(w.link(rep, supplies, seen, mine))
	w.must(w.link(rep, supplies, mine, rival))
	w.must(w.link(rep, supplies, mine, rep))
	for _, try := range []struct {
		a, b  uuid.UUID
		code  fault.Code
		field string
	}{
		{seen, seen2, fault.Forbidden, "a"},
		{seen, rival, fault.Forbidden, "a"},
		{seen, rep, fault.Forbidden, "a"},
		{mine, hidden, fault.NotFound, "b"},
		{hidden, mine, fault.NotFound, "a"},
		{mine, models.NewID(models.CustomerCode), fault.NotFound, "b"},
		{mine, w.opportunity(rep, nil, 1), fault.NotFound, "b"},
		{mine, mine, fault.Invalid, "b"},
		{mine, w.contact("人", rep), fault.Invalid, "b"},
		{w.contact("人", rep), mine, fault.Invalid, "a"},
	} {
		_, err := w.link(rep, supplies, try.a, try.b)
		w.refused(err, try.code, try.field)
	}
}

func TestRelationshipHasItsTypesParticulars(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep")
	a, b, c := w.customer("甲", rep), w.customer("乙", rep), w.contact("人", rep)
	partner := w.relationshipType("PARTNER_OF", true, []string{"CUSTOMER"}, []string{"CUSTOMER", "COMPETITOR"})
	for _, try := range []struct {
		field string
		value any
	}{
		{"strength", ptr(6)}, {"strength", ptr(0)}, {"title", ptr("总经理")}, {"contactRole", ptr("BUYER")}, {"primary", true},
	} {
		_, err := w.link(rep, partner, a, b, try.field, try.value)
		w.refused(err, fault.Invalid, try.field)
	}
	_, err := w.link(rep, partner, a, b, "from", ptr(models.Date("2024-05-01")), "until", ptr(models.Date("2024-05-01")))
	w.refused(err, fault.Invalid, "until")
	_, err = w.link(rep, models.NewID(models.RelationshipTypeCode), a, b)
	w.refused(err, fault.NotFound, "type")
	w.must(w.link(rep, partner, w.competitor("对手"), a)) // symmetric: in either order
	w.must(w.link(rep, models.WorksAtID, c, a, "title", ptr("总经理"), "contactRole", ptr("BUYER"), "primary", true))
}

func TestPartiesStandToEachOtherOnceInOneWay(t *testing.T) {
	w := newWorld(t)
	ctx, rep := context.Background(), w.user("rep")
	v, a, b := w.viewer(rep), w.customer("甲", rep), w.customer("乙", rep)
	partner := w.relationshipType("PARTNER_OF", true, []string{"CUSTOMER"}, []string{"CUSTOMER"})
	parent := w.relationshipType("PARENT_OF", false, []string{"CUSTOMER"}, []string{"CUSTOMER"})
	first := w.must(w.link(rep, partner, a, b, "until", ptr(v.Today.AddDays(30))))
	for _, ends := range [][2]uuid.UUID{{a, b}, {b, a}} {
		_, err := w.link(rep, partner, ends[0], ends[1])
		w.refused(err, fault.Duplicate, "b")
	}
	w.must(w.link(rep, partner, b, a, "from", ptr(models.Date("2001-01-01")), "until", ptr(models.Date("2002-01-01")))) // history
	w.must(w.link(rep, parent, a, b))
	w.must(w.link(rep, parent, b, a)) // reads another way
	w.must(store.Relationships.Delete(ctx, w.store, v, ask("relationshipDelete"), first, nil))
	second := w.must(w.link(rep, partner, b, a))
	_, err := w.store.RelationshipRestore(ctx, v, ask("relationshipRestore"), first)
	w.refused(err, fault.Duplicate, "b")
	w.must(w.store.RelationshipEnd(ctx, v, ask("relationshipEnd"), second, nil, nil))
	w.must(w.store.RelationshipRestore(ctx, v, ask("relationshipRestore"), first))
	_, err = w.store.RelationshipUpdate(ctx, v, ask("relationshipUpdate"), second, nil, map[string]any{"until": (*models.Date)(nil)})
	w.refused(err, fault.Duplicate, "b")
	_, err = w.store.RelationshipEnd(ctx, v, ask("relationshipEnd"), second, nil, nil)
	w.refused(err, fault.AlreadyClosed, "id")
}

func TestOfManyWhoLinkTheSameAtOnceOneSucceeds(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep")
	partner := w.relationshipType("PARTNER_OF", true, []string{"CUSTOMER"}, []string{"CUSTOMER"})
	v := w.viewer(rep)
	for round := range 5 {
		ends := [2]uuid.UUID{w.customer("甲", rep), w.customer("乙", rep)}
		var all sync.WaitGroup
		errs := make([]error, 8)
		begin := make(chan struct{})
		for i := range errs {
			all.Go(func() {
				<-begin
				_, errs[i] = w.store.RelationshipCreate(context.Background(), v, ask("relationshipCreate"),
					map[string]any{"type": partner, "a": ends[i%2], "b": ends[1-i%2]})
			})
		}
		close(begin)
		all.Wait()
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
				continue
			}
			w.refused(err, fault.Duplicate, "b")
		}
		if made != 1 || w.live("relationships") != round+1 {
			t.Errorf("round %d: %d made, %d kept in all", round, made, w.live("relationships"))
		}
	}
}

func TestRelationshipKeepsItsEndsAndIsChangedByWhoManagesOne(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss", everything), w.user("rep")
	partner := w.relationshipType("PARTNER_OF", true, []string{"CUSTOMER"}, []string{"CUSTOMER"})
	a, b, c := w.customer("甲", boss), w.customer("乙", boss), w.customer("丙", rep)
	edge := w.relationship(partner, a, b)
	w.must(w.store.RelationshipUpdate(ctx, w.viewer(boss), ask("relationshipUpdate"), edge, nil, map[string]any{"a": c, "strength": ptr(3)}))
	found, err := store.Relationships.ByID(ctx, w.look(boss), edge)
	if err != nil || found.AID != a || *found.Strength != 3 {
		t.Fatalf("changed to %+v (%v)", found, err)
	}
	change := map[string]any{"note": ptr("改")}
	_, err = w.store.RelationshipUpdate(ctx, w.viewer(rep), ask("relationshipUpdate"), edge, nil, change)
	w.refused(err, fault.NotFound, "id")
	for _, id := range []uuid.UUID{a, b} {
		w.insert(&models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: id, SubjectID: rep, Level: models.Observe})
	}
	_, err = w.store.RelationshipUpdate(ctx, w.viewer(rep), ask("relationshipUpdate"), edge, nil, change)
	w.refused(err, fault.Forbidden, "id")
	_, err = store.Relationships.Delete(ctx, w.store, w.viewer(rep), ask("relationshipDelete"), edge, nil)
	w.refused(err, fault.Forbidden, "id")
	w.exec("update shares set level = 'MANAGE' where record_id = ?", b)
	w.must(w.store.RelationshipUpdate(ctx, w.viewer(rep), ask("relationshipUpdate"), edge, nil, change))
	w.must(store.Relationships.Delete(ctx, w.store, w.viewer(rep), ask("relationshipDelete"), edge, nil))
	page, err := store.Relationships.List(ctx, w.store, w.look(rep), store.Ask{Deleted: true})
	if err != nil || len(page.Edges) != 1 {
		t.Fatalf("deleted ones: %+v (%v)", page, err)
	}
	w.exec("delete from shares where record_id = ?", a)
	if page, err = store.Relationships.List(ctx, w.store, w.look(rep), store.Ask{Deleted: true}); err != nil || len(page.Edges) != 0 {
		t.Fatalf("deleted ones with a hidden end: %+v (%v)", page, err)
	}
	_, err = w.store.RelationshipRestore(ctx, w.viewer(rep), ask("relationshipRestore"), edge)
	w.refused(err, fault.NotFound, "id")
}

func TestRelationshipsOfManyPartiesHideWhatLeadsToTheHidden(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss", everything), w.user("rep")
	partner := w.relationshipType("PARTNER_OF", true, []string{"CUSTOMER"}, []string{"CUSTOMER"})
	a, b, hidden, rival := w.customer("甲", rep), w.customer("乙", rep), w.customer("看不见", boss), w.competitor("对手")
	w.relationship(partner, a, b)
	w.relationship(partner, hidden, a)
	w.relationship(partner, b, rival)
	pages, err := store.PartyRelationships(ctx, w.store, w.look(rep), []uuid.UUID{a, b, rival}, store.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	for party, want := range map[uuid.UUID]int{a: 1, b: 2, rival: 1} {
		n, _ := pages[party].TotalCount(ctx)
		if n != want || len(pages[party].Edges) != want {
			t.Errorf("%d counted, %d edges, want %d", n, len(pages[party].Edges), want)
		}
		for _, e := range pages[party].Edges {
			if e.Party != party || e.Node.Other(party) == party || e.Node.Other(party) == hidden {
				t.Errorf("edge %+v of %v", e, party)
			}
		}
	}
}
