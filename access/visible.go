package access

import (
	"fmt"
	"slices"
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

// Sought renders Visible with only the rows of a business kind whose protected column, as far as the viewer reads it in
// full, passes a test, written with $value where the column stands. The test is rendered twice, on what is stored too,
// so that an index serves it: the second alone decides.
func (q *Query) Sought(kind *Kind, alias, column, test string) string {
	stored := "r." + column
	read := q.readable(kind, kind.Protected[column], "r", stored)
	passes := strings.ReplaceAll(test, "$value", stored) + " and " + strings.ReplaceAll(test, "$value", "("+read+")")
	return q.render(kind, alias, q.kept(kind)+"("+q.open(kind, models.Observe)+") and "+passes)
}

// Gathered renders Visible for a statement that reads all its rows, as reports do, and no list of a page. Who reaches some people's records
// and not all has those that an index leads to looked at, and beside them the few that are looked up one by one; what Visible says is asked
// of each, and decides. PostgreSQL may still begin at what the statement itself asks for.
func (q *Query) Gathered(kind *Kind, alias string) string {
	if kind.Guard == PartOf {
		return q.part(kind, alias, models.Observe, q.Gathered(kind.Whole, "w"))
	}
	b, ok := q.beginnings(kind, kind.gathers())
	if !ok {
		return q.Visible(kind, alias)
	}
	return q.Text("(" + strings.Join(q.looked(kind, b), " union all ") + ") as " + alias)
}

// looked reads the records of a kind that an index leads to, and those that are looked up one by one; no record twice.
func (q *Query) looked(kind *Kind, b beginnings) []string {
	columns, rule := q.columns(kind, kind, "r", "r"), " and ("+q.open(kind, models.Observe)+")"
	var arms, others []string
	if len(b.columns) > 0 {
		arms = append(arms, "select "+columns+" from "+kind.Table+" r where "+q.kept(kind)+b.reaches("r")+rule)
	}
	for _, c := range b.columns {
		others = append(others, "not "+c.tests("r"))
	}
	if single := b.single(kind, "o.id"); single != "" {
		conditions := strings.Join(append(others, "r.id = g.id"), " and ")
		arms = append(arms, "select v.* from ("+single+") g cross join lateral (select "+columns+" from "+kind.Table+" r where "+q.kept(kind)+conditions+rule+" offset 0) v")
	}
	return arms
}

// Deleted renders the table source of the deleted rows of a business kind that the viewer could manage, or of their parts.
func (q *Query) Deleted(kind *Kind, alias string) string {
	if kind.Guard == PartOf {
		return q.part(kind, alias, models.Manage, q.Deleted(kind.Whole, "w"))
	}
	q.deleted = kind.Guard == Business // whose customers may be deleted with them
	rule := q.open(kind, models.Manage)
	q.deleted = false
	return q.render(kind, alias, "r.deleted_at is not null and ("+rule+")")
}

// source gives the source of the rows at a level, as it is kept for the viewer.
func (q *Query) source(kind *Kind, alias, level string) string {
	if q.deleted || q.unbound || q.shareKnown != "" {
		return q.freshSource(kind, alias, level)
	}
	return q.Text(q.viewer.sourceOf(kind, alias, level, q.each))
}

func (q *Query) freshSource(kind *Kind, alias, level string) string {
	if kind.Guard == PartOf {
		return q.part(kind, alias, level, q.source(kind.Whole, "w", level))
	}
	return q.render(kind, alias, q.kept(kind)+"("+q.open(kind, level)+")"+q.tells(kind))
}

// part writes the source of a part, whose whole w comes from a source of its own.
func (q *Query) part(kind *Kind, alias, level, whole string) string {
	return fmt.Sprintf("(select %s from %s r join %s on %s) as %s",
		q.columns(kind, kind.Whole, "r", "w"), kind.Table, whole, q.open(kind, level)+q.tells(kind), alias)
}

// render writes the source with its readable columns.
func (q *Query) render(kind *Kind, alias, condition string) string {
	return fmt.Sprintf("(select %s from %s r where %s) as %s", q.columns(kind, kind, "r", "r"), kind.Table, condition, alias)
}

// kept renders which rows r of a kind are there at all.
func (q *Query) kept(kind *Kind) string {
	text := ""
	for _, c := range closings {
		if c.row != "" && c.of(kind) {
			text += c.row + " and "
		}
	}
	return text
}

// open renders whether a row r of a kind lies open to the viewer at a level: a way leads to it, and nothing shuts it.
func (q *Query) open(kind *Kind, level string) string {
	if q.viewer.system && kind.Guard != PartOf {
		return "true"
	}
	for _, c := range closings {
		if c.kind != nil && c.kind(q.viewer, kind) {
			return "false"
		}
	}
	a := q.asked(kind, level)
	for _, c := range closings {
		if c.list != "" && c.of(kind) {
			return "case when " + c.list + " then " + a.someWay(true) + " else (" + a.someWay(false) + ") end"
		}
	}
	return a.someWay(false)
}

// SeesAll tells whether the viewer sees all records of a kind that are there: nothing is asked of any.
func (v *Viewer) SeesAll(kind *Kind) bool {
	q := &Query{viewer: v, unbound: true}
	return q.open(kind, models.Observe) == "true"
}

// asked is what a way answers: whether the row r of a kind lies open to the viewer at a level.
type asked struct {
	*Query
	kind  *Kind
	level string // OBSERVE to read, MANAGE to write
	scope *Scope // of the viewer, for the kind at the level
	most  int    // of how many people records are looked up one by one

	customer whose // where it finds a customer that the record belongs to
}

func (q *Query) asked(kind *Kind, level string) asked {
	return asked{Query: q, kind: kind, level: level, scope: q.viewer.scopeOf(kind, level), customer: itself}
}

// waysTo lists the ways to records of a kind at a level, with or without a list of their own.
func waysTo(kind *Kind, level string, listed bool) []way {
	return slices.DeleteFunc(slices.Clone(ways), func(w way) bool {
		return !w.of(kind) || w.reads && level == models.Manage || !w.list.leads(listed)
	})
}

// someWay renders whether one of the ways leads to the row; those over a customer are asked of each that it belongs to.
func (a asked) someWay(listed bool) string {
	var direct []string
	var over []way
	for _, w := range waysTo(a.kind, a.level, listed) {
		if w.customer {
			over = append(over, w)
		} else {
			direct = append(direct, w.holds(a))
		}
	}
	if len(over) > 0 && either(direct) != "true" {
		direct = append(direct, a.overCustomers(over)...)
	}
	return a.Text(either(direct))
}

// overCustomers renders whether some ways lead to the row over a customer that it belongs to: by what it carries of its own, or where it is
// attached to a record of another, by what that one carries; where nothing is carried, by the customer itself.
func (a asked) overCustomers(over []way) []string {
	from := func(at whose) string {
		a.customer = at
		var list []string
		for _, w := range over {
			list = append(list, w.holds(a))
		}
		return "(" + either(list) + ")"
	}
	var list []string
	if a.kind.Customer == "" || a.deleted {
		for _, link := range a.customersOf(a.kind, "r", "c") {
			list = append(list, "exists (select 1 from "+link+" and "+from(itself)+a.alone()+")")
		}
		return list
	}
	list = append(list, "r."+customerOwner+" is not null and "+from(a.kind.carries("r")))
	if len(a.kind.Attached) > 0 {
		list = append(list, "r.attached_elsewhere and exists (select 1 from ("+a.kind.attachments("r")+") a where a."+customerOwner+" is not null and "+from(a.kind.carries("a"))+")")
	}
	return list
}

// either joins conditions by OR, and says at once what they come to where no row is needed for it.
func either(conditions []string) string {
	conditions = slices.DeleteFunc(conditions, func(c string) bool { return c == "false" || c == "(false)" })
	conditions = slices.DeleteFunc(conditions, twice())
	for _, c := range conditions {
		if owned, is := strings.CutSuffix(c, " is not null"); c == "true" || is && slices.Contains(conditions, owned+" is null") {
			return "true"
		}
	}
	return join(conditions, " or ", "false")
}

// twice tells of each condition whether it has come before.
func twice() func(string) bool {
	come := map[string]bool{}
	return func(c string) bool {
		before := come[c]
		come[c] = true
		return before
	}
}

// both joins two conditions by AND.
func both(one, other string) string {
	if other == "true" {
		return one
	}
	return "(" + one + " and " + other + ")"
}

// alone keeps PostgreSQL from reading a whole table to answer for one row after the other, which it does where it thinks that it will
// be asked for all of them.
func (q *Query) alone() string {
	if q.each {
		return " offset 0"
	}
	return ""
}

func truth(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

// Opens renders whether a customer opens everything that belongs to it of a kind to the viewer, at a level. By his scope it
// does not when a DENY keeps somebody's records from him.
func (q *Query) Opens(kind *Kind, customer, level string) string {
	a := q.asked(kind, level)
	ways := []string{customer + ".owner_id = @me", a.sharedFor(customer + ".id")}
	if len(a.scope.Denied) == 0 {
		ways = append(ways, a.reaches(customer+".owner_id"))
	}
	return q.Text("(" + either(ways) + ")")
}

// own renders whether the viewer owns a row or is its assignee.
func (a asked) own(row string) string {
	own := row + ".owner_id = @me"
	if a.kind.Assignee != "" {
		own = "(" + own + " or " + row + "." + a.kind.Assignee + " = @me)"
	}
	return own
}

// reached renders whether a subject reaches the viewer.
func reached(alias string) string {
	return fmt.Sprintf("%[1]s.subject_id = any(@reach) and (%[1]s.with_sub_departments or %[1]s.subject_id = any(@subjects))", alias)
}

// sharedRecords renders the records of which a live share reaches the viewer.
var sharedRecords = "select s.record_id from shares s where " + liveShare

// liveShare is the condition on a share s that it reaches the viewer and has not ended.
var liveShare = reached("s") + " and " + sharedNow

// sharedNow is the condition on a share s that it has not ended.
const sharedNow = "(s.expires_at is null or s.expires_at > @now)"

// shares renders the records of which a live share at the level that is asked about reaches the viewer.
func (a asked) shares() string { return "select s.record_id from shares s where " + a.share() }

// share is the condition on a share s that it is such a one.
func (a asked) share() string {
	if a.level == models.Manage {
		return liveShare + " and s.level = 'MANAGE'"
	}
	return liveShare
}

// shared renders whether such a share of the record in a column reaches the viewer. PostgreSQL looks for those of one record, or reads
// all that reach the viewer when it is to ask of many.
func (a asked) shared(column string) string {
	if a.shareKnown != "" {
		return a.shareKnown
	}
	return sharedBy(column, a.share())
}

// sharedBy renders whether there is a share s, with a condition on it, of the record in a column.
func sharedBy(column, condition string) string {
	return "exists (select from shares s where s.record_id = " + column + " and " + condition + ")"
}

// listedFor renders whether the viewer is on the own list of a document r.
var listedFor = "exists (select from document_readers l where l.document_id = r.id and " + reached("l") + ")"

// listedIDs renders the documents whose own list the viewer is on.
var listedIDs = "select l.document_id from document_readers l where " + reached("l")

// sharedFor renders whether a live share of the record in a column, covering the kind that is asked about, reaches the viewer.
func (a asked) sharedFor(column string) string {
	return sharedBy(column, a.share()+" and "+coveredBy(a.kind))
}

// coveredBy is the condition on a share s of a customer that it covers a kind.
func coveredBy(kind *Kind) string {
	kinds := "'" + kind.Name + "'"
	if kind == Contact {
		kinds = "'CONTACT', 'CUSTOMER'" // CUSTOMER covers contacts too
	}
	return "(s.kinds is null or s.kinds && array[" + kinds + "])"
}

// bothEnds renders whether both parties of a relationship are seen, and to write, one of them managed. To write, the parties
// stand as two rows, so that what decides on one is written once.
func (a asked) bothEnds(row string) string {
	if a.level == models.Observe {
		return "(" + a.party(row+".a_id", models.Observe) + " and " + a.party(row+".b_id", models.Observe) + ")"
	}
	return fmt.Sprintf("(select bool_and(%s) and bool_or(%s) from (values (%s.a_id), (%[3]s.b_id)) as party (id))",
		a.party("party.id", models.Observe), a.party("party.id", models.Manage), row)
}

// party renders whether the party with the id in a column is seen or managed. Competitors and users are seen by all, and
// managed by nobody here.
func (q *Query) party(column, level string) string {
	found := func(kind *Kind) string {
		return "exists (select 1 from (select r.id from " + kind.Table + " r where " + q.kept(kind) + "(" + q.open(kind, level) + ")) as p where p.id = " + column + q.alone() + ")"
	}
	code := "get_byte(uuid_send(" + column + "), 15)"
	text := fmt.Sprintf("case %s when %d then %s when %d then %s", code, models.CustomerCode, found(Customer), models.ContactCode, found(Contact))
	if level == models.Observe {
		text += fmt.Sprintf(" when %d then %s when %d then %s", models.CompetitorCode, found(Competitor), models.UserCode, found(User))
	}
	return text + " else false end"
}
