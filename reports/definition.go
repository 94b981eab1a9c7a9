package reports

import (
	"context"
	"fmt"
	"strings"
	"time"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// ReportDefinition says what a report's numbers mean.
type ReportDefinition struct {
	Sentence        string
	Population      string
	Clock           string
	From, Until     *models.Date
	TimeZone        string
	FiscalYearStart int
	Currency        string
	AsOf            time.Time
	Measures        []*ReportMeasure

	plan   *plan
	snap   *access.Snapshot
	engine *Engine
	opened *models.Batch
}

// definition says what the report's numbers mean, over which population, by which clock and calendar.
func (p *plan) definition(snap *access.Snapshot, opened *models.Batch) *ReportDefinition {
	population := p.populationSentence()
	d := &ReportDefinition{
		Population: population.In(p.language), Clock: p.clock.Name, TimeZone: p.calendar.zone, FiscalYearStart: p.calendar.start,
		Currency: p.viewer.Company.Currency, AsOf: p.viewer.Now, Measures: shown(p.measures, p.viewer, p.language),
		plan: p, snap: snap, opened: opened,
	}
	d.Sentence = say(population.En+" "+p.dataset.Sentence.En, population.Zh+p.dataset.Sentence.Zh).In(p.language)
	d.Sentence += p.withinSentence()
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
func (p *plan) populationSentence() fault.Sentence {
	when := say("of all times", "不限时间")
	if p.Period.given() {
		from, until, past := p.Period.From, p.Period.Until, p.clock.Past
		switch {
		case until == nil:
			when = say(fmt.Sprintf("%s from %s on", past.En, *from), fmt.Sprintf("%s日期自 %s 起", past.Zh, *from))
		case from == nil:
			when = say(fmt.Sprintf("%s before %s", past.En, *until), fmt.Sprintf("%s日期在 %s 之前", past.Zh, *until))
		default:
			when = say(fmt.Sprintf("%s from %s until before %s", past.En, *from, *until), fmt.Sprintf("%s日期自 %s 至 %s 之前", past.Zh, *from, *until))
		}
	}
	return p.over(when)
}

// over says of which facts a report is, and of what time.
func (p *plan) over(when fault.Sentence) fault.Sentence {
	of := p.dataset.Label
	if p.dataset.Over.En != "" {
		of = p.dataset.Over
	}
	if saysSomething(p.Where) {
		of = say(of.En+" that match the filter", "符合筛选条件的"+of.Zh)
	}
	return say(of.En+", "+when.En+".", of.Zh+"，"+when.Zh+"。")
}

// saysSomething tells whether a filter has a condition.
func saysSomething(where map[string]any) bool {
	for _, with := range where {
		says := !access.IsNil(with)
		switch with := with.(type) {
		case map[string]any:
			says = len(with) > 0
		case []map[string]any:
			says = len(with) > 0
		}
		if says {
			return true
		}
	}
	return false
}

// Excluded counts the matching facts without a value on the clock, which no period could choose; 0 when there is no period.
func (d *ReportDefinition) Excluded(ctx context.Context) (int, error) {
	if !d.plan.Period.given() {
		return 0, nil
	}
	return models.Fetch(ctx, d.opened, "excluded", func() (int, error) {
		return answered(d.engine, func(x executor) (int, error) { return x.count(ctx, d.snap, d.plan.unplaced()) })
	})
}

func (bySQL) count(ctx context.Context, snap *access.Snapshot, p *plan) (n int, err error) {
	s := p.statement()
	facts, err := s.facts()
	if err != nil {
		return 0, err
	}
	err = snap.Run(ctx, s.q, "select count(*) from (\n  "+facts+"\n) f", func(row access.Row) error { return row.Scan(&n) })
	return n, err
}

// ExcludedOnes opens those to their records.
func (d *ReportDefinition) ExcludedOnes() *Behind {
	b := d.plan.unplaced().behind(d.snap, d.opened, "excluded records", "true")
	if !d.plan.Period.given() {
		b.text = nil
	}
	return b
}

// unplaced is the same population without a value on the clock, of which nothing is computed.
func (p *plan) unplaced() *plan {
	all := *p
	all.timeless, all.by, all.components = true, nil, nil
	return &all
}

// RatesFrom and RatesUntil give the first and the last day of the exchange rates that amounts were converted at; none when
// none was.
func (d *ReportDefinition) RatesFrom(ctx context.Context) (*models.Date, error) {
	days, err := d.rates(ctx)
	return days[0], err
}

func (d *ReportDefinition) RatesUntil(ctx context.Context) (*models.Date, error) {
	days, err := d.rates(ctx)
	return days[1], err
}

func (d *ReportDefinition) rates(ctx context.Context) ([2]*models.Date, error) {
	return models.Fetch(ctx, d.opened, "rates", func() (days [2]*models.Date, err error) {
		s := d.plan.statement()
		text, err := s.rateDays()
		if err != nil || text == "" {
			return days, err
		}
		err = d.snap.Run(ctx, s.q, text, func(row access.Row) error { return row.Scan(&days[0], &days[1]) })
		return days, err
	})
}

// rateDays renders the first and the last day of the rates used; nothing when no amount is asked for.
func (s *statement) rateDays() (string, error) {
	values := s.needed(nil)
	from, which, err := s.population(values)
	if err != nil {
		return "", err
	}
	var days []string
	for _, source := range s.dataset.ordered(s.from(values)) {
		if m := source.money; m != nil {
			days = append(days, fmt.Sprintf(`(case when %[1]s is not null and %[2]s <> %[3]s then (
    select rates.valid_on from exchange_rates rates where rates.currency = %[2]s and rates.valid_on <= %[4]s order by rates.valid_on desc limit 1) end)`, m.amount, m.currency, s.home(), m.day(s)))
		}
	}
	if days == nil {
		return "", nil
	}
	return s.first() + fmt.Sprintf("select min(d.day)::text, max(d.day)::text from %s\n  cross join lateral (values %s) d (day)\n  where %s", from, strings.Join(days, ", "), which), nil
}
