package search

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/feed"
	"guanxi/internal/numbers"
	"guanxi/models"
)

// errFar is what tells that names cannot be brought to a snapshot while somebody waits: too much has changed.
var errFar = errors.New("search: too far from the snapshot")

// copied is what one snapshot of the database shows, of the kinds that are kept. It is not changed: whoever brings it further
// makes another, which shares what stayed the same.
type copied struct {
	kinds     []shelf
	customers *numbers.Dictionary // that records belong to
}

// shelf holds the names of one kind.
type shelf struct {
	kind  *access.Kind
	hands *hands
	parts []part

	customers *numbers.Dictionary
	few       usual
}

// Bounds of bringing names further.
const (
	mostAsked   = 300    // records changed, while somebody waits
	mostRows    = 3_000  // names read anew for them
	mostTended  = 60_000 // in the background; beyond it everything is loaded anew
	mostParts   = 6
	smallOfAll  = 50 // parts that hold more than a 50th of all rows together are merged with the largest
	smallAlways = 20_000
)

// system is for whom names are read: they hold every record, and are cut to each viewer's sight when somebody looks.
func system(now time.Time) *access.Viewer {
	return access.System("names are kept of every record, and are cut to each viewer's sight", now, models.Company{})
}

// changed lists the records that entries name.
func changed(entries []feed.Entry) []uuid.UUID {
	var ids []uuid.UUID
	for _, e := range entries {
		kind, known := access.Coded(e.Kind)
		if known && (kind == access.Relationship || slices.Contains(Searchable(), kind)) {
			ids = append(ids, e.Records...)
		}
	}
	return ids
}

// further gives the copy less some records and with what followed their change, read anew in the snapshot that shows it.
func (c *copied) further(ctx context.Context, in access.Raw, ids []uuid.UUID, most int, now time.Time) (*copied, error) {
	if len(ids) > most {
		return nil, errFar
	}
	next := &copied{kinds: slices.Clone(c.kinds), customers: c.customers}
	if len(ids) == 0 {
		return next, nil
	}
	for i := range next.kinds {
		s := &next.kinds[i]
		if !follows(s.kind, ids) {
			continue
		}
		q := system(now).Query()
		rows := max(mostRows, most)
		fresh, err := s.read(ctx, in, q, q.Findable(s.kind, q.Following(s.kind, q.Bind(ids)+"::uuid[]"))+" limit "+q.Bind(rows+1), 16)
		switch {
		case err != nil:
			return nil, err
		case fresh.len() > rows:
			return nil, errFar
		}
		s.replace(fresh, ids)
	}
	return next, nil
}

// follows tells whether a record of a kind may be found otherwise because one of some records changed.
func follows(kind *access.Kind, ids []uuid.UUID) bool {
	for _, id := range ids {
		code := models.KindOf(id)
		if code == kind.Code || kind.Guard == access.Business && kind != access.Customer && (code == models.CustomerCode ||
			kind == access.Contact && code == models.RelationshipCode ||
			slices.ContainsFunc(kind.Attached, func(to *access.Kind) bool { return to.Code == code })) {
			return true
		}
	}
	return false
}

// replace takes the rows of some records out, and those read anew, and puts these in.
func (s *shelf) replace(fresh *segment, ids []uuid.UUID) {
	gone := slices.Concat(ids, fresh.ids)
	parts := make([]part, 0, len(s.parts)+1)
	for _, p := range s.parts {
		parts = append(parts, p.without(gone))
	}
	if fresh.len() > 0 {
		parts = append(parts, part{segment: fresh})
	}
	s.parts = parts
}

