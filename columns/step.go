package columns

import (
	"fmt"
	"math"
	"time"
)

// Step is a step of time: so many days, weeks from Monday, or so many months, fiscal ones beginning some months after the calendar's year.
type Step struct{ Days, Months, Shift int }

// monday is the first one from 1970 on, which steps of days are counted from.
const monday = 4

// Of numbers the step that a day, counted from 1970, falls into: of months from year 0, less the shift for fiscal quarters and years.
func (s Step) Of(day int32) int {
	if s.Days > 0 {
		n := int(day) - monday
		if n < 0 {
			n -= s.Days - 1
		}
		return n / s.Days
	}
	year, month := yearAndMonth(day)
	months := year*12 + month - 1
	if s.Months > 1 {
		months -= s.Shift
	}
	return months / s.Months
}

// Key writes a step: 2017-03-09, 2017-W10 by ISO 8601, 2017-03, 2017-Q1, 2017.
func (s Step) Key(step int) string {
	if s.Days > 0 {
		begin := time.Unix(int64(monday+step*s.Days)*24*60*60, 0).UTC()
		if s.Days == 1 {
			return yearOf(begin.Year()) + begin.Format("-01-02")
		}
		year, week := begin.ISOWeek()
		return fmt.Sprintf("%s-W%02d", yearOf(year), week)
	}
	steps := 12 / s.Months // of a year
	year := int(math.Floor(float64(step) / float64(steps)))
	n := step - year*steps + 1
	switch s.Months {
	case 1:
		return fmt.Sprintf("%s-%02d", yearOf(year), n)
	case 3:
		return fmt.Sprintf("%s-Q%d", yearOf(year), n)
	}
	return yearOf(year)
}

// yearOf writes a year in at least four digits, of those before year 0 behind the sign.
func yearOf(y int) string {
	if y < 0 {
		return fmt.Sprintf("-%04d", -y)
	}
	return fmt.Sprintf("%04d", y)
}

// yearAndMonth splits a day counted from 1970.
func yearAndMonth(day int32) (year, month int) {
	z := int(day) + 719_468
	era := z / 146_097
	if z < 0 {
		era = (z - 146_096) / 146_097
	}
	of := z - era*146_097
	years := (of - of/1460 + of/36524 - of/146096) / 365
	rest := of - (365*years + years/4 - years/100)
	from := (5*rest + 2) / 153
	month, year = from+3, years+era*400
	if month > 12 {
		month, year = month-12, year+1
	}
	return year, month
}
