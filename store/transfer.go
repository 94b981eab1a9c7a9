package store

import (
	"context"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Transfer hands a record over to another active user. Its shares end unless they are kept; a customer leaves its pool.
func (r Records[T, P]) Transfer(ctx context.Context, s *Store, v *access.Viewer, q Request, id, to uuid.UUID, keepShares bool, version *int) (uuid.UUID, error) {
	return r.Edit(ctx, s, v, q, access.Transfer, id, version, "TRANSFER", func(tx *Tx, row *T) error {
		if err := tx.active(to, "input", "to"); err != nil {
			return err
		}
		owned := any(row).(interface{ Owned() *models.Business }).Owned()
		from := owned.OwnerID
		owned.OwnerID = &to
		return tx.ChangeHands(row, from, keepShares, "input", "to")
	})
}

// ChangeHands is what comes of a record's new owner besides: a customer leaves its pool, and is refused to somebody whom a DENY
// keeps from what its owner sees; shares end unless they are kept.
func (tx *Tx) ChangeHands(row any, from *uuid.UUID, keepShares bool, field ...string) error {
	owned := row.(interface{ Owned() *models.Business }).Owned()
	if c, ok := row.(*models.Customer); ok && owned.OwnerID != nil {
		if *owned.OwnerID == tx.Viewer.UserID && !same(from, owned.OwnerID) && !tx.Viewer.MayTake() {
			return takesTooMuch(field...)
		}
		c.PoolID = nil
	}
	if keepShares {
		return nil
	}
	return tx.endShares(owned.ID)
}

// takesTooMuch is the refusal of a customer to somebody whom a DENY keeps from what its owner sees.
func takesTooMuch(field ...string) error {
	return fault.Refuse(fault.Forbidden, fault.Say("A grant keeps records from you that a customer's owner sees; somebody else must take it.",
		"有授权禁止您查看客户所有者可见的记录，请由他人接收该客户。")).At(field...)
}

// Takes refuses to move another owner's record to a customer of the viewer's own, or one that he may claim, and to hang it on a record of his own
// that he may move there later, without the permission to hand such records over: what belongs to his customer is his to see and to write for
// good, also when it was only lent to him, and with it what hangs on it.
func (tx *Tx) Takes(kind *access.Kind, before, after any) error {
	record, owned := before.(models.BusinessRecord)
	if !owned || kind.Customer == "" || same(record.Owned().OwnerID, tx.Viewer.Owner()) || tx.Viewer.May(access.To(access.Transfer, kind)) {
		return nil
	}
	was, is := models.Values(before), models.Values(after)
	if from, _ := was[kind.Customer].(*uuid.UUID); from != nil {
		if has, err := tx.mayKeep(access.Customer, *from); has || err != nil {
			return err
		}
	}
	for _, column := range models.Columns(reflect.TypeOf(after).Elem()) {
		link, linked := kind.Relations[column.Input]
		to, _ := is[column.Name].(*uuid.UUID)
		if !linked || to == nil || same(was[column.Name], to) || column.Name != kind.Customer && !slices.Contains(kind.Attached, link.To) {
			continue
		}
		if keeps, err := tx.mayKeep(link.To, *to); err != nil {
			return err
		} else if keeps {
			return fault.Refuse(fault.Forbidden, fault.Say("To move somebody else's record to a customer or record of your own, or to a customer that you may claim, needs the permission to transfer.",
				"将他人的记录移到您自己的客户或记录下，或移到您可领取的客户下，需要转移权限。")).At("input", column.Input)
		}
	}
	return nil
}

// mayKeep tells whether the viewer owns a record, or may claim it as a customer in a pool of his.
func (tx *Tx) mayKeep(kind *access.Kind, id uuid.UUID) (bool, error) {
	q := tx.NewSelect().TableExpr(kind.Table).Where("id = ? and deleted_at is null", id)
	if kind == access.Customer {
		return q.Where("owner_id = ? or pool_id in (?)", tx.Viewer.UserID, bun.List(tx.Viewer.Pools())).Exists(tx.ctx)
	}
	return q.Where("owner_id = ?", tx.Viewer.UserID).Exists(tx.ctx)
}

// active refuses a user who does not exist or has left.
func (tx *Tx) active(user uuid.UUID, field ...string) error {
	n, err := tx.NewSelect().Model((*models.User)(nil)).Where("id = ? and active", user).Count(tx.ctx)
	if err == nil && n == 0 {
		return fault.Absent(field...)
	}
	return err
}

func (tx *Tx) endShares(record uuid.UUID) error {
	_, err := tx.NewDelete().Model((*models.Share)(nil)).Where("record_id = ?", record).Exec(tx.ctx)
	return err
}
