package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"guanxi/models"
)

// Held renders the records of a kind, each with its id, owner, holders as Holding has them, and whether it has a list of its
// own, as far as they are in some of the hands and fulfil a condition on r.
func (q *Query) Held(kind *Kind, hands Hands, condition string) string {
	from, holders := kind.handed(today, notEnded)
	text := fmt.Sprintf("select r.id, r.owner_id as owner, %s as holders, %s as listed from %s where r.deleted_at is null and %s",
		holders, kind.listed(), from, condition)
	if !hands.All {
		of := q.Bind(hands.Of)
		text += fmt.Sprintf(" and r.id in (select o.id from %s o where o.owner_id = any(%s) union %s)", kind.Table, of,
			strings.Join(kind.tied("", "(select c.id from customers c where c.deleted_at is null and (c.owner_id = any("+of+") or c.pool_id = any("+of+")))"), " union "))
	}
	return q.Text(text)
}

// handed gives the rows r of a kind with the customers that they belong to, and the holders of these, on one side. A condition
// on an affiliation e tells which count.
func (k *Kind) handed(s side, ties string) (from, holders string) {
	from = s.table(k.Table) + " r"
	switch k {
	case Customer:
		return from, "array_remove(array[r.pool_id], null)"
	case Contact:
		return from, fmt.Sprintf("array(select %s from %s e join %s c on c.id = e.b_id and c.deleted_at is null where e.a_id = r.id and %s and %s)",
			holder("c"), s.table("relationships"), s.table("customers"), affiliates, ties)
	}
	if k.Customer == "" {
		return from, "'{}'::uuid[]"
	}
	from += s.joined("customers", "c", "r."+k.Customer)
	list := []string{holder("c")}
	for i, to := range k.Attached {
		a, c := fmt.Sprint("a", i), fmt.Sprint("c", i)
		from += s.joined(to.Table, a, "r."+attachment(to)) + s.joined("customers", c, a+"."+to.Customer)
		list = append(list, holder(c))
	}
	return from, "array_remove(array[" + strings.Join(list, ", ") + "], null)"
}

// joined joins a row that is not deleted, if there is one.
func (s side) joined(table, alias, id string) string {
	return fmt.Sprintf(" left join %s %s on %[2]s.id = %s and %[2]s.deleted_at is null", s.table(table), alias, id)
}

// holder is in whose hands a customer is, as Holding has it; null for none.
func holder(customer string) string {
	return fmt.Sprintf("case when %[1]s.id is not null then coalesce(%[1]s.owner_id, %[1]s.pool_id, '%s') end", customer, uuid.Nil)
}

// affiliates is the condition on a relationship e that it ties a contact to a customer.
var affiliates = "e.type_id = '" + models.WorksAtID.String() + "' and e.deleted_at is null"

// tied lists the ways to the records of a kind that belong to the customers h of a source, with more columns of h before the id.
func (k *Kind) tied(columns, source string) []string {
	from := "select " + columns + "%s from " + source + " h"
	switch k {
	case Customer:
		return []string{fmt.Sprintf(from, "h.id")}
	case Contact:
		return []string{fmt.Sprintf(from, "e.a_id as id") + of("e.a_id", "relationships e", "e.b_id = h.id and "+affiliates+" and "+notEnded, "e")}
	}
	if k.Customer == "" { // it belongs to none
		return []string{fmt.Sprintf(from, "o.id") + " join " + k.Table + " o on false"}
	}
	ways := []string{fmt.Sprintf(from, "o.id") + of("o.id", k.Table+" o", "o."+k.Customer+" = h.id", "o")}
	for _, to := range k.Attached {
		ways = append(ways, fmt.Sprintf(from, "o.id")+of("a.id", to.Table+" a", "a."+to.Customer+" = h.id and a.deleted_at is null", "a")+
			of("o.id", k.Table+" o", "o."+attachment(to)+" = a.id", "o"))
	}
	return ways
}

// of looks up rows for one row after the other: those who ask come with few, which the planner cannot know.
func of(column, from, condition, alias string) string {
	return fmt.Sprintf(" cross join lateral (select %s from %s where %s offset 0) %s", column, from, condition, alias)
}

func (k *Kind) listed() string {
	if k == Document {
		return "r.restricted"
	}
	return "false"
}

// Sees renders whether the viewer sees a row r of a kind.
func (q *Query) Sees(kind *Kind) string { return q.Text("(" + q.open(kind, models.Observe) + ")") }

// Opened renders which records of a kind lie open to which of some viewers by more than the hands they are in: those shared
// with him, alone or with their customer, those assigned to him, what belongs to a customer of his own though something is
// denied to him, and documents whose list he is on, or owns. Each row is a viewer's place n among them, an id, and whether
// it speaks of the record with a list of its own, or without.
func (q *Query) Opened(kind *Kind, viewers []*Viewer) string {
	ways := []string{"select s.n, s.record_id as id, false as by_list from shared s join " + kind.Table + " r on r.id = s.record_id"}
	if kind.Assignee != "" {
		ways = append(ways, "select m.n, r.id, false from mine m"+of("r.id", kind.Table+" r", "r."+kind.Assignee+" = m.id", "r"))
	}
	if kind == Document {
		ways = append(ways, "select m.n, r.id, true from mine m"+of("r.id", "documents r", "r.owner_id = m.id and r.restricted", "r"),
			"select w.n, l.document_id, true from who w join document_readers l on l.subject_id = w.subject and (l.with_sub_departments or w.direct)")
	}
	if kind != Customer {
		for _, way := range kind.tied("h.n, ", "opener") {
			ways = append(ways, "select t.n, t.id, false from ("+way+") t")
		}
	}
	return q.Text("with " + q.people(kind, viewers) + " " + strings.Join(ways, " union "))
}

// people renders the viewers who may see the kind: who reaches them, they themselves, what is shared with them, and the customers
// that open what belongs to them.
func (q *Query) people(kind *Kind, viewers []*Viewer) string {
	var places, own, denying []int
	var subjects, users, deniers []uuid.UUID
	var direct []bool
	for n, v := range viewers {
		if v.system || !v.reads(kind) {
			continue
		}
		own, users = append(own, n), append(users, v.UserID)
		if v.scopeOf(kind, models.Observe).denies() {
			denying, deniers = append(denying, n), append(deniers, v.UserID)
		}
		for _, subject := range v.reach {
			places, subjects, direct = append(places, n), append(subjects, subject), append(direct, slices.Contains(v.subjects, subject))
		}
	}
	text := fmt.Sprintf(`who (n, subject, direct) as materialized (select * from unnest(%s::int[], %s::uuid[], %s::bool[]) w),
		mine (n, id) as materialized (select * from unnest(%s::int[], %s::uuid[]) m),
		shared as materialized (select w.n, s.record_id, s.kinds from who w join shares s on s.subject_id = w.subject
			and (s.with_sub_departments or w.direct) and %s),
		opener as materialized (select s.n, c.id from shared s join customers c on c.id = s.record_id and c.deleted_at is null where %s`,
		q.Bind(places), q.Bind(subjects), q.Bind(direct), q.Bind(own), q.Bind(users), sharedNow, coveredBy(kind))
	if len(deniers) > 0 {
		text += fmt.Sprintf(" union select m.n, c.id from unnest(%s::int[], %s::uuid[]) m (n, id) join customers c on c.owner_id = m.id and c.deleted_at is null",
			q.Bind(denying), q.Bind(deniers))
	}
	return text + ")"
}
