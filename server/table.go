package server

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/sheets"
)

// tables turn the answer to an operation on reports into sheets. They know of no report: what a row, a key, a total and a
// definition are follows from the schema.
type tables struct {
	op     *graphql.OperationContext
	schema *ast.Schema
	words  words
	denied []string // fields that the asker does not read in full
}

// sheets gives one sheet for each report of an answer, in the order of the document.
func (t *tables) sheets(data map[string]any) (list []sheets.Sheet) {
	for _, field := range t.fields(t.op.Operation.SelectionSet) {
		list = append(list, t.sheet(field, data[field.Alias]))
	}
	if len(list) > 0 && len(t.denied) > 0 {
		last := &list[len(list)-1]
		last.Beside = append(last.Beside, t.refused())
	}
	return list
}

func (t *tables) fields(set ast.SelectionSet) []graphql.CollectedField {
	return graphql.CollectFields(t.op, set, nil)
}

func (t *tables) typeOf(f graphql.CollectedField) *ast.Definition {
	return t.schema.Types[f.Definition.Type.Name()]
}

// refused lists the fields that are empty or masked because the asker has no right to them.
func (t *tables) refused() sheets.Table {
	table := sheets.Table{Title: t.words.of("denied")}
	for _, name := range t.denied {
		table.Lines = append(table.Lines, []sheets.Cell{{Value: name}})
	}
	return table
}

// line is one object that becomes a line of a table.
type line struct {
	mark  string        // what it is among the lines: a row, other, a total
	known []sheets.Cell // what tells the line that it hangs on
	value map[string]any
}

// sheet makes the sheet of one report: its rows, what is left over and the total as lines of one table, all else beside it.
func (t *tables) sheet(root graphql.CollectedField, value any) sheets.Sheet {
	sheet := sheets.Sheet{Title: root.Alias}
	words := t.words.under(t.schema, root, t.op.Variables)
	rowType := rowTypeOf(t.schema, root.Definition.Type)
	if rowType == t.typeOf(root) { // a report that is its rows
		all := t.beside("", root, value, words)
		sheet.Table, sheet.Beside = all[0], all[1:]
		return sheet
	}
	answered, _ := value.(map[string]any)
	var lines []line
	var sets ast.SelectionSet
	var beside []sheets.Table
	facts := sheets.Table{Title: words.of("facts")}
	for _, field := range t.fields(root.Selections) {
		value, of := answered[field.Alias], t.typeOf(field)
		switch {
		case replaced(field):
		case of == rowType:
			sets = append(sets, field.Selections...)
			lines = append(lines, marked(field, value, words)...)
		case of.IsLeafType():
			facts.Lines = append(facts.Lines, append([]sheets.Cell{{Value: field.Alias}}, cellOf(field, value)))
		default:
			beside = append(beside, t.beside(words.heading(field), field, value, words)...)
		}
	}
	table, more := t.table("", []string{words.of("line")}, sets, lines, words)
	sheet.Table, beside = table, append(more, beside...)
	if len(facts.Lines) > 0 {
		beside = append([]sheets.Table{facts}, beside...)
	}
	sheet.Beside = beside
	return sheet
}

// marked gives the lines of a field of a report: those of its list, or its one object.
func marked(field graphql.CollectedField, value any, words words) (lines []line) {
	if field.Definition.Type.Elem == nil {
		if one, is := value.(map[string]any); is {
			lines = append(lines, line{mark: words.of(field.Name), value: one})
		}
		return lines
	}
	list, _ := value.([]any)
	for _, one := range list {
		row, _ := one.(map[string]any)
		mark := words.of(field.Name)
		if leftOver(row) {
			mark = words.of("other")
		}
		lines = append(lines, line{mark: mark, value: row})
	}
	return lines
}

// leftOver tells whether a row stands for the rows not listed.
func leftOver(row map[string]any) bool {
	keys, _ := row[keysAlias].([]any)
	for _, key := range keys {
		if key, is := key.(map[string]any); is && key["other"] == true {
			return true
		}
	}
	return false
}

// beside makes the tables of what is no row: a list line by line, an object value by value.
func (t *tables) beside(title string, field graphql.CollectedField, value any, words words) []sheets.Table {
	if field.Definition.Type.Elem != nil {
		var lines []line
		list, _ := value.([]any)
		for _, one := range list {
			object, _ := one.(map[string]any)
			lines = append(lines, line{value: object})
		}
		table, more := t.table(title, nil, field.Selections, lines, words)
		return append([]sheets.Table{table}, more...)
	}
	object, _ := value.(map[string]any)
	columns, lists := t.columns(field.Selections, nil, words)
	table := sheets.Table{Title: title}
	for _, c := range columns {
		table.Lines = append(table.Lines, []sheets.Cell{{Value: c.head}, c.cell(object)})
	}
	all := []sheets.Table{table}
	for _, l := range lists {
		value, _ := dig(object, l.path)
		all = append(all, t.beside(title+"."+l.head, l.field, value, words)...)
	}
	return all
}

