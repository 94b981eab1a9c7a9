package reports

import "testing"

// TestOfManyRowsFewRecordsAreReadWhenNobodySaysHowMany holds the pages of many rows to what they cost.
func TestOfManyRowsFewRecordsAreReadWhenNobodySaysHowMany(t *testing.T) {
	t.Parallel()
	three := 3
	for _, c := range []struct {
		first      *int
		rows, want int
	}{{nil, 0, 20}, {nil, 1, 20}, {nil, 100, 20}, {nil, 101, 19}, {nil, 1000, 2}, {nil, 2001, 1}, {nil, 5000, 1}, {&three, 5000, 3}} {
		turn, err := turn(c.first, nil)
		if got := turn.of(c.rows); err != nil || got != c.want {
			t.Errorf("of %d rows %d records each are read, not %d (%v)", c.rows, got, c.want, err)
		}
	}
}
