package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"guanxi/models"
)

// Findable renders what the records of a kind are found by, those of the shortest names first: each with its id, its owner, its
// assignee, the holders of the customers that it belongs to, as Holding has them, whether it has a list of its own, the columns of
// search, and these customers. An affiliation counts also when it has ended. A condition on r says which; "" is all. Only the
// system finds anything.
func (q *Query) Findable(kind *Kind, condition string) string {
	from, holders, customers, phones, assignee := kind.Table+" r", "'{}'::uuid[]", "'{}'::uuid[]", "'{}'::text[]", "null::uuid"
	owner, listed, kept := "null::uuid", "false", "true"
	if kind.Guard == Business {
		from, holders = kind.handed(today, "true")
		customers = kind.belongsTo()
		owner, listed, kept = "r.owner_id", kind.listed(), "r.deleted_at is null"
	}
	if slices.Contains(kind.Columns, "phone_terms") {
		phones = "r.phone_terms"
	}
	if kind.Assignee != "" {
		assignee = "r." + kind.Assignee
	}
	if condition != "" {
		kept += " and " + condition
	}
	return q.Text(fmt.Sprintf("select r.id, %s, %s, %s, %s, r.search_text, r.search_terms, %s, %s from %s where %t and %s order by char_length(%s), r.id",
		owner, assignee, holders, listed, phones, customers, from, q.viewer.system, kept, NameLine("r")))
}

// belongsTo renders the customers that a row belongs to, where handed gives the rows.
func (k *Kind) belongsTo() string {
	switch {
	case k == Contact:
		return "array(select e.b_id from relationships e where e.a_id = r.id and " + affiliates + ")"
	case k.Customer == "":
		return "'{}'::uuid[]"
	}
	list := "c.id"
	for i := range k.Attached {
		list += fmt.Sprintf(", c%d.id", i)
	}
	return "array_remove(array[" + list + "], null)"
}

// NameLine renders the name of a row in the form that it is searched in: the first line of its search text.
func NameLine(alias string) string { return "split_part(" + alias + ".search_text, chr(10), 1)" }

// Following renders whether a row r of a kind is one of some records, or lies in other hands because one of them changed: the
// customer that it belongs to, the record that it is attached to, the relationship that ties it.
func (q *Query) Following(kind *Kind, changed string) string {
	ways := []string{"select unnest(" + changed + ")"}
	if kind.Guard != Business {
		return "r.id = any(" + changed + ")"
	}
	if kind != Customer {
		ways = append(ways, kind.tied("", "(select unnest("+changed+") as id)")...)
	}
	if kind == Contact {
		ways = append(ways, "select e.a_id from relationships e where e.id = any("+changed+") and "+affiliates)
	}
	for _, to := range kind.Attached {
		ways = append(ways, "select o.id from "+kind.Table+" o where o."+attachment(to)+" = any("+changed+")")
	}
	return q.Text("r.id in (" + strings.Join(ways, " union ") + ")")
}

// Besides renders the ids of the records that may lie open to the viewer whoever's they are: those shared with him, and documents
// whose list he is on. With a customer what belongs to it may. It may name some that do not, and leaves none out.
func (q *Query) Besides() string {
	return q.Text(sharedRecords + " union select l.document_id from document_readers l where " + reached("l"))
}

// MayHold tells whether the viewer may see the records of a kind that are in these hands: Holds, and besides what he is the
// assignee of, what belongs to a customer of his, and with a list of its own, what he owns.
func (g Grasp) MayHold(h Holding, assignee bool, listed bool) bool {
	v := g.viewer
	own := h.Owner == v.UserID || assignee || slices.Contains(h.Holders, v.UserID)
	switch {
	case g.kind.Guard == Reference:
		return !v.Anonymous()
	case listed:
		return g.reads && own
	}
	return g.reads && own || g.Holds(h)
}

// Within gives the users and pools of whom one has a part in the hands of whatever MayHold says that the viewer may see: who owns
// it, is its assignee, or holds the customer that it belongs to. It may name some too many and never leaves one out.
func (g Grasp) Within() Hands {
	switch {
	case g.viewer.system || g.scope.All || g.kind.Guard == Reference:
		return Hands{All: true}
	case !g.reads:
		return Hands{}
	}
	return Hands{Of: models.SortIDs(slices.Concat(g.scope.Users, g.viewer.poolsFor(g.kind), []uuid.UUID{g.viewer.UserID}))}
}

// ReadsHeld tells whether the viewer reads what is under a rule in full on the records of a kind that an owner has.
func (v *Viewer) ReadsHeld(kind *Kind, owner uuid.UUID, rule Rule) bool {
	relation := Other
	switch {
	case v.UserID == owner && owner != uuid.Nil:
		relation = Own
	case v.scopeOf(kind, models.Observe).takes(owner, v.UserID):
		relation = InScope
	}
	return v.Reads(rule, relation) == Full
}
