package columns

import (
	"sync/atomic"

	"github.com/google/uuid"
)

// Entries of dictionaries stand in trees. Most of them are in no record: an entry has a number only where it is in one, and what stands
// above those is found when it is asked for first.

// treeLevels is how many levels of a tree are asked for.
const treeLevels = 3

// tree is what stands above each entry.
type tree struct {
	parents map[uuid.UUID]uuid.UUID // of all entries; of those at the top, none
	levels  [treeLevels]atomic.Pointer[level]
}

// level leads from entries to those that stand above them on one level, or to themselves.
type level struct {
	leads []uint32    // by the entry's number, to a place in the keys; 0 for none
	keys  []uuid.UUID // the first unused
}

// add adds an entry and the one above it, if any.
func (t *tree) add(id, parent []byte) {
	above := uuid.Nil
	if parent != nil {
		above = uuid.UUID(parent)
	}
	t.parents[uuid.UUID(id)] = above
}

// at gives a level, counted from 1, for entries by their numbers.
func (t *tree) at(n int, entries []uuid.UUID) *level {
	kept := &t.levels[n-1]
	if l := kept.Load(); l != nil && len(l.leads) >= len(entries) {
		return l
	}
	l := &level{leads: make([]uint32, len(entries)), keys: make([]uuid.UUID, 1)}
	places := map[uuid.UUID]uint32{}
	for number, id := range entries {
		path := t.path(id)
		if len(path) < n {
			continue
		}
		top := path[len(path)-n]
		if places[top] == 0 { // in the order of entries: who has a place keeps it when there are more
			places[top] = uint32(len(l.keys))
			l.keys = append(l.keys, top)
		}
		l.leads[number] = places[top]
	}
	kept.Store(l)
	return l
}

// path gives an entry and all above it, the one at the top last; nothing where no top is reached.
func (t *tree) path(id uuid.UUID) (path []uuid.UUID) {
	for len(path) <= len(t.parents) {
		above, has := t.parents[id]
		if !has {
			return nil
		}
		path = append(path, id)
		if id = above; above == uuid.Nil {
			return path
		}
	}
	return nil // it stands above itself
}

// AtLevel groups by what stands above an entry on a level from 1, or by itself.
func (d Dimension) AtLevel(level int) Dimension {
	d.level = level
	return d
}

// leveled makes a level of entries ready.
func (v *View) leveled(d Dimension) *coded {
	l := v.version.refs.at(d.level, v.tables.of[LossReason].All())
	c := &coded{size: uint64(len(l.keys)), key: func(n uint32) string { return l.keys[n].String() }, one: l.leads}
	if d.through != nil {
		c.one = []uint32{}
		for _, entry := range d.through(v.version.refs) {
			c.one = append(c.one, l.leads[entry])
		}
	}
	c.column = func(p *segment) *ints { return &p.narrow[d.column] }
	return c
}
