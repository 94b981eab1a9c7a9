package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// clockSkew is how far a caller's clock may run before the database's.
const clockSkew = 5 * time.Minute

// Closing is how an opportunity ends.
type Closing struct {
	Status     string
	At         *time.Time // now when nil
	WonBy      *uuid.UUID // the competitor who won a lost one
	LossReason *uuid.UUID
	Note       *string
}

// OpportunityClose ends an open opportunity: won, lost or cancelled. Its owner and his primary department are kept as the
// closing ones for ever.
func (s *Store) OpportunityClose(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, c Closing) (uuid.UUID, error) {
	return Opportunities.Edit(ctx, s, v, q, access.Update, id, version, c.Status, func(tx *Tx, o *models.Opportunity) error {
		if o.Status != models.Open {
			return fault.Refuse(fault.AlreadyClosed, fault.Say("This opportunity is closed already.", "这个商机已经关闭。")).At("input", "id")
		}
		at, err := tx.closingTime(o, c.At)
		if err != nil {
			return err
		}
		before := *o
		o.Status, o.ClosedAt, o.ClosingNote, o.ClosingOwnerID = c.Status, &at, known(c.Note), o.OwnerID
		if f := checkText(text(c.Note), false, true); f != nil {
			return f.At("input", "note")
		}
		if o.ClosingDepartmentID, err = tx.primaryDepartment(o.OwnerID); err != nil {
			return err
		}
		if err := tx.noteParts(id, func() error { return tx.settleLoss(o, c) }); err != nil {
			return err
		}
		if err := tx.derive(o); err != nil {
			return err
		}
		return tx.recordStage(&before, o)
	})
}

// closingTime gives the instant to close at, now when none is said: not in the future, not before the opportunity began.
func (tx *Tx) closingTime(o *models.Opportunity, said *time.Time) (time.Time, error) {
	at := tx.Now
	if said != nil {
		at = *said
	}
	if at.After(tx.Now.Add(clockSkew)) {
		return at, fault.Refuse(fault.Invalid, fault.Say("An opportunity cannot be closed in the future.", "商机的关闭时间不能在将来。")).At("input", "closedAt")
	}
	if ClosedBeforeItBegan(o, at, tx.Viewer.Zone()) {
		return at, fault.Refuse(fault.Invalid, fault.Say("It cannot be closed before it began on %s.", "关闭时间不能早于开始日期 %s。", *o.OpenedOn)).At("input", "closedAt")
	}
	return at, nil
}

// ClosedBeforeItBegan tells whether the day of closing, in the company's zone, is before the day on which the opportunity began.
func ClosedBeforeItBegan(o *models.Opportunity, closed time.Time, zone *time.Location) bool {
	return o.OpenedOn != nil && models.DateOf(closed.In(zone)) < *o.OpenedOn
}

// settleLoss notes who won and why, for a lost opportunity; a winner who was not met yet has now been met.
func (tx *Tx) settleLoss(o *models.Opportunity, c Closing) error {
	o.LossReasonID, o.WonByID = c.LossReason, c.WonBy
	if c.LossReason != nil {
		found, err := tx.refers(access.DictionaryEntry, *c.LossReason, models.LossReasonDictionary)
		if err != nil {
			return err
		}
		if !found {
			return fault.Absent("input", "lossReason")
		}
	}
	if c.WonBy == nil {
		return nil
	}
	err := tx.meet(o, Meeting{Competitor: *c.WonBy}, "input")
	if fault.Is(err, fault.NotFound) {
		return fault.Absent("input", "wonBy")
	}
	if fault.Is(err, fault.Duplicate) {
		return nil
	}
	return err
}

func (tx *Tx) primaryDepartment(user *uuid.UUID) (*uuid.UUID, error) {
	if user == nil {
		return nil, nil
	}
	var found []uuid.UUID
	err := tx.NewSelect().Model((*models.Membership)(nil)).Column("department_id").Where("user_id = ? and is_primary", *user).Scan(tx.ctx, &found)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// OpportunityReopen takes back a closing: the opportunity is open again in the stage it was in.
func (s *Store) OpportunityReopen(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return Opportunities.Edit(ctx, s, v, q, access.Update, id, version, "REOPEN", func(tx *Tx, o *models.Opportunity) error {
		if o.Status == models.Open {
			return fault.Refuse(fault.NotClosed, fault.Say("This opportunity is not closed.", "这个商机没有关闭。")).At("input", "id")
		}
		before := *o
		o.Status, o.ClosedAt, o.ClosingNote, o.ClosingOwnerID, o.ClosingDepartmentID = models.Open, nil, nil, nil, nil
		o.LossReasonID, o.WonByID = nil, nil
		if err := tx.derive(o); err != nil {
			return err
		}
		return tx.recordStage(&before, o)
	})
}

// OpportunityStageMove moves an open opportunity to another stage, also of another pipeline.
func (s *Store) OpportunityStageMove(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, stage uuid.UUID) (uuid.UUID, error) {
	return Opportunities.Edit(ctx, s, v, q, access.Update, id, version, "STAGE", func(tx *Tx, o *models.Opportunity) error {
		if o.Status != models.Open {
			return fault.Refuse(fault.AlreadyClosed, fault.Say("This opportunity is closed; reopen it first.", "这个商机已经关闭，请先重新打开。")).At("input", "id")
		}
		before := *o
		o.StageID, o.PipelineID = stage, uuid.Nil
		if err := tx.settleStage(o); err != nil {
			return err
		}
		return tx.recordStage(&before, o)
	})
}

// recordStage keeps a change of stage or status, with time and person; nothing when neither changed.
func (tx *Tx) recordStage(before, after *models.Opportunity) error {
	change := &models.StageChange{OpportunityID: after.ID, ToStageID: &after.StageID, ToStatus: after.Status, ChangedAt: tx.Now, ChangedBy: tx.Viewer.Owner(), CreatedAt: tx.Now}
	change.ID = models.NewID(models.StageChangeCode)
	if before != nil {
		if before.StageID == after.StageID && before.Status == after.Status {
			return nil
		}
		change.FromStageID, change.FromStatus = &before.StageID, &before.Status
	}
	_, err := tx.NewInsert().Model(change).Exec(tx.ctx)
	return fault.FromSQL(err)
}
