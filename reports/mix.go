package reports

import (
	"cmp"
	"math"
	"slices"
)

// tie is the difference of two rates below which they count as equal: what calculating leaves of none.
const tie = 1e-9

// score is how many of some cases were hits.
type score struct{ hits, cases int }

func (s score) rate() float64 { return float64(s.hits) / float64(s.cases) }

// above tells exactly whether one rate is higher than another; both have cases.
func (s score) above(t score) bool { return s.hits*t.cases > t.hits*s.cases }

// mixed is what is compared: its score overall, and in each stratum where it has enough cases.
type mixed struct {
	overall score
	strata  map[string]score
}

// reversal is a pair of which the one with the higher rate overall has the lower one at the same mix of strata.
type reversal struct {
	higher, lower int // their places in the list
	same          [2]float64
	shared        [2]int   // the cases that each has in the strata shared
	strata        []string // those shared, heaviest first
	everywhere    bool     // whether it turns round in each of them
}

// size is the smaller of the differences overall and at the same mix: a reversal is as plain as that.
func (r reversal) size(list []mixed) float64 {
	return math.Min(list[r.higher].overall.rate()-list[r.lower].overall.rate(), r.same[1]-r.same[0])
}

// reversals finds the pairs whose ranking turns round, plainest first: Simpson's paradox. Both are compared in the strata
// where both have enough cases, at least two, and each stratum weighs as many cases as the two have in it.
func reversals(list []mixed) []reversal {
	var found []reversal
	for i := range list {
		for j := range list {
			if list[i].overall.cases > 0 && list[j].overall.cases > 0 && list[i].overall.above(list[j].overall) {
				if r := standardised(list, i, j); len(r.strata) > 1 && r.same[1]-r.same[0] > tie {
					found = append(found, r)
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b reversal) int { return cmp.Compare(b.size(list), a.size(list)) })
	return found
}

// standardised compares two at the same mix of the strata that they share.
func standardised(list []mixed, higher, lower int) reversal {
	r := reversal{higher: higher, lower: lower, everywhere: true}
	a, b := list[higher].strata, list[lower].strata
	for name := range a {
		if _, both := b[name]; both {
			r.strata = append(r.strata, name)
		}
	}
	weight := func(name string) int { return a[name].cases + b[name].cases }
	slices.SortFunc(r.strata, func(s, t string) int { return cmp.Or(cmp.Compare(weight(t), weight(s)), cmp.Compare(s, t)) })
	for _, name := range r.strata {
		r.same[0] += float64(weight(name)) * a[name].rate()
		r.same[1] += float64(weight(name)) * b[name].rate()
		r.shared[0] += a[name].cases
		r.shared[1] += b[name].cases
		r.everywhere = r.everywhere && b[name].above(a[name])
	}
	all := float64(r.shared[0] + r.shared[1])
	r.same[0], r.same[1] = r.same[0]/all, r.same[1]/all
	return r
}
