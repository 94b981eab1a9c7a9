package access

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/models"
)

// Explain tells why a user does or does not see a record, as the snapshot has it; see the function Explain.
func (s *Snapshot) Explain(ctx context.Context, user, record uuid.UUID, field string) (found *Explanation, err error) {
	err = s.with(ctx, func(db Database) error {
		found, err = Explain(ctx, db, s.Viewer, user, record, field)
		return err
	})
	return found, fault.FromSQL(err)
}

// Explain tells why a user does or does not see a record, and how far he reads a field of it, if one is named: whether, by
// the door that everything goes through; why, by the rows of the rules and the facts. It is nil for a record that the viewer
// does not see, deleted ones that he could restore excepted, and for a user there is not. Another user than himself needs
// ACCESS_ADMIN.
func Explain(ctx context.Context, db Database, v *Viewer, user, record uuid.UUID, field string) (*Explanation, error) {
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
	e := &explaining{ctx: ctx, db: db, caller: v, names: map[uuid.UUID]string{}}
	if e.whose, err = e.name(&user); err != nil || e.whose == "" {
		return nil, err
	}
	facts, err := load(ctx, db, []uuid.UUID{user}, v.Now)
	if err != nil {
		return nil, err
	}
	e.v, e.inactive = facts[0].viewer, facts[0].shut()
	found, err := e.explain(kind, record)
	if err == nil && field != "" {
		found.Field, err = e.field(found, kind, record, field)
	}
	if err != nil {
		return nil, err
	}
	found.together()
	return found, nil
}

// with lends the snapshot's connection.
func (s *Snapshot) with(ctx context.Context, do func(Database) error) error {
	s.line.Lock()
	defer s.line.Unlock()
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.waves.Add(1)
	s.statements.Add(1)
	return do(s.conn.Conn())
}

// begin begins the snapshot if nothing has been read yet.
func (s *Snapshot) begin(ctx context.Context) error {
	if s.conn != nil {
		return nil
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, beginning); err != nil {
		conn.Release()
		return err
	}
	s.conn = conn
	return nil
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

// explaining is one user's access being explained to a caller.
type explaining struct {
	ctx      context.Context
	db       Database
	caller   *Viewer
	v        *Viewer // the user, with the rights that he has or, deactivated, would have
	inactive bool
	whose    string // his name
	names    map[uuid.UUID]string
	rolesOf  []held
}

func (e *explaining) explain(kind *Kind, record uuid.UUID) (*Explanation, error) {
	x := &Explanation{}
	s, err := e.stand(kind, record)
	if err != nil {
		return nil, err
	}
	open := func(source string, q *Query) bool {
		found := false
		if err == nil && !e.inactive {
			found, err = anyRow(e.ctx, e.db, q, "select 1 from "+source+" where r.id = "+q.Bind(record))
		}
		return found
	}
	see, manage := e.v.Query(), e.v.Query()
	x.Visible, x.Manageable = open(see.Visible(kind, "r"), see), open(manage.Manageable(kind, "r"), manage)
	x.Manageable = x.Manageable && (kind.Guard != Reference || e.v.May(kind.Admin))
	if err != nil {
		return nil, err
	}
	if x.Reasons, err = e.reasons(kind, s); err != nil {
		return nil, err
	}
	if x.Visible {
		x.Chain, err = e.shortest(kind, record)
	} else {
		x.Needed, err = e.needed(kind, s)
	}
	return x, err
}

// name gives the name of a user, department, group, role or pool; a stroke for nobody.
func (e *explaining) name(id *uuid.UUID) (string, error) {
	if id == nil {
		return "—", nil
	}
	if name, ok := e.names[*id]; ok {
		return name, nil
	}
	kind, ok := Coded(models.KindOf(*id))
	if !ok || kind.Guard != Reference || kind.Fields["name"].Column != "name" {
		return "", nil
	}
	name := ""
	q := e.caller.Query()
	err := eachRow(e.ctx, e.db, q, "select r.name from "+q.Visible(kind, "r")+" where r.id = "+q.Bind(*id), func(r pgx.Rows) error { return r.Scan(&name) })
	e.names[*id] = name
	return name, err
}
