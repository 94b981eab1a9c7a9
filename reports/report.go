// Package reports answers what can be counted and summed over the records that a viewer sees.
package reports

import (
	"time"

	"guanxi/models"
)

// Period is a stretch of time on a report's clock: from inclusive, until exclusive, either end open when nil.
type Period struct {
	From  *models.Date
	Until *models.Date
}

// Order asks for one sort key of a report's rows.
type Order struct {
	Measure   string
	Direction string
}

// OpportunityReport is a report over opportunities.
type OpportunityReport struct {
	Rows       []*OpportunityReportRow
	Total      *OpportunityReportRow
	Coverage   []*Coverage
	Definition *ReportDefinition
}

// OpportunityReportRow is one row of a report: its keys and numbers.
type OpportunityReportRow struct {
	Keys             []*ReportKey
	Count            int
	Won              int
	Lost             int
	Open             int
	Cancelled        int
	LossRate         *Rate
	WinRate          *Rate
	LossRateByAmount *AmountRate
	WonAmount        *models.Money
	LostAmount       *models.Money
	OpenAmount       *models.Money
	WeightedAmount   *models.Money
	Unconverted      *int
	AverageCycleDays *float64
	Previous         *OpportunityReportRow
}

// ReportKey is a row's value of one dimension: a value, unknown, or other.
type ReportKey struct {
	Dimension string
	ID        *string
	Label     string
	Unknown   bool
	Other     bool
}

// Rate is a share of cases with its certainty.
type Rate struct {
	Value       *float64
	Low         *float64
	High        *float64
	Sample      int
	SmallSample bool
}

// AmountRate is a share of an amount.
type AmountRate struct {
	Value       *float64
	Sample      int
	SmallSample bool
}

// Coverage is how well one field behind a report is filled in.
type Coverage struct {
	Field   string
	Known   int
	Unknown int
	Share   *float64
}

// ReportDefinition is what a report's numbers mean.
type ReportDefinition struct {
	Sentence        string
	Clock           string
	From            *models.Date
	Until           *models.Date
	TimeZone        string
	FiscalYearStart int
	Currency        string
	AsOf            time.Time
}

// ReportDataset is what can be asked of one dataset.
type ReportDataset struct {
	Dataset    string
	Label      string
	Dimensions []*ReportDimension
	Measures   []*ReportMeasure
}

// ReportDimension is a way to group.
type ReportDimension struct {
	Name  string
	Label string
	Type  string
}

// ReportMeasure is a number that a report gives.
type ReportMeasure struct {
	Name     string
	Label    string
	Unit     string
	Sentence string
}
