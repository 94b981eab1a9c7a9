package access

import (
	"fmt"
	"slices"
	"strings"

	"guanxi/models"
)

// The table holding_counts keeps how many records are in which hands, as it once was; holding_changes keeps, of each row that
// has changed since, what it was before. So the counts as they are follow from a few records, and no write waits for another.

// side is one of two states of the database: as it is, or as it was when it was counted.
type side int

const (
	today side = iota
	counted
)

// table renders a table of one side. Its ids and the parties of its relationships never change.
func (s side) table(name string) string {
	if s == today {
		return name
	}
	text := "(select t.id"
	if name == "relationships" {
		text += ", t.type_id, t.a_id, t.b_id"
	}
	for _, column := range Holdings(name) {
		text += fmt.Sprintf(", case when w.id is null then t.%[1]s else w.%[1]s end as %[1]s", column)
	}
	return text + " from " + name + " t left join lateral (select * from holding_changes h where h.id = t.id order by h.turn limit 1) w on true)"
}

// Holdings lists the columns of a table by which it shows in whose hands records are. Triggers of the table note their changes.
func Holdings(table string) []string {
	columns := []string{"deleted_at"}
	for _, kind := range Kinds {
		switch {
		case kind.Table != table:
			continue
		case kind == Relationship:
			return append(columns, "valid_until")
		case kind == Customer:
			columns = append(columns, "pool_id")
		case kind == Document:
			columns = append(columns, "restricted")
		}
		columns = append(columns, "owner_id")
		if kind.Customer != "" {
			columns = append(columns, kind.Customer)
		}
		for _, to := range kind.Attached {
			columns = append(columns, attachment(to))
		}
	}
	return columns
}

// was renders the rows that have changed since the records were counted, as they were then.
const was = "was as materialized (select distinct on (id) * from holding_changes order by id, turn)"

// Counts renders how many records of a kind are in the same hands, some or all, by what was counted on a day and has changed
// since: rows of owner, holders and a number, several for the same hands, to be added up.
func (q *Query) Counts(kind *Kind, hands Hands, day models.Date, changed bool) string {
	text := "select owner_id as owner, holders, records from holding_counts where kind = '" + kind.Name + "'"
	if !hands.All {
		of := q.Bind(hands.Of) + "::uuid[]"
		text += " and (" + isAmong("owner_id", of) + " or exists (select from unnest(holders) h where " + isAmong("h", of) + "))"
	}
	if changed {
		text = "with " + was + " " + text + " union all " + q.difference(kind, day)
	}
	if kind == Contact { // whoever works somewhere until a day is counted now
		text += " union all (select h.owner, h.holders, count(*) from (" + q.Held(kind, Hands{All: true}, "r.id in ("+q.dated(today, day)+")") + ") h group by 1, 2)"
	}
	return q.Text(text)
}

// Recounted renders what has to be added to what was counted, of a kind, to make up for the changes since.
func (q *Query) Recounted(kind *Kind, day models.Date) string {
	return q.Text("with " + was + " " + q.difference(kind, day))
}

// Counted renders all that is to be counted of a kind.
func (q *Query) Counted(kind *Kind, day models.Date) string {
	return q.Text(q.counting(kind, today, day, "true", 1))
}

// Follows tells whether a change of records of a kind may put records of another into other hands.
func (k *Kind) Follows(changed models.KindCode) bool {
	switch {
	case changed == k.Code:
		return true
	case k == Contact:
		return changed == Customer.Code || changed == Relationship.Code
	case k.Customer == "":
		return false
	}
	return changed == Customer.Code || slices.ContainsFunc(k.Attached, func(to *Kind) bool { return changed == to.Code })
}

// difference is what the records that are touched by a change add today, less what they were counted as. The records are looked up one by
// one: they are few, which the planner cannot know.
func (q *Query) difference(kind *Kind, day models.Date) string {
	touched := "r.id = any(array(" + strings.Join(kind.touched(), " union ") + "))"
	return "(" + q.counting(kind, today, day, touched, 1) + ") union all (" + q.counting(kind, counted, day, touched, -1) + ")"
}

// touched lists the ways to the records whose hands may have changed.
func (k *Kind) touched() []string {
	ways := []string{fmt.Sprintf("select h.id from was h where get_byte(uuid_send(h.id), 15) = %d", k.Code)}
	switch k {
	case Customer:
		return ways
	case Contact:
		return append(ways, "select e.a_id from was h join relationships e on e.id = h.id", "select e.a_id from was h join relationships e on e.b_id = h.id")
	}
	ways = append(ways, k.tied("", "was")...)
	for _, to := range k.Attached {
		ways = append(ways, fmt.Sprintf("select o.id from was h join %s o on o.%s = h.id", k.Table, attachment(to)))
	}
	return ways
}

// counting renders how many records of a kind are in the same hands on one side, each times a factor. Documents with a list of
// their own are not counted, for whose they are opens them to nobody; nor are contacts whose hands change by the calendar.
func (q *Query) counting(kind *Kind, s side, day models.Date, condition string, factor int) string {
	from, holders := kind.handed(s, "e.valid_until is null")
	if kind == Contact {
		condition += " and r.id not in (" + q.dated(s, day) + ")"
	}
	return fmt.Sprintf(`select coalesce(g.owner_id, '00000000-0000-0000-0000-000000000000') as owner,
			array(select distinct x from unnest(g.holders) x order by 1) as holders, sum(g.records)::bigint as records
		from (select r.owner_id, %s as holders, %d * count(*) as records from %s where r.deleted_at is null and not %s and %s group by 1, 2) g group by 1, 2`,
		holders, factor, from, kind.listed(), condition)
}

// dated renders the contacts of affiliations that end after a day.
func (q *Query) dated(s side, day models.Date) string {
	place := q.Bind(day)
	ends := func(row string) string {
		return fmt.Sprintf("%[1]s.valid_until > %[2]s::date and %[1]s.deleted_at is null and e.type_id = '%[3]s'", row, place, models.WorksAtID)
	}
	text := "select e.a_id from relationships e where " + ends("e")
	if s == counted {
		text += " and not exists (select from was w where w.id = e.id) union all select e.a_id from was w join relationships e on e.id = w.id where " + ends("w")
	}
	return text
}
