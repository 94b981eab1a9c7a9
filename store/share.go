package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// listOf renders ids for bun's "in (?)": never an empty list, which is no SQL.
func listOf(ids []uuid.UUID) any {
	if len(ids) == 0 {
		ids = []uuid.UUID{uuid.Nil}
	}
	return bun.List(ids)
}

// ShareCreate opens a record that the viewer manages to some people, for the kinds that his roles let him share.
func (s *Store) ShareCreate(ctx context.Context, v *access.Viewer, q Request, share models.Share) (uuid.UUID, error) {
	if v.Anonymous() {
		return uuid.Nil, access.SignInFirst()
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		kind, err := tx.shareable(share.RecordID, "input", "record")
		if err != nil {
			return uuid.Nil, err
		}
		if err := tx.checkShare(&share, kind); err != nil {
			return uuid.Nil, err
		}
		if err := tx.seeSubject(share.SubjectID, "input", "subject"); err != nil {
			return uuid.Nil, err
		}
		begin(tx, shares, &share)
		share.CreatedBy = v.Owner()
		if _, err := tx.NewInsert().Model(&share).Exec(tx.ctx); err != nil {
			return uuid.Nil, fault.FromSQL(err)
		}
		return share.ID, tx.Audit(share.RecordID, "SHARE", made(&share))
	})
}

// shares is the kind of a share's id; shares are read with the records they open, never by themselves.
var shares = &access.Kind{Name: "SHARE", Code: models.ShareCode, Table: "shares"}

// shareable finds a business record that the viewer manages, and keeps it from changing hands meanwhile.
func (tx *Tx) shareable(record uuid.UUID, field ...string) (*access.Kind, error) {
	kind, ok := access.Coded(models.KindOf(record))
	if !ok || kind.Guard != access.Business {
		return nil, fault.Absent(field...)
	}
	if _, err := tx.ExecContext(tx.ctx, "select 1 from "+kind.Table+" where id = ? for no key update", record); err != nil {
		return nil, fault.FromSQL(err)
	}
	return kind, tx.Manage(kind, record, field...)
}

// checkShare refuses kinds that the viewer may not share, and an end that has passed.
func (tx *Tx) checkShare(share *models.Share, kind *access.Kind) error {
	wrong := checkReach(&share.Kinds, share.Level)
	if share.ExpiresAt != nil && !share.ExpiresAt.After(tx.Now) {
		wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("A share ends in the future.", "共享的结束时间必须在将来。")).At("input", "expiresAt"))
	}
	if err := wrong.OrNil(); err != nil {
		return err
	}
	for _, name := range sharedKinds(share, kind) {
		of, _ := access.Named(name)
		if !tx.Viewer.May(access.To(access.Sharing, of)) {
			return fault.Refuse(fault.Forbidden, fault.Say("Your roles do not let you share records of the kind %s.", "您的角色不允许共享 %s 类记录。", name)).At("input", "kinds")
		}
		if err := tx.hasToShare(share, of, kind); err != nil {
			return err
		}
	}
	return tx.outlasts(share, kind)
}

// endless is later than any end of a right.
var endless = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// outlasts refuses a share that would go on after the viewer's own right, as far as its end is known today: by what is given
// now, he must still open at the share's last instant what it opens.
func (tx *Tx) outlasts(share *models.Share, kind *access.Kind) error {
	last := endless
	if share.ExpiresAt != nil {
		last = share.ExpiresAt.Add(-time.Microsecond)
	}
	q := tx.Viewer.At(last).Query()
	text := "select 1 from " + q.Manageable(kind, "c") + " where c.id = " + q.Bind(share.RecordID)
	for _, name := range sharedKinds(share, kind)[1:] {
		of, _ := access.Named(name)
		text += " and " + q.Opens(of, "c", share.Level)
	}
	has, err := tx.found(q, text)
	if err == nil && !has {
		return fault.Refuse(fault.Forbidden, fault.Say("Your own right to this record ends before; share it until then at most.", "您对该记录的权限将先到期，共享的结束时间不能晚于此。")).At("input", "expiresAt")
	}
	return err
}

// hasToShare refuses to open more of what belongs to a customer than the viewer himself has by that customer.
func (tx *Tx) hasToShare(share *models.Share, of, kind *access.Kind) error {
	if of == kind {
		return nil
	}
	q := tx.Viewer.Query()
	has, err := tx.found(q, "select 1 from "+q.Visible(kind, "c")+" where c.id = "+q.Bind(share.RecordID)+" and "+q.Opens(of, "c", share.Level))
	if err == nil && !has {
		return fault.Refuse(fault.Forbidden, fault.Say("You cannot share records of the kind %s further than you reach them.", "您对 %s 类记录的权限不足，无法共享。", of.Name)).At("input", "kinds")
	}
	return err
}

