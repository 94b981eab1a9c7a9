package store_test

import (
	"testing"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

func TestBlankTextIsUnknown(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	seller := w.viewer(w.user("seller"))
	customer, err := w.store.CustomerCreate(ctx, seller, store.Request{}, map[string]any{"name": "甲", "kind": "ORGANIZATION", "phone": ptr(""), "note": ptr(" \u3000\n")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Customers.Update(ctx, w.store, seller, store.Request{}, customer, nil, map[string]any{"website": ptr("\t"), "email": ptr("a@b.example")}, nil); err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from customers where phone is null and note is null and website is null and email = 'a@b.example'"); n != 1 {
		t.Error("a blank text is kept as if it were known")
	}
	for _, name := range []string{"", " ", "\u3000"} {
		_, err := store.Customers.Update(ctx, w.store, seller, store.Request{}, customer, nil, map[string]any{"name": name}, nil)
		says(t, err, fault.Required, "input.name")
	}
	opportunity := w.opportunity(seller.UserID, &customer, 100)
	if _, err := w.store.OpportunityClose(ctx, seller, store.Request{}, opportunity, nil, store.Closing{Status: models.Won, Note: ptr("  ")}); err != nil {
		t.Fatal(err)
	}
	if n := w.number("select count(*) from opportunities where closing_note is null"); n != 1 {
		t.Error("a blank note on closing is kept as if it were known")
	}
}
