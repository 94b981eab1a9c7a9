package importer

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
)

// record is what a row becomes: a row of the kind's table, with the one row that hangs on it where the kind has such.
type record struct {
	kind    string
	row     any  // *models.Customer, …
	part    any  // membership of a user, affiliation of a contact, line of an opportunity; nil for none
	several bool // more of these than a row of a file can speak of
	dropped any  // a part that the source has no longer

	role uuid.UUID // that a user is to have
}

// apart tells whether a field is no column of the record or its part: a user's role.
func (r *record) apart(field string) bool { return r.kind == "user" && field == "role" }

// subjects are the fields that share the column of a grant's subject.
var subjects = map[string]bool{"department": true, "user": true, "group": true}

// place is where a record keeps a field that is not named as in the API.
type place struct {
	part   bool
	column string
}

var places = map[string]map[string]place{
	"user":       {"active": {column: "active"}, "department": {true, "department_id"}, "title": {true, "title"}, "role": {}},
	"membership": {"user": {column: "user_id"}, "department": {column: "department_id"}, "primary": {column: "is_primary"}, "title": {column: "title"}},
	"grant": {
		"granteeUser": {column: "grantee_user_id"}, "granteeRole": {column: "grantee_role_id"}, "everyone": {column: "everyone"},
		"department": {column: "subject_id"}, "user": {column: "subject_id"}, "group": {column: "subject_id"}, "withSubDepartments": {column: "with_sub_departments"},
		"effect": {column: "effect"}, "level": {column: "level"}, "kinds": {column: "kinds"}, "from": {column: "valid_from"}, "until": {column: "valid_until"}, "note": {column: "note"},
	},
	"contact": {
		"customer": {true, "b_id"}, "role": {true, "contact_role"}, "title": {true, "title"}, "primary": {true, "is_primary"},
	},
	"opportunity": {
		"status": {column: "status"}, "closedAt": {column: "closed_at"}, "lossReason": {column: "loss_reason_id"},
		"wonBy": {column: "won_by_id"}, "product": {true, "product_id"}, "quantity": {true, "quantity"},
	},
}

// principal is the field without which a record has no part.
var principal = map[string]string{"user": "department", "contact": "customer", "opportunity": "product"}

// parts is what hangs on a record of each kind.
var parts = map[string]*access.Kind{"user": access.Membership, "contact": access.Relationship, "opportunity": access.OpportunityLine}

// placeOf finds the place of a field.
func placeOf(kind, field string) (place, *access.Kind) {
	at, special := places[kind][field]
	whole := makerOf(kind).kind
	if at.part {
		return at, parts[kind]
	}
	if special {
		return at, whole
	}
	for _, column := range models.Columns(whole.Model) {
		if column.Input == field {
			return place{column: column.Name}, whole
		}
	}
	panic("importer: no column for " + kind + "." + field)
}

// columnOf is the record's own column of a field, "" when it is kept in a part.
func columnOf(kind, field string) string {
	if at, _ := placeOf(kind, field); !at.part {
		return at.column
	}
	return ""
}

// at gives the stored value of a field; false when the record has no part to store it in.
func (r *record) at(field string) (reflect.Value, bool) {
	at, kind := placeOf(r.kind, field)
	row := r.row
	if at.part {
		row = r.part
	}
	if row == nil {
		return reflect.Value{}, false
	}
	return columnIn(row, kind.Model, at.column), true
}

func columnIn(row any, model reflect.Type, name string) reflect.Value {
	for _, column := range models.Columns(model) {
		if column.Name == name {
			return reflect.ValueOf(row).Elem().FieldByIndex(column.Index)
		}
	}
	panic("importer: no column " + name)
}

// get writes what the record has in a field in one canonical way, "" for nothing; an amount with its currency.
func (r *record) get(field string) string {
	if r.apart(field) {
		return ""
	}
	if at, _ := placeOf(r.kind, field); at.part && r.several {
		return "…"
	}
	value, ok := r.at(field)
	if !ok {
		return ""
	}
	text := canonical(value)
	if text != "" && kinds[r.kind][field].Type == Amount {
		text += " " + canonical(r.currency())
	}
	return text
}

func (r *record) currency() reflect.Value {
	return columnIn(r.row, makerOf(r.kind).kind.Model, "currency")
}

func canonical(value reflect.Value) string {
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return ""
		}
		value = value.Elem()
	}
	switch v := value.Interface().(type) {
	case time.Time:
		return v.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
	case uuid.UUID:
		if v == uuid.Nil {
			return ""
		}
		return v.String()
	case decimal.Decimal:
		return v.String()
	case int:
		return strconv.Itoa(v)
	case []string:
		return strings.Join(v, ",")
	default:
		return fmt.Sprint(v)
	}
}

// set stores a value, nil for nothing. What may not be empty stays as it is; a part without its principal goes.
func (r *record) set(field string, value any, currency string) {
	if r.apart(field) {
		r.role, _ = value.(uuid.UUID)
		return
	}
	if r.kind == "grant" && value == nil && subjects[field] {
		return // of the columns that may name the subject, one is filled
	}
	at, _ := placeOf(r.kind, field)
	if at.part && value == nil && field == principal[r.kind] {
		r.part, r.dropped = nil, r.part
		return
	}
	if at.part && r.part == nil {
		if value == nil {
			return
		}
		r.part = r.newPart()
	}
	target, _ := r.at(field)
	put(target, value)
	if kinds[r.kind][field].Type != Amount {
		return
	}
	if value == nil {
		put(r.currency(), nil)
	} else {
		put(r.currency(), currency)
	}
}

func put(target reflect.Value, value any) {
	optional := target.Kind() == reflect.Pointer
	switch {
	case value == nil && (optional || target.Kind() == reflect.Slice):
		target.SetZero()
	case value == nil:
	case optional:
		fresh := reflect.New(target.Type().Elem())
		put(fresh.Elem(), value)
		target.Set(fresh)
	case target.Kind() == reflect.Int:
		target.SetInt(value.(decimal.Decimal).IntPart())
	default:
		target.Set(reflect.ValueOf(value).Convert(target.Type()))
	}
}

// newPart makes the part of a record; its principal is yet to be filled in.
func (r *record) newPart() any {
	whole, _ := r.row.(models.Keyed).Key()
	switch r.kind {
	case "user":
		m := &models.Membership{UserID: whole, IsPrimary: true}
		m.ID = models.NewID(models.MembershipCode)
		return m
	case "contact":
		w := &models.Relationship{TypeID: models.WorksAtID, AID: whole}
		w.ID = models.NewID(models.RelationshipCode)
		return w
	}
	l := &models.OpportunityLine{OpportunityID: whole, Quantity: decimal.NewFromInt(1)}
	l.ID = models.NewID(models.OpportunityLineCode)
	return l
}

// copyOf copies a row, so that it can be compared with what becomes of it.
func copyOf(row any) any {
	if row == nil {
		return nil
	}
	fresh := reflect.New(reflect.TypeOf(row).Elem())
	fresh.Elem().Set(reflect.ValueOf(row).Elem())
	return fresh.Interface()
}
