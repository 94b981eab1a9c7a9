package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Line is a product to be put into an opportunity. Without an amount, quantity times unit price is the amount.
type Line struct {
	Product           uuid.UUID
	Quantity          decimal.Decimal
	UnitPrice, Amount *decimal.Decimal
}

const maxLines = 200

// tooMuch is the smallest amount that does not fit: the database keeps 16 digits before the point.
var tooMuch = decimal.New(1, 16)

// OpportunityLinesReplace sets an opportunity's lines, in their order.
func (s *Store) OpportunityLinesReplace(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, lines []Line) (uuid.UUID, error) {
	if err := useAmounts(v.Use, OpportunityDraft{Lines: lines}); err != nil {
		return uuid.Nil, err
	}
	return Opportunities.Edit(ctx, s, v, q, access.Update, id, version, "LINES", func(tx *Tx, o *models.Opportunity) error {
		if err := useAmounts(pricing(v, o), OpportunityDraft{Lines: lines}); err != nil {
			return err
		}
		return tx.noteParts(id, func() error {
			if _, err := tx.NewDelete().Model((*models.OpportunityLine)(nil)).Where("opportunity_id = ?", id).Exec(ctx); err != nil {
				return err
			}
			if err := tx.writeLines(o, lines); err != nil {
				return err
			}
			return tx.derive(o)
		})
	})
}

func (tx *Tx) writeLines(o *models.Opportunity, lines []Line) error {
	if len(lines) > maxLines {
		return fault.Refuse(fault.TooLarge, fault.Say("An opportunity has at most %d lines.", "一个商机最多 %d 行产品。", maxLines)).At("input", "lines")
	}
	for i, line := range lines {
		row, err := tx.lineOf(o, line, i)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
	}
	return nil
}

func (tx *Tx) lineOf(o *models.Opportunity, line Line, position int) (*models.OpportunityLine, error) {
	at := func(field string) []string { return []string{"input", "lines", fmt.Sprint(position), field} }
	if err := tx.See(access.Product, line.Product, at("product")...); err != nil {
		return nil, err
	}
	if !line.Quantity.IsPositive() {
		return nil, fault.Refuse(fault.Invalid, fault.Say("A quantity is more than 0.", "数量必须大于 0。")).At(at("quantity")...)
	}
	for field, price := range map[string]*decimal.Decimal{"unitPrice": line.UnitPrice, "amount": line.Amount} {
		if price != nil && price.IsNegative() {
			return nil, fault.Refuse(fault.Invalid, fault.Say("An amount is 0 or more.", "金额不能小于 0。")).At(at(field)...)
		}
	}
	row := &models.OpportunityLine{OpportunityID: o.ID, ProductID: line.Product, Quantity: line.Quantity, UnitPrice: line.UnitPrice, Amount: line.Amount, Position: position}
	row.ID = models.NewID(models.OpportunityLineCode)
	if row.Amount == nil && row.UnitPrice != nil {
		amount := row.UnitPrice.Mul(row.Quantity).RoundBank(4)
		if amount.GreaterThanOrEqual(tooMuch) {
			return nil, fault.Refuse(fault.Invalid, fault.Say("Quantity times unit price is an amount of more than 16 digits.", "数量乘以单价的金额超过 16 位。")).At(at("unitPrice")...)
		}
		row.Amount = &amount
	}
	return row, nil
}

// useAmounts refuses to write amounts of lines and encounters without the right to use them.
func useAmounts(use using, draft OpportunityDraft) error {
	for i, line := range draft.Lines {
		var named []string
		if line.UnitPrice != nil {
			named = append(named, "unitPrice")
		}
		if line.Amount != nil {
			named = append(named, "amount")
		}
		if err := mayPrice(use, named, "input", "lines", fmt.Sprint(i)); err != nil {
			return err
		}
	}
	for i, met := range draft.Encounters {
		if err := met.mayWrite(use, "input", "encounters", fmt.Sprint(i)); err != nil {
			return err
		}
	}
	return nil
}
