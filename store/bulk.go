package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// rowsAtOnce is how many rows one statement writes at most.
const rowsAtOnce = 1000

// Rehearse does a write and takes it back: it tells what would have happened.
func (s *Store) Rehearse(ctx context.Context, v *access.Viewer, do func(*Tx) error) error {
	raw, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		return fault.FromSQL(err)
	}
	defer raw.Rollback()
	return fault.FromSQL(do(s.tx(ctx, raw, v)))
}

// Attempt does a part of a write that takes back only itself when it fails.
func (tx *Tx) Attempt(do func(*Tx) error) error {
	return fault.FromSQL(tx.RunInTx(tx.ctx, nil, func(_ context.Context, inner bun.Tx) error {
		part := *tx
		part.Tx = inner
		return do(&part)
	}))
}

// Lock waits until no other write holds the name, and holds it to the end of this one.
func (tx *Tx) Lock(name string) error {
	if _, err := tx.ExecContext(tx.ctx, "insert into locks (name) values (?) on conflict do nothing", name); err != nil {
		return fault.FromSQL(err)
	}
	_, err := tx.ExecContext(tx.ctx, "select 1 from locks where name = ? for update", name)
	return fault.FromSQL(err)
}

// Check tells everything that is wrong with a row's text, as fault.Many; nil when it is right.
func Check(row any) error { return check(row).OrNil() }

// RowsBy reads, for a write, the rows of which a column has one of the values, locked, by id. It knows no viewer: hold
// what it finds against Seen or Managed.
func RowsBy[T, V any](tx *Tx, column string, values []V) ([]*T, error) {
	var rows []*T
	if len(values) == 0 {
		return nil, nil
	}
	err := tx.NewSelect().Model(&rows).Where("? in (?)", bun.Ident(column), bun.List(values)).OrderExpr("1").For("update").Scan(tx.ctx)
	return rows, fault.FromSQL(err)
}

// Rows is RowsBy id for a kind that is known only when the program runs.
func (tx *Tx) Rows(kind *access.Kind, ids []uuid.UUID) ([]any, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows := reflect.New(reflect.SliceOf(reflect.PointerTo(kind.Model)))
	if err := tx.NewSelect().Model(rows.Interface()).Where("id in (?)", bun.List(ids)).OrderExpr("id").For("update").Scan(tx.ctx); err != nil {
		return nil, fault.FromSQL(err)
	}
	list := make([]any, rows.Elem().Len())
	for i := range list {
		list[i] = rows.Elem().Index(i).Interface()
	}
	return list, nil
}

// Seen tells which of the records the viewer sees.
func (tx *Tx) Seen(kind *access.Kind, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	q := tx.Viewer.Query()
	return tx.among(q, q.Visible(kind, "r"), ids)
}

// Managed tells which of the records the viewer may write.
func (tx *Tx) Managed(kind *access.Kind, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	q := tx.Viewer.Query()
	if kind.Guard == access.Reference {
		return tx.among(q, q.Visible(kind, "r"), ids)
	}
	return tx.among(q, q.Manageable(kind, "r"), ids)
}

func (tx *Tx) among(q *access.Query, source string, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	found := map[uuid.UUID]bool{}
	if len(ids) == 0 {
		return found, nil
	}
	err := tx.named(q, "select r.id::text, r.id from "+source+" where r.id = any("+q.Bind(ids)+")", func(_ string, id uuid.UUID) { found[id] = true })
	return found, err
}

// Named finds the records that the viewer sees by the text in one of their columns, which must be one of the kind's.
func (tx *Tx) Named(kind *access.Kind, column string, texts []string) (map[string][]uuid.UUID, error) {
	found := map[string][]uuid.UUID{}
	if !slices.Contains(kind.Columns, column) {
		return nil, fault.Deny(fault.Internal, fault.Say("A record has no such field.", "记录没有这个字段。"))
	}
	q := tx.Viewer.Query()
	text := "select r." + column + ", r.id from " + q.Visible(kind, "r") + " where r." + column + " = any(" + q.Bind(texts) + ")"
	err := tx.named(q, text, func(name string, id uuid.UUID) { found[name] = append(found[name], id) })
	return found, err
}

