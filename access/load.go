package access

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/models"
)

// Database is what rights are read from: a pool, a connection or a transaction.
type Database interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Load reads the facts of a user's rights: his roles, memberships, groups, pools and grants. A user who is not active
// becomes the anonymous viewer.
func Load(ctx context.Context, db Database, user uuid.UUID, now time.Time) (*Viewer, error) {
	v, shut, err := load(ctx, db, user, now)
	if shut {
		company := v.Company
		v = Nobody(now)
		v.Company = company
	}
	return v, err
}

// load reads the rights that the user has, and tells whether a rule keeps him out of everything all the same.
func load(ctx context.Context, db Database, user uuid.UUID, now time.Time) (v *Viewer, shut bool, err error) {
	facts := &userFacts{ctx: ctx, db: db, user: user}
	v = Nobody(now)
	v.Company = facts.company()
	shut = facts.shut()
	v.UserID = user
	v.Roles = facts.ids("select role_id from user_roles where user_id = $1 order by 1", user)
	v.permissions = facts.permissions(v.Roles)
	v.rights = facts.fieldRights(v.Roles)
	departments := facts.ids("select department_id from memberships where user_id = $1 order by 1", user)
	groups := facts.ids(`select m.group_id from group_members m join groups g on g.id = m.group_id
		where m.user_id = $1 and g.dissolved_at is null order by 1`, user)
	v.subjects = append(append([]uuid.UUID{user}, departments...), groups...)
	above := facts.ids("select distinct unnest(path) from departments where id = any($1)", departments)
	v.reach = append(append([]uuid.UUID{user}, above...), groups...)
	v.pools = facts.ids(`select distinct pool_id from pool_members where subject_id = any($1)
		and (with_sub_departments or subject_id = any($2)) order by 1`, v.reach, v.subjects)
	v.given = facts.grants(user, v.Roles)
	return v.At(now), shut, facts.err
}

type userFacts struct {
	ctx  context.Context
	db   Database
	user uuid.UUID
	err  error
}

func (f *userFacts) rows(sql string, args []any, each func(pgx.Rows) error) {
	if f.err != nil {
		return
	}
	rows, err := f.db.Query(f.ctx, sql, append([]any{pgx.QueryExecModeCacheStatement}, args...)...)
	if err != nil {
		f.err = err
		return
	}
	defer rows.Close()
	for rows.Next() {
		if f.err = each(rows); f.err != nil {
			return
		}
	}
	f.err = rows.Err()
}

func (f *userFacts) ids(sql string, args ...any) []uuid.UUID {
	list := []uuid.UUID{}
	f.rows(sql, args, func(r pgx.Rows) error {
		var id uuid.UUID
		err := r.Scan(&id)
		list = append(list, id)
		return err
	})
	return list
}

func (f *userFacts) company() (c models.Company) {
	c.TimeZone, c.Currency, c.FiscalYearStart, c.SmallSample = "UTC", "CNY", 1, 5
	f.rows("select id, version, name, currency, time_zone, fiscal_year_start, small_sample, sample from company", nil, func(r pgx.Rows) error {
		return r.Scan(&c.ID, &c.Version, &c.Name, &c.Currency, &c.TimeZone, &c.FiscalYearStart, &c.SmallSample, &c.Sample)
	})
	return c
}

func (f *userFacts) active() (active bool) {
	f.rows("select active from users where id = $1", []any{f.user}, func(r pgx.Rows) error { return r.Scan(&active) })
	return active
}

// shut tells whether a rule keeps the user out of everything.
func (f *userFacts) shut() bool {
	return slices.ContainsFunc(closings, func(c closing) bool { return c.user != nil && c.user(f) })
}

func (f *userFacts) permissions(roles []uuid.UUID) map[Permission]bool {
	held := map[Permission]bool{}
	f.rows("select distinct unnest(permissions) from roles where id = any($1)", []any{roles}, func(r pgx.Rows) error {
		var p Permission
		err := r.Scan(&p)
		held[p] = true
		return err
	})
	return held
}

func (f *userFacts) fieldRights(roles []uuid.UUID) map[Rule]map[Relation]Right {
	held := map[Rule]map[Relation]Right{}
	f.rows("select rule, relation, access from field_rights where role_id = any($1)", []any{roles}, func(r pgx.Rows) error {
		var rule Rule
		var relation Relation
		var name string
		if err := r.Scan(&rule, &relation, &name); err != nil {
			return err
		}
		if held[rule] == nil {
			held[rule] = map[Relation]Right{}
		}
		held[rule][relation] = max(held[rule][relation], Rights[name])
		return nil
	})
	return held
}

// grants reads the grants of the user and his roles, with the users whom each subject reaches.
func (f *userFacts) grants(user uuid.UUID, roles []uuid.UUID) []granted {
	var list []granted
	f.rows(`select g.id, g.version, g.grantee_user_id, g.grantee_role_id, g.everyone, g.subject_id, g.with_sub_departments, g.effect,
			g.level, g.kinds, g.valid_from, g.valid_until, g.note, g.created_at, g.updated_at, g.created_by,
			case get_byte(uuid_send(g.subject_id), 15)
				when 1 then array[g.subject_id]
				when 2 then array(select distinct m.user_id from memberships m join departments d on d.id = m.department_id
					where d.id = g.subject_id or g.with_sub_departments and g.subject_id = any(d.path))
				when 3 then array(select m.user_id from group_members m join groups t on t.id = m.group_id
					where t.id = g.subject_id and t.dissolved_at is null)
				else '{}'::uuid[]
			end
		from grants g where g.grantee_user_id = $1 or g.grantee_role_id = any($2) order by g.id`,
		[]any{user, roles}, func(r pgx.Rows) error {
			var g granted
			err := r.Scan(&g.ID, &g.Version, &g.GranteeUserID, &g.GranteeRoleID, &g.Everyone, &g.SubjectID, &g.WithSubDepartments, &g.Effect,
				&g.Level, &g.Kinds, &g.ValidFrom, &g.ValidUntil, &g.Note, &g.CreatedAt, &g.UpdatedAt, &g.CreatedBy, &g.Reached)
			list = append(list, g)
			return err
		})
	return list
}
