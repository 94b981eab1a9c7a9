package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Share opens one record to a user, a department or a group.
type Share struct {
	bun.BaseModel `bun:"table:shares"`
	Record
	RecordID           uuid.UUID  `bun:"record_id,type:uuid"`
	SubjectID          uuid.UUID  `bun:"subject_id,type:uuid"`
	WithSubDepartments bool       `bun:"with_sub_departments"`
	Level              string     `bun:"level"`
	Kinds              []string   `bun:"kinds,array,nullzero"`
	ExpiresAt          *time.Time `bun:"expires_at"`
	CreatedBy          *uuid.UUID `bun:"created_by,type:uuid"`
}
