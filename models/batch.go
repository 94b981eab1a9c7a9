package models

import (
	"sync"

	"github.com/google/uuid"
)

// Batch is the records that one statement brought together. What is asked of one of them is fetched for all of them at
// once, so the number of statements follows from what a request selects, never from how much it finds.
type Batch struct {
	Rows []Keyed

	mu      sync.Mutex
	fetched map[string]*fetch
}

type fetch struct {
	once  sync.Once
	value any
	err   error
}

// NewBatch binds the rows together.
func NewBatch[T Keyed](rows []T) *Batch {
	b := &Batch{Rows: make([]Keyed, len(rows)), fetched: map[string]*fetch{}}
	for i, row := range rows {
		row.Join(b)
		b.Rows[i] = row
	}
	return b
}

// IDs lists the ids of the batch, each once.
func (b *Batch) IDs() []uuid.UUID {
	return b.Distinct(func(k Keyed) *uuid.UUID { id, _ := k.Key(); return &id })
}

// Distinct lists the ids that the rows refer to through one reference, each once.
func (b *Batch) Distinct(reference func(Keyed) *uuid.UUID) []uuid.UUID {
	seen := make(map[uuid.UUID]struct{}, len(b.Rows))
	ids := make([]uuid.UUID, 0, len(b.Rows))
	for _, row := range b.Rows {
		id := reference(row)
		if id == nil {
			continue
		}
		if _, dup := seen[*id]; !dup {
			seen[*id] = struct{}{}
			ids = append(ids, *id)
		}
	}
	return ids
}

// Fetch gives what the batch knows under the name, fetched by whoever asks first.
func Fetch[T any](b *Batch, name string, load func() (T, error)) (T, error) {
	b.mu.Lock()
	f, ok := b.fetched[name]
	if !ok {
		f = &fetch{}
		b.fetched[name] = f
	}
	b.mu.Unlock()
	f.once.Do(func() { f.value, f.err = load() })
	if f.err != nil {
		var none T
		return none, f.err
	}
	return f.value.(T), nil
}
