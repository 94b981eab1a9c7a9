package access

import (
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/models"
)

// business gives the reasons for a business record: those that open it, then those that close it.
func (e *explaining) business(kind *Kind, record uuid.UUID) ([]*Reason, error) {
	s, err := e.stand(kind, record)
	if err != nil {
		return nil, err
	}
	switch {
	case !e.v.May(To(Read, kind)):
		return []*Reason{e.noPermission(kind)}, nil
	case s.deleted:
		return []*Reason{closing(IsDeleted, "It is deleted; who could manage it finds it in the list of deleted records.", "记录已删除；有管理权限的人可在已删除列表中找到。")}, nil
	case s.restricted:
		return e.listed(s)
	}
	reasons := e.ownership(s)
	for _, add := range []func(*Kind, *standing) ([]*Reason, error){e.scope, e.shares, e.throughCustomers} {
		more, err := add(kind, s)
		if err != nil {
			return nil, err
		}
		reasons = append(reasons, more...)
	}
	if s.pool != nil && e.v.InPool(*s.pool) {
		reasons = append(reasons, opening(ByPool, false, "It is in a pool that %s is a member of.", "它在 %s 所属的公海中。", e.whose))
	}
	if !slices.ContainsFunc(reasons, func(r *Reason) bool { return r.Opens }) {
		reasons = append(reasons, closing(NotReached, "Nothing opens it to %s: he neither owns it nor is it assigned to him, no grant of his reaches its owner, and neither it nor a customer it belongs to is his, shared with him or in a pool of his.",
			"没有任何规则让 %s 看到它：不是所有者或负责人，没有授权覆盖其所有者，它及其所属客户也不归其所有、未共享给他、也不在其公海中。", e.whose))
	}
	slices.SortStableFunc(reasons, func(a, b *Reason) int {
		switch {
		case a.Opens == b.Opens:
			return 0
		case a.Opens:
			return -1
		}
		return 1
	})
	return reasons, nil
}

func (e *explaining) isMe(id *uuid.UUID) bool { return id != nil && *id == e.v.UserID }

func (e *explaining) ownership(s *standing) []*Reason {
	var reasons []*Reason
	if e.isMe(s.owner) {
		reasons = append(reasons, opening(ByOwner, true, "%s owns it.", "%s 是所有者。", e.whose))
	}
	if e.isMe(s.assignee) {
		reasons = append(reasons, opening(ByAssignee, true, "It is assigned to %s.", "它由 %s 负责。", e.whose))
	}
	return reasons
}

// listed gives the reasons for a document with a list of its own.
func (e *explaining) listed(s *standing) ([]*Reason, error) {
	if e.isMe(s.owner) {
		return e.ownership(&standing{owner: s.owner}), nil
	}
	q := e.v.Query()
	on, err := anyRow(e.ctx, e.db, q, "select 1 from document_readers l where l.document_id = "+q.Bind(s.id)+" and "+reached("l"))
	if on {
		return []*Reason{opening(ByReader, false, "%s is on the document's own list.", "%s 在此文档的阅读名单上。", e.whose)}, err
	}
	return []*Reason{closing(NotReader, "The document has a list of its own, and %s is not on it.", "此文档有单独的阅读名单，%s 不在其中。", e.whose)}, err
}

// scope gives the grants that reach the record's owner, and those that take him away.
func (e *explaining) scope(kind *Kind, s *standing) ([]*Reason, error) {
	if e.isMe(s.owner) {
		return nil, nil
	}
	whom, err := e.ownerName(s.owner)
	if err != nil {
		return nil, err
	}
	var reasons []*Reason
	for _, g := range e.reaching(kind, s.owner, models.Deny) {
		what, zh := "reading", "查看"
		if g.Level == models.Manage {
			what, zh = "writing", "修改"
		}
		reasons = append(reasons, closing(IsDenied, "A DENY grant keeps %s from "+what+" records of %s.", "一条禁止授权不允许 %s "+zh+" %s 的记录。", e.whose, whom).under(&g.Grant))
	}
	sees, manages := e.v.scopeOf(kind, models.Observe).Reaches(s.owner, e.v.UserID), e.v.scopeOf(kind, models.Manage).Reaches(s.owner, e.v.UserID)
	if !sees {
		return reasons, nil
	}
	for _, g := range e.reaching(kind, s.owner, models.Allow) {
		if s.owner == nil {
			reasons = append(reasons, opening(ByUnowned, manages && g.Level == models.Manage, "It has no owner, and a grant over everyone gives %s the level %s.", "它没有所有者，且一条覆盖所有人的授权给予 %s %s 级别。", e.whose, g.Level).under(&g.Grant))
			continue
		}
		reasons = append(reasons, opening(ByScope, manages && g.Level == models.Manage, "A grant gives %s the level %s over records of %s.", "一条授权给予 %s %s 级别，覆盖 %s 的记录。", e.whose, g.Level, whom).under(&g.Grant))
	}
	return reasons, nil
}

