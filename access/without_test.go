package access_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// mostCompanies is how many random companies a rule may be missing in before somebody sees what he should not, or misses
// what he should see.
const mostCompanies = 400

// TestEveryRuleIsMissed leaves out one row of the rules after another: the SQL then disagrees with the naive model in one
// of the first random companies. A row that nothing misses is not proven. With all rows nothing disagrees. It runs alone,
// since the rows are everybody's.
func TestEveryRuleIsMissed(t *testing.T) {
	pool := pgtest.New(t)
	names := access.Rows()
	left := map[int]bool{}
	for n, name := range names {
		left[n] = name != "way WHOLE" && !strings.HasPrefix(name, "relation ") // the model knows no parts and no fields yet
	}
	maps.DeleteFunc(left, func(_ int, tried bool) bool { return !tried })
	companies := rapid.Custom(func(rt *rapid.T) *naive.Company { return naive.Draw(rt, drawnAt, drawnOn) })
	for seed := 0; seed < mostCompanies && len(left) > 0; seed++ {
		inCompany(t, pool, companies.Example(seed), func(tx pgx.Tx, c *naive.Company) {
			if difference := disagreement(t, tx, c); difference != "" {
				t.Fatalf("company %d, with all rules: %s", seed, difference)
			}
			for n := range left {
				putBack := access.Without(n)
				difference := disagreement(t, tx, c)
				putBack()
				if difference != "" {
					t.Logf("%s is missed in company %d: %s", names[n], seed, difference)
					delete(left, n)
				}
			}
		})
	}
	for n := range left {
		t.Errorf("%s: nothing misses it in %d companies", names[n], mostCompanies)
	}
}

var (
	drawnAt = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	drawnOn = "2026-03-02" // in Shanghai
)

// inCompany writes a company, lets it be looked at, and takes it away.
func inCompany(t *testing.T, pool *pgxpool.Pool, c *naive.Company, look func(pgx.Tx, *naive.Company)) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if err := naive.Write(t.Context(), tx, c); err != nil {
		t.Fatal(err)
	}
	look(tx, c)
}

// disagreement tells the first record that the SQL decides otherwise than the naive model, or nothing.
func disagreement(t *testing.T, tx pgx.Tx, c *naive.Company) string {
	t.Helper()
	for user := range c.Users {
		v, err := access.Load(t.Context(), tx, naive.ID(models.UserCode, user), drawnAt)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range access.Kinds {
			for _, manage := range []bool{false, true} {
				if expected := expectedOf(c, kind, user, manage); expected != nil {
					got := idsOf(t, tx, v, kind, manage)
					for id, want := range expected {
						if slices.Contains(got, id) != want {
							return fmt.Sprintf("user %d, %s %s, to manage %t: the model says %t", user, kind.Name, id, manage, want)
						}
					}
				}
			}
		}
	}
	return ""
}

// expectedOf asks the naive model which records of a kind a user sees or manages; nothing for a kind that it does not know.
func expectedOf(c *naive.Company, kind *access.Kind, user int, manage bool) map[uuid.UUID]bool {
	expected := map[uuid.UUID]bool{}
	if kind == access.User {
		for other := range c.Users {
			expected[naive.ID(models.UserCode, other)] = c.Users[user].Active
		}
	}
	for _, r := range c.Records {
		if r.Kind == kind.Name {
			expected[r.ID()] = c.Sees(user, r, manage)
		}
	}
	return expected
}

func idsOf(t *testing.T, tx pgx.Tx, v *access.Viewer, kind *access.Kind, manage bool) []uuid.UUID {
	t.Helper()
	q := v.Query()
	source := q.Visible
	if manage {
		source = q.Manageable
	}
	text := q.Text("select r.id from " + source(kind, "r"))
	rows, err := tx.Query(t.Context(), text, append([]any{pgx.QueryExecModeCacheStatement}, q.Args()...)...)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return ids
}
