package models

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// IDFilter compares a reference.
type IDFilter struct {
	Eq     *uuid.UUID
	In     []uuid.UUID
	IsNull *bool
}

// PartyFilter compares a reference to a party: which it is, and what it is like, by kind.
type PartyFilter struct {
	Eq                                  *uuid.UUID
	In                                  []uuid.UUID
	IsNull                              *bool
	Customer, Contact, Competitor, User map[string]any
}

// StringFilter compares text; contains and startsWith ignore case.
type StringFilter struct {
	Eq         *string
	In         []string
	Contains   *string
	StartsWith *string
	IsNull     *bool
}

// EnumFilter compares one of a closed list of values.
type EnumFilter struct {
	Eq     *string
	In     []string
	IsNull *bool
}

// BooleanFilter compares yes or no.
type BooleanFilter struct {
	Eq     *bool
	IsNull *bool
}

// Range compares values that have an order.
type Range[T any] struct {
	Eq     *T
	In     []T
	Gt     *T
	Gte    *T
	Lt     *T
	Lte    *T
	IsNull *bool
}

// The ranges that the API offers.
type (
	IntFilter      = Range[int]
	FloatFilter    = Range[float64]
	DecimalFilter  = Range[decimal.Decimal]
	DateFilter     = Range[Date]
	DateTimeFilter = Range[time.Time]
)

// Order asks for one sort key.
type Order struct {
	Field     string
	Direction string
}
