package access

import (
	"strings"

	"guanxi/models"
)

// SortKey is one expression that a list is sorted by. Unknown values come last, whatever the direction.
type SortKey struct {
	Name    string // of the field
	Value   string // the expression as compared
	Descend bool
	Type    string // SQL type of the value, to read it back from a cursor
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
		keys = append(keys, SortKey{Name: name, Value: value, Descend: order.Direction == "DESC"})
	}
	last := len(keys) > 0 && keys[len(keys)-1].Descend
	return append(keys, SortKey{Name: "id", Value: alias + ".id", Descend: last}), nil
}

// fieldName turns an enum value such as CLOSED_AT into the field's name closedAt.
func fieldName(value string) string {
	words := strings.Split(strings.ToLower(value), "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}
