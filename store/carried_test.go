package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/store"
)

// carries gives the customer's owner that a row carries; nil without a customer that is not deleted, the zero id for one without an owner.
func (w *world) carries(table string, id uuid.UUID) *uuid.UUID {
	w.t.Helper()
	var owner *uuid.UUID
	if err := w.store.Pool.QueryRow(w.t.Context(), "select customer_owner_id from "+table+" where id = $1", id).Scan(&owner); err != nil {
		w.t.Fatal(err)
	}
	return owner
}

// settled fails the test unless all rows carry what they are to.
func (w *world) settled() {
	w.t.Helper()
	if astray, err := pgtest.Astray(w.t.Context(), w.store.Pool); err != nil || len(astray) > 0 {
		w.t.Fatal(astray, err)
	}
}

// noted writes an activity on what it is given.
func (w *world) noted(owner uuid.UUID, customer, opportunity, service *uuid.UUID) uuid.UUID {
	w.t.Helper()
	a := &models.Activity{Kind: "NOTE", Summary: "记录", HappenedAt: w.now, CustomerID: customer, OpportunityID: opportunity, ServiceID: service}
	a.ID, a.OwnerID = models.NewID(models.ActivityCode), &owner
	w.insert(a)
	return a.ID
}

func TestWhatBelongsToACustomerCarriesItsOwner(t *testing.T) {
	w := newWorld(t)
	ctx, boss, ann, ben := t.Context(), w.user("boss", everything), w.user("ann"), w.user("ben")
	customer, other := w.customer("甲", ann), w.customer("乙", ben)
	deal, free := w.opportunity(boss, &customer, 10), w.opportunity(boss, nil, 10)
	note := w.noted(boss, &customer, &deal, nil)
	is := func(when string, want *uuid.UUID) {
		t.Helper()
		if got := w.carries("opportunities", deal); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s the deal carries %v, not %v", when, got, want)
		}
		if got := w.carries("activities", note); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s its note carries %v, not %v", when, got, want)
		}
		w.settled()
	}
	is("at first", &ann)
	if w.carries("opportunities", free) != nil {
		t.Fatal("what has no customer carries an owner")
	}
	must := func(_ uuid.UUID, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	v := w.viewer(boss)
	must(store.Customers.Transfer(ctx, w.store, v, ask("customerTransfer"), customer, ben, false, nil))
	is("handed over", &ben)
	pool, err := w.store.PoolCreate(ctx, v, ask("poolCreate"), map[string]any{"name": "公海"}, []models.PoolMember{{SubjectID: boss}})
	must(pool, err)
	v = w.viewer(boss)
	must(w.store.CustomerRelease(ctx, v, ask("customerRelease"), customer, pool, nil))
	is("in a pool", &uuid.Nil)
	must(w.store.CustomerClaim(ctx, v, ask("customerClaim"), customer, nil))
	is("claimed", &boss)
	must(store.Customers.Delete(ctx, w.store, v, ask("customerDelete"), customer, nil))
	is("deleted", nil)
	must(store.Customers.Restore(ctx, w.store, v, ask("customerRestore"), customer))
	is("restored", &boss)
	must(w.store.OpportunityUpdate(ctx, v, ask("opportunityUpdate"), deal, nil, map[string]any{"customer": &other}))
	is("moved", &ben)
}

