package importer

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"

	"guanxi/fault"
)

// lender is another file whose rows lend columns to those of the same key.
type lender struct {
	with   withMapping
	rows   map[string]lentRow
	report func(Problem)
}

// lentRow is what one row lends, its columns in the order of their names here.
type lentRow struct {
	line  int
	cells []string
	twice int // the line of another row of the key; neither is lent then
}

// lentTo reads what other files lend to a file.
func (s *Source) lentTo(file *openFile, report func(Problem)) ([]lender, error) {
	var list []lender
	for _, with := range file.mapping.with {
		l := lender{with, map[string]lentRow{}, report}
		for i := range s.files {
			if s.files[i].mapping.name != with.file {
				continue
			}
			if err := l.read(s, &s.files[i]); err != nil {
				return nil, err
			}
		}
		list = append(list, l)
	}
	return list, nil
}

func (l *lender) read(s *Source, file *openFile) error {
	handle, err := os.Open(file.path)
	if err != nil {
		return err
	}
	defer handle.Close()
	reader := file.reader(handle)
	if _, err := reader.Read(); err != nil {
		return err
	}
	for {
		cells, err := reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			l.cannot(file, broken.StartLine)
			continue
		case err != nil:
			return err
		}
		number, _ := reader.FieldPos(0)
		if len(cells) != len(file.header) {
			l.cannot(file, number)
			continue
		}
		l.take(line{file: file, number: number, cells: cells, zone: s.zone})
	}
}

// cannot reports a row that cannot be read, unless it is reported when the file is read for its own records.
func (l *lender) cannot(file *openFile, number int) {
	if len(file.mapping.records) == 0 {
		l.report(Problem{File: file.path, Line: number, Sentence: fault.Say("the row cannot be read, or has not as many cells as the header", "无法读取该行，或其单元格数与表头不符")})
	}
}

func (l *lender) take(from line) {
	for i, cell := range from.cells {
		from.cells[i] = strings.TrimSpace(cell)
	}
	key := from.value(l.with.key)
	if first, seen := l.rows[key]; seen {
		first.twice = from.number
		l.rows[key] = first
		return
	}
	row := lentRow{line: from.number}
	for _, name := range sortedKeys(l.with.columns) {
		row.cells = append(row.cells, from.value(l.with.columns[name]))
	}
	l.rows[key] = row
}

// fill puts what is lent behind a line's own cells: nothing, and that is told, when there is not one row of its key.
func (l *lender) fill(to *line) {
	key := to.value(l.with.key)
	row, ok := l.rows[key]
	switch {
	case key == "":
		ok = false
	case !ok:
		to.note(l.with.key, key, Told, fault.Say("%s has no row of it", "%s 中没有对应的行", l.with.file))
	case row.twice > 0:
		to.note(l.with.key, key, Told, fault.Say("lines %d and %d of %s are of it: neither is taken", "%[3]s 的第 %[1]d 行与第 %[2]d 行都对应：均不取", row.line, row.twice, l.with.file))
		ok = false
	}
	if !ok {
		row.cells = make([]string, len(l.with.columns))
	}
	to.cells = append(to.cells, row.cells...)
}
