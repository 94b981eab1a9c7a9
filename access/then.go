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
	if kind.Guard == PartOf {
		return q.partsThen(kind, alias, at)
	}
	if ids != "" {
		ids = " and e.record_id in (" + ids + ")"
	}
	condition := q.kept(kind) + "(" + q.open(kind, models.Observe) + ")"
	if slices.Contains(kind.Columns, "deletion_id") {
		condition += " and t.deletion_id is null"
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

// partsThen is the same of a kind of parts that the history of their records keeps as a list: those of a record as the list had
// them before it was first changed since, or today's. What the list does not keep of a part is NULL, its id too.
func (q *Query) partsThen(kind *Kind, alias, at string) string {
	list, whole := keptParts[kind], kind.Whole
	var were []string
	for _, c := range models.Columns(kind.Model) {
		switch name, kept := list.columns[c.Name]; {
		case c.Name == kind.WholeID:
			were = append(were, "u.record_id")
		case kept:
			were = append(were, fmt.Sprintf("(x.one ->> '%s')::%s", name, columnTypes[c.Type]))
		default:
			were = append(were, "null")
		}
	}
	now := "n." + strings.Join(kind.Columns, ", n.")
	return fmt.Sprintf(`(select %[1]s from (
      with u as materialized (select distinct on (e.record_id) e.record_id, e.changes -> '%[2]s' -> 'old' as list from audit_entries e
        where get_byte(uuid_send(e.record_id), 15) = %[3]d and e.at > %[4]s and jsonb_exists(e.changes, '%[2]s')
        order by e.record_id, e.at, e.id)
      select %[5]s from %[6]s n where not exists (select 1 from u where u.record_id = n.%[7]s)
      union all
      select %[8]s from u cross join lateral jsonb_array_elements(u.list) as x (one)
    ) as r join %[9]s on w.id = r.%[7]s) as %[10]s`,
		q.columns(kind, whole, "r", "w"), list.name, whole.Code, at, now, kind.Table, kind.WholeID, strings.Join(were, ", "), q.Visible(whole, "w"), alias)
}

// keptPart says under which name the history of a record keeps a list of its parts, and what that has of them, by column.
type keptPart struct {
	name    string
	columns map[string]string
}

// keptParts are the parts that are known of any instant. What competitors asked is noted whenever one is met, or taken away.
var keptParts = map[*Kind]keptPart{
	Encounter: {"quoted_prices", map[string]string{"competitor_id": "competitor", "quoted_price": "quotedPrice", "currency": "currency"}},
}

// Changed renders a subquery of the ids of the records of a kind that were entered or changed after one instant and not after
// another, whose places are given.
func (q *Query) Changed(kind *Kind, from, until string) string {
	return fmt.Sprintf("select e.record_id from audit_entries e where get_byte(uuid_send(e.record_id), 15) = %d and e.at > %s and e.at <= %[3]s union select r.id from %[4]s r where r.created_at > %[2]s and r.created_at <= %[3]s",
		kind.Code, from, until, kind.Table)
}

// Remembered tells whether the history of a kind gives its values of any instant.
func Remembered(kind *Kind) bool {
	return slices.Contains([]*Kind{Opportunity, Customer, Stage, Product, DictionaryEntry, Encounter}, kind)
}

// then renders each column as it was, from the values before the first change since, u.was, and the row of today, r.
func (k *Kind) then() []string {
	var list []string
	for _, c := range models.Columns(k.Model) {
		kept, has := columnTypes[c.Type]
		if !has {
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
