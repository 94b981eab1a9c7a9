package store

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// RelationshipCreate links two parties that the viewer sees, one of which he manages.
func (s *Store) RelationshipCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Relationships.Create(ctx, s, v, q, input, func(tx *Tx, r *models.Relationship) error {
		if err := tx.holdEnds(r); err != nil {
			return err
		}
		if err := tx.linkable(r); err != nil {
			return err
		}
		if err := tx.Affiliable(r, "a"); err != nil {
			return err
		}
		return tx.settleRelationship(r)
	}, nil)
}

// RelationshipUpdate changes a relationship's particulars; its ends and type stay.
func (s *Store) RelationshipUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Relationships.Update(ctx, s, v, q, id, version, input, func(tx *Tx, before, r *models.Relationship) error {
		r.TypeID, r.AID, r.BID = before.TypeID, before.AID, before.BID
		if err := tx.holdEnds(r); err != nil {
			return err
		}
		if err := tx.Affiliable(r, "id"); err != nil {
			return err
		}
		return tx.settleRelationship(r)
	})
}

// RelationshipEnd ends a relationship on a day, today unless one is given; it stays as history.
func (s *Store) RelationshipEnd(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, until *models.Date) (uuid.UUID, error) {
	return Relationships.Edit(ctx, s, v, q, access.Update, id, version, "END", func(tx *Tx, r *models.Relationship) error {
		if ended(r, v.Today) {
			return fault.Refuse(fault.AlreadyClosed, fault.Say("This relationship has ended already.", "这段关系已经结束。")).At("input", "id")
		}
		if until == nil {
			until = &v.Today
		}
		r.ValidUntil = until
		return tx.settleRelationship(r)
	})
}

// RelationshipRestore brings back a deleted relationship whose ends the viewer sees, one of which he manages.
func (s *Store) RelationshipRestore(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Delete, access.Relationship)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		query := v.Query()
		found, err := tx.found(query, "select 1 from "+query.Deleted(access.Relationship, "r")+" where r.id = "+query.Bind(id))
		if err != nil {
			return uuid.Nil, err
		}
		if !found {
			return uuid.Nil, fault.Absent("input", "id")
		}
		r := new(models.Relationship)
		if err := tx.NewSelect().Model(r).Where("id = ?", id).For("update").Scan(tx.ctx); err != nil {
			return uuid.Nil, absentRow(err, "input", "id")
		}
		if err := tx.holdEnds(r); err != nil {
			return uuid.Nil, err
		}
		return id, Relationships.save(tx, r, "RESTORE", func(tx *Tx, r *models.Relationship) error {
			r.DeletedAt, r.DeletionID = nil, nil
			if err := tx.Affiliable(r, "id"); err != nil {
				return err
			}
			return tx.unrepeated(r)
		})
	})
}

// holdEnds keeps others from linking or deleting the two parties until this write is done.
func (tx *Tx) holdEnds(r *models.Relationship) error {
	for _, id := range models.SortIDs([]uuid.UUID{r.AID, r.BID}) {
		kind := partyKind(id)
		if kind == nil {
			continue
		}
		if _, err := tx.ExecContext(tx.ctx, "select 1 from "+kind.Table+" where id = ? for no key update", id); err != nil {
			return fault.FromSQL(err)
		}
	}
	return nil
}

// linkable refuses to link what the viewer does not see, what he manages neither end of, and ends that the type does not
// allow.
func (tx *Tx) linkable(r *models.Relationship) error {
	var wrong fault.Many
	for _, end := range []struct {
		id    uuid.UUID
		field string
	}{{r.AID, "a"}, {r.BID, "b"}} {
		err := tx.seeParty(end.id, end.field)
		refused, err := fault.Refusals(err)
		if err != nil {
			return err
		}
		wrong = append(wrong, refused...)
	}
	if len(wrong) > 0 {
		return wrong
	}
	if r.AID == r.BID {
		return fault.Refuse(fault.Invalid, fault.Say("Nobody stands in a relationship to himself.", "不能与自身建立关系。")).At("input", "b")
	}
	if err := tx.fits(r); err != nil {
		return err
	}
	return tx.ManagesAnEnd(r)
}

// ManagesAnEnd refuses a link between two parties to who manages neither of them.
func (tx *Tx) ManagesAnEnd(r *models.Relationship) error {
	for _, id := range []uuid.UUID{r.AID, r.BID} {
		managed, err := tx.managesParty(id)
		if managed || err != nil {
			return err
		}
	}
	return fault.Refuse(fault.Forbidden, fault.Say("To link two parties, manage one of them.", "建立关系需要至少能管理其中一方。")).At("input", "a")
}

