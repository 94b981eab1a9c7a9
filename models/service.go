package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Service is something done for a customer after the sale.
type Service struct {
	bun.BaseModel `bun:"table:services"`
	Business
	Title         string           `bun:"title" input:"title"`
	Kind          string           `bun:"kind" input:"kind"`
	Status        string           `bun:"status" input:"status"`
	Priority      string           `bun:"priority" input:"priority"`
	CustomerID    *uuid.UUID       `bun:"customer_id,type:uuid" input:"customer"`
	ContactID     *uuid.UUID       `bun:"contact_id,type:uuid" input:"contact"`
	OpportunityID *uuid.UUID       `bun:"opportunity_id,type:uuid" input:"opportunity"`
	AssigneeID    *uuid.UUID       `bun:"assignee_id,type:uuid" input:"assignee"`
	OpenedAt      time.Time        `bun:"opened_at" input:"openedAt"`
	DueAt         *time.Time       `bun:"due_at" input:"dueAt"`
	ClosedAt      *time.Time       `bun:"closed_at" input:"closedAt"`
	Cost          *decimal.Decimal `bun:"cost,type:numeric" input:"cost"`
	Currency      *string          `bun:"currency" input:"currency"`
	Description   *string          `bun:"description" input:"description"`
	Searchable
}

// CostMoney is what the service cost us, with its currency.
func (s *Service) CostMoney() *Money { return MoneyOf(s.Cost, s.Currency) }

// ServiceConnection is a page of services.
type (
	ServiceConnection = Connection[Service]
	ServiceEdge       = Edge[Service]
)
