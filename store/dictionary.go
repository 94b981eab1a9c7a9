package store

import (
	"context"
	"math"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// DictionaryCreate makes a dictionary.
func (s *Store) DictionaryCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Dictionaries.Create(ctx, s, v, q, input, func(_ *Tx, d *models.Dictionary) error { return checkCode(d.Code) }, nil)
}

func checkCode(code string) error {
	if f := within(code, 50, "input", "code"); f != nil {
		return f
	}
	return nil
}

// DictionaryEntryCreate adds a value to a dictionary, last unless the input says where.
func (s *Store) DictionaryEntryCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return DictionaryEntries.Create(ctx, s, v, q, input, func(tx *Tx, e *models.DictionaryEntry) error {
		e.Active = given(input["active"], true)
		if err := tx.checkEntry(e); err != nil || present(input["position"]) {
			return err
		}
		return tx.last(&e.Position, "dictionary_entries", "dictionary_id", e.DictionaryID)
	}, nil)
}

// DictionaryEntryUpdate changes a value; all records that refer to it follow.
func (s *Store) DictionaryEntryUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return DictionaryEntries.Update(ctx, s, v, q, id, version, input, func(tx *Tx, _, e *models.DictionaryEntry) error { return tx.checkEntry(e) })
}

// checkEntry refuses a place above from another dictionary or below the entry itself, and a kind of loss on anything that
// is no loss reason.
func (tx *Tx) checkEntry(e *models.DictionaryEntry) error {
	var d models.Dictionary
	if err := tx.NewSelect().Model(&d).Where("id = ?", e.DictionaryID).For("no key update").Scan(tx.ctx); err != nil {
		return absentRow(err, "input", "dictionary")
	}
	if e.LossKind != nil && d.Code != models.LossReasonDictionary {
		return fault.Refuse(fault.Invalid, fault.Say("Only a loss reason has a kind of loss.", "只有输单原因才有输单类型。")).At("input", "lossKind")
	}
	if e.ParentID == nil {
		return nil
	}
	var chain []struct {
		ID           uuid.UUID
		DictionaryID uuid.UUID
	}
	err := tx.NewRaw(`with recursive above (id, parent_id, dictionary_id) as (select id, parent_id, dictionary_id from dictionary_entries where id = ?
		union select e.id, e.parent_id, e.dictionary_id from dictionary_entries e join above on e.id = above.parent_id)
		select id, dictionary_id from above`, *e.ParentID).Scan(tx.ctx, &chain)
	if err != nil {
		return err
	}
	for _, one := range chain {
		if one.DictionaryID != e.DictionaryID {
			return fault.Absent("input", "parent")
		}
		if one.ID == e.ID {
			return fault.Refuse(fault.Cycle, fault.Say("An entry cannot stand below itself.", "条目不能放在自己的下级之中。")).At("input", "parent")
		}
	}
	return nil
}

// last gives the place behind all others of the same whole, or beside the last where no number is larger.
func (tx *Tx) last(position *int, table, whole string, id uuid.UUID) error {
	return tx.NewSelect().TableExpr(table).ColumnExpr("least(coalesce(max(position), 0)::bigint + 1, ?)", math.MaxInt32).Where(whole+" = ?", id).Scan(tx.ctx, position)
}

// given reads a yes or no of an input, or what holds when it was not said.
func given(value any, otherwise bool) bool {
	switch b := value.(type) {
	case bool:
		return b
	case *bool:
		if b != nil {
			return *b
		}
	}
	return otherwise
}

// present tells whether an input says a number.
func present(value any) bool {
	switch n := value.(type) {
	case int:
		return true
	case *int:
		return n != nil
	}
	return false
}

// DictionaryEntryDelete takes away an entry that no record refers to. Those of documents are only ever deactivated: documents
// with a list of their own may be hidden from everybody.
func (s *Store) DictionaryEntryDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return DictionaryEntries.Remove(ctx, s, v, q, id, version, func(tx *Tx, e *models.DictionaryEntry) error {
		ofDocuments, err := tx.NewSelect().Model((*models.Dictionary)(nil)).Where("id = ? and code = ?", e.DictionaryID, models.DocumentCategoryDictionary).Exists(tx.ctx)
		if err == nil && ofDocuments {
			return fault.Refuse(fault.Forbidden, fault.Say("A category of documents is not deleted; deactivate it.", "文档类别不能删除，请停用。")).At("input", "id")
		}
		return err
	})
}
