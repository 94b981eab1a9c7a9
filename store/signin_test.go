package store_test

import (
	"context"
	"testing"

	"guanxi/store"
)

// TestTheTriesOfTooManyNamesAreForgottenOldestFirst fills the memory of tries beyond its bound.
func TestTheTriesOfTooManyNamesAreForgottenOldestFirst(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	try := store.Try{Login: "victim", Address: "192.0.2.1"}
	take := func() bool {
		wait, err := w.store.TakeTry(ctx, try)
		if err != nil {
			t.Fatal(err)
		}
		return wait == 0
	}
	for range 5 {
		if !take() {
			t.Fatal("one of the first five tries is not given")
		}
	}
	w.exec(`insert into sign_in_tries (key, tries, failed, last)
		select decode(md5(n::text), 'hex'), array[now()], 1, now() - interval '1 hour' - n * interval '1 millisecond' from generate_series(1, 100100) n`)
	if err := w.store.PruneTries(ctx); err != nil {
		t.Fatal(err)
	}
	n, err := w.store.DB.NewSelect().Table("sign_in_tries").Count(ctx)
	if err != nil || n != 100_000 || take() {
		t.Errorf("%d names are kept, or the latest was forgotten: %v", n, err)
	}
	for range 2 { // with room left, nothing is forgotten
		w.exec("delete from sign_in_tries where last < now() - interval '1 hour 1 minute'")
		before, _ := w.store.DB.NewSelect().Table("sign_in_tries").Count(ctx)
		if err := w.store.PruneTries(ctx); err != nil {
			t.Fatal(err)
		}
		if after, err := w.store.DB.NewSelect().Table("sign_in_tries").Count(ctx); err != nil || after != before || after == 0 {
			t.Errorf("of %d names %d are left: %v", before, after, err)
		}
	}
}
