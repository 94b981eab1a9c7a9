package simulate_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/simulate"
	"guanxi/store"
)

// countedKinds are those that a simulation counts in full.
var countedKinds = slices.Concat(businessKinds, []string{access.Relationship.Name})

// sight lists what every user sees, by kind, each owner's together.
func (c *company) sight() map[uuid.UUID]map[string][]uuid.UUID {
	all := map[uuid.UUID]map[string][]uuid.UUID{}
	for _, user := range c.users {
		all[user] = map[string][]uuid.UUID{}
		for _, name := range countedKinds {
			all[user][name] = c.seen(user, name)
		}
	}
	return all
}

func (c *company) load(user uuid.UUID) *access.Viewer {
	v, err := access.Load(c.Context(), c.store.Pool, user, c.now)
	if err != nil {
		c.Fatal(err)
	}
	return v
}

func (c *company) seen(user uuid.UUID, name string) (ids []uuid.UUID) {
	kind, _ := access.Named(name)
	v := c.load(user)
	snap := access.Look(c.store.Pool, v)
	defer snap.Close(c.Context())
	q := v.Query()
	order := "r.owner_id nulls first, r.id"
	if kind == access.Relationship {
		order = "r.id" // it has no owner
	}
	err := snap.Run(c.Context(), q, "select r.id from "+q.Visible(kind, "r")+" order by "+order, func(row access.Row) error {
		var id uuid.UUID
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		c.Fatal(err)
	}
	return ids
}

func without(ids, others []uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(ids), func(id uuid.UUID) bool { return slices.Contains(others, id) })
}

