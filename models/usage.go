package models

import (
	"time"

	"github.com/google/uuid"
)

// What can be used, as its use is counted.
const (
	UsedReport      = "REPORT"
	UsedSavedReport = "SAVED_REPORT"
	UsedFunction    = "FUNCTION"
	UsedField       = "FIELD"
	UsedMeasure     = "MEASURE"
	UsedDimension   = "DIMENSION"
	UsedFilter      = "FILTER"
)

// Use tells how much something was used.
type Use struct {
	Part
	Kind   string
	Name   string
	Uses   int
	People int
	LastAt *time.Time

	ReportID *uuid.UUID // of a saved report
}

// UseConnection is a page of what was used.
type (
	UseConnection = Connection[Use]
	UseEdge       = Edge[Use]
)
