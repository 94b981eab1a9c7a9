package reports

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/columns"
	"guanxi/models"
)

// choose lists of all competitors those that having keeps, the first of them as they are sorted, and takes all others together. Without
// another order it is that of their ranks, which also decides ties.
func (r *CompetitorReport) choose(ctx context.Context) error {
	rows, err := r.meet(ctx)
	if err != nil {
		return err
	}
	r.Rows = rows
	if err := r.askBeside(ctx); err != nil {
		return err
	}
	var kept, left []*CompetitorReportRow
	for _, row := range rows {
		if r.plan.having.holdsOf(row.comparing) == columns.Yes {
			kept = append(kept, row)
		} else {
			left = append(left, row)
		}
	}
	slices.SortStableFunc(kept, r.order)
	first := min(len(kept), r.plan.First)
	r.Rows, left = kept[:first], append(left, kept[first:]...)
	models.NewBatch(r.Rows)
	r.Total = r.together(everyone, rows)
	if len(left) > 0 {
		r.Other = r.together(theOthers, left)
	}
	return nil
}

// askBeside reads of all competitors what rows are chosen or sorted by that is not counted with their numbers.
func (r *CompetitorReport) askBeside(ctx context.Context) error {
	asked := map[string]bool{}
	r.plan.having.each(func(m *Measure) { asked[m.Name] = true })
	for _, key := range r.plan.order {
		if key.measure != nil {
			asked[key.measure.Name] = true
		}
	}
	for _, row := range r.Rows {
		row.beside = map[string]comparand{"rank": ofRank(row.Rank), "rankByAmountLost": ofRank(row.RankByAmountLost), "competitors": ofRank(&row.Competitors)}
		if asked["strength"] {
			s, err := row.Strength(ctx)
			if err != nil {
				return err
			}
			if s != nil {
				row.beside["strength"] = comparand{float: &s.Value}
			}
		}
		if asked["priceGap"] {
			gap, err := row.PriceGap(ctx)
			if err != nil {
				return err
			}
			if gap != nil {
				row.beside["priceGap"] = comparand{float: gap.Average}
			}
		}
	}
	return nil
}

// comparing gives the number by which a row is chosen or sorted.
func (row *CompetitorReportRow) comparing(m *Measure) comparand {
	if c, is := row.beside[m.Name]; is {
		return c
	}
	c, _ := m.comparing(row.bout.figures)
	return c
}

// order sorts rows as the plan asks; unknown comes last.
func (r *CompetitorReport) order(a, b *CompetitorReportRow) int {
	for _, key := range r.plan.order {
		c := cmp.Compare(a.place, b.place)
		if key.measure != nil {
			x, y := a.comparing(key.measure), b.comparing(key.measure)
			switch {
			case x.unknown() && y.unknown():
				continue
			case x.unknown() || y.unknown():
				return unknownLast(x.unknown())
			}
			c = x.compare(y)
		}
		if c != 0 {
			return directed(c, key.descend)
		}
	}
	return 0
}

// compare gives the rows, other and the total their counterparts in an earlier period: each competitor's by its id, ranked among those
// met then.
func (r *CompetitorReport) compare(ctx context.Context, earlier *plan) error {
	before := earlier.competitors(r.engine, r.snap)
	rows, err := before.meet(ctx)
	if err != nil {
		return err
	}
	left := make(map[uuid.UUID]*CompetitorReportRow, len(rows))
	for _, row := range rows {
		left[row.ID] = row
	}
	for _, row := range r.Rows {
		row.Previous = left[row.ID]
		if row.Previous == nil {
			row.Previous = before.row(eachListed, row.ID, 0, bout{earlier.figures()})
		}
		before.Rows = append(before.Rows, row.Previous)
		delete(left, row.ID)
	}
	models.NewBatch(before.Rows)
	r.Total.Previous = before.together(everyone, rows)
	if len(left) > 0 && r.Other == nil { // for those that were met in the earlier period alone
		r.Other = r.together(theOthers, nil)
	}
	if r.Other != nil {
		r.Other.Previous = before.together(theOthers, slices.DeleteFunc(rows, func(row *CompetitorReportRow) bool { return left[row.ID] == nil }))
	}
	return nil
}

// ofRank gives a whole number to compare; nothing for none.
func ofRank(n *int) (c comparand) {
	if n != nil {
		d := decimal.NewFromInt(int64(*n))
		c.exact = &d
	}
	return c
}
