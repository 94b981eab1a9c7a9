package search

import (
	"slices"
	"testing"
)

func TestPhonesAreFoundByTheirEnd(t *testing.T) {
	for _, c := range []struct {
		number, typed string
		want          bool
	}{
		{"+8613800138000", "8000", true},
		{"+8613800138000", "138 0013 8000", true},
		{"+8613800138000", "+86 138-0013-8000", true},
		{"+8613800138000", "008613800138000", true},
		{"+8613800138000", "1380", false},
		{"+8613800138000", "000", false},
		{"+8675586131234", "0755-86131234", true},
		{"+8675586131234", "(0755) 8613 1234", true},
		{"0755-86131234转802", "86131234", true},
		{"0755-86131234转802", "1234802", true},
		{"+390612345678", "0612345678", true},
		{"+14155550000", "(415) 555-0000", true},
		{"+8613800138000", "8000x", false},
	} {
		q, err := Parse(c.typed)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Phone != "" && slices.Contains(Phones(c.number), q.Phone); got != c.want {
			t.Errorf("%q is found by %q: %v, want %v; terms %q", c.number, c.typed, got, c.want, Phones(c.number))
		}
	}
}

func TestPhonesHaveNoDoubles(t *testing.T) {
	terms := Phones("+8613800138000", "13800138000", "", "12")
	if got := distinct(terms); len(got) != len(terms) || len(terms) != 10 {
		t.Errorf("terms of one number given twice: %q", terms)
	}
	if slices.Contains(terms, "12") {
		t.Error("two digits are no phone end")
	}
}

func TestNormalPhone(t *testing.T) {
	for raw, want := range map[string]string{
		"0755-86131234":       "+8675586131234",
		"0755-86131234转802":   "+8675586131234",
		"0755-86131234 分机802": "+8675586131234",
		"０７５５－８６１３１２３４":       "+8675586131234",
		"138 0013 8000":       "+8613800138000",
		"+1 415-555-2671":     "+14155552671",
		"400-810-8888":        "+864008108888",
		"12":                  "",
		"call me":             "",
		"":                    "",
	} {
		got, ok := NormalPhone(raw, "CN")
		if got != want || ok != (want != "") {
			t.Errorf("NormalPhone(%q) = %q, %v; want %q", raw, got, ok, want)
		}
	}
}
