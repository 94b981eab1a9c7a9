package importer

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// numbers says how numbers are written: 1234.56 unless told otherwise.
type numbers struct {
	Decimal   string             `yaml:"decimal"`   // sign before the fraction; "." when empty
	Thousands string             `yaml:"thousands"` // sign between groups of three digits; none when empty
	Signs     []string           `yaml:"signs"`     // what may stand before or after and says nothing more: $, 元, USD
	Multiples map[string]float64 `yaml:"multiples"` // what may stand after and multiplies: K: 1000
}

// example shows how a number is to be written.
func (n numbers) example() string { return "1" + n.Thousands + "234" + n.point() + "56" }

func (n numbers) point() string {
	if n.Decimal == "" {
		return "."
	}
	return n.Decimal
}

// parse reads a number; brackets around it, or a minus, make it negative.
func (n numbers) parse(text string) (decimal.Decimal, bool) {
	text, negative := n.sign(n.strip(text))
	text, factor := n.multiple(text)
	whole, fraction, hasPoint := strings.Cut(text, n.point())
	digits, ok := n.ungroup(whole)
	if !ok || hasPoint && !onlyDigits(fraction) || len(digits)+len(fraction) > 40 {
		return decimal.Zero, false
	}
	if hasPoint {
		digits += "." + fraction
	}
	value, err := decimal.NewFromString(digits)
	if negative {
		value = value.Neg()
	}
	return value.Mul(factor), err == nil
}

// sign takes off what makes a number negative, and currency signs inside it.
func (n numbers) sign(text string) (string, bool) {
	if inner, ok := strings.CutPrefix(text, "("); ok {
		if inner, ok = strings.CutSuffix(inner, ")"); ok {
			return n.strip(inner), true
		}
	}
	for _, minus := range []string{"-", "−"} {
		if rest, ok := strings.CutPrefix(text, minus); ok {
			return n.strip(rest), true
		}
	}
	return n.strip(strings.TrimPrefix(text, "+")), false
}

// strip takes the signs off both ends.
func (n numbers) strip(text string) string {
	for {
		before := text
		text = strings.TrimSpace(text)
		for _, sign := range n.Signs {
			text = strings.TrimSuffix(strings.TrimPrefix(text, sign), sign)
		}
		if text == before {
			return text
		}
	}
}

// multiple takes off a K or 万 and gives what it multiplies by.
func (n numbers) multiple(text string) (string, decimal.Decimal) {
	for _, suffix := range slices.Sorted(maps.Keys(n.Multiples)) {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			return strings.TrimSpace(rest), decimal.NewFromFloat(n.Multiples[suffix])
		}
	}
	return text, decimal.NewFromInt(1)
}

// ungroup takes the thousands signs out; groups after the first must have three digits, so that 1,5 is never read as 15.
func (n numbers) ungroup(whole string) (string, bool) {
	if n.Thousands == "" || !strings.Contains(whole, n.Thousands) {
		return whole, whole != "" && onlyDigits(whole)
	}
	groups := strings.Split(whole, n.Thousands)
	for i, group := range groups {
		if !onlyDigits(group) || group == "" || len(group) > 3 || i > 0 && len(group) != 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func onlyDigits(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
