package columns

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

// What stands above entries on a level is found of those that have a number, whenever they got it.
func TestLevelsOfATree(t *testing.T) {
	t.Parallel()
	id := func(n byte) uuid.UUID { return uuid.UUID{n} }
	grown := &tree{parents: map[uuid.UUID]uuid.UUID{id(1): uuid.Nil, id(2): id(1), id(3): id(2), id(4): id(3), id(5): id(9), id(6): id(7), id(7): id(6)}}
	numbered := []uuid.UUID{uuid.Nil, id(4), id(2), id(5), id(6)}
	for n, want := range [][]uuid.UUID{{id(1), id(1), uuid.Nil, uuid.Nil, id(1)}, {id(2), id(2), uuid.Nil, uuid.Nil, uuid.Nil}, {id(3), uuid.Nil, uuid.Nil, uuid.Nil, uuid.Nil}} {
		for _, entries := range [][]uuid.UUID{numbered, append(slices.Clone(numbered), id(1))} { // the last is numbered when the level is known
			l := grown.at(n+1, entries)
			for number := 1; number < len(entries); number++ {
				if got := l.keys[l.leads[number]]; got != want[number-1] {
					t.Errorf("above %v on level %d stands %v, not %v", entries[number], n+1, got, want[number-1])
				}
			}
		}
	}
}
