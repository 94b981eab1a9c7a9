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

// relationship links two parties directly.
func (w *world) relationship(kind, a, b uuid.UUID) uuid.UUID {
	w.t.Helper()
	r := &models.Relationship{TypeID: kind, AID: a, BID: b}
	r.ID = models.NewID(models.RelationshipCode)
	w.insert(r)
	return r.ID
}

// live counts the rows of a table that are not deleted.
func (w *world) live(table string) int {
	w.t.Helper()
	n, err := w.store.DB.NewSelect().TableExpr(table).Where("deleted_at is null").Count(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return int(n)
}

// refused fails the test unless the error is of the code, at the input's field.
func (w *world) refused(err error, code fault.Code, field string) {
	w.t.Helper()
	refusals, other := fault.Refusals(err)
	for _, f := range refusals {
		if f.Code == code && (field == "" || len(f.Field) > 1 && f.Field[1] == field) {
			return
		}
	}
	w.t.Errorf("got %v (%v), want %s at %q", err, other, code, field)
}

func (w *world) must(id uuid.UUID, err error) uuid.UUID {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestNewContactIsAtItsCustomerFromTodayOn(t *testing.T) {
	w := newWorld(t)
	ctx, rep := context.Background(), w.user("rep")
	v, customer := w.viewer(rep), w.customer("甲", rep)
	id := w.must(w.store.ContactCreate(ctx, v, ask("contactCreate"), map[string]any{"name": "王伟", "phone": ptr("138 0013 8000")},
		store.Affiliation{Customer: &customer, Role: ptr("DECISION_MAKER"), Title: ptr("总经理"), Primary: true}))
	pages, err := store.CustomerContacts(ctx, w.store, w.look(rep), []uuid.UUID{customer}, store.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	edges := pages[customer].Edges
	if len(edges) != 1 || edges[0].Node.ID != id || *edges[0].Role() != "DECISION_MAKER" || *edges[0].Title() != "总经理" || !edges[0].Primary() || *edges[0].From() != v.Today {
		t.Fatalf("edges %+v", edges)
	}
	if *edges[0].Node.Phone != "138 0013 8000" {
		t.Errorf("the phone number was changed to %q", *edges[0].Node.Phone)
	}
}

func TestContactAtAHiddenCustomerIsRefusedAndNotMade(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss", everything), w.user("rep")
	hidden := w.customer("甲", boss)
	for _, customer := range []uuid.UUID{hidden, models.NewID(models.CustomerCode)} {
		_, err := w.store.ContactCreate(ctx, w.viewer(rep), ask("contactCreate"), map[string]any{"name": "王伟"}, store.Affiliation{Customer: &customer})
		w.refused(err, fault.NotFound, "customer")
	}
	if n := w.live("contacts"); n != 0 {
		t.Errorf("%d contacts made", n)
	}
	_, err := w.store.ContactCreate(ctx, w.viewer(rep), ask("contactCreate"), map[string]any{"name": "王伟"}, store.Affiliation{Title: ptr("总经理")})
	w.refused(err, fault.Required, "customer")
}

func TestContactIsEditedByWhoManagesOneOfItsCustomers(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep, other := context.Background(), w.user("boss", everything), w.user("rep"), w.user("other")
	mine := w.customer("甲", rep)
	contact := w.contact("王伟", boss, mine)
	w.must(w.store.ContactUpdate(ctx, w.viewer(rep), ask("contactUpdate"), contact, ptr(1), map[string]any{"note": ptr("改")}))
	_, err := w.store.ContactUpdate(ctx, w.viewer(rep), ask("contactUpdate"), contact, ptr(1), map[string]any{"note": ptr("再改")})
	w.refused(err, fault.StaleVersion, "expectedVersion")
	_, err = w.store.ContactUpdate(ctx, w.viewer(other), ask("contactUpdate"), contact, nil, map[string]any{"note": ptr("偷改")})
	w.refused(err, fault.NotFound, "id")
}

func TestHiddenContactsAreInNoEdgeAndNoCount(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss", everything), w.user("rep")
	mine, seen := w.customer("甲", rep), w.customer("乙", boss)
	both := w.contact("两家", rep, mine, seen)
	w.contact("一家", boss, mine)
	w.contact("看不见", boss, seen)
	w.exec("update relationships set valid_until = current_date - 1 where a_id = ? and b_id = ?", w.contact("离职", rep, mine), mine)
	share := &models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: seen, SubjectID: rep, Level: models.Observe, Kinds: []string{"OPPORTUNITY"}}
	w.insert(share)
	pages, err := store.CustomerContacts(ctx, w.store, w.look(rep), []uuid.UUID{mine, seen}, store.Ask{OrderBy: []models.Order{{Field: "NAME"}}})
	if err != nil {
		t.Fatal(err)
	}
	for customer, want := range map[uuid.UUID]int{mine: 2, seen: 1} {
		page := pages[customer]
		if n, _ := page.TotalCount(ctx); n != want || len(page.Edges) != want || len(page.Nodes) != want {
			t.Errorf("counted %d with %d edges, want %d", n, len(page.Edges), want)
		}
	}
	if pages[seen].Edges[0].Node.ID != both || pages[seen].Edges[0].Relationship.BID != seen {
		t.Errorf("the shared customer shows %+v", pages[seen].Edges[0])
	}
	customers, err := store.ContactCustomers(ctx, w.store, w.look(boss), []uuid.UUID{both}, store.Ask{})
	if err != nil || len(customers[both].Edges) != 2 {
		t.Fatalf("got %v, %+v", err, customers[both])
	}
}

func TestContactsOfManyCustomersTakeAsManyStatementsAsOfOne(t *testing.T) {
	w := newWorld(t)
	ctx, rep := context.Background(), w.user("rep")
	var customers []uuid.UUID
	for range 4 {
		c := w.customer("甲", rep)
		customers = append(customers, c)
		w.contact("人", rep, c)
		w.contact("人", rep, c)
	}
	var spent []int
	for _, some := range [][]uuid.UUID{customers[:1], customers} {
		snap := w.look(rep)
		pages, err := store.CustomerContacts(ctx, w.store, snap, some, store.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		for _, customer := range some {
			if n, _ := pages[customer].TotalCount(ctx); n != 2 {
				t.Fatalf("counted %d", n)
			}
		}
		spent = append(spent, snap.Statements())
	}
	if spent[0] != spent[1] || spent[0] != 3 {
		t.Errorf("statements %v", spent)
	}
}

func TestDeletedCustomerTakesItsOwnContactsAndOneAffiliationOfOthersAndComesBackExactlySo(t *testing.T) {
	w := newWorld(t)
	ctx, rep := context.Background(), w.user("rep")
	v, gone, stays := w.viewer(rep), w.customer("甲", rep), w.customer("乙", rep)
	own, shared := w.contact("只此一家", rep, gone), w.contact("两家", rep, gone, stays)
	w.opportunity(rep, &gone, 1)
	before := w.must(store.Contacts.Delete(ctx, w.store, v, ask("contactDelete"), w.contact("先删", rep, gone), nil))
	counts := func() (n [4]int) {
		for i, table := range []string{"customers", "contacts", "relationships", "opportunities"} {
			n[i] = w.live(table)
		}
		return n
	}
	full := counts()
	w.must(store.Customers.Delete(ctx, w.store, v, ask("customerDelete"), gone, nil))
	if got := counts(); got != [4]int{1, 1, 1, 0} {
		t.Fatalf("left after the deletion: %v of %v", got, full)
	}
	snap := w.look(rep)
	if c, _ := store.Contacts.ByID(ctx, snap, own); c != nil {
		t.Error("its own contact is still there")
	}
	pages, err := store.ContactCustomers(ctx, w.store, snap, []uuid.UUID{shared}, store.Ask{})
	if err != nil || len(pages[shared].Edges) != 1 || pages[shared].Edges[0].Node.ID != stays {
		t.Fatalf("the contact of two is at %+v (%v)", pages[shared], err)
	}
	w.must(store.Customers.Restore(ctx, w.store, v, ask("customerRestore"), gone))
	if got := counts(); got != full {
		t.Errorf("restored to %v of %v", got, full)
	}
	if c, _ := store.Contacts.ByID(ctx, w.look(rep), before); c != nil {
		t.Error("what had been deleted before came back too")
	}
}

func TestTransferEndsSharesUnlessTheyAreKept(t *testing.T) {
	w := newWorld(t)
	ctx, boss, heir, friend := context.Background(), w.user("boss", everything), w.user("heir"), w.user("friend")
	for _, keep := range []bool{false, true} {
		contact := w.contact("王伟", boss)
		w.insert(&models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: contact, SubjectID: friend, Level: models.Observe})
		w.must(store.Contacts.Transfer(ctx, w.store, w.viewer(boss), ask("contactTransfer"), contact, heir, keep, nil))
		for user, sees := range map[uuid.UUID]bool{heir: true, friend: keep} {
			if c, err := store.Contacts.ByID(ctx, w.look(user), contact); err != nil || (c != nil) != sees {
				t.Errorf("keep %t: seen %t, want %t (%v)", keep, c != nil, sees, err)
			}
		}
	}
	_, err := store.Contacts.Transfer(ctx, w.store, w.viewer(boss), ask("contactTransfer"), w.contact("王伟", boss), models.NewID(models.UserCode), false, nil)
	w.refused(err, fault.NotFound, "to")
}

func TestDeletedRecordsAreListedLastDeletedFirst(t *testing.T) {
	w := newWorld(t)
	ctx, rep, other := context.Background(), w.user("rep"), w.user("other")
	first, second := w.contact("甲", rep), w.contact("乙", rep)
	for i, id := range []uuid.UUID{second, first} {
		v := w.viewer(rep)
		w.must(store.Contacts.Delete(ctx, w.store, v.At(v.Now.Add(time.Duration(i)*time.Minute)), ask("contactDelete"), id, nil))
	}
	last := store.Ask{Deleted: true, OrderBy: []models.Order{{Field: "DELETED_AT", Direction: "DESC"}}}
	page, err := store.Contacts.List(ctx, w.store, w.look(rep), last)
	if err != nil || len(page.Edges) != 2 || page.Edges[0].Node.ID != first || page.Edges[1].Node.ID != second {
		t.Errorf("listed %+v (%v)", page, err)
	}
	if page, err = store.Contacts.List(ctx, w.store, w.look(other), last); err != nil || len(page.Edges) != 0 {
		t.Errorf("another lists %+v (%v)", page, err)
	}
	_, err = store.Contacts.Restore(ctx, w.store, w.viewer(other), ask("contactRestore"), first)
	w.refused(err, fault.NotFound, "id")
}
