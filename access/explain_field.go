package access

import (
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/models"
)

// field explains how far the user reads a field of the record: by his relation to the record, and his roles' rights.
func (e *explaining) field(x *Explanation, kind *Kind, record uuid.UUID, name string) (*FieldExplanation, error) {
	rule, known := kind.RuleOf(name)
	switch {
	case !known:
		return nil, fault.Deny(fault.BadInput, fault.Say("%s has no such field.", "%s 没有此字段。", kind.Name)).At("field")
	case !x.Visible:
		return &FieldExplanation{Access: "NONE", Rule: some(rule), Sentence: fault.Say("%s does not see the record.", "%s 看不到此记录。", e.whose)}, nil
	case rule == "":
		return &FieldExplanation{Access: "FULL", Sentence: fault.Say("The field is under no rule: who sees the record reads it.", "此字段不受规则保护：能看到记录的人都能读取。")}, nil
	}
	if kind.Guard == PartOf {
		s, err := e.stand(kind, record)
		if err != nil {
			return nil, err
		}
		kind, record = kind.Whole, s.whole
	}
	relation, chain, err := e.relation(kind, record)
	if err != nil {
		return nil, err
	}
	f := &FieldExplanation{Rule: some(rule), Relation: some(relation), Chain: chain, Access: nameOfRight(e.v.Reads(rule, relation))}
	f.Sentence = fault.Say("%s reads fields under the rule %s of records in the relation %s with the right %s.", "%s 对处于 %[3]s 关系的记录，按规则 %[2]s 的字段读取权限为 %[4]s。", e.whose, rule, relation, f.Access)
	giver, err := e.giver(rule, relation, f.Access)
	if giver != nil {
		f.Chain = append(slices.DeleteFunc(f.Chain, giver.same), giver) // the role may be among the facts already
	}
	return f, err
}

// relation finds, by the rows of the rules, how the user stands to the record, and the facts that this rests on.
func (e *explaining) relation(kind *Kind, record uuid.UUID) (stands Relation, chain []*Reason, err error) {
	q := e.v.Query()
	text := "select case"
	for _, r := range relations {
		text += " when " + r.holds(q.asked(kind, models.Observe), "r") + " then '" + string(r.name) + "'"
	}
	err = eachRow(e.ctx, e.db, q, text+" end from "+kind.Table+" r where r.id = "+q.Bind(record), func(r pgx.Rows) error { return r.Scan(&stands) })
	if err != nil {
		return stands, nil, err
	}
	s, err := e.stand(kind, record)
	if err != nil {
		return stands, nil, err
	}
	leads := func(name string) *finding {
		return &finding{explaining: e, way: ways[slices.IndexFunc(ways, func(w way) bool { return w.name == name })], kind: kind, record: s}
	}
	var causes []cause
	switch {
	case stands == Other:
		return stands, []*Reason{{Rule: ByOther, Sentence: fault.Say("The record is neither %s's own nor in his scope.", "此记录既不归 %s 所有，也不在其授权范围内。", e.whose)}}, nil
	case stands == InScope && s.owner == nil:
		causes, err = leads(ByUnowned).causes()
	case stands == InScope:
		causes, err = leads(ByScope).causes()
	case s.owner != nil && *s.owner == e.v.UserID:
		causes, err = leads(ByOwner).causes()
	default:
		causes, err = leads(ByAssignee).causes()
	}
	for _, c := range causes {
		for _, facts := range c.facts {
			if one := append(slices.Clone(facts), c.reason); chain == nil || len(one) < len(chain) {
				chain = one
			}
		}
	}
	return stands, chain, err
}

// giver says which role of the user gives the right: the first of those that give as much as he has.
func (e *explaining) giver(rule Rule, relation Relation, access string) (*Reason, error) {
	var reason *Reason
	q := e.v.Query()
	text := "select r.id, r.name from field_rights f join roles r on r.id = f.role_id where f.role_id = any(" + q.Bind(e.v.Roles) +
		") and f.rule = " + q.Bind(string(rule)) + " and f.relation = " + q.Bind(string(relation)) + " and f.access = " + q.Bind(access) + " order by r.id limit 1"
	err := eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error {
		var id uuid.UUID
		var name string
		err := r.Scan(&id, &name)
		reason = &Reason{Rule: ByRole, Node: id, Sentence: fault.Say("%s has the role %s, which gives the right %s on %s of records in the relation %s.",
			"%s 有角色 %s，该角色对处于 %[5]s 关系的记录的 %[4]s 给予 %[3]s 权限。", e.whose, name, access, rule, relation)}
		return err
	})
	return reason, err
}

// RuleOf gives the rule that a field of the kind is under, empty for none, by the field's name in the API; it tells whether
// there is such a field.
func (k *Kind) RuleOf(name string) (Rule, bool) {
	if f, ok := k.Fields[name]; ok {
		return f.Rule, true
	}
	if link, ok := k.Relations[name]; ok {
		return k.Protected[link.Column], true
	}
	for _, column := range k.Columns {
		if fieldName(strings.TrimSuffix(column, "_id")) == name && !slices.Contains(k.Kept, column) {
			return k.ToWrite(column), true
		}
	}
	return "", false
}

func some[T ~string](name T) *string {
	if name == "" {
		return nil
	}
	text := string(name)
	return &text
}

func nameOfRight(right Right) string {
	for name, r := range Rights {
		if r == right {
			return name
		}
	}
	return "NONE"
}
