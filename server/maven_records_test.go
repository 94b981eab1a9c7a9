package server_test

import (
	"strconv"
	"time"
)

const mavenRecords = `query($by: [OpportunityDimension!], $where: OpportunityWhere, $first: Int!, $after: String) {
	report: opportunityReport(by: $by, where: $where, first: $first, orderBy: [{measure: COUNT, direction: DESC}]) { total { ...Row } rows { ...Row
		records(first: 100, after: $after) { totalCount nodes { id status openedOn closedAt amount { amount } } pageInfo { hasNextPage endCursor } } } } } ` + mavenRow

// behind is a record behind a row.
type behind struct {
	ID, Status         string
	OpenedOn, ClosedAt *string
	Amount             *struct{ Amount string }
}

// drillDown opens a row to all of its records and computes its numbers from them.
func (m *maven) drillDown(dimension, label string) {
	m.Helper()
	var list []behind
	var row reportRow
	for after := any(nil); ; {
		answer := m.ask(mavenRecords, map[string]any{"by": []string{dimension}, "first": 90, "after": after})
		at := ""
		for i, one := range decode[[]reportRow](m.T, answer.Get("report.rows")) {
			if one.Keys[0].Label == label {
				row, at = one, "report.rows."+strconv.Itoa(i)+".records"
			}
		}
		if at == "" {
			m.Fatalf("%s has no row %s", dimension, label)
		}
		if total := int(answer.Number(at + ".totalCount")); total != row.Count {
			m.Errorf("%s %s counts %d and opens to %d", dimension, label, row.Count, total)
		}
		list = append(list, decode[[]behind](m.T, answer.Get(at+".nodes"))...)
		if answer.Get(at+".pageInfo.hasNextPage") != true {
			break
		}
		after = answer.Text(at + ".pageInfo.endCursor")
	}
	m.recomputes(dimension+" "+label, list, row)
}

func (m *maven) recomputes(name string, list []behind, row reportRow) {
	m.Helper()
	zone := time.FixedZone("the company's", 8*60*60)
	counts, seen, won, days, cycles := map[string]int{}, map[string]bool{}, 0.0, 0.0, 0.0
	for _, r := range list {
		counts[r.Status]++
		seen[r.ID] = true
		if r.Status == "WON" && r.Amount != nil {
			value, err := strconv.ParseFloat(r.Amount.Amount, 64)
			if err != nil {
				m.Fatal(err)
			}
			won += value
		}
		if r.OpenedOn != nil && r.ClosedAt != nil {
			closed, err := time.Parse(time.RFC3339, *r.ClosedAt)
			opened, err2 := time.Parse(time.DateOnly, *r.OpenedOn)
			if err != nil || err2 != nil {
				m.Fatal(err, err2)
			}
			year, month, day := closed.In(zone).Date()
			days += time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Sub(opened).Hours() / 24
			cycles++
		}
	}
	rate, cycle := float64(counts["LOST"])/float64(counts["WON"]+counts["LOST"]), days/cycles
	if len(seen) != row.Count || len(list) != row.Count || counts["WON"] != row.Won || counts["LOST"] != row.Lost || counts["OPEN"] != row.Open {
		m.Errorf("%s: %d records, %v; the row says %+v", name, len(list), counts, row)
	}
	if won != row.wonValue(m.T) || !alike(&rate, row.LossRate.Value) || !alike(&cycle, row.Cycle) {
		m.Errorf("%s: from its records won %v, loss rate %v, cycle %v; the row says %+v", name, won, rate, cycle, row)
	}
}

// unknownAndOther opens the rows that stand for what has no customer and for what was not listed.
func (m *maven) unknownAndOther() {
	m.Helper()
	answer := m.ask(mavenRecords, map[string]any{"by": []string{"CUSTOMER"}, "first": 3})
	rows, named := decode[[]reportRow](m.T, answer.Get("report.rows")), map[string]reportRow{}
	for i, row := range rows {
		named[strconv.FormatBool(row.Keys[0].Unknown)+strconv.FormatBool(row.Keys[0].Other)] = row
		if total := int(answer.Number("report.rows." + strconv.Itoa(i) + ".records.totalCount")); total != row.Count {
			m.Errorf("the row %+v opens to %d records", row.Keys, total)
		}
	}
	count, lost := 0, 0
	for _, row := range rows {
		count, lost = count+row.Count, lost+row.Lost
	}
	if other := named["falsetrue"]; other.Count == 0 || count != m.want.Overall.Total || lost != m.want.Overall.Lost {
		m.Errorf("the first rows and other add up to %d, %d lost: %+v", count, lost, rows)
	}
}
