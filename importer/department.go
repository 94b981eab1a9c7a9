package importer

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// parentsFirst orders departments so that a parent that is among them comes before its children.
func parentsFirst(rows []Row) []Row {
	byName, byKey := map[string]int{}, map[string]int{}
	for i, row := range rows {
		byKey[row.Key], byName[row.Fields["name"].Text] = i, i
	}
	ordered := make([]Row, 0, len(rows))
	visited := make([]bool, len(rows))
	var visit func(i int)
	visit = func(i int) {
		if visited[i] {
			return
		}
		visited[i] = true
		ref := rows[i].Fields["parent"].Ref
		among, key := byKey, ref.Key
		if ref.By != ByKey {
			among, key = byName, key[strings.LastIndex(key, "/")+1:]
		}
		if parent, ok := among[key]; ok && key != "" {
			visit(parent)
		}
		ordered = append(ordered, rows[i])
	}
	for i := range rows {
		visit(i)
	}
	return ordered
}

// finishDepartment works out the department's place in the tree, and that of all below it when it moves.
func (c *chunk) finishDepartment(w *work) error {
	d := w.row.(*models.Department)
	path := []uuid.UUID{d.ID}
	if d.ParentID != nil {
		above, err := store.RowsBy[models.Department](c.tx, "id", []uuid.UUID{*d.ParentID})
		if err != nil || len(above) == 0 {
			return err
		}
		if slices.Contains(above[0].Path, d.ID) {
			w.wrong("parent", fault.Say("the department would be below itself", "部门不能隶属于自身"))
			return nil
		}
		path = append(slices.Clone(above[0].Path), d.ID)
	}
	if slices.Equal(path, d.Path) {
		return nil
	}
	depth := len(d.Path)
	d.Path = path
	if w.isNew() {
		return nil
	}
	below, err := c.tx.Below(d.ID)
	for _, child := range below {
		if child.ID != d.ID {
			before := copyOf(child)
			child.Path = append(slices.Clone(path), child.Path[depth:]...)
			w.changes = append(w.changes, store.Changed{Before: before, After: child})
		}
	}
	return err
}
