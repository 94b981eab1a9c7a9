package importer

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// finishOpportunity fills in what follows from an opportunity's fields: the stage when the source has none, whose the
// closing was, the line's amount, the main product and competitor, and the step in its history.
func (c *chunk) finishOpportunity(w *work) error {
	o, before := w.row.(*models.Opportunity), w.opportunityBefore()
	if err := c.settleStage(w, o); err != nil {
		return err
	}
	settleClosing(c, w, o, before)
	if o.Amount != nil && o.Amount.IsNegative() {
		w.wrong("amount", fault.Say("an amount is 0 or more", "金额不能小于 0"))
	}
	settleLine(w, o, before)
	if err := c.settleWinner(w, o, before); err != nil || len(w.problems) > 0 {
		return err
	}
	c.keepHistory(w, o, before)
	if w.known == nil {
		return nil
	}
	return w.refused(c.tx.Reattach(before, o))
}

// opportunityBefore is the opportunity as it was, an empty one when it is new.
func (w *work) opportunityBefore() *models.Opportunity {
	if before, ok := w.rowBefore.(*models.Opportunity); ok {
		return before
	}
	return &models.Opportunity{}
}

// newOpportunity begins in the company's usual pipeline.
func (c *chunk) newOpportunity(w *work) error {
	usual, err := store.RowsBy[models.Pipeline](c.tx, "is_default", []bool{true})
	for _, pipeline := range usual {
		w.row.(*models.Opportunity).PipelineID = pipeline.ID
	}
	return err
}

// settleStage puts an opportunity without a stage into its pipeline's first one while it is open, into the last when it
// is closed: the source does not say how far it had come.
func (c *chunk) settleStage(w *work, o *models.Opportunity) error {
	if o.PipelineID == uuid.Nil {
		w.wrong("pipeline", fault.Say("no pipeline is named, and the company has no usual one", "未指定销售流程，且公司没有默认流程"))
		return nil
	}
	stages, err := c.stagesOf(o.PipelineID)
	if err != nil || len(w.problems) > 0 {
		return err
	}
	for _, stage := range stages {
		if stage.ID == o.StageID {
			return nil
		}
	}
	if len(stages) == 0 || o.StageID != uuid.Nil {
		w.wrong("stage", fault.Say("the pipeline has no such stage", "销售流程中没有该阶段"))
		return nil
	}
	o.StageID = stages[0].ID
	if o.Status != models.Open {
		o.StageID = stages[len(stages)-1].ID
	}
	return nil
}

// settleClosing freezes who closed it when it becomes closed, and takes that back when it is open again.
func settleClosing(c *chunk, w *work, o, before *models.Opportunity) {
	if o.Status == models.Open && before.ClosedAt != nil {
		o.ClosedAt, o.LossReasonID, o.WonByID, o.ClosingNote = nil, nil, nil, nil
	}
	switch {
	case o.Status == models.Open && o.ClosedAt != nil:
		w.wrong("closedAt", fault.Say("it is open, so it has no closing date", "商机未关闭，不应有关闭日期"))
	case o.ClosedAt != nil && o.ClosedAt.After(c.tx.Now):
		w.wrong("closedAt", fault.Say("it is in the future", "日期在将来"))
	case o.Status != models.Open && o.ClosedAt == nil:
		w.wrong("closedAt", fault.Say("empty, but it is closed (%s)", "为空，但商机已关闭（%s）", o.Status))
	case o.ClosedAt != nil && store.ClosedBeforeItBegan(o, *o.ClosedAt, c.tx.Viewer.Zone()):
		w.wrong("closedAt", fault.Say("it is before the opportunity began on %s", "早于商机的开始日期 %s", *o.OpenedOn))
	}
	if o.Status != models.Lost && o.LossReasonID != nil {
		w.wrong("lossReason", fault.Say("it is not lost, so it has no reason for a loss", "商机并未输单，不应有输单原因"))
	}
	if o.Status != models.Lost && o.WonByID != nil {
		w.wrong("wonBy", fault.Say("it is not lost, so no competitor won it", "商机并未输单，不应有获胜的竞争对手"))
	}
	switch {
	case o.Status == models.Open:
		o.ClosingOwnerID, o.ClosingDepartmentID = nil, nil
	case before.ClosedAt == nil:
		o.ClosingOwnerID, o.ClosingDepartmentID = o.OwnerID, nil
		if o.OwnerID != nil {
			o.ClosingDepartmentID = c.homes[*o.OwnerID]
		}
	}
}

// settleLine lets the one line, if the source speaks of it, follow the amount, and finds the main product.
func settleLine(w *work, o, before *models.Opportunity) {
	if w.several {
		return
	}
	line, ok := w.part.(*models.OpportunityLine)
	if !ok {
		o.MainProductID = nil
		return
	}
	switch {
	case line.ProductID == uuid.Nil:
		w.wrong("product", fault.Say("empty, but a quantity is one of a product", "为空，但数量须对应产品"))
	case !line.Quantity.IsPositive():
		w.wrong("quantity", fault.Say("a quantity is more than 0", "数量须大于 0"))
	}
	if w.partBefore == nil || sameNumber(line.Amount, before.Amount) {
		line.Amount = o.Amount
	}
	o.MainProductID = &line.ProductID
}

func sameNumber(a, b *decimal.Decimal) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

// settleWinner sees that the competitor who won was met, and finds the main one: the winner, else the one marked, else
// the first met.
func (c *chunk) settleWinner(w *work, o, before *models.Opportunity) error {
	if models.OrNil(o.WonByID) == models.OrNil(before.WonByID) {
		return nil
	}
	var met []*models.Encounter
	if w.known != nil {
		var err error
		if met, err = store.RowsBy[models.Encounter](c.tx, "opportunity_id", []uuid.UUID{o.ID}); err != nil {
			return err
		}
	}
	o.MainCompetitorID = nil
	known := false
	for _, e := range met {
		known = known || e.CompetitorID == models.OrNil(o.WonByID)
		if o.MainCompetitorID == nil || e.IsMain {
			o.MainCompetitorID = &e.CompetitorID
		}
	}
	if o.WonByID == nil {
		return nil
	}
	o.MainCompetitorID = o.WonByID
	if !known {
		e := &models.Encounter{OpportunityID: o.ID, CompetitorID: *o.WonByID, CreatedAt: c.tx.Now}
		e.ID = models.NewID(models.EncounterCode)
		w.extras = append(w.extras, e)
	}
	return nil
}

// keepHistory notes the step to the stage and status that the opportunity has now: at its closing, else for a new one
// when it was opened, else now. The steps between are not in the source.
func (c *chunk) keepHistory(w *work, o, before *models.Opportunity) {
	if w.known != nil && o.StageID == before.StageID && o.Status == before.Status {
		return
	}
	step := &models.StageChange{OpportunityID: o.ID, ToStageID: &o.StageID, ToStatus: o.Status, ChangedAt: c.tx.Now, ChangedBy: c.tx.Viewer.Owner(), CreatedAt: c.tx.Now}
	step.ID = models.NewID(models.StageChangeCode)
	if w.known != nil {
		step.FromStageID, step.FromStatus = &before.StageID, &before.Status
	}
	switch {
	case o.ClosedAt != nil && o.Status != before.Status:
		step.ChangedAt = *o.ClosedAt
	case w.known == nil && o.OpenedOn != nil:
		day := o.OpenedOn.Time()
		step.ChangedAt = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, c.source.zone)
	}
	w.extras = append(w.extras, step)
}
