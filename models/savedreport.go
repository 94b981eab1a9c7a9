package models

import "github.com/uptrace/bun"

// SavedReport is a question of reports kept under a name. It holds neither rights nor numbers: it is asked anew by whoever
// opens it.
type SavedReport struct {
	bun.BaseModel `bun:"table:saved_reports"`
	Business
	Name     string  `bun:"name" input:"name"`
	Note     *string `bun:"note" input:"note"`
	Document string  `bun:"document" input:"document"`
	Defaults string  `bun:"defaults" input:"defaults"` // a JSON object: the values of variables when nobody says otherwise
	Searchable
}

// ReportParameter is a variable of a saved report.
type ReportParameter struct {
	Name  string
	Type  string
	Value *string // as JSON
}

// SavedReportConnection is a page of saved reports.
type (
	SavedReportConnection = Connection[SavedReport]
	SavedReportEdge       = Edge[SavedReport]
)
