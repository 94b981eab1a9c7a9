package models

import (
	"testing"
	"time"
)

// An instant is shown in UTC, so it is in UTC that its year has four digits.
func TestAnInstantHasAYearOfFourDigitsInUTC(t *testing.T) {
	for _, text := range []string{"9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0000-06-01T00:00:00Z", "2026-02-30T00:00:00Z"} {
		if at, err := UnmarshalDateTime(text); err == nil {
			t.Errorf("%s was read as %s", text, at)
		}
	}
	for _, text := range []string{"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-03-01T09:30:00+08:00"} {
		at, err := UnmarshalDateTime(text)
		want, _ := time.Parse(time.RFC3339Nano, text)
		if err != nil || !at.Equal(want) {
			t.Errorf("%s was read as %s, %v", text, at, err)
		}
	}
}
