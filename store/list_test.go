package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

func TestPagesWalkTheWholeListInOrderBothWays(t *testing.T) {
	w := newWorld(t)
	boss := w.user("boss", everything)
	for i := range 25 {
		c := w.customer(fmt.Sprintf("客户%02d", i%7), boss)
		if i%3 == 0 {
			w.exec("update customers set note = 'x' where id = ?", c)
		}
	}
	for _, order := range [][]models.Order{nil, {{Field: "NAME", Direction: "DESC"}}, {{Field: "NOTE", Direction: "ASC"}, {Field: "NAME", Direction: "ASC"}}, {{Field: "NOTE", Direction: "DESC"}}} {
		forth := w.walk(t, boss, order, false)
		back := w.walk(t, boss, order, true)
		if len(forth) != 25 || len(back) != 25 {
			t.Fatalf("%v: walked %d forward, %d backward of 25", order, len(forth), len(back))
		}
		for i := range forth {
			if forth[i] != back[24-i] {
				t.Fatalf("%v: the way back differs at %d", order, i)
			}
		}
	}
}

func (w *world) walk(t *testing.T, user uuid.UUID, order []models.Order, backward bool) []uuid.UUID {
	t.Helper()
	snap := w.look(user)
	defer snap.Close(context.Background())
	size := 4
	ask := store.Ask{OrderBy: order, First: &size}
	if backward {
		ask.First, ask.Last = nil, &size
	}
	var ids []uuid.UUID
	for {
		page, err := store.Customers.List(context.Background(), w.store, snap, ask)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := page.TotalCount(context.Background()); n != 25 {
			t.Fatalf("total %d", n)
		}
		nodes := page.Nodes()
		for i := range nodes {
			if backward {
				i = len(nodes) - 1 - i
			}
			ids = append(ids, nodes[i].ID)
		}
		switch {
		case backward && page.PageInfo.HasPreviousPage:
			ask.Before = page.PageInfo.StartCursor()
		case !backward && page.PageInfo.HasNextPage:
			ask.After = page.PageInfo.EndCursor()
		default:
			return ids
		}
	}
}

