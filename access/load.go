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
	list, err := LoadAll(ctx, db, []uuid.UUID{user}, now)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// LoadAll reads the rights of several users, in their order, by as many statements as those of one.
func LoadAll(ctx context.Context, db Database, users []uuid.UUID, now time.Time) ([]*Viewer, error) {
	list := make([]*Viewer, len(users))
	all, err := load(ctx, db, users, now)
	for i, f := range all {
		list[i] = f.viewer
		if f.shut() {
			list[i] = Nobody(now)
			list[i].Company = f.viewer.Company
		}
	}
	return list, err
}

// userFacts are what decides a user's rights.
type userFacts struct {
	viewer              *Viewer // with the rights that he has, be he kept out of everything all the same
	active              bool
	departments, groups []uuid.UUID
}

// shut tells whether a rule keeps the user out of everything.
func (f *userFacts) shut() bool {
	return slices.ContainsFunc(closings, func(c closing) bool { return c.user != nil && c.user(f) })
}

// load reads the facts of users in their order.
func load(ctx context.Context, db Database, users []uuid.UUID, now time.Time) ([]*userFacts, error) {
	r := &rightsReader{ctx: ctx, db: db, users: users, of: map[uuid.UUID]*userFacts{}}
	company := r.company()
	all := make([]*userFacts, len(users))
	for i, user := range users {
		if r.of[user] == nil {
			v := Nobody(now)
			v.UserID, v.Company, v.Roles, v.pools = user, company, []uuid.UUID{}, []uuid.UUID{}
			v.permissions, v.rights = map[Permission]bool{}, map[Rule]map[Relation]Right{}
			r.of[user] = &userFacts{viewer: v}
		}
		all[i] = r.of[user]
	}
	r.active()
	r.roles()
	r.permissions()
	r.fieldRights()
	r.subjects()
	r.reach()
	r.pools()
	r.grants()
	for _, f := range r.of {
		f.viewer = f.viewer.At(now)
	}
	return all, r.err
}

// rightsReader reads what decides the rights of some users, each fact of all of them at once. It stops at the first error.
type rightsReader struct {
	ctx   context.Context
	db    Database
	users []uuid.UUID
	of    map[uuid.UUID]*userFacts
	err   error
}

func (r *rightsReader) rows(sql string, args []any, each func(pgx.Rows) error) {
	if r.err != nil {
		return
	}
	rows, err := r.db.Query(r.ctx, sql, append([]any{pgx.QueryExecModeCacheStatement}, args...)...)
	if err != nil {
		r.err = err
		return
	}
	defer rows.Close()
	for rows.Next() {
		if r.err = each(rows); r.err != nil {
			return
		}
	}
	r.err = rows.Err()
}

// ids reads rows of a user and an id of something of his, and hands over what is known of him.
func (r *rightsReader) ids(sql string, args []any, each func(*userFacts, uuid.UUID)) {
	r.rows(sql, args, func(row pgx.Rows) error {
		var user, id uuid.UUID
		err := row.Scan(&user, &id)
		if err == nil {
			each(r.of[user], id)
		}
		return err
	})
}

func (r *rightsReader) company() (c models.Company) {
	c.TimeZone, c.Currency, c.FiscalYearStart, c.SmallSample = "UTC", "CNY", 1, 5
	r.rows("select id, version, name, currency, time_zone, fiscal_year_start, small_sample, sample from company", nil, func(row pgx.Rows) error {
		return row.Scan(&c.ID, &c.Version, &c.Name, &c.Currency, &c.TimeZone, &c.FiscalYearStart, &c.SmallSample, &c.Sample)
	})
	return c
}

func (r *rightsReader) active() {
	r.ids("select id, id from users where id = any($1) and active", []any{r.users}, func(f *userFacts, _ uuid.UUID) { f.active = true })
}

func (r *rightsReader) roles() {
	r.ids("select user_id, role_id from user_roles where user_id = any($1) order by 2", []any{r.users}, func(f *userFacts, role uuid.UUID) {
		f.viewer.Roles = append(f.viewer.Roles, role)
	})
}

// held lists the roles of them all.
func (r *rightsReader) held() []uuid.UUID {
	list := []uuid.UUID{}
	for _, f := range r.of {
		list = append(list, f.viewer.Roles...)
	}
	return models.SortIDs(list)
}

// with visits those who have a role.
func (r *rightsReader) with(role uuid.UUID, do func(*Viewer)) {
	for _, f := range r.of {
		if slices.Contains(f.viewer.Roles, role) {
			do(f.viewer)
		}
	}
}

func (r *rightsReader) permissions() {
	r.rows("select id, permissions from roles where id = any($1)", []any{r.held()}, func(row pgx.Rows) error {
		var role uuid.UUID
		var given []Permission
		err := row.Scan(&role, &given)
		r.with(role, func(v *Viewer) {
			for _, p := range given {
				v.permissions[p] = true
			}
		})
		return err
	})
}

