package naive

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/models"
)

func (s Subject) id() *uuid.UUID {
	code := map[string]models.KindCode{"department": models.DepartmentCode, "user": models.UserCode, "group": models.GroupCode}[s.What]
	if code == 0 {
		return nil
	}
	return idOrNil(code, s.Which)
}

// Write puts the company into a database that is migrated and empty.
func Write(ctx context.Context, tx pgx.Tx, c *Company) error {
	w := &writer{c: c, ctx: ctx, tx: tx}
	w.people()
	for _, r := range c.Records {
		w.record(r)
	}
	w.rights()
	return w.err
}

type writer struct {
	c      *Company
	ctx    context.Context
	tx     pgx.Tx
	err    error
	serial int
}

// put adds a row: the columns given, and version and times where the table has them.
func (w *writer) put(table, columns string, values ...any) {
	switch table {
	case "memberships", "users", "departments", "groups", "roles", "grants", "shares", "pools", "customers", "contacts", "opportunities", "services", "documents",
		"activities", "relationships", "relationship_types", "company", "pipelines", "stages":
		columns += ", version, created_at, updated_at"
		values = append(values, 1, w.c.Now, w.c.Now)
	}
	places := ""
	for i := range values {
		places += fmt.Sprintf(", $%d", i+1)
	}
	if w.err == nil {
		text := "insert into " + table + " (" + columns + ") values (" + places[2:] + ")"
		_, w.err = w.tx.Exec(w.ctx, text, append([]any{pgx.QueryExecModeCacheStatement}, values...)...)
	}
}

func (w *writer) next(kind models.KindCode) uuid.UUID {
	w.serial++
	id := ID(kind, w.serial)
	id[2] = 1
	return id
}

func (w *writer) people() {
	c := w.c
	w.put("company", "id, name, currency, time_zone", models.CompanyID, "Test", "CNY", "Asia/Shanghai")
	for i, parent := range c.Parents {
		path := []uuid.UUID{}
		for at := i; at >= 0; at = c.Parents[at] {
			path = append([]uuid.UUID{ID(models.DepartmentCode, at)}, path...)
		}
		w.put("departments", "id, name, parent_id, path", ID(models.DepartmentCode, i), "d", idOrNil(models.DepartmentCode, parent), path)
	}
	for i, role := range c.Roles {
		permissions := []string{}
		for permission, may := range role.May {
			if may {
				permissions = append(permissions, permission)
			}
		}
		w.put("roles", "id, code, name, permissions", ID(models.RoleCode, i), fmt.Sprint("r", i), "r", permissions)
	}
	for i, u := range c.Users {
		w.put("users", "id, login, name, active", ID(models.UserCode, i), fmt.Sprint("u", i), "u", u.Active)
		for _, d := range u.Departments {
			w.put("memberships", "id, user_id, department_id", w.next(models.MembershipCode), ID(models.UserCode, i), ID(models.DepartmentCode, d))
		}
		for _, r := range u.Roles {
			w.put("user_roles", "user_id, role_id", ID(models.UserCode, i), ID(models.RoleCode, r))
		}
	}
	for i, g := range c.Groups {
		var dissolved *time.Time
		if g.Dissolved {
			dissolved = &c.Now
		}
		w.put("groups", "id, name, dissolved_at", ID(models.GroupCode, i), "g", dissolved)
		for u := range g.Members {
			w.put("group_members", "group_id, user_id", ID(models.GroupCode, i), ID(models.UserCode, u))
		}
	}
	for i, members := range c.Pools {
		w.put("pools", "id, name", ID(models.PoolCode, i), fmt.Sprint("p", i))
		for _, s := range members {
			w.put("pool_members", "pool_id, subject_id, with_sub_departments", ID(models.PoolCode, i), s.id(), s.Below)
		}
	}
	for id, code := range map[uuid.UUID]string{models.WorksAtID: models.WorksAt, ID(models.RelationshipTypeCode, 9): "KNOWS"} {
		w.put("relationship_types", "id, code, name_ab, name_ba, category, a_kinds, b_kinds", id, code, "a", "b", "SOCIAL", []string{}, []string{})
	}
	w.put("pipelines", "id, name", ID(models.PipelineCode, 0), "p")
	w.put("stages", "id, pipeline_id, name, probability, position", ID(models.StageCode, 0), ID(models.PipelineCode, 0), "s", 0.1, 1)
}

