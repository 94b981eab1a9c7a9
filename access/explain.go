package access

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/models"
)

// Explain tells why a user does or does not see a record, as the snapshot has it; see the function Explain.
func (s *Snapshot) Explain(ctx context.Context, user, record uuid.UUID) (found *Explanation, err error) {
	err = s.with(ctx, func(db Database) error {
		found, err = Explain(ctx, db, s.Viewer, user, record)
		return err
	})
	return found, fault.FromSQL(err)
}

// Explain tells why a user does or does not see a record: whether, by the door that everything goes through; why, from the
// facts. It is nil for a record that the viewer does not see, deleted ones that he could restore excepted, and for a user
// there is not. Another user than himself needs ACCESS_ADMIN.
func Explain(ctx context.Context, db Database, v *Viewer, user, record uuid.UUID) (*Explanation, error) {
	if v.Anonymous() {
		return nil, SignInFirst()
	}
	if user != v.UserID {
		if err := v.Need(AccessAdmin); err != nil {
			return nil, err
		}
	}
	kind, ok := Coded(models.KindOf(record))
	if !ok || models.KindOf(user) != models.UserCode {
		return nil, nil
	}
	seen, err := shows(ctx, db, v, kind, record)
	if err != nil || !seen {
		return nil, err
	}
	whose, err := nameOf(ctx, db, user)
	if err != nil || whose == "" {
		return nil, err
	}
	of, err := Load(ctx, db, user, v.Now)
	if err != nil {
		return nil, err
	}
	e := &explaining{ctx: ctx, db: db, v: of, whose: whose}
	found, err := e.explain(kind, record)
	if err == nil {
		found.together()
	}
	return found, err
}

// with lends the snapshot's connection.
func (s *Snapshot) with(ctx context.Context, do func(Database) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.statements++
	return do(s.conn)
}

// shows tells whether the viewer sees a record, or finds it among the deleted ones that he could restore.
func shows(ctx context.Context, db Database, v *Viewer, kind *Kind, record uuid.UUID) (bool, error) {
	q := v.Query()
	text := "select 1 from " + q.Visible(kind, "r") + " where r.id = " + q.Bind(record)
	if kind.Guard == Business {
		text += " union all select 1 from " + q.Deleted(kind, "r") + " where r.id = " + q.Bind(record)
	}
	return anyRow(ctx, db, q, text)
}

func anyRow(ctx context.Context, db Database, q *Query, text string) (found bool, err error) {
	err = eachRow(ctx, db, q, text, func(pgx.Rows) error { found = true; return nil })
	return found, err
}

