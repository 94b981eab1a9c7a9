package access

import (
	"fmt"
	"strings"

	"guanxi/models"
)

// Visible renders the table source of a kind for the viewer: the rows he sees, with the columns he may not read NULL. It
// is the only FROM for records, so no condition of a caller can step around it.
func (q *Query) Visible(kind *Kind, alias string) string {
	return q.source(kind, alias, models.Observe)
}

// Manageable renders the table source of the rows that the viewer may write.
func (q *Query) Manageable(kind *Kind, alias string) string {
	return q.source(kind, alias, models.Manage)
}

// Deleted renders the table source of the deleted rows of a business kind that the viewer could manage.
func (q *Query) Deleted(kind *Kind, alias string) string {
	if kind.Guard == BetweenParties {
		return q.render(kind, alias, "r.deleted_at is not null and "+q.between("r", models.Manage))
	}
	q.deleted = true
	rule := q.rule(kind, models.Manage)
	q.deleted = false
	return q.render(kind, alias, "r.deleted_at is not null and ("+rule+")")
}

func (q *Query) source(kind *Kind, alias, level string) string {
	switch kind.Guard {
	case Reference:
		return q.render(kind, alias, q.admitted(kind))
	case PartOf:
		return q.part(kind, alias, level)
	case BetweenParties:
		return q.render(kind, alias, "r.deleted_at is null and "+q.between("r", level))
	}
	return q.render(kind, alias, "r.deleted_at is null and ("+q.rule(kind, level)+")")
}

// admitted renders whether the viewer sees the reference records of a kind: everyone signed in does, unless it takes a
// permission.
func (q *Query) admitted(kind *Kind) string {
	if q.viewer.Anonymous() || kind.ReadBy != "" && !q.viewer.May(kind.ReadBy) {
		return "false"
	}
	return "true"
}

// render writes the source with its readable columns.
func (q *Query) render(kind *Kind, alias, condition string) string {
	return fmt.Sprintf("(select %s from %s r where %s) as %s", q.columns(kind, kind, "r", "r"), kind.Table, condition, alias)
}

// part writes the source of what is seen exactly with its record; the record decides which columns are readable.
func (q *Query) part(kind *Kind, alias, level string) string {
	return fmt.Sprintf("(select %s from %s r join %s on w.id = r.%s) as %s",
		q.columns(kind, kind.Whole, "r", "w"), kind.Table, q.source(kind.Whole, "w", level), kind.WholeID, alias)
}

// columns lists the kind's columns, each under its rule, and what stands in for those that are read masked.
func (q *Query) columns(kind, whole *Kind, row, record string) string {
	list := make([]string, 0, len(kind.Columns))
	for _, column := range kind.Columns {
		rule, protected := kind.Protected[column]
		if !protected {
			list = append(list, row+"."+column)
			continue
		}
		list = append(list, q.readable(whole, rule, record, row+"."+column)+" as "+column)
		if mask, ok := masks[column]; ok {
			list = append(list, q.masked(whole, rule, record, fmt.Sprintf(mask, row+"."+column))+" as "+column+"_masked")
		}
	}
	return strings.Join(list, ", ")
}

// masks say how a value is shown that may be recognised but not read. What is too short, or not written as such a value is,
// shows nothing of itself.
var masks = map[string]string{
	"phone":  "case when length(" + digits + ") >= 10 then regexp_replace(" + digits + `, '^(.{3}).*(.{4})$', '\1****\2') when %[1]s is not null then '****' end`,
	"email":  `case when %[1]s ~ '^.{2,}@[[:alnum:].-]+$' then regexp_replace(%[1]s, '^(.).*(@.*)$', '\1***\2') when %[1]s is not null then '***' end`,
	"wechat": `case when length(%[1]s) >= 6 then regexp_replace(%[1]s, '^(..).*$', '\1***') when %[1]s is not null then '***' end`,
}

// digits are those of a phone number, without China's country code.
const digits = `regexp_replace(regexp_replace(%[1]s, '^\s*(\+|00)86', ''), '\D', '', 'g')`

// Shown lists the columns as they go out to the viewer, masked where he reads them masked.
func (q *Query) Shown(kind *Kind, alias string) string {
	list := make([]string, len(kind.Columns))
	for i, column := range kind.Columns {
		list[i] = alias + "." + column
		if _, protected := kind.Protected[column]; protected && masks[column] != "" {
			list[i] = "coalesce(" + alias + "." + column + ", " + alias + "." + column + "_masked)"
		}
	}
	return strings.Join(list, ", ")
}

// rule renders the five ways to see, or four to manage, a business record r.
func (q *Query) rule(kind *Kind, level string) string {
	v := q.viewer
	if v.system {
		return "true"
	}
	if v.Anonymous() || !v.May(To(Read, kind)) {
		return "false"
	}
	s := v.scopeOf(kind, level)
	if s.All && len(s.Denied) == 0 && kind != Document {
		return "true"
	}
	name := kind.Name + " " + level
	ways := []string{q.Text("r.owner_id = @me"), q.reaches(s, name, "r.owner_id"), q.shared(nil, level, "r.id")}
	if kind.Assignee != "" {
		ways = append(ways, q.Text("r."+kind.Assignee+" = @me"))
	}
	if way := q.throughCustomer(kind, s, name, level); way != "" {
		ways = append(ways, way)
	}
	if kind == Customer && level == models.Observe {
		ways = append(ways, q.Text("r.pool_id = any(@pools)"))
	}
	open := strings.Join(ways, " or ")
	if kind != Document {
		return open
	}
	return fmt.Sprintf("case when r.restricted then %s else (%s) end", q.listed(level), open)
}

