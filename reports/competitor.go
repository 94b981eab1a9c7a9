package reports

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// CompetitorReport tells which competitor is strongest, by the encounters in the opportunities that the viewer sees.
type CompetitorReport struct {
	Rows         []*CompetitorReportRow
	Other        *CompetitorReportRow // of all competitors that are not listed; nil when all are
	Total        *CompetitorReportRow
	Unattributed *UnattributedLosses
	Coverage     []*Coverage
	Definition   *ReportDefinition

	plan   *plan
	snap   *access.Snapshot
	engine *Engine
	opened *models.Batch
}

// competitive is what an executor answers of competitors, besides their rows.
type competitive interface {
	// attribute tells how many losses name their winner.
	attribute(ctx context.Context, r *CompetitorReport) (attribution, error)
	// split gives the groups of a cut, those of each line in their order.
	split(ctx context.Context, r *CompetitorReport, c cut) ([]piece, error)
	// games gives who won how often against whom.
	games(ctx context.Context, r *CompetitorReport) ([]game, error)
	// pages gives the pages of the records behind some groups.
	pages(ctx context.Context, c *cells, ended []string, t turned) (*RecordPages, error)
	// gaps gives how far prices are apart behind each line of some groups.
	gaps(ctx context.Context, c *cells) (map[string]*PriceGap, error)
	// losses gives a page of what was lost without a winner named.
	losses(ctx context.Context, r *CompetitorReport, t turned) (*RecordPages, error)
}

// CompetitorReportRow is one competitor against us, whose id it has, or several together. The rows of a report are one batch.
type CompetitorReportRow struct {
	models.Part
	Rank, RankByAmountLost *int
	Competitors            int
	Bouts
	Previous *CompetitorReportRow // of the period compared with

	report *CompetitorReport
	side   side
	bout   bout
	place  int                  // by name
	beside map[string]comparand // what rows are chosen or sorted by, and is computed beside their numbers
}

// Bouts are the encounters of a competitor, or of several, by how they ended.
type Bouts struct {
	Encounters, Open, WeWon, TheyWon, OtherWon, NobodyWon, Unknown int
	WinRate                                                        *Rate
	AmountWon, AmountLost                                          *models.Money
}

// Competitors answers which competitor is strongest, by SQL in two statements, one more with a comparison; of the question, By, Shares
// and Subtotals are not used. Parts asked later read the same snapshot.
func (e *Engine) Competitors(ctx context.Context, snap *access.Snapshot, ask Ask) (*CompetitorReport, error) {
	ask.By, ask.Shares, ask.Coverage, ask.Subtotals = nil, nil, false, false
	p, err := check(Competition, snap.Viewer, ask, fault.Language(ctx))
	if err != nil {
		return nil, err
	}
	p.needBouts()
	earlier, err := p.before()
	if err != nil {
		return nil, err
	}
	r := p.competitors(e, snap)
	r.Definition = p.definition(snap, r.opened)
	r.Definition.engine = e
	if err := r.choose(ctx); err != nil {
		return nil, err
	}
	if earlier != nil {
		if err := r.compare(ctx, earlier); err != nil {
			return nil, err
		}
	}
	a, err := answered(e, func(x executor) (attribution, error) { return x.attribute(ctx, r) })
	if err != nil {
		return nil, err
	}
	r.tell(a)
	return r.cover(ctx)
}

// needBouts makes what every row has, and nothing else, what the plan computes: the rest is read where it is asked for.
func (p *plan) needBouts() {
	p.components, p.at = nil, map[string]int{}
	p.need(all)
	for _, name := range bouts {
		m, _ := p.dataset.Measure(name)
		p.need(m.form.components()...)
	}
}

func (p *plan) competitors(e *Engine, snap *access.Snapshot) *CompetitorReport {
	return &CompetitorReport{plan: p, snap: snap, engine: e, opened: models.NewBatch[models.Keyed](nil)}
}

// meet gives the row of every competitor met, strongest first: whatever is listed, ranks are among all.
func (r *CompetitorReport) meet(ctx context.Context) ([]*CompetitorReportRow, error) {
	p := r.plan.rivals(r.plan.components)
	p.First, p.having, p.order = math.MaxInt32, &test{joined: allOf}, nil
	lines, err := r.engine.list(ctx, r.snap, p)
	var rows []*CompetitorReportRow
	for _, l := range lines {
		if l.level == 1 {
			row := r.row(eachListed, uuid.MustParse(*l.keys[0]), 1, bout{l.figures})
			row.place = l.place
			rows = append(rows, row)
		}
	}
	return ranked(rows, r.plan.viewer), err
}

// rivals gives the plan of the same report for some numbers by competitor and further dimensions.
func (p *plan) rivals(numbers []*component, by ...*Dimension) *plan {
	of := *p
	of.by, of.components, of.at = append([]*Dimension{competitorKey}, by...), nil, map[string]int{}
	of.need(numbers...)
	return &of
}

func (r *CompetitorReport) row(of side, id uuid.UUID, competitors int, b bout) *CompetitorReportRow {
	return &CompetitorReportRow{Part: models.Part{ID: id}, Competitors: competitors, Bouts: b.told(), report: r, side: of, bout: b}
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
		place := i + 1
		row.Rank = &place
	}
	return rows
}

// together gives several competitors' numbers in one row; it has no competitor and no rank.
func (r *CompetitorReport) together(of side, rows []*CompetitorReportRow) *CompetitorReportRow {
	sum := bout{r.plan.figures()}
	for _, row := range rows {
		sum.add(row.bout.figures)
	}
	row := r.row(of, uuid.Nil, len(rows), sum)
	models.NewBatch([]*CompetitorReportRow{row})
	return row
}

// Rival is the competitor whose row it is; nil of several together.
func (row *CompetitorReportRow) Rival() *uuid.UUID {
	if row.side != eachListed {
		return nil
	}
	return &row.ID
}

// ids lists the competitors of the report's rows.
func (r *CompetitorReport) ids() []uuid.UUID {
	ids := make([]uuid.UUID, len(r.Rows))
	for i, row := range r.Rows {
		ids[i] = row.ID
	}
	return ids
}

// Page opens the row: a page of the opportunities in which its competitors were met, each once, all or those in which an encounter
// ended so.
func (row *CompetitorReportRow) Page(ctx context.Context, outcome *string, first *int, after *string) (*RecordPage, error) {
	return row.report.whole(row.side).page(ctx, row.ID.String(), endedSo(outcome), first, after)
}

// PriceGap tells how far the competitors' prices are from ours; nil for who reads no amounts.
func (row *CompetitorReportRow) PriceGap(ctx context.Context) (*PriceGap, error) {
	return row.report.whole(row.side).gap(ctx, row.ID.String())
}
