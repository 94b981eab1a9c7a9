package access

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Raw runs a query in one snapshot of the database and hands over each row's values in PostgreSQL's binary form, as
// pgx.Rows.RawValues: for whoever reads very many of them.
type Raw func(ctx context.Context, q *Query, text string, each func([][]byte) error) error

// RawIn runs queries in a transaction.
func RawIn(tx pgx.Tx) Raw {
	return func(ctx context.Context, q *Query, text string, each func([][]byte) error) error {
		text = q.Text(text)
		rows, err := tx.Query(ctx, text, append([]any{pgx.QueryExecModeCacheDescribe}, q.Args()...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := each(rows.RawValues()); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// Raw runs queries in the snapshot.
func (s *Snapshot) Raw(ctx context.Context, q *Query, text string, each func([][]byte) error) error {
	return s.Run(ctx, q, text, func(row Row) error {
		return each(row.(interface{ RawValues() [][]byte }).RawValues())
	})
}

// Bound runs a text that asks for no record, such as one of the feed, with its values in the order of their places.
func (s *Snapshot) Bound(ctx context.Context, text string, values []any, each func(Row) error) error {
	q := s.Viewer.Query()
	for _, value := range values {
		q.Bind(value)
	}
	return s.Run(ctx, q, text, each)
}
