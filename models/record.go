// Package models holds what a customer-relationship server knows: one struct per noun, with its small pure methods.
package models

import (
	"time"

	"github.com/google/uuid"
)

// Record is what every stored thing has.
type Record struct {
	ID        uuid.UUID `bun:"id,pk,type:uuid"`
	Version   int       `bun:"version"`
	CreatedAt time.Time `bun:"created_at"`
	UpdatedAt time.Time `bun:"updated_at"`
	Batch     *Batch    `bun:"-"`
}

// Base gives the common part of a record.
func (r *Record) Base() *Record { return r }

// Part is what belongs to a record and is seen exactly with it.
type Part struct {
	ID    uuid.UUID  `bun:"id,pk,type:uuid"`
	Batch *Batch     `bun:"-"`
	AsOf  *time.Time `bun:"-"` // nil unless the part is shown as it was at that instant
}

// ShowAsOf tells the part that it is shown as it was at an instant.
func (p *Part) ShowAsOf(at *time.Time) { p.AsOf = at }

// Key gives the id and the batch that the record came with.
func (r *Record) Key() (uuid.UUID, *Batch) { return r.ID, r.Batch }

// Key gives the id and the batch that the part came with.
func (p *Part) Key() (uuid.UUID, *Batch) { return p.ID, p.Batch }

// Join tells the record which others came with it.
func (r *Record) Join(b *Batch) { r.Batch = b }

// Join tells the part which others came with it.
func (p *Part) Join(b *Batch) { p.Batch = b }

// Keyed is a record or a part: something with an id that came in a batch.
type Keyed interface {
	Key() (uuid.UUID, *Batch)
	Join(*Batch)
}

// Business is what every record of the company's daily work has besides: an owner, and deletion that can be undone.
type Business struct {
	Record
	OwnerID    *uuid.UUID `bun:"owner_id,type:uuid" input:"owner"`
	CreatedBy  *uuid.UUID `bun:"created_by,type:uuid"`
	DeletedAt  *time.Time `bun:"deleted_at"`
	DeletionID *uuid.UUID `bun:"deletion_id,type:uuid"`
	Today      *Today     `bun:"-"` // nil unless the record is shown as it was at an earlier instant
}

// Today is what access to a record is decided by now, whatever it was at the instant that is shown.
type Today struct{ OwnerID *uuid.UUID }

// Owned gives the part of a business record that access is decided by.
func (b *Business) Owned() *Business { return b }

// Holder is who owns the record now.
func (b *Business) Holder() *uuid.UUID {
	if b.Today != nil {
		return b.Today.OwnerID
	}
	return b.OwnerID
}

// Searchable is what lets a record be found as people type.
type Searchable struct {
	SearchTerms []string `bun:"search_terms,array,nullzero,default:'{}'" read:"never"`
	SearchText  string   `bun:"search_text" read:"never"`
}

// Reachable is what lets a record be found by the end of its phone number.
type Reachable struct {
	PhoneTerms []string `bun:"phone_terms,array,nullzero,default:'{}'" read:"never"`
}