// listed renders who sees a document that has a list of its own: its owner, and to read, those on the list.
func (q *Query) listed(level string) string {
	if level == models.Manage {
		return q.Text("coalesce(r.owner_id = @me, false)")
	}
	return q.Text("(coalesce(r.owner_id = @me, false) or r.id in (select l.document_id from document_readers l where " + reached("l") + "))")
}

// reached renders whether a subject reaches the viewer.
func reached(alias string) string {
	return fmt.Sprintf("%[1]s.subject_id = any(@reach) and (%[1]s.with_sub_departments or %[1]s.subject_id = any(@subjects))", alias)
}

// shared renders whether a live share of the record in a column reaches the viewer; for a kind of what belongs to the
// record, whether it covers the kind.
func (q *Query) shared(kind *Kind, level, column string) string {
	text := "select s.record_id from shares s where " + reached("s") + " and (s.expires_at is null or s.expires_at > @now)"
	switch kind {
	case nil:
	case Contact:
		text += " and (s.kinds is null or s.kinds && array['CONTACT', 'CUSTOMER'])"
	default:
		text += " and (s.kinds is null or s.kinds && array['" + kind.Name + "'])"
	}
	if level == models.Manage {
		text += " and s.level = 'MANAGE'"
	}
	return q.Text(column + " in (" + text + ")")
}

// throughCustomer renders whether the record belongs to a customer that lets the viewer see it.
func (q *Query) throughCustomer(kind *Kind, s *Scope, name, level string) string {
	links := q.belongs(kind, "r", "c")
	if len(links) == 0 {
		return ""
	}
	open := []string{
		q.Text("c.owner_id = @me"),
		q.shared(kind, level, "c.id"),
		"(" + q.reaches(s, name, "c.owner_id") + " and " + q.spares(s, name, "r.owner_id") + ")",
	}
	if kind == Contact && level == models.Observe {
		open = append(open, q.Text("c.pool_id = any(@pools)"))
	}
	var ways []string
	for _, link := range links {
		ways = append(ways, "exists (select 1 from "+link+" and ("+strings.Join(open, " or ")+"))")
	}
	return strings.Join(ways, " or ")
}

// Opens renders whether a customer opens everything that belongs to it of a kind to the viewer, at a level. By his scope it
// does not when a DENY keeps somebody's records from him.
func (q *Query) Opens(kind *Kind, customer, level string) string {
	s := q.viewer.scopeOf(kind, level)
	ways := q.Text("coalesce("+customer+".owner_id = @me, false)") + " or " + q.shared(kind, level, customer+".id")
	if len(s.Denied) == 0 {
		ways += " or " + q.reaches(s, kind.Name+" "+level, customer+".owner_id")
	}
	return "(" + ways + ")"
}

// belongs renders each way in which a record leads to a customer that it belongs to, as tables and condition.
func (q *Query) belongs(kind *Kind, row, customer string) []string {
	live := func(alias string) string {
		if q.deleted {
			return ""
		}
		return " and " + alias + ".deleted_at is null"
	}
	from := "customers " + customer
	switch {
	case kind == Contact && q.deleted:
		return []string{fmt.Sprintf("%s where exists (select 1 from relationships e where e.a_id = %s.id and e.b_id = %s.id and e.type_id = '%s' and e.deletion_id = %[2]s.deletion_id)",
			from, row, customer, models.WorksAtID)}
	case kind == Contact:
		return []string{from + " where " + q.Text(worksAt(row, customer)) + live(customer)}
	case kind.Customer == "":
		return nil
	}
	ways := []string{fmt.Sprintf("%s where %s.id = %s.%s", from, customer, row, kind.Customer) + live(customer)}
	for _, to := range kind.Attached {
		ways = append(ways, fmt.Sprintf("%s join %s a on a.%s = %s.id where a.id = %s.%s", from, to.Table, to.Customer, customer, row, attachment(to))+
			live(customer)+live("a"))
	}
	return ways
}

// attachment names the column by which a record is attached to one of the kind.
func attachment(to *Kind) string { return strings.ToLower(to.Name) + "_id" }

// between renders whether both ends of a relationship are seen, and to write, one of them managed.
func (q *Query) between(row, level string) string {
	if q.viewer.Anonymous() || !q.viewer.May(To(Read, Relationship)) {
		return "false"
	}
	seen := q.party(row+".a_id", models.Observe) + " and " + q.party(row+".b_id", models.Observe)
	if level == models.Manage {
		seen += " and (" + q.party(row+".a_id", models.Manage) + " or " + q.party(row+".b_id", models.Manage) + ")"
	}
	return "(" + seen + ")"
}

// party renders whether the party with the id in a column is seen or managed. Competitors and users are seen by all, and
// managed by nobody here.
func (q *Query) party(column, level string) string {
	found := func(kind *Kind) string {
		return "exists (select 1 from " + q.source(kind, "p", level) + " where p.id = " + column + ")"
	}
	code := "get_byte(uuid_send(" + column + "), 15)"
	text := fmt.Sprintf("case %s when %d then %s when %d then %s", code, models.CustomerCode, found(Customer), models.ContactCode, found(Contact))
	if level == models.Observe {
		text += fmt.Sprintf(" when %d then %s when %d then %s", models.CompetitorCode, found(Competitor), models.UserCode, found(User))
	}
	return text + " else false end"
}
