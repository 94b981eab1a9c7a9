package store

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// RelationshipTypeCreate makes a relationship type.
func (s *Store) RelationshipTypeCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return RelationshipTypes.Create(ctx, s, v, q, input, func(_ *Tx, t *models.RelationshipType) error {
		if err := checkCode(t.Code); err != nil {
			return err
		}
		return checkEnds(t)
	}, nil)
}

// RelationshipTypeUpdate changes a relationship type; of a built-in one, only its names.
func (s *Store) RelationshipTypeUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return RelationshipTypes.Update(ctx, s, v, q, id, version, input, func(tx *Tx, before, t *models.RelationshipType) error {
		if before.BuiltIn {
			return onlyNames(before, t)
		}
		if err := checkEnds(t); err != nil {
			return err
		}
		return tx.endsStillFit(t)
	})
}

// RelationshipTypeDelete takes away a type that no relationship has; a built-in one stays.
func (s *Store) RelationshipTypeDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return RelationshipTypes.Remove(ctx, s, v, q, id, version, func(_ *Tx, t *models.RelationshipType) error {
		if t.BuiltIn {
			return fault.Refuse(fault.InUse, fault.Say("The product relies on this type.", "这是系统内置的关系类型。")).At("input", "id")
		}
		return nil
	})
}

func onlyNames(before, after *models.RelationshipType) error {
	for _, field := range []struct {
		name       string
		was, wants any
	}{
		{"category", before.Category, after.Category}, {"symmetric", before.Symmetric, after.Symmetric}, {"introduces", before.Introduces, after.Introduces},
		{"aKinds", before.AKinds, after.AKinds}, {"bKinds", before.BKinds, after.BKinds},
	} {
		if !same(field.was, field.wants) {
			return fault.Refuse(fault.Invalid, fault.Say("Of a built-in type only the names change.", "内置类型只能修改名称。")).At("input", field.name)
		}
	}
	return nil
}

// checkEnds refuses ends that nothing may stand at, and a symmetric type with two different ends.
func checkEnds(t *models.RelationshipType) error {
	for _, end := range []struct {
		name  string
		kinds []string
	}{{"aKinds", t.AKinds}, {"bKinds", t.BKinds}} {
		if len(end.kinds) == 0 {
			return fault.Refuse(fault.Required, fault.Say("Name at least one kind of party.", "请至少选择一种类型。")).At("input", end.name)
		}
	}
	a, b := slices.Sorted(slices.Values(t.AKinds)), slices.Sorted(slices.Values(t.BKinds))
	if t.Symmetric && !slices.Equal(a, b) {
		return fault.Refuse(fault.Invalid, fault.Say("A symmetric type has the same kinds at both ends.", "对称关系两端允许的类型必须相同。")).At("input", "bKinds")
	}
	return nil
}

// endsStillFit refuses to change which parties a type joins when relationships have it that would not fit.
func (tx *Tx) endsStillFit(t *models.RelationshipType) error {
	if err := tx.toldOfUse(access.RelationshipType, "aKinds"); err != nil {
		return err
	}
	for _, end := range []struct {
		column, name string
		kinds        []string
	}{{"a_id", "aKinds", t.AKinds}, {"b_id", "bKinds", t.BKinds}} {
		var codes []int
		for _, name := range end.kinds {
			if kind, ok := access.Named(name); ok {
				codes = append(codes, int(kind.Code))
			}
		}
		misfit, err := tx.NewSelect().Model((*models.Relationship)(nil)).Where("type_id = ?", t.ID).
			Where("get_byte(uuid_send("+end.column+"), 15) not in (?)", bun.List(codes)).Exists(tx.ctx)
		if err != nil {
			return err
		}
		if misfit {
			return fault.Refuse(fault.InUse, fault.Say("Relationships of this type have other parties.", "已有此类型的关系使用了其他类型的两端。")).At("input", end.name)
		}
	}
	return nil
}
