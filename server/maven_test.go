package server_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"guanxi/importer"
	"guanxi/server/servertest"
	"guanxi/store"
)

const (
	publicData = "../../shared/data"
	mappings   = "../docs/examples"
)

// boss is the administrator who asks about the imported company.
const boss = "boss"

// figures are those of a group of opportunities in the reference, which was computed apart from this program.
type figures struct {
	Total, Prospecting, Engaging, Won, Lost, Closed int

	LossRate    *float64 `json:"loss_rate"`
	WinRate     *float64 `json:"win_rate"`
	WonValue    float64  `json:"won_value"`
	WonCycle    *float64 `json:"cycle_days_won_mean"`
	LostCycle   *float64 `json:"cycle_days_lost_mean"`
	ClosedCycle *float64 `json:"cycle_days_closed_mean"`
}

type reference struct {
	Overall figures
	Groups  map[string]map[string]figures
}

// grouped are the reference's groups and the dimension that each is; credited ones know only what is closed.
var grouped = []struct {
	name, dimension string
	credited        bool
}{
	{"by_agent", "CLOSING_OWNER", true},
	{"by_manager", "CLOSING_DEPARTMENT", true},
	{"by_regional_office", "CLOSING_DEPARTMENT_LEVEL_1", true},
	{"by_manager", "CLOSING_DEPARTMENT_LEVEL_2", true},
	{"by_agent", "OWNER", false},
	{"by_manager", "OWNER_DEPARTMENT", false},
	{"by_product", "MAIN_PRODUCT", false},
	{"by_series", "PRODUCT_CATEGORY", false},
	{"by_sector", "INDUSTRY", false},
	{"by_office_location", "REGION", false},
	{"by_account", "CUSTOMER", false},
	{"by_close_month", "CLOSED_MONTH", true},
	{"by_close_quarter", "CLOSED_QUARTER", true},
	{"by_engage_quarter", "OPENED_QUARTER", false},
}

const mavenRow = `fragment Row on OpportunityReportRow { keys { id label unknown other } count won lost open cancelled
	lossRate { value sample } winRate { value } wonAmount { amount currency } averageCycleDays }`

const mavenBy = `query($by: [OpportunityDimension!], $first: Int!, $where: OpportunityWhere) {
	report: opportunityReport(by: $by, first: $first, where: $where) { rows { ...Row } total { ...Row } coverage { field known unknown share } } } ` + mavenRow

// TestTheMavenFiguresComeOutOfTheAPI imports the public sample in each of its spellings, and asks for every figure of the
// reference.
func TestTheMavenFiguresComeOutOfTheAPI(t *testing.T) {
	t.Parallel()
	want := readReference(t)
	folder, variants := sampleFolder(t, "maven-crm"), sampleFolder(t, "maven-crm-variants")
	for mapping, more := range map[string][]string{
		"maven-crm.yaml":          nil,
		"maven-crm-us-dates.yaml": {filepath.Join(variants, "sales_pipeline_us_dates.csv")},
		"maven-crm-ddmmyy.yaml":   {filepath.Join(variants, "sales_pipeline_ddmmyy_quarters.csv")},
	} {
		t.Run(mapping, func(t *testing.T) {
			t.Parallel()
			m := &maven{T: t, company: servertest.NewEmpty(t), want: want}
			m.bringIn(mapping, append([]string{folder}, more...)...)
			m.overall()
			m.groups()
			m.coverage()
			m.twoAtOnce()
			if mapping == "maven-crm.yaml" {
				m.drillDown("MAIN_PRODUCT", "GTK 500")
				m.drillDown("CUSTOMER", "Acme Corporation")
				m.drillDown("CLOSING_OWNER", "Garret Kinder")
				m.drillDown("CLOSED_MONTH", "2017-04")
				m.unknownAndOther()
				for _, ending := range []string{"csv", "xlsx"} {
					m.ending = ending
					m.overall()
					m.groups()
				}
			}
		})
	}
}

type maven struct {
	*testing.T

	company *servertest.Company
	want    reference
	ending  string // of the files that it reads; "" for answers of /graphql
}

// sampleFolder skips the test where the public sample is missing.
func sampleFolder(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(publicData, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: the public sample files are not in %s", path)
	}
	return path
}

func readReference(t *testing.T) reference {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(sampleFolder(t, "reference"), "maven-crm.json"))
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		t.Fatal(err)
	}
	want := reference{Groups: map[string]map[string]figures{}}
	if err := json.Unmarshal(parts["overall"], &want.Overall); err != nil {
		t.Fatal(err)
	}
	for _, g := range grouped {
		var groups map[string]figures
		if err := json.Unmarshal(parts[g.name], &groups); err != nil || len(groups) == 0 {
			t.Fatalf("%s: %d groups, %v", g.name, len(groups), err)
		}
		want.Groups[g.name] = groups
	}
	return want
}

