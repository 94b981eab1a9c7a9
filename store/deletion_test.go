package store_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

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
