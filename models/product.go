package models

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Product is what the company sells.
type Product struct {
	bun.BaseModel `bun:"table:products"`
	Record
	Name       string           `bun:"name" input:"name"`
	Code       *string          `bun:"code" input:"code"`
	CategoryID *uuid.UUID       `bun:"category_id,type:uuid" input:"category"`
	ListPrice  *decimal.Decimal `bun:"list_price,type:numeric" input:"listPrice"`
	Currency   *string          `bun:"currency" input:"currency"`
	Active     bool             `bun:"active" input:"active"`
	Searchable
}

// ListPriceMoney is the list price with its currency.
func (p *Product) ListPriceMoney() *Money { return MoneyOf(p.ListPrice, p.Currency) }

// ProductConnection is a page of products.
type (
	ProductConnection = Connection[Product]
	ProductEdge       = Edge[Product]
)
