package simulate

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
)

// compare counts, for everyone affected, the records of a kind that he gains and loses. The records in hands that somebody
// sees otherwise are counted once for all, by the hands they are in; what else opens records is few and looked at one by one.
func (t *trial) compare(db access.Database, kind *access.Kind) error {
	var hands access.Hands
	var whose []*pair
	for _, p := range t.pairs {
		if access.SameSight(kind, p.before, p.after) {
			t.advance(1)
			continue
		}
		whose = append(whose, p)
		hands = hands.Add(access.Changing(kind, p.before, p.after))
	}
	if len(whose) == 0 {
		return nil
	}
	heaps, err := t.heaps(db, kind, hands)
	for _, p := range whose {
		if err == nil {
			err = t.compareOne(db, &comparing{kind: kind, pair: p, heaps: heaps})
		}
		t.advance(1)
	}
	return err
}

// heap is a number of records in the same hands.
type heap struct {
	access.Holding
	count int
}

// heaps counts the records of a kind in some hands.
func (t *trial) heaps(db access.Database, kind *access.Kind, hands access.Hands) (list []heap, err error) {
	if !hands.All && len(hands.Of) == 0 {
		return nil, nil
	}
	q := t.viewer.Query()
	text := "select h.owner, h.holders, count(*) from (" + q.Held(kind, hands, access.Unlisted(kind)) + ") h group by 1, 2"
	err = query(t.ctx, db, q.Text(text), q.Args(), func(r pgx.Rows) error {
		var owner *uuid.UUID
		var h heap
		err := r.Scan(&owner, &h.Holders, &h.count)
		h.Owner = models.OrNil(owner)
		list = append(list, h)
		return err
	})
	return list, err
}

// comparing is one user and kind being compared.
type comparing struct {
	*pair
	kind  *access.Kind
	heaps []heap
}

// changes tells what becomes of the records in some hands: +1 gained, -1 lost, 0 as before.
func (c *comparing) changes(h access.Holding) int {
	return truth(c.after.Holds(c.kind, h)) - truth(c.before.Holds(c.kind, h))
}

