package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// create is the making of a customer under a key.
func (w *two) create(server int, login, key, name string) func() *reply {
	return func() *reply {
		return w.try(server, login, `mutation { customerCreate(input: {name: %q, kind: ORGANIZATION, idempotencyKey: %q}) { customer { id } `+refusals+` } }`, name, key)
	}
}

const madeID = "customerCreate.customer.id"

// same fails the test unless all made the same customer, once, and gives its id.
func (w *two) same(name string, replies ...*reply) string {
	w.Helper()
	id, _ := replies[0].at(madeID).(string)
	for _, r := range replies {
		if r.code() != "" || r.at(madeID) != id || id == "" {
			w.Errorf("answered %s, not %q", r.text, id)
		}
	}
	w.never("not made once", "select count(*) from customers where name = $1 having count(*) <> 1", name)
	w.never("not made once, by its history", "select count(*) from audit_entries where record_id = $1 and action = 'CREATE' having count(*) <> 1", id)
	return id
}

func TestA57ARequestUnderOneKeyIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	w.account("rep", "sales")
	w.account("other", "sales")
	heir := w.account("heir", "sales")
	for round := range rounds(3) {
		key, name := fmt.Sprint("key ", round), fmt.Sprint("name ", round)
		first := w.same(name, atOnce(alike(8, func(server, _ int) func() *reply { return w.create(server, "rep", key, name) })...)...)
		if id := w.same(name, w.create(0, "rep", key, name)(), w.create(1, "rep", key, name)()); id != first {
			t.Errorf("repeated later it is %s, not %s", id, first)
		}
		for server := range w.servers {
			r := w.create(server, "rep", key, "another name")()
			if r.code() != "IDEMPOTENCY_KEY_REUSED" || r.at(madeID) != nil {
				t.Errorf("another body under the key is answered %s", r.text)
			}
		}
		own := name + " of another"
		if id := w.same(own, w.create(round%2, "other", key, own)()); id == first {
			t.Error("another user's key is taken for the first one's")
		}
		if r := w.mutate(1, "admin", "customerTransfer", `id: %q, to: %q`, first, heir)(); r.code() != "" {
			t.Fatal(r.text)
		}
		if r := w.create(0, "rep", key, name)(); r.code() != "" || r.at(madeID) != nil {
			t.Errorf("repeated by who sees it no more: %s", r.text)
		}
	}
}

// points are the places of a write at which a server is killed, each as what the database does there.
var points = []struct{ name, trigger string }{
	{"as the key is taken", "before insert on idempotency_keys for each row"},
	{"as the record is written", "after insert on customers for each row"},
	{"as its history is written", "before insert on audit_entries for each row"},
	{"as the key is settled", "before update on idempotency_keys for each row"},
	{"as it is committed", ""},
}

// held is a lock that the database stops at, so that a write stands still where the test wants it to.
type held struct {
	*two
	conn *pgxpool.Conn
}

const heldLock = 4711

// hold makes the database stop at what the trigger says; without one, at the commit of a new customer.
func (w *two) hold(trigger string) *held {
	w.Helper()
	do := func(text string) {
		if _, err := w.pool.Exec(w.Context(), text); err != nil {
			w.Fatal(err)
		}
	}
	do(fmt.Sprintf("create or replace function stop() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(%d); return new; end $$", heldLock))
	if trigger == "" {
		do("create constraint trigger stop after insert on customers deferrable initially deferred for each row execute function stop()")
	} else {
		do("create trigger stop " + trigger + " execute function stop()")
	}
	conn, err := w.pool.Acquire(w.Context())
	if err == nil {
		_, err = conn.Exec(w.Context(), fmt.Sprintf("select pg_advisory_lock(%d)", heldLock))
	}
	if err != nil {
		w.Fatal(err)
	}
	return &held{w, conn}
}

// reached waits until a write stands at the lock.
func (h *held) reached() {
	h.Helper()
	for began := time.Now(); h.number("select count(*) from pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database() and locktype = 'advisory' and objid = $1 and not granted", heldLock) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			h.Fatal("no write came to where it was to be held")
		}
	}
}

// release lets the writes go on.
func (h *held) release() {
	h.Helper()
	_, err := h.conn.Exec(h.Context(), fmt.Sprintf("select pg_advisory_unlock(%d)", heldLock))
	h.conn.Release()
	if err != nil {
		h.Fatal(err)
	}
}

// remove takes the stop out of the database.
func (h *held) remove() {
	h.Helper()
	if _, err := h.pool.Exec(h.Context(), "drop function stop() cascade"); err != nil {
		h.Fatal(err)
	}
}

