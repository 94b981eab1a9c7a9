package access

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/models"
)

// standing is what of a record its visibility is decided by.
type standing struct {
	id              uuid.UUID
	owner           *uuid.UUID
	deleted, listed bool
	whole           uuid.UUID // what it is part of
}

// stand reads the facts of a record.
func (e *explaining) stand(kind *Kind, record uuid.UUID) (*standing, error) {
	owner, whole, gone, listed := "null::uuid", "r.id", "false", "false"
	if kind.Guard == Business {
		owner = "r.owner_id"
	}
	if kind.Guard == PartOf {
		whole = "r." + kind.WholeID
	}
	for _, c := range closings {
		switch {
		case c.row != "" && c.of(kind):
			gone = "not (" + c.row + ")"
		case c.list != "" && c.of(kind):
			listed = c.list
		}
	}
	s := &standing{id: record}
	q := e.v.Query()
	text := fmt.Sprintf("select %s, %s, %s, %s from %s r where r.id = %s", owner, whole, gone, listed, kind.Table, q.Bind(record))
	err := eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error { return r.Scan(&s.owner, &s.whole, &s.deleted, &s.listed) })
	return s, err
}

// finding is a way that leads to a record, as its own SQL says.
type finding struct {
	*explaining
	way
	kind    *Kind
	record  *standing
	manages bool      // it leads to writing as well
	over    *standing // the customer that it leads over
}

// findings asks of each way whether it leads to the record.
func (e *explaining) findings(kind *Kind, s *standing) ([]finding, error) {
	q := e.v.Query()
	found, err := e.ask(q, kind, s, "r.id, null::uuid", "", func(w way) bool { return !w.customer })
	q = e.v.Query()
	links := q.customersOf(kind, "r", "c")
	if err != nil || len(links) == 0 {
		return found, err
	}
	for i, link := range links {
		links[i] = "select c.id, c.owner_id, c.pool_id from " + link
	}
	from := " cross join lateral (" + strings.Join(links, " union ") + ") c"
	over, err := e.ask(q, kind, s, "c.id, c.owner_id", from, func(w way) bool { return w.customer })
	return append(found, over...), err
}

// ask runs the ways' own SQL on the record, those over a customer on each that it belongs to.
func (e *explaining) ask(q *Query, kind *Kind, s *standing, columns, from string, which func(way) bool) ([]finding, error) {
	var asking []way
	for _, w := range waysTo(kind, models.Observe, s.listed) {
		if which(w) {
			asking = append(asking, w)
			columns += ", " + q.found(w, kind, models.Observe) + ", " + q.found(w, kind, models.Manage)
		}
	}
	var found []finding
	text := "select " + columns + " from " + kind.Table + " r" + from + " where r.id = " + q.Bind(s.id)
	err := eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error {
		over, holds := &standing{}, make([]bool, 2*len(asking))
		into := []any{&over.id, &over.owner}
		for i := range holds {
			into = append(into, &holds[i])
		}
		err := r.Scan(into...)
		for i, w := range asking {
			if holds[2*i] {
				found = append(found, finding{explaining: e, way: w, kind: kind, record: s, over: over, manages: holds[2*i+1]})
			}
		}
		return err
	})
	return found, err
}

// found renders whether a way leads to the row r at a level.
func (q *Query) found(w way, kind *Kind, level string) string {
	holds := q.Text(w.holds(q.asked(kind, level)))
	switch {
	case w.reads && level == models.Manage:
		return "false"
	case kind.Guard == PartOf:
		return "exists (select 1 from " + q.source(kind.Whole, "w", level) + " where " + holds + ")"
	}
	return "coalesce(" + holds + ", false)"
}
