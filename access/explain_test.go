package access_test

import (
	"context"
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

// TestExplanationsAgreeWithTheDoor lets an administrator explain every user's access to every record of random companies:
// the answer is what the naive model decides, and its reasons lead to it.
func TestExplanationsAgreeWithTheDoor(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	rounds, explained, most := 0, 0, 5
	if naive.Decisions(0) > 0 {
		most = 100
	}
	defer func() { told(t, explained) }()
	rapid.Check(t, func(rt *rapid.T) {
		if rounds++; rounds > most && !rt.Failed() {
			return
		}
		c := naive.Draw(rt, now, "2026-03-02")
		id := administrator(c)
		tx, err := pool.Begin(ctx)
		if err != nil {
			rt.Fatal(err)
		}
		defer tx.Rollback(ctx)
		if err := naive.Write(ctx, tx, c); err != nil {
			rt.Fatal(err)
		}
		admin, err := access.Load(ctx, tx, id, now)
		if err != nil {
			rt.Fatal(err)
		}
		for user := range c.Users {
			for _, r := range c.Records {
				explained += explainOne(rt, tx, c, admin, user, r)
			}
		}
	})
	if explained < 500 {
		t.Errorf("only %d records explained", explained)
	}
}

// administrator adds a user who sees everything and administers access.
func administrator(c *naive.Company) uuid.UUID {
	permissions := []string{}
	for _, p := range access.Permissions() {
		permissions = append(permissions, string(p))
	}
	return naive.ID(models.UserCode, c.AddAdministrator(permissions...))
}

func explainOne(rt *rapid.T, tx pgx.Tx, c *naive.Company, admin *access.Viewer, user int, r *naive.Record) int {
	x, err := access.Explain(context.Background(), tx, admin, naive.ID(models.UserCode, user), r.ID(), protectedField[r.Kind])
	if err != nil {
		rt.Fatal(err)
	}
	if x == nil {
		if r.Deletion == 0 && !r.Listed && r.Kind != "RELATIONSHIP" {
			rt.Fatalf("%s %d is not explained to who sees everything", r.Kind, r.Number)
		}
		return 0
	}
	if visible, manageable := c.Sees(user, r, false), c.Sees(user, r, true); x.Visible != visible || x.Manageable != manageable {
		rt.Fatalf("user %d, %s %d: explained as %t/%t, the model says %t/%t", user, r.Kind, r.Number, x.Visible, x.Manageable, visible, manageable)
	}
	opens, manages := false, false
	for i, reason := range x.Reasons {
		opens, manages = opens || reason.Opens, manages || reason.Manages
		if reason.Sentence.En == "" || reason.Sentence.Zh == "" {
			rt.Fatalf("%s says nothing", reason.Rule)
		}
		if i > 0 && reason.Opens && !x.Reasons[i-1].Opens {
			rt.Fatalf("what opens does not come first: %v", x.Reasons)
		}
	}
	if len(x.Reasons) == 0 || opens != x.Visible || manages != x.Manageable {
		rt.Fatalf("user %d, %s %d is visible %t, manageable %t, but the reasons say %t, %t", user, r.Kind, r.Number, x.Visible, x.Manageable, opens, manages)
	}
	checkField(rt, c, user, r, x)
	if x.Visible {
		checkChain(rt, c, user, r, x.Chain)
	} else {
		checkNeeded(rt, c, user, r, x.Needed)
	}
	return 1
}

// protectedField names a field of each kind that has one under a rule.
var protectedField = map[string]string{"CUSTOMER": "phone", "CONTACT": "phone", "OPPORTUNITY": "amount", "SERVICE": "cost"}

// checkField holds the explanation of a field against the naive model: the right, and that the role named gives it.
func checkField(rt *rapid.T, c *naive.Company, user int, r *naive.Record, x *access.Explanation) {
	if x.Field == nil || x.Field.Rule == nil {
		if protectedField[r.Kind] != "" {
			rt.Fatalf("the field of %s is not explained", r.Kind)
		}
		return
	}
	want := "NONE"
	if x.Visible {
		want = c.Reads(user, r, *x.Field.Rule)
	}
	if x.Field.Access != want || x.Field.Sentence.En == "" || x.Field.Sentence.Zh == "" {
		rt.Fatalf("user %d, %s %d: the field is explained as %s, the model says %s", user, r.Kind, r.Number, x.Field.Access, want)
	}
	if !x.Visible || want == "NONE" {
		return
	}
	role := x.Field.Chain[len(x.Field.Chain)-1]
	if role.Rule != access.ByRole || c.Roles[place(role.Node)].Fields[*x.Field.Rule][*x.Field.Relation] != want {
		rt.Fatalf("user %d, %s %d: no role gives %s by %s", user, r.Kind, r.Number, want, words(x.Field.Chain))
	}
}

func TestExplainIsForOneselfOrAdministrators(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	tx, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	c := &naive.Company{Now: now, Roles: []*naive.Role{{May: map[string]bool{"CUSTOMER_READ": true}}},
		Users:   []*naive.User{{Active: true, Roles: []int{0}}, {Active: true, Roles: []int{0}}},
		Records: []*naive.Record{{Kind: "CUSTOMER", Owner: 0, Assignee: -1, Pool: -1}}}
	if err := naive.Write(ctx, tx, c); err != nil {
		t.Fatal(err)
	}
	me, record := naive.ID(models.UserCode, 0), naive.ID(models.CustomerCode, 0)
	v, err := access.Load(ctx, tx, me, now)
	if err != nil {
		t.Fatal(err)
	}
	x, err := access.Explain(ctx, tx, v, me, record, "")
	if err != nil || x == nil || !x.Visible || x.Reasons[0].Rule != access.ByOwner {
		t.Errorf("my own record is explained as %+v, %v", x, err)
	}
	if _, err := access.Explain(ctx, tx, v, naive.ID(models.UserCode, 1), record, ""); err == nil {
		t.Error("another's access was explained to who does not administer access")
	}
	other, err := access.Load(ctx, tx, naive.ID(models.UserCode, 1), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int{0, 7} {
		if x, err := access.Explain(ctx, tx, other, other.UserID, naive.ID(models.CustomerCode, id), ""); x != nil || err != nil {
			t.Errorf("a hidden and a missing record answer alike with nothing, not %+v, %v", x, err)
		}
	}
}
