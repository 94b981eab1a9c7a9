package models

import (
	"regexp"
	"slices"
	"time"
)

// zoneName is how names of time zones are written, so that none leads out of where they are kept.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*$`)

// offsets are names of time zones that the database reads as offsets from UTC, the same in summer and in winter.
var offsets = []string{"CET", "EET", "MET", "WET"}

// ZoneNamed gives a time zone by its IANA name, if the database knows the same one by it.
func ZoneNamed(name string) (zone *time.Location, ok bool) {
	if len(name) > 64 || name == "Local" || slices.Contains(offsets, name) || !zoneName.MatchString(name) {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}
