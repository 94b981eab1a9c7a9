package reports

import (
	"fmt"
	"slices"
	"strings"

	"guanxi/access"
)

// statement is one report's SQL under construction: the plan, the query that holds its parameters, and the places of
// those that are used more than once.
type statement struct {
	*plan
	q        *access.Query
	zone     string
	currency string
}

func (p *plan) statement() *statement {
	q := p.viewer.Query()
	return &statement{plan: p, q: q, zone: q.Bind(p.calendar.zone) + "::text", currency: q.Bind(p.viewer.Company.Currency) + "::text"}
}

// dataset is what the rows of facts are.
type dataset struct {
	columns   string   // besides the common ones
	sources   []string // names of sources needed besides those of the dimensions
	each      func(q *access.Query) string
	condition string
}

// opportunities is the dataset with one row per opportunity.
var opportunities = dataset{}

// facts renders the population, one row per fact: the innermost FROM is what the viewer sees, amounts are converted and
// rounded one by one before anything is summed, and k1, k2 … are the keys.
func (s *statement) facts(of dataset) (string, error) {
	from, err := s.population(of)
	if err != nil {
		return "", err
	}
	columns := []string{
		"o.id", "o.status", "m.amount",
		"m.amount is null and o.amount is not null as unconverted",
		"case when o.status = 'OPEN' then " + access.HalfEven("(m.amount * s.probability::numeric)") + " end as weighted",
		"(o.closed_at at time zone " + s.zone + ")::date - o.opened_on as cycle_days",
		"o.opened_on is not null as opened",
	}
	if of.columns != "" {
		columns = append(columns, of.columns)
	}
	for i, d := range s.by {
		columns = append(columns, fmt.Sprintf("%s as k%d", s.calendar.fill(d.Key, s.zone), i+1))
	}
	return "select " + strings.Join(columns, ",\n    ") + "\n  from " + from, nil
}

// population renders the sources of the facts and which of them count.
func (s *statement) population(of dataset) (string, error) {
	from := []string{s.q.Visible(access.Opportunity, "o")}
	if of.each != nil {
		from = append(from, "join "+of.each(s.q))
	}
	for _, name := range s.sources(of) {
		from = append(from, "left join "+sources[name](s.q))
	}
	from = append(from, s.amount())
	conditions, err := s.conditions(of)
	return strings.Join(from, "\n  ") + "\n  where " + strings.Join(conditions, "\n    and "), err
}

func (s *statement) sources(of dataset) []string {
	needed := append([]string{"stage"}, of.sources...)
	for _, d := range s.by {
		if d.From != "" {
			needed = append(needed, d.From)
		}
	}
	slices.Sort(needed)
	return slices.Compact(needed)
}

func (s *statement) conditions(of dataset) ([]string, error) {
	where, err := s.q.Where(access.Opportunity, "o", s.Where)
	conditions := append([]string{"(" + where + ")"}, s.period()...)
	if of.condition != "" {
		conditions = append(conditions, of.condition)
	}
	return conditions, err
}

// period renders which opportunities the clock chooses: all without a period. On the clock CLOSED the local day decides, as
// it does for keys, also where a day begins twice; the instants a day around it are only there for an index.
func (s *statement) period() []string {
	if !s.Period.given() {
		return nil
	}
	var list []string
	if s.Period.From != nil {
		list = append(list, s.bound(">=", "-", string(*s.Period.From))...)
	}
	if s.Period.Until != nil {
		list = append(list, s.bound("<", "+", string(*s.Period.Until))...)
	}
	return list
}

// bound renders the comparison of the clock with a day.
func (s *statement) bound(operator, outwards, day string) []string {
	at := s.q.Bind(day) + "::date"
	if s.Clock != ClosedClock {
		return []string{"o.opened_on " + operator + " " + at}
	}
	return []string{
		fmt.Sprintf("o.closed_at %s (%s::timestamp at time zone %s) %s interval '1 day'", operator, at, s.zone, outwards),
		fmt.Sprintf("(o.closed_at at time zone %s)::date %s %s", s.zone, operator, at),
	}
}

// amount renders the source m with each opportunity's amount in the company's currency: at the closing day's rate by the
// company's calendar, an open one at today's, unknown without a rate.
func (s *statement) amount() string {
	home := s.q.Bind(s.viewer.Zone().String()) + "::text"
	day := "coalesce((o.closed_at at time zone " + home + ")::date, @today)"
	return "cross join lateral " + access.Converted("o", s.currency, day) + " m"
}
