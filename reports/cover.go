package reports

import (
	"context"
	"slices"
)

// cover tells besides how many encounters have a value of what parts of the answer are grouped by, and of the competitors' prices where
// gaps between prices are asked for.
func (r *CompetitorReport) cover(ctx context.Context) (*CompetitorReport, error) {
	for _, name := range r.plan.Covered {
		d, has := r.plan.dataset.Dimension(name)
		if !has || r.plan.viewer.Use(d.Rule) != nil || r.covers(name) {
			continue // refused where it is grouped by, or told already
		}
		if err := r.coverBy(ctx, name, keyKnown(0), d); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(r.plan.Measures, "priceGap") {
		return r, nil
	}
	return r, r.coverBy(ctx, "quotedPrice", countOf("quoted").of)
}

func (r *CompetitorReport) covers(name string) bool {
	return slices.ContainsFunc(r.Coverage, func(c *Coverage) bool { return c.Field == name })
}

// coverBy counts the encounters with a value, and opens to the opportunities of those without.
func (r *CompetitorReport) coverBy(ctx context.Context, name string, known *component, by ...*Dimension) error {
	p := r.plan.rivals([]*component{all, known})
	p.by = by
	found, err := r.engine.again(ctx, r.snap, p, make([][][]string, len(by)+1))
	if err != nil {
		return err
	}
	n := 0
	if f, has := found[total]; has {
		n = f.count(known)
	}
	told := coverage(name, n, r.Total.Encounters)
	told.Unknowns = p.behind(r.snap, r.opened, "unknown "+name, "f."+known.of+" is null", known.of)
	r.Coverage = append(r.Coverage, told)
	return nil
}
