package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// HistoryOf is the way to the history entries of the records of a kind.
func HistoryOf(kind *access.Kind) Records[models.AuditEntry, *models.AuditEntry] {
	return records[models.AuditEntry](access.HistoryOf(kind))
}

// OfHistory leads from a record to the entries of its history.
var OfHistory = access.ByForeign(nil, "record_id")

// Latest asks for a page of a history, latest first.
func (a Ask) Latest() Ask {
	a.OrderBy = []models.Order{{Field: "AT", Direction: "DESC"}}
	return a
}

// History gives a page of the history of any one record: for a business record or a relationship, to who sees it; for a
// reference record, to who administers its kind. Any other has none.
func History(ctx context.Context, s *Store, snap *access.Snapshot, record uuid.UUID, ask Ask) (*models.Connection[models.AuditEntry], error) {
	kind, ok := access.Coded(models.KindOf(record))
	if !ok || access.HistoryOf(kind) == nil {
		kind, record = access.Customer, uuid.Nil // never issued
	}
	if kind.Guard == access.Reference {
		if err := snap.Viewer.Need(kind.Admin); err != nil {
			return nil, err
		}
	}
	pages, err := HistoryOf(kind).ListOf(ctx, s, snap, "history", OfHistory, []uuid.UUID{record}, ask.Latest())
	return pages[record], err
}

// HistoryByIDs finds the history entries among the ids that the viewer may read, of records of any kind.
func HistoryByIDs(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]*models.AuditEntry, error) {
	found := map[uuid.UUID]*models.AuditEntry{}
	var rows []*models.AuditEntry
	for _, kind := range access.Kinds {
		if access.HistoryOf(kind) == nil || kind.Guard == access.Reference && !snap.Viewer.May(kind.Admin) {
			continue
		}
		some, err := historyOf(ctx, snap, []*access.Kind{kind}, ids)
		if err != nil {
			return nil, err
		}
		for _, entry := range some {
			found[entry.ID], rows = entry, append(rows, entry)
		}
	}
	models.NewBatch(rows)
	return found, nil
}

// historyOf finds history entries of records of the kinds, in one statement.
func historyOf(ctx context.Context, snap *access.Snapshot, kinds []*access.Kind, ids []uuid.UUID) ([]*models.AuditEntry, error) {
	q := snap.Viewer.Query()
	wanted := q.Bind(ids)
	var arms []string
	for _, kind := range kinds {
		history := access.HistoryOf(kind)
		arms = append(arms, fmt.Sprintf("select %s from %s where r.id = any(%s)", q.Shown(history, "r"), q.Visible(history, "r"), wanted))
	}
	var rows []*models.AuditEntry
	err := snap.Run(ctx, q, strings.Join(arms, " union all "), func(row access.Row) error {
		one := &models.AuditEntry{}
		rows = append(rows, one)
		return row.Scan(models.Pointers(nil, one)...)
	})
	return rows, err
}

// ChangesOf reads what the entry tells, field by field in the order of their names; the viewer's rights have been applied.
func ChangesOf(entry *models.AuditEntry) []*models.HistoryChange {
	list := []*models.HistoryChange{}
	kind, ok := access.Coded(models.KindOf(entry.RecordID))
	kept := map[string]keptChange{}
	if !ok || json.Unmarshal(entry.Changes, &kept) != nil {
		return list
	}
	known := kind.Historied()
	for name, change := range kept {
		field, shown := known[name]
		if !shown {
			continue
		}
		c := &models.HistoryChange{Field: field.Name, Protected: field.Rule != "" && !change.Masked}
		if field.Refers {
			c.OldID, c.NewID = idOf(change.Old), idOf(change.New)
		} else {
			c.Old, c.New = textOf(change.Old), textOf(change.New)
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *models.HistoryChange) int { return strings.Compare(a.Field, b.Field) })
	return list
}

// keptChange is a change as an entry keeps it.
type keptChange struct {
	Old, New json.RawMessage
	Masked   bool
}

func idOf(value json.RawMessage) *uuid.UUID {
	var id *uuid.UUID
	if json.Unmarshal(value, &id) != nil {
		return nil
	}
	return id
}

// textOf gives a text as it is, any other value as JSON.
func textOf(value json.RawMessage) *string {
	var text string
	if len(value) == 0 || bytes.Equal(value, []byte("null")) {
		return nil
	}
	if json.Unmarshal(value, &text) != nil {
		text = string(value)
	}
	return &text
}

// auditAll keeps what one write did to several records besides the one it was about.
func (tx *Tx) auditAll(action string, changed map[uuid.UUID]map[string]Change) error {
	ids := slices.SortedFunc(maps.Keys(changed), models.CompareIDs)
	entries := make([]any, len(ids))
	for i, id := range ids {
		entry, err := tx.entry(id, action, changed[id])
		if err != nil {
			return err
		}
		entries[i] = entry
	}
	return tx.insertAll(entries)
}

// changedBy runs an update that returns of each row it changed the id, and as old the column's value before; it keeps for
// each what became of the column: the value after, unless the row says its own as new.
func (tx *Tx) changedBy(action, column string, after any, text string, values ...any) error {
	var rows []struct {
		ID  uuid.UUID `bun:"id,type:uuid"`
		Old *string   `bun:"old"`
		New *string   `bun:"new"`
	}
	if err := tx.NewRaw(text, values...).Scan(tx.ctx, &rows); err != nil {
		return fault.FromSQL(err)
	}
	changed := make(map[uuid.UUID]map[string]Change, len(rows))
	for _, row := range rows {
		change := Change{Old: row.Old, New: after}
		if row.New != nil {
			change.New = row.New
		}
		changed[row.ID] = map[string]Change{column: change}
	}
	return tx.auditAll(action, changed)
}

