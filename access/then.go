package access

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
)

// VisibleThen renders the table source of a kind as Visible does, with the values that were recorded by an instant, whose place
// is given. Which rows and which values the viewer may read is decided by his rights of today and the rows of today: the history
// gives values only. Each value is that before the first change recorded since, or today's without one; a row that was deleted
// then is out. A row that was entered since is there as it is today: leave it out by created_at. Beside the columns of a business kind
// there is holder_id, its owner of today. Where only some records are looked at, their ids come from a subquery: the history of no other is read, which is there as it is today.
func (q *Query) VisibleThen(kind *Kind, alias, at, ids string) string {
	q.Sifts()
	if kind == StageChange {
		return fmt.Sprintf("(select x.* from %s where x.created_at <= %s) as %s", q.Visible(kind, "x"), at, alias)
	}
	if kind.Guard == PartOf {
		return q.partsThen(kind, alias, at)
	}
	if ids != "" {
		ids = " and e.record_id in (" + ids + ")"
	}
	condition := q.kept(kind) + "(" + q.open(kind, models.Observe) + ")"
	if slices.Contains(kind.Columns, "deletion_id") {
		condition += " and " + often("t.deletion_id is null")
	}
	columns := q.columns(kind, kind, "t", "r")
	if kind.Guard == Business {
		columns += ", r.owner_id as holder_id"
	}
	return fmt.Sprintf(`(select %[1]s from %[2]s r left join (
      select e.record_id, jsonb_object_agg(c.key, c.value -> 'old' order by e.at desc, e.id desc) as was
      from audit_entries e join %[2]s n on n.id = e.record_id and n.created_at <= %[3]s cross join lateral jsonb_each(e.changes) as c
      where get_byte(uuid_send(e.record_id), 15) = %[4]d and e.at > %[3]s%[5]s
      group by e.record_id) as u on u.record_id = r.id
    cross join lateral (select %[6]s) as t where %[7]s) as %[8]s`,
		columns, kind.Table, at, kind.Code, ids, strings.Join(kind.then(), ", "), condition, alias)
}

// partsThen is the same of a kind of parts that the history of their records keeps as lists: those of a record as the lists had
// them before they were first changed since, or today's. What no list keeps of a part is NULL.
func (q *Query) partsThen(kind *Kind, alias, at string) string {
	kept, whole := keptParts[kind], kind.Whole
	var were []string
	for _, c := range models.Columns(kind.Model) {
		were = append(were, kept.was(kind, c, at))
	}
	now := "n." + strings.Join(kind.Columns, ", n.")
	return fmt.Sprintf(`(select %[1]s from (
      with u as materialized (
        select e.record_id, jsonb_object_agg(c.key, c.value -> 'old' order by e.at desc, e.id desc) as was, (array_agg(e.changes -> '%[2]s' -> 'old' -> '%[3]s' order by e.at, e.id))[1] as ids
        from audit_entries e cross join lateral jsonb_each(e.changes) as c
        where get_byte(uuid_send(e.record_id), 15) = %[4]d and e.at > %[5]s and c.key in ('%[6]s', '%[7]s')
        group by e.record_id)
      select %[8]s from %[9]s n where not exists (select 1 from u where u.record_id = n.%[10]s)
      union all
      select %[11]s from u cross join lateral jsonb_array_elements(coalesce(u.was -> '%[6]s', u.was -> '%[7]s')) with ordinality as x (one, n)
        left join lateral (select d.*, row_number() over (order by %[12]s) as n from %[9]s d where d.%[10]s = u.record_id) as d on d.n = x.n
    ) as r join %[13]s on w.id = r.%[10]s) as %[14]s`,
		q.columns(kind, whole, "r", "w"), PartIDs, kept.open, whole.Code, at, kept.open, kept.priced, now, kind.Table, kind.WholeID, strings.Join(were, ", "), kept.order, q.Visible(whole, "w"), alias)
}

// PartIDs is the name under which a history keeps, unseen, the ids of an opportunity's parts as they were before a change of them, the
// position of each line, which an import may leave at any number, and since when each encounter was noted: one list for each kind, in the order of those that tell of the parts. Entries of before it was kept have none.
const PartIDs = "part_ids"

// keptPart says in which two lists, of one order, the history of a record keeps its parts, and what these have of them, by column.
type keptPart struct {
	open, priced string            // the names of the lists; both change whenever a part comes or goes
	order        string            // of the parts in the lists
	columns      map[string]string // of the open list
	prices       map[string]string // of the other
	same         string            // the condition that today's part d is the very part x, if that can be told; {at} is the instant
	since        string            // when the part x was added, if nothing else tells
}

