package reports

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// cells are the groups of a side of a report by one dimension, read together; without a dimension whose they are is all that they
// differ by.
type cells struct {
	report *CompetitorReport
	of     side
	by     *Dimension
	list   []cell
	opened *models.Batch
}

// cell is one group of a competitor, or of several together; the key is "" for unknown.
type cell struct {
	whose uuid.UUID
	key   string
}

// whole is a side of the report, not grouped further.
func (r *CompetitorReport) whole(of side) *cells { return &cells{report: r, of: of, opened: r.opened} }

// add gives the line of a further group; that of all other groups is named after whose they are.
func (c *cells) add(whose uuid.UUID, key *string) string {
	one := cell{whose: whose}
	if key != nil {
		one.key = *key
	}
	c.list = append(c.list, one)
	return lineOf(len(c.list) - 1)
}

// lineOf names the line of the group at a place of the list.
func lineOf(place int) string { return fmt.Sprint(place + 1) }

// statement begins the report's statement with the groups' dimension.
func (c *cells) statement(components ...*component) *statement {
	p := *c.report.plan
	p.by, p.components, p.at = nil, nil, map[string]int{}
	if c.by != nil {
		p.by = []*Dimension{c.by}
	}
	p.need(components...)
	return p.statement()
}

// lines renders the facts, each with the line of the group that it belongs to.
func (c *cells) lines(s *statement) string {
	sided := s.sided(c.report, c.of)
	if c.by == nil {
		return "select whose::text as line, a.* from (" + sided + ") a"
	}
	whose, keys := make([]uuid.UUID, len(c.list)), make([]string, len(c.list))
	for i, one := range c.list {
		whose[i], keys[i] = one.whose, one.key
	}
	return fmt.Sprintf(`select coalesce(w.place::text, a.whose::text) as line, a.*
  from (%s) a left join unnest(%s::uuid[], %s::text[]) with ordinality as w (whose, key, place)
    on w.whose = a.whose and w.key = coalesce(a.k1::text, '')`, sided, s.q.Bind(whose), s.q.Bind(keys))
}

// endedSo lists the one outcome that is asked for; nothing for all.
func endedSo(outcome *string) []string {
	if outcome == nil {
		return nil
	}
	return []string{*outcome}
}

// page gives one line's page of the opportunities behind it, all or those with an encounter that ended so. What is asked of one line
// is found for all lines together.
func (c *cells) page(ctx context.Context, line string, ended []string, first *int, after *string) (*RecordPage, error) {
	t, err := turn(first, after)
	if err != nil {
		return nil, err
	}
	pages, err := models.Fetch(ctx, c.opened, fmt.Sprint("records ", c.of, ended, t), func() (*RecordPages, error) {
		return answered(c.report.engine, func(x executor) (*RecordPages, error) { return x.pages(ctx, c, ended, t) })
	})
	if err != nil {
		return nil, err
	}
	return pages.page(line), nil
}

func (bySQL) pages(ctx context.Context, c *cells, ended []string, t turned) (*RecordPages, error) {
	s := c.statement()
	facts, err := s.facts("competitor_id", "outcome")
	if err != nil {
		return nil, err
	}
	chosen, condition := "line, id", "true"
	if c.of != eachListed {
		chosen = "distinct line, id" // an opportunity that met several of them
	}
	if ended != nil {
		condition = "outcome = any(" + s.q.Bind(ended) + "::text[])"
	}
	return t.read(ctx, c.report.snap, s.q, fmt.Sprintf("with facts as (\n  %s\n), lines as (\n  %s\n), behind as (\n  select %s from lines where %s\n)",
		facts, c.lines(s), chosen, condition))
}

// gap gives one line's price gap; nil for who reads no amounts. One statement reads those of all lines.
func (c *cells) gap(ctx context.Context, line string) (*PriceGap, error) {
	if !c.report.plan.viewer.ReadsSome(access.Amounts) {
		return nil, nil
	}
	all, err := models.Fetch(ctx, c.opened, fmt.Sprint("price gap ", c.of), func() (map[string]*PriceGap, error) {
		return answered(c.report.engine, func(x executor) (map[string]*PriceGap, error) { return x.gaps(ctx, c) })
	})
	return all[line], err
}

func (bySQL) gaps(ctx context.Context, c *cells) (map[string]*PriceGap, error) {
	s := c.statement(append(priceGap.components(), all)...)
	facts, err := s.facts("competitor_id")
	if err != nil {
		return nil, err
	}
	found := map[string]*PriceGap{}
	text := fmt.Sprintf("with facts as (\n  %s\n), lines as (\n  %s\n)\nselect line, %s\nfrom lines group by line", facts, c.lines(s), s.overs())
	return found, c.report.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var line string
		f := s.figures()
		if err := row.Scan(append([]any{&line}, f.places()...)...); err != nil {
			return err
		}
		found[line] = priceGap.value(f).(*PriceGap)
		return nil
	})
}
