package importer

import (
	"encoding/json"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// action is what the audit trail calls an import.
const action = "IMPORT"

// chunk is some rows of one kind that are written together.
type chunk struct {
	tx     *store.Tx
	source *Source
	kind   string
	works  []*work
	result Result

	found        map[refGroup]map[string][]uuid.UUID
	homes        map[uuid.UUID]*uuid.UUID // primary departments of owners
	dictionaries map[string]*dictionary
	pipelines    map[string]uuid.UUID
	stages       map[uuid.UUID][]*models.Stage
	types        map[uuid.UUID]*models.RelationshipType
	currencies   map[string]bool
	logins       map[string]bool
}

// work is a row on its way to become a record, or to change one.
type work struct {
	Row
	record
	known      *models.ExternalKey // nil when the source has not brought the record
	adopted    bool                // the record was there before the source brought it
	imported   map[string]memory
	rowBefore  any // as it was, nil for a new one
	partBefore any
	extras     []any           // other rows that come with the record
	changes    []store.Changed // of other rows
	brought    []string        // fields that were written
	kept       []Kept
	problems   Problems
	blank      map[string]bool // fields left empty because of a problem
	told       Problems        // those problems
}

// memory is what the last import found in a field: what the source said, and what the record then had.
type memory struct {
	Source string `json:"source"`
	Record string `json:"record"`
}

func newChunk(tx *store.Tx, source *Source, rows []Row) *chunk {
	c := &chunk{
		tx: tx, source: source, kind: rows[0].Kind,
		found: map[refGroup]map[string][]uuid.UUID{}, homes: map[uuid.UUID]*uuid.UUID{}, dictionaries: map[string]*dictionary{},
		pipelines: map[string]uuid.UUID{}, stages: map[uuid.UUID][]*models.Stage{}, types: map[uuid.UUID]*models.RelationshipType{},
		currencies: map[string]bool{},
	}
	for _, row := range rows {
		c.works = append(c.works, &work{Row: row, record: record{kind: row.Kind}, imported: map[string]memory{}, blank: map[string]bool{}})
	}
	return c
}

func (w *work) id() uuid.UUID {
	id, _ := w.row.(models.Keyed).Key()
	return id
}

// isNew tells whether the row makes a record.
func (w *work) isNew() bool { return w.known == nil && !w.adopted }

// wrong notes a problem of a field.
func (w *work) wrong(field string, sentence fault.Sentence) {
	w.problems = append(w.problems, w.problem(field, sentence))
}

// write takes the rows through all steps.
func (c *chunk) write() error {
	for _, step := range []func() error{c.match, c.load, c.lookUp, c.adopt, c.fill, c.findHomes, c.finish, c.save, c.giveRoles} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// keep goes on with the rows for which it says so.
func (c *chunk) keep(wanted func(*work) (bool, error)) error {
	var going []*work
	for _, w := range c.works {
		ok, err := wanted(w)
		if err != nil {
			return err
		}
		if ok {
			going = append(going, w)
		}
	}
	c.works = going
	return nil
}

// match finds out which rows have been imported before, and leaves out those in which the source has changed nothing.
func (c *chunk) match() error {
	keys := make([]string, len(c.works))
	for i, w := range c.works {
		keys[i] = w.Key
	}
	known, err := c.tx.ExternalKeys(c.source.Name, c.kind, keys)
	if err != nil {
		return err
	}
	return c.keep(func(w *work) (bool, error) {
		if w.known = known[w.Key]; w.known == nil {
			return true, nil
		}
		if err := json.Unmarshal(w.known.Imported, &w.imported); err != nil {
			return false, err
		}
		for field := range w.Fields {
			if w.news(field) {
				return true, nil
			}
		}
		c.result.kind(c.kind).Unchanged++
		return false, nil
	})
}

// news tells whether the source says something else in a field than it did last time.
func (w *work) news(field string) bool {
	last, ok := w.imported[field]
	return !ok || last.Source != w.Fields[field].String()
}

// load reads the records that the rows have become.
func (c *chunk) load() error {
	var ids []uuid.UUID
	for _, w := range c.works {
		if w.known != nil {
			ids = append(ids, w.known.RecordID)
		}
	}
	kind := makerOf(c.kind).kind
	rows, err := c.tx.Rows(kind, ids)
	if err != nil {
		return err
	}
	managed, err := c.tx.Managed(kind, ids)
	if err != nil {
		return err
	}
	hanging, err := c.parts(ids)
	if err != nil {
		return err
	}
	byID := map[uuid.UUID]any{}
	for _, row := range rows {
		id, _ := row.(models.Keyed).Key()
		byID[id] = row
	}
	return c.keep(func(w *work) (bool, error) { return c.loaded(w, byID, managed, hanging), nil })
}

// loaded tells whether to go on with a row, whose record may have been deleted or not be the viewer's to write.
func (c *chunk) loaded(w *work, rows map[uuid.UUID]any, managed map[uuid.UUID]bool, hanging map[uuid.UUID][]any) bool {
	if w.known == nil {
		w.row = fresh(makerOf(c.kind).kind, c.tx.Viewer)
		return true
	}
	id := w.known.RecordID
	w.row = rows[id]
	if w.row == nil || deleted(w.row) {
		c.result.Kept = append(c.result.Kept, Kept{File: w.File, Line: w.Line, Kind: w.Kind, Key: w.Key})
		counts := c.result.kind(c.kind)
		counts.Unchanged, counts.Kept = counts.Unchanged+1, counts.Kept+1
		return false
	}
	if !managed[id] {
		c.result.Problems = append(c.result.Problems, Problem{File: w.File, Line: w.Line, Kind: w.Kind, Sentence: fault.Say(
			"the record of this row is there, but not yours to change", "该行对应的记录已存在，但您无权修改")})
		c.result.kind(c.kind).LeftOut++
		return false
	}
	w.choosePart(hanging[id])
	w.rowBefore, w.partBefore = copyOf(w.row), copyOf(w.part)
	return true
}

func deleted(row any) bool {
	switch r := row.(type) {
	case *models.Relationship:
		return r.DeletedAt != nil
	case interface{ Owned() *models.Business }:
		return r.Owned().DeletedAt != nil
	}
	return false
}

// parts reads what hangs on records: memberships, affiliations, lines.
func (c *chunk) parts(ids []uuid.UUID) (map[uuid.UUID][]any, error) {
	hanging := map[uuid.UUID][]any{}
	switch c.kind {
	case "user":
		list, err := store.RowsBy[models.Membership](c.tx, "user_id", ids)
		for _, m := range list {
			if m.IsPrimary {
				hanging[m.UserID] = append(hanging[m.UserID], m)
			}
		}
		return hanging, err
	case "contact":
		list, err := store.RowsBy[models.Relationship](c.tx, "a_id", ids)
		for _, r := range list {
			if r.TypeID == models.WorksAtID && r.DeletedAt == nil {
				hanging[r.AID] = append(hanging[r.AID], r)
			}
		}
		return hanging, err
	case "opportunity":
		list, err := store.RowsBy[models.OpportunityLine](c.tx, "opportunity_id", ids)
		for _, l := range list {
			hanging[l.OpportunityID] = append(hanging[l.OpportunityID], l)
		}
		return hanging, err
	}
	return hanging, nil
}

// choosePart takes the one that the source speaks of: of a contact's affiliations the imported one.
func (w *work) choosePart(list []any) {
	if w.Kind == "contact" {
		for _, part := range list {
			if part.(*models.Relationship).BID.String() == w.imported["customer"].Record {
				w.part = part
			}
		}
		return
	}
	switch len(list) {
	case 0:
	case 1:
		w.part = list[0]
	default:
		w.several = true
	}
}

// findHomes reads the primary departments of the owners of opportunities.
func (c *chunk) findHomes() error {
	if c.kind != "opportunity" {
		return nil
	}
	var owners []uuid.UUID
	for _, w := range c.works {
		if o := w.row.(*models.Opportunity); o.OwnerID != nil {
			owners = append(owners, *o.OwnerID)
		}
	}
	list, err := store.RowsBy[models.Membership](c.tx, "user_id", unique(owners))
	for _, m := range list {
		if m.IsPrimary {
			c.homes[m.UserID] = &m.DepartmentID
		}
	}
	return err
}

func unique(ids []uuid.UUID) []uuid.UUID {
	seen := make(map[uuid.UUID]bool, len(ids))
	kept := ids[:0:0]
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// finish lets each kind work out what follows from its fields, and leaves out the rows that have a problem.
func (c *chunk) finish() error {
	finish := makerOf(c.kind).finish
	return c.keep(func(w *work) (bool, error) {
		for _, step := range []func(*chunk, *work) error{(*chunk).changeHands, finish, (*chunk).takes} {
			if len(w.problems) > 0 || step == nil {
				continue
			}
			if err := step(c, w); err != nil {
				return false, err
			}
		}
		c.checkText(w)
		if len(w.problems) > 0 {
			c.result.kind(c.kind).LeftOut++
		}
		c.result.Problems = append(append(c.result.Problems, w.told...), w.problems...)
		return len(w.problems) == 0, nil
	})
}

// changeHands gives a record that was there to its new owner as a handover does.
func (c *chunk) changeHands(w *work) error {
	owned, ok := w.row.(interface{ Owned() *models.Business })
	if !ok || w.isNew() {
		return nil
	}
	from := w.rowBefore.(interface{ Owned() *models.Business }).Owned().OwnerID
	if models.OrNil(from) == models.OrNil(owned.Owned().OwnerID) {
		return nil
	}
	return w.refused(c.tx.ChangeHands(w.row, from, false, "owner"))
}

// takes holds a record that was there, and goes to another customer, against what the mutations refuse.
func (c *chunk) takes(w *work) error {
	if w.isNew() {
		return nil
	}
	return w.refused(c.tx.Takes(makerOf(w.Kind).kind, w.rowBefore, w.row))
}

// refused notes what the store refuses as problems of the row.
func (w *work) refused(err error) error {
	refused, err := fault.Refusals(err)
	for _, f := range refused {
		w.problems = append(w.problems, problemOf(w.Row, f))
	}
	return err
}

// checkText tells what is too long and the like.
func (c *chunk) checkText(w *work) {
	if len(w.problems) > 0 {
		return
	}
	refused, _ := fault.Refusals(store.Check(w.row))
	for _, f := range refused {
		w.problems = append(w.problems, problemOf(w.Row, f))
	}
}