func (w *writer) record(r *Record) {
	id := r.ID()
	columns, values := "id", []any{id}
	set := func(column string, value any) { columns, values = columns+", "+column, append(values, value) }
	if r.Deleted {
		set("deleted_at", w.c.Now)
		set("deletion_id", uuid.New())
	}
	if r.Kind == "RELATIONSHIP" {
		set("type_id", ID(models.RelationshipTypeCode, 9))
		set("a_id", endID(r.Ends[0]))
		set("b_id", endID(r.Ends[1]))
		set("valid_until", "2099-01-01") // two may join the same ends
		w.put("relationships", columns, values...)
		return
	}
	set("owner_id", idOrNil(models.UserCode, r.Owner))
	if r.Customer != nil {
		set("customer_id", r.Customer.ID())
	}
	for _, a := range r.Attached {
		set(map[string]string{"OPPORTUNITY": "opportunity_id", "SERVICE": "service_id"}[a.Kind], a.ID())
	}
	if r.Kind == "SERVICE" || r.Kind == "ACTIVITY" {
		set("assignee_id", idOrNil(models.UserCode, r.Assignee))
	}
	switch r.Kind {
	case "CUSTOMER":
		set("name", "c")
		set("kind", "ORGANIZATION")
		set("lifecycle", "LEAD")
		set("pool_id", idOrNil(models.PoolCode, r.Pool))
	case "CONTACT":
		set("name", "c")
	case "OPPORTUNITY":
		set("title", "o")
		set("pipeline_id", ID(models.PipelineCode, 0))
		set("stage_id", ID(models.StageCode, 0))
		set("status", "OPEN")
	case "SERVICE":
		set("title", "s")
		set("kind", "REPAIR")
		set("status", "OPEN")
		set("priority", "NORMAL")
		set("opened_at", w.c.Now)
	case "DOCUMENT":
		set("name", "d")
		set("media_type", "text/plain")
		set("size", 1)
		set("sha256", []byte{1})
		set("storage_key", "k")
		set("uploaded_at", w.c.Now)
		set("restricted", r.Listed)
	case "ACTIVITY":
		set("kind", "CALL")
		set("summary", "a")
		set("happened_at", w.c.Now)
	}
	w.put(tables[r.Kind], columns, values...)
	for _, s := range r.Readers {
		w.put("document_readers", "document_id, subject_id, with_sub_departments", id, s.id(), s.Below)
	}
	for _, a := range r.At {
		w.affiliation(id, a)
	}
}

func (w *writer) affiliation(contact uuid.UUID, a Affiliation) {
	var until *string
	if a.Until != "" {
		until = &a.Until
	}
	var deleted *time.Time
	var deletion *uuid.UUID
	if a.Deleted {
		deleted, deletion = &w.c.Now, idOrNil(models.RelationshipCode, 0)
	}
	w.put("relationships", "id, type_id, a_id, b_id, valid_until, deleted_at, deletion_id",
		w.next(models.RelationshipCode), models.WorksAtID, contact, a.Customer.ID(), until, deleted, deletion)
}

func endID(end End) uuid.UUID {
	if end.Record == nil {
		return ID(models.UserCode, end.User)
	}
	return end.Record.ID()
}

func (w *writer) rights() {
	for _, g := range w.c.Grants {
		effect := map[bool]string{false: models.Allow, true: models.Deny}[g.Deny]
		w.put("grants", "id, grantee_user_id, grantee_role_id, everyone, subject_id, with_sub_departments, effect, level, kinds, valid_from, valid_until",
			w.next(models.GrantCode), idOrNil(models.UserCode, g.ToUser), idOrNil(models.RoleCode, g.ToRole), g.Over.What == "everyone", g.Over.id(), g.Over.Below,
			effect, levelOf(g.Manage), g.Kinds, g.From, g.Until)
	}
	for _, s := range w.c.Shares {
		w.put("shares", "id, record_id, subject_id, with_sub_departments, level, kinds, expires_at",
			w.next(models.ShareCode), s.Record.ID(), s.With.id(), s.With.Below, levelOf(s.Manage), s.Kinds, s.Until)
	}
}

func levelOf(manage bool) string {
	if manage {
		return models.Manage
	}
	return models.Observe
}
