package feed_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/feed"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// reader follows the feed from a place, and remembers which records it was told of and how often.
type reader struct {
	t     *testing.T
	place feed.Place
	told  map[uuid.UUID]int
}

func newReader(t *testing.T, db feed.Database) *reader {
	t.Helper()
	place, err := feed.Here(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return &reader{t: t, place: place, told: map[uuid.UUID]int{}}
}

// read takes what is new in a snapshot.
func (r *reader) read(db feed.Database) []feed.Entry {
	r.t.Helper()
	reading, err := feed.Read(r.t.Context(), db, r.place.Sealed)
	if err != nil {
		r.t.Fatal(err)
	}
	var fresh []feed.Entry
	fresh, r.place = r.place.Next(reading)
	for _, e := range fresh {
		for _, id := range e.Records {
			r.told[id]++
		}
	}
	return fresh
}

// record inserts a record that refers to nothing, of a kind that several may write at once.
func record(t *testing.T, db interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}) uuid.UUID {
	t.Helper()
	id := models.NewID(models.ContactCode)
	if _, err := db.Exec(t.Context(), insertRecord, id); err != nil {
		t.Fatal(err)
	}
	return id
}

const insertRecord = "insert into contacts (id, name, created_at, updated_at) values ($1::uuid, $1::uuid::text, now(), now())"

func begin(t *testing.T, pool *pgxpool.Pool) pgx.Tx {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Rollback(context.WithoutCancel(t.Context())) })
	return tx
}

func commit(t *testing.T, tx pgx.Tx) {
	t.Helper()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func seal(t *testing.T, pool *pgxpool.Pool) int64 {
	t.Helper()
	n, err := feed.Seal(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A transaction writes, and others that began later commit, are read and sealed meanwhile: nobody waits for it, and when it
// commits at last its entry is read all the same, once.
func TestTheEntryOfASlowTransactionIsNotMissed(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	early, late := newReader(t, pool), newReader(t, pool)
	slow := begin(t, pool)
	first := record(t, slow)
	second := record(t, pool)
	early.read(pool)
	if n := seal(t, pool); n != 1 {
		t.Fatalf("sealed %d entries beside an open transaction, want the one that is committed", n)
	}
	third := record(t, pool)
	early.read(pool)
	seal(t, pool)
	if early.told[first] != 0 || early.told[second] != 1 || early.told[third] != 1 {
		t.Fatalf("before the slow transaction commits a reader is told %v", early.told)
	}
	commit(t, slow)
	early.read(pool)
	seal(t, pool)
	early.read(pool)
	late.read(pool)
	for i, id := range []uuid.UUID{first, second, third} {
		if early.told[id] != 1 || late.told[id] != 1 {
			t.Errorf("record %d was told %d times to who read often, %d times to who read late; want once", i+1, early.told[id], late.told[id])
		}
	}
}

// While one process seals, another neither waits for it nor seals the same.
func TestOneProcessSealsAtATime(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := newReader(t, pool)
	id := record(t, pool)
	other := begin(t, pool)
	if _, err := other.Exec(t.Context(), "select 1 from feed_sealing for update"); err != nil {
		t.Fatal(err)
	}
	if n := seal(t, pool); n != 0 {
		t.Fatalf("%d entries were sealed beside another who seals", n)
	}
	if r.read(pool); r.told[id] != 1 {
		t.Fatal("an entry is not read while somebody seals")
	}
	commit(t, other)
	done := make(chan int64)
	for range 4 {
		go func() {
			n, _ := feed.Seal(t.Context(), pool)
			done <- n
		}()
	}
	sum := <-done + <-done + <-done + <-done
	if sum += seal(t, pool); sum != 1 {
		t.Fatalf("one entry was sealed %d times", sum)
	}
	if r.read(pool); r.told[id] != 1 {
		t.Fatalf("an entry was told %d times", r.told[id])
	}
}

// The one who seals dies in the middle: nothing is sealed, nothing lost, and the next one seals.
func TestASealerThatDiesLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := newReader(t, pool)
	id := record(t, pool)
	dying := begin(t, pool)
	var process int
	if err := dying.QueryRow(t.Context(), "select pg_backend_pid() from feed_sealing for update").Scan(&process); err != nil {
		t.Fatal(err)
	}
	if _, err := dying.Exec(t.Context(), "update feed set seal = 1, sealed_at = now()"); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "select pg_terminate_backend($1, 5000)", process); err != nil {
		t.Fatal(err)
	}
	if n := seal(t, pool); n != 1 {
		t.Fatalf("after the death %d entries are sealed, want 1", n)
	}
	if r.read(pool); r.told[id] != 1 || r.place.Sealed != 1 {
		t.Fatalf("told %d times, at seal %d", r.told[id], r.place.Sealed)
	}
}

// What is taken away cannot be missed unawares: who has read it goes on, who has not is told to begin anew.
func TestOldEntriesAreTakenAway(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ahead, behind := newReader(t, pool), newReader(t, pool)
	clean := func(kept time.Duration) int64 {
		t.Helper()
		n, err := feed.Clean(t.Context(), pool, kept)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	record(t, pool)
	record(t, pool)
	if n := clean(0); n != 0 {
		t.Fatalf("%d entries went before they were sealed", n)
	}
	seal(t, pool)
	ahead.read(pool)
	loose := record(t, pool)
	if n := clean(time.Hour); n != 0 {
		t.Fatalf("%d entries of this moment went as older than an hour", n)
	}
	if n := clean(0); n != 2 {
		t.Fatalf("%d entries went, want 2", n)
	}
	if ahead.read(pool); ahead.told[loose] != 1 || len(ahead.told) != 3 {
		t.Fatalf("who had read the old ones is told %v", ahead.told)
	}
	if _, err := feed.Read(t.Context(), pool, behind.place.Sealed); !errors.Is(err, feed.ErrBehind) {
		t.Fatalf("who had not is told %v", err)
	}
	if n := newReader(t, pool); len(n.read(pool)) != 0 {
		t.Fatal("who begins anew is told of what he has begun with")
	}
}

// One statement leaves one entry, however many records it changes, and none when it changes none.
func TestAnEntryIsOfAStatement(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := newReader(t, pool)
	for _, text := range []string{
		"insert into competitors (id, name, created_at, updated_at) select (left(gen_random_uuid()::text, 34) || '12')::uuid, n, now(), now() from generate_series(1, 5000) n",
		"update competitors set note = 'others'",
		"update competitors set note = 'nobody' where false",
		"delete from competitors",
	} {
		if _, err := pool.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	var ops []string
	for _, e := range r.read(pool) {
		if len(e.Records) != 5000 || e.Kind != models.CompetitorCode {
			t.Errorf("%s of kind %d names %d records", e.Op, e.Kind, len(e.Records))
		}
		ops = append(ops, e.Op)
	}
	slices.Sort(ops)
	if !slices.Equal(ops, []string{"D", "I", "U"}) {
		t.Fatalf("four statements left entries %v", ops)
	}
}

// What is told of under another record names that once, however many rows a statement writes of it, and nothing where it writes none.
func TestListsAreToldByWhoseTheyAre(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	id := func(n int, kind models.KindCode) uuid.UUID {
		return uuid.MustParse(fmt.Sprintf("%08d-0000-7000-8000-0000000000%02x", n, int(kind)))
	}
	one, two, group, shared := id(1, models.UserCode), id(2, models.UserCode), id(1, models.GroupCode), id(1, models.CustomerCode)
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), text, args...); err != nil {
			t.Fatal(text, err)
		}
	}
	exec("insert into users (id, login, name, created_at, updated_at) values ($1, 'a', 'a', now(), now()), ($2, 'b', 'b', now(), now())", one, two)
	exec("insert into groups (id, name, created_at, updated_at) values ($1, 'a', now(), now())", group)
	r := newReader(t, pool)
	exec("insert into group_members (group_id, user_id) select $1, id from users", group)
	exec("delete from group_members where false")
	exec("delete from group_members")
	exec(`insert into shares (id, record_id, subject_id, level, created_at, updated_at)
		select (left(gen_random_uuid()::text, 34) || '07')::uuid, $1, id, 'OBSERVE', now(), now() from users`, shared)
	exec("update shares set level = 'MANAGE' where false")
	exec("update shares set level = 'MANAGE'")
	exec("delete from shares")
	var told []string
	for _, e := range r.read(pool) {
		told = append(told, fmt.Sprint(e.Kind, e.Op, e.Records))
	}
	var want []string
	for _, op := range []string{"D", "I"} {
		want = append(want, fmt.Sprint(models.GroupCode, op, []uuid.UUID{group}))
	}
	for _, op := range []string{"D", "I", "U"} {
		want = append(want, fmt.Sprint(models.ShareCode, op, []uuid.UUID{shared}))
	}
	slices.Sort(told)
	slices.Sort(want)
	if !slices.Equal(told, want) {
		t.Fatalf("told of %v, want %v", told, want)
	}
}

