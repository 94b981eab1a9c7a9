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

// Limits of what is asked of one competitor.
const (
	maxReasons   = 100
	maxBreakdown = 1000
)

// CompetitorBreakdownRow is one competitor against us, in one group.
type CompetitorBreakdownRow struct {
	Key                                                            *ReportKey
	Encounters, Open, WeWon, TheyWon, OtherWon, NobodyWon, Unknown int
	WinRate                                                        *Rate
	AmountWon, AmountLost                                          *models.Money

	cells *cells
	line  string
}

// Page opens the group: a page of the opportunities in which the competitor was met, all or those that ended so.
func (row *CompetitorBreakdownRow) Page(ctx context.Context, outcome *string, first *int, after *string) (*RecordPage, error) {
	return row.cells.page(ctx, row.line, outcome, first, after)
}

// PriceGap tells how far the competitor's prices are from ours; nil for who reads no amounts.
func (row *CompetitorBreakdownRow) PriceGap(ctx context.Context) (*PriceGap, error) {
	return row.cells.gap(ctx, row.line)
}

// LossReasonCount is how often one reason was given; Reason names the dictionary entry, nil for losses without one.
type LossReasonCount struct {
	ReasonID *uuid.UUID
	Count    int
	Batch    *models.Batch

	id uuid.UUID
}

// Key gives the reason's id and the batch of all reasons read with it.
func (l *LossReasonCount) Key() (uuid.UUID, *models.Batch) { return l.id, l.Batch }

// Join tells which others were read with it.
func (l *LossReasonCount) Join(b *models.Batch) { l.Batch = b }

// Breakdown gives the competitor's numbers by a dimension, most encounters first; what is beyond the first is one more
// row, other. It is found for all rows of the report together.
func (row *CompetitorReportRow) Breakdown(ctx context.Context, by string, first int) ([]*CompetitorBreakdownRow, error) {
	return row.split(ctx, by, first, false)
}

// Trend gives the competitor's numbers over time, the latest steps, earliest first and unknown last.
func (row *CompetitorReportRow) Trend(ctx context.Context, by string, first int) ([]*CompetitorBreakdownRow, error) {
	if d, ok := Competition.Dimension(by); ok && d.Type != TimeKeys {
		return nil, fault.Deny(fault.BadInput, fault.Say("A trend goes by a dimension of time, such as CLOSED_QUARTER.", "趋势须按时间维度，例如 CLOSED_QUARTER。")).At("by")
	}
	return row.split(ctx, by, first, true)
}

func (row *CompetitorReportRow) split(ctx context.Context, by string, first int, trend bool) ([]*CompetitorBreakdownRow, error) {
	if first < 1 || first > maxBreakdown {
		return nil, outOfRange("first", maxBreakdown)
	}
	r := row.report
	d, err := r.plan.dimension(by, "by")
	if err != nil {
		return nil, err
	}
	all, err := models.Fetch(ctx, r.opened, fmt.Sprint("breakdown ", by, first, trend), func() (map[uuid.UUID][]*CompetitorBreakdownRow, error) {
		return r.splitAll(ctx, d, first, trend)
	})
	return slices.Concat([]*CompetitorBreakdownRow{}, all[row.ID]), err
}

// piece is one group of a competitor, or all that are not listed of him, with its numbers.
type piece struct {
	competitor uuid.UUID
	other      bool
	key, label *string
	bout       bout
}

func (r *CompetitorReport) splitAll(ctx context.Context, d *Dimension, first int, trend bool) (map[uuid.UUID][]*CompetitorBreakdownRow, error) {
	list, err := answered(r.engine, func(x executor) ([]piece, error) { return x.split(ctx, r, d, first, trend) })
	found, together := map[uuid.UUID][]*CompetitorBreakdownRow{}, &cells{report: r, by: d, opened: models.NewBatch[models.Keyed](nil)}
	for _, one := range list {
		part := one.bout.part(r.plan.group(d, one.key, one.label, one.other))
		if part.cells, part.line = together, one.competitor.String(); !one.other {
			part.line = together.add(one.competitor, one.key)
		}
		found[one.competitor] = append(found[one.competitor], part)
	}
	return found, err
}

func (bySQL) split(ctx context.Context, r *CompetitorReport, d *Dimension, first int, trend bool) ([]piece, error) {
	p := *r.plan
	p.by = []*Dimension{d}
	s := p.statement()
	text, err := s.splitText(r.ids(), first, trend)
	if err != nil {
		return nil, err
	}
	var list []piece
	return list, r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		one := piece{bout: bout{p.figures()}}
		err := row.Scan(append([]any{&one.competitor, &one.other, &one.key, &one.label}, one.bout.places()...)...)
		list = append(list, one)
		return err
	})
}