// keptParts are the parts that are known of any instant.
var keptParts = map[*Kind]keptPart{
	OpportunityLine: {"lines", "line_amounts", "position, id", map[string]string{"product_id": "product", "quantity": "quantity"}, map[string]string{"unit_price": "unitPrice", "amount": "amount"}, "false", ""},
	Encounter: {"encounters", "quoted_prices", "created_at, id", map[string]string{"competitor_id": "competitor", "strengths": "strengths", "weaknesses": "weaknesses", "is_main": "main"},
		map[string]string{"quoted_price": "quotedPrice", "currency": "currency"}, "d.competitor_id = (x.one ->> 'competitor')::uuid and d.created_at <= {at}", addedAt},
}

// addedAt renders when the history tells that the encounter x was added, or else when its opportunity was entered.
const addedAt = `(select max(a.at) from audit_entries a cross join jsonb_build_array(jsonb_build_object('competitor', x.one -> 'competitor')) as it
          where a.record_id = u.record_id and a.at <= {at} and a.changes -> 'encounters' -> 'new' @> it and not coalesce(a.changes -> 'encounters' -> 'old' @> it, false)),
        (select t.created_at from opportunities t where t.id = u.record_id)`

// was renders a column of the n-th part x of a record, as it was: of a list that has not changed since, as it is today in d, the n-th part.
// A part whose id was not kept, and which is gone, has one that is made up of its place.
func (p keptPart) was(kind *Kind, c models.Column, at string) string {
	from := func(list, name string) string {
		return fmt.Sprintf("case when jsonb_exists(u.was, '%[1]s') then (u.was -> '%[1]s' -> (x.n::int - 1) ->> '%[2]s')::%[3]s else d.%[4]s end", list, name, columnTypes[c.Type], c.Name)
	}
	if name, has := p.columns[c.Name]; has {
		return from(p.open, name)
	}
	if name, has := p.prices[c.Name]; has {
		return from(p.priced, name)
	}
	if c.Name == kind.WholeID {
		return "u.record_id"
	}
	known := fmt.Sprintf("(u.ids -> (x.n::int - 1) ->> '%[1]s')::%[2]s, case when %[3]s then d.%[1]s end", c.Name, columnTypes[c.Type], p.same)
	switch c.Name {
	case "id":
		known += fmt.Sprintf(", overlay(md5(u.record_id::text || '%s' || x.n) placing '%02x' from 31)::uuid", p.open, kind.Code)
	case "position":
		known += ", x.n::int - 1"
	default:
		known += ", " + p.since
	}
	return strings.ReplaceAll("coalesce("+known+")", "{at}", at)
}

// Changed renders a subquery of the ids of the records of a kind that were entered or changed after one instant and not after
// another, whose places are given.
func (q *Query) Changed(kind *Kind, from, until string) string {
	return fmt.Sprintf("select e.record_id from audit_entries e where get_byte(uuid_send(e.record_id), 15) = %d and e.at > %s and e.at <= %[3]s union select r.id from %[4]s r where r.created_at > %[2]s and r.created_at <= %[3]s",
		kind.Code, from, until, kind.Table)
}

// Remembered tells whether the history of a kind gives its values of any instant.
func Remembered(kind *Kind) bool {
	return slices.Contains([]*Kind{Opportunity, Customer, Stage, Product, DictionaryEntry, OpportunityLine, Encounter, StageChange}, kind)
}

// often renders a condition on values of a history such that PostgreSQL, which has no statistics of these, expects half of the rows to fulfil
// it. It would expect one in two hundred, and look through a whole table for each of the few rows that it then finds.
func often(condition string) string { return "case when " + condition + " then true else false end" }

// then renders each column as it was, from the values before the first change since, u.was, and the row of today, r.
func (k *Kind) then() []string {
	var list []string
	for _, c := range models.Columns(k.Model) {
		kept, has := columnTypes[c.Type]
		if !has || c.Name == "id" || c.Name == "created_at" { // which never change; of these PostgreSQL knows how many are alike
			list = append(list, "r."+c.Name)
			continue
		}
		list = append(list, fmt.Sprintf("case when jsonb_exists(u.was, '%[1]s') then (u.was ->> '%[1]s')::%[2]s else r.%[1]s end as %[1]s", c.Name, kept))
	}
	return list
}

// columnTypes are the SQL types of the values that a history keeps as JSON.
var columnTypes = map[reflect.Type]string{}

func init() {
	for _, t := range []struct {
		value any
		kept  string
	}{
		{uuid.UUID{}, "uuid"}, {"", "text"}, {decimal.Decimal{}, "numeric"}, {models.Date(""), "date"}, {time.Time{}, "timestamptz"},
		{0, "integer"}, {0.0, "double precision"}, {false, "boolean"},
	} {
		plain := reflect.TypeOf(t.value)
		columnTypes[plain], columnTypes[reflect.PointerTo(plain)] = t.kept, t.kept
	}
}
