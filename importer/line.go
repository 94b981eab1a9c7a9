package importer

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"guanxi/fault"
	"guanxi/models"
)

// line is one line of a file, its cells trimmed, with the problems found in it.
type line struct {
	file     *openFile
	number   int
	cells    []string
	zone     *time.Location
	problems Problems
	effect   Effect // of problems of the field that is being read
	failed   bool   // that field has one
}

// wrong notes a problem once.
func (l *line) wrong(column, value string, sentence fault.Sentence) {
	l.failed = true
	l.note(column, value, l.effect, sentence)
}

func (l *line) note(column, value string, effect Effect, sentence fault.Sentence) {
	problem := Problem{File: l.file.path, Line: l.number, Column: column, Value: value, Effect: effect, Sentence: sentence}
	if !slices.Contains(l.problems, problem) {
		l.problems = append(l.problems, problem)
	}
}

func (l *line) cell(column string) string { return l.cells[l.file.at[column]] }

// formatOf gives how the cells of a column are written.
func (l *line) formatOf(column string) format {
	if named, ok := l.file.mapping.columns[column]; ok {
		return named.format
	}
	return l.file.mapping.format
}

// text gives a cell as the file has it, "" when it counts as empty.
func (l *line) text(column string) string {
	cell := l.cell(column)
	for _, empty := range l.formatOf(column).empty {
		if slices.Contains(empty.Value, cell) && empty.Where.all(l.cell) && !empty.Unless.given(l.cell) {
			return ""
		}
	}
	return cell
}

// value gives a cell after the column's translations.
func (l *line) value(column string) string {
	text := l.text(column)
	if other, ok := l.file.mapping.columns[column].values[text]; ok {
		return other
	}
	return text
}

// all tells whether every condition holds; none is no obstacle.
func (c conditions) all(cell func(column string) string) bool {
	for column, texts := range c {
		if !slices.Contains(texts, cell(column)) {
			return false
		}
	}
	return true
}

// given tells whether there are conditions and all of them hold.
func (c conditions) given(cell func(column string) string) bool { return len(c) > 0 && c.all(cell) }

// key joins the columns of a record's own key; a missing part is a problem.
func (l *line) key(mapping recordMapping) string {
	if mapping.keyText != nil {
		text := l.fill(*mapping.keyText)
		if text == "" {
			l.wrong("key", "", fault.Say("empty, but it is needed to tell the record from others", "为空，但需要它来区分记录"))
		}
		return joinKey([]string{text})
	}
	parts := make([]string, len(mapping.key))
	for i, column := range mapping.key {
		if parts[i] = l.value(column); parts[i] == "" {
			l.wrong(column, "", fault.Say("empty, but it is needed to tell the record from others", "为空，但需要它来区分记录"))
			return ""
		}
	}
	return joinKey(parts)
}

// field reads one field; a value that cannot be read is noted as a problem, and left empty where the mapping allows it.
func (l *line) field(field fieldMapping) Value {
	if !field.where.all(l.text) || field.unless.given(l.text) {
		return Value{Type: Empty}
	}
	l.effect, l.failed = field.effect, false
	value := l.filled(field)
	if l.failed && l.effect == Emptied {
		value = Value{Type: Empty}
	}
	l.effect = LeftOut
	return value
}

func (l *line) filled(field fieldMapping) Value {
	parts, column := l.parts(field)
	for i, part := range parts {
		if other, ok := field.values[part]; ok {
			parts[i] = other
		}
	}
	if !slices.ContainsFunc(parts, func(part string) bool { return part != "" }) {
		if field.takes.Required {
			l.wrong(column, "", fault.Say("empty, but %s is required", "为空，但 %s 必填", field.name))
		}
		return Value{Type: Empty}
	}
	if field.takes.Type == Reference {
		return l.reference(field, parts, column)
	}
	return l.parse(field, parts[0], column)
}

// parts gives the texts that a field is made of and the column to name in a problem.
func (l *line) parts(field fieldMapping) ([]string, string) {
	if field.text != nil {
		return []string{l.fill(*field.text)}, field.name
	}
	parts := make([]string, len(field.columns))
	for i, column := range field.columns {
		parts[i] = l.value(column)
	}
	return parts, strings.Join(field.columns, ", ")
}

// fill puts cells into a text; a text whose places are all empty is empty.
func (l *line) fill(text string) string {
	holes, filled := 0, 0
	full := placeholder.ReplaceAllStringFunc(text, func(hole string) string {
		value := l.value(hole[1 : len(hole)-1])
		holes++
		if value != "" {
			filled++
		}
		return value
	})
	if holes > 0 && filled == 0 {
		return ""
	}
	return strings.TrimSpace(full)
}