// read reads names into a segment.
func (s *shelf) read(ctx context.Context, in access.Raw, q *access.Query, text string, rows int) (*segment, error) {
	f, r, key := newFilling(rows, s.few), record{}, []byte{}
	err := in(ctx, q, text, func(row [][]byte) (err error) {
		r.id, r.text = uuid.UUID(row[0]), row[5]
		if r.hand, key, err = s.hands.number(key, row[1:5]); err != nil {
			return err
		}
		if r.terms, err = elements(row[6]); err != nil {
			return err
		}
		if r.phones, err = elements(row[7]); err != nil {
			return err
		}
		if r.customers, err = s.numbersOf(row[8], r.customers[:0]); err != nil {
			return err
		}
		if !f.add(&r) {
			return errUnfit
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	filled, whole := f.finish()
	if !whole {
		return nil, errUnfit
	}
	return filled, nil
}

func (s *shelf) numbersOf(array []byte, list []uint32) ([]uint32, error) {
	ids, err := elements(array)
	for _, id := range ids {
		list = append(list, s.customers.Number(uuid.UUID(id)))
	}
	return list, err
}

// part is a segment with the rows that are gone or have been read anew since.
type part struct {
	*segment
	dead []uint64 // bits by row; nil for none
	gone int
}

// without gives the part less some rows, by their ids; the part itself stays.
func (p part) without(ids []uuid.UUID) part {
	copied := false
	for _, id := range ids {
		row, has := p.row(id)
		if !has || p.isDead(row) {
			continue
		}
		if !copied {
			bits := make([]uint64, (p.len()+63)/64)
			copy(bits, p.dead)
			p.dead, copied = bits, true
		}
		p.dead[row/64] |= 1 << (row % 64)
		p.gone++
	}
	return p
}

func (p part) isDead(row int) bool { return p.dead != nil && p.dead[row/64]>>(row%64)&1 == 1 }

// tidy merges the small parts of a kind, and all of them when the small ones have grown.
func (c *copied) tidy() (*copied, bool) {
	next := &copied{kinds: slices.Clone(c.kinds), customers: c.customers}
	for i := range next.kinds {
		s := &next.kinds[i]
		if len(s.parts) < mostParts {
			continue
		}
		small, gone := 0, 0
		for n, p := range s.parts {
			gone += p.gone
			if n > 0 {
				small += p.len()
			}
		}
		first := 1
		if small+gone > smallAlways+s.parts[0].len()/smallOfAll {
			first = 0
		}
		one, whole := merged(s.parts[first:], s.few)
		if !whole {
			return nil, false
		}
		s.parts = append(slices.Clone(s.parts[:first]), part{segment: one})
	}
	return next, true
}

// merged gives one segment with the rows that are left of several, in their order.
func merged(parts []part, few usual) (*segment, bool) {
	rows, at := 0, make([]int, len(parts))
	moved := make([][]uint32, len(parts)) // where each row went, counted from 1
	for n, p := range parts {
		rows += p.len() - p.gone
		moved[n] = make([]uint32, p.len())
	}
	f := newFilling(rows, few)
	for range rows {
		first := -1
		for n, p := range parts {
			for at[n] < p.len() && p.isDead(at[n]) {
				at[n]++
			}
			if at[n] < p.len() && (first < 0 || before(p, at[n], parts[first], at[first])) {
				first = n
			}
		}
		p, row := parts[first], at[first]
		f.place(p.ids[row], p.hands[row], p.name.line(row), p.tight.line(row), p.more.line(row), p.terms.line(row), p.customersOf(row))
		moved[first][row] = uint32(len(f.ids))
		at[first]++
	}
	for n, p := range parts {
		for i, row := range p.phones.rows {
			if to := moved[n][row]; to > 0 {
				f.ends = append(f.ends, entry{key: p.phones.keys[i], row: to - 1})
			}
		}
	}
	return f.finish()
}

func before(p part, row int, other part, otherRow int) bool {
	return compareRows(p.length(row), p.ids[row], other.length(otherRow), other.ids[otherRow]) < 0
}

// bytes tells the memory that a kind takes in several copies, what they share counted once.
func (s *shelf) bytes(counted map[*segment]bool) int {
	sum := s.hands.bytes()
	for _, p := range s.parts {
		sum += len(p.dead) * 8
		if !counted[p.segment] {
			counted[p.segment] = true
			sum += p.bytes()
		}
	}
	return sum
}

func (c *copied) bytes() int {
	sum, counted := c.customers.Bytes(), map[*segment]bool{}
	for i := range c.kinds {
		sum += c.kinds[i].bytes(counted)
	}
	return sum
}

func (c *copied) rows() int {
	sum := 0
	for _, s := range c.kinds {
		for _, p := range s.parts {
			sum += p.len() - p.gone
		}
	}
	return sum
}

// drop takes out the kind that takes most.
func (c *copied) drop(told func(kind *access.Kind, bytes int)) {
	most := 0
	for i := range c.kinds {
		if c.kinds[i].bytes(map[*segment]bool{}) > c.kinds[most].bytes(map[*segment]bool{}) {
			most = i
		}
	}
	told(c.kinds[most].kind, c.bytes())
	c.kinds = slices.Delete(c.kinds, most, most+1)
}

// numbered gives the customers among some records as bits, by their numbers; nil when there are none.
func (c *copied) numbered(ids []uuid.UUID) []uint64 {
	var set []uint64
	for _, id := range ids {
		if models.KindOf(id) != models.CustomerCode {
			continue
		}
		if n := c.customers.Find(id); n != 0 {
			for len(set) <= int(n/64) {
				set = append(set, 0)
			}
			set[n/64] |= 1 << (n % 64)
		}
	}
	return set
}
