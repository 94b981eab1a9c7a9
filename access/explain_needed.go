package access

import (
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/models"
)

// needed gives what would open a record that the user does not see: some ways, each of which suffices.
func (e *explaining) needed(kind *Kind, s *standing) ([]*Remedy, error) {
	if kind.Guard == PartOf {
		whole, err := e.stand(kind.Whole, s.whole)
		if err != nil {
			return nil, err
		}
		return e.needed(kind.Whole, whole)
	}
	always, err := e.toUnshut(kind, s)
	if err != nil {
		return nil, err
	}
	found, err := e.findings(kind, s)
	if err != nil {
		return nil, err
	}
	ways := [][]*Need{nil}
	if len(found) == 0 {
		if ways, err = e.toReach(kind, s); err != nil {
			return nil, err
		}
	}
	remedies := make([]*Remedy, len(ways))
	for i, way := range ways {
		remedies[i] = &Remedy{Steps: slices.Concat(always, way)}
	}
	return remedies, nil
}

// toUnshut gives what undoes the closings that stand whatever leads to the record.
func (e *explaining) toUnshut(kind *Kind, s *standing) (needs []*Need, err error) {
	if e.inactive {
		needs = append(needs, &Need{Action: ToActivate, OneOf: []uuid.UUID{e.v.UserID}, Sentence: fault.Say("Activate the account of %s.", "启用 %s 的账号。", e.whose)})
	}
	if shuts(NoPermission).kind(e.v, kind) {
		need := &Need{Action: ToGiveRole, Sentence: fault.Say("Give %s a role that permits %s.", "给予 %s 一个有权限 %s 的角色。", e.whose, kind.toRead())}
		if e.caller.May(AccessAdmin) {
			need.OneOf, err = e.rolesWith(kind.toRead())
		}
		needs = append(needs, need)
	}
	if s.deleted {
		needs = append(needs, &Need{Action: ToRestore, OneOf: []uuid.UUID{s.id}, Sentence: fault.Say("Restore the record.", "恢复此记录。")})
	}
	return needs, err
}

// rolesWith lists the roles that give a permission; not those that would take something away with it.
func (e *explaining) rolesWith(p Permission) ([]uuid.UUID, error) {
	q := e.caller.Query()
	return e.ids(q, "select r.id from roles r where "+q.Bind(string(p))+" = any(r.permissions)"+
		" and not exists (select 1 from grants g where g.grantee_role_id = r.id and g.effect = 'DENY') order by r.id")
}

func (e *explaining) ids(q *Query, text string) (list []uuid.UUID, err error) {
	err = eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error {
		var id uuid.UUID
		err := r.Scan(&id)
		list = append(list, id)
		return err
	})
	return list, err
}

// toReach gives what would lead to a record that no way leads to.
func (e *explaining) toReach(kind *Kind, s *standing) ([][]*Need, error) {
	switch {
	case kind.Guard == BetweenParties:
		return e.toSeeEnds(s)
	case s.listed:
		return [][]*Need{{{Action: ToList, OneOf: []uuid.UUID{s.id}, Sentence: fault.Say("Put %s on the document's own list.", "将 %s 加入此文档的阅读名单。", e.whose)}}}, nil
	}
	ways := [][]*Need{{{Action: ToShare, OneOf: []uuid.UUID{s.id}, Sentence: fault.Say("Share the record with %s.", "将此记录共享给 %s。", e.whose)}}}
	scope, err := e.toScope(kind, s)
	if err != nil {
		return nil, err
	}
	pools, err := e.poolsOf(kind, s)
	if len(pools) > 0 {
		ways = append(ways, []*Need{{Action: ToJoinPool, OneOf: pools, Sentence: fault.Say("Make %s a member of the pool.", "让 %s 成为该公海的成员。", e.whose)}})
	}
	return append(ways, scope), err
}

// toScope gives what would bring the record's owner into the user's scope: the DENY grants in the way taken back and, where
// no ALLOW reaches the owner, one over somebody he is among.
func (e *explaining) toScope(kind *Kind, s *standing) ([]*Need, error) {
	whom, err := e.name(s.owner)
	if err != nil {
		return nil, err
	}
	var needs []*Need
	allowed := false
	for _, g := range e.reaching(kind, s.owner) {
		if g.closes() && g.counts(models.Observe) {
			needs = append(needs, &Need{Action: ToTakeBack, OneOf: []uuid.UUID{g.ID},
				Sentence: fault.Say("Take back the DENY grant that keeps the records of %s from %s.", "收回不允许接触 %[1]s 记录的禁止授权（被授权人 %[2]s）。", whom, e.whose)})
		}
		allowed = allowed || g.Effect == models.Allow
	}
	if allowed {
		return needs, nil
	}
	if s.owner == nil {
		return append(needs, &Need{Action: ToGrant, Sentence: fault.Say("Give %s a grant over everyone that covers %s: the record has no owner.", "给予 %s 一条覆盖所有人且包含 %s 的授权：此记录没有所有者。", e.whose, kind.Name)}), nil
	}
	q := e.v.Query()
	owner := q.Bind(*s.owner)
	subjects, err := e.ids(q, `select x.id from (select `+owner+`::uuid as id, 0 as far
		union all select m.department_id, 1 from memberships m where m.user_id = `+owner+`
		union all select m.group_id, 2 from group_members m join groups g on g.id = m.group_id where m.user_id = `+owner+` and g.dissolved_at is null
		union all select unnest(d.path), 3 from memberships m join departments d on d.id = m.department_id where m.user_id = `+owner+`) x
		group by x.id order by min(x.far), x.id`)
	return append(needs, &Need{Action: ToGrant, OneOf: subjects,
		Sentence: fault.Say("Give %s a grant that covers %s over %s, or a department with those below it, or a group, that he is in.", "给予 %s 一条包含 %s 的授权，覆盖 %s 本人、其所在部门（含下级）或小组。", e.whose, kind.Name, whom)}), err
}

// poolsOf lists the pools that the record is in, or that a customer is in whose contact it is; as far as the caller sees these.
func (e *explaining) poolsOf(kind *Kind, s *standing) ([]uuid.UUID, error) {
	q := e.caller.Query()
	switch kind {
	case Customer:
		return e.ids(q, "select r.pool_id from customers r where r.pool_id is not null and r.id = "+q.Bind(s.id))
	case Contact:
		known, err := e.known(kind, s.id)
		if err != nil {
			return nil, err
		}
		return e.ids(q, "select distinct c.pool_id from customers c where c.pool_id is not null and c.id = any("+q.Bind(known)+") order by 1")
	}
	return nil, nil
}

// toSeeEnds gives what would open both parties of a relationship: the first way to each that is hidden.
func (e *explaining) toSeeEnds(s *standing) ([][]*Need, error) {
	var needs []*Need
	for _, end := range s.leansOn {
		q := e.v.Query()
		seen, err := anyRow(e.ctx, e.db, q, "select 1 from "+q.Visible(end.kind, "r")+" where r.id = "+q.Bind(end.id))
		if err != nil {
			return nil, err
		}
		if seen {
			continue
		}
		standing, err := e.stand(end.kind, end.id)
		if err != nil {
			return nil, err
		}
		remedies, err := e.needed(end.kind, standing)
		if err != nil {
			return nil, err
		}
		for _, need := range remedies[0].Steps {
			if need.Action != ToActivate {
				needs = append(needs, need)
			}
		}
	}
	return [][]*Need{needs}, nil
}
