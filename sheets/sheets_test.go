package sheets_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/tealeg/xlsx/v3"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"guanxi/sheets"
)

func one(cells ...sheets.Cell) []sheets.Sheet {
	return []sheets.Sheet{{Title: "t", Table: sheets.Table{Lines: [][]sheets.Cell{cells}}}}
}

func asCSV(t rapid.TB, list []sheets.Sheet, encoding sheets.Encoding) string {
	var file bytes.Buffer
	if err := sheets.CSV(&file, list, encoding); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// TestA51NoCellOfACSVFileIsAFormula writes what spreadsheets would carry out.
func TestA51NoCellOfACSVFileIsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`=HYPERLINK("http://x","y")`: `'=HYPERLINK("http://x","y")`, "+1+1": "'+1+1", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "'\rx", "\n=1": "'\n=1",
		"＝1+1": "'＝1+1", "+4915112345": "'+4915112345", "-5": "-5", "-5.25": "-5.25", "1e5": "1e5", "-": "'-", "a=b": "a=b", "": "", "中文": "中文", "a\rb": "a\rb", "'x": "'x",
	} {
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(asCSV(t, one(sheets.Cell{Value: "x"}, sheets.Cell{Value: text}), sheets.UTF8), "\ufeff"))).ReadAll()
		if err != nil || len(lines) != 1 || lines[0][1] != want {
			t.Errorf("%q is written as %q, %v", text, lines, err)
		}
	}
	if got := asCSV(t, one(sheets.Cell{Value: "-1e", Type: sheets.Number}), sheets.UTF8); got != "\ufeff-1e\n" {
		t.Errorf("a number is written as %q", got)
	}
}

// TestTextComesBackOutOfGB18030 writes random text, and reads it as a program that knows the encoding.
func TestTextComesBackOutOfGB18030(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := "x" + rapid.StringOf(rapid.RuneFrom([]rune("关系，丢单率€é=𠮷ab\""))).Draw(t, "text")
		read, err := simplifiedchinese.GB18030.NewDecoder().String(asCSV(t, one(sheets.Cell{Value: text}, sheets.Cell{Value: "y"}), sheets.GB18030))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(read)).ReadAll()
		if err != nil || len(lines) != 1 || lines[0][0] != text || lines[0][1] != "y" {
			t.Fatalf("%q came back as %q, %v", text, lines, err)
		}
	})
}

func TestTablesStandBelowEachOtherInACSVFile(t *testing.T) {
	t.Parallel()
	table := func(title string) sheets.Table {
		return sheets.Table{Title: title, Head: []string{"a"}, Lines: [][]sheets.Cell{{{Value: "1"}}}}
	}
	first := sheets.Sheet{Title: "one", Table: table(""), Beside: []sheets.Table{table("more")}}
	if got := asCSV(t, []sheets.Sheet{first}, sheets.UTF8); got != "\ufeffa\n1\n\nmore\na\n1\n" {
		t.Errorf("one sheet: %q", got)
	}
	if got := asCSV(t, []sheets.Sheet{first, {Title: "=two", Table: table("")}}, sheets.UTF8); got != "\ufeffone\na\n1\n\nmore\na\n1\n\n'=two\na\n1\n" {
		t.Errorf("two sheets: %q", got)
	}
}

func opened(t *testing.T, list []sheets.Sheet) *xlsx.File {
	t.Helper()
	var file, again bytes.Buffer
	if err := sheets.XLSX(&file, list, " (about)"); err != nil {
		t.Fatal(err)
	}
	if err := sheets.XLSX(&again, list, " (about)"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Error("the same tables make two files")
	}
	book, err := xlsx.OpenBinary(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// TestAnXLSXFileKeepsEachDigit writes numbers as numbers only where that loses nothing, and no text as anything else.
func TestAnXLSXFileKeepsEachDigit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cell sheets.Cell
		want xlsx.CellType
		text string
	}{
		{sheets.Cell{Value: "1999.5000", Type: sheets.Decimal}, xlsx.CellTypeNumeric, "1999.5000"},
		{sheets.Cell{Value: "99999999999.9999", Type: sheets.Decimal}, xlsx.CellTypeNumeric, "99999999999.9999"},
		{sheets.Cell{Value: "999999999999.9999", Type: sheets.Decimal}, xlsx.CellTypeString, "999999999999.9999"},
		{sheets.Cell{Value: "-123456789012345600000.0000", Type: sheets.Decimal}, xlsx.CellTypeString, "-123456789012345600000.0000"},
		{sheets.Cell{Value: "-123456789012345000000.0000", Type: sheets.Decimal}, xlsx.CellTypeNumeric, "-123456789012345000000.0000"},
		{sheets.Cell{Value: "0.36849878934624696", Type: sheets.Number}, xlsx.CellTypeNumeric, "0.36849878934624696"},
		{sheets.Cell{Value: "=1+1"}, xlsx.CellTypeString, "=1+1"},
		{sheets.Cell{Value: "42"}, xlsx.CellTypeString, "42"},
		{sheets.Cell{Value: "true", Type: sheets.Truth}, xlsx.CellTypeBool, "1"},
	} {
		book := opened(t, one(c.cell))
		cell, err := book.Sheets[0].Cell(0, 0)
		if err != nil || cell.Type() != c.want || cell.Value != c.text || cell.Formula() != "" {
			t.Errorf("%+v: type %d, %q, formula %q, %v", c.cell, cell.Type(), cell.Value, cell.Formula(), err)
		}
	}
}

func TestSheetsHaveTitlesThatXLSXAllows(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("关", 40)
	about := []sheets.Table{{Title: "more"}}
	var titles []string
	for _, sheet := range opened(t, []sheets.Sheet{{Title: "a/b"}, {Title: "A_B"}, {Title: "History"}, {Title: long, Beside: about}, {Title: long, Beside: about}}).Sheets {
		titles = append(titles, sheet.Name)
	}
	cut := func(n int, ending string) string { return strings.Repeat("关", n) + ending }
	if want := []string{"a_b", "A_B (2)", "History (2)", cut(31, ""), cut(23, " (about)"), cut(27, " (2)"), cut(19, " (about) (2)")}; !slices.Equal(titles, want) {
		t.Errorf("the titles are %q", titles)
	}
}