// bringIn imports the files, and hires the administrator who asks.
func (m *maven) bringIn(mapping string, paths ...string) {
	m.Helper()
	ctx := m.Context()
	loaded, err := importer.Load(filepath.Join(mappings, mapping))
	if err != nil {
		m.Fatal(err)
	}
	source, err := importer.Open(loaded, paths)
	if err != nil {
		m.Fatal(err)
	}
	viewer, err := m.company.Store.AtKeyboard(ctx)
	if err != nil {
		m.Fatal(err)
	}
	result, err := importer.Run(ctx, m.company.Store, viewer, source, importer.Options{})
	if err != nil {
		m.Fatal(err)
	}
	if len(result.Problems) > 0 {
		m.Fatalf("%d problems, first: %v", len(result.Problems), result.Problems[0])
	}
	if _, err := m.company.Store.CreateAccount(ctx, store.Account{Login: boss, Name: "Boss", Role: "administrator"}); err != nil {
		m.Fatal(err)
	}
}

func (m *maven) ask(query string, variables map[string]any) *servertest.Answer {
	m.Helper()
	return m.company.Ask(boss, query, variables).Good()
}

// report asks for a report by one dimension and gives its rows by label.
func (m *maven) report(dimension string, where map[string]any) (rows map[string]reportRow, total reportRow) {
	m.Helper()
	list, total := m.rows(mavenBy, map[string]any{"by": []string{dimension}, "first": 1000, "where": where}, "report")
	rows = map[string]reportRow{}
	for _, row := range list {
		label := row.Keys[0].Label
		if row.Keys[0].Unknown {
			label = "(blank)"
		}
		if _, twice := rows[label]; twice {
			m.Errorf("%s has two rows %q", dimension, label)
		}
		rows[label] = row
	}
	return rows, total
}

// rows asks for a report and gives its rows and total, out of the answer or a file.
func (m *maven) rows(query string, variables map[string]any, root string) (list []reportRow, total reportRow) {
	m.Helper()
	if m.ending != "" {
		return m.filed(query, variables, root)
	}
	answer := m.ask(query, variables)
	if rows := answer.Get(root + ".rows"); rows != nil {
		list = decode[[]reportRow](m.T, rows)
	}
	return list, decode[reportRow](m.T, answer.Get(root+".total"))
}

func (m *maven) overall() {
	m.Helper()
	_, total := m.rows(`{ lossRate { total { ...Row } } } `+mavenRow, nil, "lossRate")
	if rounded := fmt.Sprintf("%.4f", *total.LossRate.Value*100); rounded != "36.8499" {
		m.Errorf("we lose %s %%", rounded)
	}
	if value := total.wonValue(m.T); value != 10_005_534 {
		m.Errorf("we won %v", value)
	}
	m.same("overall", total, m.want.Overall, false)
	for status, want := range map[string]*float64{"WON": m.want.Overall.WonCycle, "LOST": m.want.Overall.LostCycle} {
		_, some := m.report("STATUS", map[string]any{"status": map[string]any{"eq": status}})
		if !alike(some.Cycle, want) {
			m.Errorf("a cycle of what is %s takes %v days on average, want %v", status, show(some.Cycle), show(want))
		}
	}
}

// groups holds every group of the reference against the report's row, and the report's rows against its total.
func (m *maven) groups() {
	m.Helper()
	for _, g := range grouped {
		rows, total := m.report(g.dimension, nil)
		won, _ := m.report(g.dimension, map[string]any{"status": map[string]any{"eq": "WON"}})
		m.same(g.dimension+" total", total, m.want.Overall, false)
		m.adds(g.dimension, rows, total)
		for name, want := range m.want.Groups[g.name] {
			m.same(g.dimension+" "+name, rows[name], want, g.credited)
			if !alike(won[name].Cycle, want.WonCycle) {
				m.Errorf("%s %s: won in %s days, want %s", g.dimension, name, show(won[name].Cycle), show(want.WonCycle))
			}
		}
		known := len(rows)
		if blank, has := rows["(blank)"]; has {
			if _, expected := m.want.Groups[g.name]["(blank)"]; !expected {
				known--
				if blank.Count != m.want.Overall.Prospecting+m.want.Overall.Engaging || blank.Open != blank.Count {
					m.Errorf("%s: %d unknown, %d of them open", g.dimension, blank.Count, blank.Open)
				}
			}
		}
		if known != len(m.want.Groups[g.name]) {
			m.Errorf("%s has %d rows of values, want %d", g.dimension, known, len(m.want.Groups[g.name]))
		}
	}
}

