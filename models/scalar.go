package models

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/shopspring/decimal"

	"guanxi/fault"
)

// misread is the error for a value that is not written as its type is.
func misread(en, zh string, values ...any) error {
	return fault.Deny(fault.BadInput, fault.Say(en, zh, values...))
}

// Date is a calendar day without a time, written YYYY-MM-DD.
type Date string

const dateLayout = "2006-01-02"

// ParseDate reads a day written YYYY-MM-DD, from year 1 to 9999.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(dateLayout, text)
	if err != nil || t.Year() < 1 {
		return "", misread("%.40q is no date: write YYYY-MM-DD", "%.40q 不是日期：请写 YYYY-MM-DD", text)
	}
	return Date(text), nil
}

// DateOf gives the day of the instant in its own zone.
func DateOf(t time.Time) Date { return Date(t.Format(dateLayout)) }

// Time gives the first instant of the day in UTC.
func (d Date) Time() time.Time {
	t, _ := time.Parse(dateLayout, string(d))
	return t
}

// AddDays moves the day by whole days.
func (d Date) AddDays(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// Scan reads a database date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*d = DateOf(v)
	case string:
		*d = Date(v)
	default:
		return fmt.Errorf("cannot read a date from %T", src)
	}
	return nil
}

// Value writes a database date.
func (d Date) Value() (driver.Value, error) { return string(d), nil }

// MarshalGQL writes the day as the API shows it.
func (d Date) MarshalGQL(w io.Writer) { io.WriteString(w, strconv.Quote(string(d))) }

// UnmarshalGQL reads a day.
func (d *Date) UnmarshalGQL(v any) error {
	text, ok := v.(string)
	if !ok {
		return misread("a Date is a string YYYY-MM-DD", "Date 是形如 YYYY-MM-DD 的字符串")
	}
	day, err := ParseDate(text)
	if err != nil {
		return err
	}
	*d = day
	return nil
}

// Money is an amount in a currency.
type Money struct {
	Amount   decimal.Decimal
	Currency string
}

// MoneyOf joins an amount with its currency; an unknown amount is no money.
func MoneyOf(amount *decimal.Decimal, currency *string) *Money {
	if amount == nil || currency == nil {
		return nil
	}
	return &Money{Amount: *amount, Currency: *currency}
}

// MarshalDecimal writes an exact number as a string.
func MarshalDecimal(d decimal.Decimal) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { io.WriteString(w, strconv.Quote(d.String())) })
}

// UnmarshalDecimal reads an exact number of at most 16 digits before the point and 4 after it.
func UnmarshalDecimal(v any) (decimal.Decimal, error) { return readDecimal(v, 16, 4) }

// MarshalPreciseDecimal writes an exact number as a string.
func MarshalPreciseDecimal(d decimal.Decimal) graphql.Marshaler { return MarshalDecimal(d) }

// UnmarshalPreciseDecimal reads an exact number of at most 10 digits before the point and 10 after it.
func UnmarshalPreciseDecimal(v any) (decimal.Decimal, error) { return readDecimal(v, 10, 10) }

func readDecimal(v any, before, after int32) (decimal.Decimal, error) {
	switch v.(type) {
	case string, json.Number, int, int32, int64, float64:
	default:
		return decimal.Zero, misread(`a Decimal is a string such as "12.50", or a number`, `Decimal 是形如 "12.50" 的字符串，或一个数字`)
	}
	text := fmt.Sprint(v)
	if len(text) > 40 || strings.ContainsAny(text, "eE") {
		return decimal.Zero, misread("%.40q is no Decimal", "%.40q 不是 Decimal", text)
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Zero, misread("%.40q is no Decimal", "%.40q 不是 Decimal", text)
	}
	if !d.Equal(d.Truncate(after)) {
		return decimal.Zero, misread("%s has more than %d decimal places", "%s 的小数超过 %d 位", text, after)
	}
	if d.Abs().GreaterThanOrEqual(decimal.New(1, before)) {
		return decimal.Zero, misread("%s has more than %d digits before the point", "%s 的整数部分超过 %d 位", text, before)
	}
	return d, nil
}

// MarshalDateTime writes an instant in UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		io.WriteString(w, strconv.Quote(t.UTC().Format(time.RFC3339Nano)))
	})
}

// UnmarshalDateTime reads an instant of the years 1 to 9999 (UTC) with its offset from UTC, to the microsecond.
func UnmarshalDateTime(v any) (time.Time, error) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, misread("a DateTime is a string such as 2026-03-01T09:30:00+08:00", "DateTime 是形如 2026-03-01T09:30:00+08:00 的字符串")
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	t = t.UTC().Truncate(time.Microsecond)
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, misread("%.40q is no DateTime: write 2026-03-01T09:30:00+08:00", "%.40q 不是 DateTime：请写 2026-03-01T09:30:00+08:00", text)
	}
	return t, nil
}

// MarshalUpload writes nothing: a file is never answered in a field.
func MarshalUpload(graphql.Upload) graphql.Marshaler { return graphql.Null }

// UnmarshalUpload takes a file that came with the request.
func UnmarshalUpload(v any) (graphql.Upload, error) {
	file, ok := v.(graphql.Upload)
	if !ok {
		return file, misread("a file comes as multipart/form-data, not as a value", "文件须以 multipart/form-data 上传，不能写成值")
	}
	return file, nil
}
