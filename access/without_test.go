package access_test

import (
	"context"
	"fmt"
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
	for n := range names {
		left[n] = true
	}
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
	t.Logf("%d rules taken away, %d rules survived", len(names), len(left))
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

// disagreement tells the first record, or field of one, that the SQL decides otherwise than the naive model; or nothing.
func disagreement(t *testing.T, tx pgx.Tx, c *naive.Company) string {
	t.Helper()
	for user := range c.Users {
		v, err := access.Load(t.Context(), tx, naive.ID(models.UserCode, user), drawnAt)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range access.Kinds {
			for _, manage := range []bool{false, true} {
				expected := expectedOf(c, kind, user, manage)
				if len(expected) == 0 {
					continue
				}
				got := rowsOf(t, tx, v, kind, manage)
				for id, want := range expected {
					if got[id] != want {
						return fmt.Sprintf("user %d, %s %s, to manage %t: the model says %+v, the SQL %+v", user, kind.Name, id, manage, want, got[id])
					}
				}
			}
		}
	}
	return ""
}

// row is what a user has of a record: whether it is there, and whether a protected field of it is readable.
type row struct{ there, readable bool }

// protectedColumn names, for some kinds, a column that always has a value where the model says so.
var protectedColumn = map[string]string{"OPPORTUNITY": "amount", "SERVICE": "cost", "OPPORTUNITY_LINE": "amount"}

// expectedOf asks the naive model which records of a kind a user sees or manages, and reads; nothing for kinds that it does
// not know.
func expectedOf(c *naive.Company, kind *access.Kind, user int, manage bool) map[uuid.UUID]row {
	expected := map[uuid.UUID]row{}
	if kind == access.User {
		for other := range c.Users {
			expected[naive.ID(models.UserCode, other)] = row{there: c.Users[user].Active}
		}
	}
	for _, r := range c.Records {
		sees := c.Sees(user, r, manage)
		full := sees && c.Reads(user, r, string(kind.Protected[protectedColumn[kind.Name]])) == "FULL"
		if r.Kind == kind.Name {
			expected[r.ID()] = row{sees, full && r.Amount != 0}
		}
		for _, p := range r.Parts {
			if p.Kind == kind.Name {
				expected[p.ID()] = row{sees, full}
			}
		}
	}
	return expected
}

func rowsOf(t *testing.T, tx pgx.Tx, v *access.Viewer, kind *access.Kind, manage bool) map[uuid.UUID]row {
	t.Helper()
	q := v.Query()
	source, readable := q.Visible, "false"
	if manage {
		source = q.Manageable
	}
	if column := protectedColumn[kind.Name]; column != "" {
		readable = "r." + column + " is not null"
	}
	text := q.Text("select r.id, " + readable + " from " + source(kind, "r"))
	rows, err := tx.Query(t.Context(), text, append([]any{pgx.QueryExecModeCacheStatement}, q.Args()...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[uuid.UUID]row{}
	for rows.Next() {
		var id uuid.UUID
		one := row{there: true}
		if err := rows.Scan(&id, &one.readable); err != nil {
			t.Fatal(err)
		}
		found[id] = one
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return found
}
