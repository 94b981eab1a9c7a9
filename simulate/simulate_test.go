package simulate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/simulate"
	"guanxi/store"
)

// company is a small one in which grants, groups, shares and pools meet.
type company struct {
	t           *testing.T
	store       *store.Store
	now         time.Time
	admin       *access.Viewer
	roles       []uuid.UUID
	users       []uuid.UUID
	departments []uuid.UUID
	groups      []uuid.UUID
}

func newCompany(t *testing.T) *company {
	t.Helper()
	s, err := store.Open(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Setup(t.Context(), store.SetupOptions{}); err != nil {
		t.Fatal(err)
	}
	c := &company{t: t, store: s, now: time.Now().UTC().Truncate(time.Microsecond)}
	c.admin = access.System("tests arrange what they need", c.now, models.Company{Currency: "CNY", TimeZone: "Asia/Shanghai"})
	for _, code := range []string{"sales", "analyst", "administrator"} {
		c.roles = append(c.roles, store.BuiltIn(models.RoleCode, code))
	}
	for i := range 4 {
		input := map[string]any{"name": fmt.Sprint("d", i)}
		if i > 0 {
			input["parent"] = &c.departments[(i-1)/2]
		}
		c.departments = append(c.departments, c.must(s.DepartmentCreate(t.Context(), c.admin, store.Request{}, input)))
	}
	for i := range 6 {
		draft := store.UserDraft{User: models.User{Login: fmt.Sprint("u", i), Name: fmt.Sprint("u", i)}, Roles: c.roles[:1],
			Places: []models.Membership{{DepartmentID: c.departments[i%4]}}}
		c.users = append(c.users, c.must(s.UserCreate(t.Context(), c.admin, store.Request{}, draft)))
	}
	for i := range 2 {
		input := map[string]any{"name": fmt.Sprint("g", i), "members": []uuid.UUID{c.users[i], c.users[i+2]}}
		c.groups = append(c.groups, c.must(s.GroupCreate(t.Context(), c.admin, store.Request{}, input)))
	}
	c.must(s.GrantCreate(t.Context(), c.admin, store.Request{}, c.over(c.users[0], c.departments[0], true, models.Allow)))
	c.must(s.GrantCreate(t.Context(), c.admin, store.Request{}, c.over(c.users[1], c.groups[0], false, models.Allow)))
	c.records()
	return c
}

func (c *company) must(id uuid.UUID, err error) uuid.UUID {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (c *company) over(user, subject uuid.UUID, below bool, effect string) models.Grant {
	return models.Grant{GranteeUserID: &user, SubjectID: &subject, WithSubDepartments: below, Effect: effect, Level: models.Observe}
}

func (c *company) records() {
	pool := c.must(c.store.PoolCreate(c.t.Context(), c.admin, store.Request{}, map[string]any{"name": "p"}, []models.PoolMember{{SubjectID: c.departments[1]}}))
	for i, owner := range c.users {
		customer := &models.Customer{Name: "c", Kind: "ORGANIZATION", Lifecycle: "LEAD"}
		customer.OwnerID = &owner
		if i == 5 {
			customer.OwnerID, customer.PoolID = nil, &pool
		}
		c.add(customer, models.CustomerCode)
		activity := &models.Activity{Kind: "CALL", Summary: "a", HappenedAt: c.now, CustomerID: &customer.ID}
		activity.OwnerID = &c.users[(i+1)%6]
		c.add(activity, models.ActivityCode)
		share := &models.Share{RecordID: customer.ID, SubjectID: c.departments[i%4], Level: models.Observe}
		if i%2 == 0 {
			c.add(share, models.ShareCode)
		}
	}
}

func (c *company) add(row interface{ Base() *models.Record }, kind models.KindCode) {
	c.t.Helper()
	*row.Base() = models.Record{ID: models.NewID(kind), Version: 1, CreatedAt: c.now, UpdatedAt: c.now}
	if _, err := c.store.DB.NewInsert().Model(row).Exec(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// sight lists what every user sees, by kind.
func (c *company) sight() map[uuid.UUID]map[string][]uuid.UUID {
	all := map[uuid.UUID]map[string][]uuid.UUID{}
	for _, user := range c.users {
		v, err := access.Load(c.t.Context(), c.store.Pool, user, c.now)
		if err != nil {
			c.t.Fatal(err)
		}
		snap := access.Look(c.store.Pool, v)
		all[user] = map[string][]uuid.UUID{}
		for _, kind := range access.Kinds {
			if kind.Guard != access.Business {
				continue
			}
			q := v.Query()
			err := snap.Run(c.t.Context(), q, "select r.id from "+q.Visible(kind, "r"), func(row access.Row) error {
				var id uuid.UUID
				err := row.Scan(&id)
				all[user][kind.Name] = append(all[user][kind.Name], id)
				return err
			})
			if err != nil {
				c.t.Fatal(err)
			}
		}
		snap.Close(c.t.Context())
	}
	return all
}

func missing(from, of []uuid.UUID) (n int) {
	for _, id := range of {
		if !slices.Contains(from, id) {
			n++
		}
	}
	return n
}

// differences writes down what changed between two sights, as the simulation should tell it.
func (c *company) differences(before, after map[uuid.UUID]map[string][]uuid.UUID) []string {
	var list []string
	for _, user := range c.users {
		for _, kind := range access.Kinds {
			b, a := before[user][kind.Name], after[user][kind.Name]
			if gained, lost := missing(b, a), missing(a, b); gained+lost > 0 {
				list = append(list, fmt.Sprintf("%s %s +%d -%d", user, kind.Name, gained, lost))
			}
		}
	}
	slices.Sort(list)
	return list
}

func told(s *simulate.Simulation) []string {
	counts := map[string][2]int{}
	for _, u := range s.Changed {
		for _, k := range u.Gained {
			counts[fmt.Sprint(u.ID, " ", k.Kind)] = [2]int{k.Count, counts[fmt.Sprint(u.ID, " ", k.Kind)][1]}
		}
		for _, k := range u.Lost {
			counts[fmt.Sprint(u.ID, " ", k.Kind)] = [2]int{counts[fmt.Sprint(u.ID, " ", k.Kind)][0], k.Count}
		}
	}
	var list []string
	for who, n := range counts {
		list = append(list, fmt.Sprintf("%s +%d -%d", who, n[0], n[1]))
	}
	slices.Sort(list)
	return list
}

// epoch tells whether anybody's rights have changed, and how much has been kept.
func (c *company) epoch() (text string) {
	c.t.Helper()
	err := c.store.DB.NewRaw(`select concat_ws(' ', (select epoch from rights_epoch), (select count(*) from grants), (select count(*) from memberships),
		(select count(*) from group_members), (select count(*) from user_roles), (select count(*) from audit_entries))`).Scan(c.t.Context(), &text)
	if err != nil {
		c.t.Fatal(err)
	}
	return text
}

// TestSimulationTellsWhatTheChangesDo simulates random changes, makes them, and compares what each user sees.
func TestSimulationTellsWhatTheChangesDo(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	random := rand.New(rand.NewPCG(7, 11))
	effects := 0
	for range 25 {
		changes := []simulate.Change{c.change(random), c.change(random)}
		before, epoch := c.sight(), c.epoch()
		s, err := simulate.Run(t.Context(), c.store, c.admin, changes)
		if now := c.epoch(); now != epoch {
			t.Fatalf("a simulation kept something: %s, then %s", epoch, now)
		}
		if refused := c.apply(changes); (refused == nil) != (err == nil) {
			t.Fatalf("simulated with %v, made with %v", err, refused)
		}
		if err != nil {
			continue
		}
		want, got := c.differences(before, c.sight()), told(s)
		if !slices.Equal(want, got) {
			t.Fatalf("the changes did %v, simulated was %v", want, got)
		}
		effects += len(want)
	}
	if effects < 20 {
		t.Errorf("only %d effects simulated", effects)
	}
}

func (c *company) change(random *rand.Rand) simulate.Change {
	user, role := c.users[random.IntN(6)], c.roles[random.IntN(2)]
	department, group := c.departments[random.IntN(4)], c.groups[random.IntN(2)]
	switch random.IntN(7) {
	case 0:
		g := c.over(user, department, random.IntN(2) == 0, []string{models.Allow, models.Allow, models.Deny}[random.IntN(3)])
		return simulate.Change{Grant: &g}
	case 1:
		g := models.Grant{GranteeRoleID: &role, SubjectID: &group, Effect: models.Allow, Level: models.Observe, Kinds: []string{"CUSTOMER"}}
		return simulate.Change{Grant: &g}
	case 2:
		return simulate.Change{GrantDelete: c.any("grants", random)}
	case 3:
		return simulate.Change{Membership: &models.Membership{UserID: user, DepartmentID: department}}
	case 4:
		return simulate.Change{MembershipDelete: c.any("memberships", random)}
	case 5:
		return simulate.Change{UserRoles: &simulate.UserRoles{User: user, Roles: []uuid.UUID{role}}}
	}
	return simulate.Change{GroupMember: &simulate.GroupMember{Group: group, User: user, Member: random.IntN(2) == 0}}
}

func (c *company) any(table string, random *rand.Rand) *uuid.UUID {
	var ids []uuid.UUID
	if err := c.store.DB.NewRaw("select id from "+table+" order by id").Scan(c.t.Context(), &ids); err != nil {
		c.t.Fatal(err)
	}
	return &ids[random.IntN(len(ids))]
}

// apply makes the changes for real, together.
func (c *company) apply(changes []simulate.Change) error {
	_, err := c.store.Write(context.Background(), c.admin, store.Request{}, func(tx *store.Tx) (id uuid.UUID, err error) {
		for _, change := range changes {
			switch {
			case change.Grant != nil:
				_, err = tx.GrantCreate(*change.Grant)
			case change.GrantDelete != nil:
				err = tx.GrantDelete(*change.GrantDelete)
			case change.Membership != nil:
				_, err = tx.MembershipCreate(*change.Membership)
			case change.MembershipDelete != nil:
				err = tx.MembershipDelete(*change.MembershipDelete, nil)
			case change.UserRoles != nil:
				err = tx.UserRolesSet(change.UserRoles.User, nil, change.UserRoles.Roles)
			default:
				err = tx.GroupMember(change.GroupMember.Group, change.GroupMember.User, change.GroupMember.Member)
			}
			if err != nil {
				return id, err
			}
		}
		return id, nil
	})
	return err
}

func TestSimulationRefusesWhatTheMutationWould(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	missing := models.NewID(models.GrantCode)
	_, err := simulate.Run(t.Context(), c.store, c.admin, []simulate.Change{{GrantDelete: &missing}})
	if !fault.Is(err, fault.BadInput) {
		t.Errorf("want the change refused, got %v", err)
	}
	if _, err := simulate.Run(t.Context(), c.store, c.admin, nil); !fault.Is(err, fault.BadInput) {
		t.Errorf("nothing to try was tried: %v", err)
	}
	v, err := access.Load(t.Context(), c.store.Pool, c.users[0], c.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := simulate.Run(t.Context(), c.store, v, []simulate.Change{{GrantDelete: &missing}}); !fault.Is(err, fault.PermissionDenied) {
		t.Errorf("who does not administer access simulated: %v", err)
	}
}

// A simulation that meets a change of rights waits for it and begins anew.
func TestASimulationBesideAChangeOfRightsIsTriedAgain(t *testing.T) {
	c := newCompany(t)
	simulated := make(chan error, 1)
	_, err := c.store.Write(t.Context(), c.admin, store.Request{}, func(tx *store.Tx) (uuid.UUID, error) {
		err := tx.GroupMember(c.groups[0], c.users[4], true)
		go func() {
			change := simulate.Change{GroupMember: &simulate.GroupMember{Group: c.groups[0], User: c.users[5], Member: true}}
			_, err := simulate.Run(context.WithoutCancel(t.Context()), c.store, c.admin, []simulate.Change{change})
			simulated <- err
		}()
		for waiting := 0; waiting == 0 && err == nil; time.Sleep(5 * time.Millisecond) {
			err = c.store.DB.NewRaw("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'").Scan(t.Context(), &waiting)
		}
		return c.groups[0], err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-simulated; err != nil {
		t.Errorf("the simulation failed: %v", err)
	}
}
