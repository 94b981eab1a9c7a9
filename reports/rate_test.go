package reports

import (
	"math"
	"testing"
)

func TestWilsonInterval(t *testing.T) {
	// Published values: Newcombe 1998, table I, method 3 (without continuity correction).
	for _, c := range []struct {
		hits, all int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0.0000, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		low, high := wilson(c.hits, c.all)
		if math.Abs(low-c.low) > 0.00005 || math.Abs(high-c.high) > 0.00005 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.hits, c.all, low, high, c.low, c.high)
		}
	}
}

// Competitors who never won are equally strong: no rounding may tell 6 encounters from 5.
func TestWilsonIntervalTouchesItsEndsExactly(t *testing.T) {
	for all := 1; all <= 1000; all++ {
		low, _ := wilson(0, all)
		_, high := wilson(all, all)
		if low != 0 || high != 1 {
			t.Errorf("of %d: none begins at %g, all ends at %g", all, low, high)
		}
	}
}

func TestRateWithoutCasesHasNoValue(t *testing.T) {
	r := rateOf(0, 0, 5)
	if r.Value != nil || r.Low != nil || r.High != nil || r.Sample != 0 || !r.SmallSample {
		t.Errorf("%+v", r)
	}
}

func TestSmallSampleIsFewerThanTheMinimum(t *testing.T) {
	if rateOf(1, 5, 5).SmallSample || !rateOf(1, 4, 5).SmallSample {
		t.Error("5 cases are enough when the minimum is 5, 4 are not")
	}
}
