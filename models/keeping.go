package models

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// AuditEntry tells who changed what, when, from which value to which.
type AuditEntry struct {
	bun.BaseModel `bun:"table:audit_entries"`
	Part
	RecordID uuid.UUID       `bun:"record_id,type:uuid"`
	Action   string          `bun:"action"`
	At       time.Time       `bun:"at"`
	ActorID  *uuid.UUID      `bun:"actor_id,type:uuid"`
	Changes  json.RawMessage `bun:"changes,type:jsonb"`
}

// When is when it was changed.
func (e *AuditEntry) When() time.Time { return e.At }

// HistoryChange is what became of one field: a text before and after, or a reference.
type HistoryChange struct {
	Part
	Field        string
	Old, New     *string
	OldID, NewID *uuid.UUID
	Protected    bool // the values are under a rule, and stand here in full
}

// Pages of history entries.
type (
	HistoryEntryConnection = Connection[AuditEntry]
	HistoryEntryEdge       = Edge[AuditEntry]
)

// ExternalKey remembers which record a row of a foreign source became, and the values it had then.
type ExternalKey struct {
	bun.BaseModel `bun:"table:external_keys"`
	Part
	Source     string          `bun:"source"`
	Kind       string          `bun:"kind"`
	Key        string          `bun:"key"`
	RecordID   uuid.UUID       `bun:"record_id,type:uuid"`
	Imported   json.RawMessage `bun:"imported,type:jsonb"`
	ImportedAt time.Time       `bun:"imported_at"`
}

// IdempotencyKey remembers that a request has been carried out.
type IdempotencyKey struct {
	bun.BaseModel `bun:"table:idempotency_keys"`
	UserID        uuid.UUID  `bun:"user_id,pk,type:uuid"`
	Key           string     `bun:"key,pk"`
	Operation     string     `bun:"operation"`
	RequestHash   []byte     `bun:"request_hash"`
	RecordID      *uuid.UUID `bun:"record_id,type:uuid"`
	CreatedAt     time.Time  `bun:"created_at"`
}
