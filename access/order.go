package access

import (
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
)

// SortKey is one expression that a list is sorted by. Unknown values come last, whatever the direction.
type SortKey struct {
	Name     string // of the field
	Value    string // the expression as compared
	Type     string // SQL type of the value, to read it back from a cursor
	Descend  bool
	Nullable bool
}

// Order renders the sort keys of a list under an alias; the id always decides last, so that an order is total.
func (q *Query) Order(kind *Kind, alias string, orders []models.Order) ([]SortKey, error) {
	keys := make([]SortKey, 0, len(orders)+1)
	for _, order := range orders {
		name := fieldName(order.Field)
		field, ok := kind.Fields[name]
		if !ok {
			return nil, unknownField(kind, []string{"orderBy", order.Field})
		}
		if err := q.viewer.Use(field.Rule, "orderBy", order.Field); err != nil {
			return nil, err
		}
		value := field.Of(alias)
		if field.Collate {
			value += ` collate "zh-x-icu"`
		}
		key := SortKey{Name: name, Value: value, Descend: order.Direction == "DESC"}
		key.Type, key.Nullable = sqlType(kind.Type(field.Column))
		key.Nullable = key.Nullable || field.Rule != ""
		keys = append(keys, key)
	}
	last := len(keys) > 0 && keys[len(keys)-1].Descend
	return append(keys, SortKey{Name: "id", Value: alias + ".id", Type: "uuid", Descend: last}), nil
}

// sqlType names the database's type of a Go type, and whether a value may be missing.
func sqlType(t reflect.Type) (name string, nullable bool) {
	if t == nil {
		return "integer", false
	}
	if t.Kind() == reflect.Pointer {
		name, _ = sqlType(t.Elem())
		return name, true
	}
	switch reflect.Zero(t).Interface().(type) {
	case decimal.Decimal:
		return "numeric", false
	case models.Date:
		return "date", false
	case time.Time:
		return "timestamptz", false
	case uuid.UUID:
		return "uuid", false
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "bigint", false
	case reflect.Float64:
		return "double precision", false
	case reflect.Bool:
		return "boolean", false
	}
	return "text", false
}

// fieldName turns an enum value such as CLOSED_AT into the field's name closedAt.
func fieldName(value string) string {
	words := strings.Split(strings.ToLower(value), "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}
