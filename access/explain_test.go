package access_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"guanxi/access"
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
	rounds, explained := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		if rounds++; rounds > 12 && !rt.Failed() {
			return
		}
		c := drawCompany(rt, now, "2026-03-02")
		tx, err := pool.Begin(ctx)
		if err != nil {
			rt.Fatal(err)
		}
		defer tx.Rollback(ctx)
		if err := write(ctx, tx, c); err != nil {
			rt.Fatal(err)
		}
		admin := administrator(rt, tx, now)
		for user := range c.users {
			for _, r := range c.records {
				explained += explainOne(rt, tx, c, admin, user, r)
			}
		}
	})
	if explained < 1000 {
		t.Errorf("only %d records explained", explained)
	}
}

// administrator adds a user who sees everything and administers access.
func administrator(rt *rapid.T, tx pgx.Tx, now time.Time) *access.Viewer {
	user, role := idOf(models.UserCode, 99), idOf(models.RoleCode, 99)
	permissions := []string{}
	for _, p := range access.Permissions() {
		permissions = append(permissions, string(p))
	}
	w := &writer{c: &naiveCompany{now: now}, ctx: context.Background(), tx: tx}
	w.put("users", "id, login, name", user, "admin", "admin")
	w.put("roles", "id, code, name, permissions", role, "admin", "admin", permissions)
	w.put("user_roles", "user_id, role_id", user, role)
	w.put("grants", "id, grantee_user_id, everyone, effect, level", idOf(models.GrantCode, 99), user, true, "ALLOW", "MANAGE")
	v, err := access.Load(context.Background(), tx, user, now)
	if err != nil || w.err != nil {
		rt.Fatal(err, w.err)
	}
	return v
}

func explainOne(rt *rapid.T, tx pgx.Tx, c *naiveCompany, admin *access.Viewer, user int, r *naiveRecord) int {
	kind, _ := access.Named(r.kind)
	x, err := access.Explain(context.Background(), tx, admin, idOf(models.UserCode, user), idOf(kind.Code, r.id))
	if err != nil {
		rt.Fatal(err)
	}
	if x == nil {
		if !r.deleted && !r.listed && r.kind != "RELATIONSHIP" {
			rt.Fatalf("%s %d is not explained to who sees everything", r.kind, r.id)
		}
		return 0
	}
	if visible, manageable := c.sees(user, r, false), c.sees(user, r, true); x.Visible != visible || x.Manageable != manageable {
		rt.Fatalf("user %d, %s %d: explained as %t/%t, the model says %t/%t", user, r.kind, r.id, x.Visible, x.Manageable, visible, manageable)
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
		rt.Fatalf("user %d, %s %d is visible %t, manageable %t, but the reasons say %t, %t", user, r.kind, r.id, x.Visible, x.Manageable, opens, manages)
	}
	return 1
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
	c := &naiveCompany{now: now, reads: []map[string]bool{{"CUSTOMER": true}},
		users:   []*naiveUser{{active: true, roles: []int{0}}, {active: true, roles: []int{0}}},
		records: []*naiveRecord{{kind: "CUSTOMER", owner: 0, assignee: -1, pool: -1}}}
	if err := write(ctx, tx, c); err != nil {
		t.Fatal(err)
	}
	me, record := idOf(models.UserCode, 0), idOf(models.CustomerCode, 0)
	v, err := access.Load(ctx, tx, me, now)
	if err != nil {
		t.Fatal(err)
	}
	x, err := access.Explain(ctx, tx, v, me, record)
	if err != nil || x == nil || !x.Visible || x.Reasons[0].Rule != access.ByOwner {
		t.Errorf("my own record is explained as %+v, %v", x, err)
	}
	if _, err := access.Explain(ctx, tx, v, idOf(models.UserCode, 1), record); err == nil {
		t.Error("another's access was explained to who does not administer access")
	}
	other, err := access.Load(ctx, tx, idOf(models.UserCode, 1), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int{0, 7} {
		if x, err := access.Explain(ctx, tx, other, other.UserID, idOf(models.CustomerCode, id)); x != nil || err != nil {
			t.Errorf("a hidden and a missing record answer alike with nothing, not %+v, %v", x, err)
		}
	}
}
