package reports

import (
	"github.com/google/uuid"

	"guanxi/models"
)

// CompetitorReport is a report over encounters with competitors.
type CompetitorReport struct {
	Rows         []*CompetitorReportRow
	Unattributed *UnattributedLosses
	Coverage     []*Coverage
	Definition   *ReportDefinition
}

// CompetitorReportRow is one competitor against us.
type CompetitorReportRow struct {
	Rank             int
	RankByAmountLost *int
	CompetitorID     uuid.UUID
	Encounters       int
	Open             int
	WeWon            int
	TheyWon          int
	OtherWon         int
	NobodyWon        int
	Unknown          int
	WinRate          *Rate
	AmountWon        *models.Money
	AmountLost       *models.Money
}

// CompetitorBreakdownRow is one competitor against us, in one group.
type CompetitorBreakdownRow struct {
	Key        *ReportKey
	Encounters int
	WeWon      int
	TheyWon    int
	WinRate    *Rate
	AmountWon  *models.Money
	AmountLost *models.Money
}

// LossReasonCount is how often one reason was given.
type LossReasonCount struct {
	ReasonID *uuid.UUID
	Count    int
}

// UnattributedLosses are opportunities lost without a winner named.
type UnattributedLosses struct {
	Lost       int
	AmountLost *models.Money
}
