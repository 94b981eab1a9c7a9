package access_test

import (
	"encoding/json"
	"testing"

	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// TestExplainDoesNotLeanOnAHiddenCustomer lets somebody who may not read customers explain why he sees an opportunity: the
// customer that opens it may be his, shared with him or of somebody in his scope, and the answer is the same. Who sees the
// customer is told which it is.
func TestExplainDoesNotLeanOnAHiddenCustomer(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, reads := range []bool{false, true} {
		told := map[string]bool{}
		for _, how := range []string{"owned", "shared", "in scope"} {
			customer := &naive.Record{Kind: "CUSTOMER", Owner: 1, Assignee: -1, Pool: -1}
			opportunity := &naive.Record{Kind: "OPPORTUNITY", Number: 1, Owner: 2, Assignee: -1, Pool: -1, Customer: customer, Status: "OPEN"}
			c := &naive.Company{Now: drawnAt, Today: drawnOn, Types: []naive.Type{{}}, Records: []*naive.Record{customer, opportunity},
				Roles: []*naive.Role{{May: map[string]bool{"OPPORTUNITY_READ": true, "CUSTOMER_READ": reads}}}, Users: []*naive.User{{Active: true, Roles: []int{0}}, {Active: true}, {Active: true}}}
			switch how {
			case "owned":
				customer.Owner = 0
			case "shared":
				c.Shares = []*naive.Share{{Number: 1, Record: customer, With: naive.Subject{What: "user"}}}
			case "in scope":
				c.Grants = []*naive.Grant{{Number: 1, ToUser: 0, ToRole: -1, Over: naive.Subject{What: "user", Which: 1}}}
			}
			inCompany(t, pool, c, func(tx pgx.Tx, c *naive.Company) {
				v, err := access.Load(t.Context(), tx, naive.ID(models.UserCode, 0), drawnAt)
				if err != nil {
					t.Fatal(err)
				}
				x, err := access.Explain(t.Context(), tx, v, v.UserID, opportunity.ID(), "")
				if err != nil || x == nil || !x.Visible || len(x.Chain) != 2 {
					t.Fatalf("%s: explained as %+v, %v", how, x, err)
				}
				text, err := json.Marshal([]any{x.Reasons[0].Rule, x.Reasons[0].Sentence, x.Chain[1].Rule, x.Chain[1].Sentence, x.Chain[1].Node})
				if err != nil {
					t.Fatal(err)
				}
				told[string(text)] = true
			})
		}
		if want := map[bool]int{false: 1, true: 3}[reads]; len(told) != want {
			t.Errorf("to who may read customers: %t, %d answers, not %d: %v", reads, len(told), want, told)
		}
	}
}
