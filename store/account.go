package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// What an administrator does at the server's own keyboard, where nobody signs in.

// AtKeyboard is the viewer of somebody who may run commands on the server itself.
func (s *Store) AtKeyboard(ctx context.Context) (*access.Viewer, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, fault.FromSQL(err)
	}
	nobody, _, err := s.Rights(ctx, uuid.Nil, now)
	if err != nil {
		return nil, err
	}
	return access.System("a command at the server's own keyboard", now.UTC().Truncate(time.Microsecond), nobody.Company), nil
}

// Account is a new user with a role.
type Account struct {
	Login, Name string
	Role        string // its code or its name
}

// CreateAccount makes a user, who has no password yet.
func (s *Store) CreateAccount(ctx context.Context, a Account) (uuid.UUID, error) {
	v, err := s.AtKeyboard(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	role, err := s.roleCalled(ctx, a.Role)
	if err != nil {
		return uuid.Nil, err
	}
	input := map[string]any{"login": strings.TrimSpace(a.Login), "name": strings.TrimSpace(a.Name)}
	activate := func(_ *Tx, u *models.User) error { u.Active = true; return nil }
	enroll := func(tx *Tx, u *models.User) error {
		_, err := tx.NewInsert().Model(&models.UserRole{UserID: u.ID, RoleID: role}).Exec(ctx)
		return err
	}
	id, err := Users.Create(ctx, s, v, Request{Operation: "user create"}, input, activate, enroll)
	if fault.Is(err, fault.Duplicate) {
		err = fault.Refuse(fault.Duplicate, fault.Say("There is a user %q already.", "用户 %q 已存在。", a.Login)).At("login")
	}
	return id, err
}

// roleCalled finds a role by its code or name; the refusal of an unknown one lists those there are.
func (s *Store) roleCalled(ctx context.Context, called string) (id uuid.UUID, err error) {
	var known []string
	err = s.Pool.QueryRow(ctx, `select coalesce((select id from roles where lower(code) = lower($1) or name = $1 or lower(name_en) = lower($1) order by id limit 1), $2),
		array(select code from roles order by id)`, called, uuid.Nil).Scan(&id, &known)
	if err == nil && id == uuid.Nil {
		list := strings.Join(known, ", ")
		return id, fault.Refuse(fault.NotFound, fault.Say("There is no role %q; there are: %s.", "没有角色 %q；现有：%s。", called, list)).At("role")
	}
	return id, fault.FromSQL(err)
}

// IssueToken makes an API token that stands for a user, and gives its secret.
func (s *Store) IssueToken(ctx context.Context, login, name string) (secret string, err error) {
	user, err := s.userCalled(ctx, login)
	if err != nil {
		return "", err
	}
	v, err := s.AtKeyboard(ctx)
	if err != nil {
		return "", err
	}
	secret, hash := NewSecret()
	token := &models.APIToken{UserID: user, Name: name, TokenHash: hash}
	token.ID = models.NewID(models.APITokenCode)
	_, err = s.Write(ctx, v, Request{Operation: "token"}, func(tx *Tx) (uuid.UUID, error) {
		token.CreatedAt = tx.Now
		if _, err := tx.NewInsert().Model(token).Exec(ctx); err != nil {
			return uuid.Nil, err
		}
		return token.ID, tx.Audit(token.ID, "CREATE", map[string]Change{"user_id": {New: user}, "name": {New: name}})
	})
	return secret, err
}

// ReplacePassword gives a user another password; his sessions end.
func (s *Store) ReplacePassword(ctx context.Context, login, password string) error {
	user, err := s.userCalled(ctx, login)
	if err != nil {
		return err
	}
	hash, err := HashPassword(ctx, password)
	if err != nil {
		return err
	}
	v, err := s.AtKeyboard(ctx)
	if err != nil {
		return err
	}
	_, err = s.Write(ctx, v, Request{Operation: "user password"}, func(tx *Tx) (uuid.UUID, error) {
		if _, err := tx.NewUpdate().Model((*models.User)(nil)).Set("password_hash = ?, version = version + 1, updated_at = ?", hash, tx.Now).Where("id = ?", user).Exec(ctx); err != nil {
			return uuid.Nil, err
		}
		if _, err := tx.NewDelete().Model((*models.Session)(nil)).Where("user_id = ?", user).Exec(ctx); err != nil {
			return uuid.Nil, err
		}
		return user, tx.Audit(user, "PASSWORD", nil)
	})
	return err
}

// userCalled finds an active user by his login.
func (s *Store) userCalled(ctx context.Context, login string) (id uuid.UUID, err error) {
	err = s.Pool.QueryRow(ctx, "select id from users where lower(login) = lower($1) and active", login).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return id, fault.Refuse(fault.NotFound, fault.Say("There is no active user %q.", "没有在职用户 %q。", login)).At("user")
	}
	return id, fault.FromSQL(err)
}

// Populated tells whether there is any user yet.
func (s *Store) Populated(ctx context.Context) (yes bool, err error) {
	err = s.Pool.QueryRow(ctx, "select exists (select from users)").Scan(&yes)
	return yes, fault.FromSQL(err)
}
