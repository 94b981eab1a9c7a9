package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Group is a team formed and dissolved at will.
type Group struct {
	bun.BaseModel `bun:"table:groups"`
	Record
	Name        string     `bun:"name" input:"name"`
	Note        *string    `bun:"note" input:"note"`
	DissolvedAt *time.Time `bun:"dissolved_at"`
	Searchable
}

// GroupMember puts a user into a group.
type GroupMember struct {
	bun.BaseModel `bun:"table:group_members"`
	GroupID       uuid.UUID `bun:"group_id,pk,type:uuid"`
	UserID        uuid.UUID `bun:"user_id,pk,type:uuid"`
}

// GroupConnection is a page of groups.
type (
	GroupConnection = Connection[Group]
	GroupEdge       = Edge[Group]
)
