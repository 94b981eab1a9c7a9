package access_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// TestADenialIsCountedToo: an index alone counts what the customers of people in the scope bring, but not where a DENY takes some of it out.
func TestADenialIsCountedToo(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for denied, seen := range map[int]int{-1: 3, 2: 2, 1: 0} {
		customer := &naive.Record{Kind: "CUSTOMER", Owner: 1, Assignee: -1, Pool: -1}
		c := &naive.Company{Now: drawnAt, Today: drawnOn, Types: []naive.Type{{}}, Records: []*naive.Record{customer},
			Roles: []*naive.Role{{May: map[string]bool{"OPPORTUNITY_READ": true}}}, Users: []*naive.User{{Active: true, Roles: []int{0}}, {Active: true}, {Active: true}},
			Grants: []*naive.Grant{{Number: 1, ToUser: 0, ToRole: -1, Over: naive.Subject{What: "user", Which: 1}}}}
		for owner := range 3 {
			c.Records = append(c.Records, &naive.Record{Kind: "OPPORTUNITY", Number: 1 + owner, Owner: owner, Assignee: -1, Pool: -1, Customer: customer, Status: "OPEN"})
		}
		if denied >= 0 {
			c.Grants = append(c.Grants, &naive.Grant{Number: 2, ToUser: 0, ToRole: -1, Deny: true, Over: naive.Subject{What: "user", Which: denied}})
		}
		if denied == 1 {
			c.Records[1].Owner, seen = 2, 0
		}
		inCompany(t, pool, c, func(tx pgx.Tx, c *naive.Company) {
			v, err := access.Load(t.Context(), tx, naive.ID(models.UserCode, 0), drawnAt)
			if err != nil {
				t.Fatal(err)
			}
			q := v.Query()
			text, err := q.Count(access.Page{Kind: access.Opportunity}, 10)
			if err != nil {
				t.Fatal(err)
			}
			text = q.Text(text)
			var counted int
			if err := tx.QueryRow(t.Context(), text, append([]any{pgx.QueryExecModeCacheDescribe}, q.Args()...)...).Scan(&counted); err != nil || counted != seen {
				t.Errorf("with user %d denied %d are counted, not %d (%v)", denied, counted, seen, err)
			}
		})
	}
}
