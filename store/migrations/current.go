package migrations

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Current tells whether every migration has been applied; it changes nothing. The error names the first that is missing,
// or says why the database could not tell.
func Current(ctx context.Context, db *bun.DB) error {
	m, err := migrator(db)
	if err != nil {
		return err
	}
	known, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return err
	}
	for _, one := range known {
		if !one.IsApplied() {
			return fmt.Errorf("the migration %s_%s has not been applied", one.Name, one.Comment)
		}
	}
	return nil
}