func eachRow(ctx context.Context, db Database, q *Query, text string, each func(pgx.Rows) error) error {
	text = q.Text(text)
	rows, err := db.Query(ctx, text, append([]any{pgx.QueryExecModeCacheStatement}, q.Args()...)...)
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

// nameOf gives the name of a user, department, group or role; empty when there is none.
func nameOf(ctx context.Context, db Database, id uuid.UUID) (name string, err error) {
	kind, ok := Coded(models.KindOf(id))
	if !ok || kind.Guard != Reference || kind.Fields["name"].Column != "name" {
		return "", nil
	}
	q := (&Viewer{}).Query()
	err = eachRow(ctx, db, q, "select r.name from "+kind.Table+" r where r.id = "+q.Bind(id), func(r pgx.Rows) error { return r.Scan(&name) })
	return name, err
}

// explaining is one user's access being explained.
type explaining struct {
	ctx   context.Context
	db    Database
	v     *Viewer
	whose string
}

func (e *explaining) explain(kind *Kind, record uuid.UUID) (*Explanation, error) {
	x := &Explanation{}
	q := e.v.Query()
	var err error
	if x.Visible, err = anyRow(e.ctx, e.db, q, "select 1 from "+q.Visible(kind, "r")+" where r.id = "+q.Bind(record)); err != nil {
		return nil, err
	}
	q = e.v.Query()
	if x.Manageable, err = anyRow(e.ctx, e.db, q, "select 1 from "+q.Manageable(kind, "r")+" where r.id = "+q.Bind(record)); err != nil {
		return nil, err
	}
	if e.v.Anonymous() {
		x.Reasons = []*Reason{closing(NoPermission, "The account of %s is deactivated.", "%s 的账号已停用。", e.whose)}
		return x, nil
	}
	switch kind.Guard {
	case Reference:
		x.Manageable = x.Visible && e.v.May(kind.Admin)
		x.Reasons = e.reference(kind, x)
	case PartOf:
		x.Reasons, err = e.part(kind, record, x.Visible)
	case BetweenParties:
		x.Reasons = e.between(x)
	default:
		x.Reasons, err = e.business(kind, record)
	}
	return x, err
}

func (e *explaining) reference(kind *Kind, x *Explanation) []*Reason {
	if !x.Visible {
		return []*Reason{closing(NoPermission, "No role of %s gives the permission %s.", "%s 的角色都没有权限 %s。", e.whose, kind.ReadBy)}
	}
	return []*Reason{opening(ByReference, x.Manageable, "Everyone signed in sees records of this kind.", "所有登录用户都能看到此类记录。")}
}

// part gives the reasons of the record that a part is seen with.
func (e *explaining) part(kind *Kind, record uuid.UUID, visible bool) ([]*Reason, error) {
	var whole uuid.UUID
	q := e.v.Query()
	err := eachRow(e.ctx, e.db, q, "select r."+kind.WholeID+" from "+kind.Table+" r where r.id = "+q.Bind(record), func(r pgx.Rows) error { return r.Scan(&whole) })
	if err != nil {
		return nil, err
	}
	reasons, err := e.business(kind.Whole, whole)
	if visible {
		reasons = append([]*Reason{opening(ByWhole, false, "It is part of a record that %s sees.", "它属于 %s 可见的一条记录。", e.whose)}, reasons...)
	}
	return reasons, err
}

func (e *explaining) between(x *Explanation) []*Reason {
	switch {
	case x.Visible:
		return []*Reason{opening(ByBothEnds, x.Manageable, "%s sees both parties.", "%s 能看到关系的两端。", e.whose)}
	case !e.v.May(To(Read, Relationship)):
		return []*Reason{e.noPermission(Relationship)}
	}
	return []*Reason{closing(NotReached, "%s does not see both parties.", "%s 不能同时看到关系的两端。", e.whose)}
}

func (e *explaining) noPermission(kind *Kind) *Reason {
	return closing(NoPermission, "No role of %s gives the permission %s.", "%s 的角色都没有权限 %s。", e.whose, To(Read, kind))
}

// standing is what a business record's visibility is decided by.
type standing struct {
	owner, assignee, pool *uuid.UUID
	deleted, restricted   bool
	customers             []standing
	id                    uuid.UUID
}

func (e *explaining) stand(kind *Kind, record uuid.UUID) (*standing, error) {
	assignee, pool, restricted := "null::uuid", "null::uuid", "false"
	if kind.Assignee != "" {
		assignee = "r." + kind.Assignee
	}
	switch kind {
	case Customer:
		pool = "r.pool_id"
	case Document:
		restricted = "r.restricted"
	}
	s := &standing{id: record}
	q := e.v.Query()
	text := fmt.Sprintf("select r.owner_id, %s, %s, r.deleted_at is not null, %s from %s r where r.id = %s", assignee, pool, restricted, kind.Table, q.Bind(record))
	err := eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error { return r.Scan(&s.owner, &s.assignee, &s.pool, &s.deleted, &s.restricted) })
	if err != nil {
		return nil, err
	}
	q = e.v.Query()
	ways := q.belongs(kind, "r", "c")
	if len(ways) == 0 {
		return s, nil
	}
	for i, way := range ways {
		ways[i] = "select c.id, c.owner_id, c.pool_id from " + way
	}
	text = "select x.id, x.owner_id, x.pool_id from " + kind.Table + " r cross join lateral (" + strings.Join(ways, " union ") + ") x where r.id = " + q.Bind(record)
	return s, eachRow(e.ctx, e.db, q, text, func(r pgx.Rows) error {
		var c standing
		err := r.Scan(&c.id, &c.owner, &c.pool)
		s.customers = append(s.customers, c)
		return err
	})
}
