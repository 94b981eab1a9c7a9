package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// PoolCreate makes a pool that the subjects are members of.
func (s *Store) PoolCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any, members []models.PoolMember) (uuid.UUID, error) {
	return Pools.Create(ctx, s, v, q, input, nil, func(tx *Tx, p *models.Pool) error {
		return tx.setPoolMembers(p.ID, members)
	})
}

// PoolUpdate changes a pool; members, unless nil, replace all it had.
func (s *Store) PoolUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any, members []models.PoolMember) (uuid.UUID, error) {
	return Pools.Update(ctx, s, v, q, id, version, input, func(tx *Tx, _, _ *models.Pool) error {
		if members == nil {
			return nil
		}
		return tx.setPoolMembers(id, members)
	})
}

// PoolMembersSet gives a pool exactly these members, within a write.
func (tx *Tx) PoolMembersSet(pool uuid.UUID, members []models.PoolMember) error {
	return Pools.alter(tx, pool, nil, "UPDATE", func(tx *Tx, _ *models.Pool) error { return tx.setPoolMembers(pool, members) })
}

// PoolDelete takes away a pool that no customer is in.
func (s *Store) PoolDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return Pools.Remove(ctx, s, v, q, id, version, func(tx *Tx, _ *models.Pool) error {
		_, err := tx.NewDelete().Model((*models.PoolMember)(nil)).Where("pool_id = ?", id).Exec(tx.ctx)
		return fault.FromSQL(err)
	})
}

func (tx *Tx) setPoolMembers(pool uuid.UUID, members []models.PoolMember) error {
	before := []models.PoolMember{}
	if err := tx.NewSelect().Model(&before).Where("pool_id = ?", pool).Order("subject_id").Scan(tx.ctx); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*models.PoolMember)(nil)).Where("pool_id = ?", pool).Exec(tx.ctx); err != nil {
		return fault.FromSQL(err)
	}
	for i, member := range members {
		if err := tx.seeSubject(member.SubjectID, "input", "members", fmt.Sprint(i)); err != nil {
			return err
		}
		member.PoolID = pool
		if _, err := tx.NewInsert().Model(&member).On("conflict (pool_id, subject_id) do update set with_sub_departments = excluded.with_sub_departments").Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
	}
	tx.note("members", before, members)
	return nil
}

// PoolMembersOf lists who is in the pools.
func PoolMembersOf(ctx context.Context, snap *access.Snapshot, pools []uuid.UUID) (map[uuid.UUID][]*models.Subject, error) {
	q := snap.Viewer.Query()
	text := "select r.id, m.subject_id, m.with_sub_departments from " + q.Visible(access.Pool, "r") +
		" join pool_members m on m.pool_id = r.id where r.id = any(" + q.Bind(pools) + ") order by r.id, m.subject_id"
	found := map[uuid.UUID][]*models.Subject{}
	var rows []*models.Subject
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var pool uuid.UUID
		one := &models.Subject{}
		err := row.Scan(&pool, &one.ID, &one.WithSubDepartments)
		found[pool], rows = append(found[pool], one), append(rows, one)
		return err
	})
	models.NewBatch(rows)
	for _, id := range pools {
		if found[id] == nil {
			found[id] = []*models.Subject{}
		}
	}
	return found, err
}
