package sheets

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/tealeg/xlsx/v3"
)

// What an XLSX file holds at most.
const (
	longestTitle = 31     // characters of a sheet's title
	longestCell  = 32_767 // UTF-16 units of a text; a longer one is cut
	exactDigits  = 15     // of a decimal; one with more is written as text

	reserved = "history" // the title that Excel keeps for a sheet of its own
)

// XLSX writes each sheet's table as a sheet, and the tables beside it below each other on a second one, whose title ends
// with besides.
func XLSX(w io.Writer, list []Sheet, besides string) error {
	book := &workbook{file: xlsx.NewFile(), titles: map[string]bool{reserved: true}}
	for _, sheet := range list {
		if err := book.add(sheet.Title, "", sheet.Table); err != nil {
			return err
		}
		if len(sheet.Beside) > 0 {
			if err := book.add(sheet.Title, besides, sheet.Beside...); err != nil {
				return err
			}
		}
	}
	err := book.file.Write(w)
	for _, sheet := range book.file.Sheets {
		sheet.Close()
	}
	return err
}

type workbook struct {
	file   *xlsx.File
	titles map[string]bool
}

// add adds a sheet. Of several tables each is headed by its title.
func (b *workbook) add(title, ending string, tables ...Table) error {
	sheet, err := b.file.AddSheet(b.title(title, ending))
	if err != nil {
		return err
	}
	for i, table := range tables {
		if i > 0 {
			sheet.AddRow()
		}
		if ending != "" {
			write(sheet, bold, Cell{Value: table.Title})
		}
		if len(table.Head) > 0 {
			write(sheet, bold, heads(table.Head)...)
		}
		for _, line := range table.Lines {
			write(sheet, nil, line...)
		}
	}
	return nil
}

var bold = &xlsx.Style{Font: xlsx.Font{Size: 11, Name: "Calibri", Bold: true}, ApplyFont: true}

func write(sheet *xlsx.Sheet, style *xlsx.Style, cells ...Cell) {
	row := sheet.AddRow()
	for _, cell := range cells {
		at := row.AddCell()
		fill(at, cell)
		if style != nil {
			at.SetStyle(style)
		}
	}
}

// fill writes a value: as a number where that keeps all its digits, never as a formula.
func fill(at *xlsx.Cell, c Cell) {
	switch {
	case c.Value == "":
	case c.Type == Truth:
		at.SetBool(c.Value == "true")
	case c.Type == Number, c.Type == Decimal && digits(c.Value) <= exactDigits:
		at.SetNumeric(c.Value)
	default:
		at.SetString(cut(c.Value))
	}
}

// digits counts those that a number needs to be told from all others: not the zeros around it.
func digits(number string) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(number, "-")), "e")
	whole, part, _ := strings.Cut(mantissa, ".")
	part = strings.TrimRight(part, "0")
	if part == "" {
		whole = strings.TrimRight(whole, "0")
	}
	return len(strings.TrimLeft(whole+part, "0"))
}

func cut(text string) string {
	if units := utf16.Encode([]rune(text)); len(units) > longestCell {
		return strings.TrimRight(string(utf16.Decode(units[:longestCell-1])), "\ufffd") + "…"
	}
	return text
}

// title gives a sheet a title that XLSX allows and that no other has.
func (b *workbook) title(wanted, ending string) string {
	wanted = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < ' ' {
			return '_'
		}
		return r
	}, wanted), " '")
	for n := 1; ; n++ {
		last := ending
		if n > 1 {
			last = fmt.Sprintf("%s (%d)", ending, n)
		}
		title := string(firstRunes(wanted, longestTitle-len([]rune(last)))) + last
		if folded := strings.ToLower(title); title != "" && !b.titles[folded] {
			b.titles[folded] = true
			return title
		}
	}
}

func firstRunes(text string, most int) []rune {
	runes := []rune(text)
	return runes[:min(len(runes), most)]
}