// kill ends a server as the loss of its machine does.
func (w *two) kill(server int) {
	w.Helper()
	if err := w.servers[server].Process.Signal(syscall.SIGKILL); err != nil {
		w.Fatal(err)
	}
	_ = w.servers[server].Wait() // says that it was killed
}

// TestA57AServerKilledInTheMidstOfAWriteLeavesAllOrNothing kills the server with SIGKILL at each point of a write, and has
// the client repeat its request on the other server and on the one that was started again.
func TestA57AServerKilledInTheMidstOfAWriteLeavesAllOrNothing(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	for round := range rounds(1) {
		for _, point := range points {
			key := fmt.Sprint(point.name, " ", round)
			h := w.hold(point.trigger)
			answer := make(chan *reply)
			go func() { answer <- w.create(0, "admin", key, key)() }()
			h.reached()
			w.kill(0)
			if r := <-answer; r.status != 0 {
				t.Errorf("%s: the killed server answered %s", point.name, r.text)
			}
			h.release()
			id := w.same(key, w.create(1, "admin", key, key)())
			h.remove()
			restarted := time.Now() // from then on it does work of its own
			w.servers[0] = w.serve()
			if again := w.same(key, w.create(0, "admin", key, key)()); again != id {
				t.Errorf("%s: the server started again says %s, not %s", point.name, again, id)
			}
			w.never(point.name+": a transaction was left open", "select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%' and pid <> pg_backend_pid() and xact_start < $1", restarted)
		}
	}
}

// TestA57WhileTheFirstRunsItsRepetitionWaits repeats a request on the other server while the first stands still, and has the
// same answer from both when it has gone on.
func TestA57WhileTheFirstRunsItsRepetitionWaits(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	for round, point := range points {
		key := fmt.Sprint("key ", round)
		h := w.hold(point.trigger)
		answers := make(chan *reply)
		ask := func(server int) { answers <- w.create(server, "admin", key, key)() }
		go ask(0)
		h.reached()
		go ask(1)
		h.release()
		w.same(key, <-answers, <-answers)
		h.remove()
	}
}

// TestF01AFileWithoutItsRowIsUploadedAgainAndSwept kills the server between the bytes of a document and its row. What the killed one
// left is taken away by one that is started later.
func TestF01AFileWithoutItsRowIsUploadedAgainAndSwept(t *testing.T) {
	t.Parallel()
	w := serveTwice(t)
	for _, trigger := range []string{"before insert on documents for each row", "before insert on document_revisions for each row"} {
		h := w.hold(trigger)
		answer := make(chan *reply)
		go func() { answer <- w.tryUpload(0, "admin", "the plan", trigger) }()
		h.reached()
		w.kill(0)
		<-answer
		h.release()
		w.servers[0] = w.serve()
		documents := w.number("select count(*) from documents")
		var ids []any
		for _, server := range []int{1, 0} {
			r := w.tryUpload(server, "admin", "the plan", trigger)
			ids = append(ids, r.at("documentCreate.document.id"))
			if r.code() != "" || ids[0] == nil || ids[0] != ids[len(ids)-1] {
				t.Errorf("repeated, the upload is answered %s", r.text)
			}
		}
		h.remove()
		if n := w.number("select count(*) from documents"); n != documents+1 {
			t.Errorf("%d documents are made of one", n-documents)
		}
		for server := range w.servers {
			if status, text := w.download(server, "admin", ids[0].(string)); status != 200 || text != "the plan" {
				t.Errorf("server %d gives %d %q", server, status, text)
			}
		}
	}
	w.sweepsOrphans(2)
}

// sweepsOrphans fails the test unless some files without a row are there, and a server that is started an hour later takes them
// away, and none besides.
func (w *two) sweepsOrphans(n int) {
	w.Helper()
	named := w.number("select count(*) from document_revisions")
	if there := w.files(); there != named+n {
		w.Fatalf("%d files are there, %d of documents", there, named)
	}
	if _, err := w.pool.Exec(w.Context(), "update uploads set at = at - interval '1 hour'"); err != nil {
		w.Fatal(err)
	}
	w.servers[0] = w.serve()
	for began := time.Now(); w.files() != named; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			w.Fatalf("%d files are left, %d of documents", w.files(), named)
		}
	}
}

// files counts the files that the servers keep.
func (w *two) files() (n int) {
	w.Helper()
	err := filepath.WalkDir(filepath.Join(w.home, "files"), func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}
