package reports

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// maxBreakdown is how many groups of one row are listed.
const maxBreakdown = 1000

// CompetitorBreakdownRow is one competitor against us, or several together, in one group.
type CompetitorBreakdownRow struct {
	Key *ReportKey
	Bouts

	cells *cells
	line  string
	bout  bout
}

// Page opens the group: a page of the opportunities in which its competitors were met, each once, all or those in which an encounter
// ended so.
func (row *CompetitorBreakdownRow) Page(ctx context.Context, outcome *string, first *int, after *string) (*RecordPage, error) {
	return row.cells.page(ctx, row.line, endedSo(outcome), first, after)
}

// PriceGap tells how far the competitors' prices are from ours; nil for who reads no amounts.
func (row *CompetitorBreakdownRow) PriceGap(ctx context.Context) (*PriceGap, error) {
	return row.cells.gap(ctx, row.line)
}

// cut is how the encounters of a side are grouped, and which groups are listed.
type cut struct {
	of    side
	by    *Dimension
	first int
	way   way
}

// way is what the groups of a cut are.
type way int

const (
	mostMet  way = iota // those with the most encounters first; all others are one more
	whyWon              // of what the competitor won alone, in the same way
	overTime            // the latest in the order of time; those earlier are one before them, what has no time is one after
)

// name tells a cut of a report from others.
func (c cut) name() string { return fmt.Sprint("cut ", c.of, " ", c.by.Name, c.first, c.way) }

// numbers are what is counted of each group.
func (c cut) numbers(p *plan) []*component {
	if c.way == whyWon {
		return []*component{all, theyWon}
	}
	return p.components
}

// rank is the number by which the groups are sorted that are not in the order of time.
func (c cut) rank() *component {
	if c.way == whyWon {
		return theyWon
	}
	return all
}

// key names a group; the one for all that are not listed has no key.
func (c cut) key(p *plan, one piece) *ReportKey {
	switch {
	case !one.other:
		return c.by.keyOf(one.key, one.label, p)
	case c.way == overTime:
		return c.by.earlier(p.language)
	}
	return c.by.other(p.language)
}

// Breakdown gives the row's numbers by a dimension, most encounters first; what is beyond the first is one more
// row, other. It is found for all rows of the report together.
func (row *CompetitorReportRow) Breakdown(ctx context.Context, by string, first int) ([]*CompetitorBreakdownRow, error) {
	return row.split(ctx, by, first, mostMet)
}

// Trend gives the row's numbers over time: the latest steps, earliest first, after one row for all that is earlier and before
// one for what has no time.
func (row *CompetitorReportRow) Trend(ctx context.Context, by string, first int) ([]*CompetitorBreakdownRow, error) {
	if d, ok := Competition.Dimension(by); ok && d.Type != TimeKeys {
		return nil, fault.Deny(fault.BadInput, fault.Say("A trend goes by a dimension of time, such as CLOSED_QUARTER.", "趋势须按时间维度，例如 CLOSED_QUARTER。")).At("by")
	}
	return row.split(ctx, by, first, overTime)
}

func (row *CompetitorReportRow) split(ctx context.Context, by string, first int, w way) ([]*CompetitorBreakdownRow, error) {
	if first < 1 || first > maxBreakdown {
		return nil, outOfRange("first", maxBreakdown)
	}
	r := row.report
	d, err := r.plan.dimension(by, "by")
	if err != nil {
		return nil, err
	}
	all, err := r.cut(ctx, cut{of: row.side, by: d, first: first, way: w})
	return slices.Concat([]*CompetitorBreakdownRow{}, all[row.ID]), err
}

// piece is one group of a competitor or of several together, or all that are not listed of theirs, with its numbers.
type piece struct {
	whose      uuid.UUID
	other      bool
	key, label *string
	bout       bout
}

// cut gives the groups of every row of a side, read once.
func (r *CompetitorReport) cut(ctx context.Context, c cut) (map[uuid.UUID][]*CompetitorBreakdownRow, error) {
	return models.Fetch(ctx, r.opened, c.name(), func() (map[uuid.UUID][]*CompetitorBreakdownRow, error) {
		list, err := answered(r.engine, func(x executor) ([]piece, error) { return x.split(ctx, r, c) })
		found, together := map[uuid.UUID][]*CompetitorBreakdownRow{}, &cells{report: r, of: c.of, by: c.by, opened: models.NewBatch[models.Keyed](nil)}
		for _, one := range list {
			part := &CompetitorBreakdownRow{Key: c.key(r.plan, one), bout: one.bout, cells: together, line: one.whose.String()}
			if c.way != whyWon {
				part.Bouts = one.bout.told()
			}
			if !one.other {
				part.line = together.add(one.whose, one.key)
			}
			found[one.whose] = append(found[one.whose], part)
		}
		return found, err
	})
}

func (bySQL) split(ctx context.Context, r *CompetitorReport, c cut) ([]piece, error) {
	p := r.plan.rivals(c.numbers(r.plan))
	p.by = []*Dimension{c.by}
	s := p.statement()
	text, err := s.splitText(r, c)
	if err != nil {
		return nil, err
	}
	var list []piece
	return list, r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		one := piece{bout: bout{p.figures()}}
		err := row.Scan(append([]any{&one.whose, &one.other, &one.key, &one.label}, one.bout.places()...)...)
		list = append(list, one)
		return err
	})
}

// splitText renders the groups of a cut by the plan's one dimension.
func (s *statement) splitText(r *CompetitorReport, c cut) (string, error) {
	values, which := []string{"competitor_id"}, ""
	if c.way == whyWon {
		values, which = append(values, "outcome"), "\n  where outcome = 'THEY_WON'"
	}
	facts, err := s.facts(values...)
	if err != nil {
		return "", err
	}
	place := "row_number() over (partition by whose order by n desc, " + s.byKeys("asc", 1)[0] + ", k1)"
	order := "other, place"
	if c.way == overTime {
		place = "case when k1 is not null then row_number() over (partition by whose, k1 is null order by k1 desc) else 0 end"
		order = "other desc, k1 nulls last"
	}
	return fmt.Sprintf(`with facts as (
  %s
), asked as (
  %s
), groups as (
  select whose, k1, %s
  from asked%s
  group by whose, k1
), ranked as (
  select %s
  from groups g%s
), placed as (
  select *, %s as place from ranked
)
select whose, other, k1::text, label, %s
from (
  %s
) listed
order by whose, %s`,
		facts, s.sided(r, c.of), s.named(), which, s.rankedColumns(), s.labels(), place, s.names(), s.splitRows(c.first), order), nil
}

// splitRows are the first groups of each line, and the rest of each folded into one.
func (s *statement) splitRows(first int) string {
	label, most := "null::text", s.q.Bind(first)+"::bigint"
	if s.by[0].Type == RecordKeys {
		label = "label1"
	}
	return fmt.Sprintf(`select whose, false as other, k1, %s as label, place, %s from placed where place <= %s
  union all
  select whose, true, null, null, 0, %s from placed where place > %[3]s group by whose`, label, s.names(), most, s.folds())
}
