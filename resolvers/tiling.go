package resolvers

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"guanxi/loaders"
	"guanxi/models"
)

// tilesOf gives a dashboard's tiles as the viewer sees them: nil in the place of one whose report he does not see.
func tilesOf(ctx context.Context, d *models.Dashboard) ([]*models.ShownTile, error) {
	found, err := loaders.Any(ctx, d, "tiles", func(d *models.Dashboard) []uuid.UUID {
		ids := make([]uuid.UUID, len(d.Tiles))
		for i, tile := range d.Tiles {
			ids[i] = tile.Report
		}
		return ids
	})
	if err != nil {
		return nil, err
	}
	list := make([]*models.ShownTile, len(d.Tiles))
	for i, tile := range d.Tiles {
		if report, seen := found[i].(*models.SavedReport); seen {
			list[i] = &models.ShownTile{Report: report, Title: tile.Title, Parameters: tile.Parameters}
		}
	}
	return list, nil
}

// parametersOf lists the variables that a saved report's document declares, with their values when nobody says otherwise.
func parametersOf(r *models.SavedReport) ([]*models.ReportParameter, error) {
	document, err := parser.ParseQuery(&ast.Source{Input: r.Document})
	if err != nil {
		return nil, err
	}
	var defaults map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.Defaults), &defaults); err != nil {
		return nil, err
	}
	list := []*models.ReportParameter{}
	for _, operation := range document.Operations {
		for _, v := range operation.VariableDefinitions {
			p := &models.ReportParameter{Name: v.Variable, Type: v.Type.String()}
			if value, has := defaults[v.Variable]; has {
				text := string(value)
				p.Value = &text
			}
			list = append(list, p)
		}
	}
	return list, nil
}
