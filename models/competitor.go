package models

import "github.com/uptrace/bun"

// Competitor is another company that offers what we offer.
type Competitor struct {
	bun.BaseModel `bun:"table:competitors"`
	Record
	Name       string  `bun:"name" input:"name"`
	Website    *string `bun:"website" input:"website"`
	Strengths  *string `bun:"strengths" input:"strengths"`
	Weaknesses *string `bun:"weaknesses" input:"weaknesses"`
	Note       *string `bun:"note" input:"note"`
	Active     bool    `bun:"active" input:"active"`
	Searchable
}

// CompetitorConnection is a page of competitors.
type (
	CompetitorConnection = Connection[Competitor]
	CompetitorEdge       = Edge[Competitor]
)
