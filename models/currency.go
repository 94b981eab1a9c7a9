package models

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Currency is one that amounts may be in.
type Currency struct {
	bun.BaseModel `bun:"table:currencies"`
	Code          string  `bun:"code,pk" input:"code"`
	Name          string  `bun:"name" input:"name"`
	NameEn        *string `bun:"name_en" input:"nameEn"`
	Batch         *Batch  `bun:"-"`
}

// Key gives a key made of the code, and the batch that the currency came with.
func (c *Currency) Key() (key uuid.UUID, batch *Batch) {
	copy(key[:], c.Code)
	return key, c.Batch
}

// Join tells the currency which others came with it.
func (c *Currency) Join(b *Batch) { c.Batch = b }

// ExchangeRate is what one unit of a currency is worth in the company's currency from a day on.
type ExchangeRate struct {
	bun.BaseModel `bun:"table:exchange_rates"`
	Currency      string          `bun:"currency,pk"`
	ValidOn       Date            `bun:"valid_on,pk,type:date"`
	Rate          decimal.Decimal `bun:"rate,type:numeric"`
	Of            *Currency       `bun:"-" json:"-"`
}
