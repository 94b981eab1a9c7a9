package reports

import "math"

// Rate is a share of cases with its 95 % Wilson interval; without cases it has a sample and no value.
type Rate struct {
	Value, Low, High *float64
	Sample           int
	SmallSample      bool
}

// AmountRate is a share of an amount; it has no value when one side has no amounts at all.
type AmountRate struct {
	Value       *float64
	Sample      int
	SmallSample bool
}

// z is the 97.5 % quantile of the normal distribution: an interval from it holds 95 %.
const z = 1.959963984540054

// rateOf gives how many of all cases are hits; fewer cases than the minimum are flagged.
func rateOf(hits, all, minimum int) *Rate {
	r := &Rate{Sample: all, SmallSample: all < minimum}
	if all == 0 {
		return r
	}
	value := float64(hits) / float64(all)
	low, high := wilson(hits, all)
	r.Value, r.Low, r.High = &value, &low, &high
	return r
}

// wilson gives the interval that holds the true share of hits with 95 % certainty; 0 to 1 without cases. It begins at
// exactly 0 without hits and ends at exactly 1 without misses, so that such cases tie however many there are.
func wilson(hits, all int) (low, high float64) {
	if all == 0 {
		return 0, 1
	}
	n := float64(all)
	p := float64(hits) / n
	middle := p + z*z/(2*n)
	width := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	low, high = (middle-width)/scale, (middle+width)/scale
	if hits == 0 {
		low = 0
	}
	if hits == all {
		high = 1
	}
	return low, high
}
