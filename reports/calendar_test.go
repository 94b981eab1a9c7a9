package reports

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

func period(from, until models.Date) *Period { return &Period{From: &from, Until: &until} }

func TestComparisonMovesThePeriod(t *testing.T) {
	for _, c := range []struct{ from, until, comparison, wantFrom, wantUntil string }{
		{"2026-03-01", "2026-04-01", PreviousPeriod, "2026-02-01", "2026-03-01"},
		{"2026-01-01", "2026-04-01", PreviousPeriod, "2025-10-01", "2026-01-01"},
		{"2025-01-01", "2026-01-01", PreviousPeriod, "2024-01-01", "2025-01-01"},
		{"2026-03-10", "2026-03-17", PreviousPeriod, "2026-03-03", "2026-03-10"},
		{"2026-03-01", "2026-03-31", PreviousPeriod, "2026-01-30", "2026-03-01"},
		{"2024-02-01", "2024-03-01", PreviousYear, "2023-02-01", "2023-03-01"},
		{"2024-02-10", "2024-03-10", PreviousYear, "2023-02-10", "2023-03-11"},
		{"1700-01-02", "2026-11-15", PreviousYear, "1699-01-02", "2025-11-15"},
	} {
		got, err := period(models.Date(c.from), models.Date(c.until)).before(c.comparison)
		if err != nil || string(*got.From) != c.wantFrom || string(*got.Until) != c.wantUntil {
			t.Errorf("%s of %s to %s: %v to %v, %v; want %s to %s", c.comparison, c.from, c.until, *got.From, *got.Until, err, c.wantFrom, c.wantUntil)
		}
	}
}

