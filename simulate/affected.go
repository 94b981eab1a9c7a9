package simulate

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
)

// named is what changes of rights name, from which those affected are found.
type named struct {
	people      []uuid.UUID // users and roles whose own rights change
	subjects    []uuid.UUID // departments and groups whose people change, for whom grants are over them
	grants      []uuid.UUID
	memberships []uuid.UUID
	groups      []uuid.UUID // groups all of whose members are affected
	moved       []uuid.UUID // departments that get others above them
	pools       []uuid.UUID
	joins       bool // somebody gets into a department
}

func namedIn(changes []Change) (n named) {
	for _, c := range changes {
		switch {
		case c.Grant != nil:
			n.grantee(c.Grant.GranteeUserID, c.Grant.GranteeRoleID)
		case c.GrantUpdate != nil:
			n.grants = append(n.grants, c.GrantUpdate.ID)
		case c.GrantDelete != nil:
			n.grants = append(n.grants, *c.GrantDelete)
		case c.Membership != nil:
			n.people, n.subjects, n.joins = append(n.people, c.Membership.UserID), append(n.subjects, c.Membership.DepartmentID), true
		case c.MembershipDelete != nil:
			n.memberships = append(n.memberships, *c.MembershipDelete)
		case c.DepartmentMove != nil:
			n.moved, n.subjects = append(n.moved, c.DepartmentMove.Department), append(n.subjects, c.DepartmentMove.Department)
		case c.Group != nil:
			for _, g := range c.Group.Grants {
				n.grantee(g.GranteeUserID, g.GranteeRoleID)
			}
		case c.GroupMember != nil:
			n.people, n.subjects = append(n.people, c.GroupMember.User), append(n.subjects, c.GroupMember.Group)
		case c.GroupDissolve != nil:
			n.groups, n.subjects = append(n.groups, *c.GroupDissolve), append(n.subjects, *c.GroupDissolve)
		case c.UserRoles != nil:
			n.people = append(n.people, c.UserRoles.User)
		case c.UserDeactivate != nil:
			n.people = append(n.people, *c.UserDeactivate)
		case c.UserActivate != nil:
			n.people = append(n.people, *c.UserActivate)
		case c.Role != nil:
			n.people = append(n.people, c.Role.ID)
		case c.RoleDelete != nil:
			n.people = append(n.people, *c.RoleDelete)
		case c.PoolMembers != nil:
			n.pools = append(n.pools, c.PoolMembers.Pool)
		}
	}
	return n
}

// regroups tells whether departments stand otherwise after the changes, or people in them: reports by departments may be others for
// who sees the same.
func (n *named) regroups() bool { return len(n.moved)+len(n.memberships) > 0 || n.joins }

func (n *named) grantee(ids ...*uuid.UUID) {
	for _, id := range ids {
		if id != nil {
			n.people = append(n.people, *id)
		}
	}
}

// among finds, in the database as it is at the moment, the users whose sight may have to do with what is named. It is asked
// before the changes and after them.
func (n *named) among(ctx context.Context, db access.Database) ([]uuid.UUID, error) {
	return idsOf(ctx, db, amongText, n.people, n.subjects, n.grants, n.memberships, n.groups, n.moved, n.pools)
}

// amongText takes $1 users and roles, $2 departments and groups, $3 grants, $4 memberships, $5 groups, $6 departments moved,
// $7 pools. People below a moved department are affected when something is given to what is above it.
const amongText = `with subject (id) as (
		select unnest($2::uuid[]) union select department_id from memberships where id = any($4)),
	reached (id) as (
		select id from subject union select unnest(d.path) from departments d join subject s on s.id = d.id),
	grantee (id) as (
		select unnest($1::uuid[])
		union select user_id from memberships where id = any($4)
		union select coalesce(grantee_user_id, grantee_role_id) from grants where id = any($3) or subject_id in (select id from reached)
		union select user_id from group_members where group_id = any($5)),
	given (id) as (
		select subject_id from shares where with_sub_departments union select subject_id from pool_members where with_sub_departments
		union select subject_id from document_readers where with_sub_departments),
	above (id) as (
		select a.id from departments d cross join unnest(d.path) a (id) where d.id = any($6) and a.id <> d.id),
	inside (id) as (
		select m.user_id from memberships m join departments d on d.id = m.department_id
			where d.path && $6::uuid[] and exists (select from above a join given g on g.id = a.id)
		union select coalesce(m.user_id, g.user_id, p.subject_id) from pool_members p
			left join departments d on d.id = p.subject_id or p.with_sub_departments and p.subject_id = any(d.path)
			left join memberships m on m.department_id = d.id
			left join group_members g on g.group_id = p.subject_id
			where p.pool_id = any($7)),
	holder (id) as (
		select id from grantee union select id from inside union select user_id from user_roles where role_id in (select id from grantee))
	select u.id from users u join holder h on h.id = u.id`

// everyone finds all users who are active at the moment.
func everyone(ctx context.Context, db access.Database) ([]uuid.UUID, error) {
	return idsOf(ctx, db, "select id from users where active")
}

// idsOf reads a statement's one column of ids.
func idsOf(ctx context.Context, db access.Database, text string, args ...any) (ids []uuid.UUID, err error) {
	err = query(ctx, db, text, args, func(r pgx.Rows) error {
		var id uuid.UUID
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

func query(ctx context.Context, db access.Database, text string, args []any, each func(pgx.Rows) error) error {
	rows, err := db.Query(ctx, text, append([]any{pgx.QueryExecModeCacheStatement}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
