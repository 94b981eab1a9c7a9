package models

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Customer is an organization or a person that buys, or may.
type Customer struct {
	bun.BaseModel `bun:"table:customers"`
	Business
	Name       string     `bun:"name" input:"name"`
	Kind       string     `bun:"kind" input:"kind"`
	Lifecycle  string     `bun:"lifecycle" input:"lifecycle"`
	RegionID   *uuid.UUID `bun:"region_id,type:uuid" input:"region"`
	IndustryID *uuid.UUID `bun:"industry_id,type:uuid" input:"industry"`
	SourceID   *uuid.UUID `bun:"source_id,type:uuid" input:"source"`
	Phone      *string    `bun:"phone" input:"phone"`
	Email      *string    `bun:"email" input:"email"`
	Website    *string    `bun:"website" input:"website"`
	Address    *string    `bun:"address" input:"address"`
	Note       *string    `bun:"note" input:"note"`
	PoolID     *uuid.UUID `bun:"pool_id,type:uuid"`
	Searchable
	Reachable
}

// CustomerConnection is a page of customers.
type (
	CustomerConnection = Connection[Customer]
	CustomerEdge       = Edge[Customer]
)
