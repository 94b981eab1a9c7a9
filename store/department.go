package store

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// DepartmentCreate makes a department below another, or at the top.
func (s *Store) DepartmentCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Departments.Create(ctx, s, v, q, input, func(tx *Tx, d *models.Department) error {
		return tx.place(d)
	}, nil)
}

// DepartmentUpdate renames a department, or moves it with all below it; never below itself. Moves wait for each other before
// they lock any department, so that none is refused because of another.
func (s *Store) DepartmentUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	if err := v.Need(access.To(access.Update, access.Department)); err != nil {
		return uuid.Nil, err
	}
	return s.Write(ctx, v, q, func(tx *Tx) (uuid.UUID, error) {
		if err := tx.alone("departments"); err != nil {
			return uuid.Nil, err
		}
		return id, Departments.change(tx, id, version, input, func(tx *Tx, before, d *models.Department) error {
			if same(before.ParentID, d.ParentID) {
				return nil
			}
			return tx.move(d)
		})
	})
}

// DepartmentMove puts a department below another, nil for the top, within a write.
func (tx *Tx) DepartmentMove(id uuid.UUID, parent *uuid.UUID) error {
	return Departments.alter(tx, id, nil, "UPDATE", func(tx *Tx, d *models.Department) error {
		if same(d.ParentID, parent) {
			return nil
		}
		d.ParentID = parent
		return tx.move(d)
	})
}

// DepartmentDelete takes a department away that nobody and nothing is in. What was given over it goes with it.
func (s *Store) DepartmentDelete(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int) (uuid.UUID, error) {
	return Departments.Remove(ctx, s, v, q, id, version, func(tx *Tx, d *models.Department) error {
		return tx.withdraw(id)
	})
}

// withdraw takes back what names a subject that goes: grants over it, shares with it, its places in pools and on lists. The
// history of each tells of it.
func (tx *Tx) withdraw(subject uuid.UUID) error {
	var grants []*models.Grant
	var opened []*models.Share
	var members []*models.PoolMember
	var readers []*models.DocumentReader
	for _, rows := range []any{&grants, &opened, &members, &readers} {
		if _, err := tx.NewDelete().Model(rows).Where("subject_id = ?", subject).Returning("*").Exec(tx.ctx); err != nil {
			return fault.FromSQL(err)
		}
	}
	var entries []any
	note := func(record uuid.UUID, action string, changed map[string]Change) error {
		entry, err := tx.entry(record, action, changed)
		entries = append(entries, entry)
		return err
	}
	var failed error
	for _, g := range grants {
		failed = errors.Join(failed, note(g.ID, "DELETE", gone(g)))
	}
	for _, share := range opened {
		failed = errors.Join(failed, note(share.RecordID, "UNSHARE", gone(share)))
	}
	for _, m := range members {
		failed = errors.Join(failed, note(m.PoolID, "UPDATE", map[string]Change{"members": {Old: []any{m}}}))
	}
	for _, r := range readers {
		failed = errors.Join(failed, note(r.DocumentID, "READERS", map[string]Change{"readers": {Old: []any{r}}}))
	}
	return errors.Join(failed, tx.insertAll(entries))
}

// alone makes the rest of the write run while no other of the same name does.
func (tx *Tx) alone(name string) error {
	_, err := tx.ExecContext(tx.ctx, "select 1 from locks where name = ? for update", name)
	return fault.FromSQL(err)
}

// place gives a department its path in the tree, as the tree is now that nobody else moves anything.
func (tx *Tx) place(d *models.Department) error {
	if err := tx.alone("departments"); err != nil {
		return err
	}
	d.Path = []uuid.UUID{d.ID}
	if d.ParentID == nil {
		return nil
	}
	var above models.Department
	if err := tx.NewSelect().Model(&above).Where("id = ?", *d.ParentID).Scan(tx.ctx); err != nil {
		return absentRow(err, "input", "parent")
	}
	if slices.Contains(above.Path, d.ID) {
		return fault.Refuse(fault.Cycle, fault.Say("A department cannot stand below itself.", "部门不能放在自己的下级之中。")).At("input", "parent")
	}
	d.Path = append(slices.Clone(above.Path), d.ID)
	return nil
}

// move places a department anew and takes along what is below it.
func (tx *Tx) move(d *models.Department) error {
	if err := tx.place(d); err != nil {
		return err
	}
	return tx.changedBy("MOVE", "path", nil, `update departments r set path = ?0::uuid[] || r.path[array_position(r.path, ?1) + 1:], version = r.version + 1, updated_at = ?2
		from (select id, path as old from departments where ?1 = any(path) and id <> ?1 for update) o where r.id = o.id returning r.id, array_to_json(o.old)::text as old, array_to_json(r.path)::text as new`,
		uuidArray(d.Path), d.ID, tx.Now)
}

// DepartmentPaths finds departments by their names from the top, such as 总公司/华南区.
func (tx *Tx) DepartmentPaths(paths []string) (map[string][]uuid.UUID, error) {
	found := map[string][]uuid.UUID{}
	q := tx.Viewer.Query()
	text := "select p.path, p.id from (select d.id, string_agg(a.name, '/' order by o.place) as path from " + q.Visible(access.Department, "d") +
		" cross join unnest(d.path) with ordinality o (id, place) join " + q.Visible(access.Department, "a") +
		" on a.id = o.id group by d.id) p where p.path = any(" + q.Bind(paths) + ")"
	err := tx.named(q, text, func(path string, id uuid.UUID) { found[path] = append(found[path], id) })
	return found, err
}

// uuidArray writes ids as the text of a PostgreSQL array.
func uuidArray(ids []uuid.UUID) string {
	text := "{"
	for i, id := range ids {
		if i > 0 {
			text += ","
		}
		text += id.String()
	}
	return text + "}"
}
