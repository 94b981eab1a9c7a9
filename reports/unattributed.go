package reports

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
)

// UnattributedLosses is what was lost without a winner named, the reason not being that nobody won.
type UnattributedLosses struct {
	Lost       int
	AmountLost *models.Money

	report *CompetitorReport
}

// Page opens the losses: a page of them.
func (u *UnattributedLosses) Page(ctx context.Context, first *int, after *string) (*RecordPage, error) {
	t, err := turn(first, after)
	if err != nil {
		return nil, err
	}
	r := u.report
	pages, err := models.Fetch(ctx, r.opened, fmt.Sprint("unattributed ", t), func() (*RecordPages, error) {
		return answered(r.engine, func(x executor) (*RecordPages, error) { return x.losses(ctx, r, t) })
	})
	if err != nil {
		return nil, err
	}
	return pages.page(lostTo), nil
}

// lostTo names the line of what was lost to nobody that is known.
const lostTo = "nobody known"

// attribution is how many opportunities there are, and how many have met a competitor; how many of those lost have a reason and
// a winner named; how many amounts are known; and what is unattributed, with its known amounts.
type attribution struct {
	all, met, lost, explained, attributed, amounts, unattributed, counted int
	sum                                                                   decimal.Decimal
}

// unattributedText chooses the losses of the dataset of attributions that are unattributed.
const unattributedText = "status = 'LOST' and not attributed and not nobody"

// attributing begins the statement over the report's opportunities.
func (r *CompetitorReport) attributing() *statement {
	p := *r.plan
	p.dataset, p.components = attributions, nil
	return p.statement()
}

func (bySQL) attribute(ctx context.Context, r *CompetitorReport) (a attribution, err error) {
	s := r.attributing()
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
from (select *, %s as unattributed from facts) f`, facts, unattributedText)
	return a, r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		return row.Scan(&a.all, &a.met, &a.lost, &a.explained, &a.attributed, &a.amounts, &a.unattributed, &a.sum, &a.counted)
	})
}

func (bySQL) losses(ctx context.Context, r *CompetitorReport, t turned) (*RecordPages, error) {
	s := r.attributing()
	facts, err := s.facts("status", "attributed", "nobody")
	if err != nil {
		return nil, err
	}
	return t.read(ctx, r.snap, s.q, fmt.Sprintf("with facts as (\n  %s\n), behind as (\n  select '%s'::text as line, id from facts where %s\n)",
		facts, lostTo, unattributedText))
}

// tell tells how far losses name their winner.
func (r *CompetitorReport) tell(a attribution) {
	r.Coverage = []*Coverage{
		coverage("MAIN_COMPETITOR", a.met, a.all), coverage("LOSS_REASON", a.explained, a.lost),
		coverage("wonBy", a.attributed, a.attributed+a.unattributed), coverage("amount", a.amounts, a.all),
	}
	p := r.attributing().plan
	for i, without := range []string{"not f.met", "f.status = 'LOST' and not f.explained", "f.status = 'LOST' and not f.attributed and not f.nobody", "f.amount is null"} {
		r.Coverage[i].Unknowns = p.behind(r.snap, r.opened, "unknown "+r.Coverage[i].Field, without, "status", "amount", "met", "attributed", "explained", "nobody")
	}
	r.Unattributed = &UnattributedLosses{Lost: a.unattributed, AmountLost: money(r.plan.viewer, a.sum, a.counted), report: r}
}
