package importer

import (
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// refGroup is references that are looked up together.
type refGroup struct{ kind, by string }

// referred are the kinds that references lead to.
var referred = map[string]*access.Kind{
	"department": access.Department, "user": access.User, "product": access.Product, "competitor": access.Competitor,
	"customer": access.Customer, "contact": access.Contact, "opportunity": access.Opportunity, "service": access.Service,
	"relationshipType": access.RelationshipType, "pipeline": access.Pipeline, "stage": access.Stage,
	"dictionaryEntry": access.DictionaryEntry, "role": access.Role, "group": access.Group,
}

// lookedUp tells whether a reference is found by lookUp; those to small lists are found when they come.
func lookedUp(kind string) bool {
	return kind != "dictionaryEntry" && kind != "pipeline" && kind != "stage"
}

// lookUp finds what the rows refer to, all of one sort in one statement.
func (c *chunk) lookUp() error {
	texts := map[refGroup]map[string]bool{}
	for _, w := range c.works {
		for field, value := range w.Fields {
			if value.Type != Reference || !lookedUp(value.Ref.Kind) || !w.news(field) {
				continue
			}
			by, words := value.Ref.Each()
			for i, word := range words {
				group := refGroup{value.Ref.Kind, by[i]}
				if texts[group] == nil {
					texts[group] = map[string]bool{}
				}
				texts[group][word] = true
			}
		}
	}
	for group, keys := range texts {
		found, err := c.find(group, sortedKeys(keys))
		if err != nil {
			return err
		}
		c.found[group] = found
	}
	return nil
}

// find gives the records of each text: one by key, any number by name.
func (c *chunk) find(group refGroup, texts []string) (map[string][]uuid.UUID, error) {
	kind := referred[group.kind]
	if group.by == ByPath {
		return c.tx.DepartmentPaths(texts)
	}
	if group.by != ByKey {
		return c.tx.Named(kind, group.by, texts)
	}
	known, err := c.tx.ExternalKeys(c.source.Name, group.kind, texts)
	if err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, key := range known {
		ids = append(ids, key.RecordID)
	}
	seen, err := c.tx.Seen(kind, ids)
	found := map[string][]uuid.UUID{}
	for text, key := range known {
		if seen[key.RecordID] {
			found[text] = []uuid.UUID{key.RecordID}
		}
	}
	return found, err
}

// refer gives the record that a field refers to; when there is none, or several, that is a problem of the row.
func (c *chunk) refer(w *work, field string, ref Ref) (uuid.UUID, error) {
	switch ref.Kind {
	case "dictionaryEntry":
		return c.entry(w, field, ref)
	case "pipeline":
		return c.pipeline(w, field, ref)
	case "stage":
		return c.stage(w, field, ref)
	}
	ids := c.foundBy(ref)
	switch {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		w.wrong(field, fault.Say("%d records of kind %s have the %s %q", "有 %d 条 %s 的 %s 为“%s”", len(ids), ref.Kind, ref.By, ref.Key))
	case ref.By == ByKey:
		w.wrong(field, fault.Say("no %s with the key %q was imported, or it is deleted", "没有导入键为“%[2]s”的 %[1]s，或已被删除", ref.Kind, ref.Key))
	default:
		w.missing(field, ref)
	}
	return uuid.Nil, nil
}

// foundBy gives the records that a reference leads to: those that each of its fields leads to.
func (c *chunk) foundBy(ref Ref) []uuid.UUID {
	by, words := ref.Each()
	ids := c.found[refGroup{ref.Kind, by[0]}][words[0]]
	for i := 1; i < len(by); i++ {
		others := c.found[refGroup{ref.Kind, by[i]}][words[i]]
		ids = slices.DeleteFunc(slices.Clone(ids), func(id uuid.UUID) bool { return !slices.Contains(others, id) })
	}
	return ids
}

func (w *work) missing(field string, ref Ref) {
	w.wrong(field, fault.Say("there is no %s with the %s %q", "没有 %[2]s 为“%[3]s”的 %[1]s", ref.Kind, ref.By, ref.Key))
}

// relationshipType gives a relationship's type, nil when there is none of the id.
func (c *chunk) relationshipType(id uuid.UUID) (*models.RelationshipType, error) {
	if known, ok := c.types[id]; ok {
		return known, nil
	}
	list, err := store.RowsBy[models.RelationshipType](c.tx, "id", []uuid.UUID{id})
	for _, kind := range list {
		c.types[id] = kind
	}
	return c.types[id], err
}

// keepCurrency makes a currency that a mapping names and the company does not know yet.
func (c *chunk) keepCurrency(code string) error {
	if c.currencies[code] {
		return nil
	}
	known, err := store.RowsBy[models.Currency](c.tx, "code", []string{code})
	if err == nil && len(known) == 0 {
		if err := c.tx.Viewer.Need(access.DictionaryAdmin); err != nil {
			return err
		}
		err = c.tx.AddAll(action, []any{&models.Currency{Code: code, Name: code}})
		c.result.kind("currency").Made++
	}
	c.currencies[code] = true
	return err
}

// shown writes a record's value for people, as far as the viewer reads it: of a reference the other record's name.
func (c *chunk) shown(w *work, field, value string) (string, error) {
	if rule := makerOf(w.Kind).kind.Protected[columnOf(w.Kind, field)]; rule != "" && !c.tx.Viewer.ReadsAll(rule) {
		return "…", nil
	}
	id, err := uuid.Parse(value)
	if err != nil {
		return value, nil
	}
	kind, ok := access.Coded(models.KindOf(id))
	if !ok {
		return value, nil
	}
	seen, err := c.tx.Seen(kind, []uuid.UUID{id})
	if err != nil || !seen[id] {
		return "…", err
	}
	rows, err := c.tx.Rows(kind, []uuid.UUID{id})
	for _, row := range rows {
		for _, name := range []string{"name", "label", "title"} {
			if kind.Type(name) != nil {
				return canonical(columnIn(row, kind.Model, name)), nil
			}
		}
	}
	return value, err
}
