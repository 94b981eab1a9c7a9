package models

import "github.com/uptrace/bun"

// Contact is a person at customers.
type Contact struct {
	bun.BaseModel `bun:"table:contacts"`
	Business
	Name     string  `bun:"name" input:"name"`
	Gender   *string `bun:"gender" input:"gender"`
	Phone    *string `bun:"phone" input:"phone"`
	Email    *string `bun:"email" input:"email"`
	Wechat   *string `bun:"wechat" input:"wechat"`
	Birthday *Date   `bun:"birthday,type:date" input:"birthday"`
	Note     *string `bun:"note" input:"note"`
	Searchable
	Reachable
}

// ContactConnection is a page of contacts.
type (
	ContactConnection = Connection[Contact]
	ContactEdge       = Edge[Contact]
)
