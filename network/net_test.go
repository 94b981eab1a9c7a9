package network_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/adjacency"
	"guanxi/fault"
	"guanxi/feed"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/network"
)

// company is a random company, of people, rights, parties and shares as the naive model draws them, with a wide net. Networks and
// paths are asked by SQL and of the net in memory, which must tell the same.
type company struct {
	t     *testing.T
	pool  *pgxpool.Pool
	r     *rand.Rand
	now   time.Time
	users int
	pools int
	// parties are those of the company, some of which are taken away for good, and two that never were; drawn anew they come again
	parties, edges, types []uuid.UUID
	nets                  [2]*adjacency.Store // of two processes
	sql                   *network.Engine
	asked, told, named    int
}

var companyNow = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC) // 2 March in Shanghai

func newCompany(t *testing.T, seed int) *company {
	t.Helper()
	c := &company{t: t, pool: pgtest.New(t), r: rand.New(rand.NewPCG(uint64(seed), 5)), now: companyNow, sql: network.New()}
	drawn := rapid.Custom(func(rt *rapid.T) *naive.Company { return naive.DrawOf(rt, companyNow, "2026-03-02", 8) }).Example(seed)
	drawn.AddAdministrator("CUSTOMER_READ", "CONTACT_READ", "RELATIONSHIP_READ")
	drawn.AddAdministrator("CONTACT_READ", "RELATIONSHIP_READ")
	c.users, c.pools = len(drawn.Users), len(drawn.Pools)
	tx, err := c.pool.Begin(t.Context())
	if err == nil {
		err = naive.Write(t.Context(), tx, drawn)
	}
	if err == nil {
		err = tx.Commit(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range drawn.Types {
		c.types = append(c.types, naive.TypeID(i))
	}
	c.exec("update relationship_types set name_ab = code || '上', name_ba = code || '下', name_ab_en = case when introduces then code || ' up' end")
	for _, r := range drawn.Records {
		if r.Kind == "CUSTOMER" || r.Kind == "CONTACT" {
			c.parties = append(c.parties, r.ID())
		}
	}
	for i := range naive.Competitors {
		c.parties = append(c.parties, naive.ID(models.CompetitorCode, i), naive.ID(models.UserCode, i))
	}
	c.parties = append(c.parties, models.NewID(models.CustomerCode), models.NewID(models.ContactCode))
	for range 100 {
		c.connect()
	}
	for i := range c.nets {
		c.load(i)
	}
	return c
}

// load has a process load the net.
func (c *company) load(process int) {
	c.t.Helper()
	c.nets[process] = adjacency.New(adjacency.Options{
		Pool: c.pool, Log: slog.New(slog.DiscardHandler), Now: func(context.Context) (time.Time, error) { return c.now, nil },
	})
	c.tend(process)
}

func (c *company) exec(text string, args ...any) {
	c.t.Helper()
	if _, err := c.pool.Exec(context.Background(), text, args...); err != nil {
		c.t.Fatalf("%v in %s", err, text)
	}
}

// tend brings a process's net to what the database shows; in between, who asks brings it to his snapshot himself.
func (c *company) tend(process int) {
	c.t.Helper()
	if err := c.nets[process].Tend(context.Background()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *company) party() uuid.UUID { return c.parties[c.r.IntN(len(c.parties))] }

func (c *company) edge() uuid.UUID { return c.edges[c.r.IntN(len(c.edges))] }

func (c *company) owner() *uuid.UUID {
	if c.r.IntN(4) == 0 {
		return nil
	}
	id := naive.ID(models.UserCode, c.r.IntN(c.users))
	return &id
}

// connect joins two parties in any way and for any time.
func (c *company) connect() {
	id := models.NewID(models.RelationshipCode)
	c.edges = append(c.edges, id)
	c.exec("insert into relationships (id, type_id, a_id, b_id, created_at, updated_at) select $1, $2, $3::uuid, $4::uuid, now(), now() where $3::uuid <> $4::uuid on conflict do nothing",
		id, c.types[c.r.IntN(len(c.types))], c.party(), c.party())
	if c.r.IntN(2) == 0 {
		c.alter(id)
	}
}

// alter changes how strong a relationship is and when it holds.
func (c *company) alter(id uuid.UUID) {
	days := []*string{nil, nil, ptr("2026-02-28"), ptr("2026-03-02"), ptr("2026-03-03"), ptr("infinity"), ptr("-infinity")}
	c.exec(`update relationships e set strength = $2, valid_from = $3::text::date, valid_until = $4::text::date where id = $1 and ($3::text is null or $4::text is null or $3::text::date < $4::text::date)
		and not exists (select from relationships o where o.id <> e.id and (o.type_id, o.a_id, o.b_id) = (e.type_id, e.a_id, e.b_id))`,
		id, []*int{nil, ptr(1), ptr(3), ptr(5)}[c.r.IntN(4)], days[c.r.IntN(len(days))], days[c.r.IntN(len(days))])
}

func ptr[T any](value T) *T { return &value }

// change lets something happen that may change a network, of this viewer or of another.
func (c *company) change() {
	party, table, unpooled := c.party(), "customers", ", pool_id = null"
	if models.KindOf(party) == models.ContactCode {
		table, unpooled = "contacts", ""
	}
	switch c.r.IntN(17) {
	case 0, 1:
		c.connect()
	case 2, 3:
		c.alter(c.edge())
	case 4:
		c.exec("update relationships set deleted_at = now(), deletion_id = id where id = $1", c.edge())
	case 5:
		c.exec("delete from relationships where id = $1", c.edge())
	case 6:
		c.exec("update relationships e set deleted_at = null, deletion_id = null where not exists (select from relationships o where o.id <> e.id and (o.type_id, o.a_id, o.b_id) = (e.type_id, e.a_id, e.b_id))")
	case 7:
		c.exec("update relationships e set b_id = $2 where id = $1 and a_id <> $2 and valid_until is not null", c.edge(), party)
	case 8:
		c.exec("update "+table+" set owner_id = $2"+unpooled+" where id = $1", party, c.owner())
	case 9:
		if c.pools > 0 {
			c.exec("update customers set owner_id = null, pool_id = $2 where id = $1", party, naive.ID(models.PoolCode, c.r.IntN(c.pools)))
		}
	case 10:
		c.exec("update "+table+" set deleted_at = case when deleted_at is null then now() end, deletion_id = case when deleted_at is null then id end where id = $1", party)
	case 11:
		id := models.NewID([]models.KindCode{models.CustomerCode, models.ContactCode}[c.r.IntN(2)])
		if models.KindOf(id) == models.CustomerCode {
			c.exec("insert into customers (id, name, kind, lifecycle, owner_id, created_at, updated_at) values ($1, 'c', 'ORGANIZATION', 'LEAD', $2, now(), now())", id, c.owner())
		} else {
			c.exec("insert into contacts (id, name, owner_id, created_at, updated_at) values ($1, 'p', $2, now(), now())", id, c.owner())
		}
		c.parties = append(c.parties, id)
		c.connect()
	case 12:
		c.exec("update relationship_types set introduces = $2, name_ba = name_ba || '改' where id = $1", c.types[c.r.IntN(len(c.types))], c.r.IntN(3) > 0)
	case 13:
		c.exec("insert into shares (id, record_id, subject_id, level, kinds, created_at, updated_at) values ($1, $2, $3, 'OBSERVE', $4, now(), now())", models.NewID(models.ShareCode),
			party, naive.ID(models.UserCode, c.r.IntN(c.users)), [][]string{nil, {"CONTACT"}, {"CUSTOMER"}, {"OPPORTUNITY"}}[c.r.IntN(4)])
	case 14:
		c.exec("delete from shares where id = (select id from shares order by id desc limit 1)")
	case 15:
		c.now = c.now.Add(24 * time.Hour)
		id := models.NewID(models.RelationshipTypeCode)
		c.exec("insert into relationship_types (id, code, name_ab, name_ba, category, introduces, a_kinds, b_kinds, created_at, updated_at) values ($1::uuid, $1::uuid::text, 'x', 'y', 'SOCIAL', true, '{}', '{}', now(), now())", id)
		c.types = append(c.types, id)
	case 16:
		table := map[models.KindCode]string{
			models.CustomerCode: "customers", models.ContactCode: "contacts", models.CompetitorCode: "competitors", models.UserCode: "users",
		}[models.KindOf(party)]
		c.exec("update "+table+" set name = name || '改' where id = $1", party)
	}
}

// look begins a snapshot of a viewer, at the moment.
func (c *company) look() *access.Snapshot {
	viewer := c.r.IntN(2 * c.users)
	if viewer >= c.users {
		viewer = c.users - 2 // who manages everything
	}
	return c.lookAs(viewer)
}

func (c *company) lookAs(viewer int) *access.Snapshot {
	c.t.Helper()
	v, err := access.Load(context.Background(), c.pool, naive.ID(models.UserCode, viewer), c.now)
	if err != nil {
		c.t.Fatal(err)
	}
	snap := access.Look(c.pool, v)
	if err := snap.Bound(context.Background(), "select 1", nil, func(access.Row) error { return nil }); err != nil {
		c.t.Fatal(err)
	}
	return snap
}

// compare asks the same of SQL and of the net of a process, in one snapshot.
func (c *company) compare(snap *access.Snapshot, process int) {
	c.t.Helper()
	ctx := fault.WithLanguage(context.Background(), []string{"zh", "en"}[c.r.IntN(2)])
	net := network.WithNet(c.nets[process])
	starts, depth, first := []uuid.UUID{c.party(), c.party(), c.party()}, 1+c.r.IntN(4), []int{1, 2, 4, 8, 500}[c.r.IntN(5)]
	c.compareAround(ctx, snap, net, starts, depth, first)
	c.compareKnown(snap, net, starts, depth, first)
	for range 4 {
		from, to, hops, most := c.party(), c.party(), 1+c.r.IntN(6), 1+c.r.IntN(10)
		want, got := c.answer(c.sql.Paths(ctx, snap, from, to, hops, most)), c.answer(net.Paths(ctx, snap, from, to, hops, most))
		if want != got {
			c.t.Fatalf("from %v to %v, %d hops, %d paths: SQL tells\n%s\nand the net\n%s", from, to, hops, most, want, got)
		}
		if c.asked++; len(want) > 20 {
			c.told++
		}
	}
}

// answer writes what was answered.
func (c *company) answer(value any, err error) string {
	c.t.Helper()
	text, failed := json.Marshal(value)
	if failed != nil {
		c.t.Fatal(failed)
	}
	return fmt.Sprint(string(text), err)
}

// compareAround compares what is around some parties.
func (c *company) compareAround(ctx context.Context, snap *access.Snapshot, net *network.Engine, starts []uuid.UUID, depth, first int) {
	c.t.Helper()
	want, got := c.answer(c.sql.AroundAll(ctx, snap, starts, depth, first)), c.answer(net.AroundAll(ctx, snap, starts, depth, first))
	if want != got {
		c.t.Fatalf("around %v, %d hops, %d parties: SQL tells\n%s\nand the net\n%s", starts, depth, first, want, got)
	}
}

// compareKnown compares the names and strengths that the net knows with those in the database.
func (c *company) compareKnown(snap *access.Snapshot, net *network.Engine, starts []uuid.UUID, depth, first int) {
	c.t.Helper()
	ctx := models.WithSelected(context.Background(), models.Selected{"edges", "id", "name", "strength"})
	networks, err := net.AroundAll(ctx, snap, starts, depth, first)
	if err != nil {
		c.t.Fatal(err)
	}
	known := map[uuid.UUID]string{}
	for _, n := range networks {
		for _, node := range n.Nodes {
			if party := node.KnownParty(models.WithSelected(ctx, models.Selected{"name"})); party != nil {
				known[node.PartyID] = party.Called()
			}
		}
		for _, e := range n.Edges {
			if r := e.KnownRelationship(models.WithSelected(ctx, models.Selected{"id", "strength"})); r != nil {
				known[e.RelationshipID] = "unknown"
				if r.Strength != nil {
					known[e.RelationshipID] = fmt.Sprint(*r.Strength)
				}
			}
		}
	}
	c.named += len(known)
	const text = `select * from (select id, name from customers union all select id, name from contacts union all select id, name from competitors
		union all select id, name from users union all select id, coalesce(strength::text, 'unknown') from relationships) p where id = any($1)`
	err = snap.Bound(ctx, text, []any{slices.Collect(maps.Keys(known))}, func(row access.Row) error {
		var id uuid.UUID
		var name string
		err := row.Scan(&id, &name)
		if known[id] != name {
			c.t.Errorf("of %v the net knows %q, and the database %q", id, known[id], name)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// Whatever happens in between, and in whatever order two processes hear of it, the net in memory tells what SQL tells in the same
// snapshot, also in one that began before what the net has heard of.
func TestTheNetInMemoryTellsWhatSQLTells(t *testing.T) {
	t.Parallel()
	asked, told, named := 0, 0, 0
	var answered, declined int64
	for seed := range 4 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := newCompany(t, seed)
			for range 16 {
				before := c.look()
				for range 1 + c.r.IntN(5) {
					c.change()
				}
				c.happen()
				after := c.look()
				for process := range c.nets {
					c.compare(after, process)
					c.compare(before, process)
				}
				before.Close(context.Background())
				after.Close(context.Background())
			}
			for _, net := range c.nets {
				a, d := net.Answered()
				answered, declined = answered+a, declined+d
			}
			asked, told, named = asked+c.asked, told+c.told, named+c.named
		})
	}
	t.Logf("%d paths asked, %d found; %d names and strengths known; %d questions answered from memory, %d left to SQL", asked, told, named, answered, declined)
	if told < asked/10 || named < asked || answered < 5*declined {
		t.Error("that proves little")
	}
}

// happen lets happen what does by the way in a server.
func (c *company) happen() {
	for process := range c.nets {
		if c.r.IntN(3+6*process) == 0 {
			c.tend(process)
		}
	}
	switch c.r.IntN(12) {
	case 0, 1, 2, 3:
		if _, err := feed.Seal(context.Background(), c.pool); err != nil {
			c.t.Fatal(err)
		}
	case 4:
		if _, err := feed.Clean(context.Background(), c.pool, 0); err != nil {
			c.t.Fatal(err)
		}
	}
}

// Where a party leads to more than there is room for, the others come in the order that was promised: also when one comes later whose id is before
// theirs, and when two relationships lead to one.
func TestWhatHasNoRoomIsWhatComesLast(t *testing.T) {
	t.Parallel()
	c := newCompany(t, 0)
	hubs := []uuid.UUID{models.NewID(models.CustomerCode), models.NewID(models.CustomerCode)}
	for _, hub := range hubs {
		c.exec("insert into customers (id, name, kind, lifecycle, created_at, updated_at) values ($1, 'h', 'ORGANIZATION', 'LEAD', now(), now())", hub)
	}
	lead := func(early bool) {
		id := models.NewID(models.ContactCode)
		if early {
			clear(id[:6])
		}
		c.exec("insert into contacts (id, name, created_at, updated_at) values ($1, 'p', now(), now())", id)
		for _, hub := range hubs {
			strength := 1 + c.r.IntN(2)
			for _, kind := range c.types[1 : 2+c.r.IntN(2)] {
				c.exec("insert into relationships (id, type_id, a_id, b_id, strength, created_at, updated_at) values ($1, $2, $3, $4, $5, now(), now())",
					models.NewID(models.RelationshipCode), kind, hub, id, strength)
			}
		}
	}
	for range 80 {
		lead(false)
	}
	c.load(0)
	for early := range 4 {
		if early > 0 {
			lead(true)
			c.tend(0)
		}
		snap := c.lookAs(c.users - 2)
		for _, first := range []int{1, 2, 5, 10, 20, 31, 32, 33, 34, 40, 60, 80, 500} {
			c.compareAround(t.Context(), snap, network.WithNet(c.nets[0]), hubs, 1+early%2, first)
		}
		snap.Close(t.Context())
	}
	if answered, _ := c.nets[0].Answered(); answered < 4*13 {
		t.Errorf("the net answered %d times", answered)
	}
}
