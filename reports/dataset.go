package reports

import (
	"fmt"
	"slices"
	"strings"

	"guanxi/access"
	"guanxi/fault"
)

// Dataset is what can be reported on: the records of one kind, or what hangs on them, each a fact that counts once. All that
// is asked of a dataset is declared here and read by whatever answers.
type Dataset struct {
	Name       string // in the catalogue
	Noun       string // what names in the API begin with, such as Opportunity
	Label      fault.Sentence
	Sentence   fault.Sentence // what its numbers mean
	Over       fault.Sentence // its facts, where the label names something else
	Kind       *access.Kind   // the records that are listed, filtered and opened
	Alias      string         // of the innermost source, those that the viewer sees
	Clocks     []*Clock       // the first is taken when none is asked for
	Dimensions []*Dimension
	Measures   []*Measure

	asOf      bool                 // whether it can be asked as of an instant
	condition string               // which of the records are facts
	always    []string             // sources that the condition reads
	sources   []source             // in the order in which they stand
	values    []*value             // of each fact
	covered   []covered            // fields behind the measures that may be empty
	part      string               // the value by which the records behind a row are chosen, if any
	parts     map[string]condition // or by name, what chooses them
	timed     bool                 // whether it can be asked what came of its facts within some days
	compared  rate                 // by which rows are ranked where their mix is looked at
}

// Clock is a time that a report may run on. Without a value on the clock no period chooses a record.
type Clock struct {
	Name   string
	Past   fault.Sentence // what happened then, as in "Month closed"
	Column string
	From   string // the source of the column, besides the dataset's own
	IsDay  bool   // the column is a day, not an instant
}

// day renders the local day on the clock, as a timestamp.
func (c *Clock) day() string {
	if c.IsDay {
		return c.Column + "::timestamp"
	}
	return c.Column + " at time zone {zone}"
}

// source is a further source that facts are read from, under an alias: at most one row for each fact, and what the viewer does
// not see in it is unknown.
type source struct {
	name    string
	needs   string // another source that must stand before it
	kind    *access.Kind
	alias   string
	on      string
	each    bool                      // it makes several facts of one record, or none
	lateral func(s *statement) string // for one that is computed
	reads   string                    // the columns that a computed one tells of
	money   *priced                   // what one converts
	tree    bool                      // an entry of a dictionary with its path, the entries above it and itself
}

// seen makes a source of the visible records of a kind.
func seen(name string, kind *access.Kind, alias, on string) source {
	return source{name: name, kind: kind, alias: alias, on: on}
}

// tree makes a source of the entry of a dictionary that a column names, with its path from the top.
func tree(name, alias, column string) source {
	s := seen(name, access.DictionaryEntry, alias, alias+".id = "+column)
	s.tree = true
	return s
}

// paths renders all entries of dictionaries, each with its path: read once, however many facts there are.
func (s *statement) paths() string {
	return fmt.Sprintf(`(
    with recursive entry as (select e.id, e.parent_id from %s), below as (
      select id, array[id] as path from entry where parent_id is null
      union all
      select entry.id, below.path || entry.id from entry join below on entry.parent_id = below.id
    )
    select id, path from below)`, s.visible(access.DictionaryEntry, "e"))
}

// after gives the same source, which stands after another that it needs.
func (s source) after(other string) source {
	s.needs = other
	return s
}

// priced is an amount in some currency, converted at the rate of the day of an instant by the company's calendar, today's while
// that is unknown.
type priced struct{ amount, currency, at string }

func (p priced) day(s *statement) string {
	return "coalesce(" + s.homeDay(p.at) + ", " + s.today() + ")"
}

// joined renders the amount converted by all rates, which are read once and joined: PostgreSQL looks nothing up for each fact where
// several processors count.
func (p priced) joined(to *statement, alias string) string {
	return fmt.Sprintf("left join %s on %[2]sr.currency = nullif(%[3]s, %[4]s)\n  cross join lateral %[5]s %[2]s",
		access.Rates(alias+"r"), alias, p.currency, to.home(), access.ConvertedAt(p.amount, p.currency, to.home(), alias+"r", p.day(to)))
}

// countsTogether tells whether several processors may count the facts: those of who sees all as they are now. For anybody else, what he
// sees is looked up by one.
func (s *statement) countsTogether() bool {
	kind := s.dataset.Kind
	if kind.Guard == access.PartOf {
		kind = kind.Whole
	}
	return s.AsOf == nil && s.viewer.SeesAll(kind)
}

// joined renders the source.
func (s source) joined(to *statement) string {
	switch {
	case s.money != nil && to.countsTogether():
		return s.money.joined(to, s.alias)
	case s.tree:
		return "left join " + to.paths() + " " + s.alias + " on " + s.on
	case s.lateral != nil && s.on != "":
		return "join " + s.lateral(to) + " " + s.alias + " on " + s.on
	case s.lateral != nil:
		return "cross join lateral " + s.lateral(to) + " " + s.alias
	case s.each:
		return "join " + to.joined(s.kind, s.alias) + " on " + s.on
	}
	return "left join " + to.joined(s.kind, s.alias) + " on " + s.on
}

// value is what is known of each fact, under a name.
type value struct {
	name string
	text string // over the sources; {zone} stands for the report's zone
	cast string // its SQL type
	from []string
	rule access.Rule
}

// covered is a field behind the measures that may be empty; how often its value is known is told with each answer.
type covered struct {
	field string
	of    string
}

func (d *Dataset) value(name string) *value {
	for _, v := range d.values {
		if v.name == name {
			return v
		}
	}
	panic("reports: " + d.Name + " has no value " + name)
}

func (d *Dataset) source(name string) source {
	for _, s := range d.sources {
		if s.name == name {
			return s
		}
	}
	panic("reports: " + d.Name + " has no source " + name)
}

// ordered lists the sources by their names, each once, with those that they need, as they stand in the dataset.
func (d *Dataset) ordered(names []string) []source {
	needed := map[string]bool{}
	for _, name := range names {
		for name != "" && !needed[name] {
			needed[name] = true
			name = d.source(name).needs
		}
	}
	return slices.DeleteFunc(slices.Clone(d.sources), func(s source) bool { return !needed[s.name] })
}

// several tells whether a record may be several facts.
func (d *Dataset) several() bool {
	return slices.ContainsFunc(d.sources, func(s source) bool { return s.each })
}

// Dimension finds a dimension by its name.
func (d *Dataset) Dimension(name string) (*Dimension, bool) {
	for _, dimension := range d.Dimensions {
		if dimension.Name == name {
			return dimension, true
		}
	}
	return nil, false
}

// Measure finds a measure by the field of a row that shows it.
func (d *Dataset) Measure(name string) (*Measure, bool) {
	for _, m := range d.Measures {
		if m.Name == name {
			return m, true
		}
	}
	return nil, false
}

// ordering finds a measure by the value of orderBy.
func (d *Dataset) ordering(name string) (*Measure, bool) {
	for _, m := range d.Measures {
		if m.Order() == name {
			return m, true
		}
	}
	return nil, false
}

// clock finds a clock by its name, the first by none.
func (d *Dataset) clock(name string) (*Clock, bool) {
	for _, c := range d.Clocks {
		if name == "" || c.Name == name {
			return c, true
		}
	}
	return nil, false
}

// shouted writes a field's name as an enum's value: wonAmount is WON_AMOUNT.
func shouted(name string) string {
	var text strings.Builder
	for i, letter := range name {
		if i > 0 && letter >= 'A' && letter <= 'Z' {
			text.WriteByte('_')
		}
		text.WriteRune(letter)
	}
	return strings.ToUpper(text.String())
}
