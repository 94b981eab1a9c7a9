package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// PipelineCreate makes a pipeline; the first one is the default, and a later one takes its place on demand.
func (s *Store) PipelineCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Pipelines.Create(ctx, s, v, q, input, func(tx *Tx, p *models.Pipeline) error {
		if !p.IsDefault {
			others, err := tx.NewSelect().Model((*models.Pipeline)(nil)).Where("is_default").Exists(tx.ctx)
			p.IsDefault = !others
			return err
		}
		return tx.noDefault()
	}, nil)
}

// PipelineUpdate renames a pipeline or makes it the default; the default steps back only for another.
func (s *Store) PipelineUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Pipelines.Update(ctx, s, v, q, id, version, input, func(tx *Tx, before, p *models.Pipeline) error {
		switch {
		case before.IsDefault && !p.IsDefault:
			return fault.Refuse(fault.Invalid, fault.Say("Make another pipeline the default instead.", "请改为将另一个销售流程设为默认。")).At("input", "default")
		case p.IsDefault && !before.IsDefault:
			return tx.noDefault()
		}
		return nil
	})
}

// PipelineDelete takes away a pipeline with its stages, unless an opportunity is in it or it is the default.
func (s *Store) PipelineDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return Pipelines.Remove(ctx, s, v, q, id, version, func(tx *Tx, p *models.Pipeline) error {
		if p.IsDefault {
			return fault.Refuse(fault.InUse, fault.Say("Make another pipeline the default first.", "请先将另一个销售流程设为默认。")).At("input", "id")
		}
		_, err := tx.NewDelete().Model((*models.Stage)(nil)).Where("pipeline_id = ?", id).Exec(tx.ctx)
		return fault.FromSQL(err)
	})
}

func (tx *Tx) noDefault() error {
	return tx.changedBy("UPDATE", "is_default", false, "update pipelines set is_default = false, version = version + 1, updated_at = ? where is_default returning id, 'true' as old", tx.Now)
}

// StageCreate adds a stage to a pipeline, last unless the input says where.
func (s *Store) StageCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Stages.Create(ctx, s, v, q, input, func(tx *Tx, stage *models.Stage) error {
		if err := checkStage(stage); err != nil || present(input["position"]) {
			return err
		}
		return tx.last(&stage.Position, "stages", "pipeline_id", stage.PipelineID)
	}, nil)
}

// StageUpdate changes a stage; opportunities in it follow.
func (s *Store) StageUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Stages.Update(ctx, s, v, q, id, version, input, func(_ *Tx, _, stage *models.Stage) error { return checkStage(stage) })
}

func checkStage(stage *models.Stage) error {
	if stage.Probability >= 0 && stage.Probability <= 1 {
		return nil
	}
	return fault.Refuse(fault.Invalid, fault.Say("A probability is 0 to 1.", "概率为 0 到 1。")).At("input", "probability")
}
