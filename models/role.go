package models

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Role says which actions its users may take and how far they read protected fields.
type Role struct {
	bun.BaseModel `bun:"table:roles"`
	Record
	Code        string   `bun:"code" input:"code"`
	Name        string   `bun:"name" input:"name"`
	NameEn      *string  `bun:"name_en" input:"nameEn"`
	Note        *string  `bun:"note" input:"note"`
	Permissions []string `bun:"permissions,array,nullzero,default:'{}'" input:"permissions"`
}

// FieldRight is how far a role reads the fields of a rule, by the user's relation to the record.
type FieldRight struct {
	bun.BaseModel `bun:"table:field_rights"`
	RoleID        uuid.UUID `bun:"role_id,pk,type:uuid"`
	Rule          string    `bun:"rule,pk"`
	Relation      string    `bun:"relation,pk"`
	Access        string    `bun:"access"`
}

// UserRole gives a role to a user.
type UserRole struct {
	bun.BaseModel `bun:"table:user_roles"`
	UserID        uuid.UUID `bun:"user_id,pk,type:uuid"`
	RoleID        uuid.UUID `bun:"role_id,pk,type:uuid"`
}

// RoleConnection is a page of roles.
type (
	RoleConnection = Connection[Role]
	RoleEdge       = Edge[Role]
)
