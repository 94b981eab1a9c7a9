package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Limits of pages and counts.
const (
	defaultPage = 20
	MaxPage     = 100 // records of a page at most
	maxCount    = 10_000
)

// Ask is what a caller wants of a list: which records, in which order, which page.
type Ask struct {
	Where   map[string]any
	OrderBy []models.Order
	First   *int
	Last    *int
	After   *string
	Before  *string
	Deleted bool // of the deleted records that the viewer could manage
}

// List gives one page of all records that the viewer sees.
func (r Records[T, P]) List(ctx context.Context, s *Store, snap *access.Snapshot, ask Ask) (*models.Connection[T], error) {
	pages, err := r.ListOf(ctx, s, snap, "", access.Link{}, []uuid.UUID{uuid.Nil}, ask)
	return pages[uuid.Nil], err
}

// ListOf gives one page for each parent of the records that a link leads to, of all without one; name tells the lists of one parent apart.
func (r Records[T, P]) ListOf(ctx context.Context, s *Store, snap *access.Snapshot, name string, link access.Link, parents []uuid.UUID, ask Ask) (map[uuid.UUID]*models.Connection[T], error) {
	l := &listing[T, P]{store: s, snap: snap, kind: r.Kind, name: name, link: link, parents: parents, ask: ask}
	return l.pages(ctx)
}

type listing[T any, P interface {
	*T
	models.Keyed
}] struct {
	store   *Store
	snap    *access.Snapshot
	kind    *access.Kind
	name    string
	link    access.Link
	parents []uuid.UUID
	ask     Ask

	size     int
	backward bool

	once   sync.Once
	shaped string
}

// shape names the list, so that a cursor of one does not open another.
func (l *listing[T, P]) shape() string {
	l.once.Do(func() {
		what, _ := json.Marshal([]any{l.kind.Name, l.name, l.ask.Where, l.ask.OrderBy, l.ask.Deleted})
		sum := sha256.Sum256(what)
		l.shaped = hex.EncodeToString(sum[:16])
	})
	return l.shaped
}

// seal makes the cursor of a place.
func (l *listing[T, P]) seal(at place) string {
	return l.store.cursors.write(l.snap.Viewer.UserID, l.shape(), at)
}

// spot is a place in a list.
type spot struct {
	list interface{ seal(place) string }
	at   place
}

// String seals the place.
func (s *spot) String() string { return s.list.seal(s.at) }

func (l *listing[T, P]) pages(ctx context.Context) (map[uuid.UUID]*models.Connection[T], error) {
	if err := l.settle(); err != nil {
		return nil, err
	}
	q, keys := l.snap.Viewer.Query(), len(l.ask.OrderBy)+1
	text, err := l.kept(q, "page", func() (string, error) { return l.text(q) })
	if err != nil {
		return nil, err
	}
	var found map[uuid.UUID][]listed[T]
	counting := newCounting(l.counts)
	err = counting.beside(ctx, l.snap, func() (err error) {
		found, err = l.rows(ctx, q, text, keys)
		return err
	})
	if err != nil {
		return nil, err
	}
	pages := make(map[uuid.UUID]*models.Connection[T], len(l.parents))
	var rows []P
	for _, parent := range l.parents {
		page := l.page(found[parent])
		page.Counted = counting.of(parent)
		pages[parent] = page
		for _, e := range page.Edges {
			rows = append(rows, P(e.Node))
		}
	}
	models.NewBatch(rows)
	return pages, nil
}

// rows reads the rows of all pages, with their places.
func (l *listing[T, P]) rows(ctx context.Context, q *access.Query, text string, keys int) (map[uuid.UUID][]listed[T], error) {
	found := map[uuid.UUID][]listed[T]{}
	var parent uuid.UUID
	var into []any
	err := l.snap.Run(ctx, q, text, func(row access.Row) error {
		one := P(new(T))
		at := make(place, keys)
		into = models.Pointers(append(into[:0], &parent), one)
		for i := range at {
			into = append(into, &at[i])
		}
		err := row.Scan(into...)
		found[parent] = append(found[parent], listed[T]{(*T)(one), at})
		return err
	})
	return found, err
}

type listed[T any] struct {
	row *T
	at  place
}

// CheckPage refuses a size that no page has; argument is where it is asked for.
func CheckPage(size int, argument string) error {
	if size < 1 || size > MaxPage {
		return fault.Deny(fault.BadInput, fault.Say("A page has 1 to %d records.", "每页为 1 到 %d 条记录。", MaxPage)).At(argument)
	}
	return nil
}

