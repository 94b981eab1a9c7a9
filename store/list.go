package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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
	everything := access.Link{To: r.Kind, On: func(string, string) string { return "true" }}
	pages, err := r.ListOf(ctx, s, snap, "", everything, []uuid.UUID{uuid.Nil}, ask)
	return pages[uuid.Nil], err
}

// ListOf gives one page for each parent of the records that a link leads to; name tells the lists of one parent apart.
func (r Records[T, P]) ListOf(ctx context.Context, s *Store, snap *access.Snapshot, name string, link access.Link, parents []uuid.UUID, ask Ask) (map[uuid.UUID]*models.Connection[T], error) {
	l := &listing[T, P]{store: s, snap: snap, kind: r.Kind, link: link, parents: parents, ask: ask}
	l.shape = shapeOf(r.Kind, name, ask)
	return l.pages(ctx)
}

// shapeOf names a list, so that a cursor of one does not open another.
func shapeOf(kind *access.Kind, name string, ask Ask) string {
	what, _ := json.Marshal([]any{kind.Name, name, ask.Where, ask.OrderBy, ask.Deleted})
	sum := sha256.Sum256(what)
	return hex.EncodeToString(sum[:16])
}

type listing[T any, P interface {
	*T
	models.Keyed
}] struct {
	store   *Store
	snap    *access.Snapshot
	kind    *access.Kind
	link    access.Link
	parents []uuid.UUID
	ask     Ask
	shape   string

	size     int
	backward bool
}

func (l *listing[T, P]) pages(ctx context.Context) (map[uuid.UUID]*models.Connection[T], error) {
	if err := l.settle(); err != nil {
		return nil, err
	}
	q := l.snap.Viewer.Query()
	text, keys, err := l.text(q)
	if err != nil {
		return nil, err
	}
	found := map[uuid.UUID][]listed[T]{}
	var rows []P
	err = l.snap.Run(ctx, q, text, func(row access.Row) error {
		one := P(new(T))
		var parent uuid.UUID
		at := make(place, keys)
		into := append([]any{&parent}, models.Pointers(one)...)
		for i := range at {
			into = append(into, &at[i])
		}
		err := row.Scan(into...)
		found[parent] = append(found[parent], listed[T]{(*T)(one), at})
		return err
	})
	if err != nil {
		return nil, err
	}
	pages := make(map[uuid.UUID]*models.Connection[T], len(l.parents))
	var batch *models.Batch
	for _, parent := range l.parents {
		page := l.page(found[parent])
		page.Counted = func(ctx context.Context) (models.Count, error) {
			counts, err := models.Fetch(ctx, batch, "counts of the list", func() (map[uuid.UUID]models.Count, error) { return l.counts(ctx) })
			return counts[parent], err
		}
		pages[parent] = page
		for _, e := range page.Edges {
			rows = append(rows, P(e.Node))
		}
	}
	batch = models.NewBatch(rows)
	return pages, nil
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

func (l *listing[T, P]) source(q *access.Query) string {
	if l.ask.Deleted {
		return q.Deleted(l.kind, "r")
	}
	return q.Visible(l.kind, "r")
}

// text renders the page of every parent in one statement.
func (l *listing[T, P]) text(q *access.Query) (string, int, error) {
	keys, err := q.Order(l.kind, "r", l.ask.OrderBy)
	if err != nil {
		return "", 0, err
	}
	parents := q.Bind(l.parents)
	where, err := q.Where(l.kind, "r", l.ask.Where)
	if err != nil {
		return "", 0, err
	}
	after, err := l.after(q, keys)
	if err != nil {
		return "", 0, err
	}
	var order, places []string
	for _, key := range keys {
		order = append(order, sortBy(key, l.backward))
		places = append(places, "("+key.Value+")::text")
	}
	text := fmt.Sprintf(`select p.id, x.* from unnest(%s::uuid[]) with ordinality as p (id, nr) cross join lateral (
		select %s, %s from %s where %s and (%s) and %s order by %s limit %d) as x (%s)`,
		parents, q.Shown(l.kind, "r"), strings.Join(places, ", "), l.source(q), l.link.On("p", "r"), where, after,
		strings.Join(order, ", "), l.size+1, columnNames(len(l.kind.Columns), len(keys)))
	return text + outerOrder(keys, l.backward), len(keys), nil
}

// columnNames names the columns of a page: c for the record's, k for its place.
func columnNames(columns, keys int) string {
	names := make([]string, 0, columns+keys)
	for i := range columns {
		names = append(names, fmt.Sprintf("c%d", i))
	}
	for i := range keys {
		names = append(names, fmt.Sprintf("k%d", i))
	}
	return strings.Join(names, ", ")
}

// outerOrder repeats the order outside the lateral join, which may lose it.
func outerOrder(keys []access.SortKey, backward bool) string {
	order := []string{"p.nr"}
	for i, key := range keys {
		value := fmt.Sprintf("x.k%d::%s", i, key.Type)
		if strings.Contains(key.Value, "collate") {
			value += ` collate "zh-x-icu"`
		}
		key.Value = value
		order = append(order, sortBy(key, backward))
	}
	return " order by " + strings.Join(order, ", ")
}

func sortBy(key access.SortKey, backward bool) string {
	text := key.Value
	if key.Descend != backward {
		text += " desc"
	}
	if !key.Nullable {
		return text
	}
	if backward {
		return text + " nulls first"
	}
	return text + " nulls last"
}

// after renders the condition that a record stands behind the cursor's place.
func (l *listing[T, P]) after(q *access.Query, keys []access.SortKey) (string, error) {
	cursor, field := l.ask.After, "after"
	if l.backward {
		cursor, field = l.ask.Before, "before"
	}
	if cursor == nil {
		return "true", nil
	}
	at, err := l.store.cursors.read(l.snap.Viewer.UserID, l.shape, *cursor, field, len(keys))
	if err != nil {
		return "", err
	}
	var ways []string
	var equal []string
	for i, key := range keys {
		if at[i] == nil {
			if l.backward {
				ways = append(ways, all(equal, key.Value+" is not null"))
			}
			equal = append(equal, key.Value+" is null")
			continue
		}
		value := q.Bind(*at[i]) + "::text::" + key.Type
		beyond := key.Value + map[bool]string{true: " < ", false: " > "}[key.Descend != l.backward] + value
		if key.Nullable && !l.backward {
			beyond = "(" + beyond + " or " + key.Value + " is null)"
		}
		ways = append(ways, all(equal, beyond))
		equal = append(equal, key.Value+" = "+value)
	}
	if len(ways) == 0 {
		return "false", nil
	}
	return "(" + strings.Join(ways, " or ") + ")", nil
}

func all(conditions []string, last string) string {
	return "(" + strings.Join(append(slices.Clone(conditions), last), " and ") + ")"
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
		cursor := l.store.cursors.write(l.snap.Viewer.UserID, l.shape, row.at)
		page.Edges = append(page.Edges, &models.Edge[T]{Cursor: cursor, Node: row.row})
	}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.StartCursor, page.PageInfo.EndCursor = &page.Edges[0].Cursor, &page.Edges[n-1].Cursor
	}
	return page
}
