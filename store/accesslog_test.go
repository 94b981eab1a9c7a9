package store_test

import (
	"fmt"
	"sync"
	"testing"

	"guanxi/access"
	"guanxi/models"
)

// TestEntriesOfTheAccessLogAreKeptTogether keeps those of many requests at the same time, one of which cannot be kept: it alone
// hears so, and each of the others finds all of its own when it returns.
func TestEntriesOfTheAccessLogAreKeptTogether(t *testing.T) {
	w := newWorld(t)
	wang := w.viewer(w.user("wang"))
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			request, operation := fmt.Sprint("request ", n), ""
			if n == 20 {
				operation = "\x00" // which is no text to PostgreSQL
			}
			read := map[access.Reading]int{}
			for range n%5 + 1 {
				read[access.Reading{Field: "Customer.phone", Record: models.NewID(models.CustomerCode)}] = 1
			}
			err := w.store.LogAccess(t.Context(), wang, request, operation, read)
			kept := 0
			if again := w.store.Pool.QueryRow(t.Context(), "select count(*) from access_log where request = $1 and at = $2", request, wang.Now).Scan(&kept); again != nil {
				t.Error(again)
			}
			if n == 20 && (err == nil || kept != 0) || n != 20 && (err != nil || kept != n%5+1) {
				t.Errorf("%s: %d kept, %v", request, kept, err)
			}
		})
	}
	all.Wait()
}
