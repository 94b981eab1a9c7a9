package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// AccessLogEntry tells that somebody read a protected field of a record in full.
type AccessLogEntry struct {
	bun.BaseModel `bun:"table:access_log"`
	Part
	At        time.Time  `bun:"at"`
	UserID    uuid.UUID  `bun:"user_id,type:uuid"`
	ViewedBy  *uuid.UUID `bun:"viewed_by,type:uuid"`
	Request   string     `bun:"request"`
	Operation *string    `bun:"operation"`
	Field     *string    `bun:"field"`
	RecordID  *uuid.UUID `bun:"record_id,type:uuid"`
	Records   int        `bun:"records"`
}

// AccessLogCount is how often protected fields were read, by user, field or day.
type AccessLogCount struct {
	Part
	UserID *uuid.UUID
	Field  *string
	Day    *Date
	Reads  int
}

// Pages of the access log.
type (
	AccessLogEntryConnection = Connection[AccessLogEntry]
	AccessLogEntryEdge       = Edge[AccessLogEntry]
)