func (l *line) reference(field fieldMapping, parts []string, column string) Value {
	if slices.Contains(parts, "") {
		l.wrong(column, strings.Join(parts, ", "), fault.Say("a part of the reference is empty", "引用的一部分为空"))
		return Value{Type: Empty}
	}
	ref := Ref{Kind: field.kind, By: strings.Join(field.by, joinedBy), Key: parts[0], Dictionary: field.takes.Dictionary, Create: field.create}
	if len(field.by) > 1 {
		ref.Texts = parts
	}
	if ref.By == ByKey || ref.Texts != nil {
		ref.Key = joinKey(parts)
	}
	return Value{Type: Reference, Ref: ref}
}

// parse reads a text as what the field takes.
func (l *line) parse(field fieldMapping, text, column string) Value {
	format := l.file.mapping.format
	if len(field.columns) == 1 {
		format = l.formatOf(column)
	}
	switch field.takes.Type {
	case Choice:
		if !slices.Contains(field.takes.Choices, text) {
			l.wrong(column, text, fault.Say("%q is not one of %s", "%q 不是 %s 之一", text, strings.Join(field.takes.Choices, ", ")))
		}
		return Value{Type: Choice, Text: text}
	case Choices:
		return l.choices(field, text, column)
	case Number:
		return Value{Type: Number, Number: l.decimal(format, text, column)}
	case Amount:
		return Value{Type: Amount, Number: l.decimal(format, text, column), Currency: format.currency}
	case Date:
		return Value{Type: Date, Date: models.DateOf(l.time(format, text, column))}
	case Moment:
		return Value{Type: Moment, Time: l.time(format, text, column)}
	case YesNo:
		return l.yesNo(text, column)
	default:
		return Value{Type: Text, Text: text}
	}
}

// choices reads several words of a cell, separated by commas or semicolons.
func (l *line) choices(field fieldMapping, text, column string) Value {
	value := Value{Type: Choices}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;，；、", r) }) {
		word = strings.TrimSpace(word)
		if other, ok := field.values[word]; ok {
			word = other
		}
		if !slices.Contains(field.takes.Choices, word) {
			l.wrong(column, text, fault.Say("%q is not one of %s", "%q 不是 %s 之一", word, strings.Join(field.takes.Choices, ", ")))
		}
		value.Words = append(value.Words, word)
	}
	return value
}

// The database keeps numbers with 4 decimals and 16 digits before them.
const mostDecimals = 4

var tooLarge = decimal.New(1, 16)

func (l *line) decimal(format format, text, column string) decimal.Decimal {
	number, ok := format.numbers.parse(text)
	switch {
	case !ok:
		l.wrong(column, text, fault.Say("%q is no number written as %s", "%q 不是 %s 这样的数字", text, format.numbers.example()))
	case !number.Equal(number.Truncate(mostDecimals)) || number.Abs().GreaterThanOrEqual(tooLarge):
		l.wrong(column, text, fault.Say("%q has more than 4 decimals or 16 digits", "%q 超过 4 位小数或 16 位整数", text))
	}
	return number
}

// time reads a date or an instant by the first format that fits it. One that another format reads as another day is told.
func (l *line) time(format format, text, column string) time.Time {
	var moment time.Time
	taken := ""
	for _, d := range format.dates {
		read, ok := d.parse(text, l.zone)
		switch {
		case !ok:
		case taken == "":
			moment, taken = read, d.format
		case !read.Equal(moment):
			l.note(column, text, Told, fault.Say("%q is %s as %s and %s as %s: the first is taken", "%[1]q 按 %[3]s 为 %[2]s，按 %[5]s 为 %[4]s：取前者",
				text, moment.Format(time.DateOnly), taken, read.Format(time.DateOnly), d.format))
			return moment
		}
	}
	if taken == "" {
		l.wrong(column, text, fault.Say("%q is no date written as %s", "%q 不是 %s 格式的日期", text, formats(format.dates)))
	}
	return moment
}

func formats(list []dates) string {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = d.format
	}
	return strings.Join(names, " | ")
}

var yes = map[string]bool{"true": true, "yes": true, "1": true, "是": true, "false": false, "no": false, "0": false, "否": false}

func (l *line) yesNo(text, column string) Value {
	value, ok := yes[strings.ToLower(text)]
	if !ok {
		l.wrong(column, text, fault.Say("%q is neither yes nor no", "%q 既不是“是”也不是“否”", text))
	}
	return Value{Type: YesNo, Yes: value}
}
