package sandbox_test

import (
	"testing"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/store"
)

// sees counts the records of a kind that one person owns and another sees, and all that he owns.
func sees(t *testing.T, s *store.Store, viewer, owner string, kind *access.Kind) (seen, all int) {
	t.Helper()
	var who, whose uuid.UUID
	for login, id := range map[string]*uuid.UUID{viewer: &who, owner: &whose} {
		if err := s.DB.NewRaw("select id from users where login = ?", login).Scan(t.Context(), id); err != nil {
			t.Fatalf("%s: %v", login, err)
		}
	}
	v, err := access.Load(t.Context(), s.Pool, who, end)
	if err != nil {
		t.Fatal(err)
	}
	look := access.Look(s.Pool, v)
	defer look.Close(t.Context())
	q := v.Query()
	text := "select count(*) from " + q.Visible(kind, "r") + " where r.owner_id = " + q.Bind(whose)
	if err := look.Run(t.Context(), q, text, func(row access.Row) error { return row.Scan(&seen) }); err != nil {
		t.Fatal(err)
	}
	return seen, number(t, s, "select count(*) from "+kind.Table+" where owner_id = ?", whose)
}

// TestTheStoriesHold looks at the records of one person through the eyes of another: all of them, or none.
func TestTheStoriesHold(t *testing.T) {
	t.Parallel()
	s := sample(t)
	for _, c := range []struct {
		viewer, owner string
		kind          *access.Kind
		all           bool
	}{
		{"director", "guangdong.sales", access.Customer, true},
		{"director", "guangxi.sales", access.Opportunity, true},
		{"director", "xiaowang", access.Opportunity, true},
		{"director", "xiaowang", access.Customer, false},
		{"director", "apart", access.Customer, false},
		{"new.director", "guangdong.sales", access.Customer, false},
		{"leader", "guangdong.sales", access.Customer, true},
		{"leader", "xiaowang", access.Customer, true},
		{"leader", "twohats", access.Customer, false},
		{"head", "apart", access.Customer, false},
		{"guangdong.head", "twohats", access.Customer, true},
		{"guangxi.head", "twohats", access.Customer, true},
		{"guangxi.head", "guangdong.sales", access.Customer, false},
		{"xiaowang", "guangdong.sales", access.Customer, false},
		{"finance", "xiaowang", access.Customer, true},
		{"analyst", "apart", access.Opportunity, true},
		{"service", "apart", access.Customer, true},
	} {
		seen, all := sees(t, s, c.viewer, c.owner, c.kind)
		if all == 0 || c.all && seen != all || !c.all && seen != 0 {
			t.Errorf("%s sees %d of %d %s records of %s, want all = %v", c.viewer, seen, all, c.kind.Name, c.owner, c.all)
		}
	}
}