// reaching lists the user's live grants of an effect that cover the kind and reach the owner; nil is the owner of what has
// none.
func (e *explaining) reaching(kind *Kind, owner *uuid.UUID, effect string) []*granted {
	var list []*granted
	for i := range e.v.grants {
		g := &e.v.grants[i]
		if g.Effect == effect && covers(g.Kinds, kind) && (g.Everyone || owner != nil && slices.Contains(g.Reached, *owner)) {
			list = append(list, g)
		}
	}
	return list
}

func (e *explaining) ownerName(owner *uuid.UUID) (string, error) {
	if owner == nil {
		return "—", nil
	}
	return nameOf(e.ctx, e.db, *owner)
}

// shares gives the live shares of the record that reach the user.
func (e *explaining) shares(_ *Kind, s *standing) ([]*Reason, error) {
	found, err := e.sharesOf(s.id)
	var reasons []*Reason
	for _, share := range found {
		reasons = append(reasons, opening(ByShare, share.Level == models.Manage, "It is shared with %s at the level %s.", "它已共享给 %s，级别为 %s。", e.whose, share.Level).by(share))
	}
	return reasons, err
}

func (e *explaining) sharesOf(record uuid.UUID) ([]*models.Share, error) {
	var list []*models.Share
	q := e.v.Query()
	text := `select s.id, s.version, s.created_at, s.updated_at, s.record_id, s.subject_id, s.with_sub_departments, s.level, s.kinds, s.expires_at, s.created_by
		from shares s where s.record_id = ` + q.Bind(record) + " and (s.expires_at is null or s.expires_at > @now) and " + reached("s") + " order by s.id"
	err := eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error {
		s := &models.Share{}
		err := r.Scan(&s.ID, &s.Version, &s.CreatedAt, &s.UpdatedAt, &s.RecordID, &s.SubjectID, &s.WithSubDepartments, &s.Level, &s.Kinds, &s.ExpiresAt, &s.CreatedBy)
		list = append(list, s)
		return err
	})
	return list, err
}

// throughCustomers gives the ways that lead over the customers that the record belongs to.
func (e *explaining) throughCustomers(kind *Kind, s *standing) ([]*Reason, error) {
	var reasons []*Reason
	for i := range s.customers {
		c := &s.customers[i]
		if e.isMe(c.owner) {
			reasons = append(reasons, opening(ByCustomerOwner, true, "It belongs to a customer that %s owns.", "它属于 %s 的客户。", e.whose))
		}
		found, err := e.sharesOf(c.id)
		if err != nil {
			return nil, err
		}
		for _, share := range found {
			if covers(share.Kinds, kind) {
				reasons = append(reasons, opening(ByCustomerShare, share.Level == models.Manage, "It belongs to a customer that is shared with %s at the level %s.", "它所属的客户已共享给 %s，级别为 %s。", e.whose, share.Level).by(share))
			}
		}
		reasons = append(reasons, e.customerScope(kind, s, c)...)
		if kind == Contact && c.pool != nil && e.v.InPool(*c.pool) {
			reasons = append(reasons, opening(ByPool, false, "It is a contact of a customer in a pool that %s is a member of.", "它是 %s 所属公海中客户的联系人。", e.whose))
		}
	}
	return reasons, nil
}

func (e *explaining) customerScope(kind *Kind, s, c *standing) []*Reason {
	through := func(level string) bool {
		return e.v.scopeOf(kind, level).Reaches(c.owner, e.v.UserID) && !e.denies(kind, level, s.owner)
	}
	if e.isMe(c.owner) || !through(models.Observe) {
		return nil
	}
	manages := through(models.Manage)
	var reasons []*Reason
	for _, g := range e.reaching(kind, c.owner, models.Allow) {
		reasons = append(reasons, opening(ByCustomerScope, manages && g.Level == models.Manage, "A grant gives %s the level %s over the owner of the customer it belongs to.", "一条授权给予 %s %s 级别，覆盖其所属客户的所有者。", e.whose, g.Level).under(&g.Grant))
	}
	return reasons
}

// denies tells whether a DENY of the user that speaks on the level reaches the owner.
func (e *explaining) denies(kind *Kind, level string, owner *uuid.UUID) bool {
	return slices.ContainsFunc(e.reaching(kind, owner, models.Deny), func(g *granted) bool { return g.counts(level) })
}
