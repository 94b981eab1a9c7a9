package columns

import (
	"math/big"
	"math/bits"
)

// wide is a sum of 128 bits.
type wide struct {
	low  uint64
	high int64
}

func (w *wide) add(value int64) {
	var carry uint64
	w.low, carry = bits.Add64(w.low, uint64(value), 0)
	w.high += value>>63 + int64(carry)
}

func (w *wide) addWide(other wide) {
	var carry uint64
	w.low, carry = bits.Add64(w.low, other.low, 0)
	w.high += other.high + int64(carry)
}

// addTimes adds another, or takes it off where times is -1.
func (w *wide) addTimes(other wide, times int64) {
	if times < 0 {
		var borrow uint64
		other.low, borrow = bits.Sub64(0, other.low, 0)
		other.high = -other.high - int64(borrow)
	}
	w.addWide(other)
}

func (w wide) big() *big.Int {
	if w.high == int64(w.low)>>63 { // it fits in 64 bits
		return big.NewInt(int64(w.low))
	}
	n := new(big.Int).Lsh(big.NewInt(w.high), 64)
	return n.Add(n, new(big.Int).SetUint64(w.low))
}

// of gives an amount times the probability, rounded half-even.
func (p probability) of(amount int64) int64 {
	negative := amount < 0
	size := uint64(amount)
	if negative {
		size = uint64(-amount)
	}
	high, low := bits.Mul64(size, p.units)
	whole, rest := bits.Div64(high, low, p.scale)
	switch half := p.scale - rest; {
	case rest > half, rest == half && whole%2 == 1:
		whole++
	}
	if negative {
		return -int64(whole)
	}
	return int64(whole)
}
