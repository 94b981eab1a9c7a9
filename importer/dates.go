package importer

import (
	"fmt"
	"strings"
	"time"
)

// dateParts are the words of a date format, longer ones first, and what they are for package time.
var dateParts = []struct{ word, layout string }{
	{"YYYY", "2006"}, {"YY", "06"},
	{"MMMM", "January"}, {"MMM", "Jan"}, {"MM", "01"}, {"M", "1"},
	{"DD", "02"}, {"D", "2"},
	{"HH", "15"}, {"H", "15"}, {"hh", "03"}, {"h", "3"},
	{"mm", "04"}, {"m", "4"}, {"ss", "05"}, {"s", "5"}, {"SSS", "000"},
	{"A", "PM"}, {"ZZ", "-0700"}, {"Z", "Z07:00"}, {"T", "T"},
}

// dates is how dates are written, as YYYY-MM-DD or D MMM, YYYY HH:mm:ss. A two-digit year YY below 69 is of this century.
type dates struct {
	format string // as the mapping says it
	layout string // for package time
}

// usualDates counts where a mapping does not say otherwise.
var usualDates = dates{"YYYY-MM-DD", time.DateOnly}

// dateFormat reads a format; a layout of package time (with 2006) is taken as it is.
func dateFormat(format string) (dates, error) {
	if strings.Contains(format, "2006") {
		return dates{format, format}, nil
	}
	layout, found := "", map[byte]bool{}
	for rest := format; rest != ""; {
		part, piece, err := nextPart(rest)
		if err != nil {
			return dates{}, fmt.Errorf("date format %q: %w", format, err)
		}
		layout += part
		found[piece[0]] = true
		rest = rest[len(piece):]
	}
	if !found['Y'] || !found['M'] || !found['D'] {
		return dates{}, fmt.Errorf("date format %q lacks a year (YYYY or YY), a month (MM, M or MMM) or a day (DD or D)", format)
	}
	return dates{format, layout}, nil
}

// nextPart translates the first word or sign of a format.
func nextPart(rest string) (layout, piece string, err error) {
	for _, part := range dateParts {
		if strings.HasPrefix(rest, part.word) {
			return part.layout, part.word, nil
		}
	}
	first := []rune(rest)[0]
	if first < 0x80 && (first >= '0' && first <= '9' || first >= 'a' && first <= 'z' || first >= 'A' && first <= 'Z' || first == '_') {
		return "", "", fmt.Errorf("%q means nothing", string(first))
	}
	return string(first), string(first), nil
}

// dateFormats reads the formats that are tried one after the other.
func dateFormats(formats []string) ([]dates, error) {
	list := make([]dates, len(formats))
	for i, format := range formats {
		var err error
		if list[i], err = dateFormat(format); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// parse reads a date, in the zone when it names none itself.
func (d dates) parse(text string, zone *time.Location) (time.Time, bool) {
	t, err := time.ParseInLocation(d.layout, text, zone)
	return t, err == nil && t.Year() >= 1
}
