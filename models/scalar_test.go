package models

import (
	"encoding/json"
	"strings"
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

func TestADecimalIsTextOrANumber(t *testing.T) {
	for _, v := range []any{"12.50", json.Number("12.5"), 12.5} {
		if d, err := UnmarshalDecimal(v); err != nil || d.String() != "12.5" {
			t.Errorf("%v (%T) is read as %s, %v", v, v, d, err)
		}
	}
	for _, v := range []any{map[string]any{"a": 1}, []any{"12.5"}, true, nil, "1e3", "", "twelve", "12345678901234567", "0.00001"} {
		if d, err := UnmarshalDecimal(v); err == nil || strings.Contains(err.Error(), "map[") {
			t.Errorf("%v (%T) is read as %s, %v", v, v, d, err)
		}
	}
}
