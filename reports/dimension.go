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
	BandKeys   = "BAND"   // steps of an amount
	TimeKeys   = "TIME"   // days, weeks, months, quarters or years
)

// Dimension is a way to group: one value per row of the dataset, unknown where it is empty or hidden.
type Dimension struct {
	Name  string
	Label fault.Sentence
	Type  string
	Rule  access.Rule // the right needed to group by it
	Key   string      // the value over the sources; {zone}, {shift} stand for the report's calendar
	From  string      // the source besides the dataset's own that the key needs
	Of    *access.Kind
	Place string // what the records of RecordKeys are sorted by, when not by name
	List  []choice
	Grain grain
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
	case access.Stage:
		english = "name_en"
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
		return bandLabel(key, language)
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

// bands are the lower ends of the steps of an amount, in the company's currency. A key is the number of ends reached.
var bands = []int{0, 1_000, 10_000, 100_000, 1_000_000, 10_000_000}

func bandKey(amount string) string {
	ends := make([]string, len(bands))
	for i, end := range bands {
		ends[i] = strconv.Itoa(end)
	}
	return "width_bucket(" + amount + ", array[" + strings.Join(ends, ", ") + "]::numeric[])"
}

func bandLabel(key, language string) string {
	n, err := strconv.Atoi(key)
	switch {
	case err != nil:
		return key
	case n == 0:
		return fault.Say("below 0", "0 以下").In(language)
	case n == len(bands):
		return fault.Say("%d and more", "%d 及以上", bands[n-1]).In(language)
	}
	return fault.Say("%d to %d", "%d 至 %d", bands[n-1], bands[n]).In(language)
}

// timeDimensions are the steps of each clock, from month to year.
func timeDimensions(clocks ...*Clock) []*Dimension {
	var list []*Dimension
	for _, c := range clocks {
		for _, g := range grains {
			label := say(g.label.En+" "+c.Past.En, c.Past.Zh+g.label.Zh)
			list = append(list, &Dimension{Name: c.Name + "_" + g.name, Label: label, Type: TimeKeys, Key: g.key(c.day()), Grain: g.grain})
		}
	}
	return list
}

func say(en, zh string) fault.Sentence { return fault.Sentence{En: en, Zh: zh} }

func unknownLabel(language string) string { return fault.Say("Unknown", "未知").In(language) }
func otherLabel(language string) string   { return fault.Say("Other", "其他").In(language) }