func (r *rightsReader) fieldRights() {
	r.rows("select role_id, rule, relation, access from field_rights where role_id = any($1)", []any{r.held()}, func(row pgx.Rows) error {
		var role uuid.UUID
		var rule Rule
		var relation Relation
		var name string
		err := row.Scan(&role, &rule, &relation, &name)
		r.with(role, func(v *Viewer) {
			if v.rights[rule] == nil {
				v.rights[rule] = map[Relation]Right{}
			}
			v.rights[rule][relation] = max(v.rights[rule][relation], Rights[name])
		})
		return err
	})
}

// subjects reads the departments and groups that the users are in.
func (r *rightsReader) subjects() {
	r.ids("select user_id, department_id from memberships where user_id = any($1) order by 2", []any{r.users}, func(f *userFacts, department uuid.UUID) {
		f.departments = append(f.departments, department)
	})
	r.ids(`select m.user_id, m.group_id from group_members m join groups g on g.id = m.group_id
		where m.user_id = any($1) and g.dissolved_at is null order by 2`, []any{r.users}, func(f *userFacts, group uuid.UUID) {
		f.groups = append(f.groups, group)
	})
	for user, f := range r.of {
		f.viewer.subjects = slices.Concat([]uuid.UUID{user}, f.departments, f.groups)
	}
}

// reach reads what is above the departments that the users are in.
func (r *rightsReader) reach() {
	var departments []uuid.UUID
	for _, f := range r.of {
		departments = append(departments, f.departments...)
	}
	paths := map[uuid.UUID][]uuid.UUID{}
	r.rows("select id, path from departments where id = any($1)", []any{models.SortIDs(departments)}, func(row pgx.Rows) error {
		var department uuid.UUID
		var path []uuid.UUID
		err := row.Scan(&department, &path)
		paths[department] = path
		return err
	})
	for user, f := range r.of {
		var above []uuid.UUID
		for _, department := range f.departments {
			above = append(above, paths[department]...)
		}
		f.viewer.reach = slices.Concat([]uuid.UUID{user}, models.SortIDs(above), f.groups)
	}
}

// pools reads the pools that the users are members of: by what they are in, or where a pool says so, by what is above it.
func (r *rightsReader) pools() {
	var users, subjects []uuid.UUID
	var direct []bool
	for user, f := range r.of {
		for _, subject := range f.viewer.reach {
			users, subjects, direct = append(users, user), append(subjects, subject), append(direct, slices.Contains(f.viewer.subjects, subject))
		}
	}
	r.ids(`select distinct w.member, m.pool_id from unnest($1::uuid[], $2::uuid[], $3::bool[]) w (member, subject, direct)
		join pool_members m on m.subject_id = w.subject and (m.with_sub_departments or w.direct) order by 2`, []any{users, subjects, direct},
		func(f *userFacts, pool uuid.UUID) { f.viewer.pools = append(f.viewer.pools, pool) })
}

// grants reads the grants of the users and their roles, with the users whom each subject reaches.
func (r *rightsReader) grants() {
	r.rows(`select g.id, g.version, g.grantee_user_id, g.grantee_role_id, g.everyone, g.subject_id, g.with_sub_departments, g.effect,
			g.level, g.kinds, g.valid_from, g.valid_until, g.note, g.created_at, g.updated_at, g.created_by,
			case get_byte(uuid_send(g.subject_id), 15)
				when 1 then array[g.subject_id]
				when 2 then array(select distinct m.user_id from memberships m join departments d on d.id = m.department_id
					where d.id = g.subject_id or g.with_sub_departments and g.subject_id = any(d.path))
				when 3 then array(select m.user_id from group_members m join groups t on t.id = m.group_id
					where t.id = g.subject_id and t.dissolved_at is null)
				else '{}'::uuid[]
			end
		from grants g where g.grantee_user_id = any($1) or g.grantee_role_id = any($2) order by g.id`,
		[]any{r.users, r.held()}, func(row pgx.Rows) error {
			var g granted
			err := row.Scan(&g.ID, &g.Version, &g.GranteeUserID, &g.GranteeRoleID, &g.Everyone, &g.SubjectID, &g.WithSubDepartments, &g.Effect,
				&g.Level, &g.Kinds, &g.ValidFrom, &g.ValidUntil, &g.Note, &g.CreatedAt, &g.UpdatedAt, &g.CreatedBy, &g.Reached)
			give := func(v *Viewer) { v.given = append(v.given, g) }
			switch {
			case err != nil:
			case g.GranteeUserID != nil:
				give(r.of[*g.GranteeUserID].viewer)
			default:
				r.with(*g.GranteeRoleID, give)
			}
			return err
		})
}
