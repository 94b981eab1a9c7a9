package reports

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guanxi/access"
	"guanxi/models"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a rendered statement with the file of its name.
func golden(t *testing.T, name string, q *access.Query, text string) {
	t.Helper()
	file := filepath.Join("testdata", name+".sql")
	text = shortened(q.Text(text)) + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s is rendered otherwise; look, and run with -update:\n%s", file, text)
	}
}

// shortened names the scoped sources, which package access renders, instead of showing their columns.
func shortened(text string) string {
	sees := access.System("golden statements", time.Unix(0, 0), models.Company{})
	aliases := []string{"l1", "l2", "x", "w"}
	for _, d := range Datasets() {
		aliases = append(aliases, d.Alias)
		for _, s := range d.sources {
			aliases = append(aliases, s.alias)
		}
	}
	for _, alias := range aliases {
		for _, kind := range access.Kinds {
			text = strings.ReplaceAll(text, sees.Query().Visible(kind, alias), "visible "+kind.Name+" as "+alias)
		}
	}
	return text
}

func rendered(t *testing.T, d *Dataset, a Ask) *plan {
	t.Helper()
	company := models.Company{Currency: "CNY", TimeZone: "Asia/Shanghai", FiscalYearStart: 1, SmallSample: 5}
	a.First = max(a.First, 10)
	p, err := check(d, access.System("golden statements", time.Unix(0, 0), company), a, "en")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestStatementsAsRendered(t *testing.T) {
	count := 3
	for name, a := range map[string]Ask{
		"total":                  {},
		"loss_rate_by_owner":     {By: []string{"CLOSING_OWNER"}, Period: period("2026-01-01", "2026-04-01"), OrderBy: []*Order{{Measure: "LOSS_RATE", Direction: "DESC"}}},
		"region_by_month_having": {By: []string{"REGION", "CLOSED_MONTH"}, Clock: OpenedClock, Period: period("2026-01-01", "2026-04-01"), Having: map[string]any{"not": map[string]any{"count": &models.IntFilter{Lt: &count}}}},
		"amount_band":            {By: []string{"AMOUNT_BAND", "CLOSING_DEPARTMENT_LEVEL_2"}, Where: map[string]any{"status": &models.EnumFilter{In: []string{"WON"}}}},
	} {
		s := rendered(t, Opportunities, a).statement()
		text, err := s.listed()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, s.q, text)
	}
}

func TestPartsFilteredByTheirOpportunityAsRendered(t *testing.T) {
	at := time.Unix(-1000, 0)
	for name, asOf := range map[string]*time.Time{"lines_of_open": nil, "lines_of_open_then": &at} {
		open := map[string]any{"status": &models.EnumFilter{Eq: &[]string{models.Open}[0]}}
		s := rendered(t, OpportunityLines, Ask{Clock: ExpectedClock, Period: period("2026-01-01", "2026-04-01"), Where: map[string]any{"opportunity": open}, Measures: []string{"count"}, AsOf: asOf}).statement()
		text, err := s.listed()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, s.q, text)
	}
}

func TestComparisonAndBreakdownAsRendered(t *testing.T) {
	s := rendered(t, Opportunities, Ask{By: []string{"CLOSED_QUARTER"}, Period: period("2026-01-01", "2026-04-01")}).statement()
	text, err := s.again([][][]string{nil, {{"2026-Q1"}}})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "again", s.q, text)
	s = rendered(t, Competition, Ask{By: []string{"INDUSTRY"}, Measures: bouts}).statement()
	r := &CompetitorReport{Rows: []*CompetitorReportRow{{}}}
	if text, err = s.splitText(r, cut{first: 5}); err != nil {
		t.Fatal(err)
	}
	golden(t, "breakdown", s.q, text)
	s = rendered(t, Competition, Ask{By: []string{"CLOSED_MONTH"}, Measures: bouts}).statement()
	if text, err = s.splitText(r, cut{of: theOthers, first: 5, way: overTime}); err != nil {
		t.Fatal(err)
	}
	golden(t, "trend_of_others", s.q, text)
}

func TestCompetitorsAsOfAnInstantAsRendered(t *testing.T) {
	at := time.Unix(-1000, 0)
	s := rendered(t, Competition, Ask{By: []string{"REGION"}, Measures: []string{"encounters", "winRate", "priceGap"}, AsOf: &at}).statement()
	text, err := s.splitText(&CompetitorReport{}, cut{first: 5})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "competitors_as_of", s.q, text)
}

func TestWaterfallsAsRendered(t *testing.T) {
	for name, by := range map[string][]string{"waterfall": nil, "waterfall_by_region": {"REGION"}, "waterfall_by_region_tree": {"REGION_LEVEL_1"}} {
		from, until := time.Unix(-2000, 0), time.Unix(-1000, 0)
		w := &Waterfall{before: rendered(t, waterfalls, Ask{By: by, AsOf: &from}), after: rendered(t, waterfalls, Ask{By: by, AsOf: &until})}
		s, text, err := w.moved()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, s.q, text)
	}
}

// Each dataset by its first dimension, with subtotals, all its measures and the days of its rates.
func TestEachDatasetAsRendered(t *testing.T) {
	for _, d := range Datasets() {
		a := Ask{By: []string{d.Dimensions[0].Name, d.Dimensions[len(d.Dimensions)-2].Name}, Period: period("2026-01-01", "2026-04-01"), Coverage: true, Subtotals: true}
		s := rendered(t, d, a).statement()
		text, err := s.listed()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, d.Name, s.q, text)
	}
}
