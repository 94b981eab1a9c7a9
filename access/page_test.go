package access_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// TestPagesHaveTheRowsOfTheWholeListInItsOrder compares, for random companies, every user, random orders, filters and sizes of pages, what
// the pages of a list have with what is visible, sorted as a whole; both ways, and how many there are.
func TestPagesHaveTheRowsOfTheWholeListInItsOrder(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	lists, rows, target := 0, 0, naive.Decisions(300)
	rapid.Check(t, func(rt *rapid.T) {
		if lists >= target && !rt.Failed() {
			return
		}
		c := naive.Draw(rt, drawnAt, drawnOn)
		tx, err := pool.Begin(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		defer tx.Rollback(context.Background())
		if err := naive.Write(t.Context(), tx, c); err != nil {
			rt.Fatal(err)
		}
		for user := range c.Users {
			v, err := access.Load(t.Context(), tx, naive.ID(models.UserCode, user), drawnAt)
			if err != nil {
				rt.Fatal(err)
			}
			for _, name := range append(slices.Clone(naive.Kinds), "RELATIONSHIP") {
				kind, _ := access.Named(name)
				l := &paged{rt: rt, tx: tx, v: v, kind: kind, where: drawWhere(rt, v, kind), orders: drawOrders(rt, v, kind)}
				rows += l.compare()
				lists++
			}
		}
	})
	t.Logf("%d lists with %d rows compared", lists, rows)
	if lists < target {
		t.Errorf("%d lists are fewer than %d", lists, target)
	}
}

// paged is a list as one viewer reads it.
type paged struct {
	rt     *rapid.T
	tx     pgx.Tx
	v      *access.Viewer
	kind   *access.Kind
	where  map[string]any
	orders []models.Order
}

func (l *paged) compare() int {
	whole := l.whole()
	size := rapid.IntRange(1, 4).Draw(l.rt, "size")
	if forth := l.walk(size, false); !slices.Equal(forth, whole) {
		l.rt.Fatalf("%s by %v where %v, %d a page: %v, visible are %v", l.kind.Name, l.orders, l.where, size, forth, whole)
	}
	back := l.walk(size, true)
	slices.Reverse(back)
	if !slices.Equal(back, whole) {
		l.rt.Fatalf("%s by %v where %v, %d a page backward: %v, visible are %v", l.kind.Name, l.orders, l.where, size, back, whole)
	}
	q := l.v.Query()
	bound := rapid.IntRange(1, 10).Draw(l.rt, "bound")
	text, err := q.Count(l.page(q), bound)
	if err != nil {
		l.rt.Fatal(err)
	}
	var n int
	for row := range l.rows(q, text) {
		n = int(row[0].(int64))
	}
	if n != min(len(whole), bound+1) {
		l.rt.Fatalf("%s where %v counts %d to %d, visible are %d", l.kind.Name, l.where, n, bound, len(whole))
	}
	return len(whole)
}

// page is the list as it is asked for.
func (l *paged) page(q *access.Query) access.Page {
	keys, err := q.Order(l.kind, "r", l.orders)
	if err != nil {
		l.rt.Fatal(err)
	}
	return access.Page{Kind: l.kind, Where: l.where, Keys: keys}
}

// whole reads the ids of all visible records.
func (l *paged) whole() []uuid.UUID {
	q := l.v.Query()
	p := l.page(q)
	var order []string
	for _, key := range p.Keys {
		order = append(order, key.Value+map[bool]string{true: " desc"}[key.Descend]+" nulls last")
	}
	where, err := q.Where(l.kind, "r", l.where)
	if err != nil {
		l.rt.Fatal(err)
	}
	var ids []uuid.UUID
	for row := range l.rows(q, "select r.id from "+q.Visible(l.kind, "r")+" where "+where+" order by "+strings.Join(order, ", ")) {
		ids = append(ids, row[0].([16]byte))
	}
	return ids
}

// walk reads one page after the other.
func (l *paged) walk(size int, backward bool) []uuid.UUID {
	var ids []uuid.UUID
	var place []*string
	for {
		q := l.v.Query()
		p := l.page(q)
		p.Backward, p.Size, p.Place = backward, size+1, place
		var columns, places []string
		for i := range p.Kind.Shows() {
			columns = append(columns, fmt.Sprintf("c%d", i))
		}
		for i := range p.Keys {
			places = append(places, fmt.Sprintf("k%d", i))
		}
		page, err := q.Page(p)
		if err != nil {
			l.rt.Fatal(err)
		}
		read, last := 0, place
		text := fmt.Sprintf("select x.k%d, %s from (%s) as x (%s, %s) order by %s", len(p.Keys)-1, "x."+strings.Join(places, "::text, x.")+"::text", page,
			strings.Join(columns, ", "), strings.Join(places, ", "), p.By("x"))
		for row := range l.rows(q, text) {
			if read++; read > size {
				break
			}
			ids, last = append(ids, row[0].([16]byte)), nil
			for _, value := range row[1:] {
				if text, known := value.(string); known {
					last = append(last, &text)
				} else {
					last = append(last, nil)
				}
			}
		}
		if read <= size || len(ids) > 1000 {
			return ids
		}
		place = last
	}
}

func (l *paged) rows(q *access.Query, text string) func(func([]any) bool) {
	return func(yield func([]any) bool) {
		text := q.Text(text)
		rows, err := l.tx.Query(context.Background(), text, append([]any{pgx.QueryExecModeCacheDescribe}, q.Args()...)...)
		if err != nil {
			l.rt.Fatalf("%v in %s", err, text)
		}
		defer rows.Close()
		for rows.Next() {
			values, err := rows.Values()
			if err != nil {
				l.rt.Fatal(err)
			}
			if !yield(values) {
				return
			}
		}
		if rows.Err() != nil {
			l.rt.Fatalf("%v in %s", rows.Err(), text)
		}
	}
}

// drawOrders draws none to two fields that the viewer may sort by.
func drawOrders(rt *rapid.T, v *access.Viewer, kind *access.Kind) (orders []models.Order) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(kind.Fields)), func(name string) bool { return v.Use(kind.Fields[name].Rule) != nil })
	for range rapid.IntRange(0, 2).Draw(rt, "keys") {
		var field strings.Builder
		for _, letter := range rapid.SampledFrom(names).Draw(rt, "field") {
			if unicode.IsUpper(letter) {
				field.WriteByte('_')
			}
			field.WriteRune(unicode.ToUpper(letter))
		}
		orders = append(orders, models.Order{Field: field.String(), Direction: rapid.SampledFrom([]string{"ASC", "DESC"}).Draw(rt, "direction")})
	}
	return orders
}

// drawWhere draws a filter on a field of the records, or through one of their relations, or none.
func drawWhere(rt *rapid.T, v *access.Viewer, kind *access.Kind) map[string]any {
	null := rapid.Bool().Draw(rt, "null")
	asked := map[string]any{"id": &models.IDFilter{IsNull: &null}}
	switch rapid.IntRange(0, 3).Draw(rt, "where") {
	case 0:
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(kind.Fields)), func(name string) bool { return v.Use(kind.Fields[name].Rule) != nil })
		return map[string]any{rapid.SampledFrom(names).Draw(rt, "of"): &models.StringFilter{IsNull: &null}}
	case 1:
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(kind.Relations)), func(name string) bool {
			return v.Use(kind.Protected[kind.Relations[name].Column]) != nil
		})
		name := rapid.SampledFrom(names).Draw(rt, "through")
		if kind.Relations[name].Many {
			asked = map[string]any{rapid.SampledFrom([]string{"some", "none", "every"}).Draw(rt, "how many"): asked}
		}
		where := map[string]any{name: asked}
		if rapid.Bool().Draw(rt, "not") {
			where = map[string]any{"not": where}
		}
		return where
	}
	return nil
}