// same holds a row against a group of the reference; a credited row knows only what is closed.
func (m *maven) same(name string, row reportRow, want figures, credited bool) {
	m.Helper()
	count, open := want.Total, want.Prospecting+want.Engaging
	if credited {
		count, open = want.Closed, 0
	}
	if row.Count != count || row.Won != want.Won || row.Lost != want.Lost || row.Open != open || row.Cancelled != 0 || row.LossRate.Sample != want.Closed {
		m.Errorf("%s: %+v, want %+v", name, row, want)
	}
	if !alike(row.LossRate.Value, want.LossRate) || !alike(row.WinRate.Value, want.WinRate) || !alike(row.Cycle, want.ClosedCycle) {
		m.Errorf("%s: loss rate %s, win rate %s, cycle %s; want %s, %s, %s", name, show(row.LossRate.Value), show(row.WinRate.Value), show(row.Cycle),
			show(want.LossRate), show(want.WinRate), show(want.ClosedCycle))
	}
	if value := row.wonValue(m.T); value != want.WonValue {
		m.Errorf("%s: won %v, want %v", name, value, want.WonValue)
	}
}

// adds holds the sum of rows against the total.
func (m *maven) adds(name string, rows map[string]reportRow, total reportRow) {
	m.Helper()
	var count, won, lost, open int
	var value float64
	for _, row := range rows {
		count, won, lost, open, value = count+row.Count, won+row.Won, lost+row.Lost, open+row.Open, value+row.wonValue(m.T)
	}
	if count != total.Count || won != total.Won || lost != total.Lost || open != total.Open || value != total.wonValue(m.T) {
		m.Errorf("%s: rows add up to %d, %d won, %d lost, %d open, %v; the total is %+v", name, count, won, lost, open, value, total)
	}
}

func (m *maven) coverage() {
	m.Helper()
	list := decode[[]struct {
		Field          string
		Known, Unknown int
		Share          float64
	}](m.T, m.ask(mavenBy, map[string]any{"by": []string{"CUSTOMER"}, "first": 10}).Get("report.coverage"))
	found := false
	for _, c := range list {
		if c.Field == "CUSTOMER" {
			found = c.Known == 7375 && c.Unknown == 1425 && alike(&c.Share, new(7375.0/8800))
		}
	}
	if !found {
		m.Errorf("the coverage of CUSTOMER is wrong in %+v", list)
	}
}

// twoAtOnce groups by quarter and office together.
func (m *maven) twoAtOnce() {
	m.Helper()
	answer := m.ask(mavenBy, map[string]any{"by": []string{"CLOSED_QUARTER", "CLOSING_DEPARTMENT_LEVEL_1"}, "first": 1000})
	offices, count := map[string]int{}, 0
	for _, row := range decode[[]reportRow](m.T, answer.Get("report.rows")) {
		count += row.Count
		if !row.Keys[0].Unknown {
			offices[row.Keys[1].Label] += row.Lost
		}
	}
	for office, want := range m.want.Groups["by_regional_office"] {
		if offices[office] != want.Lost {
			m.Errorf("over all quarters %s lost %d, want %d", office, offices[office], want.Lost)
		}
	}
	if count != m.want.Overall.Total {
		m.Errorf("quarters and offices add up to %d", count)
	}
}

func readsAs[T any](value any) (out T, err error) {
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// decode reads a part of an answer.
func decode[T any](t *testing.T, value any) T {
	t.Helper()
	out, err := readsAs[T](value)
	if err != nil {
		t.Fatalf("%v in %.300v", err, value)
	}
	return out
}

// reportRow is a row of a report as answered.
type reportRow struct {
	Keys []struct {
		ID, Label      string
		Unknown, Other bool
	}
	Count, Won, Lost, Open, Cancelled int
	LossRate, WinRate                 struct {
		Value  *float64
		Sample int
	}
	WonAmount *struct{ Amount, Currency string }
	Cycle     *float64 `json:"averageCycleDays"`
}

// wonValue is the amount won; 0 when none is known.
func (r reportRow) wonValue(t *testing.T) float64 {
	t.Helper()
	if r.WonAmount == nil {
		return 0
	}
	value, err := strconv.ParseFloat(r.WonAmount.Amount, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// alike tells whether two numbers are the same after rounding to 6 places, or both unknown.
func alike(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && math.Round(*a*1e6) == math.Round(*b*1e6)
}

func show(number *float64) string {
	if number == nil {
		return "unknown"
	}
	return fmt.Sprintf("%.6f", *number)
}
