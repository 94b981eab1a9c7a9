package models

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Pipeline is an ordered way from a first talk to a closed deal.
type Pipeline struct {
	bun.BaseModel `bun:"table:pipelines"`
	Record
	Name      string `bun:"name" input:"name"`
	IsDefault bool   `bun:"is_default" input:"default"`
}

// Stage is a step of a pipeline.
type Stage struct {
	bun.BaseModel `bun:"table:stages"`
	Record
	PipelineID  uuid.UUID `bun:"pipeline_id,type:uuid" input:"pipeline"`
	Name        string    `bun:"name" input:"name"`
	NameEn      *string   `bun:"name_en" input:"nameEn"`
	Probability float64   `bun:"probability" input:"probability"`
	Position    int       `bun:"position" input:"position"`
}

// Pages of pipelines and stages.
type (
	PipelineConnection = Connection[Pipeline]
	PipelineEdge       = Edge[Pipeline]
	StageConnection    = Connection[Stage]
	StageEdge          = Edge[Stage]
)
