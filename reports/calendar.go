package reports

import (
	"fmt"
	"strings"
	"time"

	"guanxi/columns"
	"guanxi/fault"
	"guanxi/models"
)

// grain is how fine a dimension of time is.
type grain int

const (
	day grain = iota
	week
	month
	quarter
	year
)

// grains lists the steps of time from the finest, by the names that dimensions have.
var grains = []struct {
	grain
	name  string
	label fault.Sentence
}{
	{day, "DAY", say("Day", "日期")}, {week, "WEEK", say("Week", "周")},
	{month, "MONTH", say("Month", "月份")}, {quarter, "QUARTER", say("Quarter", "季度")}, {year, "YEAR", say("Year", "年度")},
}

// key renders the day, week, month, fiscal quarter or fiscal year of a local day, such as 2017-03-09, 2017-W10, 2017-03,
// 2017-Q1, 2017. Weeks begin on Mondays and bear the number of ISO 8601; a fiscal year that of the calendar year it begins in.
// No date is before year 1, but the fiscal year that it is in, or its day in a zone to the west, may be in the year before, 0000, which
// PostgreSQL writes as year 1 too: only what is stored of years before 2 is looked at for that.
func (g grain) key(local string) string {
	stored, _, _ := strings.Cut(strings.TrimSuffix(local, "::timestamp"), " at time zone ")
	return g.written(g.shifted(local), stored+" < '0002-01-01' and ")
}

// begun renders when the step of a local day begins, as a timestamp of the fiscal calendar: what is written of it is the step's key. Of a day that is
// not finite nothing is written, and so it begins never.
func (g grain) begun(local string) string {
	name := map[grain]string{day: "day", week: "week", month: "month", quarter: "quarter", year: "year"}[g]
	return "nullif(nullif(date_trunc('" + name + "', " + g.shifted(local) + "), 'infinity'), '-infinity')"
}

// shifted renders a local day by the calendar that the grain's steps are of.
func (g grain) shifted(local string) string {
	if g >= quarter {
		return local + " - {shift}"
	}
	return local
}

// written renders the key of a day by the grain's calendar; only those that pass a test are looked at for the year before 1.
func (g grain) written(on, test string) string {
	form := map[grain]string{day: "YYYY-MM-DD", week: `IYYY-"W"IW`, month: "YYYY-MM", quarter: `YYYY-"Q"Q`, year: "YYYY"}[g]
	before := `"0000"` + strings.TrimLeft(form, "IY")
	return fmt.Sprintf("to_char(%[1]s, case when %[2]s%[1]s < '0001-01-01' then '%[3]s' else '%[4]s' end)", on, test, before, form)
}

// months is how many months a step of the grain has, 0 for those that count days.
func (g grain) months() int { return map[grain]int{month: 1, quarter: 3, year: 12}[g] }

// step is the step of the grain where fiscal years begin in a month.
func (g grain) step(start int) columns.Step {
	return columns.Step{Days: map[grain]int{day: 1, week: 7}[g], Months: g.months(), Shift: start - 1}
}

// calendar is the one zone and fiscal year of a report.
type calendar struct {
	zone  string // IANA name
	start int    // month that fiscal years begin in, 1 to 12
}

// calendarFor checks the zone and the begin of fiscal years asked for; the company's when none is.
func calendarFor(company models.Company, zone *string, start *int) (*calendar, error) {
	c := &calendar{zone: company.TimeZone, start: max(company.FiscalYearStart, 1)}
	if start != nil {
		c.start = *start
	}
	if c.start < 1 || c.start > 12 {
		return nil, outOfRange("fiscalYearStart", 12)
	}
	if zone != nil {
		c.zone = *zone
	}
	if _, ok := models.ZoneNamed(c.zone); !ok {
		return nil, fault.Deny(fault.BadInput, fault.Say("There is no time zone %.64q; write one such as Asia/Shanghai.", "没有时区 %.64q，请写成 Asia/Shanghai 这样的名称。", c.zone)).At("timeZone")
	}
	return c, nil
}

