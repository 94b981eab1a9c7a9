package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/models"
)

// listOf renders ids for bun's "in (?)": never an empty list, which is no SQL.
func listOf(ids []uuid.UUID) any {
	if len(ids) == 0 {
		ids = []uuid.UUID{uuid.Nil}
	}
	return bun.In(ids)
}

// SharesOf lists the shares of the records that the viewer manages; a record that he only sees has no list.
func SharesOf(ctx context.Context, snap *access.Snapshot, kind *access.Kind, ids []uuid.UUID) (map[uuid.UUID][]*models.Share, error) {
	q := snap.Viewer.Query()
	text := fmt.Sprintf(`select r.id, s.id, s.version, s.created_at, s.updated_at, s.record_id, s.subject_id, s.with_sub_departments, s.level, s.kinds, s.expires_at, s.created_by
		from %s left join shares s on s.record_id = r.id where r.id = any(%s) order by r.id, s.id`, q.Manageable(kind, "r"), q.Bind(ids))
	found := map[uuid.UUID][]*models.Share{}
	var rows []*models.Share
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var record uuid.UUID
		var id, of, subject *uuid.UUID
		s := &models.Share{}
		var n *int
		var made, changed any
		var sub *bool
		var level *string
		if err := row.Scan(&record, &id, &n, &made, &changed, &of, &subject, &sub, &level, &s.Kinds, &s.ExpiresAt, &s.CreatedBy); err != nil {
			return err
		}
		if found[record] == nil {
			found[record] = []*models.Share{}
		}
		if id == nil {
			return nil
		}
		s.ID, s.Version, s.RecordID, s.SubjectID, s.WithSubDepartments, s.Level = *id, *n, *of, *subject, *sub, *level
		rows = append(rows, s)
		found[record] = append(found[record], s)
		return nil
	})
	models.NewBatch(rows)
	return found, err
}
