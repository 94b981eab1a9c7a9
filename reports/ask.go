package reports

import (
	"fmt"
	"slices"

	"guanxi/access"
	"guanxi/fault"
)

// The times that a report runs on.
const (
	ClosedClock = "CLOSED"
	OpenedClock = "OPENED"
)

// Limits of one report.
const (
	maxDimensions = 6
	maxRows       = 5000
)

// Ask is a question on the opportunities, as a caller puts it.
type Ask struct {
	Period    *Period
	Clock     string
	Where     map[string]any
	By        []string
	Having    map[string]any
	OrderBy   []*Order
	First     int
	CompareTo *string
	TimeZone  *string
}

// Order asks for one sort key of a report's rows.
type Order struct {
	Measure   string
	Direction string
}

// plan is a question that was checked: the viewer may ask it, and everything in it exists.
type plan struct {
	Ask
	viewer   *access.Viewer
	by       []*Dimension
	calendar *calendar
	language string
}

// check turns a question into a plan before any SQL, or tells what is wrong with it.
func check(v *access.Viewer, ask Ask, language string) (*plan, error) {
	p := &plan{Ask: ask, viewer: v, language: language}
	if p.Clock == "" {
		p.Clock = ClosedClock
	}
	if ask.First < 1 || ask.First > maxRows {
		return nil, outOfRange("first", maxRows)
	}
	var err error
	if p.calendar, err = calendarFor(v.Company, ask.TimeZone); err != nil {
		return nil, err
	}
	if err := ask.Period.check(); err != nil {
		return nil, err
	}
	if p.by, err = dimensionsOf(v, ask.By); err != nil {
		return nil, err
	}
	return p, nil
}

func outOfRange(field string, most int) error {
	return fault.Deny(fault.BadInput, fault.Say("Write a number from 1 to %d.", "请填写 1 到 %d 的数。", most)).At(field)
}

// dimensionsOf finds what to group by; the viewer must have the right to each.
func dimensionsOf(v *access.Viewer, by []string) ([]*Dimension, error) {
	if len(by) > maxDimensions {
		return nil, fault.Deny(fault.LimitExceeded, fault.Say("A report groups by at most %d dimensions.", "报表最多按 %d 个维度分组。", maxDimensions)).At("by")
	}
	list := make([]*Dimension, len(by))
	for i, name := range by {
		d, err := dimensionFor(v, name, "by", fmt.Sprint(i))
		if err != nil {
			return nil, err
		}
		if slices.Contains(list[:i], d) {
			return nil, fault.Deny(fault.BadInput, fault.Say("%s is named twice.", "%s 重复。", name)).At("by", fmt.Sprint(i))
		}
		list[i] = d
	}
	return list, nil
}

func dimensionFor(v *access.Viewer, name string, path ...string) (*Dimension, error) {
	d, ok := dimensionNamed(name)
	if !ok {
		return nil, fault.Deny(fault.BadInput, fault.Say("There is no dimension %.64q.", "没有维度 %.64q。", name)).At(path...)
	}
	return d, v.Use(d.Rule, path...)
}
