package access_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// TestSQLDecidesAsTheNaiveModel compares, for random companies, every user and every record, what the compiled SQL shows,
// lets manage and finds among the deleted with what a model written apart from it decides.
func TestSQLDecidesAsTheNaiveModel(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC) // 2 March in Shanghai
	decisions := 0
	defer func() { told(t, decisions) }()
	rapid.Check(t, func(rt *rapid.T) {
		if decisions >= naive.Decisions(20_000) && !rt.Failed() {
			return
		}
		c := naive.Draw(rt, now, "2026-03-02")
		tx, err := pool.Begin(ctx)
		if err != nil {
			rt.Fatal(err)
		}
		defer tx.Rollback(ctx)
		if err := naive.Write(ctx, tx, c); err != nil {
			rt.Fatal(err)
		}
		for user := range c.Users {
			v, err := access.Load(ctx, tx, naive.ID(models.UserCode, user), now)
			if err != nil {
				rt.Fatal(err)
			}
			for _, kind := range append(slices.Clone(naive.Kinds), "RELATIONSHIP", "OPPORTUNITY_LINE", "ENCOUNTER", "STAGE_CHANGE") {
				decisions += compareKind(rt, tx, c, v, user, kind)
			}
		}
	})
	if target := naive.Decisions(20_000); decisions < target {
		t.Errorf("%d decisions are fewer than %d", decisions, target)
	}
}

// told tells how many decisions a test has compared with the model. It ends with the first disagreement.
func told(t *testing.T, decisions int) {
	disagreements := 0
	if t.Failed() {
		disagreements = 1
	}
	t.Logf("%d decisions compared, %d disagreements", decisions, disagreements)
}

func compareKind(rt *rapid.T, tx pgx.Tx, c *naive.Company, v *access.Viewer, user int, name string) int {
	kind, _ := access.Named(name)
	decisions := 0
	for door, decide := range map[string]func(*naive.Record) bool{
		"see":          func(r *naive.Record) bool { return c.Sees(user, r, false) },
		"gather":       func(r *naive.Record) bool { return c.Sees(user, r, false) },
		"manage":       func(r *naive.Record) bool { return c.Sees(user, r, true) },
		"find deleted": func(r *naive.Record) bool { return c.FindsDeleted(user, r) },
	} {
		q := v.Query()
		source := map[string]func(*access.Kind, string) string{"see": q.Visible, "gather": q.Gathered, "manage": q.Manageable, "find deleted": q.Deleted}[door]
		text := q.Text("select r.id from " + source(kind, "r"))
		rows, err := tx.Query(context.Background(), text, append([]any{pgx.QueryExecModeCacheStatement}, q.Args()...)...)
		if err != nil {
			rt.Fatal(err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			rt.Fatalf("%v in %s", err, text)
		}
		if n := len(models.SortIDs(slices.Clone(ids))); n < len(ids) {
			rt.Fatalf("user %d, %s, to %s: %d rows of %d records", user, name, door, len(ids), n)
		}
		for id, r := range named(c, name) {
			decisions++
			want, got := decide(r), slices.Contains(ids, id)
			if want != got {
				rt.Fatalf("user %d, %s %d, to %s: the model says %t, the SQL %t", user, name, r.Number, door, want, got)
			}
		}
	}
	return decisions
}

// named lists the records, or parts, of a kind by their ids, each with the record that decides on it.
func named(c *naive.Company, name string) map[uuid.UUID]*naive.Record {
	list := map[uuid.UUID]*naive.Record{}
	for _, r := range c.Records {
		if r.Kind == name {
			list[r.ID()] = r
		}
		for _, p := range r.Parts {
			if p.Kind == name {
				list[p.ID()] = r
			}
		}
	}
	return list
}