func (tx *Tx) named(q *access.Query, text string, take func(string, uuid.UUID)) error {
	text = q.Text(text)
	rows, err := tx.Tx.Tx.QueryContext(tx.ctx, text, append([]any{pgx.QueryExecModeCacheDescribe}, q.Args()...)...)
	if err != nil {
		return fault.FromSQL(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var id uuid.UUID
		if err := rows.Scan(&name, &id); err != nil {
			return err
		}
		take(name, id)
	}
	return fault.FromSQL(rows.Err())
}

// AddAll writes new rows of any kinds, in the order in which their kinds first appear, many a statement, with what they are
// found by and an audit entry for each record, which for an opportunity tells of its lines and encounters too. Their ids must be set.
func (tx *Tx) AddAll(action string, rows []any) error {
	var records []any
	var opportunities []uuid.UUID
	for _, row := range rows {
		index(row)
		b, ok := row.(interface{ Base() *models.Record })
		if !ok {
			continue
		}
		base := b.Base()
		base.Version, base.CreatedAt, base.UpdatedAt = 1, tx.Now, tx.Now
		records = append(records, row)
		if models.KindOf(base.ID) == models.OpportunityCode {
			opportunities = append(opportunities, base.ID)
		}
	}
	if err := tx.insertAll(rows); err != nil {
		return err
	}
	parts, err := tx.parts(opportunities)
	if err != nil {
		return err
	}
	entries := make([]any, len(records))
	for i, row := range records {
		id, changed := row.(interface{ Base() *models.Record }).Base().ID, made(row)
		if of, has := parts[id]; has {
			maps.Copy(changed, noParts.changesTo(of))
		}
		if entries[i], err = tx.entry(id, action, changed); err != nil {
			return err
		}
	}
	return tx.insertAll(entries)
}

func (tx *Tx) entry(record uuid.UUID, action string, changed map[string]Change) (*models.AuditEntry, error) {
	text, err := json.Marshal(changed)
	entry := &models.AuditEntry{RecordID: record, Action: action, At: tx.Now, ActorID: tx.Viewer.Owner(), Changes: text}
	entry.ID = models.NewID(models.AuditEntryCode)
	return entry, err
}

func (tx *Tx) insertAll(rows []any) error {
	for _, group := range byType(rows) {
		for part := range slices.Chunk(group, rowsAtOnce) {
			if _, err := tx.NewInsert().Model(sliceOf(part)).Exec(tx.ctx); err != nil {
				return fault.FromSQL(err)
			}
		}
	}
	return nil
}

// byType sorts rows by their type, the types in the order in which they first appear.
func byType(rows []any) [][]any {
	at := map[reflect.Type]int{}
	var groups [][]any
	for _, row := range rows {
		i, ok := at[reflect.TypeOf(row)]
		if !ok {
			i = len(groups)
			at[reflect.TypeOf(row)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], row)
	}
	return groups
}

// sliceOf makes a pointer to a slice of the rows' own type.
func sliceOf(rows []any) any {
	list := reflect.New(reflect.SliceOf(reflect.TypeOf(rows[0])))
	for _, row := range rows {
		list.Elem().Set(reflect.Append(list.Elem(), reflect.ValueOf(row)))
	}
	return list.Interface()
}

// Changed is a row as it was and as it is to be.
type Changed struct{ Before, After any }

// SaveAll writes the rows that really changed, each record with its audit entry.
func (tx *Tx) SaveAll(action string, list []Changed) error {
	var entries []any
	for _, c := range list {
		differs := changes(c.Before, c.After)
		if len(differs) == 0 {
			continue
		}
		index(c.After)
		if b, ok := c.After.(interface{ Base() *models.Record }); ok {
			base := b.Base()
			tx.waited(base.UpdatedAt)
			base.Version, base.UpdatedAt = base.Version+1, tx.Now
			entry, err := tx.entry(base.ID, action, differs)
			if err != nil {
				return err
			}
			entries = append(entries, entry)
		}
		if _, err := tx.NewUpdate().Model(c.After).WherePK().Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
	}
	return tx.insertAll(entries)
}

// DropAll takes rows away that belong to a record, such as its lines; one that is a record itself leaves an audit entry.
func (tx *Tx) DropAll(action string, rows []any) error {
	var entries []any
	for _, row := range rows {
		if _, err := tx.NewDelete().Model(row).WherePK().Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
		if b, ok := row.(interface{ Base() *models.Record }); ok {
			entry, err := tx.entry(b.Base().ID, action, gone(row))
			if err != nil {
				return err
			}
			entries = append(entries, entry)
		}
	}
	return tx.insertAll(entries)
}

// Below lists a department and all below it, locked.
func (tx *Tx) Below(department uuid.UUID) ([]*models.Department, error) {
	var rows []*models.Department
	err := tx.NewSelect().Model(&rows).Where("? = any(path)", department).OrderExpr("id").For("update").Scan(tx.ctx)
	return rows, fault.FromSQL(err)
}

// ExternalKeys finds what rows of a source have become, by their keys.
func (tx *Tx) ExternalKeys(source, kind string, keys []string) (map[string]*models.ExternalKey, error) {
	found := make(map[string]*models.ExternalKey, len(keys))
	if len(keys) == 0 {
		return found, nil
	}
	var rows []*models.ExternalKey
	err := tx.NewSelect().Model(&rows).Where("source = ? and kind = ? and key in (?)", source, kind, bun.List(keys)).Scan(tx.ctx)
	for _, row := range rows {
		found[row.Key] = row
	}
	return found, fault.FromSQL(err)
}

// Logins lists all logins in lower case.
func (tx *Tx) Logins() (map[string]bool, error) {
	var logins []string
	err := tx.NewSelect().Model((*models.User)(nil)).ColumnExpr("lower(login)").Scan(tx.ctx, &logins)
	taken := make(map[string]bool, len(logins))
	for _, login := range logins {
		taken[login] = true
	}
	return taken, fault.FromSQL(err)
}

// UserCalled finds a user by his login, in whatever case; zero when there is none.
func (tx *Tx) UserCalled(login string) (id uuid.UUID, err error) {
	err = tx.NewSelect().Model((*models.User)(nil)).Column("id").Where("lower(login) = lower(?)", login).Scan(tx.ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, fault.FromSQL(err)
}
