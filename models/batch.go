package models

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
)

// Batch is the records that one statement brought together. What is asked of one of them is fetched for all of them at
// once, so the number of statements follows from what a request selects, never from how much it finds.
type Batch struct {
	Rows []Keyed

	fetched Fetches
}

// Fetches is what is known under names, each fetched by whoever asked for it first.
type Fetches struct {
	mu sync.Mutex
	of map[string]*fetch
}

// Forget has everything fetched anew that is asked for from now on.
func (k *Fetches) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of = nil
}

type fetch struct {
	value any
	err   error
	done  chan struct{} // closed when these stand

	mu      sync.Mutex
	over    bool
	waiting []Patience // of those who wait
}

var errUnfetched = errors.New("models: whoever fetched this for all panicked")

// wait returns when the fetching is over.
func (f *fetch) wait(p Patience) {
	f.mu.Lock()
	over := f.over
	if !over && p != nil {
		f.waiting = append(f.waiting, p)
	}
	f.mu.Unlock()
	if !over && p != nil {
		p.Pause()
	}
	<-f.done
}

// finish lets those go on who wait.
func (f *fetch) finish() {
	f.mu.Lock()
	f.over = true
	f.mu.Unlock()
	for _, p := range f.waiting {
		p.Resume()
	}
	close(f.done)
}

// Patience is told of those who wait for what another is fetching: of each Pause by himself, of Resume, before he goes on,
// by whoever has fetched it.
type Patience interface {
	Pause()
	Resume()
}

type patienceKey struct{}

// WithPatience names whom those are to tell who wait in the context.
func WithPatience(ctx context.Context, p Patience) context.Context {
	return context.WithValue(ctx, patienceKey{}, p)
}

// NewBatch binds the rows together.
func NewBatch[T Keyed](rows []T) *Batch {
	b := &Batch{Rows: make([]Keyed, len(rows))}
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

// Fetch gives what the batch knows under the name, fetched by whoever asks first; the others wait for it.
func Fetch[T any](ctx context.Context, b *Batch, name string, load func() (T, error)) (T, error) {
	p, _ := ctx.Value(patienceKey{}).(Patience)
	return FetchOnce(&b.fetched, p, name, load)
}

// FetchOnce gives what is known under the name, fetched by whoever asks first; the others wait for it, and the patience is told, if there is any.
func FetchOnce[T any](known *Fetches, p Patience, name string, load func() (T, error)) (T, error) {
	known.mu.Lock()
	f, begun := known.of[name]
	if !begun {
		f = &fetch{done: make(chan struct{})}
		if known.of == nil {
			known.of = map[string]*fetch{}
		}
		known.of[name] = f
	}
	known.mu.Unlock()
	if begun {
		f.wait(p)
	} else {
		defer f.finish()
		f.err = errUnfetched // unless load returns
		f.value, f.err = load()
	}
	if f.err != nil {
		var none T
		return none, f.err
	}
	return f.value.(T), nil
}

// Learn tells the batch what is known under the name, before anybody asks.
func Learn[T any](ctx context.Context, b *Batch, name string, value T) error {
	_, err := Fetch(ctx, b, name, func() (T, error) { return value, nil })
	return err
}
