package models

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Dashboard is saved reports side by side.
type Dashboard struct {
	bun.BaseModel `bun:"table:dashboards"`
	Business
	Title string  `bun:"title" input:"title"`
	Note  *string `bun:"note" input:"note"`
	Tiles []Tile  `bun:"tiles,type:jsonb"`
	Searchable
}

// Tile is a saved report on a dashboard.
type Tile struct {
	Report     uuid.UUID `json:"report"`
	Title      *string   `json:"title,omitempty"`
	Parameters string    `json:"parameters"` // a JSON object: the values of variables on this tile
}

// ShownTile is a tile as somebody sees it.
type ShownTile struct {
	Report     *SavedReport
	Title      *string
	Parameters string
}

// DashboardConnection is a page of dashboards.
type (
	DashboardConnection = Connection[Dashboard]
	DashboardEdge       = Edge[Dashboard]
)