// partsOf is what an opportunity's parts say, with the amounts apart.
type partsOf struct {
	ID           uuid.UUID       `bun:"id,type:uuid"`
	Lines        json.RawMessage `bun:"lines,type:jsonb"`
	LineAmounts  json.RawMessage `bun:"line_amounts,type:jsonb"`
	Encounters   json.RawMessage `bun:"encounters,type:jsonb"`
	QuotedPrices json.RawMessage `bun:"quoted_prices,type:jsonb"`
	IDs          json.RawMessage `bun:"part_ids,type:jsonb"`
}

var noParts = partsOf{Lines: []byte("[]"), LineAmounts: []byte("[]"), Encounters: []byte("[]"), QuotedPrices: []byte("[]"), IDs: []byte(`{"lines": [], "encounters": []}`)}

// changesTo tells what became of the parts, for a history, and which they were; that alone is no change.
func (p partsOf) changesTo(after partsOf) map[string]Change {
	changed := map[string]Change{}
	for name, values := range map[string][2]json.RawMessage{
		"lines": {p.Lines, after.Lines}, "line_amounts": {p.LineAmounts, after.LineAmounts},
		"encounters": {p.Encounters, after.Encounters}, "quoted_prices": {p.QuotedPrices, after.QuotedPrices},
	} {
		if !bytes.Equal(values[0], values[1]) {
			changed[name] = Change{Old: values[0], New: values[1]}
		}
	}
	if len(changed) > 0 {
		changed[access.PartIDs] = Change{Old: p.IDs}
	}
	return changed
}

// noteParts keeps what a change makes of an opportunity's lines and encounters for its history.
func (tx *Tx) noteParts(opportunity uuid.UUID, change func() error) error {
	changed, err := tx.changingParts([]uuid.UUID{opportunity}, change)
	for name, c := range changed[opportunity] {
		tx.note(name, c.Old, c.New)
	}
	return err
}

// NotingParts does a change of many opportunities that are there, and keeps for the history of each what became of its lines and
// encounters. One of which nothing else was changed has a new version too.
func (tx *Tx) NotingParts(action string, opportunities []uuid.UUID, change func() error) error {
	changed, err := tx.changingParts(opportunities, change)
	if err != nil || len(changed) == 0 {
		return err
	}
	if err := tx.touch(slices.Collect(maps.Keys(changed))); err != nil {
		return err
	}
	return tx.auditAll(action, changed)
}

// changingParts does a change of opportunities, and tells what became of the parts of those whose parts it changed.
func (tx *Tx) changingParts(opportunities []uuid.UUID, change func() error) (map[uuid.UUID]map[string]Change, error) {
	before, err := tx.parts(opportunities)
	if err != nil {
		return nil, err
	}
	if err := change(); err != nil {
		return nil, err
	}
	after, err := tx.parts(opportunities)
	if err != nil {
		return nil, err
	}
	changed := map[uuid.UUID]map[string]Change{}
	for id, parts := range after {
		if c := before[id].changesTo(parts); len(c) > 0 {
			changed[id] = c
		}
	}
	return changed, nil
}

// touch gives a new version to those of the opportunities that this write has not changed itself.
func (tx *Tx) touch(opportunities []uuid.UUID) error {
	var last time.Time
	err := tx.NewRaw("select max(updated_at) from opportunities where id in (?)", bun.List(opportunities)).Scan(tx.ctx, &last)
	if err != nil {
		return fault.FromSQL(err)
	}
	if last.After(tx.Now) {
		tx.waited(last)
	}
	_, err = tx.NewRaw("update opportunities set version = version + 1, updated_at = ?0 where id in (?1) and updated_at <> ?0", tx.Now, bun.List(opportunities)).Exec(tx.ctx)
	return fault.FromSQL(err)
}

// parts reads what the parts of opportunities say, by opportunity.
func (tx *Tx) parts(opportunities []uuid.UUID) (map[uuid.UUID]partsOf, error) {
	found := map[uuid.UUID]partsOf{}
	if len(opportunities) == 0 {
		return found, nil
	}
	var rows []partsOf
	err := tx.NewRaw(`select o.id, l.lines, l.line_amounts, e.encounters, e.quoted_prices, jsonb_build_object('lines', l.ids, 'encounters', e.ids) as part_ids from unnest(array[?0]::uuid[]) as o (id) cross join lateral (
			select coalesce(jsonb_agg(jsonb_build_object('product', product_id, 'quantity', quantity::text) order by position, id), '[]') as lines,
				coalesce(jsonb_agg(jsonb_build_object('product', product_id, 'unitPrice', unit_price::text, 'amount', amount::text) order by position, id), '[]') as line_amounts,
				coalesce(jsonb_agg(jsonb_build_object('id', id, 'position', position) order by position, id), '[]') as ids
			from opportunity_lines where opportunity_id = o.id) as l cross join lateral (
			select coalesce(jsonb_agg(jsonb_build_object('competitor', competitor_id, 'strengths', strengths, 'weaknesses', weaknesses, 'main', is_main) order by created_at, id), '[]') as encounters,
				coalesce(jsonb_agg(jsonb_build_object('competitor', competitor_id, 'quotedPrice', quoted_price::text, 'currency', currency) order by created_at, id), '[]') as quoted_prices,
				coalesce(jsonb_agg(jsonb_build_object('id', id, 'created_at', created_at) order by created_at, id), '[]') as ids
			from encounters where opportunity_id = o.id) as e`, bun.List(opportunities)).Scan(tx.ctx, &rows)
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, fault.FromSQL(err)
}
