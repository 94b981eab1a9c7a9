package reports

import (
	"fmt"
	"slices"
	"strings"

	"guanxi/access"
	"guanxi/models"
)

// statement is one report's SQL under construction: the plan, the query that holds its parameters, and the places of
// those that are used more than once.
type statement struct {
	*plan
	q      *access.Query
	places map[string]string
	also   string   // one more condition on the facts
	before []string // what is read once before the facts, each under its name
	among  string   // the ids of the records whose history is read; of all when empty

	unwritten bool // keys of time stand in facts as when their step begins, and are written of groups
}

func (p *plan) statement() *statement {
	return &statement{plan: p, q: p.viewer.Query().Sifts(), places: map[string]string{}}
}

// once binds a text under a name; the same name gives the same place again.
func (s *statement) once(name, value string) string {
	place, has := s.places[name]
	if !has {
		place = s.q.Bind(value) + "::text"
		s.places[name] = place
	}
	return place
}

// zone is the report's, home the company's currency.
func (s *statement) zone() string { return s.once("zone", s.calendar.zone) }
func (s *statement) home() string { return s.once("currency", s.viewer.Company.Currency) }

// homeZone is the company's, homeDay an instant's day by its calendar.
func (s *statement) homeZone() string { return s.once("home", s.viewer.Zone().String()) }
func (s *statement) homeDay(at string) string {
	return "(" + at + " at time zone " + s.homeZone() + ")::date"
}

// fill replaces what stands for the report's calendar in an expression.
func (s *statement) fill(text string) string {
	if strings.Contains(text, "{zone}") {
		text = strings.ReplaceAll(text, "{zone}", s.zone())
	}
	if strings.Contains(text, "{today}") {
		text = strings.ReplaceAll(text, "{today}", s.today())
	}
	if strings.Contains(text, "{localtoday}") {
		text = strings.ReplaceAll(text, "{localtoday}", s.localToday())
	}
	if s.calendar.start == 1 {
		return strings.ReplaceAll(text, " - {shift}", "")
	}
	return strings.ReplaceAll(text, "{shift}", fmt.Sprintf("interval '%d months'", s.calendar.start-1))
}

// facts renders the population, one row per fact: the innermost FROM is what the viewer sees, amounts are converted and
// rounded one by one before anything is summed, and k1, k2 … are the keys. Only the values that are needed are read. "offset '0'" leaves
// nothing out: it keeps the planner from taking each key for as many groups as there are instants behind it, and so from sorting
// millions of facts where a few hundred groups are counted in memory. Without the quotes PostgreSQL would not see in time that it leaves
// nothing out, and count all facts on one processor.
func (s *statement) facts(more ...string) (string, error) {
	values := s.needed(more)
	from, which, err := s.population(values)
	if err != nil {
		return "", err
	}
	columns := []string{s.dataset.Alias + ".id"}
	for _, v := range values {
		columns = append(columns, s.fill(v.text)+" as "+v.name)
	}
	for i, d := range s.by {
		columns = append(columns, fmt.Sprintf("%s as k%d", s.fill(s.key(d)), i+1))
	}
	return s.first() + "select " + strings.Join(columns, ",\n    ") + "\n  from " + from + "\n  where " + which + "\n  offset '0'", nil
}

// key renders the value of a dimension as it stands in facts.
func (s *statement) key(d *Dimension) string {
	if s.unwritten && d.Type == TimeKeys {
		return d.Grain.begun(d.Local)
	}
	return d.Key
}

// needed lists the values behind the plan's components and some more, as they stand in the dataset.
func (s *statement) needed(more []string) []*value {
	names := slices.Clone(more)
	for _, c := range s.components {
		names = append(names, c.needs()...)
	}
	return slices.DeleteFunc(slices.Clone(s.dataset.values), func(v *value) bool { return !slices.Contains(names, v.name) })
}

// from names the sources that some values, the keys and the conditions are read from.
func (s *statement) from(values []*value) []string {
	names := slices.Clone(s.dataset.always)
	if s.AsOf != nil && s.dataset.Kind.Guard == access.PartOf {
		names = append(names, "opportunity")
	}
	if s.timeless || s.Period.given() {
		names = append(names, s.clock.From)
	}
	for _, source := range s.dataset.sources {
		if source.each {
			names = append(names, source.name)
		}
	}
	for _, v := range values {
		names = append(names, v.from...)
	}
	for _, dimension := range s.by {
		names = append(names, dimension.From)
	}
	return names
}

// population renders the sources of the facts, and which of them count.
func (s *statement) population(values []*value) (sources, which string, err error) {
	from := []string{s.visible(s.dataset.Kind, s.dataset.Alias)}
	for _, source := range s.dataset.ordered(s.from(values)) {
		from = append(from, source.joined(s))
	}
	conditions, err := s.conditions()
	return strings.Join(from, "\n  "), strings.Join(conditions, "\n    and "), err
}

func (s *statement) conditions() ([]string, error) {
	where, err := s.q.WhereBeside(s.dataset.Kind, s.dataset.Alias, s.Where, s.beside())
	conditions := append([]string{"(" + where + ")"}, append(s.entered(), s.period()...)...)
	if s.also != "" {
		conditions = append(conditions, s.also)
	}
	if s.dataset.condition != "" {
		conditions = append(conditions, s.dataset.condition)
	}
	return conditions, err
}

// period renders which facts the clock chooses: all without a period. Of an instant the local day decides, as it does for
// keys, also where a day begins twice; an index finds the instants, and the day is told only of those within a day of its bounds,
// which no zone is away from UTC.
func (s *statement) period() []string {
	switch {
	case s.timeless:
		return []string{s.clock.Column + " is null"}
	case !s.Period.given():
		return nil
	}
	var list []string
	if s.Period.From != nil {
		list = append(list, s.bound(">=", -1, string(*s.Period.From))...)
	}
	if s.Period.Until != nil {
		list = append(list, s.bound("<", 1, string(*s.Period.Until))...)
	}
	return list
}

// bound renders the comparison of the clock with a day; outwards is a day on from it, or back.
func (s *statement) bound(operator string, outwards int, day string) []string {
	at := s.q.Bind(day) + "::date"
	if s.clock.IsDay {
		return []string{s.clock.Column + " " + operator + " " + at}
	}
	around := func(days int) string { return s.q.Bind(models.Date(day).Time().AddDate(0, 0, days)) + "::timestamptz" }
	return []string{
		s.clock.Column + " " + operator + " " + around(outwards),
		fmt.Sprintf("(%s %s %s or (%[1]s at time zone %[4]s)::date %[2]s %[5]s)", s.clock.Column, operator, around(-outwards), s.zone(), at),
	}
}
