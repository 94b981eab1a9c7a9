package access_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// TestSQLDecidesAsTheNaiveModel compares, for random companies, every user and every record, what the compiled SQL shows
// and lets manage with what a model written apart from it decides.
func TestSQLDecidesAsTheNaiveModel(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC) // 2 March in Shanghai
	decisions := 0
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCompany(rt, now, "2026-03-02")
		tx, err := pool.Begin(ctx)
		if err != nil {
			rt.Fatal(err)
		}
		defer tx.Rollback(ctx)
		if err := write(ctx, tx, c); err != nil {
			rt.Fatal(err)
		}
		for user := range c.users {
			v, err := access.Load(ctx, tx, idOf(models.UserCode, user), now)
			if err != nil {
				rt.Fatal(err)
			}
			for _, kind := range append(slices.Clone(naiveKinds), "RELATIONSHIP") {
				decisions += compareKind(rt, tx, c, v, user, kind)
			}
		}
	})
	t.Logf("%d decisions compared", decisions)
	if decisions < 20_000 {
		t.Errorf("only %d decisions compared", decisions)
	}
}

func compareKind(rt *rapid.T, tx pgx.Tx, c *naiveCompany, v *access.Viewer, user int, name string) int {
	kind, _ := access.Named(name)
	decisions := 0
	for _, manage := range []bool{false, true} {
		q := v.Query()
		source := q.Visible
		if manage {
			source = q.Manageable
		}
		text := "select r.id from " + source(kind, "r")
		text = q.Text(text)
		rows, err := tx.Query(context.Background(), text, append([]any{pgx.QueryExecModeCacheStatement}, q.Args()...)...)
		if err != nil {
			rt.Fatal(err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			rt.Fatalf("%v in %s", err, text)
		}
		for _, r := range c.records {
			if r.kind != name {
				continue
			}
			decisions++
			want, got := c.sees(user, r, manage), slices.Contains(ids, idOf(kind.Code, r.id))
			if want != got {
				rt.Fatalf("user %d, %s %d, to manage %t: the model says %t, the SQL %t", user, name, r.id, manage, want, got)
			}
		}
	}
	return decisions
}

// idOf gives the nth thing of a kind the same id every time.
func idOf(kind models.KindCode, n int) uuid.UUID {
	id := uuid.MustParse("00000000-0000-7000-8000-000000000000")
	id[3], id[15] = byte(n+1), byte(kind)
	return id
}

func idOrNil(kind models.KindCode, n int) *uuid.UUID {
	if n < 0 {
		return nil
	}
	id := idOf(kind, n)
	return &id
}

func (s naiveSubject) id() *uuid.UUID {
	code := map[string]models.KindCode{"department": models.DepartmentCode, "user": models.UserCode, "group": models.GroupCode}[s.what]
	if code == 0 {
		return nil
	}
	return idOrNil(code, s.which)
}

// write puts the company into the database.
func write(ctx context.Context, tx pgx.Tx, c *naiveCompany) error {
	w := &writer{c: c, ctx: ctx, tx: tx}
	w.people()
	for _, r := range c.records {
		w.record(r)
	}
	w.rights()
	return w.err
}

type writer struct {
	c      *naiveCompany
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
		values = append(values, 1, w.c.now, w.c.now)
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
	id := idOf(kind, w.serial)
	id[2] = 1
	return id
}

func (w *writer) people() {
	c := w.c
	w.put("company", "id, name, currency, time_zone", models.CompanyID, "Test", "CNY", "Asia/Shanghai")
	for i, parent := range c.parents {
		path := []uuid.UUID{}
		for at := i; at >= 0; at = c.parents[at] {
			path = append([]uuid.UUID{idOf(models.DepartmentCode, at)}, path...)
		}
		w.put("departments", "id, name, parent_id, path", idOf(models.DepartmentCode, i), "d", idOrNil(models.DepartmentCode, parent), path)
	}
	for i, reads := range c.reads {
		permissions := []string{}
		for kind, may := range reads {
			if may {
				permissions = append(permissions, kind+"_READ")
			}
		}
		w.put("roles", "id, code, name, permissions", idOf(models.RoleCode, i), fmt.Sprint("r", i), "r", permissions)
	}
	for i, u := range c.users {
		w.put("users", "id, login, name, active", idOf(models.UserCode, i), fmt.Sprint("u", i), "u", u.active)
		for _, d := range u.departments {
			w.put("memberships", "id, user_id, department_id", w.next(models.MembershipCode), idOf(models.UserCode, i), idOf(models.DepartmentCode, d))
		}
		for _, r := range u.roles {
			w.put("user_roles", "user_id, role_id", idOf(models.UserCode, i), idOf(models.RoleCode, r))
		}
	}
	for i, g := range c.groups {
		var dissolved *time.Time
		if g.dissolved {
			dissolved = &c.now
		}
		w.put("groups", "id, name, dissolved_at", idOf(models.GroupCode, i), "g", dissolved)
		for u := range g.members {
			w.put("group_members", "group_id, user_id", idOf(models.GroupCode, i), idOf(models.UserCode, u))
		}
	}
	for i, members := range c.pools {
		w.put("pools", "id, name", idOf(models.PoolCode, i), fmt.Sprint("p", i))
		for _, s := range members {
			w.put("pool_members", "pool_id, subject_id, with_sub_departments", idOf(models.PoolCode, i), s.id(), s.below)
		}
	}
	for id, code := range map[uuid.UUID]string{models.WorksAtID: models.WorksAt, idOf(models.RelationshipTypeCode, 9): "KNOWS"} {
		w.put("relationship_types", "id, code, name_ab, name_ba, category, a_kinds, b_kinds", id, code, "a", "b", "SOCIAL", []string{}, []string{})
	}
	w.put("pipelines", "id, name", idOf(models.PipelineCode, 0), "p")
	w.put("stages", "id, pipeline_id, name, probability, position", idOf(models.StageCode, 0), idOf(models.PipelineCode, 0), "s", 0.1, 1)
}

func (w *writer) record(r *naiveRecord) {
	kind, _ := access.Named(r.kind)
	id := idOf(kind.Code, r.id)
	columns, values := "id", []any{id}
	set := func(column string, value any) { columns, values = columns+", "+column, append(values, value) }
	if r.deleted {
		set("deleted_at", w.c.now)
		set("deletion_id", uuid.New())
	}
	if r.kind == "RELATIONSHIP" {
		set("type_id", idOf(models.RelationshipTypeCode, 9))
		set("a_id", endID(r.ends[0]))
		set("b_id", endID(r.ends[1]))
		set("valid_until", "2099-01-01") // two may join the same ends
		w.put("relationships", columns, values...)
		return
	}
	set("owner_id", idOrNil(models.UserCode, r.owner))
	if r.customer != nil {
		set("customer_id", idOf(models.CustomerCode, r.customer.id))
	}
	for _, a := range r.attached {
		to, _ := access.Named(a.kind)
		set(map[string]string{"OPPORTUNITY": "opportunity_id", "SERVICE": "service_id"}[a.kind], idOf(to.Code, a.id))
	}
	if r.kind == "SERVICE" || r.kind == "ACTIVITY" {
		set("assignee_id", idOrNil(models.UserCode, r.assignee))
	}
	switch r.kind {
	case "CUSTOMER":
		set("name", "c")
		set("kind", "ORGANIZATION")
		set("lifecycle", "LEAD")
		set("pool_id", idOrNil(models.PoolCode, r.pool))
	case "CONTACT":
		set("name", "c")
	case "OPPORTUNITY":
		set("title", "o")
		set("pipeline_id", idOf(models.PipelineCode, 0))
		set("stage_id", idOf(models.StageCode, 0))
		set("status", "OPEN")
	case "SERVICE":
		set("title", "s")
		set("kind", "REPAIR")
		set("status", "OPEN")
		set("priority", "NORMAL")
		set("opened_at", w.c.now)
	case "DOCUMENT":
		set("name", "d")
		set("media_type", "text/plain")
		set("size", 1)
		set("sha256", []byte{1})
		set("storage_key", "k")
		set("uploaded_at", w.c.now)
		set("restricted", r.listed)
	case "ACTIVITY":
		set("kind", "CALL")
		set("summary", "a")
		set("happened_at", w.c.now)
	}
	w.put(kind.Table, columns, values...)
	for _, s := range r.readers {
		w.put("document_readers", "document_id, subject_id, with_sub_departments", id, s.id(), s.below)
	}
	for _, a := range r.at {
		w.affiliation(id, a)
	}
}

func (w *writer) affiliation(contact uuid.UUID, a naiveAffiliation) {
	var until *string
	if a.until != "" {
		until = &a.until
	}
	var deleted *time.Time
	var deletion *uuid.UUID
	if a.deleted {
		deleted, deletion = &w.c.now, idOrNil(models.RelationshipCode, 0)
	}
	w.put("relationships", "id, type_id, a_id, b_id, valid_until, deleted_at, deletion_id",
		w.next(models.RelationshipCode), models.WorksAtID, contact, idOf(models.CustomerCode, a.customer.id), until, deleted, deletion)
}

func endID(end naiveEnd) uuid.UUID {
	if end.record == nil {
		return idOf(models.UserCode, end.user)
	}
	kind, _ := access.Named(end.record.kind)
	return idOf(kind.Code, end.record.id)
}

func (w *writer) rights() {
	for _, g := range w.c.grants {
		effect := map[bool]string{false: models.Allow, true: models.Deny}[g.deny]
		w.put("grants", "id, grantee_user_id, grantee_role_id, everyone, subject_id, with_sub_departments, effect, level, kinds, valid_from, valid_until",
			w.next(models.GrantCode), idOrNil(models.UserCode, g.toUser), idOrNil(models.RoleCode, g.toRole), g.over.what == "everyone", g.over.id(), g.over.below,
			effect, levelOf(g.manage), g.kinds, g.from, g.until)
	}
	for _, s := range w.c.shares {
		kind, _ := access.Named(s.record.kind)
		w.put("shares", "id, record_id, subject_id, with_sub_departments, level, kinds, expires_at",
			w.next(models.ShareCode), idOf(kind.Code, s.record.id), s.with.id(), s.with.below, levelOf(s.manage), s.kinds, s.until)
	}
}

func levelOf(manage bool) string {
	if manage {
		return models.Manage
	}
	return models.Observe
}