func TestComparisonNeedsBothEnds(t *testing.T) {
	from := models.Date("2026-01-01")
	for _, p := range []*Period{nil, {}, {From: &from}, period("0001-01-01", "0002-01-01")} {
		if _, err := p.before(PreviousPeriod); !fault.Is(err, fault.BadInput) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestTimeMatchesByPosition(t *testing.T) {
	for _, c := range []struct {
		dimension, from, until, key, want string
		start                             int
	}{
		{"CLOSED_MONTH", "2026-01-01", "2026-04-01", "2026-02", "2025-11", 1},
		{"CLOSED_QUARTER", "2026-01-01", "2027-01-01", "2026-Q3", "2025-Q3", 1},
		{"CLOSED_QUARTER", "2026-04-01", "2026-07-01", "2026-Q1", "2025-Q4", 4},
		{"CLOSED_YEAR", "2026-01-01", "2028-01-01", "2027", "2025", 1},
		{"CLOSED_MONTH", "2026-03-10", "2026-03-17", "2026-03", "2026-03", 1},
		{"REGION", "2026-01-01", "2026-04-01", "x", "x", 1},
		{"CLOSED_MONTH", "2026-01-01", "2026-04-01", "", "", 1},
	} {
		d, _ := Opportunities.Dimension(c.dimension)
		p := &plan{Ask: Ask{Period: period(models.Date(c.from), models.Date(c.until))}, by: []*Dimension{d}, calendar: &calendar{zone: "UTC", start: c.start}}
		earlier, err := p.Period.before(PreviousPeriod)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.shifted([]string{c.key}, earlier); got[0] != c.want {
			t.Errorf("%s %s of %s to %s: %s, want %s", c.dimension, c.key, c.from, c.until, got[0], c.want)
		}
	}
}

func TestFiscalStepsTellTheirFirstMonth(t *testing.T) {
	c := &calendar{start: 4}
	for key, want := range map[string]string{"2025-Q1": "FY2025-Q1 (from 2025-04)", "2025-Q4": "FY2025-Q4 (from 2026-01)"} {
		if got := c.label(quarter, key, "en"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := c.label(year, "2025", "zh"); got != "2025年（财年，始于 2025-04）" {
		t.Error(got)
	}
	if got := (&calendar{start: 1}).label(month, "2017-03", "zh"); got != "2017年03月" {
		t.Error(got)
	}
}

func TestZonesAreChecked(t *testing.T) {
	company := models.Company{TimeZone: "Asia/Shanghai", FiscalYearStart: 1}
	for _, bad := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "right/UTC", "UTC' or true", "CET", "WET"} {
		_, err := calendarFor(company, &bad, nil)
		if !fault.Is(err, fault.BadInput) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+8"} {
		if c, err := calendarFor(company, &good, nil); err != nil || c.zone != good {
			t.Errorf("%q: %v", good, err)
		}
	}
	if c, err := calendarFor(company, nil, nil); err != nil || c.zone != "Asia/Shanghai" {
		t.Error("the company's zone is not taken")
	}
}

// TestTheDatabaseKnowsTheSameZones holds the offsets of all zones that the database and a report know by one name together.
func TestTheDatabaseKnowsTheSameZones(t *testing.T) {
	t.Parallel()
	pool, known := pgtest.New(t), 0
	rows, err := pool.Query(t.Context(), `select z.name, at, at at time zone z.name
		from pg_timezone_names z cross join (values ('2020-01-15 12:00Z'::timestamptz), ('2020-07-15 12:00Z')) x (at) where z.name ~ '^[A-Z]'`)
	if err != nil {
		t.Fatal(err)
	}
	var name string
	var at, there time.Time
	_, err = pgx.ForEachRow(rows, []any{&name, &at, &there}, func() error {
		c, err := calendarFor(models.Company{TimeZone: name}, nil, nil)
		if err != nil {
			return nil
		}
		known++
		zone, err := time.LoadLocation(c.zone)
		if here := at.In(zone).Format(time.DateTime); here != there.Format(time.DateTime) {
			t.Errorf("%s: %s here, %s in the database", name, here, there.Format(time.DateTime))
		}
		return err
	})
	if err != nil || known < 500 {
		t.Errorf("%d zones are known: %v", known, err)
	}
}

// TestYearsBeforeTheFirstAreWrittenAsSuch asks the database for the keys of days whose fiscal year, or whose day in a zone to the west,
// is before year 1, and numbers steps there.
func TestYearsBeforeTheFirstAreWrittenAsSuch(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, c := range []struct {
		grain
		at, zone, shift, want string
	}{
		{year, "0001-01-01 00:00Z", "UTC", "3 months", "0000"}, {quarter, "0001-01-01 00:00Z", "UTC", "3 months", "0000-Q4"},
		{year, "0001-04-01 00:00Z", "UTC", "3 months", "0001"}, {quarter, "0001-04-01 00:00Z", "UTC", "3 months", "0001-Q1"},
		{day, "0001-01-01 00:00Z", "America/New_York", "0 months", "0000-12-31"}, {month, "0001-01-01 00:00Z", "America/New_York", "0 months", "0000-12"},
		{week, "0001-01-01 00:00Z", "America/New_York", "0 months", "0000-W52"}, {week, "0001-01-01 00:00Z", "UTC", "0 months", "0001-W01"},
		{day, "0001-12-31 23:00Z", "UTC", "0 months", "0001-12-31"}, {week, "2027-01-01 00:00Z", "UTC", "0 months", "2026-W53"}, {quarter, "2026-02-01 00:00Z", "UTC", "3 months", "2025-Q4"},
	} {
		filled := strings.NewReplacer("{zone}", "'"+c.zone+"'", "{shift}", "interval '"+c.shift+"'")
		key, begun := filled.Replace(c.key("f.at at time zone {zone}")), filled.Replace(c.begun("f.at at time zone {zone}"))
		var got, ofStep string
		err := pool.QueryRow(t.Context(), "select "+key+", "+c.written("k", "")+" from (select $1::timestamptz as at) f cross join lateral (select "+begun+" as k) s", c.at).Scan(&got, &ofStep)
		if err != nil || got != c.want || ofStep != c.want {
			t.Errorf("%s in %s, less %s, is %s, of its step %s, %v; want %s", c.at, c.zone, c.shift, got, ofStep, err, c.want)
		}
	}
	for _, c := range []struct {
		grain
		key, want string
		by        int
	}{
		{month, "0001-01", "0000-12", -1}, {month, "0001-01", "-0001-12", -13}, {quarter, "0001-Q1", "0000-Q4", -1}, {quarter, "0001-Q2", "-0001-Q1", -9},
		{year, "0002", "-0003", -5}, {day, "0001-01-01", "0000-12-31", -1}, {day, "0001-01-01", "-0001-12-31", -367}, {week, "0001-W01", "0000-W52", -1}, {week, "0000-W52", "0001-W01", 1}, {day, "0000-12-31", "0001-01-01", 1},
		{quarter, "0000-Q4", "0001-Q1", 1}, {month, "2026-02", "2025-11", -3},
	} {
		if got := keyOf(c.grain, stepOf(c.grain, c.key)+c.by); got != c.want {
			t.Errorf("%d steps from %s is %s, not %s", c.by, c.key, got, c.want)
		}
	}
}
