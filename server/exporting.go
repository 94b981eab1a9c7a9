package server

import (
	"maps"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// mayExport refuses a file to who may not take out what it tells of: the records that its reports count, those that they are
// grouped by, and those of which a field is selected.
func (e *engine) mayExport(p *planned, op *graphql.OperationContext, viewer *access.Viewer) error {
	needed, used := map[access.Permission]bool{}, e.toldBy(p.uses, op.Variables)
	maps.Copy(used, p.always)
	for thing := range used {
		of, name, _ := strings.Cut(thing.Name, ".")
		switch thing.Kind {
		case models.UsedReport:
			needed[exportOf(e.schema.Query.Fields.ForName(thing.Name))] = true
		case models.UsedField:
			needed[access.ToExport(kindOf(of))] = true
		case models.UsedDimension:
			needed[access.ToExport(groupedBy(of, name))] = true
		}
	}
	for _, p := range access.Permissions() {
		if !needed[p] {
			continue
		}
		if err := viewer.Need(p); err != nil {
			return err
		}
	}
	return nil
}

// exportOf gives the permission that a file of a report needs.
func exportOf(report *ast.FieldDefinition) access.Permission {
	return access.Permission(report.Directives.ForName("report").Arguments.ForName("export").Value.Raw)
}

// kindOf gives the kind whose records a type of the schema shows; nil for one that shows none.
func kindOf(name string) *access.Kind {
	for _, kind := range access.Kinds {
		if kind.Model.Name() == name {
			return kind
		}
	}
	return nil
}

// groupedBy gives the kind of the records that a dimension names; nil when it names none.
func groupedBy(enum, value string) *access.Kind {
	for _, dataset := range reports.Datasets() {
		if d, has := dataset.Dimension(value); has && dataset.Noun+"Dimension" == enum {
			return d.Of
		}
	}
	return nil
}
