package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// longestServiceTitle is how many characters a service's title may have.
const longestServiceTitle = 200

// ServiceCreate makes a service, asked for now, or when it was closed if that was before, unless the input says when, of the customer of its opportunity unless it
// names one.
func (s *Store) ServiceCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	input = withoutNull(input, "openedAt")
	return Services.Create(ctx, s, v, q, input, func(tx *Tx, row *models.Service) error {
		for field, usual := range map[*string]string{&row.Kind: "OTHER", &row.Status: models.Open, &row.Priority: "NORMAL"} {
			if *field == "" {
				*field = usual
			}
		}
		if row.OpenedAt.IsZero() {
			row.OpenedAt = tx.Now
			if row.ClosedAt != nil && row.ClosedAt.Before(tx.Now) {
				row.OpenedAt = *row.ClosedAt
			}
		}
		return tx.SettleService(&models.Service{}, row)
	}, nil)
}

// ServiceUpdate changes a service. What is attached to it follows it to another customer.
func (s *Store) ServiceUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Services.Update(ctx, s, v, q, id, version, input, func(tx *Tx, before, row *models.Service) error {
		if err := tx.SettleService(before, row); err != nil {
			return err
		}
		return tx.ReattachService(before, row)
	})
}

// ReattachService lets what is attached to a service follow it to another customer.
func (tx *Tx) ReattachService(before, row *models.Service) error {
	if same(before.CustomerID, row.CustomerID) {
		return nil
	}
	if err := tx.undoesNoDeny(access.Service, before.CustomerID, row.CustomerID); err != nil {
		return err
	}
	return tx.follow(row.CustomerID, "service_id", row.ID, "documents", "activities")
}

// SettleService works out what follows from a service's fields, and refuses what does not fit together.
func (tx *Tx) SettleService(before, row *models.Service) error {
	if err := atMost(longestServiceTitle, row.Title, "title"); err != nil {
		return err
	}
	if err := tx.assign(before.AssigneeID, row.AssigneeID); err != nil {
		return err
	}
	if err := tx.settleCost(row); err != nil {
		return err
	}
	if err := tx.settleClosing(before, row); err != nil {
		return err
	}
	if same(before.CustomerID, row.CustomerID) && same(before.OpportunityID, row.OpportunityID) {
		return nil
	}
	return tx.attach(&row.CustomerID, attached{access.Opportunity, row.OpportunityID, "opportunity"})
}

// assign refuses to give work to somebody who has left.
func (tx *Tx) assign(before, to *uuid.UUID) error {
	if to == nil || same(before, to) {
		return nil
	}
	return tx.active(*to, "input", "assignee")
}

// settleCost gives a cost the company's currency when none is said, and refuses one below nought.
func (tx *Tx) settleCost(row *models.Service) error {
	if row.Cost != nil && row.Cost.IsNegative() {
		return fault.Refuse(fault.Invalid, fault.Say("A cost is 0 or more.", "费用不能小于 0。")).At("input", "cost")
	}
	if row.Cost != nil && row.Currency == nil {
		currency := tx.Viewer.Company.Currency
		row.Currency = &currency
	}
	return tx.currency(row.Currency, "input", "currency")
}

// settleClosing keeps when a service was closed or cancelled, and forgets it when the service is opened again. It is not in the future, nor, of
// a closed one, on a day before it was opened; what is planned can be cancelled.
func (tx *Tx) settleClosing(before, row *models.Service) error {
	closed := row.Status == "CLOSED" || row.Status == models.Cancelled
	switch {
	case closed && row.ClosedAt == nil:
		row.ClosedAt = &tx.Now
	case closed || row.ClosedAt == nil:
	case same(before.ClosedAt, row.ClosedAt):
		row.ClosedAt = nil
	default:
		return fault.Refuse(fault.Invalid, fault.Say("Only a service that is closed or cancelled has this.", "只有已关闭或已取消的服务才有关闭时间。")).At("input", "closedAt")
	}
	if row.ClosedAt == nil || same(before.ClosedAt, row.ClosedAt) && same(before.OpenedAt, row.OpenedAt) && before.Status == row.Status {
		return nil
	}
	if row.ClosedAt.After(tx.Now.Add(clockSkew)) {
		return fault.Refuse(fault.Invalid, fault.Say("A service cannot be closed in the future.", "服务的关闭时间不能在将来。")).At("input", "closedAt")
	}
	zone := tx.Viewer.Zone()
	if row.Status == models.Cancelled || models.DateOf(row.ClosedAt.In(zone)) >= models.DateOf(row.OpenedAt.In(zone)) {
		return nil
	}
	field := "closedAt"
	switch {
	case !same(before.ClosedAt, row.ClosedAt):
	case same(before.OpenedAt, row.OpenedAt):
		field = "status"
	default:
		field = "openedAt"
	}
	return fault.Refuse(fault.Invalid, fault.Say("A service cannot be closed before it was opened.", "服务的关闭时间不能早于受理时间。")).At("input", field)
}
