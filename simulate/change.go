package simulate

import (
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// Change is one change of rights to try; exactly one of its parts is set.
type Change struct {
	Grant            *models.Grant
	GrantUpdate      *GrantUpdate
	GrantDelete      *uuid.UUID
	Membership       *models.Membership
	MembershipDelete *uuid.UUID
	DepartmentMove   *DepartmentMove
	Group            *Group
	GroupMember      *GroupMember
	GroupDissolve    *uuid.UUID
	UserRoles        *UserRoles
	UserDeactivate   *uuid.UUID
	UserActivate     *uuid.UUID
	Role             *Role
	RoleDelete       *uuid.UUID
	PoolMembers      *PoolMembers
}

// GrantUpdate changes a grant; what is nil stays.
type GrantUpdate struct {
	ID            uuid.UUID
	Effect, Level *string
	Kinds         *To[[]string]
	From, Until   *To[*time.Time]
}

// To is a value that a field changes to, be it none.
type To[T any] struct{ Value T }

func (u *GrantUpdate) change() store.GrantChange {
	return store.GrantChange{Effect: u.Effect, Level: u.Level, Kinds: u.Kinds.value(), From: u.From.value(), Until: u.Until.value()}
}

func (t *To[T]) value() *T {
	if t == nil {
		return nil
	}
	return &t.Value
}

// DepartmentMove puts a department below another, nil for the top.
type DepartmentMove struct {
	Department uuid.UUID
	Parent     *uuid.UUID
}

// Group forms a group of these members; the grants are given over it.
type Group struct {
	Members []uuid.UUID
	Grants  []models.Grant
}

// GroupMember lets a user into a group or out of it.
type GroupMember struct {
	Group, User uuid.UUID
	Member      bool
}

// UserRoles gives a user exactly these roles.
type UserRoles struct {
	User    uuid.UUID
	Roles   []uuid.UUID
	Version *int
}

// Role gives a role exactly these permissions.
type Role struct {
	ID          uuid.UUID
	Permissions []string
}

// PoolMembers gives a pool exactly these members.
type PoolMembers struct {
	Pool    uuid.UUID
	Members []models.PoolMember
}

// Apply makes the changes by the same functions as the mutations.
func Apply(tx *store.Tx, changes []Change) error {
	for i, c := range changes {
		if err := c.apply(tx); err != nil {
			return placed(err, i)
		}
		if c.UserRoles != nil || c.UserDeactivate != nil || c.Role != nil {
			if err := tx.KeepAdministrator(); err != nil {
				return placed(err, i)
			}
		}
	}
	return nil
}

func (c Change) apply(tx *store.Tx) (err error) {
	switch {
	case c.Grant != nil:
		_, err = tx.GrantCreate(*c.Grant)
	case c.GrantUpdate != nil:
		err = tx.GrantUpdate(c.GrantUpdate.ID, nil, c.GrantUpdate.change())
	case c.GrantDelete != nil:
		err = tx.GrantDelete(*c.GrantDelete)
	case c.Membership != nil:
		_, err = tx.MembershipCreate(*c.Membership)
	case c.MembershipDelete != nil:
		err = tx.MembershipDelete(*c.MembershipDelete, nil)
	case c.DepartmentMove != nil:
		err = tx.DepartmentMove(c.DepartmentMove.Department, c.DepartmentMove.Parent)
	case c.Group != nil:
		err = c.Group.form(tx)
	case c.GroupMember != nil:
		err = tx.GroupMember(c.GroupMember.Group, c.GroupMember.User, c.GroupMember.Member)
	case c.GroupDissolve != nil:
		err = tx.GroupDissolve(*c.GroupDissolve, nil)
	case c.UserRoles != nil:
		err = tx.UserRolesSet(c.UserRoles.User, c.UserRoles.Version, c.UserRoles.Roles)
	case c.UserDeactivate != nil:
		err = tx.UserDeactivate(*c.UserDeactivate, nil)
	case c.UserActivate != nil:
		err = tx.UserActivate(*c.UserActivate, nil)
	case c.Role != nil:
		err = tx.RoleUpdate(c.Role.ID, nil, map[string]any{"permissions": c.Role.Permissions})
	case c.RoleDelete != nil:
		err = tx.RoleDelete(*c.RoleDelete, nil)
	case c.PoolMembers != nil:
		err = tx.PoolMembersSet(c.PoolMembers.Pool, c.PoolMembers.Members)
	}
	return err
}

// form makes the group under a name that nobody reads: it is taken back.
func (g *Group) form(tx *store.Tx) error {
	id, err := tx.GroupForm("simulated", g.Members)
	for _, grant := range g.Grants {
		if err != nil {
			break
		}
		grant.SubjectID = &id
		_, err = tx.GrantCreate(grant)
	}
	return err
}

// placed tells which change a refusal is of. There is no payload to tell it in, so the whole request is refused.
func placed(err error, i int) error {
	refusals, rest := fault.Refusals(err)
	if len(refusals) == 0 {
		return rest
	}
	f := refusals[0]
	if f.Code == fault.Conflict {
		return f
	}
	field := f.Field
	if len(field) > 0 {
		field = field[1:]
	}
	return fault.Deny(fault.BadInput, f.Sentence).At(append([]string{"changes", strconv.Itoa(i)}, field...)...).Because(errors.Unwrap(f))
}
