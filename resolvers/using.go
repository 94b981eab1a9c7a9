package resolvers

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/graph"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

// Usable is a thing whose use is counted: a kind and a name.
type Usable struct{ Kind, Name string }

// usables are all that there are but saved reports.
var usables = sync.OnceValue(func() map[Usable]bool {
	all := map[Usable]bool{}
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	for _, definition := range schema.Types {
		switch {
		case strings.HasPrefix(definition.Name, "__"):
		case definition.Kind == ast.Object:
			for _, field := range definition.Fields {
				for _, u := range UsedField(definition, field) {
					all[u] = true
				}
			}
		case definition.Kind == ast.Enum && isDimension(definition):
			for _, value := range definition.EnumValues {
				all[Usable{models.UsedDimension, definition.Name + "." + value.Name}] = true
			}
		case isFilter(definition):
			for _, field := range definition.Fields {
				all[Usable{models.UsedFilter, definition.Name + "." + field.Name}] = true
			}
		}
	}
	return all
})

func isDimension(d *ast.Definition) bool { return strings.HasSuffix(d.Name, "Dimension") }

func isFilter(d *ast.Definition) bool {
	return d.Kind == ast.InputObject && (strings.HasSuffix(d.Name, "Where") || strings.HasSuffix(d.Name, "Having"))
}

// UsedField says what is used when a field of a type is selected.
func UsedField(on *ast.Definition, field *ast.FieldDefinition) []Usable {
	name := on.Name + "." + field.Name
	switch {
	case strings.HasPrefix(field.Name, "__"):
		return nil
	case on.Name == "Query" && field.Directives.ForName("report") != nil:
		return []Usable{{models.UsedFunction, field.Name}, {models.UsedReport, field.Name}}
	case on.Name == "Query" || on.Name == "Mutation":
		return []Usable{{models.UsedFunction, field.Name}}
	case rowNumbers()[name]:
		return []Usable{{models.UsedMeasure, name}}
	}
	return []Usable{{models.UsedField, name}}
}

// Measured tells whether a field of a report's row is one of its numbers.
func Measured(row *ast.Definition, field *ast.FieldDefinition) bool {
	return rowNumbers()[row.Name+"."+field.Name]
}

// rowNumbers are the numbers of reports' rows, as type and field.
var rowNumbers = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	for _, root := range schema.Query.Fields {
		rows := schema.Types[root.Type.Name()].Fields.ForName("rows")
		if root.Directives.ForName("report") == nil || rows == nil {
			continue
		}
		for _, dataset := range reports.Datasets() {
			for _, m := range dataset.Measures {
				names[rows.Type.Name()+"."+m.Name] = true
			}
		}
	}
	return names
})

// UsedValue says what is used when an argument of a type has a value: the dimensions and conditions in it.
func UsedValue(schema *ast.Schema, of *ast.Type, value any, found func(Usable)) {
	Referred(schema, of, value, func(definition *ast.Definition, name string) {
		switch name = definition.Name + "." + name; {
		case isDimension(definition):
			found(Usable{models.UsedDimension, name})
		case isFilter(definition):
			found(Usable{models.UsedFilter, name})
		}
	})
}

// usage tells what was used, or never was, of these kinds.
func usage(ctx context.Context, from, until *models.Date, kinds []string, never bool) ([]*models.Use, error) {
	snap := access.Of(ctx)
	used, err := store.Usage(ctx, snap, from, until)
	if err != nil {
		return nil, err
	}
	saved, err := store.SavedReportNames(ctx, snap)
	if err != nil {
		return nil, err
	}
	list := known(used, saved)
	if never {
		list = unused(list, saved)
	}
	list = slices.DeleteFunc(list, func(u *models.Use) bool { return len(kinds) > 0 && !slices.Contains(kinds, u.Kind) })
	slices.SortFunc(list, func(a, b *models.Use) int {
		return cmp.Or(cmp.Compare(b.Uses, a.Uses), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), models.CompareIDs(models.OrNil(a.ReportID), models.OrNil(b.ReportID)))
	})
	return list, nil
}

// known leaves out what there is no more, and saved reports that the viewer does not see.
func known(used []*models.Use, saved map[uuid.UUID]string) (list []*models.Use) {
	for _, u := range used {
		if u.Kind == models.UsedSavedReport {
			id, _ := models.UnmarshalID(u.Name)
			name, sees := saved[id]
			if !sees {
				continue
			}
			u.Name, u.ReportID = name, &id
		} else if !usables()[Usable{u.Kind, u.Name}] {
			continue
		}
		list = append(list, u)
	}
	return list
}

// unused lists all that is not among what was used.
func unused(used []*models.Use, saved map[uuid.UUID]string) (list []*models.Use) {
	seen := map[Usable]bool{}
	for _, u := range used {
		if u.ReportID != nil {
			delete(saved, *u.ReportID)
		}
		seen[Usable{u.Kind, u.Name}] = true
	}
	for thing := range usables() {
		if !seen[thing] {
			list = append(list, &models.Use{Kind: thing.Kind, Name: thing.Name})
		}
	}
	for id, name := range saved {
		list = append(list, &models.Use{Kind: models.UsedSavedReport, Name: name, ReportID: &id})
	}
	return list
}

// usagePage gives a page of what was used; a cursor is the place's kind and name.
func usagePage(all []*models.Use, first *int, after *string) (*models.Connection[models.Use], error) {
	size, start := 20, 0
	if first != nil {
		if err := store.CheckPage(*first, "first"); err != nil {
			return nil, err
		}
		size = *first
	}
	cursor := func(u *models.Use) string {
		return base64.RawURLEncoding.EncodeToString([]byte(u.Kind + " " + u.Name + " " + models.OrNil(u.ReportID).String()))
	}
	if after != nil {
		start = slices.IndexFunc(all, func(u *models.Use) bool { return cursor(u) == *after }) + 1
		if start == 0 {
			return nil, fault.Deny(fault.BadInput, fault.Say("This cursor is not of this list.", "游标不属于此列表。")).At("after")
		}
	}
	page := &models.Connection[models.Use]{PageInfo: &models.PageInfo{HasNextPage: start+size < len(all), HasPreviousPage: start > 0}}
	shown := all[start:min(start+size, len(all))]
	for _, u := range shown {
		u.ID = uuid.New() // of this place, for what comes together with it
		page.Edges = append(page.Edges, &models.Edge[models.Use]{At: models.Sealed(cursor(u)), Node: u})
	}
	models.NewBatch(shown)
	if n := len(page.Edges); n > 0 {
		page.PageInfo.First, page.PageInfo.Last = page.Edges[0].At, page.Edges[n-1].At
	}
	page.Counted = func(context.Context) (models.Count, error) { return models.Count{Number: len(all), Exact: true}, nil }
	return page, nil
}
