package models

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Pool is a state of customers without an owner, open to its members.
type Pool struct {
	bun.BaseModel `bun:"table:pools"`
	Record
	Name string  `bun:"name" input:"name"`
	Note *string `bun:"note" input:"note"`
	Searchable
}

// PoolMember lets a user, a department or a group into a pool.
type PoolMember struct {
	bun.BaseModel      `bun:"table:pool_members"`
	PoolID             uuid.UUID `bun:"pool_id,pk,type:uuid"`
	SubjectID          uuid.UUID `bun:"subject_id,pk,type:uuid"`
	WithSubDepartments bool      `bun:"with_sub_departments"`
}

// PoolConnection is a page of pools.
type (
	PoolConnection = Connection[Pool]
	PoolEdge       = Edge[Pool]
)
