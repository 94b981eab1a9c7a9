package simulate

import (
	"fmt"
	"maps"
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

// ofHands finds the first records of a change among those of the owners in whose hands it is.
func (c *comparing) ofHands(n int, of *change) (found []*record, err error) {
	owners := slices.SortedFunc(maps.Keys(of.owners), models.CompareIDs)
	for place, reads := 0, 0; len(owners) > 0 && len(found) < MostShown; place++ {
		s := c.shelf(owners[0])
		switch {
		case place < len(s.records):
			if r := s.records[place]; c.of(n, r) == of.sign {
				found = append(found, r)
			}
		case s.done:
			owners, place = owners[1:], -1
		default:
			if err := c.read(owners, reads); err != nil {
				return nil, err
			}
			place, reads = place-1, reads+1
		}
	}
	return found, nil
}

// shelf is the first records of an owner that whoever asks sees, by id, for all whom a change befalls.
type shelf struct {
	records []*record
	last    uuid.UUID // up to which all of the owner's have been read; zero before
	done    bool
}

func (c *comparing) shelf(owner uuid.UUID) *shelf {
	if c.shelves[owner] == nil {
		c.shelves[owner] = &shelf{}
	}
	return c.shelves[owner]
}

// How many records of an owner are read at once, and how often more of them, of more owners: little is read in vain where the first records
// are what is sought, and where they are not, there is no end of statements.
const (
	ofOneOwner = 2 * MostShown
	mostMore   = 3
)

// read reads on: the next records of the first of some owners, and of those after him of whom nothing has been read.
func (c *comparing) read(owners []uuid.UUID, reads int) error {
	more := min(reads, mostMore)
	of, after, most := []uuid.UUID{owners[0]}, []uuid.UUID{c.shelf(owners[0]).last}, ofOneOwner<<more
	for i := 1; i < len(owners) && len(of) < 1<<(2*more) && owners[0] != uuid.Nil; i++ {
		if s := c.shelf(owners[i]); !s.done && s.last == uuid.Nil {
			of, after = append(of, owners[i]), append(after, s.last)
		}
	}
	q := c.viewer.Query()
	ids := fmt.Sprintf("select r.id from %s r where r.deleted_at is null and r.id > o.after and r.owner_id = o.id offset 0", c.kind.Table)
	if owners[0] == uuid.Nil {
		ids = fmt.Sprintf("select r.id from %s r where r.deleted_at is null and r.id > o.after and r.owner_id is null", c.kind.Table)
	}
	text := fmt.Sprintf(`select o.id, i.id, h.id is not null, coalesce(h.holders, '{}'), coalesce(h.listed, false)
		from unnest(%s::uuid[], %s::uuid[]) with ordinality o (id, after, place)
		cross join lateral (select r.id from (%s) r order by r.id limit %d) i
		left join lateral (%s offset 0) h on true order by o.place, i.id`,
		q.Bind(of), q.Bind(after), ids, most, q.Held(c.kind, access.Hands{All: true}, "r.id = i.id and "+q.Sees(c.kind)))
	count := map[uuid.UUID]int{}
	err := query(c.ctx, c.db, text, q.Args(), func(rows pgx.Rows) error {
		var r record
		var seen bool
		err := rows.Scan(&r.Owner, &r.id, &seen, &r.Holders, &r.listed)
		s := c.shelf(r.Owner)
		if s.last = r.id; seen {
			s.records = append(s.records, &r)
		}
		count[r.Owner]++
		return err
	})
	for _, owner := range of {
		c.shelf(owner).done = count[owner] < most
	}
	return err
}
