package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Create makes a record from an input. Prepare fills in and checks what only this kind knows, before the row is written;
// after follows it. Both may be nil.
func (r Records[T, P]) Create(ctx context.Context, s *Store, v *access.Viewer, q Request, input map[string]any, prepare, after func(*Tx, *T) error) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Create, r.Kind)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		row := new(T)
		named, err := fill(r.Kind, row, input, v)
		if err != nil {
			return uuid.Nil, err
		}
		return r.insert(tx, row, named, prepare, after)
	})
}

func (r Records[T, P]) insert(tx *Tx, row *T, named []models.Column, prepare, after func(*Tx, *T) error) (uuid.UUID, error) {
	begin(tx, r.Kind, row)
	if err := tx.references(r.Kind, row, named); err != nil {
		return uuid.Nil, err
	}
	if err := tx.owned(r.Kind, row); err != nil {
		return uuid.Nil, err
	}
	if prepare != nil {
		if err := prepare(tx, row); err != nil {
			return uuid.Nil, err
		}
	}
	if err := check(row).OrNil(); err != nil {
		return uuid.Nil, err
	}
	index(row)
	if _, err := tx.NewInsert().Model(row).Exec(tx.ctx); err != nil {
		return uuid.Nil, fault.FromSQL(err)
	}
	if after != nil {
		if err := after(tx, row); err != nil {
			return uuid.Nil, err
		}
	}
	id, _ := P(row).Key()
	return id, tx.Audit(id, "CREATE", made(row))
}

// begin gives a new row its id, its times and its first owner.
func begin(tx *Tx, kind *access.Kind, row any) {
	if b, ok := row.(interface{ Base() *models.Record }); ok {
		base := b.Base()
		base.ID, base.Version, base.CreatedAt, base.UpdatedAt = models.NewID(kind.Code), 1, tx.Now, tx.Now
	}
	if b, ok := row.(interface{ Owned() *models.Business }); ok {
		owned := b.Owned()
		owned.CreatedBy = tx.Viewer.Owner()
		if owned.OwnerID == nil {
			owned.OwnerID = tx.Viewer.Owner()
		}
	}
	if r, ok := row.(*models.Relationship); ok {
		r.CreatedBy = tx.Viewer.Owner()
	}
}

// owned refuses to make a record for somebody else without the permission to hand over.
func (tx *Tx) owned(kind *access.Kind, row any) error {
	b, ok := row.(interface{ Owned() *models.Business })
	if !ok || b.Owned().OwnerID == nil || *b.Owned().OwnerID == tx.Viewer.UserID || tx.Viewer.May(access.To(access.Transfer, kind)) {
		return nil
	}
	return fault.Refuse(fault.Forbidden, fault.Say("Making a record for somebody else needs the permission to transfer.", "为他人创建记录需要转移权限。")).At("input", "owner")
}
