package models

import (
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// Currency is one that amounts may be in.
type Currency struct {
	bun.BaseModel `bun:"table:currencies"`
	Code          string  `bun:"code,pk" input:"code"`
	Name          string  `bun:"name" input:"name"`
	NameEn        *string `bun:"name_en" input:"nameEn"`
}

// ExchangeRate is what one unit of a currency is worth in the company's currency from a day on.
type ExchangeRate struct {
	bun.BaseModel `bun:"table:exchange_rates"`
	Currency      string          `bun:"currency,pk"`
	ValidOn       Date            `bun:"valid_on,pk,type:date"`
	Rate          decimal.Decimal `bun:"rate,type:numeric"`
}
