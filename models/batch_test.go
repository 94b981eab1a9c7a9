package models

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestFetchLoadsOncePerBatchWhoeverAsksFirst(t *testing.T) {
	rows := []*Customer{{}, {}, {}}
	b := NewBatch(rows)
	var loads atomic.Int32
	var all sync.WaitGroup
	for _, row := range rows {
		all.Go(func() {
			_, batch := row.Key()
			got, err := Fetch(t.Context(), batch, "owner", func() (string, error) { loads.Add(1); return "x", nil })
			if err != nil || got != "x" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	all.Wait()
	if loads.Load() != 1 || rows[0].Batch != b {
		t.Fatalf("%d loads for one batch", loads.Load())
	}
}
