package access

import (
	"slices"

	"github.com/google/uuid"
)

// Rows names every rule that stands as a row in rules.go.
func Rows() (names []string) {
	for _, w := range ways {
		names = append(names, "way "+w.name)
	}
	for _, c := range closings {
		names = append(names, "closing "+c.name)
	}
	for _, r := range relations {
		names = append(names, "relation "+string(r.name))
	}
	return names
}

// Without leaves out the nth of Rows until it is put back.
func Without(n int) (putBack func()) {
	w, c, r := ways, closings, relations
	switch {
	case n < len(w):
		ways = slices.Delete(slices.Clone(w), n, n+1)
	case n < len(w)+len(c):
		closings = slices.Delete(slices.Clone(c), n-len(w), n-len(w)+1)
	default:
		relations = slices.Delete(slices.Clone(r), n-len(w)-len(c), n-len(w)-len(c)+1)
	}
	return func() { ways, closings, relations = w, c, r }
}

// WithAnother adds a way that leads anybody to any business record until it is taken away.
func WithAnother() (takeAway func()) {
	w := ways
	ways = append(slices.Clone(w), way{name: "ANOTHER", of: isBusiness, holds: sql("true")})
	return func() { ways = w }
}

// EntryOf tells which of several facts about one thing a reason is: the person in a group, the subject on a list.
func EntryOf(r *Reason) uuid.UUID { return r.entry }
