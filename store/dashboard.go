package store

import (
	"context"
	"encoding/json"
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
func (s *Store) DashboardCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any) (uuid.UUID, error) {
	return Dashboards.Create(ctx, s, v, q, input, func(tx *Tx, row *models.Dashboard) error {
		row.Tiles = []models.Tile{}
		return tx.tile(row, input)
	}, nil)
}

// DashboardUpdate changes a dashboard.
func (s *Store) DashboardUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Dashboards.Update(ctx, s, v, q, id, version, input, func(tx *Tx, _, row *models.Dashboard) error { return tx.tile(row, input) })
}

// tile puts the tiles that an input names on a dashboard; one that is null stays what it is.
func (tx *Tx) tile(d *models.Dashboard, input map[string]any) error {
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
			if err := tx.checkTile(tile, at...); err != nil {
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

func (tx *Tx) checkTile(tile *models.Tile, at ...string) error {
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
	return tx.See(access.SavedReport, tile.Report, append(slices.Clone(at), "report")...)
}

// toldOf is what a history keeps of tiles: not which reports they are of, since not everybody sees those.
func toldOf(tiles []models.Tile) []map[string]any {
	list := make([]map[string]any, len(tiles))
	for i, tile := range tiles {
		list[i] = map[string]any{"title": tile.Title, "parameters": tile.Parameters}
	}
	return list
}