// differences writes down what changed of some kinds between two sights, as the simulation should tell it to who sees only some records.
func (c *company) differences(kinds []string, before, after map[uuid.UUID]map[string][]uuid.UUID, asker *access.Viewer, sees map[string][]uuid.UUID) []string {
	var list []string
	for _, user := range c.users {
		for _, name := range kinds {
			for sign, ids := range map[string][]uuid.UUID{"+": without(after[user][name], before[user][name]), "-": without(before[user][name], after[user][name])} {
				first := ids
				if asker != c.admin {
					first = slices.DeleteFunc(slices.Clone(ids), func(id uuid.UUID) bool { return !slices.Contains(sees[name], id) })
				}
				if len(ids) > 0 {
					list = append(list, fmt.Sprint(user, name, sign, len(ids), first[:min(len(first), simulate.MostShown)]))
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

func told(s *simulate.Simulation) []string {
	var list []string
	for _, u := range s.Changed {
		gained, lost := append(slices.Clone(u.Gained), u.RelationshipsGained), append(slices.Clone(u.Lost), u.RelationshipsLost)
		for sign, counts := range map[string][]*simulate.KindCount{"+": gained, "-": lost} {
			for _, k := range counts {
				if k == nil || k.Kind == access.Relationship.Name && k.Count == 0 {
					continue
				}
				list = append(list, fmt.Sprint(u.ID, k.Kind, sign, k.Count, k.First[:len(k.First):len(k.First)]))
			}
		}
	}
	slices.Sort(list)
	return list
}

// epoch tells whether anybody's rights have changed, and how much has been kept.
func (c *company) epoch() (text string) {
	err := c.store.DB.NewRaw(`select concat_ws(' ', (select epoch from rights_epoch), (select count(*) from grants), (select count(*) from memberships),
		(select count(*) from group_members), (select count(*) from user_roles), (select count(*) from audit_entries))`).Scan(context.Background(), &text)
	if err != nil {
		c.Fatal(err)
	}
	return text
}

// TestSimulationTellsWhatTheChangesDo simulates random changes of every kind in random companies, makes them, and compares
// what each user sees, record by record. Who asks may see only some of the records: then he is told how many, but not which.
func TestSimulationTellsWhatTheChangesDo(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	fewer(t, "25")
	effects, tried := 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		c.draw(rt)
		for range 4 {
			c.disturb()
			effects += c.round(tried)
		}
	})
	t.Logf("%d effects of %v", effects, tried)
	if effects < 30 || len(tried) < 13 || tried["of relationships"] < 3 {
		t.Errorf("only %d effects of %v simulated", effects, tried)
	}
}

// round simulates some changes, at once or in full, makes them, and tells how many effects they had.
func (c *company) round(tried map[string]int) int {
	asker, sees := c.admin, map[string][]uuid.UUID{}
	if v := c.load(c.users[0]); v.May(access.AccessAdmin) && c.once("narrow", 2) {
		asker = v
		for _, name := range countedKinds {
			sees[name] = c.seen(c.users[0], name)
		}
	}
	changes := []simulate.Change{c.change(tried)}
	for range c.upTo("more", 2) {
		changes = append(changes, c.change(tried))
	}
	before, epoch := c.sight(), c.epoch()
	kinds, asked := countedKinds, simulate.Asked{Changes: changes, Relationships: !c.once("without relationships", 6)}
	if !asked.Relationships {
		kinds = businessKinds
	}
	run := func() (*simulate.Simulation, error) {
		return simulate.InFull(c.Context(), c.store, asker, asked, nil, nil)
	}
	if c.once("at once", 3) {
		run = func() (*simulate.Simulation, error) { return simulate.Run(c.Context(), c.store, asker, asked, nil) }
	}
	s, err := run()
	if now := c.epoch(); now != epoch {
		c.Fatalf("a simulation kept something: %s, then %s", epoch, now)
	}
	if refused := c.apply(changes); (refused == nil) != (err == nil) {
		c.Fatalf("simulated with %v, made with %v", err, refused)
	}
	if err != nil {
		return 0
	}
	want, got := c.differences(kinds, before, c.sight(), asker, sees), told(s)
	for _, effect := range want {
		if strings.Contains(effect, access.Relationship.Name) {
			tried["of relationships"]++
		}
	}
	if !slices.Equal(want, got) {
		c.Fatalf("the changes %s did\n%v, simulated was\n%v", written(changes), want, got)
	}
	return len(want)
}

// disturb changes whose some records are, and lets them be counted before or not.
func (c *company) disturb() {
	if !c.once("uncounted", 3) {
		if err := simulate.Count(c.Context(), c.store); err != nil {
			c.Fatal(err)
		}
	}
	someone := "(select id from users order by md5(r.id::text || id::text || '%d') limit 1)"
	somewhere := "(select id from customers order by md5(r.id::text || id::text || '%d') limit 1)"
	for range c.upTo("disturbances", 5) {
		table := []string{"customers", "contacts", "opportunities", "services", "documents", "activities", "dashboards"}[c.upTo("table", 6)]
		ways := []string{
			"update %s r set owner_id = " + someone,
			"update %s r set deleted_at = case when deleted_at is null then now() end, deletion_id = case when deleted_at is null then id end",
			"update %s r set owner_id = null",
		}
		switch table {
		case "contacts":
			table = "relationships"
			ways = append([]string{"update %s r set deleted_at = now(), deletion_id = id"}, "update %s r set valid_until = current_date + 3", "update %s r set valid_until = '2021-01-01'", "update %s r set valid_until = current_date + 30",
				"update %s r set a_id = coalesce((select a_id from relationships where type_id = r.type_id and a_id <> r.b_id and id <> r.id order by id limit 1), a_id), deleted_at = now(), deletion_id = id")
		case "customers":
			ways = append(ways[1:], "update %s r set pool_id = null, owner_id = "+someone, "update %s r set owner_id = null, pool_id = (select id from pools limit 1)")
		case "documents":
			ways = append(ways, "update %s r set restricted = not restricted", "update %s r set service_id = (select id from services limit 1)")
		case "activities":
			ways = append(ways, "delete from %s r", "update %s r set opportunity_id = (select id from opportunities limit 1)")
		}
		if table != "customers" && table != "relationships" && table != "dashboards" {
			ways = append(ways, "update %s r set customer_id = "+somewhere)
		}
		text := strings.ReplaceAll(ways[c.upTo("way", len(ways)-1)], "%d", fmt.Sprint(c.upTo("salt", 9)))
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, table) + fmt.Sprintf(" where get_byte(uuid_send(id), 14) %% 3 = %d", c.upTo("third", 2))
		}
		c.exec(text)
	}
}

// fewer lets a property be checked less often than usual: each check fills a database.
func fewer(t *testing.T, checks string) {
	usual := flag.Lookup("rapid.checks")
	if usual.Value.String() == usual.DefValue {
		flag.Set("rapid.checks", checks)
		t.Cleanup(func() { flag.Set("rapid.checks", usual.DefValue) })
	}
}

func written(changes []simulate.Change) (text string) {
	for _, c := range changes {
		text += fmt.Sprintf("%+v ", c)
	}
	return text
}

// change draws a change of rights, and counts what sort it is.
func (c *company) change(tried map[string]int) (change simulate.Change) {
	user, department, group, role := c.one("user", c.users), c.one("department", c.departments), c.one("group", c.groups), c.one("role", c.roles)
	sorts := map[string]func(){
		"grant":       func() { change.Grant = c.grant() },
		"grantDelete": func() { change.GrantDelete = c.any("grants") },
		"grantUpdate": func() {
			deny, kinds := models.Deny, []string{"CUSTOMER"}
			change.GrantUpdate = &simulate.GrantUpdate{ID: *c.any("grants"), Effect: &deny, Kinds: &simulate.To[[]string]{Value: kinds}}
		},
		"membership":       func() { change.Membership = &models.Membership{UserID: user, DepartmentID: department} },
		"membershipDelete": func() { change.MembershipDelete = c.any("memberships") },
		"departmentMove": func() {
			change.DepartmentMove = &simulate.DepartmentMove{Department: department, Parent: c.maybe("parent", c.departments)}
		},
		"group": func() {
			g := models.Grant{GranteeUserID: &user, Effect: models.Allow, Level: models.Observe}
			change.Group = &simulate.Group{Members: []uuid.UUID{c.one("first", c.users), c.one("second", c.users)}, Grants: []models.Grant{g}}
		},
		"groupMember": func() {
			change.GroupMember = &simulate.GroupMember{Group: group, User: user, Member: c.once("in", 2)}
		},
		"groupDissolve":  func() { change.GroupDissolve = &group },
		"userRoles":      func() { change.UserRoles = &simulate.UserRoles{User: user, Roles: []uuid.UUID{role}} },
		"userDeactivate": func() { change.UserDeactivate = &user },
		"userActivate":   func() { change.UserActivate = &user },
		"role":           func() { change.Role = &simulate.Role{ID: role, Permissions: c.permissions()} },
		"roleDelete":     func() { change.RoleDelete = &role },
		"poolMembers": func() {
			change.PoolMembers = &simulate.PoolMembers{Pool: c.one("pool", c.pools), Members: []models.PoolMember{{SubjectID: c.subject(), WithSubDepartments: true}}}
		},
	}
	names := make([]string, 0, len(sorts))
	for name := range sorts {
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[c.upTo("sort", len(names)-1)]
	tried[name]++
	sorts[name]()
	return change
}

// any draws a row of a table; an id that was never issued when there is none.
func (c *company) any(table string) *uuid.UUID {
	var ids []uuid.UUID
	if err := c.store.DB.NewRaw("select id from "+table+" order by id").Scan(c.Context(), &ids); err != nil {
		c.Fatal(err)
	}
	id := c.one(table, append(ids, uuid.Nil))
	return &id
}

// apply makes the changes for real, together.
func (c *company) apply(changes []simulate.Change) error {
	_, err := c.store.Write(context.Background(), c.admin, store.Request{}, func(tx *store.Tx) (id uuid.UUID, err error) {
		return id, simulate.Apply(tx, changes)
	})
	return err
}

func TestSimulationOfAnyChangeIsForAdministrators(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	user := models.NewID(models.UserCode)
	if _, err := c.store.DB.Exec("insert into users (id, login, name, created_at, updated_at) values (?, 'plain', 'plain', now(), now())", user); err != nil {
		t.Fatal(err)
	}
	plain, err := access.Load(t.Context(), c.store.Pool, user, c.now)
	if err != nil {
		t.Fatal(err)
	}
	for viewer, want := range map[*access.Viewer]fault.Code{access.Nobody(c.now): fault.Unauthenticated, plain: fault.PermissionDenied} {
		ran := false
		_, err := simulate.Of(t.Context(), c.store, viewer, func(*store.Tx) error { ran = true; return nil }, nil)
		if ran || !fault.Is(err, want) {
			t.Errorf("tried %v: %v, want %s", ran, err, want)
		}
	}
}

func TestSimulationRefusesWhatTheMutationWould(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	missing := models.NewID(models.GrantCode)
	_, err := simulate.Run(t.Context(), c.store, c.admin, simulate.Asked{Changes: []simulate.Change{{GrantDelete: &missing}}}, nil)
	if !fault.Is(err, fault.BadInput) {
		t.Errorf("want the change refused, got %v", err)
	}
	if _, err := simulate.Run(t.Context(), c.store, c.admin, simulate.Asked{}, nil); !fault.Is(err, fault.BadInput) {
		t.Errorf("nothing to try was tried: %v", err)
	}
	if _, err := simulate.Run(t.Context(), c.store, access.Nobody(c.now), simulate.Asked{Changes: []simulate.Change{{GrantDelete: &missing}}}, nil); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("nobody simulated: %v", err)
	}
}

// A simulation that meets a change of rights waits for it and begins anew.
func TestASimulationBesideAChangeOfRightsIsTriedAgain(t *testing.T) {
	c := newCompany(t)
	draft := func(login string) store.UserDraft {
		return store.UserDraft{User: models.User{Login: login, Name: login}}
	}
	first, err := c.store.UserCreate(t.Context(), c.admin, store.Request{}, draft("first"))
	if err != nil {
		t.Fatal(err)
	}
	group, err := c.store.GroupCreate(t.Context(), c.admin, store.Request{}, map[string]any{"name": "g", "members": []uuid.UUID{first}})
	if err != nil {
		t.Fatal(err)
	}
	simulated := make(chan error, 1)
	_, err = c.store.Write(t.Context(), c.admin, store.Request{}, func(tx *store.Tx) (uuid.UUID, error) {
		err := tx.GroupMember(group, first, false)
		go func() {
			change := simulate.Change{GroupMember: &simulate.GroupMember{Group: group, User: first, Member: true}}
			_, err := simulate.Run(context.WithoutCancel(t.Context()), c.store, c.admin, simulate.Asked{Changes: []simulate.Change{change}}, nil)
			simulated <- err
		}()
		for waiting := 0; waiting == 0 && err == nil; time.Sleep(5 * time.Millisecond) {
			err = c.store.DB.NewRaw("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'").Scan(t.Context(), &waiting)
		}
		return group, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-simulated; err != nil {
		t.Errorf("the simulation failed: %v", err)
	}
}

// TestWhatIsSimulatedAtOnceIsBounded grants a role to 180 users, then 201, over somebody among whose customers are 2,777 relationships, as many as are counted at once for 180.
func TestWhatIsSimulatedAtOnceIsBounded(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	exec := func(text string, values ...any) {
		t.Helper()
		if _, err := c.store.Pool.Exec(t.Context(), text, values...); err != nil {
			t.Fatal(err)
		}
	}
	const enter = `insert into users (id, login, name, created_at, updated_at) select f.id(n, 1), n::text, 'u', now(), now() from generate_series($1::int, $2) n`
	const assign = `insert into user_roles (user_id, role_id) select f.id(n, 1), id from generate_series(greatest(2, $1::int), $2) n cross join roles where code = 'sales'`
	exec(numbered)
	exec(enter, 1, 181)
	exec(assign, 1, 181)
	exec(`insert into customers (id, name, kind, lifecycle, owner_id, created_at, updated_at) select f.id(n, 16), 'c', 'ORGANIZATION', 'LEAD', f.id(1, 1), now(), now() from generate_series(1, 3001) n`)
	exec(`insert into relationships (id, type_id, a_id, b_id, created_at, updated_at) select f.id(n, 20), t.id, f.id(n, 16), f.id(n + 1, 16), now(), now()
		from (select id from relationship_types where code <> $1 order by id limit 1) t cross join generate_series(1, 2777) n`, models.WorksAt)
	var role, owner uuid.UUID
	if err := c.store.Pool.QueryRow(t.Context(), "select id, f.id(1, 1) from roles where code = 'sales'").Scan(&role, &owner); err != nil {
		t.Fatal(err)
	}
	asked := simulate.Asked{Relationships: true, Changes: []simulate.Change{{Grant: &models.Grant{GranteeRoleID: &role, SubjectID: &owner, Effect: models.Allow, Level: models.Observe}}}}
	run := func(want int) {
		t.Helper()
		s, err := simulate.Run(t.Context(), c.store, c.admin, asked, nil)
		switch {
		case want == 0 && !fault.Is(err, fault.LimitExceeded):
			t.Errorf("answered at once: %v", err)
		case want > 0 && (err != nil || len(s.Changed) != want || s.Changed[0].Gained[0].Count != 3001):
			t.Errorf("of %d affected: %v", want, err)
		case want > 0 && asked.Relationships && s.Changed[want-1].RelationshipsGained.Count != 2777:
			t.Errorf("relationships gained: %+v", s.Changed[want-1].RelationshipsGained)
		}
	}
	run(180)
	exec(`insert into relationships (id, type_id, a_id, b_id, created_at, updated_at) select f.id(9000, 20), type_id, f.id(3000, 16), f.id(3001, 16), now(), now() from relationships limit 1`)
	run(0)
	asked.Relationships = false
	run(180)
	exec(enter, 182, 201)
	exec(assign, 182, 201)
	run(200)
	exec(enter, 202, 202)
	exec(assign, 202, 202)
	run(0)
}