// What follows a customer is no change of the record: neither its version nor its time nor the feed tells of it.
func TestWhatFollowsACustomerTellsNobody(t *testing.T) {
	w := newWorld(t)
	boss, ann := w.user("boss", everything), w.user("ann")
	customer := w.customer("甲", boss)
	deal := w.opportunity(boss, &customer, 10)
	told := func() (text string) {
		t.Helper()
		err := w.store.Pool.QueryRow(t.Context(), `select concat_ws(' ', o.version, o.updated_at, (select count(*) from feed f where f.kind = $2),
			(select count(*) from holding_changes h where h.id = o.id), (select count(*) from audit_entries e where e.record_id = o.id)) from opportunities o where o.id = $1`,
			deal, int(models.OpportunityCode)).Scan(&text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := told()
	if _, err := store.Customers.Transfer(t.Context(), w.store, w.viewer(boss), ask("customerTransfer"), customer, ann, false, nil); err != nil {
		t.Fatal(err)
	}
	if got := w.carries("opportunities", deal); got == nil || *got != ann {
		t.Fatal("the deal did not follow")
	}
	if after := told(); after != before {
		t.Errorf("told %q before and %q after", before, after)
	}
}

// TestARecordIsAttachedElsewhereWhileItIs marks what is attached to a record of another customer, however that came about.
func TestARecordIsAttachedElsewhereWhileItIs(t *testing.T) {
	w := newWorld(t)
	boss := w.user("boss", everything)
	one, other := w.customer("甲", boss), w.customer("乙", boss)
	deal := w.opportunity(boss, &one, 10)
	service := &models.Service{Title: "维修", Kind: "REPAIR", Status: "OPEN", Priority: "NORMAL", CustomerID: &one, OpenedAt: w.now}
	service.ID, service.OwnerID = models.NewID(models.ServiceCode), &boss
	w.insert(service)
	note, bare := w.noted(boss, &one, &deal, &service.ID), w.noted(boss, nil, nil, &service.ID)
	is := func(when string, want ...bool) {
		t.Helper()
		for i, id := range []uuid.UUID{note, bare} {
			var got bool
			if err := w.store.Pool.QueryRow(t.Context(), "select attached_elsewhere from activities where id = $1", id).Scan(&got); err != nil || got != want[i] {
				t.Fatal(when, i, got, err)
			}
		}
		w.settled()
	}
	is("at first", false, true) // the second has no customer of its own
	w.exec("update opportunities set customer_id = ? where id = ?", other, deal)
	is("the deal has moved", true, true)
	w.exec("update activities set customer_id = ? where id = ?", other, note)
	is("the note has followed, and the service has not", true, true)
	w.exec("update services set customer_id = ?", other)
	is("so has the service", false, true)
	w.exec("update activities set customer_id = ? where id = ?", other, bare)
	is("all are of one customer", false, false)
	w.exec("update opportunities set customer_id = null where id = ?", deal)
	is("the deal has no customer", false, false)
	w.exec("update activities set attached_elsewhere = true, customer_owner_id = id")
	is("somebody says otherwise", false, false)
}

// chaos is a customers' company in which anything happens to its records, in SQL, as all writes come to it.
type chaos struct {
	*world
	users, customers, deals, services []uuid.UUID
}

func newChaos(t *testing.T) *chaos {
	c := &chaos{world: newWorld(t)}
	for i := range 3 {
		c.users = append(c.users, c.user(fmt.Sprint("u", i)))
	}
	for i := range 3 {
		c.customers = append(c.customers, c.customer(fmt.Sprint("c", i), c.users[i]))
		c.deals = append(c.deals, c.opportunity(c.users[i], &c.customers[i], 1))
		service := &models.Service{Title: "s", Kind: "REPAIR", Status: "OPEN", Priority: "NORMAL", CustomerID: &c.customers[i], OpportunityID: &c.deals[i], OpenedAt: c.now}
		service.ID, service.OwnerID = models.NewID(models.ServiceCode), &c.users[i]
		c.insert(service)
		c.services = append(c.services, service.ID)
	}
	return c
}

// one of some ids, or none.
func one(r *rand.Rand, ids []uuid.UUID, none bool) *uuid.UUID {
	if none && r.IntN(4) == 0 {
		return nil
	}
	return &ids[r.IntN(len(ids))]
}

// writes are what may happen, each a statement and its values.
func (c *chaos) writes(r *rand.Rand) (string, []any) {
	customer, deal, service := one(r, c.customers, true), one(r, c.deals, true), one(r, c.services, true)
	switch r.IntN(9) {
	case 0, 1:
		return "update customers set owner_id = $2 where id = $1", []any{one(r, c.customers, false), one(r, c.users, true)}
	case 2:
		return "update customers set deleted_at = case when deleted_at is null then now() end, deletion_id = case when deleted_at is null then id end where id = $1", []any{one(r, c.customers, false)}
	case 3:
		return "update opportunities set customer_id = $2 where id = $1", []any{one(r, c.deals, false), customer}
	case 4:
		return "update services set customer_id = $2, opportunity_id = $3 where id = $1", []any{one(r, c.services, false), customer, deal}
	case 5:
		return "update activities set customer_id = $1, opportunity_id = $2, service_id = $3 where id = (select id from activities order by md5(id::text || $4) limit 1)",
			[]any{customer, deal, service, fmt.Sprint(r.IntN(1000))}
	case 6:
		return "insert into documents (id, name, media_type, size, sha256, storage_key, uploaded_at, customer_id, opportunity_id, service_id, owner_id, created_at, updated_at) values ($1, 'd', 'text/plain', 1, '', '', now(), $2, $3, $4, $5, now(), now())",
			[]any{models.NewID(models.DocumentCode), customer, deal, service, one(r, c.users, true)}
	default:
		return "insert into activities (id, kind, summary, happened_at, customer_id, opportunity_id, service_id, owner_id, created_at, updated_at) values ($1, 'NOTE', 'a', now(), $2, $3, $4, $5, now(), now())",
			[]any{models.NewID(models.ActivityCode), customer, deal, service, one(r, c.users, true)}
	}
}

// do carries out some writes in one transaction, which a deadlock may end.
func (c *chaos) do(ctx context.Context, r *rand.Rand, writes int) error {
	return pgx.BeginFunc(ctx, c.store.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local deadlock_timeout = '5ms'"); err != nil {
			return err
		}
		for range writes {
			text, values := c.writes(r)
			if _, err := tx.Exec(ctx, text, values...); err != nil {
				return err
			}
			if r.IntN(2) == 0 {
				time.Sleep(time.Duration(r.IntN(1000)) * time.Microsecond)
			}
		}
		return nil
	})
}

