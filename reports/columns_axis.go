package reports

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/columns"
)

// axis is a dimension with those of its keys that an answer has, by their numbers.
type axis struct {
	*Dimension
	used   []uint32 // the numbers, but for unknown
	known  map[string]uint32
	keys   []*string
	labels []*string // of records
	places []int     // in the order that rows go in, from 1; 0 for what comes last
}

// axis lists the keys that the groups have in a dimension.
func (t *tallied) axis(dim int) *axis {
	n := t.answer.Size(dim)
	a := &axis{Dimension: t.by[dim], keys: make([]*string, n), labels: make([]*string, n), places: make([]int, n)}
	for _, g := range t.groups {
		if n := g.Keys[dim]; n != 0 && a.keys[n] == nil {
			key := t.answer.Key(dim, n)
			a.keys[n], a.used = &key, append(a.used, n)
		}
	}
	return a
}

// numbered gives the number of a key; 0 when no group has it.
func (a *axis) numbered(key string) uint32 {
	if a.known == nil {
		a.known = make(map[string]uint32, len(a.used))
		for _, n := range a.used {
			a.known[*a.keys[n]] = n
		}
	}
	return a.known[key]
}

// place finds the places of all keys, and the names of records.
func (t *tallied) place(ctx context.Context, snap *access.Snapshot) error {
	for _, a := range t.axes {
		if err := t.placeOn(ctx, snap, a); err != nil {
			return err
		}
	}
	return nil
}

// placeOn finds those of one dimension.
func (t *tallied) placeOn(ctx context.Context, snap *access.Snapshot, a *axis) error {
	if a.Type == RecordKeys {
		return t.name(ctx, snap, a)
	}
	a.arrange()
	return nil
}

// arrange puts keys in order that are no records.
func (a *axis) arrange() {
	if a.Type == TimeKeys {
		order := slices.SortedFunc(slices.Values(a.used), func(x, y uint32) int { return cmp.Compare(*a.keys[x], *a.keys[y]) })
		for i, n := range order {
			a.places[n] = i + 1
		}
		return
	}
	for _, n := range a.used {
		key := *a.keys[n]
		if a.Type == BandKeys {
			at, _ := strconv.Atoi(key)
			a.places[n] = at + 1
			continue
		}
		a.places[n] = slices.IndexFunc(a.List, func(c choice) bool { return c.value == key }) + 1
	}
}

// mostNamed is how many records are named; a report with more is left to SQL.
const mostNamed = 20_000

// named is a record's name for people, and its place among its like.
type named struct {
	name  *string
	place int
}

// name finds the names of the records that keys stand for, and their order.
func (t *tallied) name(ctx context.Context, snap *access.Snapshot, a *axis) error {
	ids := make([]uuid.UUID, len(a.used))
	for i, n := range a.used {
		ids[i] = uuid.MustParse(*a.keys[n])
	}
	list, err := t.commonNames(ctx, snap, a)
	switch {
	case err != nil:
		return err
	case list != nil:
	case len(ids) > mostNamed:
		return errLacks
	default:
		if list, err = t.namesOf(ctx, snap, a, func(q *access.Query) string { return "l.id = any(" + q.Bind(ids) + ")" }); err != nil {
			return err
		}
	}
	for i, n := range a.used {
		one := list[ids[i]]
		a.labels[n], a.places[n] = one.name, one.place
	}
	return nil
}

// mostCommon is how many records of one kind have their names kept.
const mostCommon = 5_000

// commonNames gives the names of all records of a kind that everyone sees alike, as they are kept beside columns; nil of others,
// and of one with too many.
func (t *tallied) commonNames(ctx context.Context, snap *access.Snapshot, a *axis) (map[uuid.UUID]named, error) {
	if !columns.Common(a.Of) {
		return nil, nil
	}
	// What language a name is in depends on the kind; no kind is placed in two ways.
	return columns.Kept(t.view, a.Of.Name+" "+names(a.Of, "l", t.language)+" "+a.Dimension.Place, func() (map[uuid.UUID]named, error) {
		list, err := t.namesOf(ctx, snap, a, func(q *access.Query) string { return "true limit " + q.Bind(mostCommon+1) })
		if len(list) > mostCommon {
			list = nil
		}
		return list, err
	})
}

// namesOf reads the names of those records that a condition chooses.
func (t *tallied) namesOf(ctx context.Context, snap *access.Snapshot, a *axis, which func(*access.Query) string) (map[uuid.UUID]named, error) {
	q := snap.Viewer.Query()
	label := names(a.Of, "l", t.language)
	place := label + ` collate "zh-x-icu"`
	if a.Place != "" {
		place = "l." + a.Place
	}
	list := map[uuid.UUID]named{}
	text := "select l.id, " + label + ", dense_rank() over (order by " + place + ") from " + q.Visible(a.Of, "l") + " where " + which(q)
	return list, snap.Run(ctx, q, text, func(row access.Row) error {
		var id uuid.UUID
		var one named
		err := row.Scan(&id, &one.name, &one.place)
		list[id] = one
		return err
	})
}