func TestCursorServesOnlyItsViewerAndItsList(t *testing.T) {
	w := newWorld(t)
	boss, other := w.user("boss", everything), w.user("other", everything)
	for range 3 {
		w.customer("甲", boss)
	}
	one := 1
	page, err := store.Customers.List(context.Background(), w.store, w.look(boss), store.Ask{First: &one})
	if err != nil {
		t.Fatal(err)
	}
	cursor := page.PageInfo.EndCursor()
	for name, try := range map[string]struct {
		user uuid.UUID
		ask  store.Ask
	}{
		"another viewer": {other, store.Ask{After: cursor}},
		"another order":  {boss, store.Ask{After: cursor, OrderBy: []models.Order{{Field: "NAME"}}}},
		"another filter": {boss, store.Ask{After: cursor, Where: map[string]any{"name": &models.StringFilter{Eq: ptr("甲")}}}},
		"garbage":        {boss, store.Ask{After: ptr("AAAA")}},
	} {
		if _, err := store.Customers.List(context.Background(), w.store, w.look(try.user), try.ask); !fault.Is(err, fault.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFilterTreatsWhatIsHiddenAsUnknown(t *testing.T) {
	w := newWorld(t)
	boss, rep := w.user("boss", everything), w.user("rep")
	hidden, mine := w.customer("Secret", boss), w.customer("Mine", rep)
	a, b, c := w.opportunity(rep, &hidden, 10), w.opportunity(rep, &mine, 20), w.opportunity(rep, nil, 0)
	name := func(n string) map[string]any {
		return map[string]any{"customer": map[string]any{"name": &models.StringFilter{Eq: &n}}}
	}
	yes := true
	for what, try := range map[string]struct {
		where map[string]any
		want  []uuid.UUID
	}{
		"the hidden name":     {name("Secret"), nil},
		"not the hidden name": {map[string]any{"not": name("Secret")}, []uuid.UUID{b}},
		"not another name":    {map[string]any{"not": name("Else")}, []uuid.UUID{b}},
		"unknown customer":    {map[string]any{"customer": map[string]any{"id": &models.IDFilter{IsNull: &yes}}}, []uuid.UUID{a, c}},
		"some of mine": {map[string]any{"customer": map[string]any{"opportunities": map[string]any{"some": map[string]any{
			"amount": &models.DecimalFilter{Gte: ptr(decimal.NewFromInt(15))}}}}}, []uuid.UUID{b}},
		"or":          {map[string]any{"or": []map[string]any{name("Mine"), name("Secret")}}, []uuid.UUID{b}},
		"amount null": {map[string]any{"amount": &models.DecimalFilter{IsNull: &yes}}, []uuid.UUID{c}},
	} {
		page, err := store.Opportunities.List(context.Background(), w.store, w.look(rep), store.Ask{Where: try.where})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := len(page.Edges); got != len(try.want) {
			t.Errorf("%s: found %d, want %d", what, got, len(try.want))
			continue
		}
		for i, node := range page.Nodes() {
			if node.ID != try.want[i] {
				t.Errorf("%s: found another record at %d", what, i)
			}
		}
	}
}

// A filter that names a list and asks nothing of it leaves every row in. The documents' door has a parameter that no
// other door has.
func TestFilterOnAListThatAsksNothingLeavesAllIn(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep")
	w.customer("甲", rep)
	snap := w.look(rep)
	defer snap.Close(context.Background())
	for _, asked := range []map[string]any{{}, {"some": nil}} {
		page, err := store.Customers.List(context.Background(), w.store, snap, store.Ask{Where: map[string]any{"documents": asked}})
		if err != nil {
			t.Fatalf("%v: %v", asked, err)
		}
		if n, err := page.TotalCount(context.Background()); n != 1 || err != nil {
			t.Errorf("%v: %d customers, %v", asked, n, err)
		}
	}
}

func TestFieldWithoutRightIsUnknownOrRefused(t *testing.T) {
	w := newWorld(t)
	boss := w.user("boss", everything)
	blind := w.user("blind", withoutAmounts)
	w.opportunity(boss, nil, 10)
	w.exec("insert into grants (id, grantee_user_id, everyone, effect, level, created_at, updated_at) values (?, ?, true, 'ALLOW', 'OBSERVE', now(), now())", models.NewID(models.GrantCode), blind)
	page, err := store.Opportunities.List(context.Background(), w.store, w.look(blind), store.Ask{})
	if err != nil || len(page.Edges) != 1 || page.Edges[0].Node.Amount != nil {
		t.Fatalf("got %v, %+v", err, page)
	}
	for _, ask := range []store.Ask{
		{Where: map[string]any{"not": map[string]any{"amount": &models.DecimalFilter{IsNull: ptr(false)}}}},
		{OrderBy: []models.Order{{Field: "AMOUNT"}}},
	} {
		if _, err := store.Opportunities.List(context.Background(), w.store, w.look(blind), ask); !fault.Is(err, fault.FieldDenied) {
			t.Errorf("%+v: %v", ask, err)
		}
	}
}

func TestAnonymousViewerFindsNothing(t *testing.T) {
	w := newWorld(t)
	w.customer("甲", w.user("boss", everything))
	snap := access.Look(w.store.Pool, access.Nobody(w.now))
	defer snap.Close(context.Background())
	for _, kind := range access.Kinds {
		q := snap.Viewer.Query()
		err := snap.Run(context.Background(), q, "select 1 from "+q.Visible(kind, "r"), func(access.Row) error {
			t.Errorf("a row of %s", kind.Name)
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", kind.Name, err)
		}
	}
}

func ptr[T any](v T) *T { return &v }
