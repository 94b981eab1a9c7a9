package access

import (
	"reflect"
	"slices"

	"guanxi/models"
)

// Guard says by which rule the rows of a kind are seen.
type Guard int

// The guards: business records by owner, share and customer; reference records by everyone signed in; parts with their
// record; relationships when both ends are seen.
const (
	Business Guard = iota
	Reference
	PartOf
	BetweenParties
)

// Kind is one kind of record: where it is kept, who sees it, and which of its fields can be filtered and sorted by.
type Kind struct {
	Name    string
	Code    models.KindCode
	Table   string
	Model   reflect.Type
	Guard   Guard
	Actions []Action
	Admin   Permission // what it takes to change a reference record
	ReadBy  Permission // what it takes to read one, where not everyone signed in may

	Assignee string  // column of the user it is assigned to, if any
	Customer string  // column of the customer it belongs to, if it has one
	Attached []*Kind // records it may be attached to, whose customer is also its; by the column named after each
	Whole    *Kind   // the record it is part of
	WholeID  string  // column of that record

	Columns   []string
	Open      []string        // columns that whoever sees a record reads
	Kept      []string        // columns that no field shows
	Protected map[string]Rule // by column
	Within    map[string]Rule // columns shown only within a protected value, such as an amount's currency: written under its rule
	Fields    map[string]Field
	Relations map[string]Link

	Dictionaries map[string]string // which dictionary a reference must be from, by its name
}

// Field is a value that callers may filter or sort by.
type Field struct {
	Column  string
	Rule    Rule
	Collate bool // sorted as people sort names, Chinese by pinyin
}

// Link leads from a record to others: one (Many false) or several. On joins alias "child" to alias "parent".
type Link struct {
	To     *Kind
	Column string // of the record itself that the link follows, if it follows one
	Many   bool
	On     func(parent, child string) string
}

// ByColumn is the link from a record's own column to another record.
func ByColumn(to *Kind, column string) Link {
	return Link{To: to, Column: column, On: func(parent, child string) string { return child + ".id = " + parent + "." + column }}
}

// ByForeign is the link to the records whose column names this one.
func ByForeign(to *Kind, column string) Link {
	return Link{To: to, Many: true, On: func(parent, child string) string { return child + "." + column + " = " + parent + ".id" }}
}

// columnsOf lists the database columns of a model, in its order.
func columnsOf[T any]() []string {
	var names []string
	for _, c := range models.Columns(reflect.TypeFor[T]()) {
		names = append(names, c.Name)
	}
	return names
}

// Type gives the Go type of a column, nil when the kind has no such column.
func (k *Kind) Type(column string) reflect.Type {
	for _, c := range models.Columns(k.Model) {
		if c.Name == column {
			return c.Type
		}
	}
	return nil
}

// Named finds a kind by its name.
func Named(name string) (*Kind, bool) {
	for _, k := range Kinds {
		if k.Name == name {
			return k, true
		}
	}
	return nil, false
}

// Coded finds the kind of record that an id of the code belongs to.
func Coded(code models.KindCode) (*Kind, bool) {
	for _, k := range Kinds {
		if k.Code == code {
			return k, true
		}
	}
	return nil, false
}

// covers tells whether a list of kinds, empty for all, reaches the kind: CUSTOMER covers contacts too.
func covers(kinds []string, kind *Kind) bool {
	if len(kinds) == 0 {
		return true
	}
	for _, name := range kinds {
		if name == kind.Name || name == "CUSTOMER" && kind == Contact {
			return true
		}
	}
	return false
}

// toRead names the permission without which no record of the kind is visible; empty when there is none.
func (k *Kind) toRead() Permission {
	switch k.Guard {
	case Reference:
		return k.ReadBy
	case PartOf:
		return ""
	}
	return To(Read, k)
}

// Referred tells whether records that may be hidden refer to those of the kind.
func (k *Kind) Referred() bool {
	return slices.ContainsFunc(Kinds, func(from *Kind) bool {
		if from.Guard == Reference {
			return false
		}
		for _, link := range from.Relations {
			if link.To == k && link.Column != "" {
				return true
			}
		}
		return false
	})
}

// ToWrite names the rule that a column is written under; empty for none.
func (k *Kind) ToWrite(column string) Rule {
	if rule, ok := k.Protected[column]; ok {
		return rule
	}
	return k.Within[column]
}