// However much was written in a moment, all of it goes when it is old.
func TestAllThatIsOldIsTakenAwayAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const old = 25_001
	for _, text := range []string{
		"insert into feed (seal, kind, op, records, sealed_at) select n, 17, 'I', '{}', now() - interval '2 hours' from generate_series(1, $1::int) n",
		"update feed_sealing set last = $1",
	} {
		if _, err := pool.Exec(t.Context(), text, old); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := feed.Clean(t.Context(), pool, time.Hour); err != nil || n != old {
		t.Fatalf("%d entries went of %d: %v", n, old, err)
	}
}

// Transactions open and close in any order, some seal, some clean, readers look through snapshots old and new: each reader
// is told of every committed change that his snapshot shows, and never twice; unless he is told to begin anew.
func TestNoOrderOfCommitsLosesAnEntry(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { disorder(t, pool, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func disorder(t *testing.T, pool *pgxpool.Pool, r *rand.Rand) {
	readers := []*reader{newReader(t, pool), newReader(t, pool), newReader(t, pool)}
	var open []pgx.Tx
	wrote := map[pgx.Tx][]uuid.UUID{}
	var committed []uuid.UUID
	for range 120 {
		switch n := r.IntN(10); {
		case n < 2 && len(open) < 4:
			open = append(open, begin(t, pool))
		case n < 5 && len(open) > 0:
			tx := open[r.IntN(len(open))]
			wrote[tx] = append(wrote[tx], record(t, tx))
		case n < 7 && len(open) > 0:
			i := r.IntN(len(open))
			commit(t, open[i])
			committed = append(committed, wrote[open[i]]...)
			open = slices.Delete(open, i, i+1)
		case n < 8:
			seal(t, pool)
		default:
			one := readers[r.IntN(len(readers))]
			one.read(pool)
			for _, id := range committed {
				if one.told[id] != 1 {
					t.Fatalf("a committed change was told %d times", one.told[id])
				}
			}
			if len(one.told) != len(committed) {
				t.Fatalf("told of %d changes, %d are committed", len(one.told), len(committed))
			}
		}
	}
	for _, tx := range open {
		tx.Rollback(t.Context())
	}
}
