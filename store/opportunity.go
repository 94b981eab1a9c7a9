package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// OpportunityDraft is a new opportunity: its own fields by their input names, its lines and the competitors met.
type OpportunityDraft struct {
	Fields     map[string]any
	Lines      []Line
	Encounters []Meeting
}

// OpportunityCreate makes an open opportunity in the stage asked for, else in the first one of its pipeline.
func (s *Store) OpportunityCreate(ctx context.Context, v *access.Viewer, q Request, draft OpportunityDraft) (uuid.UUID, error) {
	if err := useAmounts(v.Use, draft); err != nil {
		return uuid.Nil, err
	}
	return Opportunities.Create(ctx, s, v, q, draft.Fields, func(tx *Tx, o *models.Opportunity) error {
		o.Status = models.Open
		if err := tx.settleStage(o); err != nil {
			return err
		}
		return tx.settleAmount(o)
	}, func(tx *Tx, o *models.Opportunity) error {
		if len(draft.Lines)+len(draft.Encounters) > 0 {
			if err := tx.beginParts(o, draft); err != nil {
				return err
			}
		}
		return tx.recordStage(nil, o)
	})
}

// beginParts gives a new opportunity the parts of its draft, and what follows from them.
func (tx *Tx) beginParts(o *models.Opportunity, draft OpportunityDraft) error {
	if err := tx.noteParts(o.ID, func() error { return tx.writeParts(o, draft) }); err != nil {
		return err
	}
	if err := tx.derive(o); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model(o).Column("main_competitor_id", "main_product_id").Where("id = ?", o.ID).Exec(tx.ctx)
	return err
}

func (tx *Tx) writeParts(o *models.Opportunity, draft OpportunityDraft) error {
	if err := tx.writeLines(o, draft.Lines); err != nil {
		return err
	}
	for i := range draft.Encounters {
		if err := tx.meet(o, draft.Encounters[i], "input", "encounters", fmt.Sprint(i)); err != nil {
			return err
		}
	}
	return nil
}

// OpportunityUpdate changes an opportunity's particulars. What is attached to it follows it to another customer.
func (s *Store) OpportunityUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Opportunities.Update(ctx, s, v, q, id, version, input, func(tx *Tx, before, o *models.Opportunity) error {
		if err := tx.settleAmount(o); err != nil {
			return err
		}
		if o.ClosedAt != nil && !same(before.OpenedOn, o.OpenedOn) && ClosedBeforeItBegan(o, *o.ClosedAt, tx.Viewer.Zone()) {
			return fault.Refuse(fault.Invalid, fault.Say("It cannot begin after it was closed.", "开始日期不能晚于关闭日期。")).At("input", "openedOn")
		}
		return tx.Reattach(before, o)
	})
}

// settleStage finds the stage and pipeline that a new opportunity starts in.
func (tx *Tx) settleStage(o *models.Opportunity) error {
	if o.StageID != uuid.Nil {
		var stage models.Stage
		if err := tx.NewSelect().Model(&stage).Where("id = ?", o.StageID).Scan(tx.ctx); err != nil {
			return absentRow(err, "input", "stage")
		}
		if o.PipelineID != uuid.Nil && o.PipelineID != stage.PipelineID {
			return fault.Refuse(fault.Invalid, fault.Say("This stage is not of that pipeline.", "该阶段不属于这个销售流程。")).At("input", "stage")
		}
		o.PipelineID = stage.PipelineID
		return nil
	}
	if o.PipelineID == uuid.Nil {
		if err := tx.NewSelect().Model((*models.Pipeline)(nil)).Column("id").Where("is_default").Scan(tx.ctx, &o.PipelineID); err != nil {
			return absentRow(err, "input", "pipeline")
		}
	}
	err := tx.NewSelect().Model((*models.Stage)(nil)).Column("id").Where("pipeline_id = ?", o.PipelineID).
		Order("position", "id").Limit(1).Scan(tx.ctx, &o.StageID)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Refuse(fault.Invalid, fault.Say("This pipeline has no stage to start in.", "这个销售流程没有任何阶段。")).At("input", "pipeline")
	}
	return err
}

// settleAmount gives an amount the company's currency when none is said, and refuses amounts below nought and unknown
// currencies.
func (tx *Tx) settleAmount(o *models.Opportunity) error {
	if o.Amount != nil && o.Amount.IsNegative() {
		return fault.Refuse(fault.Invalid, fault.Say("An amount is 0 or more.", "金额不能小于 0。")).At("input", "amount")
	}
	if o.Amount != nil && o.Currency == nil {
		currency := tx.Viewer.Company.Currency
		o.Currency = &currency
	}
	return tx.currency(o.Currency, "input", "currency")
}

// currency refuses a currency that the company does not keep.
func (tx *Tx) currency(code *string, field ...string) error {
	if code == nil {
		return nil
	}
	n, err := tx.NewSelect().Model((*models.Currency)(nil)).Where("code = ?", *code).Count(tx.ctx)
	if err == nil && n == 0 {
		return fault.Refuse(fault.NotFound, fault.Say("There is no currency %.10q.", "没有货币 %.10q。", *code)).At(field...)
	}
	return err
}

// derive works out the opportunity's main competitor and main product from what is recorded: the competitor that won it,
// else the one marked main, else the first met; the product of the largest line, else of the first.
func (tx *Tx) derive(o *models.Opportunity) error {
	o.MainCompetitorID, o.MainProductID = o.WonByID, nil
	if o.MainCompetitorID == nil {
		var met []uuid.UUID
		if err := tx.NewSelect().Model((*models.Encounter)(nil)).Column("competitor_id").Where("opportunity_id = ?", o.ID).
			OrderExpr("is_main desc, created_at, id").Limit(1).Scan(tx.ctx, &met); err != nil {
			return err
		}
		if len(met) > 0 {
			o.MainCompetitorID = &met[0]
		}
	}
	var sold []uuid.UUID
	if err := tx.NewSelect().Model((*models.OpportunityLine)(nil)).Column("product_id").Where("opportunity_id = ?", o.ID).
		OrderExpr("amount desc nulls last, position").Limit(1).Scan(tx.ctx, &sold); err != nil {
		return err
	}
	if len(sold) > 0 {
		o.MainProductID = &sold[0]
	}
	return nil
}
