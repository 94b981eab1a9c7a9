package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// ActivityCreate notes an activity, of now unless the input says when, with the customer of what it is on unless it names
// one.
func (s *Store) ActivityCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	input = withoutNull(input, "at")
	return Activities.Create(ctx, s, v, q, input, func(tx *Tx, row *models.Activity) error {
		if row.Kind == "" {
			row.Kind = "NOTE"
		}
		if row.HappenedAt.IsZero() {
			row.HappenedAt = tx.Now
		}
		return tx.SettleActivity(&models.Activity{}, row)
	}, nil)
}

// ActivityUpdate changes an activity.
func (s *Store) ActivityUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Activities.Update(ctx, s, v, q, id, version, input, func(tx *Tx, before, row *models.Activity) error {
		return tx.SettleActivity(before, row)
	})
}

// SettleActivity finds the customer of what an activity is on, and refuses what does not fit together.
func (tx *Tx) SettleActivity(before, row *models.Activity) error {
	if err := tx.assign(before.AssigneeID, row.AssigneeID); err != nil {
		return err
	}
	if same(before.CustomerID, row.CustomerID) && same(before.OpportunityID, row.OpportunityID) && same(before.ServiceID, row.ServiceID) {
		return nil
	}
	return tx.attach(&row.CustomerID, attached{access.Opportunity, row.OpportunityID, "opportunity"}, attached{access.Service, row.ServiceID, "service"})
}
