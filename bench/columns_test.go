package bench

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"guanxi/columns"
	"guanxi/feed"
	"guanxi/reports"
	"guanxi/server"
	"guanxi/store"
)

// columnar is what the server keeps in memory to answer reports from.
type columnar struct {
	kept  *columns.Store
	rows  int
	took  time.Duration
	speed *reports.Engine
}

// columnsOf loads the columns of what has been filled in.
func columnsOf(m *market) *columnar { return columnsKeeping(m, 0) }

// columnsKeeping loads them, and lets them keep so many bytes of what was counted.
func columnsKeeping(m *market, recall int) *columnar {
	c := &columnar{kept: columns.New(columns.Options{Pool: m.store.Pool, Log: slog.New(slog.DiscardHandler), Now: m.store.Now, Recall: recall}), rows: m.filled}
	began := time.Now()
	if err := c.kept.Tend(m.Context()); err != nil {
		m.Fatal(err)
	}
	c.took, c.speed = time.Since(began), reports.WithColumns(c.kept)
	return c
}

func (c *columnar) told() string {
	if c.kept.Bytes() == 0 {
		return "no columns"
	}
	return fmt.Sprintf("columns loaded in %v, %d MiB, %.0f bytes an opportunity", c.took.Round(100*time.Millisecond), c.kept.Bytes()>>20, float64(c.kept.Bytes())/float64(c.rows))
}

// engine answers from columns; nil when there are none.
func (c *columnar) engine() *reports.Engine {
	if c.kept.Bytes() == 0 {
		return nil
	}
	return c.speed
}

// left tells how many questions were answered from columns, and how many were left to SQL.
func (c *columnar) left() string {
	answered, declined := c.kept.Answered()
	return fmt.Sprintf("%d questions were answered from columns, %d left to SQL", answered, declined)
}

// served gives the options of a server that answers from them.
func (c *columnar) served(o server.Options) server.Options {
	o.Reports = c.speed
	return o
}

// lagged is how often is written and asked.
const lagged = 100

// lag prints how long whoever asks at once waits for an answer that holds what was committed just before, by the side of the
// same question when nothing was written. Columns are tended meanwhile as a server does it.
func (c *columnar) lag(m *market) {
	ctx, stop := context.WithCancel(m.Context())
	changes := feed.New(m.store.Pool, slog.New(slog.DiscardHandler))
	m.store.Wrote = changes.Wrote
	hints, unfollow := changes.Follow()
	var background sync.WaitGroup
	background.Go(func() { changes.Run(ctx) })
	background.Go(func() { c.kept.Run(ctx, hints) })
	defer func() { stop(); unfollow(); background.Wait() }()
	all, rep := m.lookers[0], m.lookers[2]
	ask := reports.Ask{By: []string{"STATUS"}, First: 10, Measures: []string{"count"}}
	var quiet, after []time.Duration
	for range lagged {
		took, _ := m.asked(c.speed, all, ask)
		quiet = append(quiet, took)
		before := m.counted(c.speed, all, ask)
		if _, err := m.store.OpportunityCreate(m.Context(), rep.viewer.At(time.Now()), store.Request{Operation: "opportunityCreate"},
			store.OpportunityDraft{Fields: map[string]any{"title": "a chance"}}); err != nil {
			m.Fatal(err)
		}
		began := time.Now()
		if now := m.counted(c.speed, all, ask); now != before+1 {
			m.Fatalf("%d are counted after one more than %d", now, before)
		}
		after = append(after, time.Since(began))
	}
	fmt.Printf("\nasked of columns: quiet p50 %.1f ms, p99 %.1f; at once after a commit p50 %.1f ms, p99 %.1f, the change always in the answer; %s\n",
		share(quiet, 0.5), share(quiet, 0.99), share(after, 0.5), share(after, 0.99), c.left())
}
