package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"guanxi/models"
)

// Row is one record as a line of a file has it.
type Row struct {
	File   string
	Line   int
	Kind   string // see Kinds
	Key    string // of the record in its source; with the kind it is unique there
	Fields map[string]Value

	columns map[string]string // that the fields come from, as problems name them
	lenient map[string]bool   // fields that are left empty when what they refer to is not found
}

// column names the column or columns that a field comes from.
func (r Row) column(field string) string { return nearest(r.columns[field], field) }

// Type says which part of a Value counts.
type Type string

// The types of values. Empty stands for any type: the field was mapped, the file has nothing.
const (
	Empty     Type = "empty"
	Text      Type = "text"
	Choice    Type = "choice"  // Text is one of the kind's fixed words
	Choices   Type = "choices" // Words are some of them
	Number    Type = "number"
	Amount    Type = "amount" // Number, in Currency
	Date      Type = "date"
	Moment    Type = "moment" // Time
	YesNo     Type = "yes or no"
	Reference Type = "reference" // Ref
)

// Value is what one field gets.
type Value struct {
	Type     Type
	Text     string
	Words    []string
	Number   decimal.Decimal
	Currency string // ISO 4217; "" means the company's
	Date     models.Date
	Time     time.Time
	Yes      bool
	Ref      Ref
}

// Ref points to another record.
type Ref struct {
	Kind       string   // of the record pointed to
	By         string   // what Key is: ByKey, or the name of a field such as name, login, label, code; of several fields joined
	Key        string   // of several fields joined
	Texts      []string // of several fields, one each
	Dictionary string   // code of the dictionary, for a dictionary entry
	Create     bool     // make it when there is none
}

// ByKey says that a reference names the other record by its key in the same source.
const ByKey = "key"

// ByPath says that a reference names a department by its name and those above it, from the top: 总公司/华南区.
const ByPath = "path"

// String writes the value in one canonical way: equal values, equal texts.
func (v Value) String() string {
	switch v.Type {
	case Text, Choice:
		return v.Text
	case Choices:
		return strings.Join(v.Words, ",")
	case Number:
		return v.Number.String()
	case Amount:
		return strings.TrimSpace(v.Number.String() + " " + v.Currency)
	case Date:
		return string(v.Date)
	case Moment:
		return v.Time.UTC().Format(time.RFC3339Nano)
	case YesNo:
		return fmt.Sprint(v.Yes)
	case Reference:
		return v.Ref.Kind + " " + v.Ref.Dictionary + " by " + v.Ref.By + ": " + v.Ref.Key
	default:
		return ""
	}
}

// String writes the row's kind, key and fields in one canonical way, without its place.
func (r Row) String() string {
	names := make([]string, 0, len(r.Fields))
	for name := range r.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	text := r.Kind + " " + r.Key
	for _, name := range names {
		text += fmt.Sprintf("\n%s=%s %q", name, r.Fields[name].Type, r.Fields[name].String())
	}
	return text
}

// joinedBy stands between the fields of By and is in the name of none.
const joinedBy = " and "

// Each gives the fields by which the record is found and the text that each must have.
func (r Ref) Each() (by, texts []string) {
	if len(r.Texts) == 0 {
		return []string{r.By}, []string{r.Key}
	}
	return strings.Split(r.By, joinedBy), r.Texts
}

// joinKey makes one key of several parts: "Central/Dustin Brinkmann"; a slash within a part is doubled.
func joinKey(parts []string) string {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = strings.ReplaceAll(part, "/", "//")
	}
	return strings.Join(escaped, "/")
}
