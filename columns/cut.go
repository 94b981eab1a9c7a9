package columns

import "math"

// Most questions are of what was closed in some period. Many opportunities are therefore kept in several segments, by when they were closed:
// whoever asks of one year looks at the rows of that year, which lie together.

// Bounds of cutting.
const (
	fewCut  = 1 << 16 // rows of a segment at least
	mostCut = 16      // segments of what is closed
)

// segments puts what was gathered into segments of about as many rows each, at least so few, by when opportunities were closed, those not closed
// in one of their own; nil when an opportunity was gathered twice.
func (g *gathering) segments(few int) []*segment {
	times := g.times(few)
	order := g.order(times)
	orders := [][]uint32{order}
	if times != nil {
		orders = nil
		for from, at := 0, 0; at < len(order); from = at {
			for at < len(order) && times[order[at]] == times[order[from]] {
				at++
			}
			orders = append(orders, order[from:at])
		}
	}
	return g.into(orders)
}

// times numbers the stretch of time in which each opportunity was closed, 0 for none; nil when all are in one segment.
func (g *gathering) times(few int) []uint8 {
	first, last := int32(math.MaxInt32), int32(math.MinInt32)
	for _, day := range g.days[Closed] {
		if day != noDay {
			first, last = min(first, day), max(last, day)
		}
	}
	if len(g.keys) < 2*few || last < first || last-first > mostDays {
		return nil
	}
	of := make([]int, last-first+1)
	for _, day := range g.days[Closed] {
		if day != noDay {
			of[day-first]++
		}
	}
	rows, most, now := 0, max(few, len(g.keys)/mostCut), 1
	for i, n := range of {
		if of[i], rows = now, rows+n; rows >= most {
			now, rows = now+1, 0
		}
	}
	times := make([]uint8, len(g.keys))
	for i, day := range g.days[Closed] {
		if day != noDay {
			times[i] = uint8(of[day-first])
		}
	}
	return times
}

// outside tells whether no row of a segment falls into the period.
func (s *scan) outside(p *segment) bool {
	low, high := s.period(&p.days[s.Clock])
	return low > high
}
