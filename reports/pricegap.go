package reports

// PriceGap is how far what a competitor asked is from our amount, as a share of ours: 0.1 is a tenth more.
type PriceGap struct {
	Average, Median *float64
	Sample          int
	Share           *float64 // of all encounters
	SmallSample     bool
}

var priceGap = gap{
	sum: &component{name: "gap_sum", fold: summed, of: "price_gap"}, middle: &component{name: "gap_middle", fold: median, of: "price_gap"},
	known: &component{name: "gaps", of: "price_gap"},
}

// gap is the mean and the middle of what prices are apart.
type gap struct{ sum, middle, known *component }

func (m gap) components() []*component { return []*component{m.sum, m.middle, m.known} }
func (m gap) sql() string              { return "(" + m.sum.name + " / nullif(" + m.known.name + ", 0))::float8" }
func (m gap) value(f figures) any {
	n, met := f.count(m.known), f.count(all)
	g := &PriceGap{Sample: n, SmallSample: n < f.plan.viewer.Company.SmallSample}
	if met > 0 {
		share := float64(n) / float64(met)
		g.Share = &share
	}
	if n > 0 {
		average, middle := f.sum(m.sum).InexactFloat64()/float64(n), f.sum(m.middle).InexactFloat64()
		g.Average, g.Median = &average, &middle
	}
	return g
}
