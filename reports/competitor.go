package reports

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// CompetitorReport tells which competitor is strongest, by the encounters in the opportunities that the viewer sees.
type CompetitorReport struct {
	Rows         []*CompetitorReportRow
	Unattributed *UnattributedLosses
	Coverage     []*Coverage
	Definition   *ReportDefinition

	plan   *plan
	snap   *access.Snapshot
	opened *models.Batch
}

// CompetitorReportRow is one competitor against us. Its ID is the competitor's; the rows of a report are one batch.
type CompetitorReportRow struct {
	models.Part
	Rank                                                           int
	RankByAmountLost                                               *int
	Encounters, Open, WeWon, TheyWon, OtherWon, NobodyWon, Unknown int
	WinRate                                                        *Rate
	AmountWon, AmountLost                                          *models.Money

	report *CompetitorReport
	bout   bout
}

// UnattributedLosses is what was lost without a winner named, the reason not being that nobody won.
type UnattributedLosses struct {
	Lost       int
	AmountLost *models.Money
}

// Competitors answers which competitor is strongest, in two statements; of the question, By, Having, OrderBy and CompareTo
// are not used. Parts asked later read the same snapshot.
func Competitors(ctx context.Context, snap *access.Snapshot, ask Ask) (*CompetitorReport, error) {
	ask.By, ask.Having, ask.OrderBy, ask.CompareTo, ask.Measures, ask.Shares, ask.Coverage = nil, nil, nil, nil, bouts, nil, false
	p, err := check(Competition, snap.Viewer, ask, fault.Language(ctx))
	if err != nil {
		return nil, err
	}
	opened := models.NewBatch[models.Keyed](nil)
	r := &CompetitorReport{plan: p, snap: snap, opened: opened, Definition: p.definition(snap, opened)}
	if err := r.meet(ctx); err != nil {
		return nil, err
	}
	return r, r.attribute(ctx)
}

// meet reads every competitor's encounters, ranks them, and keeps the first.
func (r *CompetitorReport) meet(ctx context.Context) error {
	s := r.plan.statement()
	facts, err := s.facts("competitor_id")
	if err != nil {
		return err
	}
	text := fmt.Sprintf("with facts as (\n  %s\n)\nselect competitor_id, %s\nfrom facts\ngroup by competitor_id", facts, s.overs())
	rows := []*CompetitorReportRow{}
	err = r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var id uuid.UUID
		b := bout{r.plan.figures()}
		if err := row.Scan(append([]any{&id}, b.places()...)...); err != nil {
			return err
		}
		rows = append(rows, r.row(id, b))
		return nil
	})
	r.Rows = ranked(rows, r.plan.viewer)
	r.Rows = r.Rows[:min(len(r.Rows), r.plan.First)]
	models.NewBatch(r.Rows)
	return err
}

func (r *CompetitorReport) row(id uuid.UUID, b bout) *CompetitorReportRow {
	row := &CompetitorReportRow{
		Part: models.Part{ID: id}, Encounters: b.count(all), Open: b.count(stillOpen), WeWon: b.count(weWon), TheyWon: b.count(theyWon),
		OtherWon: b.count(otherWon), NobodyWon: b.count(nobodyWon), Unknown: b.count(notKnown), WinRate: b.winRate(), report: r, bout: b,
	}
	row.AmountWon, row.AmountLost = b.amounts()
	return row
}

// ranked sorts competitors by the threat they are, and numbers them by that and by the amount lost to them; ties go by id.
func ranked(rows []*CompetitorReportRow, v *access.Viewer) []*CompetitorReportRow {
	byID := func(a, b *CompetitorReportRow) int { return bytes.Compare(a.ID[:], b.ID[:]) }
	if v.ReadsSome(access.Amounts) {
		slices.SortFunc(rows, func(a, b *CompetitorReportRow) int {
			return cmp.Or(b.bout.sum(amountLost.of).Cmp(a.bout.sum(amountLost.of)), byID(a, b))
		})
		for i, row := range rows {
			place := i + 1
			row.RankByAmountLost = &place
		}
	}
	slices.SortFunc(rows, func(a, b *CompetitorReportRow) int {
		return cmp.Or(cmp.Compare(b.bout.threat(), a.bout.threat()), byID(a, b))
	})
	for i, row := range rows {
		row.Rank = i + 1
	}
	return rows
}

// attribute reads how many losses name their winner.
func (r *CompetitorReport) attribute(ctx context.Context) error {
	p := *r.plan
	p.dataset, p.components = attributions, nil
	s := p.statement()
	facts, err := s.facts("status", "amount", "met", "attributed", "explained", "nobody")
	if err != nil {
		return err
	}
	text := fmt.Sprintf(`with facts as (
  %s
)
select count(*), count(*) filter (where met), count(*) filter (where status = 'LOST'),
  count(*) filter (where status = 'LOST' and explained), count(*) filter (where status = 'LOST' and attributed), count(amount),
  count(*) filter (where unattributed), coalesce(sum(amount) filter (where unattributed), 0), count(amount) filter (where unattributed)
from (select *, status = 'LOST' and not attributed and not nobody as unattributed from facts) f`, facts)
	return r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var all, met, lost, explained, attributed, amounts, count, counted int
		var sum decimal.Decimal
		if err := row.Scan(&all, &met, &lost, &explained, &attributed, &amounts, &count, &sum, &counted); err != nil {
			return err
		}
		r.Coverage = []*Coverage{
			coverage("MAIN_COMPETITOR", met, all), coverage("LOSS_REASON", explained, lost),
			coverage("wonBy", attributed, attributed+count), coverage("amount", amounts, all),
		}
		r.Unattributed = &UnattributedLosses{Lost: count, AmountLost: money(r.plan.viewer, sum, counted)}
		return nil
	})
}

// ids lists the competitors of the report's rows.
func (r *CompetitorReport) ids() []uuid.UUID {
	ids := make([]uuid.UUID, len(r.Rows))
	for i, row := range r.Rows {
		ids[i] = row.ID
	}
	return ids
}

// Page opens the row: a page of the opportunities in which the competitor was met, all or those that ended so.
func (row *CompetitorReportRow) Page(ctx context.Context, outcome *string, first *int, after *string) (*RecordPage, error) {
	return row.report.whole().page(ctx, row.ID.String(), outcome, first, after)
}

// PriceGap tells how far the competitor's prices are from ours; nil for who reads no amounts.
func (row *CompetitorReportRow) PriceGap(ctx context.Context) (*PriceGap, error) {
	return row.report.whole().gap(ctx, row.ID.String())
}
