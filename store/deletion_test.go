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

func TestWhatHangsOnlyOnWhatIsDeletedGoesAndComesBackWithIt(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	customer := w.customer("甲", boss)
	deal, stray := w.opportunity(boss, &customer, 10), w.opportunity(boss, nil, 10)
	note := func(opportunity uuid.UUID) uuid.UUID {
		a := &models.Activity{Kind: "NOTE", Summary: "记录", HappenedAt: w.now, OpportunityID: &opportunity}
		a.ID, a.OwnerID = models.NewID(models.ActivityCode), &boss
		w.insert(a)
		return a.ID
	}
	hanging, other := note(deal), note(stray)
	live := func(id uuid.UUID) bool {
		t.Helper()
		n, err := w.store.DB.NewSelect().Model((*models.Activity)(nil)).Where("id = ? and deleted_at is null", id).Count(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n == 1
	}
	if _, err := store.Customers.Delete(ctx, w.store, w.viewer(boss), ask("customerDelete"), customer, nil); err != nil {
		t.Fatal(err)
	}
	if live(hanging) || !live(other) {
		t.Fatalf("the note of the deleted deal is live: %t, that of another: %t", live(hanging), live(other))
	}
	if _, err := store.Customers.Restore(ctx, w.store, w.viewer(boss), ask("customerRestore"), customer); err != nil {
		t.Fatal(err)
	}
	if !live(hanging) {
		t.Fatal("the note did not come back")
	}
}

func TestNothingIsAddedToACustomerWhileItIsDeleted(t *testing.T) {
	w := newWorld(t)
	ctx, boss := context.Background(), w.user("boss", everything)
	v := w.viewer(boss)
	for range 20 {
		customer := w.customer("甲", boss)
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := store.Customers.Delete(ctx, w.store, v, ask("customerDelete"), customer, nil); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			_, err := w.store.OpportunityCreate(ctx, v, ask("opportunityCreate"), store.OpportunityDraft{Fields: map[string]any{"title": "机会", "customer": customer}})
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Error(err)
			}
		})
		both.Wait()
		left, err := w.store.DB.NewSelect().Model((*models.Opportunity)(nil)).Where("customer_id = ? and deleted_at is null", customer).Count(ctx)
		if err != nil || left != 0 {
			t.Fatalf("%d live opportunities of a deleted customer, %v", left, err)
		}
	}
}