// TestCarriedThroughChaos lets several connections do anything at once, over and over: however they meet, every row carries what it is to.
func TestCarriedThroughChaos(t *testing.T) {
	c := newChaos(t)
	met := 0
	for round := range 20 {
		var all sync.WaitGroup
		var mu sync.Mutex
		for n := range 6 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(round), uint64(n)))
				for range 4 {
					if err := c.do(t.Context(), r, 1+r.IntN(3)); err != nil {
						if !fault.Is(fault.FromSQL(err), fault.Conflict) {
							t.Error(err)
						}
						mu.Lock()
						met++
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		c.settled()
	}
	t.Logf("%d of %d gave way to others", met, 20*6*4)
}

// TestAddingWhileHandingOver lets a customer be handed over while somebody adds to it, or moves to it what it has not, in either order: the
// second waits for the first, and what was added carries the owner that came last.
func TestAddingWhileHandingOver(t *testing.T) {
	w := newWorld(t)
	ctx, users := t.Context(), []uuid.UUID{w.user("ann"), w.user("ben")}
	customer, away := w.customer("甲", users[0]), w.customer("乙", users[0])
	var added []uuid.UUID
	for round := range 40 {
		to := users[(round+1)%2]
		hand := func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "update customers set owner_id = $2 where id = $1", customer, to)
			return err
		}
		id := models.NewID(models.ActivityCode)
		add := func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "insert into activities (id, kind, summary, happened_at, customer_id, owner_id, created_at, updated_at) values ($1, 'NOTE', 'a', now(), $2, $3, now(), now())", id, customer, users[0])
			return err
		}
		if round%4 >= 2 {
			id = w.noted(users[0], &away, nil, nil)
			add = func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, "update activities set customer_id = $2 where id = $1", id, customer)
				return err
			}
		}
		first, second := hand, add
		if round%2 == 1 {
			first, second = add, hand
		}
		w.oneAfterTheOther(first, second)
		added = append(added, id)
		for _, id := range added {
			if got := w.carries("activities", id); got == nil || *got != to {
				t.Fatalf("round %d: %v carries %v, and %v owns the customer", round, id, got, to)
			}
		}
	}
}

