package models

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Job is work that goes on in the background. Who runs it holds a lease that he renews; when it runs out, another takes over.
type Job struct {
	bun.BaseModel `bun:"table:jobs"`
	Record
	Kind        string          `bun:"kind"`
	State       string          `bun:"state"`
	Input       json.RawMessage `bun:"input,type:jsonb"`
	Result      json.RawMessage `bun:"result,type:jsonb,nullzero"`
	Failure     json.RawMessage `bun:"failure,type:jsonb,nullzero"` // a sentence in each language
	Progress    float64         `bun:"progress"`
	Attempts    int             `bun:"attempts"`
	OwnerID     uuid.UUID       `bun:"owner_id,type:uuid"`
	HolderID    *uuid.UUID      `bun:"holder_id,type:uuid"` // who works on it, anew for each attempt
	LeasedUntil *time.Time      `bun:"leased_until"`
	FinishedAt  *time.Time      `bun:"finished_at"`
}

// The states of a job.
const (
	JobWaiting   = "WAITING"
	JobRunning   = "RUNNING"
	JobDone      = "DONE"
	JobFailed    = "FAILED"
	JobParked    = "PARKED"
	JobCancelled = "CANCELLED"
)