func truth(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (t *trial) compareOne(db access.Database, c *comparing) error {
	gained, lost := &change{seer: c.after, other: c.before}, &change{seer: c.before, other: c.after}
	for _, h := range c.heaps {
		switch c.changes(h.Holding) {
		case 1:
			gained.add(h)
		case -1:
			lost.add(h)
		}
	}
	if err := t.besides(db, c, gained, lost); err != nil {
		return err
	}
	for _, one := range []struct {
		*change
		into *[]*KindCount
	}{{gained, &c.Gained}, {lost, &c.Lost}} {
		if one.count == 0 {
			continue
		}
		first, err := t.first(db, c.kind, one.change)
		if err != nil {
			return err
		}
		*one.into = append(*one.into, &KindCount{Kind: c.kind.Name, Count: one.count, First: first})
	}
	return nil
}

// change is what a user gains or loses of a kind: what the seer, he after or before, sees and the other does not.
type change struct {
	seer, other *access.Viewer
	count       int
	owners      map[uuid.UUID]bool
	besides     []uuid.UUID
}

func (c *change) add(h heap) {
	c.count += h.count
	if c.owners == nil {
		c.owners = map[uuid.UUID]bool{}
	}
	c.owners[h.Owner] = true
}

// besides corrects the counts by the records that are not seen, or not unseen, by the hands they are in alone. Where nothing
// changes besides the hands, only records in hands that change can.
func (t *trial) besides(db access.Database, c *comparing, gained, lost *change) error {
	ids, err := t.besidesOf(db, c)
	if err != nil || len(ids) == 0 {
		return err
	}
	inChanging, err := t.takeOut(db, c, ids, gained, lost)
	if err != nil {
		return err
	}
	if access.SameBesides(c.kind, c.before, c.after) {
		if ids = inChanging; len(ids) == 0 {
			return nil
		}
	}
	before, err := t.seen(db, c.kind, c.before, ids)
	if err != nil {
		return err
	}
	after, err := t.seen(db, c.kind, c.after, ids)
	for _, id := range ids {
		switch {
		case after[id] && !before[id]:
			gained.count, gained.besides = gained.count+1, append(gained.besides, id)
		case before[id] && !after[id]:
			lost.count, lost.besides = lost.count+1, append(lost.besides, id)
		}
	}
	return err
}

// takeOut takes records out of the counts of what is in the same hands, and lists those that had been counted.
func (t *trial) takeOut(db access.Database, c *comparing, ids []uuid.UUID, gained, lost *change) (counted []uuid.UUID, err error) {
	q := t.viewer.Query()
	text := q.Held(c.kind, access.Hands{All: true}, access.Unlisted(c.kind)+" and r.id = any("+q.Bind(ids)+")")
	err = query(t.ctx, db, q.Text(text), q.Args(), func(r pgx.Rows) error {
		var id uuid.UUID
		var owner *uuid.UUID
		var h access.Holding
		err := r.Scan(&id, &owner, &h.Holders)
		h.Owner = models.OrNil(owner)
		switch c.changes(h) {
		case 1:
			gained.count, counted = gained.count-1, append(counted, id)
		case -1:
			lost.count, counted = lost.count-1, append(counted, id)
		}
		return err
	})
	return counted, err
}

// besidesOf lists the records that have to be looked at one by one for a user.
func (t *trial) besidesOf(db access.Database, c *comparing) (ids []uuid.UUID, _ error) {
	for _, v := range []*access.Viewer{c.before, c.after} {
		q := v.Query()
		text := q.Besides(c.kind)
		more, err := idsOf(t.ctx, db, text, q.Args()...)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
		if access.SameBesides(c.kind, c.before, c.after) && v == c.before {
			break
		}
	}
	return models.SortIDs(ids), nil
}

// seen tells which of the records a viewer sees, by the door that everything goes through.
func (t *trial) seen(db access.Database, kind *access.Kind, v *access.Viewer, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	q := v.Query()
	seen := map[uuid.UUID]bool{}
	text := "select r.id from " + q.Visible(kind, "r") + " where r.id = any(" + q.Bind(ids) + ")"
	err := query(t.ctx, db, q.Text(text), q.Args(), func(r pgx.Rows) error {
		var id uuid.UUID
		err := r.Scan(&id)
		seen[id] = true
		return err
	})
	return seen, err
}

// first lists the first records of a change that whoever asks sees himself, owner by owner, by id.
func (t *trial) first(db access.Database, kind *access.Kind, c *change) (ids []uuid.UUID, err error) {
	q := t.viewer.Query()
	seer, other := q.For(c.seer), q.For(c.other)
	newly := func(condition string) string { return q.Newly(kind, seer, other, condition) }
	var owners []uuid.UUID
	for owner := range c.owners {
		if owner != uuid.Nil {
			owners = append(owners, owner)
		}
	}
	owners = models.SortIDs(owners)
	var branches []string
	if c.owners[uuid.Nil] {
		branches = append(branches, fmt.Sprintf("(%s order by r.id limit %d)", newly("r.owner_id is null"), MostShown))
	}
	if len(owners) > 0 {
		branches = append(branches, fmt.Sprintf(`(select x.owner_id, x.id from unnest(%s::uuid[]) with ordinality o (id, place)
			cross join lateral (%s order by r.id limit %[3]d) x order by o.place, x.id limit %[3]d)`, q.Bind(owners), newly("r.owner_id = o.id"), MostShown))
	}
	if len(c.besides) > 0 {
		branches = append(branches, "("+newly("r.id = any("+q.Bind(c.besides)+")")+")")
	}
	text := fmt.Sprintf("select f.id from (%s) f order by f.owner_id nulls first, f.id limit %d", strings.Join(branches, " union "), MostShown)
	return idsOf(t.ctx, db, q.Text(text), q.Args()...)
}