// oneAfterTheOther begins a transaction, and another while it is open; the other must wait for it.
func (w *world) oneAfterTheOther(first, second func(pgx.Tx) error) {
	w.t.Helper()
	ctx, done := w.t.Context(), make(chan error, 1)
	err := pgx.BeginFunc(ctx, w.store.Pool, func(tx pgx.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		go func() { done <- pgx.BeginFunc(ctx, w.store.Pool, second) }()
		for {
			var waiting bool
			err := w.store.Pool.QueryRow(ctx, "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')").Scan(&waiting)
			if err != nil || waiting {
				return err
			}
			select {
			case err := <-done:
				w.t.Fatal("the second did not wait", err)
			default:
			}
		}
	})
	if err == nil {
		err = <-done
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// A transaction that reads nothing newer than its beginning would miss what was added meanwhile: it hands nothing over.
func TestNothingIsHandedOverFromAnOldView(t *testing.T) {
	w := newWorld(t)
	ann, ben := w.user("ann"), w.user("ben")
	customer := w.customer("甲", ann)
	deal := w.opportunity(ann, &customer, 1)
	for _, text := range []string{"update customers set owner_id = $1", "update opportunities set customer_id = null where owner_id <> $1"} {
		for _, level := range []pgx.TxIsoLevel{pgx.RepeatableRead, pgx.Serializable} {
			err := pgx.BeginTxFunc(t.Context(), w.store.Pool, pgx.TxOptions{IsoLevel: level}, func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), text, ben)
				return err
			})
			if err == nil {
				t.Errorf("%s went through in a transaction that is %s", text, level)
			}
		}
	}
	if got := w.carries("opportunities", deal); got == nil || *got != ann {
		t.Error("the deal carries", got)
	}
}

// A load that switches triggers off still finds the owner of the customer that a record comes with.
func TestALoadWithoutTriggersCarriesTheOwner(t *testing.T) {
	w := newWorld(t)
	ann := w.user("ann")
	customer := w.customer("甲", ann)
	conn, err := w.store.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "set session_replication_role = replica"); err != nil {
		t.Fatal(err)
	}
	ids := []uuid.UUID{models.NewID(models.ActivityCode), models.NewID(models.ActivityCode)}
	for _, id := range ids {
		if _, err := conn.Exec(t.Context(), "insert into activities (id, kind, summary, happened_at, customer_id, created_at, updated_at) values ($1, 'NOTE', 'a', now(), $2, now(), now())", id, customer); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Exec(t.Context(), "set session_replication_role = default"); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(ids, func(id uuid.UUID) bool { got := w.carries("activities", id); return got == nil || *got != ann }) {
		t.Error("a row came without its customer's owner")
	}
}

// What was there before anything was carried is filled in.
func TestWhatWasThereIsFilledIn(t *testing.T) {
	c := newChaos(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		if err := c.do(t.Context(), r, 1); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"opportunities", "services", "documents", "activities"} {
		c.exec("alter table " + table + " disable trigger user")
		c.exec("update " + table + " set customer_owner_id = null")
		if table != "opportunities" {
			c.exec("update " + table + " set attached_elsewhere = false")
		}
	}
	if astray, err := pgtest.Astray(t.Context(), c.store.Pool); err != nil || len(astray) < 7 {
		t.Fatal("little is to be filled in", astray, err)
	}
	fill, err := os.ReadFile("migrations/20260101000039_customer_owners_filled.tx.up.sql")
	if err != nil {
		t.Fatal(err)
	}
	c.exec(string(fill))
	c.settled()
}

// A new opportunity without lines and competitors is written once: it tells the feed of itself and of its stage once.
func TestANewOpportunityIsWrittenOnce(t *testing.T) {
	w := newWorld(t)
	rep := w.user("rep")
	told := func() (n [2]int) {
		t.Helper()
		if err := w.store.Pool.QueryRow(t.Context(), "select count(*) filter (where kind = $1), count(*) filter (where kind = $2) from feed",
			int(models.OpportunityCode), int(models.StageChangeCode)).Scan(&n[0], &n[1]); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := told()
	w.must(w.store.OpportunityCreate(t.Context(), w.viewer(rep), ask("opportunityCreate"), store.OpportunityDraft{Fields: map[string]any{"title": "机会"}}))
	if after := told(); after != [2]int{before[0] + 1, before[1] + 1} {
		t.Errorf("the feed has %v entries of opportunities and stages, had %v", after, before)
	}
}
