package postgres_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/internal/pgtest"
)

// TestIDsTravelAsTheyAre sends ids and lists of them, and takes them back, in either format.
func TestIDsTravelAsTheyAre(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	one, two, kept := uuid.New(), uuid.New(), uuid.New()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec} {
		for name, sent := range map[string]struct{ value, into, want any }{
			"::uuid":                        {one, new(uuid.UUID), one},
			"::uuid of a pointer":           {&one, new(uuid.UUID), one},
			"::uuid of a pointer to one":    {&one, new(*uuid.UUID), &one},
			"::uuid of none":                {(*uuid.UUID)(nil), new(*uuid.UUID), (*uuid.UUID)(nil)},
			"::uuid of none, kept":          {(*uuid.UUID)(nil), &kept, kept},
			"::uuid of a text":              {one.String(), new(uuid.UUID), one},
			"::uuid into a text":            {one, new(string), one.String()},
			"::uuid[]":                      {[]uuid.UUID{one, two}, new([]uuid.UUID), []uuid.UUID{one, two}},
			"::uuid[] of nothing":           {[]uuid.UUID{}, new([]uuid.UUID), []uuid.UUID{}},
			"::uuid[] of null":              {[]uuid.UUID(nil), new([]uuid.UUID), []uuid.UUID(nil)},
			"::uuid[] || null::uuid":        {[]uuid.UUID{one}, new([]uuid.UUID), []uuid.UUID{one, uuid.Nil}},
			"::uuid[] of pointers":          {[]*uuid.UUID{&one, nil}, new([]*uuid.UUID), []*uuid.UUID{&one, nil}},
			"::uuid = any(array[]::uuid[])": {one, new(bool), false},
		} {
			cast, _, _ := strings.Cut(name, " of ")
			cast, _, _ = strings.Cut(cast, " into ")
			if mode == pgx.QueryExecModeExec && strings.Contains(cast, "[]") {
				continue // which sends no lists
			}
			if err := pool.QueryRow(t.Context(), "select $1"+cast, mode, sent.value).Scan(sent.into); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if got := reflect.ValueOf(sent.into).Elem().Interface(); !reflect.DeepEqual(got, sent.want) {
				t.Errorf("%s: got %v, want %v", name, got, sent.want)
			}
		}
	}
	var list []uuid.UUID
	if err := pool.QueryRow(t.Context(), "select array[array[$1::uuid]]", pgx.QueryExecModeCacheStatement, one).Scan(&list); err == nil {
		t.Errorf("a list of lists is taken as %v", list)
	}
}
