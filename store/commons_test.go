package store_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/store"
)

// TestWhatEveryoneSeesAlikeIsReadOnce reads users and stages by id as two people do, while names change: before the change is
// committed nobody reads it, afterwards everyone who begins then, and who began before reads what there was.
func TestWhatEveryoneSeesAlikeIsReadOnce(t *testing.T) {
	w := newWorld(t)
	wang, li := w.user("wang"), w.user("li")
	kept := access.NewCommons()
	look := func(as uuid.UUID) *access.Snapshot {
		snap := w.look(as).Opened(access.EpochOnly, kept)
		if err := snap.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		return snap
	}
	names := func(snap *access.Snapshot) (string, string, int) {
		before := snap.Statements()
		found, err := store.Users.ByIDs(t.Context(), snap, []uuid.UUID{wang, li})
		if err != nil || len(found) != 2 {
			t.Fatal(found, err)
		}
		_, batch := found[wang].Key()
		if _, other := found[li].Key(); batch == nil || batch != other || len(batch.Rows) != 2 {
			t.Error("they are no batch")
		}
		first, second := found[wang].Name, found[li].Name
		found[wang].Name = "scribbled" // by whoever got a record of his own
		return first, second, snap.Statements() - before
	}
	want := func(when string, snap *access.Snapshot, first, second string, statements int) {
		t.Helper()
		if a, b, n := names(snap); a != first || b != second || n != statements {
			t.Errorf("%s: %q and %q in %d statements, want %q and %q in %d", when, a, b, n, first, second, statements)
		}
	}
	early := look(wang)
	want("first", early, "wang", "li", 1)
	want("again", early, "wang", "li", 0)
	want("another", look(li), "wang", "li", 0)
	want("without an opening", w.look(wang), "wang", "li", 1)

	tx, err := w.store.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "update users set name = 'Wang' where id = $1", wang); err != nil {
		t.Fatal(err)
	}
	want("before it is committed", look(li), "wang", "li", 0)
	if err := tx.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	want("afterwards", look(li), "Wang", "li", 1)
	want("afterwards again", look(wang), "Wang", "li", 0)
	want("who began before", early, "wang", "li", 1)
	want("after him", look(wang), "Wang", "li", 0)
	early.Close(t.Context())
	if err := early.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	want("who begins again", early, "Wang", "li", 0)
}
