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
	engine *Engine
	opened *models.Batch
}

// competitive is what an executor answers of competitors.
type competitive interface {
	// meet gives every competitor's row.
	meet(ctx context.Context, r *CompetitorReport) ([]*CompetitorReportRow, error)
	// attribute tells how many losses name their winner.
	attribute(ctx context.Context, r *CompetitorReport) (attribution, error)
	// split gives the groups of the report's competitors by a dimension, each one's in their order.
	split(ctx context.Context, r *CompetitorReport, d *Dimension, first int, trend bool) ([]piece, error)
	// reasons gives why the report's competitors won, each one's in their order.
	reasons(ctx context.Context, r *CompetitorReport) ([]reasoned, error)
	// games gives who won how often against whom.
	games(ctx context.Context, r *CompetitorReport) ([]game, error)
	// pages gives the pages of the records behind some groups.
	pages(ctx context.Context, c *cells, ended string, t turned) (*RecordPages, error)
	// gaps gives how far prices are apart behind each line of some groups.
	gaps(ctx context.Context, c *cells) (map[string]*PriceGap, error)
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

// Competitors answers which competitor is strongest, by SQL in two statements; of the question, By, Having, OrderBy and CompareTo
// are not used. Parts asked later read the same snapshot.
func (e *Engine) Competitors(ctx context.Context, snap *access.Snapshot, ask Ask) (*CompetitorReport, error) {
	ask.By, ask.Having, ask.OrderBy, ask.CompareTo, ask.Measures, ask.Shares, ask.Coverage = nil, nil, nil, nil, bouts, nil, false
	p, err := check(Competition, snap.Viewer, ask, fault.Language(ctx))
	if err != nil {
		return nil, err
	}
	opened := models.NewBatch[models.Keyed](nil)
	r := &CompetitorReport{plan: p, snap: snap, engine: e, opened: opened, Definition: p.definition(snap, opened)}
	r.Definition.engine = e
	rows, err := answered(e, func(x executor) ([]*CompetitorReportRow, error) { return x.meet(ctx, r) })
	if err != nil {
		return nil, err
	}
	r.Rows = ranked(rows, p.viewer)
	r.Rows = r.Rows[:min(len(r.Rows), p.First)]
	models.NewBatch(r.Rows)
	a, err := answered(e, func(x executor) (attribution, error) { return x.attribute(ctx, r) })
	if err != nil {
		return nil, err
	}
	r.tell(a)
	return r, nil
}

func (bySQL) meet(ctx context.Context, r *CompetitorReport) ([]*CompetitorReportRow, error) {
	s := r.plan.statement()
	facts, err := s.facts("competitor_id")
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("with facts as (\n  %s\n)\nselect competitor_id, %s\nfrom facts\ngroup by competitor_id", facts, s.overs())
	var rows []*CompetitorReportRow
	return rows, r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var id uuid.UUID
		b := bout{r.plan.figures()}
		if err := row.Scan(append([]any{&id}, b.places()...)...); err != nil {
			return err
		}
		rows = append(rows, r.row(id, b))
		return nil
	})
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

// attribution is how many opportunities there are, and how many have met a competitor; how many of those lost have a reason and
// a winner named; how many amounts are known; and what is unattributed, with its known amounts.
type attribution struct {
	all, met, lost, explained, attributed, amounts, unattributed, counted int
	sum                                                                   decimal.Decimal
}

func (bySQL) attribute(ctx context.Context, r *CompetitorReport) (a attribution, err error) {
	p := *r.plan
	p.dataset, p.components = attributions, nil
	s := p.statement()
	facts, err := s.facts("status", "amount", "met", "attributed", "explained", "nobody")
	if err != nil {
		return a, err
	}
	text := fmt.Sprintf(`with facts as (
  %s
)
select count(*), count(*) filter (where met), count(*) filter (where status = 'LOST'),
  count(*) filter (where status = 'LOST' and explained), count(*) filter (where status = 'LOST' and attributed), count(amount),
  count(*) filter (where unattributed), coalesce(sum(amount) filter (where unattributed), 0), count(amount) filter (where unattributed)
from (select *, status = 'LOST' and not attributed and not nobody as unattributed from facts) f`, facts)
	return a, r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		return row.Scan(&a.all, &a.met, &a.lost, &a.explained, &a.attributed, &a.amounts, &a.unattributed, &a.sum, &a.counted)
	})
}

// tell tells how far losses name their winner.
func (r *CompetitorReport) tell(a attribution) {
	r.Coverage = []*Coverage{
		coverage("MAIN_COMPETITOR", a.met, a.all), coverage("LOSS_REASON", a.explained, a.lost),
		coverage("wonBy", a.attributed, a.attributed+a.unattributed), coverage("amount", a.amounts, a.all),
	}
	p := *r.plan
	p.dataset, p.components = attributions, nil
	for i, without := range []string{"not f.met", "f.status = 'LOST' and not f.explained", "f.status = 'LOST' and not f.attributed and not f.nobody", "f.amount is null"} {
		r.Coverage[i].Unknowns = p.behind(r.snap, r.opened, "unknown "+r.Coverage[i].Field, without, "status", "amount", "met", "attributed", "explained", "nobody")
	}
	r.Unattributed = &UnattributedLosses{Lost: a.unattributed, AmountLost: money(r.plan.viewer, a.sum, a.counted)}
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