// table makes a table of objects of one type, and after it one of each list within them, whose lines name the line that
// they hang on.
func (t *tables) table(title string, head []string, set ast.SelectionSet, lines []line, words words) (sheets.Table, []sheets.Table) {
	columns, lists := t.columns(set, nil, words)
	if by, keyed := t.keyColumns(set, lines, words); keyed {
		columns = append(by, columns...)
	}
	table := sheets.Table{Title: title, Head: slices.Clone(head)}
	for _, c := range columns {
		table.Head = append(table.Head, c.head)
	}
	below := make([][]line, len(lists))
	for _, l := range lines {
		cells := slices.Clone(l.known)
		if len(head) > 0 && len(l.known) == 0 {
			cells = append(cells, sheets.Cell{Value: l.mark})
		}
		known := slices.Clone(cells)
		for _, c := range columns {
			cell := c.cell(l.value)
			cells = append(cells, cell)
			if c.names {
				known = append(known, cell)
			}
		}
		table.Lines = append(table.Lines, cells)
		for i, list := range lists {
			below[i] = append(below[i], hanging(known, dug(l.value, list.path))...)
		}
	}
	named := slices.Clone(head)
	for _, c := range columns {
		if c.names {
			named = append(named, c.head)
		}
	}
	var more []sheets.Table
	for i, list := range lists {
		one, further := t.table(strings.TrimPrefix(title+"."+list.head, "."), named, list.field.Selections, below[i], words)
		more = append(append(more, one), further...)
	}
	return table, more
}

// hanging gives the lines of a list within a line, which begin with what names that line.
func hanging(known []sheets.Cell, list []any) (lines []line) {
	for _, one := range list {
		if object, is := one.(map[string]any); is {
			lines = append(lines, line{known: known, value: object})
		}
	}
	return lines
}

// column is one value of an object, or of an object in it.
type column struct {
	head  string
	path  []string // of response names
	field graphql.CollectedField
	names bool                             // whether it tells which line it is
	give  func(map[string]any) sheets.Cell // when it is no value at a path
}

func (c column) cell(object map[string]any) sheets.Cell {
	if c.give != nil {
		return c.give(object)
	}
	value, _ := dig(object, c.path)
	return cellOf(c.field, value)
}

// telling are the fields of a thing by which people and programs know it.
var telling = []string{"id", "label", "name", "title"}

// columns gives the values selected on an object, those of objects in it among them, and the lists of objects in it.
func (t *tables) columns(set ast.SelectionSet, within *column, words words) (columns, lists []column) {
	for _, field := range t.fields(set) {
		of := t.typeOf(field)
		if field.Name == "keys" && isKey(of) {
			continue
		}
		c := column{head: words.heading(field), path: []string{field.Alias}, field: field}
		if within != nil {
			c.head, c.names = words.within(within, field), within.names
			c.path = append(slices.Clone(within.path), field.Alias)
		}
		switch {
		case of.IsLeafType():
			c.names = c.names && slices.Contains(telling, field.Name)
			columns = append(columns, c)
		case field.Definition.Type.Elem != nil:
			lists = append(lists, c)
		default:
			c.names = c.names || slices.Contains(of.Interfaces, "Node") || isKey(of)
			inner, further := t.columns(field.Selections, &c, words)
			columns, lists = append(columns, inner...), append(lists, further...)
		}
	}
	return columns, lists
}

// keyColumns gives two columns for each dimension that a report's rows are grouped by: the value for people, and its id.
func (t *tables) keyColumns(set ast.SelectionSet, lines []line, words words) (columns []column, keyed bool) {
	for _, field := range t.fields(set) {
		keyed = keyed || field.Alias == keysAlias
	}
	if !keyed {
		return nil, false
	}
	for _, dimension := range dimensionsOf(words.by, lines) {
		for _, part := range []string{"label", "id"} {
			head := words.dimension(dimension)
			if part == "id" {
				head += " (id)"
			}
			columns = append(columns, column{head: head, names: true, give: func(row map[string]any) sheets.Cell {
				return sheets.Cell{Value: keyOf(row, dimension, part)}
			}})
		}
	}
	return columns, true
}

// dimensionsOf gives the dimensions asked for, and any other that the rows have.
func dimensionsOf(by []string, lines []line) []string {
	by = slices.Clone(by)
	for _, l := range lines {
		keys, _ := l.value[keysAlias].([]any)
		for _, key := range keys {
			name, _ := key.(map[string]any)["dimension"].(string)
			if name != "" && !slices.Contains(by, name) {
				by = append(by, name)
			}
		}
	}
	return by
}

// keyOf gives a part of a row's key of a dimension.
func keyOf(row map[string]any, dimension, part string) string {
	keys, _ := row[keysAlias].([]any)
	for _, key := range keys {
		if key, is := key.(map[string]any); is && key["dimension"] == dimension {
			text, _ := key[part].(string)
			return text
		}
	}
	return ""
}

// dig finds the value at a path of an object.
func dig(object map[string]any, path []string) (any, bool) {
	var at any = object
	for _, name := range path {
		within, is := at.(map[string]any)
		if !is {
			return nil, false
		}
		at = within[name]
	}
	return at, at != nil
}

func dug(object map[string]any, path []string) []any {
	value, _ := dig(object, path)
	list, _ := value.([]any)
	return list
}

// cellOf writes a value of a field as its type wants it; several values in one text.
func cellOf(field graphql.CollectedField, value any) sheets.Cell {
	switch value := value.(type) {
	case json.Number:
		return sheets.Cell{Value: value.String(), Type: sheets.Number}
	case bool:
		return sheets.Cell{Value: strconv.FormatBool(value), Type: sheets.Truth}
	case string:
		if name := field.Definition.Type.Name(); strings.HasSuffix(name, "Decimal") {
			return sheets.Cell{Value: value, Type: sheets.Decimal}
		}
		return sheets.Cell{Value: value}
	case []any:
		texts := make([]string, len(value))
		for i, one := range value {
			texts[i] = cellOf(field, one).Value
		}
		return sheets.Cell{Value: strings.Join(texts, "; ")}
	}
	return sheets.Cell{}
}
