package simulate

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
)

// first lists the first records of a change that whoever asks sees himself, owner by owner, by id.
func (c *comparing) first(n int, of *change) ([]uuid.UUID, error) {
	found, err := c.shown(of.others)
	if err != nil {
		return nil, err
	}
	held, err := c.ofHands(n, of)
	found = slices.CompactFunc(inOrder(append(found, held...)), func(a, b *record) bool { return a.id == b.id })
	var ids []uuid.UUID
	for _, r := range found[:min(len(found), MostShown)] {
		ids = append(ids, r.id)
	}
	return ids, err
}

// shown keeps the first of some records that whoever asks sees himself.
func (c *comparing) shown(records []*record) (shown []*record, err error) {
	const atOnce = 500
	inOrder(records)
	for len(records) > 0 && len(shown) < MostShown && err == nil {
		some := records[:min(atOnce, len(records))]
		records = records[len(some):]
		var ids []uuid.UUID
		for _, r := range some {
			ids = append(ids, r.id)
		}
		q, seen := c.viewer.Query(), map[uuid.UUID]bool{}
		text := fmt.Sprintf("select r.id from %s r where r.id = any(%s) and %s", c.kind.Table, q.Bind(ids), q.Sees(c.kind))
		err = query(c.ctx, c.db, text, q.Args(), func(r pgx.Rows) error {
			var id uuid.UUID
			err := r.Scan(&id)
			seen[id] = true
			return err
		})
		for _, r := range some {
			if seen[r.id] {
				shown = append(shown, r)
			}
		}
	}
	return shown, err
}

// inOrder sorts owner by owner, those without one first, by id.
func inOrder(records []*record) []*record {
	slices.SortFunc(records, func(a, b *record) int {
		if a.Owner != b.Owner {
			return models.CompareIDs(a.Owner, b.Owner)
		}
		return models.CompareIDs(a.id, b.id)
	})
	return records
}

// ofHands finds the first records of a change among those of the owners in whose hands it is. Those whom the same befalls
// read the same list.
func (c *comparing) ofHands(n int, of *change) (found []*record, err error) {
	var owners []uuid.UUID
	for owner := range of.owners {
		owners = append(owners, owner)
	}
	owners = models.SortIDs(owners)
	key := fmt.Sprint(owners)
	if c.reading[key] == nil {
		c.reading[key] = &reading{owners: owners, atOnce: 1}
	}
	for i := 0; len(found) < MostShown; i++ {
		r, err := c.next(c.reading[key], i)
		if r == nil || err != nil {
			return found, err
		}
		if c.of(n, r) == of.sign {
			found = append(found, r)
		}
	}
	return found, nil
}

// reading is a list of the records of some owners that whoever asks sees, in order, as far as it has been read.
type reading struct {
	owners  []uuid.UUID // whose records have not been read to the end
	last    uuid.UUID   // of the first of them
	records []*record
	atOnce  int // how many owners are asked for at once
}

// ofOneOwner is how many records of an owner are read at once.
const ofOneOwner = 2 * MostShown

// next gives the record at a place of the list, nil at its end.
func (c *comparing) next(l *reading, place int) (*record, error) {
	for place >= len(l.records) && len(l.owners) > 0 {
		if err := c.read(l); err != nil {
			return nil, err
		}
	}
	if place >= len(l.records) {
		return nil, nil
	}
	return l.records[place], nil
}

// read reads on: some records of each of the next owners. What follows on an owner who has more is read later again.
func (c *comparing) read(l *reading) error {
	owners := l.owners[:min(l.atOnce, len(l.owners))]
	q := c.viewer.Query()
	after := fmt.Sprintf("(o.place > 1 or r.id > %s)", q.Bind(l.last))
	each := fmt.Sprintf("r.id in (select r.id from %s r where r.owner_id = o.id and r.deleted_at is null and %s offset 0)", c.kind.Table, after)
	if owners[0] == uuid.Nil {
		owners, each = owners[:1], "r.owner_id is null and "+after
	}
	held := q.Held(c.kind, access.Hands{All: true}, each+" and "+q.Sees(c.kind))
	text := fmt.Sprintf(`select x.* from unnest(%s::uuid[]) with ordinality o (id, place)
		cross join lateral (%s order by r.id limit %d) x order by o.place, x.id`, q.Bind(owners), held, ofOneOwner)
	count := map[uuid.UUID]int{}
	read := len(l.records)
	err := query(c.ctx, c.db, text, q.Args(), func(rows pgx.Rows) error {
		r, err := scanned(rows)
		count[r.Owner]++
		l.records = append(l.records, r)
		return err
	})
	for i, owner := range owners {
		if count[owner] < ofOneOwner {
			read += count[owner]
			continue
		}
		read += ofOneOwner
		l.records = l.records[:read]
		l.owners, l.last, l.atOnce = l.owners[i:], l.records[read-1].id, max(1, l.atOnce/2)
		return err
	}
	l.owners, l.last, l.atOnce = l.owners[len(owners):], uuid.Nil, l.atOnce*4
	return err
}
