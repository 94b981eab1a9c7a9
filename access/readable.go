package access

import (
	"github.com/google/uuid"

	"guanxi/models"
)

// Reads tells how far the viewer reads the fields of a rule on records he stands to in the relation.
func (v *Viewer) Reads(rule Rule, relation Relation) Right {
	if v.system {
		return Full
	}
	return v.rights[rule][relation]
}

// ReadsSome tells whether the viewer has the full right on some relation; without it the field is refused where it is
// filtered, sorted or grouped by.
func (v *Viewer) ReadsSome(rule Rule) bool {
	for _, relation := range Relations {
		if v.Reads(rule, relation) == Full {
			return true
		}
	}
	return false
}

// ReadsAll tells whether the viewer has the full right on every relation.
func (v *Viewer) ReadsAll(rule Rule) bool {
	for _, relation := range Relations {
		if v.Reads(rule, relation) != Full {
			return false
		}
	}
	return true
}

// ReadsOn tells whether the viewer reads the fields of a rule in full on a record.
func (v *Viewer) ReadsOn(row models.BusinessRecord, rule Rule) bool {
	id, _ := row.Key()
	kind, known := Coded(models.KindOf(id))
	owner, relation := row.Owned().Holder(), Other
	switch {
	case !known:
		return false
	case v.isOwn(owner) || v.isOwn(assigneeOf(row)):
		relation = Own
	case v.scopeOf(kind, models.Observe).Reaches(owner, v.UserID):
		relation = InScope
	}
	return v.Reads(rule, relation) == Full
}

func (v *Viewer) isOwn(user *uuid.UUID) bool { return user != nil && *user == v.UserID }

func assigneeOf(row models.BusinessRecord) *uuid.UUID {
	switch row := row.(type) {
	case *models.Activity:
		return row.AssigneeID
	case *models.Service:
		return row.AssigneeID
	}
	return nil
}

// readable renders a value that is NULL on the records where the viewer has not the full right.
func (q *Query) readable(kind *Kind, rule Rule, record, value string) string {
	return q.withRight(kind, rule, record, value, Full)
}

// masked renders the stand-in on the records where the viewer reads the field masked, else NULL.
func (q *Query) masked(kind *Kind, rule Rule, record, stand string) string {
	return q.withRight(kind, rule, record, stand, Masked)
}

func (q *Query) withRight(kind *Kind, rule Rule, record, value string, right Right) string {
	v := q.viewer
	own, scope, other := v.Reads(rule, Own) == right, v.Reads(rule, InScope) == right, v.Reads(rule, Other) == right
	switch {
	case own && scope && other:
		return value
	case !own && !scope && !other:
		return "case when false then " + value + " end"
	}
	text := "case"
	a := q.asked(kind, models.Observe)
	for _, r := range relations {
		text += " when " + r.holds(a, record) + " then " + truth(v.Reads(rule, r.name) == right)
	}
	return q.Text("case when " + text + " end then " + value + " end")
}
