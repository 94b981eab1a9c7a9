package access

import (
	"context"
	"slices"

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
	x.Reasons, err = e.reasons(kind, record)
	x.Manageable = x.Manageable && (kind.Guard != Reference || e.v.May(kind.Admin))
	return x, err
}

// reasons gives the ways that lead to the record, and what shuts it.
func (e *explaining) reasons(kind *Kind, record uuid.UUID) ([]*Reason, error) {
	s, err := e.stand(kind, record)
	if err != nil {
		return nil, err
	}
	if shut := e.shut(kind, s); shut != nil {
		return []*Reason{shut}, nil
	}
	found, err := e.findings(kind, s)
	if err != nil {
		return nil, err
	}
	var reasons []*Reason
	for i := range found {
		more, err := found[i].reasons()
		if err != nil {
			return nil, err
		}
		reasons = append(reasons, more...)
	}
	if kind.Guard == PartOf {
		more, err := e.reasons(kind.Whole, s.whole)
		reasons = append(reasons, more...)
		return reasons, err
	}
	denied, err := e.denials(kind, s)
	if len(reasons) == 0 && s.listed {
		return []*Reason{e.closing(NotReader)}, err
	}
	if len(reasons) == 0 {
		denied = append(denied, e.notReached(kind))
	}
	return append(reasons, denied...), err
}

// shut gives what shuts the record whatever leads to it.
func (e *explaining) shut(kind *Kind, s *standing) *Reason {
	switch {
	case e.v.Anonymous():
		return e.closing(Inactive)
	case shuts(NoPermission).kind(e.v, kind):
		return e.closing(NoPermission, kind.toRead())
	case s.deleted:
		return e.closing(IsDeleted)
	}
	return nil
}

func shuts(name string) closing {
	return closings[slices.IndexFunc(closings, func(c closing) bool { return c.name == name })]
}

// closing says a closing rule, with what its sentence takes beside the user.
func (e *explaining) closing(name string, values ...any) *Reason {
	c := shuts(name)
	return &Reason{Rule: name, Sentence: fault.Say(c.en, c.zh, append([]any{e.whose}, values...)...)}
}

func (e *explaining) notReached(kind *Kind) *Reason {
	if kind.Guard == BetweenParties {
		return &Reason{Rule: NotReached, Sentence: fault.Say("%s does not see both parties.", "%s 不能同时看到关系的两端。", e.whose)}
	}
	return &Reason{Rule: NotReached, Sentence: fault.Say("Nothing opens it to %s: he neither owns it nor is it assigned to him, no grant of his reaches its owner, and neither it nor a customer it belongs to is his, shared with him or in a pool of his.",
		"没有任何规则让 %s 看到它：不是所有者或负责人，没有授权覆盖其所有者，它及其所属客户也不归其所有、未共享给他、也不在其公海中。", e.whose)}
}
