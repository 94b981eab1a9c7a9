package access

import (
	"fmt"
	"strings"

	"guanxi/models"
)

// begin is where an index leads to the records of a way: to those with one of some ids in a column, or to those whose id a statement gives.
// The zero one leads nowhere. It only finds what has to be looked at: whether the viewer sees it is asked of each record all the same.
type begin struct {
	column string
	ids    string // an array of ids for the column, sorted, or without one, a statement of ids

	decides bool // the way holds for all records that the column leads to
}

// beginner gives where a way begins; false where it leads to too many, or nobody knows where.
type beginner func(asked) (begin, bool)

// mine is the viewer as the only one of some people. PostgreSQL knows without looking how many that is, so that one plan serves all viewers.
const mine = "array[@me]"

// tests renders whether a row is one that its column leads to.
func (b begin) tests(row string) string {
	if b.ids == mine {
		return "coalesce(" + row + "." + b.column + " = @me, false)"
	}
	return "coalesce(" + isAmong(row+"."+b.column, b.ids) + ", false)"
}

// each renders what is read of each of the people, whose column it is; columns of it.
func (b begin) each(columns string, read func(person string) string) string {
	if b.ids == mine {
		return read("@me")
	}
	return "select " + columns + " from unnest(" + b.ids + ") s (id) cross join lateral (" + read("s.id") + ") v"
}

func nowhere(asked) (begin, bool) { return begin{}, true }

// owned leads to what people in the scope own, of whom the viewer is one.
func owned(a asked) (begin, bool) {
	if a.scope.alone() {
		return begin{column: "owner_id", ids: mine}, true
	}
	return begin{column: "owner_id", ids: a.people("@scope_")}, !a.scope.All && len(a.scope.Users) <= a.most
}

// inScope leads to the same, for the way by which their records are seen because it is they.
func inScope(a asked) (begin, bool) {
	b, ok := owned(a)
	b.decides = true
	return b, ok
}

// inSparedScope is inScope where no DENY takes anything out of it.
func inSparedScope(a asked) (begin, bool) {
	b, ok := owned(a)
	b.decides = a.spares("") == "true"
	return b, ok
}

func assigned(a asked) (begin, bool) {
	return begin{column: a.kind.Assignee, ids: mine, decides: true}, true
}

func pooled(asked) (begin, bool) { return begin{column: "pool_id", ids: "@pools"}, true }

func byReader(asked) (begin, bool) { return begin{ids: listedIDs}, true }

// shared leads to what a live share of reaches the viewer: the record itself or its customer.
func shared(what func(*Kind) *Kind) beginner {
	return func(a asked) (begin, bool) {
		return begin{ids: fmt.Sprintf("%s and get_byte(uuid_send(s.record_id), 15) = %d", a.shares(), what(a.kind).Code)}, true
	}
}

// parties leads to the relationships of the customers and contacts that the viewer may see, and to those between others, whom everyone sees.
func (a asked) parties() (begin, bool) {
	var ids []string
	for _, kind := range []*Kind{Customer, Contact} {
		b, ok := a.Query.beginnings(kind, a.most)
		if !ok {
			return begin{}, false
		}
		ids = append(ids, b.all(kind))
	}
	return begin{ids: "with party (id) as materialized (" + strings.Join(ids, " union ") + ") select e.id from party h" + of("e.id", "relationships e", "e.a_id = h.id", "e") +
		" union all select e.id from party h" + of("e.id", "relationships e", "e.b_id = h.id", "e") +
		" union all select e.id from relationships e where " + betweenReferences}, true
}

// betweenReferences is the condition on a relationship e that neither party is a customer or a contact.
var betweenReferences = fmt.Sprintf("get_byte(uuid_send(e.a_id), 15) not in (%[1]d, %[2]d) and get_byte(uuid_send(e.b_id), 15) not in (%[1]d, %[2]d)",
	models.CustomerCode, models.ContactCode)

// beginnings are where all that a viewer may see of a kind is looked up.
type beginnings struct {
	columns   []begin // of the records, each with its own index
	ids       []begin // of single records
	customers []begin // of customers that open what belongs to them
}

