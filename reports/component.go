package reports

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// How the values of facts become one number.
type fold int

const (
	counted  fold = iota // how many facts, or how many with a value
	summed               // the values added up
	distinct             // how many different values
	once                 // the values added up, those of the same thing once
	largest              // the largest value
	median               // the middle value, or the mean of the two in the middle
	ninth                // the smallest value that 90 % do not exceed
)

// component is a number of a group that measures are computed from. It is declared, so that whatever answers reads the same.
type component struct {
	name string
	fold fold
	of   string // the value; none to count facts
	when condition
	by   string // the value by which facts are of the same thing, where each counts once
}

// condition chooses facts by a value: those where it is one of some; all without a value. A value of truth has no list.
type condition struct {
	of string
	in []string
}

// all counts every fact of a group.
var all = &component{name: "n"}

// additive tells whether the numbers of groups add up to that of all their facts.
func (c *component) additive() bool { return c.fold == counted || c.fold == summed }

// whole tells whether the number is a count.
func (c *component) whole() bool { return c.fold == counted || c.fold == distinct }

// over renders the number over facts.
func (c *component) over() string {
	filter := c.when.filter()
	switch c.fold {
	case summed:
		return "coalesce(sum(" + c.of + ")" + filter + ", 0)"
	case once:
		return fmt.Sprintf("coalesce((select sum(t.value::numeric) from jsonb_each_text(jsonb_object_agg(%s, %s) filter (where %[2]s is not null)) t), 0)", c.by, c.of)
	case largest:
		return "(max(" + c.of + ")" + filter + ")::numeric"
	case distinct:
		return "count(distinct " + c.of + ")" + filter
	case median:
		middle := "percentile_disc(0.5) within group (order by " + c.of
		return "(" + middle + ")" + filter + " + " + middle + " desc)" + filter + ")::numeric / 2"
	case ninth:
		return "(percentile_disc(0.9) within group (order by " + c.of + ")" + filter + ")::numeric"
	}
	if c.of == "" {
		return "count(*)" + filter
	}
	return "count(" + c.of + ")" + filter
}

func (w condition) filter() string {
	if text := w.text(); text != "" {
		return " filter (where " + text + ")"
	}
	return ""
}

func (w condition) text() string {
	switch {
	case w.of == "":
		return ""
	case len(w.in) == 0:
		return w.of
	case len(w.in) == 1:
		return w.of + " = '" + w.in[0] + "'"
	}
	text := w.of + " in ("
	for i, value := range w.in {
		if i > 0 {
			text += ", "
		}
		text += "'" + value + "'"
	}
	return text + ")"
}

// folded renders the number of several groups together from theirs.
func (c *component) folded() string {
	cast := "numeric"
	if c.whole() {
		cast = "bigint"
	}
	return fmt.Sprintf("coalesce(sum(%s), 0)::%s", c.name, cast)
}

// needs lists the values that the number is made from.
func (c *component) needs() []string {
	var list []string
	for _, name := range []string{c.of, c.when.of, c.by} {
		if name != "" {
			list = append(list, name)
		}
	}
	return list
}

// figure is one component's number: a count, or a decimal that may be unknown.
type figure struct {
	n int
	d decimal.NullDecimal
}

// figures are the numbers of one line of an answer, in the order of the plan's components.
type figures struct {
	plan *plan
	list []figure
}

func (p *plan) figures() figures { return figures{p, make([]figure, len(p.components))} }

// places are where a line's numbers are read into.
func (f figures) places() []any {
	list := make([]any, len(f.list))
	for i, c := range f.plan.components {
		if c.whole() {
			list[i] = &f.list[i].n
		} else {
			list[i] = &f.list[i].d
		}
	}
	return list
}

// count gives a whole number, sum a decimal, 0 where nothing is known.
func (f figures) count(c *component) int           { return f.list[f.plan.at[c.name]].n }
func (f figures) sum(c *component) decimal.Decimal { return f.list[f.plan.at[c.name]].d.Decimal }

// found gives a decimal that may be unknown.
func (f figures) found(c *component) (decimal.Decimal, bool) {
	d := f.list[f.plan.at[c.name]].d
	return d.Decimal, d.Valid
}

// add adds the numbers of another line of the same components, all of which add up.
func (f figures) add(other figures) {
	for i, one := range other.list {
		f.list[i].n += one.n
		if one.d.Valid {
			f.list[i].d = decimal.NewNullDecimal(f.list[i].d.Decimal.Add(one.d.Decimal))
		}
	}
}
