package store

import (
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Lengths of text, in characters.
const (
	shortText = 500
	longText  = 20_000
)

var longFields = map[string]bool{"note": true, "body": true, "description": true, "address": true, "strengths": true, "weaknesses": true, "document": true, "defaults": true}

// fill writes an input's values into a row: absent leaves a field as it is, null clears it, and so does blank text
// where nothing need be said. It tells all wrong fields at once, and which columns the input named.
func fill(kind *access.Kind, row any, input map[string]any, v *access.Viewer) ([]models.Column, error) {
	var wrong fault.Many
	var named []models.Column
	target := reflect.ValueOf(row).Elem()
	for _, column := range models.Columns(target.Type()) {
		value, given := input[column.Input]
		if column.Input == "" || !given {
			continue
		}
		if err := v.Use(kind.ToWrite(column.Name), "input", column.Input); err != nil {
			return nil, err
		}
		named = append(named, column)
		if f := set(target.FieldByIndex(column.Index), value); f != nil {
			wrong = append(wrong, f.At("input", column.Input))
		}
	}
	return named, wrong.OrNil()
}

// set writes one value into a field, through pointers on either side.
func set(field reflect.Value, value any) *fault.Fault {
	v := reflect.ValueOf(value)
	for v.IsValid() && v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() == reflect.Pointer {
		if field.Kind() != reflect.Pointer && field.Kind() != reflect.Slice {
			return fault.Refuse(fault.Required, fault.Say("This may not be empty.", "此项不能为空。"))
		}
		field.SetZero()
		return nil
	}
	if field.Kind() == reflect.Pointer && v.Kind() == reflect.String && blank(v.String()) {
		field.SetZero()
		return nil
	}
	if field.Kind() == reflect.Pointer {
		fresh := reflect.New(field.Type().Elem())
		fresh.Elem().Set(v.Convert(field.Type().Elem()))
		field.Set(fresh)
		return nil
	}
	field.Set(v.Convert(field.Type()))
	return nil
}

// check tells everything that is wrong with a row's text, whoever wrote it.
func check(row any) fault.Many {
	var wrong fault.Many
	target := reflect.ValueOf(row).Elem()
	for _, column := range models.Columns(target.Type()) {
		if column.Input == "" {
			continue
		}
		field := target.FieldByIndex(column.Index)
		required := field.Kind() != reflect.Pointer
		if !required {
			if field.IsNil() {
				continue
			}
			field = field.Elem()
		}
		if field.Kind() != reflect.String {
			continue
		}
		if f := checkText(field.String(), required, longFields[column.Input]); f != nil {
			wrong = append(wrong, f.At("input", column.Input))
		}
	}
	return wrong
}

func checkText(text string, required, long bool) *fault.Fault {
	limit := shortText
	if long {
		limit = longText
	}
	switch {
	case required && blank(text):
		return fault.Refuse(fault.Required, fault.Say("This may not be empty.", "此项不能为空。"))
	case !utf8.ValidString(text):
		return fault.Refuse(fault.Invalid, fault.Say("This text is not UTF-8.", "文本不是 UTF-8 编码。"))
	case strings.ContainsRune(text, 0):
		return fault.Refuse(fault.Invalid, fault.Say("Text may not contain a NUL character.", "文本不能包含 NUL 字符。"))
	case len(text) > limit && len([]rune(text)) > limit:
		return fault.Refuse(fault.Invalid, fault.Say("Text has at most %d characters.", "文本最多 %d 个字符。", limit))
	}
	return nil
}

// blank tells whether a text is empty, or space.
func blank(text string) bool { return strings.TrimSpace(text) == "" }

// known gives a text, or nil when it is blank: that is unknown.
func known(text *string) *string {
	if text == nil || blank(*text) {
		return nil
	}
	return text
}

// references refuses every reference of the named columns that the viewer does not see, or that is not from the right
// dictionary.
func (tx *Tx) references(kind *access.Kind, row any, named []models.Column) error {
	var wrong fault.Many
	target := reflect.ValueOf(row).Elem()
	for _, column := range named {
		link, linked := kind.Relations[column.Input]
		id, given := idIn(target.FieldByIndex(column.Index))
		if !linked || !given {
			continue
		}
		if err := tx.hold(link.To, id); err != nil {
			return err
		}
		found, err := tx.refers(link.To, id, kind.Dictionaries[column.Input])
		if err != nil {
			return err
		}
		if !found {
			wrong = append(wrong, fault.Absent("input", column.Input))
		}
	}
	return wrong.OrNil()
}

// hold keeps a business record from being deleted until the write that refers to it is done.
func (tx *Tx) hold(kind *access.Kind, id uuid.UUID) error {
	if kind.Guard != access.Business {
		return nil
	}
	_, err := tx.ExecContext(tx.ctx, "select 1 from "+kind.Table+" where id = ? for share", id)
	return fault.FromSQL(err)
}

func (tx *Tx) refers(to *access.Kind, id uuid.UUID, dictionary string) (bool, error) {
	if dictionary == "" {
		return tx.Sees(to, id)
	}
	q := tx.Viewer.Query()
	return tx.found(q, "select 1 from "+q.Visible(access.DictionaryEntry, "r")+" join dictionaries d on d.id = r.dictionary_id where r.id = "+
		q.Bind(id)+" and d.code = "+q.Bind(dictionary))
}

func idIn(field reflect.Value) (uuid.UUID, bool) {
	if field.Kind() == reflect.Pointer {
		if field.IsNil() {
			return uuid.Nil, false
		}
		field = field.Elem()
	}
	id, ok := field.Interface().(uuid.UUID)
	return id, ok
}

// unaudited columns change by themselves with every write.
var unaudited = map[string]bool{"version": true, "updated_at": true, "search_terms": true, "search_text": true, "phone_terms": true, "password_hash": true}

// changes compares two states of a row, column by column.
func changes(before, after any) map[string]Change {
	old, changed := models.Values(before), map[string]Change{}
	for column, value := range models.Values(after) {
		if !unaudited[column] && !same(old[column], value) {
			changed[column] = Change{Old: old[column], New: value}
		}
	}
	return changed
}

// made tells what a new row has: of each column there was nothing before, not even an empty text.
func made(row any) map[string]Change {
	changed := changes(reflect.New(reflect.TypeOf(row).Elem()).Interface(), row)
	for column, c := range changed {
		changed[column] = Change{New: c.New}
	}
	return changed
}

// gone tells what a row had that is no more.
func gone(row any) map[string]Change {
	changed := made(row)
	for column, c := range changed {
		changed[column] = Change{Old: c.New}
	}
	return changed
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}
