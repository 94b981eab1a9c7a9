package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// Askable tells what is wrong with a document of reports and the values of its variables; nil when they can be asked. What
// carries documents out knows.
type Askable func(document, defaults string) error

// SavedReportCreate keeps a question of reports.
func (s *Store) SavedReportCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any, askable Askable) (uuid.UUID, error) {
	return SavedReports.Create(ctx, s, v, q, input, func(_ *Tx, row *models.SavedReport) error {
		if row.Defaults == "" {
			row.Defaults = "{}"
		}
		return askable(row.Document, row.Defaults)
	}, nil)
}

// SavedReportUpdate changes a question of reports.
func (s *Store) SavedReportUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any, askable Askable) (uuid.UUID, error) {
	return SavedReports.Update(ctx, s, v, q, id, version, input, func(_ *Tx, before, row *models.SavedReport) error {
		if before.Document == row.Document && before.Defaults == row.Defaults {
			return nil
		}
		return askable(row.Document, row.Defaults)
	})
}
