package reports

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"guanxi/access"
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
	for dim, a := range t.axes {
		if a.Type != RecordKeys {
			a.place()
			continue
		}
		if err := t.name(ctx, snap, dim, a); err != nil {
			return err
		}
	}
	return nil
}

// place puts keys in order that are no records.
func (a *axis) place() {
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

// name reads the names of the records that keys stand for, and their order.
func (t *tallied) name(ctx context.Context, snap *access.Snapshot, dim int, a *axis) error {
	if len(a.used) > mostNamed {
		return errLacks
	}
	called, ids := make(map[string]uint32, len(a.used)), make([]string, len(a.used))
	for i, n := range a.used {
		ids[i] = *a.keys[n]
		called[ids[i]] = n
	}
	q := snap.Viewer.Query()
	label := names(a.Of, "l", t.language)
	place := label + ` collate "zh-x-icu"`
	if a.Place != "" {
		place = "l." + a.Place
	}
	text := "select l.id::text, " + label + ", dense_rank() over (order by " + place + ") from " + q.Visible(a.Of, "l") + " where l.id = any(" + q.Bind(ids) + "::uuid[])"
	return snap.Run(ctx, q, text, func(row access.Row) error {
		var id string
		var name *string
		var place int
		err := row.Scan(&id, &name, &place)
		a.labels[called[id]], a.places[called[id]] = name, place
		return err
	})
}