// sharedKinds lists what a share opens: the record, and of a customer what belongs to it of the kinds named, or of all.
func sharedKinds(share *models.Share, kind *access.Kind) []string {
	kinds := []string{kind.Name}
	if kind != access.Customer {
		return kinds
	}
	if slices.Contains(share.Kinds, access.Customer.Name) {
		kinds = append(kinds, access.Contact.Name) // CUSTOMER covers contacts too
	}
	if share.Kinds != nil {
		return append(kinds, share.Kinds...)
	}
	for _, k := range access.Kinds {
		if k.Guard == access.Business {
			kinds = append(kinds, k.Name)
		}
	}
	return kinds
}

// ShareDelete ends a share of a record that the viewer manages. Any other share is absent.
func (s *Store) ShareDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	if v.Anonymous() {
		return uuid.Nil, access.SignInFirst()
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		var share models.Share
		if err := tx.NewSelect().Model(&share).Where("id = ?", id).For("update").Scan(tx.ctx); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return uuid.Nil, fault.FromSQL(err)
		}
		kind, found := access.Coded(models.KindOf(share.RecordID))
		if !found {
			kind = access.Customer // asks as for a share's record, and finds none
		}
		managed, err := tx.Manages(kind, share.RecordID)
		if err != nil {
			return uuid.Nil, err
		}
		if !managed {
			return uuid.Nil, fault.Absent("input", "id")
		}
		if err := stale(version, share.Version); err != nil {
			return uuid.Nil, err
		}
		if !v.May(access.To(access.Sharing, kind)) {
			return uuid.Nil, fault.Refuse(fault.Forbidden, fault.Say("Your roles do not let you share records of the kind %s.", "您的角色不允许共享 %s 类记录。", kind.Name)).At("input", "id")
		}
		if _, err := tx.NewDelete().Model(&share).Where("id = ?", id).Exec(tx.ctx); err != nil {
			return uuid.Nil, fault.FromSQL(err)
		}
		return id, tx.Audit(share.RecordID, "UNSHARE", gone(&share))
	})
}

const shareColumns = "s.id, s.version, s.created_at, s.updated_at, s.record_id, s.subject_id, s.with_sub_departments, s.level, s.kinds, s.expires_at, s.created_by"

// SharesOf lists the shares of the records that the viewer manages; a record that he only sees has no list.
func SharesOf(ctx context.Context, snap *access.Snapshot, kind *access.Kind, ids []uuid.UUID) (map[uuid.UUID][]*models.Share, error) {
	q := snap.Viewer.Query()
	text := fmt.Sprintf(`select r.id, %s from %s left join shares s on s.record_id = r.id where r.id = any(%s) order by r.id, s.id`,
		shareColumns, q.Manageable(kind, "r"), q.Bind(ids))
	found := map[uuid.UUID][]*models.Share{}
	var rows []*models.Share
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var record uuid.UUID
		var of shareRow
		if err := row.Scan(append([]any{&record}, of.pointers()...)...); err != nil {
			return err
		}
		if found[record] == nil {
			found[record] = []*models.Share{}
		}
		if share := of.share(); share != nil {
			rows = append(rows, share)
			found[record] = append(found[record], share)
		}
		return nil
	})
	models.NewBatch(rows)
	return found, err
}

// SharesByIDs finds the shares among the ids whose records the viewer manages.
func SharesByIDs(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]*models.Share, error) {
	found := map[uuid.UUID]*models.Share{}
	var rows []*models.Share
	for _, kind := range access.Kinds {
		if kind.Guard != access.Business {
			continue
		}
		q := snap.Viewer.Query()
		text := fmt.Sprintf("select %s from %s join shares s on s.record_id = r.id where s.id = any(%s)", shareColumns, q.Manageable(kind, "r"), q.Bind(ids))
		err := snap.Run(ctx, q, text, func(row access.Row) error {
			var of shareRow
			err := row.Scan(of.pointers()...)
			if share := of.share(); share != nil {
				found[share.ID], rows = share, append(rows, share)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	models.NewBatch(rows)
	return found, nil
}

// ShareByID finds a share of a record that the viewer manages; nil for any other.
func ShareByID(ctx context.Context, snap *access.Snapshot, id uuid.UUID) (*models.Share, error) {
	found, err := SharesByIDs(ctx, snap, []uuid.UUID{id})
	return found[id], err
}

// shareRow is a row of shares that may be missing.
type shareRow struct {
	id, record, subject, by *uuid.UUID
	version                 *int
	made, changed, expires  *time.Time
	below                   *bool
	level                   *string
	kinds                   []string
}

func (r *shareRow) pointers() []any {
	return []any{&r.id, &r.version, &r.made, &r.changed, &r.record, &r.subject, &r.below, &r.level, &r.kinds, &r.expires, &r.by}
}

func (r *shareRow) share() *models.Share {
	if r.id == nil {
		return nil
	}
	return &models.Share{
		Record:   models.Record{ID: *r.id, Version: *r.version, CreatedAt: *r.made, UpdatedAt: *r.changed},
		RecordID: *r.record, SubjectID: *r.subject, WithSubDepartments: *r.below, Level: *r.level, Kinds: r.kinds,
		ExpiresAt: r.expires, CreatedBy: r.by,
	}
}
