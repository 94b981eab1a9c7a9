package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"guanxi/models"
	"guanxi/search"
)

// Records of before accents were folded are found without accents once what they are found by is written anew; nothing else
// of them changes. Several processes share the work.
func TestWhatRecordsAreFoundByIsWrittenAnew(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	for i := range 1200 {
		w.insert(&models.Customer{Business: models.Business{Record: models.Record{ID: models.NewID(models.CustomerCode)}}, Name: fmt.Sprint("José ", i), Kind: "PERSON", Lifecycle: "LEAD"})
	}
	w.exec("update customers set search_terms = '{j,jo,os,sé}', search_text = 'josé'")
	found := func() (n int) {
		t.Helper()
		if err := w.store.Pool.QueryRow(ctx, "select count(*) from customers where search_text like '%jose 7%' and '7' = any(search_terms) and version = 1").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := found(); n != 0 {
		t.Fatalf("%d are found before", n)
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := w.store.RewriteSearch(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := found(); n != 111 {
		t.Errorf("%d of 111 are found after", n)
	}
	w.exec("update customers set search_text = ''")
	if err := w.store.RewriteSearch(ctx); err != nil || found() != 0 {
		t.Errorf("what is of today's form was written again: %v", err)
	}
	w.exec("update search_forms set form = ?", search.Form-1)
	if err := w.store.RewriteSearch(ctx); err != nil || found() != 111 {
		t.Errorf("%d of 111 are found when the form has changed: %v", found(), err)
	}
}
