package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// MembershipCreate puts a user into a department; a first membership is primary, and a later one takes its place on demand.
func (s *Store) MembershipCreate(ctx context.Context, v *access.Viewer, q Request, m models.Membership) (uuid.UUID, error) {
	if err := v.Need(access.UserAdmin); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) { return tx.MembershipCreate(m) })
}

// MembershipChange is what may change of a membership: nil leaves a field as it is.
type MembershipChange struct {
	Primary *bool
	Title   **string
}

// MembershipUpdate changes a title, or makes the membership the primary one.
func (s *Store) MembershipUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, change MembershipChange) (uuid.UUID, error) {
	return Memberships.Edit(ctx, s, v, q, access.Update, id, version, "UPDATE", func(tx *Tx, m *models.Membership) error {
		if change.Title != nil {
			m.Title = known(*change.Title)
		}
		switch {
		case change.Primary == nil || *change.Primary == m.IsPrimary:
			return checkTitle(m.Title)
		case !*change.Primary:
			return fault.Refuse(fault.Invalid, fault.Say("A user has one primary department; make another one primary instead.", "用户须有一个主部门，请改为将另一个部门设为主部门。")).At("input", "primary")
		}
		if err := tx.demote(m.UserID); err != nil {
			return err
		}
		m.IsPrimary = true
		return checkTitle(m.Title)
	})
}

// MembershipDelete takes a user out of a department; if it was his primary one, the oldest left becomes it.
func (s *Store) MembershipDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	if err := v.Need(access.UserAdmin); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) { return id, tx.MembershipDelete(id, version) })
}

// MembershipCreate puts a user into a department within a write.
func (tx *Tx) MembershipCreate(m models.Membership) (uuid.UUID, error) {
	if err := tx.lockUser(m.UserID, "input", "user"); err != nil {
		return uuid.Nil, err
	}
	if err := tx.See(access.Department, m.DepartmentID, "input", "department"); err != nil {
		return uuid.Nil, err
	}
	m.Title = known(m.Title)
	if err := checkTitle(m.Title); err != nil {
		return uuid.Nil, err
	}
	others, err := tx.NewSelect().Model((*models.Membership)(nil)).Where("user_id = ?", m.UserID).Count(tx.ctx)
	if err != nil {
		return uuid.Nil, err
	}
	if m.IsPrimary = m.IsPrimary || others == 0; m.IsPrimary {
		if err := tx.demote(m.UserID); err != nil {
			return uuid.Nil, err
		}
	}
	begin(tx, access.Membership, &m)
	if _, err := tx.NewInsert().Model(&m).Exec(tx.ctx); err != nil {
		return uuid.Nil, fault.FromSQL(err)
	}
	return m.ID, tx.Audit(m.ID, "CREATE", made(&m))
}

// MembershipDelete takes a user out of a department within a write.
func (tx *Tx) MembershipDelete(id uuid.UUID, version *int) error {
	var m models.Membership
	if err := tx.NewSelect().Model(&m).Where("id = ?", id).Scan(tx.ctx); err != nil {
		return absentRow(err, "input", "id")
	}
	if err := tx.lockUser(m.UserID, "input", "id"); err != nil {
		return err
	}
	if err := Memberships.remove(tx, id, version); err != nil {
		return err
	}
	return tx.promote(m.UserID)
}

// lockUser makes changes of one user's memberships wait for each other, so that one stays primary.
func (tx *Tx) lockUser(user uuid.UUID, field ...string) error {
	var id uuid.UUID
	err := tx.NewSelect().Model((*models.User)(nil)).Column("id").Where("id = ?", user).For("update").Scan(tx.ctx, &id)
	return absentRow(err, field...)
}

// Demote makes none of a user's memberships primary, for a write that makes another one so.
func (tx *Tx) Demote(user uuid.UUID) error { return tx.demote(user) }

// demote makes none of a user's memberships primary.
func (tx *Tx) demote(user uuid.UUID) error {
	if err := tx.lockUser(user, "input", "user"); err != nil {
		return err
	}
	return tx.changedBy("UPDATE", "is_primary", false, `update memberships set is_primary = false, version = version + 1, updated_at = ?
		where user_id = ? and is_primary returning id, 'true' as old`, tx.Now, user)
}

// promote makes a user's oldest membership primary if none is.
func (tx *Tx) promote(user uuid.UUID) error {
	return tx.changedBy("UPDATE", "is_primary", true, `update memberships set is_primary = true, version = version + 1, updated_at = ?0
		where id = (select id from memberships where user_id = ?1 order by created_at, id limit 1)
			and not exists (select 1 from memberships where user_id = ?1 and is_primary) returning id, 'false' as old`, tx.Now, user)
}

func checkTitle(title *string) error {
	if title == nil {
		return nil
	}
	if f := checkText(*title, false, false); f != nil {
		return f.At("input", "title")
	}
	return nil
}

// DepartmentsOf lists the departments of users, the primary one first.
func DepartmentsOf(ctx context.Context, snap *access.Snapshot, users []uuid.UUID) (map[uuid.UUID][]*models.Department, error) {
	q := snap.Viewer.Query()
	text := "select m.user_id, " + q.Shown(access.Department, "r") + " from " + q.Visible(access.Membership, "m") + " join " + q.Visible(access.Department, "r") +
		" on r.id = m.department_id where m.user_id = any(" + q.Bind(users) + ") order by m.user_id, m.is_primary desc, m.id"
	found := map[uuid.UUID][]*models.Department{}
	for _, user := range users {
		found[user] = []*models.Department{}
	}
	var rows []*models.Department
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var user uuid.UUID
		d := &models.Department{}
		err := row.Scan(models.Pointers([]any{&user}, d)...)
		found[user], rows = append(found[user], d), append(rows, d)
		return err
	})
	models.NewBatch(rows)
	return found, err
}
