// Package sheets writes tables as files that spreadsheets open: CSV and XLSX.
package sheets

import "regexp"

// Sheet is one table with what belongs to it.
type Sheet struct {
	Title  string
	Table  Table   // what the sheet is about
	Beside []Table // what else there is to know of it
}

// Table is lines of cells under a head.
type Table struct {
	Title string
	Head  []string // empty for none
	Lines [][]Cell
}

// Cell is one value. The zero Cell is empty.
type Cell struct {
	Value string
	Type  Type
}

// Type is what a cell's value is.
type Type int

// The types of cells. A number is written as JSON writes it.
const (
	Text    Type = iota
	Number       // as a computer counts
	Decimal      // exact, however many digits
	Truth        // true or false
)

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// IsNumber tells whether a text is a number and nothing else.
func IsNumber(text string) bool { return number.MatchString(text) }
