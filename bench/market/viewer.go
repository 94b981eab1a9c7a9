package market

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Viewer is what somebody may see, found out by SQL of its own: what Guanxi is compared with starts from it.
type Viewer struct {
	User     uuid.UUID
	All      bool     // he sees everything, also what has no owner
	Contacts []string // how he reads the details of contacts: in his scope, and of the rest
	Costs    []string
	Owners   []uuid.UUID // whose records he sees
	Denied   []uuid.UUID // whose he is kept from
	Shared   []uuid.UUID // records
	Pools    []uuid.UUID
}

// The users whom the subject of a grant g reaches, and whether the subject of x reaches the user.
const (
	reached = `select user_id from memberships m join departments d on d.id = m.department_id
			where g.subject_id = d.id or g.with_sub_departments and g.subject_id = any(d.path)
		union select user_id from group_members m where m.group_id = g.subject_id union select id from users u where u.id = g.subject_id`
	reaches = `(x.subject_id = $1 or exists (select from group_members m where m.user_id = $1 and m.group_id = x.subject_id)
		or exists (select from memberships m join departments d on d.id = m.department_id
			where m.user_id = $1 and (d.id = x.subject_id or x.with_sub_departments and x.subject_id = any(d.path))))`
	readings = `array(select f.access from field_rights f join user_roles u using (role_id) where u.user_id = $1 and f.rule = '%s' and f.relation <> 'OWN' order by f.relation desc)`
)

var sight = `with mine as (select g.* from grants g where g.grantee_user_id = $1 or g.grantee_role_id in (select role_id from user_roles where user_id = $1)),
	denied as (select r.user_id from mine g cross join lateral (` + reached + `) r where g.effect = 'DENY')
	select exists (select from mine where everyone and effect = 'ALLOW'), ` + fmt.Sprintf(readings, "CONTACT_DETAILS") + `, ` + fmt.Sprintf(readings, "COSTS") + `,
		array(select r.user_id from mine g cross join lateral (` + reached + `) r where g.effect = 'ALLOW' and r.user_id not in (select user_id from denied) union select $1),
		array(select user_id from denied), array(select x.record_id from shares x where ` + reaches + `), array(select x.pool_id from pool_members x where ` + reaches + `)`

// Look finds out what the user with a login may see, who has one role.
func Look(ctx context.Context, pool *pgxpool.Pool, login string) (v Viewer, err error) {
	if err := pool.QueryRow(ctx, "select id from users where login = $1", login).Scan(&v.User); err != nil {
		return v, fmt.Errorf("nobody is called %q: %w", login, err)
	}
	return v, pool.QueryRow(ctx, sight, v.User).Scan(&v.All, &v.Contacts, &v.Costs, &v.Owners, &v.Denied, &v.Shared, &v.Pools)
}

// Number is a user's among all, below 65,536; NumberOf is the same in SQL, in the place of a column that a table made for this had.
func Number(user uuid.UUID) int { return int(user[2])<<8 | int(user[3]) }

// NumberOf renders the number of the user in a column.
func NumberOf(column string) string {
	return "(get_byte(uuid_send(" + column + "), 2) * 256 + get_byte(uuid_send(" + column + "), 3))"
}

// Bits has a bit for each user whose records the viewer sees.
func (v Viewer) Bits() []byte {
	bits := make([]byte, 512) // 4,096 users
	for _, owner := range v.Owners {
		bits[Number(owner)/8] |= 1 << (Number(owner) % 8)
	}
	return bits
}
