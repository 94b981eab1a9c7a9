package reports

import (
	"cmp"
	"math"
	"math/big"

	"github.com/shopspring/decimal"

	"guanxi/columns"
)

// What stands at some place among values, and what numbers are apart, computed from columns as PostgreSQL computes it.

// placedAt gives the value in the middle, or the one that 90 % do not exceed; unknown of none. places is how many PostgreSQL writes of each.
func placedAt[T any](at fold, list []T, compare func(a, b T) int, of func(T) (value decimal.Decimal, places int32)) (d decimal.NullDecimal) {
	if len(list) == 0 {
		return d
	}
	one := func(share float64) (decimal.Decimal, int32) {
		return of(nth(list, max(1, int(math.Ceil(share*float64(len(list)))))-1, compare))
	}
	if at == ninth {
		value, _ := one(0.9)
		return decimal.NewNullDecimal(value)
	}
	lower, places := one(0.5)
	if len(list)%2 == 1 {
		return decimal.NewNullDecimal(lower)
	}
	upper, more := of(nth(list, len(list)/2, compare))
	return decimal.NewNullDecimal(quotient(lower.Add(upper), decimal.NewFromInt(2), max(places, more)))
}

// nth gives the value that has so many before it when all are sorted; the list is left in another order.
func nth[T any](list []T, n int, compare func(a, b T) int) T {
	for low, high := 0, len(list)-1; low < high; {
		pivot := list[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for ; compare(list[i], pivot) < 0; i++ {
			}
			for ; compare(list[j], pivot) > 0; j-- {
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n <= j:
			high = j
		case n >= i:
			low = i
		default:
			return list[n]
		}
	}
	return list[n]
}

// quotient divides numerics as PostgreSQL does: to 16 significant digits at least and so many places, the last one rounded away from zero.
func quotient(a, b decimal.Decimal, places int32) decimal.Decimal {
	weight, first := leading(a)
	other, second := leading(b)
	weight -= other
	if first.Cmp(second) <= 0 {
		weight--
	}
	return a.DivRound(b, max(16-4*int32(weight), places, 0))
}

// leading gives the first digit of a number to the base 10,000, as PostgreSQL keeps it, and its weight.
func leading(d decimal.Decimal) (weight int, digit decimal.Decimal) {
	if d.IsZero() {
		return 0, d
	}
	top := d.NumDigits() + int(d.Exponent()) - 1
	weight = int(math.Floor(float64(top) / 4))
	return weight, d.Abs().Shift(int32(-4 * weight)).Floor()
}

func tenThousandths(n int64) (decimal.Decimal, int32) { return decimal.New(n, -4), 4 }
func wholeNumber(n int64) (decimal.Decimal, int32)    { return decimal.NewFromInt(n), 0 }
func gapNumber(g columns.Gap) (decimal.Decimal, int32) {
	return gapSum(columns.Units(g)), g.Places
}

func gapSum(units *big.Int) decimal.Decimal { return decimal.NewFromBigInt(units, -32) }

// ofValues computes a component of a group from its single values; false of any other.
func (t *tallied) ofValues(c counting, g *columns.Group) (f figure, is bool) {
	switch {
	case c.of == "price_gap":
		gaps := t.answer.Gaps(g, c.statuses)
		switch c.fold {
		case counted:
			f.n = len(gaps)
		case summed:
			f.d = decimal.NewNullDecimal(gapSum(columns.Units(gaps...)))
		default:
			f.d = placedAt(c.fold, gaps, columns.Gap.Compare, gapNumber)
		}
	case c.known >= 0:
		f.n = t.answer.Known(c.known, g, c.statuses)
	case c.fold == distinct:
		f.n = t.answer.Different(c.different, g, c.statuses)
	case c.fold == counted || c.fold == summed:
		return f, false
	case c.of == "amount":
		f.d = placedAt(c.fold, t.answer.Amounts(g, c.statuses), cmp.Compare[int64], tenThousandths)
	case c.of == "quoted":
		f.d = placedAt(c.fold, t.answer.Prices(g, c.statuses), cmp.Compare[int64], tenThousandths)
	default:
		f.d = placedAt(c.fold, t.answer.Cycles(g, c.statuses), cmp.Compare[int64], wholeNumber)
	}
	return f, true
}
