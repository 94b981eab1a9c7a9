package prove

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"guanxi/internal/naive"
	"guanxi/models"
)

// dimensions are what opportunities are grouped by here, and each one's key for the viewer: empty when he cannot know it.
var dimensions = map[string]func(viewer, *naive.Record) string{
	"STATUS": func(_ viewer, r *naive.Record) string { return r.Status },
	"OWNER": func(_ viewer, r *naive.Record) string {
		if r.Owner < 0 {
			return ""
		}
		return userID(r.Owner).String()
	},
	"CUSTOMER": func(v viewer, r *naive.Record) string {
		if r.Customer == nil || !v.sees(r.Customer) {
			return ""
		}
		return r.Customer.ID().String()
	},
	"CUSTOMER_LIFECYCLE": func(v viewer, r *naive.Record) string {
		if r.Customer == nil || !v.sees(r.Customer) {
			return ""
		}
		return "LEAD"
	},
	"MAIN_COMPETITOR": func(_ viewer, r *naive.Record) string {
		for _, p := range r.Parts {
			if p.Kind == "ENCOUNTER" {
				return naive.ID(models.CompetitorCode, p.Of).String()
			}
		}
		return ""
	},
	"AMOUNT_BAND": func(v viewer, r *naive.Record) string {
		if r.Amount == 0 || v.c.Reads(v.user, r, "AMOUNTS") != "FULL" {
			return ""
		}
		return strconv.Itoa(1 + min(1, int(r.Amount/1000)))
	},
}

const reporting = `query ($by: [OpportunityDimension!], $where: OpportunityWhere) { report: opportunityReport(by: $by, where: $where, first: 15) {
	rows { keys { id unknown } count won lost wonAmount { amount } lostAmount { amount } openAmount { amount }
		records(first: 13) { totalCount nodes { id } } lostOnes: records(of: LOST, first: 13) { nodes { id } } }
	total { count wonAmount { amount } lostAmount { amount } openAmount { amount } records(first: 13) { nodes { id } } }
	coverage { field known unknown } } }`

// reports compares a report under a condition, its groups, sums and the records behind each number.
func (v viewer) reports() {
	if !v.may("REPORT") {
		a := v.try(reporting, nil)
		if a.refusal() != "PERMISSION_DENIED" {
			v.wrong("right to ask reports", userID(v.user), "PERMISSION_DENIED", string(a.body))
		}
		v.count("right to ask reports", userID(v.user), false)
		return
	}
	names := make([]string, 0, len(dimensions))
	for name := range dimensions {
		if name != "AMOUNT_BAND" || v.c.ReadsSome(v.user, "AMOUNTS") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	by := names[v.draw("by", len(names))]
	where := v.condition("OPPORTUNITY", 1)
	report := at(v.ask(reporting, map[string]any{"by": []string{by}, "where": where.where}), "report")
	groups := map[string][]*naive.Record{}
	var all []*naive.Record
	for _, r := range v.seen("OPPORTUNITY") {
		if where.holds(r) == yes {
			key := dimensions[by](v, r)
			groups[key], all = append(groups[key], r), append(all, r)
		}
	}
	for _, row := range list(report, "rows") {
		key, _ := at(row, "keys.0.id").(string)
		v.group(by, groups[key], row)
		v.compare("report by "+by, groups[key], idsAt(list(row, "records.nodes"), "id"), func(*naive.Record) bool { return true })
		v.number("count of a drill-down", by+key, len(groups[key]), at(row, "records.totalCount"))
		lost := func(r *naive.Record) bool { return r.Status == "LOST" }
		v.compare("drill-down to the lost", groups[key], idsAt(list(row, "lostOnes.nodes"), "id"), lost)
		delete(groups, key)
	}
	for key, missed := range groups {
		v.Fatalf("report by %s: user %d is not shown the group %q of %s\n%s", by, v.user, key, v.name(missed[0].ID()), describe(v.c))
	}
	total := at(report, "total")
	v.group("total", all, total)
	v.compare("drill-down to all", v.all("OPPORTUNITY"), idsAt(list(total, "records.nodes"), "id"), func(r *naive.Record) bool { return slices.Contains(all, r) })
	v.coverage(by, all, list(report, "coverage"))
	v.encounters()
}

// group compares a row: its count, and its sums, which tell what was added up.
func (v viewer) group(of string, records []*naive.Record, row any) {
	v.number("count of a report", of+fmt.Sprint(at(row, "keys.0.id")), len(records), at(row, "count"))
	for field, status := range map[string]string{"wonAmount": "WON", "lostAmount": "LOST", "openAmount": "OPEN"} {
		text, _ := at(row, field+".amount").(string)
		if text == "" {
			text = "0"
		}
		whole, _, _ := strings.Cut(text, ".")
		sum, err := strconv.ParseInt(whole, 10, 64)
		if err != nil {
			v.Fatal(err)
		}
		for _, r := range records {
			if r.Status == status && r.Amount != 0 {
				v.decide("sum of a report", r.ID(), v.c.Reads(v.user, r, "AMOUNTS") == "FULL", sum&r.Amount != 0)
				sum &^= r.Amount
			}
		}
		if sum != 0 {
			v.Fatalf("report: user %d is shown %s of %s for %s, of which %d is from no record of the group\n%s", v.user, field, text, of, sum, describe(v.c))
		}
	}
}

// coverage compares of how many records the key is known.
func (v viewer) coverage(by string, all []*naive.Record, lines []any) {
	known := 0
	for _, r := range all {
		if dimensions[by](v, r) != "" {
			known++
		}
	}
	for _, line := range lines {
		if at(line, "field") == by {
			v.number("coverage", by, known, at(line, "known"))
			v.number("coverage", by+" unknown", len(all)-known, at(line, "unknown"))
		}
	}
}

// encounters compares the competitors' report and the records behind it.
func (v viewer) encounters() {
	data := v.ask(`{ competitorAnalysis(first: 5) { rows { encounters open competitor { id } records(first: 13) { nodes { id } } } } }`, nil)
	rows := map[string]any{}
	for _, row := range list(data, "competitorAnalysis.rows") {
		id, _ := at(row, "competitor.id").(string)
		rows[id] = row
	}
	for i := range naive.Competitors {
		id := naive.ID(models.CompetitorCode, i)
		met := func(r *naive.Record) bool {
			return r.Status != "CANCELLED" && v.sees(r) && slices.ContainsFunc(r.Parts, func(p naive.Part) bool { return p.Kind == "ENCOUNTER" && p.Of == i })
		}
		v.compare("competitors' drill-down", v.all("OPPORTUNITY"), idsAt(list(rows[id.String()], "records.nodes"), "id"), met)
		want := len(slices.DeleteFunc(v.all("OPPORTUNITY"), func(r *naive.Record) bool { return !met(r) }))
		got := at(rows[id.String()], "encounters")
		if got == nil {
			got = float64(0) // who was not met has no row
		}
		v.number("count of the competitors' report", id.String(), want, got)
	}
}
