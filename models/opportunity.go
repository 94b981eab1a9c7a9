package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Statuses of an opportunity.
const (
	Open      = "OPEN"
	Won       = "WON"
	Lost      = "LOST"
	Cancelled = "CANCELLED"
)

// Opportunity is a sale that may come about.
type Opportunity struct {
	bun.BaseModel `bun:"table:opportunities"`
	Business
	Title               string           `bun:"title" input:"title"`
	CustomerID          *uuid.UUID       `bun:"customer_id,type:uuid" input:"customer"`
	PipelineID          uuid.UUID        `bun:"pipeline_id,type:uuid" input:"pipeline"`
	StageID             uuid.UUID        `bun:"stage_id,type:uuid" input:"stage"`
	Status              string           `bun:"status"`
	Amount              *decimal.Decimal `bun:"amount,type:numeric" input:"amount"`
	Currency            *string          `bun:"currency" input:"currency"`
	OpenedOn            *Date            `bun:"opened_on,type:date" input:"openedOn"`
	ExpectedCloseOn     *Date            `bun:"expected_close_on,type:date" input:"expectedCloseOn"`
	ClosedAt            *time.Time       `bun:"closed_at"`
	ClosingOwnerID      *uuid.UUID       `bun:"closing_owner_id,type:uuid"`
	ClosingDepartmentID *uuid.UUID       `bun:"closing_department_id,type:uuid"`
	LossReasonID        *uuid.UUID       `bun:"loss_reason_id,type:uuid"`
	WonByID             *uuid.UUID       `bun:"won_by_id,type:uuid"`
	ClosingNote         *string          `bun:"closing_note"`
	MainCompetitorID    *uuid.UUID       `bun:"main_competitor_id,type:uuid"`
	MainProductID       *uuid.UUID       `bun:"main_product_id,type:uuid"`
	Note                *string          `bun:"note" input:"note"`
	Searchable
}

// AmountMoney is the amount with its currency.
func (o *Opportunity) AmountMoney() *Money { return MoneyOf(o.Amount, o.Currency) }

// OpportunityLine is a product in an opportunity.
type OpportunityLine struct {
	bun.BaseModel `bun:"table:opportunity_lines"`
	Part
	OpportunityID uuid.UUID        `bun:"opportunity_id,type:uuid"`
	ProductID     uuid.UUID        `bun:"product_id,type:uuid"`
	Quantity      decimal.Decimal  `bun:"quantity,type:numeric"`
	UnitPrice     *decimal.Decimal `bun:"unit_price,type:numeric"`
	Amount        *decimal.Decimal `bun:"amount,type:numeric"`
	Position      int              `bun:"position"`
}

// StageChange is one step of an opportunity's way, kept for ever.
type StageChange struct {
	bun.BaseModel `bun:"table:stage_changes"`
	Part
	OpportunityID uuid.UUID  `bun:"opportunity_id,type:uuid"`
	FromStageID   *uuid.UUID `bun:"from_stage_id,type:uuid"`
	ToStageID     *uuid.UUID `bun:"to_stage_id,type:uuid"`
	FromStatus    *string    `bun:"from_status"`
	ToStatus      string     `bun:"to_status"`
	ChangedAt     time.Time  `bun:"changed_at"`
	ChangedBy     *uuid.UUID `bun:"changed_by,type:uuid"`
	CreatedAt     time.Time  `bun:"created_at"` // when it was recorded, which may be later than it happened
}

// Outcomes of an encounter.
const (
	WeWon          = "WE_WON"
	TheyWon        = "THEY_WON"
	OtherWon       = "OTHER_WON"
	NobodyWon      = "NOBODY_WON"
	UnknownOutcome = "UNKNOWN"
)

// Encounter is a competitor met in an opportunity.
type Encounter struct {
	bun.BaseModel `bun:"table:encounters"`
	Part
	OpportunityID uuid.UUID        `bun:"opportunity_id,type:uuid"`
	CompetitorID  uuid.UUID        `bun:"competitor_id,type:uuid"`
	QuotedPrice   *decimal.Decimal `bun:"quoted_price,type:numeric"`
	Currency      *string          `bun:"currency"`
	Strengths     *string          `bun:"strengths"`
	Weaknesses    *string          `bun:"weaknesses"`
	IsMain        bool             `bun:"is_main"`
	CreatedAt     time.Time        `bun:"created_at"`
}

// QuotedPriceMoney is what the competitor asked, with its currency.
func (e *Encounter) QuotedPriceMoney() *Money { return MoneyOf(e.QuotedPrice, e.Currency) }

// OpportunityConnection is a page of opportunities; their parts are paged where a report opens to them.
type (
	OpportunityConnection = Connection[Opportunity]
	OpportunityEdge       = Edge[Opportunity]

	OpportunityLineConnection = Connection[OpportunityLine]
	OpportunityLineEdge       = Edge[OpportunityLine]
	StageChangeConnection     = Connection[StageChange]
	StageChangeEdge           = Edge[StageChange]
	EncounterConnection       = Connection[Encounter]
	EncounterEdge             = Edge[Encounter]
)
