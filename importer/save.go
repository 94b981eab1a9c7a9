package importer

import (
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/store"
)

// save writes the records with what hangs on them and the keys by which they are known from now on.
func (c *chunk) save() error {
	var add, parts, extras, keys, drop []any
	var change []store.Changed
	for _, w := range c.works {
		w.remember()
		c.count(w)
		if w.known != nil && len(w.brought) == 0 {
			continue
		}
		switch {
		case w.isNew():
			add = append(add, w.row)
		case len(w.brought) > 0:
			change = append(change, store.Changed{Before: w.rowBefore, After: w.row})
		}
		switch {
		case w.part != nil && w.partBefore != nil && w.dropped == nil:
			change = append(change, store.Changed{Before: w.partBefore, After: w.part})
		case w.part != nil:
			parts = append(parts, w.part)
		}
		if works, ok := w.dropped.(*models.Relationship); ok {
			change = append(change, store.Changed{Before: copyOf(works), After: c.ended(works)})
		} else if w.dropped != nil {
			drop = append(drop, w.dropped)
		}
		extras, change = append(extras, w.extras...), append(change, w.changes...)
		before, key, err := c.externalKey(w)
		if err != nil {
			return err
		}
		if before == nil {
			keys = append(keys, key)
		} else {
			change = append(change, store.Changed{Before: before, After: key})
		}
	}
	return c.tx.NotingParts(action, c.opportunities(), func() error {
		if err := c.tx.DropAll(action, drop); err != nil {
			return err
		}
		if err := c.tx.SaveAll(action, change); err != nil {
			return err
		}
		return c.tx.AddAll(action, slices.Concat(add, parts, extras, keys))
	})
}

// opportunities lists those that were there before, whose lines and encounters may change.
func (c *chunk) opportunities() []uuid.UUID {
	if c.kind != "opportunity" {
		return nil
	}
	var ids []uuid.UUID
	for _, w := range c.works {
		if !w.isNew() && len(w.brought) > 0 {
			ids = append(ids, w.id())
		}
	}
	return ids
}

// ended lets a contact's work at a customer end today: that it was so stays known. One that is yet to begin stays.
func (c *chunk) ended(works *models.Relationship) *models.Relationship {
	today := c.tx.Viewer.Today
	if works.ValidUntil == nil && (works.ValidFrom == nil || *works.ValidFrom < today) {
		works.ValidUntil = &today
	}
	return works
}

// externalKey gives the key of a row as it was, nil for a new one, and as it is to be.
func (c *chunk) externalKey(w *work) (before, after *models.ExternalKey, err error) {
	after = c.newKey(w.Kind, w.Key, w.id())
	if w.known != nil {
		before = w.known
		after.ID = before.ID
	}
	after.Imported, err = json.Marshal(w.imported)
	return before, after, err
}

func (c *chunk) newKey(kind, key string, record uuid.UUID) *models.ExternalKey {
	made := &models.ExternalKey{
		Source: c.source.Name, Kind: kind, Key: key, RecordID: record, Imported: json.RawMessage("{}"), ImportedAt: c.tx.Now,
	}
	made.ID = models.NewID(models.ExternalKeyCode)
	return made
}

// count tells what became of a row.
func (c *chunk) count(w *work) {
	counts := c.result.kind(w.Kind)
	counts.Kept += len(w.kept)
	c.result.Kept = append(c.result.Kept, w.kept...)
	switch {
	case w.isNew():
		counts.Created++
	case len(w.brought) > 0:
		counts.Updated++
	default:
		counts.Unchanged++
	}
}
