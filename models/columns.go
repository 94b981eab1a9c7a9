package models

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Column is one stored field of a model.
type Column struct {
	Name  string // in the database
	Input string // in inputs of the API; empty when no input sets it
	Type  reflect.Type
	Index []int

	Unread bool // nobody who reads a record needs it: it is what the record is found by
}

var columnCache sync.Map

// Columns lists the stored fields of a model's type, in their order.
func Columns(t reflect.Type) []Column {
	if known, ok := columnCache.Load(t); ok {
		return known.([]Column)
	}
	list := walkColumns(t, nil)
	columnCache.Store(t, list)
	return list
}

func walkColumns(t reflect.Type, at []int) []Column {
	var list []Column
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("bun")
		index := append(append([]int(nil), at...), i)
		switch {
		case f.Anonymous && !strings.HasPrefix(tag, "table:"):
			list = append(list, walkColumns(f.Type, index)...)
		case tagged && tag != "-" && !strings.HasPrefix(tag, "table:"):
			name, _, _ := strings.Cut(tag, ",")
			list = append(list, Column{Name: name, Input: f.Tag.Get("input"), Type: f.Type, Index: index, Unread: f.Tag.Get("read") == "never"})
		}
	}
	return list
}

// Pointers lists the places of a row's stored fields that are read, in the order of Columns, behind other places, for a statement to fill.
func Pointers(others []any, row any) []any {
	v := reflect.ValueOf(row).Elem()
	columns := Columns(v.Type())
	list := slices.Grow(others, len(columns))
	for _, c := range columns {
		if !c.Unread {
			list = append(list, v.FieldByIndex(c.Index).Addr().Interface())
		}
	}
	return list
}

// Values gives a row's stored fields by column name.
func Values(row any) map[string]any {
	v := reflect.ValueOf(row).Elem()
	columns := Columns(v.Type())
	values := make(map[string]any, len(columns))
	for _, c := range columns {
		values[c.Name] = v.FieldByIndex(c.Index).Interface()
	}
	return values
}
