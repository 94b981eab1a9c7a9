package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Activity is something done with a customer: a call, a visit, a mail, a note.
type Activity struct {
	bun.BaseModel `bun:"table:activities"`
	Business
	Kind           string     `bun:"kind" input:"kind"`
	Summary        string     `bun:"summary" input:"summary"`
	Body           *string    `bun:"body" input:"body"`
	HappenedAt     time.Time  `bun:"happened_at" input:"at"`
	CustomerID     *uuid.UUID `bun:"customer_id,type:uuid" input:"customer"`
	ContactID      *uuid.UUID `bun:"contact_id,type:uuid" input:"contact"`
	OpportunityID  *uuid.UUID `bun:"opportunity_id,type:uuid" input:"opportunity"`
	ServiceID      *uuid.UUID `bun:"service_id,type:uuid" input:"service"`
	AssigneeID     *uuid.UUID `bun:"assignee_id,type:uuid" input:"assignee"`
	NextFollowUpOn *Date      `bun:"next_follow_up_on,type:date" input:"nextFollowUpOn"`
	Searchable
}

// ActivityConnection is a page of activities.
type (
	ActivityConnection = Connection[Activity]
	ActivityEdge       = Edge[Activity]
)
