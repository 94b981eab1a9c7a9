package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// happen puts an entry of each kind into a customer's timeline at an instant and gives their ids.
func (w *world) happen(user, customer, opportunity uuid.UUID, at time.Time) []uuid.UUID {
	w.t.Helper()
	a := &models.Activity{Kind: "NOTE", Summary: "电话", HappenedAt: at, CustomerID: &customer}
	a.ID, a.OwnerID = models.NewID(models.ActivityCode), &user
	s := &models.Service{Title: "修", Kind: "OTHER", Status: "OPEN", Priority: "NORMAL", OpenedAt: at, CustomerID: &customer}
	s.ID, s.OwnerID = models.NewID(models.ServiceCode), &user
	d := &models.Document{Name: "a.txt", MediaType: "text/plain", SHA256: []byte{1}, StorageKey: "k", UploadedAt: at, CustomerID: &customer}
	d.ID, d.OwnerID = models.NewID(models.DocumentCode), &user
	c := &models.StageChange{OpportunityID: opportunity, ToStatus: models.Open, ChangedAt: at}
	c.ID = models.NewID(models.StageChangeCode)
	for _, row := range []any{a, s, d, c} {
		w.insert(row)
	}
	return []uuid.UUID{a.ID, s.ID, d.ID, c.ID}
}

// leafThrough reads a customer's whole timeline, page by page.
func (w *world) leafThrough(user, customer uuid.UUID, size int) (entries []models.TimelineEntry) {
	w.t.Helper()
	ctx, snap := context.Background(), w.look(user)
	defer snap.Close(ctx)
	var after *string
	for {
		pages, err := store.Timelines(ctx, w.store, snap, []uuid.UUID{customer}, &size, after)
		if err != nil {
			w.t.Fatal(err)
		}
		page := pages[customer]
		entries = append(entries, page.Nodes...)
		if !page.PageInfo.HasNextPage {
			return entries
		}
		after = page.PageInfo.EndCursor()
	}
}

func TestTimelineHasEveryKindLatestFirstWithoutGapsOrDoubles(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep")
	customer, other := w.customer("甲", rep), w.customer("乙", rep)
	opportunity, elsewhere := w.opportunity(rep, &customer, 1), w.opportunity(rep, &other, 1)
	var want []uuid.UUID
	for i := range 6 {
		at := w.now.Add(-time.Duration(i/2) * time.Hour) // two of each instant
		want = append(want, w.happen(rep, customer, opportunity, at)...)
		w.happen(rep, other, elsewhere, at)
	}
	for _, size := range []int{1, 3, 7, 100} {
		entries := w.leafThrough(rep, customer, size)
		var got []uuid.UUID
		for i, e := range entries {
			id, _ := e.Key()
			got = append(got, id)
			if i == 0 {
				continue
			}
			before, _ := entries[i-1].Key()
			if e.When().After(entries[i-1].When()) || e.When().Equal(entries[i-1].When()) && slices.Compare(id[:], before[:]) >= 0 {
				t.Fatalf("pages of %d: entry %d stands before what is later", size, i)
			}
		}
		for _, id := range want {
			if !slices.Contains(got, id) {
				t.Errorf("pages of %d: a %x is missing", size, models.KindOf(id))
			}
		}
		if len(got) != len(want) {
			t.Errorf("pages of %d: %d entries of %d", size, len(got), len(want))
		}
	}
}

func TestTimelinesShowWhatTheViewerSeesInAConstantNumberOfStatements(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep := context.Background(), w.user("boss", everything), w.user("rep")
	var customers []uuid.UUID
	for range 3 {
		c := w.customer("甲", boss)
		customers = append(customers, c)
		o := w.opportunity(boss, &c, 1)
		w.happen(boss, c, o, w.now)
		w.happen(rep, c, w.opportunity(rep, &c, 1), w.now)
		w.insert(&models.Share{Record: models.Record{ID: models.NewID(models.ShareCode)}, RecordID: c, SubjectID: rep, Level: models.Observe, Kinds: []string{"SERVICE"}})
	}
	var spent []int
	for _, some := range [][]uuid.UUID{customers[:1], customers} {
		snap := w.look(rep)
		pages, err := store.Timelines(ctx, w.store, snap, some, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range some {
			n, _ := pages[c].TotalCount(ctx)
			if n != 5 || len(pages[c].Nodes) != 5 { // his own four and the boss's service
				t.Errorf("counted %d, showed %d", n, len(pages[c].Nodes))
			}
		}
		spent = append(spent, snap.Statements())
	}
	if spent[0] != spent[1] || spent[0] != 6 {
		t.Errorf("statements %v", spent)
	}
	if got := len(w.leafThrough(boss, customers[0], 3)); got != 8 {
		t.Errorf("the boss sees %d", got)
	}
}

func TestTimelineRefusesBadPagesAndForeignCursors(t *testing.T) {
	w := newWorld(t)
	ctx, rep, other := context.Background(), w.user("rep", everything), w.user("other", everything)
	c := w.customer("甲", rep)
	w.happen(rep, c, w.opportunity(rep, &c, 1), w.now)
	pages, err := store.Timelines(ctx, w.store, w.look(rep), []uuid.UUID{c}, ptr(1), nil)
	if err != nil {
		t.Fatal(err)
	}
	cursor := pages[c].PageInfo.EndCursor()
	for name, try := range map[string]struct {
		user  uuid.UUID
		first *int
		after *string
	}{
		"none": {rep, ptr(0), nil}, "too many": {rep, ptr(101), nil}, "another's cursor": {other, nil, cursor}, "garbage": {rep, nil, ptr("AAAA")},
	} {
		if _, err := store.Timelines(ctx, w.store, w.look(try.user), []uuid.UUID{c}, try.first, try.after); !fault.Is(err, fault.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
