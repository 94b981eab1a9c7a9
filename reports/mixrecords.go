package reports

import (
	"context"
	"fmt"
	"strings"
	"time"

	"guanxi/models"
)

// line gives the place from 1 of a row's cases in one stratum among those that can be opened.
func (m *mixes) line(row int, stratum string) int {
	name := [2]string{*m.keys[row].ID, stratum}
	if m.at[name] == 0 {
		m.lines = append(m.lines, name[:])
		m.at[name] = len(m.lines)
	}
	return m.at[name]
}

// HigherPage and LowerPage open the two rates: a page of the decided opportunities of one row in the stratum. What is asked of one
// is read for all strata of all warnings in one statement.
func (s *MixStratum) HigherPage(ctx context.Context, first *int, after *string) (*RecordPage, error) {
	return s.mixes.page(ctx, s.lines[0], first, after)
}

func (s *MixStratum) LowerPage(ctx context.Context, first *int, after *string) (*RecordPage, error) {
	return s.mixes.page(ctx, s.lines[1], first, after)
}

// AsOf is the instant that the warning was asked for; nil for now.
func (s *MixStratum) AsOf() *time.Time { return s.mixes.plan.AsOf }

func (m *mixes) page(ctx context.Context, line int, first *int, after *string) (*RecordPage, error) {
	t, err := turn(first, after)
	if err != nil {
		return nil, err
	}
	pages, err := models.Fetch(ctx, m.opened, fmt.Sprint(t), func() (*RecordPages, error) {
		return answered(m.engine, func(x executor) (*RecordPages, error) { return x.cases(ctx, m, t) })
	})
	if err != nil {
		return nil, err
	}
	return pages.page(fmt.Sprint(line)), nil
}

func (bySQL) cases(ctx context.Context, m *mixes, t turned) (*RecordPages, error) {
	s := m.plan.statement()
	facts, err := s.facts()
	if err != nil {
		return nil, err
	}
	rate := m.plan.dataset.compared
	cases := make([]string, len(rate.of))
	for i, c := range rate.of {
		cases[i] = c.when.text()
	}
	return t.read(ctx, m.snap, s.q, fmt.Sprintf("with facts as (\n  %s\n), behind as (\n  select w.place::text as line, f.id from %s where w.place is not null and (%s)\n)",
		facts, s.matched(2, m.lines), strings.Join(cases, " or ")))
}
