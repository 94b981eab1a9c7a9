package server_test

import (
	"slices"
	"strconv"
)

// filed reads a report's rows and total out of a file.
func (m *maven) filed(query string, variables map[string]any, root string) (list []reportRow, total reportRow) {
	m.Helper()
	a := fileOf(m.T, m.company, boss, "/reports."+m.ending, query, variables)
	if a.Status != 200 {
		m.Fatalf("answered %d %.500s", a.Status, a.Body)
	}
	var lines grid
	if m.ending == "xlsx" {
		lines = xlsxGrids(m.T, a.Body)[root]
	} else {
		lines = csvGrid(m.T, a.Body)
	}
	head := slices.Clone(lines[0])
	for _, line := range lines.table("line") {
		row := m.rowOf(head, line)
		switch line["line"] {
		case "total":
			total = row
		default:
			list = append(list, row)
		}
	}
	return list, total
}

// rowOf reads one line; its first dimension, if it has one, stands in the second and third column.
func (m *maven) rowOf(head []string, line map[string]string) (row reportRow) {
	m.Helper()
	whole := func(name string) int {
		n, err := strconv.Atoi(line[name])
		if err != nil {
			m.Fatalf("%s is %q: %v", name, line[name], err)
		}
		return n
	}
	number := func(name string) *float64 {
		if line[name] == "" {
			return nil
		}
		n, err := strconv.ParseFloat(line[name], 64)
		if err != nil {
			m.Fatalf("%s is %q: %v", name, line[name], err)
		}
		return &n
	}
	row.Count, row.Won, row.Lost, row.Open, row.Cancelled = whole("Opportunities"), whole("Won"), whole("Lost"), whole("Open"), whole("Cancelled")
	row.LossRate.Value, row.LossRate.Sample, row.WinRate.Value, row.Cycle = number("Loss rate"), whole("Loss rate.sample"), number("Win rate"), number("Average cycle")
	if amount := line["Amount won"]; amount != "" {
		row.WonAmount = &struct{ Amount, Currency string }{amount, line["Amount won.currency"]}
	}
	if len(head) > 2 && head[2] == head[1]+" (id)" {
		row.Keys = append(row.Keys, struct {
			ID, Label      string
			Unknown, Other bool
		}{ID: line[head[2]], Label: line[head[1]], Unknown: line["line"] == "row" && line[head[2]] == "", Other: line["line"] == "other"})
	}
	return row
}