func (p *plan) group(d *Dimension, key, label *string, other bool) *ReportKey {
	if other {
		return d.other(p.language)
	}
	return d.keyOf(key, label, p)
}

func (b bout) part(key *ReportKey) *CompetitorBreakdownRow {
	row := &CompetitorBreakdownRow{
		Key: key, Encounters: b.count(all), Open: b.count(stillOpen), WeWon: b.count(weWon), TheyWon: b.count(theyWon),
		OtherWon: b.count(otherWon), NobodyWon: b.count(nobodyWon), Unknown: b.count(notKnown), WinRate: b.winRate(),
	}
	row.AmountWon, row.AmountLost = b.amounts()
	return row
}

// splitText renders the groups of each competitor by the plan's one dimension. A breakdown lists those with most
// encounters, and folds the others into one; a trend lists the latest, in their order.
func (s *statement) splitText(competitors []uuid.UUID, first int, trend bool) (string, error) {
	facts, err := s.facts("competitor_id")
	if err != nil {
		return "", err
	}
	strongest, order := "n desc, "+s.byKeys("asc", 1)[0]+", k1", "other, place"
	if trend {
		strongest, order = "k1 desc nulls last", "k1 nulls last"
	}
	return fmt.Sprintf(`with facts as (
  %s
), groups as (
  select competitor_id, k1, %s
  from facts where competitor_id = any(%s::uuid[])
  group by competitor_id, k1
), ranked as (
  select %s
  from groups g%s
), placed as (
  select *, row_number() over (partition by competitor_id order by %s) as place from ranked
)
select competitor_id, other, k1::text, label, %s
from (
  %s
) listed
order by competitor_id, %s`,
		facts, s.named(), s.q.Bind(competitors), s.rankedColumns(), s.labels(), strongest, s.names(), s.splitRows(first, trend), order), nil
}

// splitRows are the first groups of each competitor and, in a breakdown, the rest of each folded into one.
func (s *statement) splitRows(first int, trend bool) string {
	label, most := "null::text", s.q.Bind(first)+"::bigint"
	if s.by[0].Type == RecordKeys {
		label = "label1"
	}
	rows := fmt.Sprintf("select competitor_id, false as other, k1, %s as label, place, %s from placed where place <= %s",
		label, s.names(), most)
	if trend {
		return rows
	}
	return rows + fmt.Sprintf("\n  union all\n  select competitor_id, true, null, null, 0, %s from placed where place > %s group by competitor_id",
		s.folds(), most)
}

// LossReasons gives why the competitor won, most frequent first, the losses without a reason among them. It is
// found for all rows of the report together.
func (row *CompetitorReportRow) LossReasons(ctx context.Context, first int) ([]*LossReasonCount, error) {
	if first < 1 || first > maxReasons {
		return nil, outOfRange("first", maxReasons)
	}
	r := row.report
	all, err := models.Fetch(ctx, r.opened, "reasons", func() (map[uuid.UUID][]*LossReasonCount, error) { return r.reasonsOf(ctx) })
	list := slices.Concat([]*LossReasonCount{}, all[row.ID])
	return list[:min(len(list), first)], err
}

// reasoned is how often a competitor won for one reason, or without any.
type reasoned struct {
	competitor uuid.UUID
	reason     *uuid.UUID
	count      int
}

func (r *CompetitorReport) reasonsOf(ctx context.Context) (map[uuid.UUID][]*LossReasonCount, error) {
	list, err := answered(r.engine, func(x executor) ([]reasoned, error) { return x.reasons(ctx, r) })
	found := map[uuid.UUID][]*LossReasonCount{}
	together := make([]*LossReasonCount, len(list))
	for i, one := range list {
		together[i] = &LossReasonCount{ReasonID: one.reason, Count: one.count}
		if one.reason != nil {
			together[i].id = *one.reason
		}
		found[one.competitor] = append(found[one.competitor], together[i])
	}
	models.NewBatch(together)
	return found, err
}

func (bySQL) reasons(ctx context.Context, r *CompetitorReport) ([]reasoned, error) {
	s := r.plan.statement()
	facts, err := s.facts("competitor_id", "loss_reason_id", "outcome")
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(`with facts as (
  %s
)
select competitor_id, loss_reason_id, count(*)
from facts where outcome = 'THEY_WON' and competitor_id = any(%s::uuid[])
group by competitor_id, loss_reason_id
order by competitor_id, count(*) desc, loss_reason_id nulls last`, facts, s.q.Bind(r.ids()))
	var list []reasoned
	return list, r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var one reasoned
		err := row.Scan(&one.competitor, &one.reason, &one.count)
		list = append(list, one)
		return err
	})
}
