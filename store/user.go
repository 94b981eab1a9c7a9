package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// UserDraft is a new user with his first password, his roles and his places in departments.
type UserDraft struct {
	User     models.User
	Password *string
	Roles    []uuid.UUID
	Places   []models.Membership
}

// UserCreate makes a user. Giving roles needs ACCESS_ADMIN too. Of his departments the first is primary unless one says so.
func (s *Store) UserCreate(ctx context.Context, v *access.Viewer, q Request, draft UserDraft) (uuid.UUID, error) {
	if len(draft.Roles) > 0 {
		if err := v.Need(access.AccessAdmin); err != nil {
			return uuid.Nil, err
		}
	}
	return Users.Create(ctx, s, v, q, nil, func(tx *Tx, u *models.User) error {
		draft.User.Record = u.Record
		*u = draft.User
		u.Active = true
		if err := checkUser(u); err != nil || draft.Password == nil {
			return err
		}
		hash, err := HashPassword(tx.ctx, *draft.Password)
		u.PasswordHash = &hash
		return at(err, "input", "password")
	}, func(tx *Tx, u *models.User) error {
		if err := tx.setRoles(u.ID, draft.Roles); err != nil {
			return err
		}
		return tx.settle(u.ID, draft.Places)
	})
}

// UserUpdate changes a user's particulars.
func (s *Store) UserUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Users.Update(ctx, s, v, q, id, version, input, func(_ *Tx, _, u *models.User) error { return checkUser(u) })
}

// UserDeactivate ends a user's sign-in: his sessions end and his API tokens are revoked. The last administrator stays.
func (s *Store) UserDeactivate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return s.administered(ctx, v, q, access.UserAdmin, func(tx *Tx) (uuid.UUID, error) { return id, tx.UserDeactivate(id, version) })
}

// UserDeactivate ends a user's sign-in within a write.
func (tx *Tx) UserDeactivate(id uuid.UUID, version *int) error {
	return Users.alter(tx, id, version, "DEACTIVATE", func(tx *Tx, u *models.User) error {
		u.Active = false
		if err := tx.signOut(id); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*models.APIToken)(nil)).Set("revoked_at = ?", tx.Now).Where("user_id = ? and revoked_at is null", id).Exec(tx.ctx)
		return err
	})
}

// UserActivate lets a deactivated user sign in again.
func (s *Store) UserActivate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	if err := v.Need(access.UserAdmin); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) { return id, tx.UserActivate(id, version) })
}

// UserActivate lets a deactivated user sign in again within a write.
func (tx *Tx) UserActivate(id uuid.UUID, version *int) error {
	return Users.alter(tx, id, version, "ACTIVATE", func(_ *Tx, u *models.User) error {
		u.Active = true
		return nil
	})
}

// UserRolesSet gives a user exactly these roles; the last administrator stays one.
func (s *Store) UserRolesSet(ctx context.Context, v *access.Viewer, q Request, user uuid.UUID, version *int, roles []uuid.UUID) (uuid.UUID, error) {
	return s.administered(ctx, v, q, access.AccessAdmin, func(tx *Tx) (uuid.UUID, error) {
		return user, tx.UserRolesSet(user, version, roles)
	})
}

// UserRolesSet gives a user exactly these roles within a write.
func (tx *Tx) UserRolesSet(user uuid.UUID, version *int, roles []uuid.UUID) error {
	err := Users.alter(tx, user, version, "ROLES", func(tx *Tx, _ *models.User) error { return tx.setRoles(user, roles) })
	return moved(err, "id", "user")
}

// PasswordChange is a new password for a user, with the present one when it is his own.
type PasswordChange struct {
	User    uuid.UUID
	Current *string
	New     string
}

