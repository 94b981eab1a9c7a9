package models

import "github.com/uptrace/bun"

// Company is what holds for the whole installation: the currency and zone of its reports, its fiscal year.
type Company struct {
	bun.BaseModel `bun:"table:company"`
	Record
	Name            string `bun:"name" input:"name"`
	Currency        string `bun:"currency" input:"currency"`
	TimeZone        string `bun:"time_zone" input:"timeZone"`
	FiscalYearStart int    `bun:"fiscal_year_start" input:"fiscalYearStart"`
	SmallSample     int    `bun:"small_sample" input:"smallSample"`
	Sample          bool   `bun:"sample"`
}
