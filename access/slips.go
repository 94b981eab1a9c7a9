package access

import (
	"fmt"
	"strings"
)

// How an opportunity slips: its expected closing day is moved to a later one, or passes while it is open.
const (
	SlipMoved  = "MOVED"
	SlipPassed = "PASSED"
)

// Slips renders a table source of how opportunities slipped, as recorded by an instant whose place is given: a row for each time
// that the expected closing day of an open one was moved to a later day, with the days between the two, and for each such day that
// ended, in a zone, while it was open and due by then, with the days from that one to the one on which it was next moved or closed,
// or of the instant. It tells of all: join it by record_id to what the viewer sees.
func (q *Query) Slips(until, zone string) string {
	day := "({at} at time zone " + zone + ")::date"
	overdue := strings.ReplaceAll(day, "{at}", "least(d.left_at, c.at, "+until+")") + " - d.day"
	return fmt.Sprintf(`(with due as materialized (%[3]s)
    select e.record_id, '%[1]s' as kind, e.at, e.actor_id as person, e.new_day - e.old_day as days, null::integer as overdue
      from due e join opportunities r on r.id = e.record_id
      where e.at <= %[4]s and e.old_day < e.new_day and %[5]s
    union all
    select d.record_id, '%[2]s', d.at, null, null, %[6]s
      from (select s.*, (s.day + 1)::timestamp at time zone %[7]s as at from (
        select e.record_id, e.old_day as day, e.since, e.at as left_at, r.status, r.created_at from due e join opportunities r on r.id = e.record_id
        union all
        select r.id, r.expected_close_on, l.at, null, r.status, r.created_at
        from opportunities r left join due l on l.record_id = r.id and l.last
      ) s) d
      left join lateral (%[8]s) c on true
      left join lateral (%[9]s) x on true
      where d.at >= coalesce(d.since, d.created_at) and d.at < coalesce(d.left_at, 'infinity') and d.at <= %[4]s
        and %[10]s)`,
		SlipMoved, SlipPassed, dueDays, until,
		often("coalesce((select c.old from ("+firstChange("status", "e.record_id", "(e.at, e.id)", ">=")+") c), r.status) = 'OPEN'"), overdue, zone,
		firstChange("status", "d.record_id", "d.at", ">"), firstChange("deletion_id", "d.record_id", "d.at", ">"),
		often("coalesce(c.old, d.status) = 'OPEN' and x.old is null"))
}

// dueDays renders the changes of expected closing days, with the instant of the change before of the same one, and whether it is the
// last. The days are taken out of the entries before these are sorted: whole, they would not fit into memory.
var dueDays = fmt.Sprintf(`select e.*, lag(e.at) over w as since, lead(e.id) over w is null as last from (
        select e.record_id, e.id, e.at, e.actor_id, (e.changes -> 'expected_close_on' ->> 'old')::date as old_day, (e.changes -> 'expected_close_on' ->> 'new')::date as new_day
        from audit_entries e where jsonb_exists(e.changes, 'expected_close_on') and get_byte(uuid_send(e.record_id), 15) = %d offset 0
      ) e window w as (partition by e.record_id order by e.at, e.id)`, Opportunity.Code)

// firstChange renders the first change of a column of a record from some place in its history on, with the value before.
func firstChange(column, record, place, compare string) string {
	row := "c.at"
	if strings.HasPrefix(place, "(") {
		row = "(c.at, c.id)"
	}
	return fmt.Sprintf("select c.at, c.changes -> '%[1]s' ->> 'old' as old from audit_entries c where c.record_id = %[2]s and %[3]s %[4]s %[5]s and jsonb_exists(c.changes, '%[1]s') order by c.at, c.id limit 1",
		column, record, row, compare, place)
}