// Affiliable refuses an affiliation of a contact that the viewer may not write with a customer that would let him write it, when a
// DENY keeps contacts from him.
func (tx *Tx) Affiliable(r *models.Relationship, field string) error {
	if r.TypeID != models.WorksAtID || ended(r, tx.Viewer.Today) || !tx.Viewer.KeptFrom(access.Contact) {
		return nil
	}
	if managed, err := tx.managesParty(r.AID); managed || err != nil {
		return err
	}
	opens, err := tx.opens(access.Contact, r.BID, models.Manage)
	if err == nil && opens {
		return fault.Refuse(fault.Forbidden, fault.Say("A grant keeps records from you that this affiliation would open to you; somebody else must enter it.",
			"有授权禁止您接触此任职关系会向您开放的记录，请由他人录入。")).At("input", field)
	}
	return err
}

// fits refuses ends of kinds that the type does not allow; a symmetric type takes them in either order.
func (tx *Tx) fits(r *models.Relationship) error {
	t, err := tx.typeOf(r)
	if err != nil {
		return err
	}
	a, b := partyKind(r.AID).Name, partyKind(r.BID).Name
	allowed := func(a, b string) bool { return slices.Contains(t.AKinds, a) && slices.Contains(t.BKinds, b) }
	if allowed(a, b) || t.Symmetric && allowed(b, a) {
		return nil
	}
	field := "b"
	if !slices.Contains(t.AKinds, a) {
		field = "a"
	}
	return fault.Refuse(fault.Invalid, fault.Say("This type does not link such parties.", "此关系类型不适用于这两方。")).At("input", field)
}

func (tx *Tx) typeOf(r *models.Relationship) (*models.RelationshipType, error) {
	t := new(models.RelationshipType)
	err := tx.NewSelect().Model(t).Where("id = ?", r.TypeID).Scan(tx.ctx)
	if err != nil {
		return nil, absentRow(err, "input", "type")
	}
	return t, nil
}

// settleRelationship refuses particulars that are wrong, and a second relationship that says what one says already.
func (tx *Tx) settleRelationship(r *models.Relationship) error {
	var wrong fault.Many
	refuse := func(field string, s fault.Sentence) {
		wrong = append(wrong, fault.Refuse(fault.Invalid, s).At("input", field))
	}
	if r.Strength != nil && (*r.Strength < 1 || *r.Strength > 5) {
		refuse("strength", fault.Say("Strength is from 1 to 5.", "强度为 1 到 5。"))
	}
	if r.ValidFrom != nil && r.ValidUntil != nil && *r.ValidUntil <= *r.ValidFrom {
		refuse("until", fault.Say("It ends after the day it began; delete what was entered by mistake.", "结束日期必须晚于开始日期；误录的关系请删除。"))
	}
	if r.TypeID != models.WorksAtID {
		only := fault.Say("Only an affiliation has this.", "只有任职关系才有此项。")
		for field, given := range map[string]bool{"contactRole": r.ContactRole != nil, "title": r.Title != nil, "primary": r.IsPrimary} {
			if given {
				refuse(field, only)
			}
		}
	}
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b *fault.Fault) int { return slices.Compare(a.Field, b.Field) })
		return wrong
	}
	return tx.unrepeated(r)
}

// ended tells whether a relationship holds no more on a day.
func ended(r *models.Relationship, day models.Date) bool {
	return r.ValidUntil != nil && *r.ValidUntil <= day
}

// unrepeated refuses a relationship that has not ended when another of its type between the same parties has not either.
func (tx *Tx) unrepeated(r *models.Relationship) error {
	today := tx.Viewer.Today
	if ended(r, today) {
		return nil
	}
	t, err := tx.typeOf(r)
	if err != nil {
		return err
	}
	exists, err := tx.NewSelect().Model((*models.Relationship)(nil)).
		Where("type_id = ? and id <> ? and deleted_at is null and (valid_until is null or valid_until > ?)", r.TypeID, r.ID, today).
		Where("(a_id = ? and b_id = ? or ? and a_id = ? and b_id = ?)", r.AID, r.BID, t.Symmetric, r.BID, r.AID).Exists(tx.ctx)
	if err == nil && exists {
		return fault.Refuse(fault.Duplicate, fault.Say("They stand so to each other already.", "双方已存在这种关系。")).At("input", "b")
	}
	return err
}
