package store

import (
	"context"
	"reflect"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"guanxi/fault"
	"guanxi/models"
)

// Copying is the door for records that come by the million: one transaction, its rows by COPY. Nothing is checked but what
// the database checks; their history, see Past, and columns derived from other rows are the caller's to fill.
type Copying struct {
	ctx context.Context
	tx  pgx.Tx
}

// Copy adds rows to their table; what they are found by is filled in.
func Copy[T any](c *Copying, rows []*T) error {
	if len(rows) == 0 {
		return nil
	}
	columns := models.Columns(reflect.TypeFor[T]())
	names := make([]string, len(columns))
	write := make([]func(reflect.Value) any, len(columns))
	for i, column := range columns {
		names[i] = column.Name
		write[i] = encoder(reflect.TypeFor[T]().FieldByIndex(column.Index))
	}
	source := pgx.CopyFromSlice(len(rows), func(at int) ([]any, error) {
		index(rows[at])
		row := reflect.ValueOf(rows[at]).Elem()
		values := make([]any, len(columns))
		for i, column := range columns {
			values[i] = write[i](row.FieldByIndex(column.Index))
		}
		return values, nil
	})
	_, err := c.tx.CopyFrom(c.ctx, pgx.Identifier{tableOf(reflect.TypeFor[T]())}, names, source)
	return fault.FromSQL(err)
}

// tableOf reads the table of a model from its tag.
func tableOf(model reflect.Type) string {
	base, _ := model.FieldByName("BaseModel")
	table, _, _ := strings.Cut(strings.TrimPrefix(base.Tag.Get("bun"), "table:"), ",")
	return table
}

// encoder turns the values of a field into what COPY writes fastest.
func encoder(field reflect.StructField) func(reflect.Value) any {
	if t := field.Type; t.Kind() == reflect.Pointer {
		inner := encoder(reflect.StructField{Type: t.Elem()})
		return func(v reflect.Value) any {
			if v.IsNil() {
				return nil
			}
			return inner(v.Elem())
		}
	}
	switch field.Type {
	case reflect.TypeFor[uuid.UUID]():
		return func(v reflect.Value) any { return pgtype.UUID{Bytes: v.Interface().(uuid.UUID), Valid: true} }
	case reflect.TypeFor[[]uuid.UUID]():
		return func(v reflect.Value) any { return uuids(v.Interface().([]uuid.UUID)) }
	case reflect.TypeFor[decimal.Decimal]():
		return func(v reflect.Value) any { return numeric(v.Interface().(decimal.Decimal)) }
	case reflect.TypeFor[models.Date]():
		return func(v reflect.Value) any { return pgtype.Date{Time: v.Interface().(models.Date).Time(), Valid: true} }
	case reflect.TypeFor[[]string]():
		return listEncoder(strings.Contains(field.Tag.Get("bun"), "default:'{}'"))
	}
	return func(v reflect.Value) any { return v.Interface() }
}

func uuids(ids []uuid.UUID) []pgtype.UUID {
	list := make([]pgtype.UUID, len(ids))
	for i, id := range ids {
		list[i] = pgtype.UUID{Bytes: id, Valid: true}
	}
	return list
}

func numeric(d decimal.Decimal) pgtype.Numeric {
	return pgtype.Numeric{Int: d.Coefficient(), Exp: d.Exponent(), Valid: true}
}

// listEncoder writes a list without entries as empty or, where the column knows no empty list, as NULL.
func listEncoder(empty bool) func(reflect.Value) any {
	return func(v reflect.Value) any {
		switch {
		case v.Len() > 0:
			return v.Interface()
		case empty:
			return []string{}
		}
		return nil
	}
}
