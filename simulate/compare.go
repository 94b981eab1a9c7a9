package simulate

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
)

// comparing is one kind being compared, for everyone who does not see it alike.
type comparing struct {
	*trial
	db    access.Database
	kind  *access.Kind
	pairs []*pair
	heaps []heap

	grasps  []access.Grasp        // of each pair before, and after
	records map[uuid.UUID]*record // those that lie open to somebody by more than their hands
	opened  []map[uuid.UUID]bool  // which of them to whom: each pair before, and after
	shelves map[uuid.UUID]*shelf  // the first records of owners
}

// record is one record in somebody's hands.
type record struct {
	access.Holding
	id     uuid.UUID
	listed bool // it has a list of its own: its hands open it to nobody
}

// heap is a number of records in the same hands, those with lists of their own left out.
type heap struct {
	access.Holding
	count int
}

// compare counts, for everyone affected, the records of a kind that he gains and loses. The records in hands that somebody
// sees otherwise are counted once for all, by the hands they are in; what else opens records is few and looked at one by one.
func (t *trial) compare(db access.Database, kind *access.Kind) error {
	c := &comparing{trial: t, db: db, kind: kind, records: map[uuid.UUID]*record{}, shelves: map[uuid.UUID]*shelf{}}
	var hands access.Hands
	for _, p := range t.pairs {
		if of := p.changing(kind); !of.None() || !access.SameBesides(kind, p.before, p.after) {
			c.pairs = append(c.pairs, p)
			c.grasps = append(c.grasps, p.before.Grasp(kind), p.after.Grasp(kind))
			hands = hands.Add(of)
		}
		t.advance(1)
	}
	if len(c.pairs) == 0 {
		return nil
	}
	for _, step := range []func() error{func() error { return c.count(hands) }, c.open, c.tell} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// count counts the records in some hands: by the counts that are kept and what has changed since, or one by one.
func (c *comparing) count(hands access.Hands) error {
	if hands.None() {
		return nil
	}
	q := c.viewer.Query()
	text := ""
	if c.tally.holds {
		text = q.Counts(c.kind, hands, c.tally.day, c.tally.moves(c.kind))
	} else {
		text = "select h.owner, h.holders, count(*) from (" + q.Held(c.kind, hands, "true") + ") h where not h.listed group by 1, 2"
	}
	return query(c.ctx, c.db, text, q.Args(), func(r pgx.Rows) error {
		var owner *uuid.UUID
		var h heap
		err := r.Scan(&owner, &h.Holders, &h.count)
		h.Owner = models.OrNil(owner)
		c.heaps = append(c.heaps, h)
		return err
	})
}

// open finds the records that lie open to somebody by more than their hands.
func (c *comparing) open() error {
	var viewers []*access.Viewer
	var at []int // each pair before and after, among the viewers
	for _, p := range c.pairs {
		at = append(at, len(viewers))
		viewers = append(viewers, p.before)
		if !access.SameBesides(c.kind, p.before, p.after) {
			viewers = append(viewers, p.after)
		}
		at = append(at, len(viewers)-1)
	}
	c.opened = make([]map[uuid.UUID]bool, len(at))
	type way struct {
		n      int
		id     uuid.UUID
		byList bool
	}
	var ways []way
	q := c.viewer.Query()
	text := q.Opened(c.kind, viewers)
	err := query(c.ctx, c.db, text, q.Args(), func(r pgx.Rows) error {
		var w way
		err := r.Scan(&w.n, &w.id, &w.byList)
		ways = append(ways, w)
		c.records[w.id] = nil
		return err
	})
	if err != nil || len(ways) == 0 {
		return err
	}
	if err := c.find(); err != nil {
		return err
	}
	opened := make([]map[uuid.UUID]bool, len(viewers))
	for n := range opened {
		opened[n] = map[uuid.UUID]bool{}
	}
	for _, w := range ways {
		if r := c.records[w.id]; r != nil && r.listed == w.byList {
			opened[w.n][w.id] = true
		}
	}
	for i, n := range at {
		c.opened[i] = opened[n]
	}
	return nil
}

// find reads the records whose ids are known; those that are deleted are forgotten.
func (c *comparing) find() error {
	ids := make([]uuid.UUID, 0, len(c.records))
	for id := range c.records {
		ids = append(ids, id)
	}
	clear(c.records)
	q := c.viewer.Query()
	text := q.Held(c.kind, access.Hands{All: true}, "r.id = any("+q.Bind(ids)+")")
	return query(c.ctx, c.db, text, q.Args(), func(rows pgx.Rows) error {
		r, err := scanned(rows)
		c.records[r.id] = r
		return err
	})
}

func scanned(rows pgx.Rows) (*record, error) {
	var r record
	var owner *uuid.UUID
	err := rows.Scan(&r.id, &owner, &r.Holders, &r.listed)
	r.Owner = models.OrNil(owner)
	return &r, err
}

// tell puts down what each of those affected gains and loses.
func (c *comparing) tell() error {
	for n, p := range c.pairs {
		changes := c.changes(n)
		for i, into := range []*[]*KindCount{&p.Gained, &p.Lost} {
			one := changes[i]
			if one.count == 0 {
				continue
			}
			first, err := c.first(n, one)
			if err != nil {
				return err
			}
			*into = append(*into, &KindCount{Kind: c.kind.Name, Count: one.count, First: first})
		}
	}
	return nil
}

// change is what a user gains (sign 1) or loses (-1) of a kind.
type change struct {
	sign   int
	count  int
	owners map[uuid.UUID]bool // in whose hands some of it is
	others []*record          // what changes of the records that lie open to somebody by more than their hands
}

// changes counts what one of those affected gains and loses.
func (c *comparing) changes(n int) [2]*change {
	both := [2]*change{{sign: 1, owners: map[uuid.UUID]bool{}}, {sign: -1, owners: map[uuid.UUID]bool{}}}
	of := func(sign int) *change {
		switch sign {
		case 1:
			return both[0]
		case -1:
			return both[1]
		}
		return &change{owners: map[uuid.UUID]bool{}}
	}
	for _, h := range c.heaps {
		one := of(c.byHands(n, h.Holding))
		one.count += h.count
		one.owners[h.Owner] = true
	}
	for _, r := range c.records {
		if !r.listed {
			of(c.byHands(n, r.Holding)).count--
		}
		one := of(c.of(n, r))
		one.count++
		one.others = append(one.others, r)
	}
	return both
}

// byHands tells what becomes of the records in some hands for one of those affected: 1 gained, -1 lost, 0 as before.
func (c *comparing) byHands(n int, h access.Holding) int {
	return truth(c.grasps[2*n+1].Holds(h)) - truth(c.grasps[2*n].Holds(h))
}

// of tells what becomes of a record for one of those affected.
func (c *comparing) of(n int, r *record) int {
	return truth(c.sees(2*n+1, r)) - truth(c.sees(2*n, r))
}

// sees tells whether a record is seen before a change or after it, by the place of its grasp.
func (c *comparing) sees(at int, r *record) bool {
	return c.opened[at][r.id] || !r.listed && c.grasps[at].Holds(r.Holding)
}

func truth(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
