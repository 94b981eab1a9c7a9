// Package reports answers what a company asks of its records: how many, how much, how often lost, to whom, by anything.
// What can be asked is declared in a catalogue of datasets, a question is checked against what the viewer may use, answered
// by one statement over the rows he sees, and opens to the very records behind each number.
package reports

import (
	"strconv"
	"strings"

	"guanxi/access"
	"guanxi/fault"
)

// What the keys of a dimension are.
const (
	RecordKeys = "RECORD" // records; the key is a record's id
	ChoiceKeys = "CHOICE" // values of a closed list
	BandKeys   = "BAND"   // steps of an amount or an age
	TimeKeys   = "TIME"   // days, weeks, months, quarters or years
)

// Dimension is a way to group: one value per row of the dataset, unknown where it is empty or hidden.
type Dimension struct {
	Name   string
	Label  fault.Sentence
	Type   string
	Rule   access.Rule // the right needed to group by it
	Key    string      // the value over the sources; {zone}, {shift} stand for the report's calendar
	From   string      // the source besides the dataset's own that the key needs
	Of     *access.Kind
	Ends   []int  // of BandKeys: where each step but the first begins, which is all below
	InDays bool   // of BandKeys: whether the steps are of days, not of an amount
	Place  string // what the records of RecordKeys are sorted by, when not by name
	List   []choice
	Grain  grain
	Local  string // of TimeKeys: the local day of which the key is written
}

// choice is one value of a closed list with its name for people.
type choice struct {
	value string
	label fault.Sentence
}

// names say where a record's name for people is kept; English first where there are two.
func names(kind *access.Kind, alias, language string) string {
	chinese, english := "name", ""
	switch kind {
	case access.DictionaryEntry:
		chinese, english = "label", "label_en"
	case access.Opportunity:
		chinese = "title"
	case access.Stage:
		english = "name_en"
	case access.RelationshipType:
		chinese, english = "name_ab", "name_ab_en"
	}
	if english == "" || strings.HasPrefix(language, "zh") {
		return alias + "." + chinese
	}
	return "coalesce(" + alias + "." + english + ", " + alias + "." + chinese + ")"
}

// label gives a key's name for people; the name of a record comes with its row.
func (d *Dimension) label(key, name string, c *calendar, language string) string {
	switch d.Type {
	case RecordKeys:
		return name
	case TimeKeys:
		return c.label(d.Grain, key, language)
	case BandKeys:
		return d.bandLabel(key, language)
	}
	for _, choice := range d.List {
		if choice.value == key {
			return choice.label.In(language)
		}
	}
	return key
}

// order renders what the dimension's groups are sorted by, given the columns of key and name.
func (d *Dimension) order(key, name string) string {
	switch d.Type {
	case RecordKeys:
		return name
	case ChoiceKeys:
		values := make([]string, len(d.List))
		for i, choice := range d.List {
			values[i] = "'" + choice.value + "'"
		}
		return "array_position(array[" + strings.Join(values, ", ") + "], " + key + ")"
	}
	return key
}

// Where the steps of amounts begin, in the company's currency, and those of ages in days.
var (
	amountEnds = []int{0, 1_000, 10_000, 100_000, 1_000_000, 10_000_000}
	ageEnds    = []int{0, 7, 30, 90, 180, 365, 730}
)

// bandKey numbers the step that a value is in: how many ends it has reached.
func bandKey(value string, ends []int) string {
	list := make([]string, len(ends))
	for i, end := range ends {
		list[i] = strconv.Itoa(end)
	}
	return "width_bucket(" + value + ", array[" + strings.Join(list, ", ") + "]::numeric[])"
}

func amountBand(name string, label fault.Sentence, rule access.Rule, value, from string) *Dimension {
	return &Dimension{Name: name, Label: label, Type: BandKeys, Rule: rule, Key: bandKey(value, amountEnds), From: from, Ends: amountEnds}
}

func ageBand(name string, label fault.Sentence, days string) *Dimension {
	return &Dimension{Name: name, Label: label, Type: BandKeys, Key: bandKey("("+days+")::numeric", ageEnds), Ends: ageEnds, InDays: true}
}

// from gives a dimension the source that its key needs.
func (d *Dimension) from(source string) *Dimension {
	d.From = source
	return d
}

func (d *Dimension) bandLabel(key, language string) string {
	n, err := strconv.Atoi(key)
	if err != nil || n < 0 || n > len(d.Ends) {
		return key
	}
	var text fault.Sentence
	switch n {
	case 0:
		text = fault.Say("below %d", "%d 以下", d.Ends[0])
	case len(d.Ends):
		text = fault.Say("%d and more", "%d 及以上", d.Ends[n-1])
	default:
		text = fault.Say("%d to %d", "%d 至 %d", d.Ends[n-1], d.Ends[n])
	}
	if d.InDays {
		text = say(text.En+" days", text.Zh+"（天）")
	}
	return text.In(language)
}

// timeDimensions are the steps of each clock, from day to year.
func timeDimensions(clocks ...*Clock) []*Dimension {
	var list []*Dimension
	for _, c := range clocks {
		for _, g := range grains {
			label := say(g.label.En+" "+c.Past.En, c.Past.Zh+g.label.Zh)
			list = append(list, &Dimension{Name: c.Name + "_" + g.name, Label: label, Type: TimeKeys, Key: g.key(c.day()), From: c.From, Grain: g.grain, Local: c.day()})
		}
	}
	return list
}

func say(en, zh string) fault.Sentence { return fault.Sentence{En: en, Zh: zh} }

func unknownLabel(language string) string { return fault.Say("Unknown", "未知").In(language) }
func otherLabel(language string) string   { return fault.Say("Other", "其他").In(language) }

// earlier names all that is before the steps of time that are listed.
func (d *Dimension) earlier(language string) *ReportKey {
	return &ReportKey{Dimension: d.Name, Label: fault.Say("Earlier", "更早").In(language), Other: true}
}
