package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Update changes the fields of a record that the input names.
func (r Records[T, P]) Update(ctx context.Context, s *Store, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any, prepare func(tx *Tx, before, after *T) error) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Update, r.Kind)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		return id, r.change(tx, id, version, input, prepare)
	})
}

// change changes the fields that the input names within a write.
func (r Records[T, P]) change(tx *Tx, id uuid.UUID, version *int, input map[string]any, prepare func(tx *Tx, before, after *T) error) error {
	return r.alter(tx, id, version, "UPDATE", func(tx *Tx, row *T) error {
		before := *row
		named, err := fill(r.Kind, row, input, tx.Viewer)
		if err != nil {
			return err
		}
		if err := tx.writable(r.Kind, &before, named); err != nil {
			return err
		}
		if err := tx.references(r.Kind, row, named); err != nil {
			return err
		}
		if prepare != nil {
			if err := prepare(tx, &before, row); err != nil {
				return err
			}
		}
		return tx.Takes(r.Kind, &before, row)
	})
}

// writable refuses the protected ones among the columns of a record as it was, unless the viewer reads them there.
func (tx *Tx) writable(kind *access.Kind, row any, named []models.Column) error {
	record, owned := row.(models.BusinessRecord)
	if !owned {
		return nil
	}
	for _, column := range named {
		if err := tx.Viewer.UseOn(record, kind.ToWrite(column.Name), "input", column.Input); err != nil {
			return err
		}
	}
	return nil
}

// Edit changes a record that the viewer manages: it locks the row, holds it against the version the caller knows, lets
// change alter it, and writes it with its audit entry.
func (r Records[T, P]) Edit(ctx context.Context, s *Store, v *access.Viewer, q Request, action access.Action, id uuid.UUID, version *int, name string, change func(*Tx, *T) error) (uuid.UUID, error) {
	return r.editWith(ctx, s, v, q, access.To(action, r.Kind), id, version, name, change)
}

// editWith is Edit under a permission that is not the kind's own.
func (r Records[T, P]) editWith(ctx context.Context, s *Store, v *access.Viewer, q Request, need access.Permission, id uuid.UUID, version *int, name string, change func(*Tx, *T) error) (uuid.UUID, error) {
	if err := v.Need(need); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		return id, r.alter(tx, id, version, name, change)
	})
}

// alter changes a record within a write.
func (r Records[T, P]) alter(tx *Tx, id uuid.UUID, version *int, name string, change func(*Tx, *T) error) error {
	row, err := r.lock(tx, id, version)
	if err != nil {
		return err
	}
	return r.save(tx, row, name, change)
}

// lock reads a row for writing, if the viewer manages it and it still has the version.
func (r Records[T, P]) lock(tx *Tx, id uuid.UUID, version *int) (*T, error) {
	row := new(T)
	err := tx.NewSelect().Model(row).Where("id = ?", id).For("update").Scan(tx.ctx)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, fault.FromSQL(err)
	}
	manage := tx.Manage
	if r.Kind.Guard == access.Reference {
		manage = tx.See
	}
	if err := manage(r.Kind, id, "input", "id"); err != nil {
		return nil, err
	}
	if b, ok := any(row).(interface{ Base() *models.Record }); ok {
		tx.waited(b.Base().UpdatedAt)
		return row, stale(version, b.Base().Version)
	}
	return row, nil
}

// waited moves the time of a write past the last change of a record that it waited for: a history is in the order of what it
// tells.
func (tx *Tx) waited(last time.Time) {
	if !last.Before(tx.Now) {
		tx.Now = last.Add(time.Microsecond)
	}
}

// stale refuses a change made from a version that is no longer the record's.
func stale(expected *int, version int) error {
	if expected == nil || *expected == version {
		return nil
	}
	return fault.Refuse(fault.StaleVersion, fault.Say("Someone changed this record: it has version %d now, not %d.", "记录已被他人修改：当前版本为 %d，而不是 %d。", version, *expected)).At("input", "expectedVersion")
}

// absentRow tells that a row which was to be locked is not there.
func absentRow(err error, field ...string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Absent(field...)
	}
	return fault.FromSQL(err)
}

// save lets change alter a locked row and writes what became of it.
func (r Records[T, P]) save(tx *Tx, row *T, name string, change func(*Tx, *T) error) error {
	before := *row
	if err := change(tx, row); err != nil {
		return err
	}
	if err := check(row).OrNil(); err != nil {
		return err
	}
	index(row)
	id, _ := P(row).Key()
	if b, ok := any(row).(interface{ Base() *models.Record }); ok {
		b.Base().Version++
		b.Base().UpdatedAt = tx.Now
	}
	if _, err := tx.NewUpdate().Model(row).Where("id = ?", id).Exec(tx.ctx); err != nil {
		return fault.FromSQL(err)
	}
	return tx.Audit(id, name, changes(&before, row))
}

// Remove takes away a reference record that nothing refers to. What is to go before it is done first.
func (r Records[T, P]) Remove(ctx context.Context, s *Store, v *access.Viewer, q Request, id uuid.UUID, version *int, before ...func(*Tx, *T) error) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Delete, r.Kind)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		if err := tx.toldOfUse(r.Kind, "id"); err != nil {
			return uuid.Nil, err
		}
		return id, r.remove(tx, id, version, before...)
	})
}

// toldOfUse refuses what would tell whether records refer to this, to whom such records may be hidden: that he may not know.
func (tx *Tx) toldOfUse(kind *access.Kind, field string) error {
	if !kind.Referred() || tx.Viewer.ManagesAll() {
		return nil
	}
	return fault.Refuse(fault.Forbidden, fault.Say("This is for who manages all records, since others that you do not see may refer to it. Deactivate it instead, where that is possible.",
		"仅限可管理全部记录的人操作，因为您看不到的记录可能引用它。如支持，请改为停用。")).At("input", field)
}

// remove takes a record away within a write.
func (r Records[T, P]) remove(tx *Tx, id uuid.UUID, version *int, before ...func(*Tx, *T) error) error {
	row, err := r.lock(tx, id, version)
	if err != nil {
		return err
	}
	for _, prepare := range before {
		if err := prepare(tx, row); err != nil {
			return err
		}
	}
	if _, err := tx.NewDelete().Model(row).Where("id = ?", id).Exec(tx.ctx); err != nil {
		return fault.FromSQL(err)
	}
	return tx.Audit(id, "DELETE", gone(row))
}
