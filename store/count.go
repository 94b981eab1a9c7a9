package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// counting counts the lists of several parents at once, when it is asked first how many there are.
type counting struct {
	load  func(context.Context) (map[uuid.UUID]models.Count, error)
	batch *models.Batch
}

func newCounting(load func(context.Context) (map[uuid.UUID]models.Count, error)) *counting {
	return &counting{load, models.NewBatch[models.Keyed](nil)}
}

func (c *counting) of(parent uuid.UUID) func(context.Context) (models.Count, error) {
	return func(ctx context.Context) (models.Count, error) {
		counts, err := models.Fetch(ctx, c.batch, "counts", func() (map[uuid.UUID]models.Count, error) { return c.load(ctx) })
		return counts[parent], err
	}
}

// beside reads a page; where it is known that it will be asked how many there are, that is counted in the same wave. What goes
// wrong with it is told to who asks.
func (c *counting) beside(ctx context.Context, snap *access.Snapshot, page func() error) error {
	if !models.Selects(ctx, "totalCount", "totalCountExact") {
		return page()
	}
	return snap.Beside(page, func() error {
		_, _ = c.of(uuid.Nil)(ctx)
		return nil
	})
}

// counts counts the lists of all parents in one statement.
func (l *listing[T, P]) counts(ctx context.Context) (map[uuid.UUID]models.Count, error) {
	q := l.snap.Viewer.Query()
	text, err := l.kept(q, "count", func() (string, error) {
		parents := q.Bind(l.parents)
		number, err := q.Count(l.wanted(), maxCount)
		return fmt.Sprintf("select p.id, (%s) from unnest(%s::uuid[]) as p (id)", number, parents), err
	})
	if err != nil {
		return nil, err
	}
	counts := make(map[uuid.UUID]models.Count, len(l.parents))
	err = l.snap.Run(ctx, q, text, func(row access.Row) error {
		var parent uuid.UUID
		var n int
		err := row.Scan(&parent, &n)
		counts[parent] = models.Count{Number: min(n, maxCount), Exact: n <= maxCount}
		return err
	})
	return counts, err
}
