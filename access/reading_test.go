package access_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// TestRowsAreTakenAsPgxTakesThem reads values of all types, nulls among them, into places of all types, in a snapshot and by pgx:
// what one takes the other does, the same, and what one refuses the other does.
func TestRowsAreTakenAsPgxTakesThem(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	values := []string{"'a text'::text", "'甲'::varchar", "''::text", "repeat('long ', 3000)", "1::int4", "-5::int8", "7::int2", "true", "'2026-03-01'::date", "1.50::numeric",
		"'2026-03-01T10:00:00Z'::timestamptz", "'01234567-89ab-cdef-0123-456789abcdef'::uuid", "array['x', 'y']", "array['01234567-89ab-cdef-0123-456789abcdef']::uuid[]",
		"'{\"a\": 1}'::jsonb", "'\\x0102'::bytea", "'ch'::char(3)", "1.5::float8"}
	places := []any{"", new(string), 0, new(int), int64(0), false, uuid.UUID{}, new(uuid.UUID), models.Date(""), new(models.Date), time.Time{}, new(time.Time), []string{}, []uuid.UUID{}, []byte{}, float64(0)}
	snap := access.Look(pool, access.System("rows are taken", time.Now(), models.Company{}))
	defer snap.Close(t.Context())
	taken := 0
	for _, value := range values {
		for _, text := range []string{
			fmt.Sprintf("select %s from generate_series(1, 40)", value), fmt.Sprintf("select case when n %% 2 = 0 then %s end from generate_series(2, 40) n", value),
		} {
			for _, place := range places {
				read := func(scan func(dest ...any) error, list *[]any) error {
					into := reflect.New(reflect.TypeOf(place))
					err := scan(into.Interface())
					*list = append(*list, into.Elem().Interface())
					return err
				}
				var ours, theirs []any
				err := snap.Run(t.Context(), snap.Viewer.Query(), text, func(row access.Row) error { return read(row.Scan, &ours) })
				rows, wrong := pool.Query(t.Context(), text, pgx.QueryExecModeCacheStatement)
				if wrong != nil {
					t.Fatal(wrong)
				}
				for wrong == nil && rows.Next() {
					wrong = read(rows.Scan, &theirs)
				}
				rows.Close()
				if (err == nil) != (wrong == nil) || !reflect.DeepEqual(ours, theirs) {
					t.Errorf("%s into %T: %v, %v; pgx takes %v, %v", text, place, ours, err, theirs, wrong)
				}
				if err == nil {
					taken += len(ours)
				}
			}
		}
	}
	if taken < 3000 {
		t.Errorf("only %d values were taken", taken)
	}
}

// TestLongAnswersKeepTheirTexts reads texts of all lengths, and holds each against itself when all are read.
func TestLongAnswersKeepTheirTexts(t *testing.T) {
	t.Parallel()
	snap := access.Look(pgtest.New(t), access.System("rows are taken", time.Now(), models.Company{}))
	defer snap.Close(t.Context())
	var texts []string
	var ids []*uuid.UUID
	err := snap.Run(t.Context(), snap.Viewer.Query(), "select repeat(chr(97 + n % 26), n), lpad(n::text, 32, '0')::uuid from generate_series(0, 3000) n", func(row access.Row) error {
		var text string
		var id *uuid.UUID
		err := row.Scan(&text, &id)
		texts, ids = append(texts, text), append(ids, id)
		return err
	})
	if err != nil || len(texts) != 3001 {
		t.Fatal(len(texts), err)
	}
	for n, text := range texts {
		if text != strings.Repeat(string(rune('a'+n%26)), n) || ids[n].String() != fmt.Sprintf("%032d", n)[:8]+"-0000-0000-0000-"+fmt.Sprintf("%012d", n) {
			t.Fatalf("the text of %d is %.20q, the id %s", n, text, ids[n])
		}
	}
}
