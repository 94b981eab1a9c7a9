package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// WorksAt is the code of the built-in relationship type whose edges are affiliations: a contact at a customer.
const WorksAt = "WORKS_AT"

// WorksAtID is the id of that type in every database.
var WorksAtID = uuid.MustParse("00000000-0000-7000-8000-000000000013")

// RelationshipType says how two parties can stand to each other.
type RelationshipType struct {
	bun.BaseModel `bun:"table:relationship_types"`
	Record
	Code       string   `bun:"code" input:"code"`
	NameAb     string   `bun:"name_ab" input:"nameAb"`
	NameBa     string   `bun:"name_ba" input:"nameBa"`
	NameAbEn   *string  `bun:"name_ab_en" input:"nameAbEn"`
	NameBaEn   *string  `bun:"name_ba_en" input:"nameBaEn"`
	Category   string   `bun:"category" input:"category"`
	Symmetric  bool     `bun:"is_symmetric" input:"symmetric"`
	Introduces bool     `bun:"introduces" input:"introduces"`
	AKinds     []string `bun:"a_kinds,array" input:"aKinds"`
	BKinds     []string `bun:"b_kinds,array" input:"bKinds"`
	BuiltIn    bool     `bun:"built_in"`
}

// Relationship is an edge between two parties.
type Relationship struct {
	bun.BaseModel `bun:"table:relationships"`
	Record
	TypeID      uuid.UUID  `bun:"type_id,type:uuid" input:"type"`
	AID         uuid.UUID  `bun:"a_id,type:uuid" input:"a"`
	BID         uuid.UUID  `bun:"b_id,type:uuid" input:"b"`
	Strength    *int       `bun:"strength" input:"strength"`
	ValidFrom   *Date      `bun:"valid_from,type:date" input:"from"`
	ValidUntil  *Date      `bun:"valid_until,type:date" input:"until"`
	Origin      *string    `bun:"origin" input:"origin"`
	Note        *string    `bun:"note" input:"note"`
	ContactRole *string    `bun:"contact_role" input:"contactRole"`
	Title       *string    `bun:"title" input:"title"`
	IsPrimary   bool       `bun:"is_primary" input:"primary"`
	CreatedBy   *uuid.UUID `bun:"created_by,type:uuid"`
	DeletedAt   *time.Time `bun:"deleted_at"`
	DeletionID  *uuid.UUID `bun:"deletion_id,type:uuid"`
}

// Other gives the end of the edge that is not the party.
func (r *Relationship) Other(party uuid.UUID) uuid.UUID {
	if r.AID == party {
		return r.BID
	}
	return r.AID
}

// Pages of relationships and their types.
type (
	RelationshipTypeConnection = Connection[RelationshipType]
	RelationshipTypeEdge       = Edge[RelationshipType]
)
