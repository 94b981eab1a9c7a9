package importer

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// WriteCSV writes the problems as a table, each in English and in Chinese, for a spreadsheet: in UTF-8 with its mark.
func (list Problems) WriteCSV(w io.Writer) error {
	if _, err := w.Write(byteOrderMark); err != nil {
		return err
	}
	table := csv.NewWriter(w)
	lines := [][]string{{"file", "line", "kind", "column", "value", "effect", "problem", "结果", "问题"}}
	for _, p := range list {
		effect := p.Effect.Sentence()
		lines = append(lines, []string{
			plainCell(filepath.Base(p.File)), strconv.Itoa(p.Line), p.Kind, plainCell(p.Column), plainCell(p.Value), effect.En, plainCell(p.En), effect.Zh, plainCell(p.Zh),
		})
	}
	return table.WriteAll(lines)
}

// plainCell keeps a spreadsheet from taking a text for a formula, also one that begins in full width or on a new line.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
