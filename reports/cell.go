package reports

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// cells are the groups of all competitors of a report by one dimension, read together; without a dimension the competitors
// themselves are all there is.
type cells struct {
	report *CompetitorReport
	by     *Dimension
	list   []cell
	opened *models.Batch
}

// cell is one group of one competitor; the key is "" for unknown.
type cell struct {
	competitor uuid.UUID
	key        string
}

// whole are the competitors of the report, not grouped further.
func (r *CompetitorReport) whole() *cells { return &cells{report: r, opened: r.opened} }

// add gives the line of a further group; that of all other groups of a competitor is named after him.
func (c *cells) add(competitor uuid.UUID, key *string) string {
	one := cell{competitor: competitor}
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
	ids := s.q.Bind(c.report.ids())
	if c.by == nil {
		return "select competitor_id::text as line, f.* from facts f where competitor_id = any(" + ids + "::uuid[])"
	}
	competitors, keys := make([]uuid.UUID, len(c.list)), make([]string, len(c.list))
	for i, one := range c.list {
		competitors[i], keys[i] = one.competitor, one.key
	}
	return fmt.Sprintf(`select coalesce(w.place::text, f.competitor_id::text) as line, f.*
  from facts f left join unnest(%s::uuid[], %s::text[]) with ordinality as w (competitor, key, place)
    on w.competitor = f.competitor_id and w.key = coalesce(f.k1::text, '')
  where f.competitor_id = any(%s::uuid[])`, s.q.Bind(competitors), s.q.Bind(keys), ids)
}

// page gives one line's page of the opportunities behind it, all or those that ended so. What is asked of one line is found
// for all lines together.
func (c *cells) page(ctx context.Context, line string, outcome *string, first *int, after *string) (*RecordPage, error) {
	t, err := turn(first, after)
	if err != nil {
		return nil, err
	}
	ended := ""
	if outcome != nil {
		ended = *outcome
	}
	pages, err := models.Fetch(ctx, c.opened, fmt.Sprint("records ", ended, t.size, t.after), func() (*RecordPages, error) {
		return answered(c.report.engine, func(x executor) (*RecordPages, error) { return x.pages(ctx, c, ended, t) })
	})
	if err != nil {
		return nil, err
	}
	return pages.page(line), nil
}

func (bySQL) pages(ctx context.Context, c *cells, ended string, t turned) (*RecordPages, error) {
	s := c.statement()
	facts, err := s.facts("competitor_id", "outcome")
	if err != nil {
		return nil, err
	}
	condition := "true"
	if ended != "" {
		condition = "outcome = " + s.q.Bind(ended)
	}
	return t.read(ctx, c.report.snap, s.q, fmt.Sprintf("with facts as (\n  %s\n), lines as (\n  %s\n), behind as (\n  select line, id from lines where %s\n)",
		facts, c.lines(s), condition))
}

// gap gives one line's price gap; nil for who reads no amounts. One statement reads those of all lines.
func (c *cells) gap(ctx context.Context, line string) (*PriceGap, error) {
	if !c.report.plan.viewer.ReadsSome(access.Amounts) {
		return nil, nil
	}
	all, err := models.Fetch(ctx, c.opened, "price gap", func() (map[string]*PriceGap, error) {
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
