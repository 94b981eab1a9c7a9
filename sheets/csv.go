package sheets

import (
	"encoding/csv"
	"io"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// byteOrderMark tells old programs that a file is UTF-8.
const byteOrderMark = "\ufeff"

// Encoding is how the text of a CSV file is written.
type Encoding string

// The encodings.
const (
	UTF8    Encoding = "utf-8" // with a byte order mark
	GB18030 Encoding = "gb18030"
)

// CSV writes sheets below each other, an empty line between tables. A table is headed by its title; the first one of a
// single sheet is not, so that a program finds its head on the first line.
func CSV(w io.Writer, list []Sheet, encoding Encoding) error {
	if encoding == GB18030 {
		w = simplifiedchinese.GB18030.NewEncoder().Writer(w)
	} else if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	c := &csvFile{Writer: csv.NewWriter(w)}
	for i, sheet := range list {
		if i > 0 {
			c.line()
		}
		if len(list) > 1 {
			c.line(Cell{Value: sheet.Title})
		}
		c.table(sheet.Table)
		for _, table := range sheet.Beside {
			c.line()
			c.line(Cell{Value: table.Title})
			c.table(table)
		}
	}
	c.Flush()
	if c.wrong != nil {
		return c.wrong
	}
	return c.Error()
}

type csvFile struct {
	*csv.Writer
	wrong error
}

func (c *csvFile) table(t Table) {
	if len(t.Head) > 0 {
		c.line(heads(t.Head)...)
	}
	for _, line := range t.Lines {
		c.line(line...)
	}
}

func heads(head []string) []Cell {
	cells := make([]Cell, len(head))
	for i, text := range head {
		cells[i].Value = text
	}
	return cells
}

// line writes one line, an empty one without cells.
func (c *csvFile) line(cells ...Cell) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = harmless(cell)
	}
	if err := c.Write(texts); err != nil && c.wrong == nil {
		c.wrong = err
	}
}

// formulas are the characters that make a spreadsheet take a text for a formula when it begins with them.
const formulas = "=+-@\t\r\n＝＋－＠"

// harmless gives a cell's text, such that no spreadsheet carries it out.
func harmless(c Cell) string {
	if c.Value == "" || c.Type != Text || IsNumber(c.Value) {
		return c.Value
	}
	if strings.ContainsRune(formulas, []rune(c.Value)[0]) {
		return "'" + c.Value
	}
	return c.Value
}
