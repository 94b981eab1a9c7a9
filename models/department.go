package models

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Department is a place in the company's tree.
type Department struct {
	bun.BaseModel `bun:"table:departments"`
	Record
	Name     string      `bun:"name" input:"name"`
	ParentID *uuid.UUID  `bun:"parent_id,type:uuid" input:"parent"`
	Path     []uuid.UUID `bun:"path,array,type:uuid[]"`
	Searchable
}

// Level is the depth in the tree: 1 for a department without a parent.
func (d *Department) Level() int { return len(d.Path) }

// DepartmentConnection is a page of departments.
type (
	DepartmentConnection = Connection[Department]
	DepartmentEdge       = Edge[Department]
)

// Membership puts a user into a department; one of his memberships is primary.
type Membership struct {
	bun.BaseModel `bun:"table:memberships"`
	Record
	UserID       uuid.UUID `bun:"user_id,type:uuid"`
	DepartmentID uuid.UUID `bun:"department_id,type:uuid"`
	IsPrimary    bool      `bun:"is_primary"`
	Title        *string   `bun:"title"`
}
