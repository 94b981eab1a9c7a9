package access

import (
	"fmt"
	"slices"
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
	leansOn         []end     // what else has to be seen: the whole, or the parties that are not seen by everyone
}

// end is a record that another is seen by.
type end struct {
	kind *Kind
	id   uuid.UUID
}

// stand reads the facts of a record.
func (e *explaining) stand(kind *Kind, record uuid.UUID) (*standing, error) {
	owner, whole, other, gone, listed := "null::uuid", "r.id", "r.id", "false", "false"
	switch kind.Guard {
	case Business:
		owner = "r.owner_id"
	case PartOf:
		whole = "r." + kind.WholeID
	case BetweenParties:
		whole, other = "r.a_id", "r.b_id"
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
	var second uuid.UUID
	q := e.v.Query()
	text := fmt.Sprintf("select %s, %s, %s, %s, %s from %s r where r.id = %s", owner, whole, other, gone, listed, kind.Table, q.Bind(record))
	err := eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error { return r.Scan(&s.owner, &s.whole, &second, &s.deleted, &s.listed) })
	for _, id := range []uuid.UUID{s.whole, second} {
		if on, ok := Coded(models.KindOf(id)); ok && id != record && on.Guard == Business && !slices.Contains(s.leansOn, end{on, id}) {
			s.leansOn = append(s.leansOn, end{on, id})
		}
	}
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
	hidden  bool      // the caller does not see that customer, or not that the record belongs to it
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
	if err != nil || len(over) == 0 {
		return found, err
	}
	known, err := e.known(kind, s.id)
	for i := range over {
		over[i].hidden = !slices.Contains(known, over[i].over.id)
	}
	return append(found, over...), err
}

// known lists the customers that the caller knows the record to belong to: he sees the customer, and what links them.
func (e *explaining) known(kind *Kind, record uuid.UUID) ([]uuid.UUID, error) {
	q := e.caller.Query()
	customers := q.Visible(Customer, "c")
	var links []string
	if kind == Contact {
		links = append(links, fmt.Sprintf("select c.id from %s join %s on e.b_id = c.id where e.a_id = r.id and e.type_id = '%s' and "+notEnded,
			customers, q.Visible(Relationship, "e"), models.WorksAtID))
	}
	if kind.Customer != "" {
		links = append(links, "select c.id from "+customers+" where c.id = r."+kind.Customer)
	}
	for _, to := range kind.Attached {
		links = append(links, fmt.Sprintf("select c.id from %s join %s on a.%s = c.id where a.id = r.%s", customers, q.Visible(to, "a"), to.Customer, attachment(to)))
	}
	return e.ids(q, "select x.id from "+kind.Table+" r cross join lateral ("+strings.Join(links, " union ")+") x where r.id = "+q.Bind(record)+" order by 1")
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
