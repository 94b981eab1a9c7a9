package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// User is an employee: deactivated, never deleted.
type User struct {
	bun.BaseModel `bun:"table:users"`
	Record
	Login        string  `bun:"login" input:"login"`
	Name         string  `bun:"name" input:"name"`
	Email        *string `bun:"email" input:"email"`
	Phone        *string `bun:"phone" input:"phone"`
	Active       bool    `bun:"active"`
	PasswordHash *string `bun:"password_hash"`
	Locale       *string `bun:"locale" input:"locale"`
	Searchable
}

// UserConnection is a page of users.
type (
	UserConnection = Connection[User]
	UserEdge       = Edge[User]
)

// APIToken is a secret that stands for its user; only its hash is kept.
type APIToken struct {
	bun.BaseModel `bun:"table:api_tokens"`
	Part
	UserID     uuid.UUID  `bun:"user_id,type:uuid"`
	Name       string     `bun:"name"`
	TokenHash  []byte     `bun:"token_hash"`
	CreatedAt  time.Time  `bun:"created_at"`
	ExpiresAt  *time.Time `bun:"expires_at"`
	RevokedAt  *time.Time `bun:"revoked_at"`
	LastUsedOn *Date      `bun:"last_used_on,type:date"`
}

// Session is a signed-in browser; only the hash of its secret is kept.
type Session struct {
	bun.BaseModel `bun:"table:sessions"`
	Part
	UserID    uuid.UUID `bun:"user_id,type:uuid"`
	TokenHash []byte    `bun:"token_hash"`
	CreatedAt time.Time `bun:"created_at"`
	ExpiresAt time.Time `bun:"expires_at"`
}
