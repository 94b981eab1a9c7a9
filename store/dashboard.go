package store

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// maxTiles is how many tiles a dashboard has at most.
const maxTiles = 50

// DashboardCreate puts saved reports side by side.
func (s *Store) DashboardCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any, askable Askable) (uuid.UUID, error) {
	return Dashboards.Create(ctx, s, v, q, input, func(tx *Tx, row *models.Dashboard) error {
		row.Tiles = []models.Tile{}
		return tx.tile(row, input, askable)
	}, nil)
}

// DashboardUpdate changes a dashboard.
func (s *Store) DashboardUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any, askable Askable) (uuid.UUID, error) {
	return Dashboards.Update(ctx, s, v, q, id, version, input, func(tx *Tx, _, row *models.Dashboard) error { return tx.tile(row, input, askable) })
}

// tile puts the tiles that an input names on a dashboard; one that is null stays what it is.
func (tx *Tx) tile(d *models.Dashboard, input map[string]any, askable Askable) error {
	given, named := input["tiles"].([]*models.Tile)
	if !named {
		return nil
	}
	if len(given) > maxTiles {
		return fault.Refuse(fault.TooLarge, fault.Say("A dashboard has at most %d tiles.", "一个仪表盘最多 %d 个图块。", maxTiles)).At("input", "tiles")
	}
	before, tiles := d.Tiles, make([]models.Tile, len(given))
	for i, tile := range given {
		at := []string{"input", "tiles", strconv.Itoa(i)}
		switch {
		case tile != nil:
			tiles[i] = *tile
			if err := tx.checkTile(tile, askable, at...); err != nil {
				return err
			}
		case i < len(before):
			tiles[i] = before[i]
		default:
			return fault.Refuse(fault.Invalid, fault.Say("No tile stands at this place.", "此位置没有图块。")).At(at...)
		}
	}
	if !same(before, tiles) {
		tx.note("tile_list", toldOf(before), toldOf(tiles))
	}
	d.Tiles = tiles
	return nil
}

func (tx *Tx) checkTile(tile *models.Tile, askable Askable, at ...string) error {
	if tile.Title != nil {
		if f := checkText(*tile.Title, true, false); f != nil {
			return f.At(append(slices.Clone(at), "title")...)
		}
	}
	var values map[string]json.RawMessage
	f := checkText(tile.Parameters, true, true)
	if f == nil && (json.Unmarshal([]byte(tile.Parameters), &values) != nil || values == nil) {
		f = fault.Refuse(fault.Invalid, fault.Say("This is no JSON object.", "这不是 JSON 对象。"))
	}
	if f != nil {
		return f.At(append(slices.Clone(at), "parameters")...)
	}
	if err := tx.hold(access.SavedReport, tile.Report); err != nil {
		return err
	}
	if err := tx.See(access.SavedReport, tile.Report, append(slices.Clone(at), "report")...); err != nil {
		return err
	}
	return tx.takesValues(tile.Report, values, askable, append(at, "parameters")...)
}

// takesValues refuses values that a saved report, which the viewer sees, declares no variables for, or others.
func (tx *Tx) takesValues(report uuid.UUID, values map[string]json.RawMessage, askable Askable, at ...string) error {
	if len(values) == 0 {
		return nil
	}
	var row models.SavedReport
	if err := tx.NewSelect().Model(&row).Where("id = ?", report).Scan(tx.ctx); err != nil {
		return fault.FromSQL(err)
	}
	asked := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(row.Defaults), &asked); err != nil {
		return err
	}
	maps.Copy(asked, values)
	text, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	err = askable(row.Document, string(text))
	var wrong *fault.Fault
	if errors.As(err, &wrong) {
		return fault.Refuse(fault.Invalid, wrong.Sentence).At(at...)
	}
	return err
}

// toldOf is what a history keeps of tiles. It shows each to whom the report is shown.
func toldOf(tiles []models.Tile) []map[string]any {
	list := make([]map[string]any, len(tiles))
	for i, tile := range tiles {
		list[i] = map[string]any{"report": tile.Report, "title": tile.Title, "parameters": tile.Parameters}
	}
	return list
}
