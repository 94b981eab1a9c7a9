package reports

import (
	"context"
	"fmt"
	"time"

	"guanxi/access"
	"guanxi/models"
)

// Behind opens a count that stands beside a report's rows, such as what is unknown of a field, to the very records behind it.
type Behind struct {
	snap   *access.Snapshot
	opened *models.Batch
	name   string // among what the report opens
	kind   *access.Kind
	asOf   *time.Time
	text   func() (*access.Query, string, error) // ends with "behind": each record once, under the line "1"; nil when there are none
}

// Kind is the kind of the records, and AsOf the instant that they are shown as of; nil for now.
func (b *Behind) Kind() *access.Kind { return b.kind }
func (b *Behind) AsOf() *time.Time   { return b.asOf }

// Page gives one page of the records.
func (b *Behind) Page(ctx context.Context, first *int, after *string) (*RecordPage, error) {
	t, err := turn(first, after)
	if err != nil {
		return nil, err
	}
	pages, err := models.Fetch(ctx, b.opened, fmt.Sprint(b.name, t.size, t.after), func() (*RecordPages, error) {
		if b.text == nil {
			return nobody(t), nil
		}
		q, text, err := b.text()
		if err != nil {
			return nil, err
		}
		return t.read(ctx, b.snap, q, text)
	})
	if err != nil {
		return nil, err
	}
	return pages.page("1"), nil
}

// behind opens those facts of a plan's population that fulfil a condition on some of their values.
func (p *plan) behind(snap *access.Snapshot, opened *models.Batch, name, condition string, values ...string) *Behind {
	return &Behind{snap: snap, opened: opened, name: name, kind: p.dataset.Kind, asOf: p.AsOf, text: func() (*access.Query, string, error) {
		s := p.statement()
		facts, err := s.facts(values...)
		return s.q, fmt.Sprintf("with facts as (\n  %s\n), behind as (\n  select distinct '1'::text as line, f.id from facts f where %s\n)", facts, condition), err
	}}
}

// opens tells each field's coverage how to open what is unknown of it.
func (p *plan) opens(snap *access.Snapshot, opened *models.Batch, list []*Coverage) {
	for i, c := range list {
		if i < len(p.by) {
			c.Unknowns = p.behind(snap, opened, "unknown "+c.Field, fmt.Sprintf("f.k%d is null", i+1))
			continue
		}
		of := p.dataset.covered[i-len(p.by)].of
		c.Unknowns = p.behind(snap, opened, "unknown "+c.Field, "f."+of+" is null", of)
	}
}