// step numbers the step of the grain that a day falls into.
func (c *calendar) step(g grain, on models.Date) int { return g.step(c.start).Of(*dayNumber(&on)) }

// stepOf reads the number of a step from its key, and keyOf writes it.
func stepOf(g grain, key string) int {
	var y, n int
	switch g {
	case day:
		return (&calendar{}).step(day, models.Date(key))
	case week:
		fmt.Sscanf(key, "%d-W%d", &y, &n)
		fourth := models.DateOf(time.Date(y, 1, 4, 0, 0, 0, 0, time.UTC)) // always in the first week
		return (&calendar{}).step(week, fourth) + n - 1
	case month:
		fmt.Sscanf(key, "%d-%d", &y, &n)
		return y*12 + n - 1
	case quarter:
		fmt.Sscanf(key, "%d-Q%d", &y, &n)
		return y*4 + n - 1
	}
	fmt.Sscanf(key, "%d", &y)
	return y
}

func keyOf(g grain, step int) string { return g.step(1).Key(step) }

// label names a step for people. Fiscal steps that are not the calendar's tell their first month.
func (c *calendar) label(g grain, key, language string) string {
	chinese := strings.HasPrefix(language, "zh")
	var text string
	switch {
	case !chinese || g == day:
		text = key
	case g == week:
		text = strings.Replace(key, "-W", "年第", 1) + "周"
	case g == month:
		text = strings.Replace(key, "-", "年", 1) + "月"
	case g == quarter:
		text = strings.Replace(key, "-Q", "年第", 1) + "季度"
	default:
		text = key + "年"
	}
	if g < quarter || c.start == 1 {
		return text
	}
	first := keyOf(month, stepOf(g, key)*g.months()+c.start-1)
	return say("FY"+text+" (from "+first+")", text+"（财年，始于 "+first+"）").In(language)
}

// Period is a stretch of time on the report's clock: from inclusive, until exclusive.
type Period struct {
	From, Until *models.Date
}

// check refuses a period that ends before it begins.
func (p *Period) check() error {
	if p != nil && p.From != nil && p.Until != nil && *p.From >= *p.Until {
		return fault.Deny(fault.BadInput, fault.Say("The period must end after it begins: until is the day after the last.", "期间的结束必须晚于开始：until 为最后一天的次日。")).At("period", "until")
	}
	return nil
}

// given tells whether the period chooses anything.
func (p *Period) given() bool { return p != nil && (p.From != nil || p.Until != nil) }

// What a period can be compared with.
const (
	PreviousPeriod = "PREVIOUS_PERIOD"
	PreviousYear   = "PREVIOUS_YEAR"
)

// before gives the period to compare with: one that begins and ends on the first of a month moves by months, any other
// keeps its length in days.
func (p *Period) before(comparison string) (*Period, error) {
	if p == nil || p.From == nil || p.Until == nil {
		return nil, fault.Deny(fault.BadInput, fault.Say("A comparison needs a period with both ends.", "比较需要有起止日期的期间。")).At("compareTo")
	}
	from, until := p.From.Time(), p.Until.Time()
	days := int((until.Unix() - from.Unix()) / (24 * 60 * 60)) // a Duration ends after 292 years
	months := (until.Year()-from.Year())*12 + int(until.Month()-from.Month())
	whole := from.Day() == 1 && until.Day() == 1
	switch {
	case comparison == PreviousYear && whole:
		return between(from.AddDate(-1, 0, 0), until.AddDate(-1, 0, 0))
	case comparison == PreviousYear:
		begin := from.AddDate(-1, 0, 0)
		return between(begin, begin.AddDate(0, 0, days))
	case whole:
		return between(from.AddDate(0, -months, 0), from)
	}
	return between(from.AddDate(0, 0, -days), from)
}

func between(from, until time.Time) (*Period, error) {
	if from.Year() < 1 {
		return nil, fault.Deny(fault.BadInput, fault.Say("There is no period before this one.", "此期间之前没有可比较的期间。")).At("compareTo")
	}
	a, b := models.DateOf(from), models.DateOf(until)
	return &Period{From: &a, Until: &b}, nil
}
