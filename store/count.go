package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// counts counts the lists of all parents in one statement.
func (l *listing[T, P]) counts(ctx context.Context) (map[uuid.UUID]models.Count, error) {
	q := l.snap.Viewer.Query()
	parents := q.Bind(l.parents)
	number, err := q.Count(l.wanted(), maxCount)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("select p.id, (%s) from unnest(%s::uuid[]) as p (id)", number, parents)
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
