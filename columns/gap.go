package columns

import (
	"cmp"
	"math/big"
	"math/bits"
)

// Gap is how far a price is from an amount, as a share of the amount: what PostgreSQL makes of (price - amount) / amount, where both are
// numerics of 4 places. It is whole + first/10^16 + second/10^32, all three of one sign, and has Places places.
type Gap struct {
	whole, first, second int64
	Places               int32
}

// mostPlaces is how many places a gap has at most; one with more is less than 10^-12.
const mostPlaces = 32

const pow16 = 10_000_000_000_000_000

// gapOf divides as PostgreSQL does: to 16 significant digits at least, the last one rounded away from zero; false when it takes more places
// than a gap has. The amount is above 0.
func gapOf(price, amount int64) (g Gap, fits bool) {
	negative := price < amount
	over, by := uint64(price)-uint64(amount), uint64(amount)
	if negative {
		over = -over
	}
	places := max(16-4*weightOf(over, by), 4)
	if places > mostPlaces {
		return Gap{}, false
	}
	whole, rest := over/by, over%by
	first, second := uint64(0), uint64(0)
	if places <= 16 {
		first, rest = digitsOf(rest, by, places)
	} else {
		first, rest = digitsOf(rest, by, 16)
		second, rest = digitsOf(rest, by, places-16)
	}
	if rest >= by-rest { // at least a half
		switch {
		case places <= 16:
			first += power(16 - places)
		default:
			second += power(mostPlaces - places)
		}
	}
	first, second = first+second/pow16, second%pow16
	whole, first = whole+first/pow16, first%pow16
	g = Gap{int64(whole), int64(first), int64(second), int32(places)}
	if negative {
		g.whole, g.first, g.second = -g.whole, -g.first, -g.second
	}
	return g, true
}

// digitsOf gives the next digits of rest / by, as many as places, in 10^-16, and what is left; rest is below by.
func digitsOf(rest, by uint64, places int) (digits, left uint64) {
	high, low := bits.Mul64(rest, power(places))
	digits, left = bits.Div64(high, low, by)
	return digits * power(16-places), left
}

func power(of int) uint64 {
	n := uint64(1)
	for range of {
		n *= 10
	}
	return n
}

// weightOf is PostgreSQL's guess at the weight of a quotient, in digits of base 10,000, of which both numbers have one behind the point.
func weightOf(over, by uint64) int {
	a, first := leading(over)
	b, second := leading(by)
	if over == 0 {
		a, first = 0, 0
	}
	if first <= second {
		return a - b - 1
	}
	return a - b
}

func leading(n uint64) (weight int, digit uint64) {
	weight = -1
	for ; n >= perUnit; n /= perUnit {
		weight++
	}
	return weight, n
}

// Compare sorts gaps.
func (g Gap) Compare(other Gap) int {
	return cmp.Or(cmp.Compare(g.whole, other.whole), cmp.Compare(g.first, other.first), cmp.Compare(g.second, other.second))
}

// Units gives the sum of gaps in 10^-32.
func Units(list ...Gap) *big.Int {
	var whole, first, second wide
	for _, g := range list {
		whole.add(g.whole)
		first.add(g.first)
		second.add(g.second)
	}
	scale := big.NewInt(pow16)
	sum := new(big.Int).Mul(whole.big(), scale)
	sum.Mul(sum.Add(sum, first.big()), scale)
	return sum.Add(sum, second.big())
}
