package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// CompetitorCreate makes a competitor.
func (s *Store) CompetitorCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Competitors.Create(ctx, s, v, q, input, func(_ *Tx, c *models.Competitor) error {
		c.Active = given(input["active"], true)
		return nil
	}, nil)
}

// CompetitorDelete takes away a competitor that no opportunity met and no relationship names.
func (s *Store) CompetitorDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return Competitors.Remove(ctx, s, v, q, id, version, func(tx *Tx, _ *models.Competitor) error {
		used, err := tx.NewSelect().Model((*models.Relationship)(nil)).Where("a_id = ? or b_id = ?", id, id).Exists(tx.ctx)
		if err == nil && used {
			return fault.Refuse(fault.InUse, fault.Say("Relationships still refer to this.", "仍有关系引用此记录。")).At("input", "id")
		}
		return err
	})
}
