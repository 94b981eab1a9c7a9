package simulate

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
)

// affected finds the active users whose sight the changes may alter, by name, and remembers their rights before: those
// named, those who have a role named, and those with a grant over a department or group whose people change.
func (t *trial) affected(db access.Database, changes []Change) error {
	var grants, memberships, people, subjects []uuid.UUID
	for _, c := range changes {
		switch {
		case c.Grant != nil && c.Grant.GranteeUserID != nil:
			people = append(people, *c.Grant.GranteeUserID)
		case c.Grant != nil && c.Grant.GranteeRoleID != nil:
			people = append(people, *c.Grant.GranteeRoleID)
		case c.GrantDelete != nil:
			grants = append(grants, *c.GrantDelete)
		case c.Membership != nil:
			people, subjects = append(people, c.Membership.UserID), append(subjects, c.Membership.DepartmentID)
		case c.MembershipDelete != nil:
			memberships = append(memberships, *c.MembershipDelete)
		case c.GroupMember != nil:
			people, subjects = append(people, c.GroupMember.User), append(subjects, c.GroupMember.Group)
		case c.UserRoles != nil:
			people = append(people, c.UserRoles.User)
		}
	}
	err := query(t.ctx, db, affectedText, []any{grants, memberships, people, subjects}, func(r pgx.Rows) error {
		var id uuid.UUID
		err := r.Scan(&id)
		t.whom = append(t.whom, id)
		return err
	})
	for _, user := range t.whom {
		if err == nil {
			t.before[user], err = access.Load(t.ctx, db, user, t.viewer.Now)
		}
	}
	return err
}

// affectedText follows $1 grants, $2 memberships, $3 users and roles, $4 departments and groups to the users.
const affectedText = `with subject (id) as (
		select unnest($4::uuid[]) union select department_id from memberships where id = any($2)),
	reached (id) as (
		select id from subject union select unnest(d.path) from departments d join subject s on s.id = d.id),
	grantee (id) as (
		select unnest($3::uuid[])
		union select user_id from memberships where id = any($2)
		union select coalesce(grantee_user_id, grantee_role_id) from grants where id = any($1) or subject_id in (select id from reached)),
	holder (id) as (
		select id from grantee union select user_id from user_roles where role_id in (select id from grantee))
	select u.id from users u join holder h on h.id = u.id where u.active order by u.name collate "zh-x-icu", u.id`