// UserPasswordSet sets one's own password, or with USER_ADMIN another's; an administrator's only with ACCESS_ADMIN. The
// user's sessions end.
func (s *Store) UserPasswordSet(ctx context.Context, v *access.Viewer, q Request, change PasswordChange) (uuid.UUID, error) {
	if v.Anonymous() {
		return uuid.Nil, access.SignInFirst()
	}
	own := change.User == v.UserID
	if !own {
		if err := v.Need(access.UserAdmin); err != nil {
			return uuid.Nil, err
		}
	}
	hash, err := HashPassword(ctx, change.New)
	if err != nil {
		return uuid.Nil, at(err, "input", "newPassword")
	}
	if own {
		wait, err := s.TakeTry(ctx, passwordTries(v.UserID))
		if err != nil {
			return uuid.Nil, err
		}
		if wait > 0 {
			return uuid.Nil, tooManyTries(wait)
		}
	}
	id, err := s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		err := Users.alter(tx, change.User, nil, "PASSWORD", func(tx *Tx, u *models.User) error {
			if err := tx.mayReset(u, own, change.Current); err != nil {
				return err
			}
			u.PasswordHash = &hash
			return tx.signOut(u.ID)
		})
		return change.User, moved(err, "id", "user")
	})
	if err == nil && own {
		_, err = s.ForgiveTries(ctx, passwordTries(v.UserID))
	}
	return id, err
}

// mayReset asks for the present password of one's own account, and for as much power as the account of another holds.
func (tx *Tx) mayReset(u *models.User, own bool, current *string) error {
	if !own {
		n, err := tx.NewSelect().TableExpr("user_roles x").Join("join roles r on r.id = x.role_id").
			Where("x.user_id = ? and ? = any(r.permissions)", u.ID, string(access.AccessAdmin)).Count(tx.ctx)
		if err == nil && n > 0 {
			err = tx.Viewer.Need(access.AccessAdmin)
		}
		return err
	}
	right, err := CheckPassword(tx.ctx, text(current), text(u.PasswordHash))
	if err == nil && !right {
		return fault.Refuse(fault.Invalid, fault.Say("This is not your present password.", "当前密码不正确。")).At("input", "currentPassword")
	}
	return err
}

func (tx *Tx) signOut(user uuid.UUID) error {
	_, err := tx.NewDelete().Model((*models.Session)(nil)).Where("user_id = ?", user).Exec(tx.ctx)
	return fault.FromSQL(err)
}

// setRoles replaces a user's roles.
func (tx *Tx) setRoles(user uuid.UUID, roles []uuid.UUID) error {
	before := []uuid.UUID{}
	if err := tx.NewSelect().Model((*models.UserRole)(nil)).Column("role_id").Where("user_id = ?", user).Order("role_id").Scan(tx.ctx, &before); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*models.UserRole)(nil)).Where("user_id = ?", user).Exec(tx.ctx); err != nil {
		return fault.FromSQL(err)
	}
	for i, role := range roles {
		if err := tx.See(access.Role, role, "input", "roles", fmt.Sprint(i)); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&models.UserRole{UserID: user, RoleID: role}).On("conflict do nothing").Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
	}
	tx.note("roles", before, roles)
	return nil
}

// settle puts a new user into his departments, exactly one of them primary.
func (tx *Tx) settle(user uuid.UUID, places []models.Membership) error {
	primary := slices.IndexFunc(places, func(m models.Membership) bool { return m.IsPrimary })
	var ids []uuid.UUID
	for i, m := range places {
		if m.IsPrimary && i != primary {
			return fault.Refuse(fault.Invalid, fault.Say("Only one department is primary.", "只能有一个主部门。")).At("input", "departments", fmt.Sprint(i), "primary")
		}
		if slices.Contains(ids, m.DepartmentID) {
			return fault.Refuse(fault.Duplicate, fault.Say("This department is named twice.", "该部门重复。")).At("input", "departments", fmt.Sprint(i), "id")
		}
		ids = append(ids, m.DepartmentID)
		m.UserID, m.IsPrimary = user, i == max(primary, 0)
		noted := tx.noted
		tx.noted = nil
		_, err := tx.MembershipCreate(m)
		tx.noted = noted
		if err != nil {
			return at(err, "input", "departments", fmt.Sprint(i))
		}
	}
	return nil
}

func checkUser(u *models.User) error {
	var wrong fault.Many
	for _, field := range []struct{ value, name string }{{u.Login, "login"}, {u.Name, "name"}} {
		if f := within(field.value, 100, "input", field.name); f != nil {
			wrong = append(wrong, f)
		}
	}
	return wrong.OrNil()
}
