package reports

import (
	"strings"
	"time"

	"guanxi/fault"
	"guanxi/models"
)

// ReportDefinition says what a report's numbers mean.
type ReportDefinition struct {
	Sentence        string
	Clock           string
	From, Until     *models.Date
	TimeZone        string
	FiscalYearStart int
	Currency        string
	AsOf            time.Time
}

// definition says what the report's numbers mean, over which population, by which clock and calendar.
func (p *plan) definition() *ReportDefinition {
	d := &ReportDefinition{
		Sentence: p.populationSentence() + p.dataset.Sentence.In(p.language),
		Clock:    p.clock.Name, TimeZone: p.calendar.zone, FiscalYearStart: p.calendar.start,
		Currency: p.viewer.Company.Currency, AsOf: p.viewer.Now,
	}
	if p.AsOf != nil {
		d.Sentence += thenSentence.In(p.language)
		d.AsOf = *p.AsOf
	}
	if p.Period != nil {
		d.From, d.Until = p.Period.From, p.Period.Until
	}
	return d
}

// populationSentence tells which facts the report is over.
func (p *plan) populationSentence() string {
	if !p.Period.given() {
		return fault.Say("Of all times. ", "不限时间。").In(p.language)
	}
	from, until, past := edge(p.Period.From), edge(p.Period.Until), p.clock.Past
	english, chinese := strings.ToUpper(past.En[:1])+past.En[1:], past.Zh
	return say(english+" from "+from+" until before "+until+". ", chinese+"日期自 "+from+" 至 "+until+" 之前。").In(p.language)
}

func edge(day *models.Date) string {
	if day == nil {
		return "…"
	}
	return strings.TrimSpace(string(*day))
}
