package importer

import (
	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// organization are the kinds that decide who sees what.
var organization = map[string]bool{"department": true, "user": true, "membership": true, "grant": true}

// Organizes tells whether the source changes the organization, and so who sees what.
func (s *Source) Organizes() bool {
	for kind := range organization {
		if s.holds(kind) {
			return true
		}
	}
	return false
}

// adopt finds the departments, users and memberships that were there before the source brought them: by place in the tree, by
// login, by user and department. From now on they are known by the source's keys too.
func (c *chunk) adopt() error {
	find := map[string]func(*work) (uuid.UUID, error){"department": c.departmentOf, "user": c.userOf, "membership": c.membershipOf}[c.kind]
	if find == nil {
		return nil
	}
	kind := makerOf(c.kind).kind
	for _, w := range c.works {
		if w.known != nil {
			continue
		}
		id, err := find(w)
		if err != nil || id == uuid.Nil {
			if err != nil {
				return err
			}
			continue
		}
		rows, err := c.tx.Rows(kind, []uuid.UUID{id})
		if err != nil {
			return err
		}
		hanging, err := c.parts([]uuid.UUID{id})
		if err != nil {
			return err
		}
		w.row, w.adopted = rows[0], true
		w.choosePart(hanging[id])
		w.rowBefore, w.partBefore = copyOf(w.row), copyOf(w.part)
		for field := range w.Fields { // what the record has is nobody's correction of this source
			w.imported[field] = memory{Source: "\x00", Record: w.get(field)}
		}
	}
	return nil
}

// one gives what a reference of the row leads to, zero when that is not one record.
func (c *chunk) one(w *work, field string) uuid.UUID {
	if v := w.Fields[field]; v.Type == Reference && len(c.foundBy(v.Ref)) == 1 {
		return c.foundBy(v.Ref)[0]
	}
	return uuid.Nil
}

func (c *chunk) departmentOf(w *work) (uuid.UUID, error) {
	parent := c.one(w, "parent")
	if w.Fields["parent"].Type == Reference && parent == uuid.Nil {
		return uuid.Nil, nil
	}
	list, err := store.RowsBy[models.Department](c.tx, "name", []string{w.Fields["name"].Text})
	for _, d := range list {
		if d.ParentID == nil && parent == uuid.Nil || d.ParentID != nil && *d.ParentID == parent {
			return d.ID, err
		}
	}
	return uuid.Nil, err
}

func (c *chunk) userOf(w *work) (uuid.UUID, error) {
	login := w.Fields["login"].Text
	if login == "" {
		return uuid.Nil, nil
	}
	return c.tx.UserCalled(login)
}

func (c *chunk) membershipOf(w *work) (uuid.UUID, error) {
	user, department := c.one(w, "user"), c.one(w, "department")
	list, err := store.RowsBy[models.Membership](c.tx, "user_id", []uuid.UUID{user})
	for _, m := range list {
		if m.DepartmentID == department {
			return m.ID, err
		}
	}
	return uuid.Nil, err
}

// finishMembership sees to it that of a user's memberships exactly one is primary.
func (c *chunk) finishMembership(w *work) error {
	m := w.row.(*models.Membership)
	list, err := store.RowsBy[models.Membership](c.tx, "user_id", []uuid.UUID{m.UserID})
	if err != nil {
		return err
	}
	others := false
	for _, other := range list {
		if other.ID == m.ID {
			continue
		}
		if other.DepartmentID == m.DepartmentID {
			w.wrong("department", fault.Say("he is in this department already", "该用户已在此部门中"))
			return nil
		}
		others = others || other.IsPrimary
	}
	switch {
	case !m.IsPrimary:
		m.IsPrimary = !others
	case others:
		return c.tx.Demote(m.UserID)
	}
	return nil
}

func newGrant(c *chunk, w *work) error {
	g := w.row.(*models.Grant)
	g.Effect, g.CreatedBy = models.Allow, c.tx.Viewer.Owner()
	return nil
}

// finishGrant holds a grant against the same rules as the mutation.
func (c *chunk) finishGrant(w *work) error {
	g := w.row.(*models.Grant)
	subjects := 0
	for _, field := range []string{"department", "user", "group"} {
		if w.Fields[field].Type == Reference {
			subjects++
		}
	}
	if subjects > 1 {
		w.wrong("department", fault.Say("a grant is over one subject: everyone, a department, a user or a group", "一条授权只有一个对象：所有人、部门、用户或小组之一"))
		return nil
	}
	err := w.take(store.CheckGrant(g))
	if err == nil && models.KindOf(models.OrNil(g.SubjectID)) != models.DepartmentCode {
		g.WithSubDepartments = false
	}
	return err
}
