package access

import (
	"fmt"
	"reflect"
	"slices"
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

	field  Field
	stored bool // the viewer reads it on every record, so that it is the value as it is stored
}

// SortRule gives the rule of the field that a list of the kind is sorted by under a name of the API, such as OPENED_ON; empty for none.
func (k *Kind) SortRule(name string) Rule { return k.Fields[fieldName(name)].Rule }

// of renders the value under the alias of a row as it is stored.
func (k SortKey) of(alias string) string {
	value := k.field.Of(alias)
	if k.field.Collate {
		value += ` collate "zh-x-icu"`
	}
	return value
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
		key := SortKey{Name: name, Descend: order.Direction == "DESC", field: field, stored: field.Rule == "" || q.viewer.ReadsAll(field.Rule)}
		key.Value = key.of(alias)
		key.Type, key.Nullable = sqlType(kind.Type(field.Column))
		key.Nullable = key.Nullable || field.Rule != ""
		keys = append(keys, key)
	}
	last := len(keys) > 0 && keys[len(keys)-1].Descend
	return append(keys, SortKey{Name: "id", Value: alias + ".id", Type: "uuid", Descend: last, field: Field{Column: "id"}, stored: true}), nil
}

// ordered renders the order of a page, and where it goes on.
type ordered struct {
	keys     []SortKey
	backward bool
	place    []string // the keys of the record before, as parameters; empty for unknown
}

func (q *Query) ordered(p Page) *ordered {
	o := &ordered{keys: p.Keys, backward: p.Backward}
	for i, value := range p.Place {
		o.place = append(o.place, "")
		if value != nil {
			o.place[i] = q.Bind(*value) + "::text::" + p.Keys[i].Type
		}
	}
	return o
}

// values renders the keys of a row: as they are read of r, as they were gathered of anything else.
func (o *ordered) values(alias string) []string {
	list := make([]string, len(o.keys))
	for i, key := range o.keys {
		switch list[i] = key.Value; {
		case alias == "r":
		case alias == "g" && i == len(o.keys)-1:
			list[i] = "g.id"
		default:
			list[i] = fmt.Sprintf("%s.k%d", alias, i)
		}
	}
	return list
}

// by renders the order of a list under the alias of a row.
func (o *ordered) by(alias string) string { return o.sorted(o.values(alias), false) }

// sorted renders the order by some values; known tells that the first of them is, on all rows or on none.
func (o *ordered) sorted(values []string, known bool) string {
	list := make([]string, len(o.keys))
	for i, key := range o.keys {
		key.Nullable = key.Nullable && (i > 0 || !known)
		list[i] = key.sort(values[i], o.backward)
	}
	return strings.Join(list, ", ")
}

// sort renders the order by one key.
func (k SortKey) sort(value string, backward bool) string {
	if k.Descend != backward {
		value += " desc"
	}
	switch {
	case !k.Nullable:
		return value
	case backward:
		return value + " nulls first"
	}
	return value + " nulls last"
}

// stored renders the columns of a gathered row o: its id, and the keys, if they are as they are stored.
func (o *ordered) stored(alias string) (string, bool) {
	list := []string{alias + ".id"}
	for i, key := range o.keys[:len(o.keys)-1] {
		if !key.stored {
			return alias + ".id", false
		}
		list = append(list, fmt.Sprintf("%s as k%d", key.of(alias), i))
	}
	return strings.Join(list, ", "), true
}

// behind renders the condition that a row stands behind the place.
func (o *ordered) behind(alias string) string {
	if o.place == nil {
		return "true"
	}
	return o.beyond(o.values(alias), 0, false)
}

// beyond renders that a row whose keys before one equal the place's stands behind it; known tells that the first value is.
func (o *ordered) beyond(values []string, from int, known bool) string {
	if o.compares(from, known) {
		sign := map[bool]string{true: " < ", false: " > "}[o.keys[from].Descend != o.backward]
		return "(" + strings.Join(values[from:], ", ") + ")" + sign + "(" + strings.Join(o.place[from:], ", ") + ")"
	}
	var ways, equal []string
	for i := from; i < len(o.keys); i++ {
		value, place := values[i], o.place[i]
		nullable := o.keys[i].Nullable && (i > from || !known)
		if place == "" {
			if o.backward {
				ways = append(ways, all(equal, value+" is not null"))
			}
			equal = append(equal, value+" is null")
			continue
		}
		beyond := value + map[bool]string{true: " < ", false: " > "}[o.keys[i].Descend != o.backward] + place
		if nullable && !o.backward {
			beyond = "(" + beyond + " or " + value + " is null)"
		}
		ways = append(ways, all(equal, beyond))
		equal = append(equal, value+" = "+place)
	}
	if len(ways) == 0 {
		return "false"
	}
	return "(" + strings.Join(ways, " or ") + ")"
}

// compares tells whether the keys from one on are compared at once, as an index does: they are known, and sorted the same way.
func (o *ordered) compares(from int, known bool) bool {
	for i := from; i < len(o.keys); i++ {
		if o.place[i] == "" || o.keys[i].Nullable && (i > from || !known) || o.keys[i].Descend != o.keys[from].Descend {
			return false
		}
	}
	return true
}

func all(conditions []string, last string) string {
	return "(" + strings.Join(append(slices.Clone(conditions), last), " and ") + ")"
}

// run is a part of a list that an index has in one piece.
type run struct{ condition, order, text string }

// runs splits a page, in the order of reading, where an index has the records whose first key is unknown at its other end, or where it
// goes on among the known ones.
func (o *ordered) runs(split bool) []run {
	values, first := o.values("r"), o.keys[0]
	if !split || !first.Nullable || o.place == nil && !first.Descend {
		return []run{{condition: o.behind("r"), order: o.by("r")}}
	}
	order := o.sorted(values, true)
	known, unknown := run{condition: values[0] + " is not null", order: order}, run{condition: values[0] + " is null", order: order}
	begun := o.place != nil
	switch {
	case begun && o.place[0] == "":
		unknown.condition += " and " + o.beyond(values, 1, true)
	case begun:
		known.condition += " and " + o.beyond(values, 0, true)
	}
	switch {
	case begun && o.backward == (o.place[0] != ""): // the last run
		if o.backward {
			return []run{known}
		}
		return []run{unknown}
	case o.backward:
		return []run{unknown, known}
	}
	return []run{known, unknown}
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
