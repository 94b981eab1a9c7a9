package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// RoleCreate makes a role with its permissions and field rights.
func (s *Store) RoleCreate(ctx context.Context, v *access.Viewer, q Request, role models.Role, rights []*models.FieldRight) (uuid.UUID, error) {
	return Roles.Create(ctx, s, v, q, nil, func(tx *Tx, r *models.Role) error {
		role.Record = r.Record
		*r = role
		return checkRole(r, rights)
	}, func(tx *Tx, r *models.Role) error {
		return tx.setRights(r.ID, rights)
	})
}

// RoleUpdate changes a role; field rights that the input names replace all it had. It never locks out the last administrator.
func (s *Store) RoleUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return s.administered(ctx, v, q, access.AccessAdmin, func(tx *Tx) (uuid.UUID, error) { return id, tx.RoleUpdate(id, version, input) })
}

// RoleUpdate changes a role within a write.
func (tx *Tx) RoleUpdate(id uuid.UUID, version *int, input map[string]any) error {
	rights, given := input["fieldRights"].([]*models.FieldRight)
	return Roles.alter(tx, id, version, "UPDATE", func(tx *Tx, r *models.Role) error {
		if _, err := fill(access.Role, r, input, tx.Viewer); err != nil {
			return err
		}
		if err := checkRole(r, rights); err != nil || !given {
			return err
		}
		return tx.setRights(id, rights)
	})
}

// RoleDelete takes away a role that no user has, with its standing grants.
func (s *Store) RoleDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	if err := v.Need(access.AccessAdmin); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) { return id, tx.RoleDelete(id, version) })
}

// RoleDelete takes a role away within a write.
func (tx *Tx) RoleDelete(id uuid.UUID, version *int) error {
	return Roles.remove(tx, id, version, func(tx *Tx, r *models.Role) error {
		for _, text := range []string{"delete from grants where grantee_role_id = ?", "delete from field_rights where role_id = ?"} {
			if _, err := tx.ExecContext(tx.ctx, text, id); err != nil {
				return fault.FromSQL(err)
			}
		}
		return nil
	})
}

// administered carries out a change of rights, one at a time, and refuses it when it would leave nobody to administer them.
func (s *Store) administered(ctx context.Context, v *access.Viewer, q Request, need access.Permission, do func(*Tx) (uuid.UUID, error)) (uuid.UUID, error) {
	if err := v.Need(need); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		if err := tx.alone("roles"); err != nil {
			return uuid.Nil, err
		}
		id, err := do(tx)
		if err != nil {
			return uuid.Nil, err
		}
		return id, tx.KeepAdministrator()
	})
}

// KeepAdministrator refuses a write that leaves nobody who may administer access.
func (tx *Tx) KeepAdministrator() error {
	n, err := tx.NewSelect().TableExpr("users u").Join("join user_roles x on x.user_id = u.id").Join("join roles r on r.id = x.role_id").
		Where("u.active and ? = any(r.permissions)", string(access.AccessAdmin)).Count(tx.ctx)
	if err == nil && n == 0 {
		return fault.Refuse(fault.Forbidden, fault.Say("This would leave nobody who may administer access.", "这样将没有人能够管理权限。"))
	}
	return err
}

// checkRole refuses permissions, rules, relations and rights that there are not.
func checkRole(r *models.Role, rights []*models.FieldRight) error {
	var wrong fault.Many
	for _, text := range []struct {
		value, field string
		most         int
	}{{r.Code, "code", 50}, {r.Name, "name", 100}} {
		if f := within(text.value, text.most, "input", text.field); f != nil {
			wrong = append(wrong, f)
		}
	}
	for i, p := range r.Permissions {
		if !slices.Contains(access.Permissions(), access.Permission(p)) {
			wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("There is no permission %q.", "没有权限“%s”。", p)).At("input", "permissions", fmt.Sprint(i)))
		}
	}
	slices.Sort(r.Permissions)
	r.Permissions = slices.Compact(r.Permissions)
	for i, right := range rights {
		_, known := access.Rights[right.Access]
		if !known || !slices.Contains(access.Rules, access.Rule(right.Rule)) || !slices.Contains(access.Relations, access.Relation(right.Relation)) {
			wrong = append(wrong, fault.Refuse(fault.Invalid, fault.Say("There is no such field right.", "没有这样的字段权限。")).At("input", "fieldRights", fmt.Sprint(i)))
		}
	}
	return wrong.OrNil()
}

// setRights replaces a role's field rights; of two for the same rule and relation the later counts.
func (tx *Tx) setRights(role uuid.UUID, rights []*models.FieldRight) error {
	before := []models.FieldRight{}
	if err := tx.NewSelect().Model(&before).Where("role_id = ?", role).Order("rule", "relation").Scan(tx.ctx); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*models.FieldRight)(nil)).Where("role_id = ?", role).Exec(tx.ctx); err != nil {
		return fault.FromSQL(err)
	}
	for _, right := range rights {
		row := *right
		row.RoleID = role
		if _, err := tx.NewInsert().Model(&row).On("conflict (role_id, rule, relation) do update set access = excluded.access").Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
	}
	tx.note("field_rights", before, rights)
	return nil
}

// FieldRightsOf lists the field rights of the roles that the viewer has, or of all with ACCESS_ADMIN.
func FieldRightsOf(ctx context.Context, snap *access.Snapshot, roles []uuid.UUID) (map[uuid.UUID][]*models.FieldRight, error) {
	found := map[uuid.UUID][]*models.FieldRight{}
	for _, id := range roles {
		if snap.Viewer.KnowsRole(id) {
			found[id] = []*models.FieldRight{}
		}
	}
	q := snap.Viewer.Query()
	text := "select f.role_id, f.rule, f.relation, f.access from " + q.Visible(access.Role, "r") +
		" join field_rights f on f.role_id = r.id where r.id = any(" + q.Bind(roles) + ") order by f.role_id, f.rule, f.relation"
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		right := &models.FieldRight{}
		err := row.Scan(&right.RoleID, &right.Rule, &right.Relation, &right.Access)
		if _, known := found[right.RoleID]; known {
			found[right.RoleID] = append(found[right.RoleID], right)
		}
		return err
	})
	return found, err
}