// add notes where a way begins, once. Where records carry the owner of their customer, what is his begins at them.
func (b *beginnings) add(kind *Kind, w way, begins begin) {
	switch {
	case begins == begin{}:
	case w.customer && kind.Customer != "" && begins.column != "":
		if len(kind.Attached) > 0 {
			note(&b.ids, begin{ids: kind.elsewhere(begins.ids)})
		}
		begins.column = customerOwner
		note(&b.columns, begins)
	case w.customer:
		note(&b.customers, begins)
	case begins.column != "":
		note(&b.columns, begins)
	default:
		note(&b.ids, begins)
	}
}

func note(list *[]begin, begins begin) {
	for i, one := range *list {
		if one.column == begins.column && one.ids == begins.ids {
			(*list)[i].decides = one.decides || begins.decides
			return
		}
	}
	*list = append(*list, begins)
}

// anyNumber is no bound on how many people are looked up one by one.
const anyNumber = 1 << 30

// beginnings gives where to look up the records of a kind that may be open to the viewer. ok is false where he reaches more people than
// most, or everyone, or where a way leads to records that no index knows.
func (q *Query) beginnings(kind *Kind, most int) (b beginnings, ok bool) {
	a := q.asked(kind, models.Observe)
	a.most = most
	for _, w := range ways {
		if !w.of(kind) {
			continue
		}
		if q.viewer.system || w.begins == nil {
			return b, false
		}
		begins, ok := w.begins(a)
		if !ok {
			return b, false
		}
		b.add(kind, w, begins)
	}
	return b, true
}

// opening renders the customers that open what belongs to them.
func (b beginnings) opening() string {
	var list []string
	for _, c := range b.customers {
		test := "c.id in (" + c.ids + ")"
		if c.column != "" {
			test = "c." + c.column + " = any(" + c.ids + ")"
		}
		list = append(list, "select c.id from customers c where c.deleted_at is null and "+test)
	}
	return "(" + strings.Join(list, " union ") + ")"
}

// single renders the records of a kind that are looked up one by one, by their ids and by their customers, once each, with some columns
// of the record o; nothing where there are none.
func (b beginnings) single(kind *Kind, columns string) string {
	var list []string
	for _, begins := range b.ids {
		list = append(list, fmt.Sprintf("select o.* from (%s) h (id)", begins.ids)+of(columns, kind.Table+" o", "o.id = h.id and o.deleted_at is null", "o"))
	}
	if len(b.customers) > 0 {
		list = append(list, kind.belonging(b.opening(), columns)...)
	}
	if len(list) == 0 {
		return ""
	}
	return "select distinct * from (" + strings.Join(list, " union all ") + ") o"
}

// all renders the ids of all records that are looked up.
func (b beginnings) all(kind *Kind) string {
	var list []string
	for _, c := range b.columns {
		list = append(list, fmt.Sprintf("select o.id from %s o where o.%s = any(%s) and o.deleted_at is null", kind.Table, c.column, c.ids))
	}
	if single := b.single(kind, "o.id"); single != "" {
		list = append(list, single)
	}
	return strings.Join(list, " union ")
}

// gathers is of how many people records of a kind are gathered by indexes: of any number, but where each brings customers to follow.
func (k *Kind) gathers() int {
	if k == Relationship || k == Contact {
		return fewCustomersOwners
	}
	return anyNumber
}

// reaches renders whether a row is one that a column leads to, so that the columns' indexes find it.
func (b beginnings) reaches(row string) string {
	list := make([]string, len(b.columns))
	for i, c := range b.columns {
		list[i] = row + "." + c.column + " = any(" + c.ids + ")"
	}
	return "(" + either(list) + ")"
}

// belonging renders the records o of a kind that belong to the customers h of a source, with some columns.
func (k *Kind) belonging(customers, columns string) []string {
	const live = " and o.deleted_at is null"
	from := "select o.* from " + customers + " h"
	if k == Contact {
		return []string{from + of("e.a_id", "relationships e", "e.b_id = h.id and "+affiliates+" and "+notEnded, "e") + of(columns, "contacts o", "o.id = e.a_id"+live, "o")}
	}
	list := []string{from + of(columns, k.Table+" o", "o."+k.Customer+" = h.id"+live, "o")}
	for _, to := range k.Attached {
		list = append(list, from+of("a.id", to.Table+" a", "a."+to.Customer+" = h.id and a.deleted_at is null", "a")+
			of(columns, k.Table+" o", "o."+attachment(to)+" = a.id and o.attached_elsewhere"+live, "o"))
	}
	return list
}
