package server_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/server/servertest"
)

// What each person sees, told a second time: the product's rules as plain SQL over the tables, one statement per kind.

// record is a kind of business record: the field that lists it, its permission's kind and how it leads to customers.
type record struct {
	list, one, table, kind string

	covered  []string // kinds of a grant or share that cover it
	assignee string   // an expression that gives the assignee
	belongs  string   // ids of the customers that r belongs to
}

const (
	itsCustomer             = "select r.customer_id"
	itsOpportunitysCustomer = " union all select o.customer_id from opportunities o where o.id = r.opportunity_id and o.deleted_at is null"
	itsServicesCustomer     = " union all select s.customer_id from services s where s.id = r.service_id and s.deleted_at is null"
	itsEmployers            = `select e.b_id from relationships e join relationship_types t on t.id = e.type_id and t.code = 'WORKS_AT'
		where e.a_id = r.id and e.deleted_at is null and (e.valid_until is null or e.valid_until > ($2::timestamptz at time zone 'Asia/Shanghai')::date)`
)

var recordKinds = []record{
	{"customers", "customer", "customers", "CUSTOMER", []string{"CUSTOMER"}, "null::uuid", "select null::uuid"},
	{"contacts", "contact", "contacts", "CONTACT", []string{"CONTACT", "CUSTOMER"}, "null::uuid", itsEmployers},
	{"opportunities", "opportunity", "opportunities", "OPPORTUNITY", []string{"OPPORTUNITY"}, "null::uuid", itsCustomer},
	{"services", "service", "services", "SERVICE", []string{"SERVICE"}, "r.assignee_id", itsCustomer + itsOpportunitysCustomer},
	{"documents", "document", "documents", "DOCUMENT", []string{"DOCUMENT"}, "null::uuid", itsCustomer + itsOpportunitysCustomer + itsServicesCustomer},
	{"activities", "activity", "activities", "ACTIVITY", []string{"ACTIVITY"}, "r.assignee_id", itsCustomer + itsOpportunitysCustomer + itsServicesCustomer},
}

// rights are the facts that the rules speak of: $1 is the viewer's login, $2 now, $3 the kinds that cover the kind, $4 the
// permission to read it.
const rights = `with me as (select id from users where login = $1),
	permitted as (select from user_roles ur join roles on roles.id = ur.role_id where ur.user_id = (select id from me) and $4 = any(roles.permissions)),
	belonging as (
		select m.user_id, m.department_id as subject_id, true as itself from memberships m
		union select m.user_id, unnest(d.path), false from memberships m join departments d on d.id = m.department_id
		union select m.user_id, m.group_id, true from group_members m join groups g on g.id = m.group_id and g.dissolved_at is null
		union select id, id, true from users),
	mine as (select g.* from grants g where (g.grantee_user_id = (select id from me) or g.grantee_role_id in (select role_id from user_roles where user_id = (select id from me)))
		and (g.valid_from is null or g.valid_from <= $2) and (g.valid_until is null or g.valid_until > $2) and (g.kinds is null or g.kinds && $3)),
	reached as (select g.effect, g.level, u.id from mine g cross join users u where g.everyone
		or exists (select from belonging b where b.user_id = u.id and b.subject_id = g.subject_id and (b.itself or g.with_sub_departments))),
	denied as (select id from reached where effect = 'DENY' and level = 'OBSERVE'),
	scope as ((select id from reached where effect = 'ALLOW' except select id from denied) union select id from me),
	shared as (select s.record_id, s.kinds from shares s where (s.expires_at is null or s.expires_at > $2)
		and exists (select from belonging b where b.user_id = (select id from me) and b.subject_id = s.subject_id and (b.itself or s.with_sub_departments))),
	pooled as (select p.pool_id from pool_members p where exists (select from belonging b where b.user_id = (select id from me) and b.subject_id = p.subject_id
		and (b.itself or p.with_sub_departments)))
	`

// ways are the five ways to see a record r.
func (k record) ways() string {
	text := `r.owner_id = (select id from me) or ` + k.assignee + ` = (select id from me)
		or r.owner_id in (select id from scope) or r.owner_id is null and exists (select from mine where everyone and effect = 'ALLOW')
		or r.id in (select record_id from shared)
		or exists (select from customers c where c.id in (` + k.belongs + `) and c.deleted_at is null and (c.owner_id = (select id from me)
			or c.id in (select record_id from shared where kinds is null or kinds && $3)
			or c.owner_id in (select id from scope) and (r.owner_id is null or r.owner_id not in (select id from denied))))`
	switch k.kind {
	case "CUSTOMER":
		return text + " or r.pool_id in (select pool_id from pooled)"
	case "CONTACT":
		return text + " or exists (select from customers c where c.id in (" + k.belongs + ") and c.deleted_at is null and c.pool_id in (select pool_id from pooled))"
	case "DOCUMENT":
		return `not r.restricted and (` + text + `) or r.restricted and (r.owner_id = (select id from me) or exists (select from document_readers l join belonging b on
			b.subject_id = l.subject_id and (b.itself or l.with_sub_departments) where l.document_id = r.id and b.user_id = (select id from me)))`
	}
	return text
}

// sees gives the ids of a kind's records, by whether the person is to see them.
func (k record) sees(t *testing.T, c *servertest.Company, login string) (visible map[string]bool, hidden []string) {
	t.Helper()
	return k.seesIn(t, c.Store.Pool, c.Store.Clock(), login)
}

// seesIn tells the same within a transaction that has begun.
func (k record) seesIn(t *testing.T, db interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, now time.Time, login string) (visible map[string]bool, hidden []string) {
	t.Helper()
	text := rights + "select r.id, r.deleted_at is null and exists (select from permitted) and coalesce((" + k.ways() + "), false) from " + k.table + " r order by r.id"
	rows, err := db.Query(t.Context(), text, login, now, k.covered, k.kind+"_READ")
	if err != nil {
		t.Fatal(err)
	}
	visible = map[string]bool{}
	var id uuid.UUID
	var open bool
	if _, err := pgx.ForEachRow(rows, []any{&id, &open}, func() error {
		if open {
			visible[id.String()] = true
		} else {
			hidden = append(hidden, id.String())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return visible, hidden
}

// rowsOf reads the rows of a statement.
func rowsOf[T any](t *testing.T, c *servertest.Company, text string, values ...any) []T {
	t.Helper()
	rows, err := c.Store.Pool.Query(t.Context(), text, values...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return list
}

// idsOf reads a statement's ids.
func idsOf(t *testing.T, c *servertest.Company, text string, values ...any) (list []string) {
	t.Helper()
	for _, row := range rowsOf[struct{ ID uuid.UUID }](t, c, text, values...) {
		list = append(list, row.ID.String())
	}
	return list
}
