package naive

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/models"
)

// Indexed is what a record is found by, as the product keeps it.
type Indexed struct {
	Terms  []string
	Text   string
	Phones []string
}

// Write puts the company into a database that is migrated and empty.
func Write(ctx context.Context, tx pgx.Tx, c *Company) error {
	return WriteIndexed(ctx, tx, c, func(string, string) Indexed { return Indexed{} })
}

// WriteIndexed is Write with what each name and phone number is found by.
func WriteIndexed(ctx context.Context, tx pgx.Tx, c *Company, index func(name, phone string) Indexed) error {
	w := &writer{c: c, index: index, ctx: ctx, tx: tx}
	w.catalog()
	w.people()
	for _, r := range c.Records {
		w.record(r)
	}
	w.rights()
	return w.err
}

type writer struct {
	c     *Company
	index func(name, phone string) Indexed
	ctx   context.Context
	tx    pgx.Tx
	err   error
}

// row is the columns of a row and their values in turn.
type row []any

func (r *row) set(column string, value any) { *r = append(*r, column, value) }

var versioned = []string{
	"memberships", "users", "departments", "groups", "roles", "grants", "shares", "pools", "customers", "contacts", "opportunities", "services",
	"documents", "activities", "saved_reports", "dashboards", "relationships", "relationship_types", "company", "pipelines", "stages", "competitors", "products",
}

// put adds a row: the columns given, and version and times where the table has them.
func (w *writer) put(table string, r ...any) {
	if slices.Contains(versioned, table) {
		r = append(r, "version", 1, "created_at", w.c.Now, "updated_at", w.c.Now)
	}
	columns, places := "", ""
	var values []any
	for i := 0; i < len(r); i += 2 {
		columns += ", " + r[i].(string)
		values = append(values, r[i+1])
		places += fmt.Sprintf(", $%d", len(values))
	}
	if w.err == nil {
		text := "insert into " + table + " (" + columns[2:] + ") values (" + places[2:] + ")"
		_, w.err = w.tx.Exec(w.ctx, text, append([]any{pgx.QueryExecModeCacheStatement}, values...)...)
	}
}

func (w *writer) catalog() {
	w.put("company", "id", models.CompanyID, "name", "Test", "currency", "CNY", "time_zone", "Asia/Shanghai")
	w.put("currencies", "code", "CNY", "name", "CNY")
	w.put("pipelines", "id", ID(models.PipelineCode, 0), "name", "p", "is_default", true)
	w.put("stages", "id", ID(models.StageCode, 0), "pipeline_id", ID(models.PipelineCode, 0), "name", "s", "probability", 0.1, "position", 1)
	w.put("products", "id", ID(models.ProductCode, 0), "name", "p")
	for i := range Competitors {
		w.put("competitors", "id", ID(models.CompetitorCode, i), "name", fmt.Sprint("rival", i))
	}
	any := []string{"CUSTOMER", "CONTACT", "COMPETITOR", "USER"}
	for i, t := range w.c.Types {
		w.put("relationship_types", "id", TypeID(i), "code", fmt.Sprint("T", i), "name_ab", "a", "name_ba", "b", "category", "SOCIAL",
			"a_kinds", any, "b_kinds", any, "introduces", t.Introduces)
	}
}

// TypeID is the id of a relationship type.
func TypeID(t int) uuid.UUID {
	if t == WorksAt {
		return models.WorksAtID
	}
	return ID(models.RelationshipTypeCode, t)
}

func (w *writer) people() {
	c := w.c
	for i, parent := range c.Parents {
		path := []uuid.UUID{}
		for at := i; at >= 0; at = c.Parents[at] {
			path = append([]uuid.UUID{ID(models.DepartmentCode, at)}, path...)
		}
		w.put("departments", "id", ID(models.DepartmentCode, i), "name", "d", "parent_id", idOrNil(models.DepartmentCode, parent), "path", path)
	}
	for i, role := range c.Roles {
		w.role(i, role)
	}
	for i, u := range c.Users {
		user := ID(models.UserCode, i)
		w.put("users", "id", user, "login", fmt.Sprint("u", i), "name", fmt.Sprint("u", i), "active", u.Active)
		for _, d := range u.Departments {
			w.put("memberships", "id", MembershipID(i, d), "user_id", user, "department_id", ID(models.DepartmentCode, d))
		}
		for _, r := range u.Roles {
			w.put("user_roles", "user_id", user, "role_id", ID(models.RoleCode, r))
		}
	}
	for i, g := range c.Groups {
		var dissolved *time.Time
		if g.Dissolved {
			dissolved = &c.Now
		}
		w.put("groups", "id", ID(models.GroupCode, i), "name", "g", "dissolved_at", dissolved)
		for u := range g.Members {
			w.put("group_members", "group_id", ID(models.GroupCode, i), "user_id", ID(models.UserCode, u))
		}
	}
	for i, members := range c.Pools {
		w.put("pools", "id", ID(models.PoolCode, i), "name", fmt.Sprint("p", i))
		for _, s := range members {
			w.put("pool_members", "pool_id", ID(models.PoolCode, i), "subject_id", s.ID(), "with_sub_departments", s.Below)
		}
	}
}

// MembershipID is the id that a membership is written with.
func MembershipID(user, department int) uuid.UUID {
	return ID(models.MembershipCode, user<<8|department)
}

func (w *writer) role(i int, role *Role) {
	permissions := []string{}
	for permission, may := range role.May {
		if may {
			permissions = append(permissions, permission)
		}
	}
	w.put("roles", "id", ID(models.RoleCode, i), "code", fmt.Sprint("r", i), "name", "r", "permissions", permissions)
	for rule, rights := range role.Fields {
		for relation, right := range rights {
			w.put("field_rights", "role_id", ID(models.RoleCode, i), "rule", rule, "relation", relation, "access", right)
		}
	}
}

func (w *writer) rights() {
	for _, g := range w.c.Grants {
		effect := map[bool]string{false: models.Allow, true: models.Deny}[g.Deny]
		w.put("grants", "id", g.ID(), "grantee_user_id", idOrNil(models.UserCode, g.ToUser),
			"grantee_role_id", idOrNil(models.RoleCode, g.ToRole), "everyone", g.Over.What == "everyone", "subject_id", g.Over.ID(),
			"with_sub_departments", g.Over.Below, "effect", effect, "level", levelOf(g.Manage), "kinds", g.Kinds, "valid_from", g.From, "valid_until", g.Until)
	}
	for _, s := range w.c.Shares {
		w.put("shares", "id", s.ID(), "record_id", s.Record.ID(), "subject_id", s.With.ID(),
			"with_sub_departments", s.With.Below, "level", levelOf(s.Manage), "kinds", s.Kinds, "expires_at", s.Until)
	}
}

func levelOf(manage bool) string {
	if manage {
		return models.Manage
	}
	return models.Observe
}
