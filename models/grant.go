package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Effects and levels of grants and shares.
const (
	Allow   = "ALLOW"
	Deny    = "DENY"
	Observe = "OBSERVE"
	Manage  = "MANAGE"
)

// Grant lets a user or a role reach the records of the people in its subject, or keeps him from them.
type Grant struct {
	bun.BaseModel `bun:"table:grants"`
	Record
	GranteeUserID      *uuid.UUID `bun:"grantee_user_id,type:uuid"`
	GranteeRoleID      *uuid.UUID `bun:"grantee_role_id,type:uuid"`
	Everyone           bool       `bun:"everyone"`
	SubjectID          *uuid.UUID `bun:"subject_id,type:uuid"`
	WithSubDepartments bool       `bun:"with_sub_departments"`
	Effect             string     `bun:"effect"`
	Level              string     `bun:"level"`
	Kinds              []string   `bun:"kinds,array,nullzero"`
	ValidFrom          *time.Time `bun:"valid_from"`
	ValidUntil         *time.Time `bun:"valid_until"`
	Note               *string    `bun:"note"`
	CreatedBy          *uuid.UUID `bun:"created_by,type:uuid"`
}

// GrantConnection is a page of grants.
type (
	GrantConnection = Connection[Grant]
	GrantEdge       = Edge[Grant]
)