// settle settles how many records and in which direction.
func (l *listing[T, P]) settle() error {
	l.size = defaultPage
	for _, side := range []struct {
		name  string
		value *int
	}{{"first", l.ask.First}, {"last", l.ask.Last}} {
		if side.value == nil {
			continue
		}
		if err := CheckPage(*side.value, side.name); err != nil {
			return err
		}
		l.size = *side.value
	}
	if l.ask.First != nil && l.ask.Last != nil {
		return fault.Deny(fault.BadInput, fault.Say("Ask for first or for last, not both.", "first 与 last 只能选一个。")).At("last")
	}
	l.backward = l.ask.Last != nil || l.ask.Before != nil && l.ask.First == nil
	if l.ask.After != nil && l.backward {
		return fault.Deny(fault.BadInput, fault.Say("Use after with first, and before with last.", "after 与 first 搭配，before 与 last 搭配。")).At("after")
	}
	if l.ask.Before != nil && !l.backward {
		return fault.Deny(fault.BadInput, fault.Say("Use after with first, and before with last.", "after 与 first 搭配，before 与 last 搭配。")).At("before")
	}
	return nil
}

// wanted is the list as access renders it; only a page of it is sorted.
func (l *listing[T, P]) wanted() access.Page {
	p := access.Page{Kind: l.kind, Deleted: l.ask.Deleted, Where: l.ask.Where, Backward: l.backward, Size: l.size + 1}
	if l.link.On != nil {
		p.Linked = l.link.On("p", "r")
	}
	return p
}

// text renders the page of every parent in one statement.
func (l *listing[T, P]) text(q *access.Query) (text string, err error) {
	page := l.wanted()
	if page.Keys, err = q.Order(l.kind, "r", l.ask.OrderBy); err != nil {
		return "", err
	}
	keys := len(page.Keys)
	parents := q.Bind(l.parents)
	if page.Place, err = l.begun(keys); err != nil {
		return "", err
	}
	rows, err := q.Page(page)
	columns, places := columnNames("c", l.kind.Shows()), columnNames("k", keys)
	return fmt.Sprintf("select p.id, x.%s, x.%s::text from unnest(%s::uuid[]) with ordinality as p (id, nr) cross join lateral (%s) as x (%s, %s) order by p.nr, %s",
		strings.Join(columns, ", x."), strings.Join(places, "::text, x."), parents, rows, strings.Join(columns, ", "), strings.Join(places, ", "), page.By("x")), err
}

// kept gives a statement as it was rendered for the viewer before, or renders it; one of a list that is filtered, or gone on with,
// is rendered each time.
func (l *listing[T, P]) kept(q *access.Query, what string, render func() (string, error)) (string, error) {
	if len(l.ask.Where) > 0 || l.ask.After != nil || l.ask.Before != nil {
		return render()
	}
	on := ""
	if l.link.On != nil {
		on = l.link.On("p", "r")
	}
	key := fmt.Sprintf("%s %p %s %d %t %t %v", what, l.kind, on, l.size, l.backward, l.ask.Deleted, l.ask.OrderBy)
	return q.Kept(key, []any{l.parents}, render)
}

// columnNames names some columns of a page: c for the record's, k for its place.
func columnNames(letter string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", letter, i)
	}
	return names
}

// begun gives the place that the cursor tells, if there is one.
func (l *listing[T, P]) begun(keys int) (place, error) {
	cursor, field := l.ask.After, "after"
	if l.backward {
		cursor, field = l.ask.Before, "before"
	}
	if cursor == nil {
		return nil, nil
	}
	return l.store.cursors.read(l.snap.Viewer.UserID, l.shape(), *cursor, field, keys)
}

// page cuts the extra record that tells whether there is more.
func (l *listing[T, P]) page(rows []listed[T]) *models.Connection[T] {
	more := len(rows) > l.size
	if more {
		rows = rows[:l.size]
	}
	if l.backward {
		slices.Reverse(rows)
	}
	page := &models.Connection[T]{PageInfo: &models.PageInfo{HasNextPage: more, HasPreviousPage: l.ask.After != nil}}
	if l.backward {
		page.PageInfo.HasNextPage, page.PageInfo.HasPreviousPage = l.ask.Before != nil, more
	}
	for _, row := range rows {
		page.Edges = append(page.Edges, &models.Edge[T]{At: &spot{l, row.at}, Node: row.row})
	}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.First, page.PageInfo.Last = page.Edges[0].At, page.Edges[n-1].At
	}
	return page
}
