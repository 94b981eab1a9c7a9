package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

type server struct {
	pool    *pgxpool.Pool
	full    bool
	mu      sync.Mutex
	viewers map[string]*viewer
}

// viewer is one who asks, with what he may see: found out once.
type viewer struct {
	full            bool
	all             bool     // he sees everything, also what has no owner
	contacts, costs []string // how he reads the details of contacts, and costs: of what is in his scope, of the rest
	me              uuid.UUID
	bits            []byte // whose records he sees, a bit for each user's number
	denied          []uuid.UUID
	shared          []uuid.UUID // records
	pools           []uuid.UUID

	mu    sync.Mutex
	plans map[string]*plan
}

// The users that a subject reaches, and the subjects that reach a user.
const reached = `select user_id from memberships m join departments d on d.id = m.department_id
		where g.subject_id = d.id or g.with_sub_departments and g.subject_id = any(d.path)
	union select user_id from group_members m where m.group_id = g.subject_id union select id from users u where u.id = g.subject_id`

const reaches = `(x.subject_id = $1 or exists (select from group_members m where m.user_id = $1 and m.group_id = x.subject_id)
	or exists (select from memberships m join departments d on d.id = m.department_id
		where m.user_id = $1 and (d.id = x.subject_id or x.with_sub_departments and x.subject_id = any(d.path))))`

const rights = `with mine as (select g.* from grants g where g.grantee_user_id = $1 or g.grantee_role_id in (select role_id from user_roles where user_id = $1)),
	denied as (select r.user_id from mine g cross join lateral (` + reached + `) r where g.effect = 'DENY')
	select exists (select from mine where everyone and effect = 'ALLOW'),
		array(select f.access from field_rights f join user_roles u using (role_id) where u.user_id = $1 and f.rule = 'CONTACT_DETAILS' and f.relation <> 'OWN' order by f.relation desc),
		array(select f.access from field_rights f join user_roles u using (role_id) where u.user_id = $1 and f.rule = 'COSTS' and f.relation <> 'OWN' order by f.relation desc),
		array(select r.user_id from mine g cross join lateral (` + reached + `) r where g.effect = 'ALLOW' and r.user_id not in (select user_id from denied) union select $1),
		array(select user_id from denied),
		array(select x.record_id from shares x where ` + reaches + `),
		array(select x.pool_id from pool_members x where ` + reaches + `)`

// viewer knows a user by his login.
func (s *server) viewer(ctx context.Context, login string) (*viewer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, known := s.viewers[login]; known {
		return v, nil
	}
	v := &viewer{full: s.full, plans: map[string]*plan{}}
	if err := s.pool.QueryRow(ctx, "select id from users where login = $1", login).Scan(&v.me); err != nil {
		return nil, fmt.Errorf("nobody is called %q: %w", login, err)
	}
	var owners []uuid.UUID
	if err := s.pool.QueryRow(ctx, rights, v.me).Scan(&v.all, &v.contacts, &v.costs, &owners, &v.denied, &v.shared, &v.pools); err != nil {
		return nil, err
	}
	v.bits = make([]byte, 8192)
	for _, owner := range owners {
		n := number(owner)
		v.bits[n/8] |= 1 << (n % 8)
	}
	s.viewers[login] = v
	return v, nil
}

// number is a user's, as the market gives them; numberOf is the same in SQL, in place of a column that a table made for this had.
func number(user uuid.UUID) int { return int(user[2])<<8 | int(user[3]) }

func numberOf(column string) string {
	return "get_byte(uuid_send(" + column + "), 2) * 256 + get_byte(uuid_send(" + column + "), 3)"
}

// argument gives what a parameter stands for.
func (v *viewer) argument(name string, variables map[string]any) any {
	switch name {
	case "@bits":
		return v.bits
	case "@me":
		return v.me
	case "@denied":
		return v.denied
	case "@shared":
		return v.shared
	case "@pools":
		return v.pools
	case "@today":
		return time.Now().In(shanghai).Format(time.DateOnly)
	}
	return variables[strings.TrimPrefix(name, "@")]
}

var shanghai = time.FixedZone("", 8*3600)

// plan gives the statements of an operation for this viewer, made when they are first asked for.
func (v *viewer) plan(name string, build func(*viewer) *plan) *plan {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.plans[name] == nil {
		v.plans[name] = build(v)
	}
	return v.plans[name]
}
