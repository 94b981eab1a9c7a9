package store_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/files"
	"guanxi/store"
)

// sweep sweeps as a server does whose clock is ahead, and tells how many uploads it took away.
func (w *world) sweep(folder *files.Folder, ahead time.Duration) int {
	w.t.Helper()
	other := *w.store
	other.Now = func(context.Context) (time.Time, error) { return w.now.Add(ahead), nil }
	gone, err := other.SweepUploads(context.Background(), folder)
	if err != nil {
		w.t.Error(err)
	}
	return gone
}

func (w *world) uploads() int64 {
	w.t.Helper()
	n, err := w.store.DB.NewSelect().Table("uploads").Count(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestAnUploadThatHangsIsSweptWithinTheHourAndNotBefore leaves a file half written, as a server does that is killed.
func TestAnUploadThatHangsIsSweptWithinTheHourAndNotBefore(t *testing.T) {
	w := newWorld(t)
	rep, c := w.user("rep"), newCabinet(t)
	kept := w.document(c, rep, "kept.txt", map[string]any{})
	bytes, hand := io.Pipe()
	ended := make(chan error, 1)
	v := w.viewer(rep)
	go func() {
		_, err := w.store.DocumentCreate(context.Background(), v, ask("documentCreate"), c.Folder, store.File{Name: "half.txt", Bytes: bytes}, map[string]any{})
		ended <- err
	}()
	if _, err := hand.Write([]byte(strings.Repeat("half", 10_000))); err != nil {
		t.Fatal(err)
	}
	if gone, n := w.sweep(c.Folder, 49*time.Minute), c.kept(t); gone != 0 || n != 2 {
		t.Fatalf("an upload under way was swept: %d are gone, %d files left", gone, n)
	}
	if gone, n := w.sweep(c.Folder, 51*time.Minute), c.kept(t); gone != 1 || n != 1 {
		t.Errorf("of an upload that hung %d are gone, %d files left", gone, n)
	}
	hand.Close()
	if err := <-ended; err == nil {
		t.Error("a document was made of a file that is gone")
	}
	if gone, n := w.sweep(c.Folder, 24*time.Hour), w.uploads(); gone != 0 || n != 0 || c.kept(t) != 1 || !w.sees(rep, kept) {
		t.Errorf("%d more are gone, %d uploads are written down, %d files left", gone, n, c.kept(t))
	}
}

// TestARequestThatEndsBetweenFileAndRowLeavesNoBytes stops requests while their rows wait for a lock.
func TestARequestThatEndsBetweenFileAndRowLeavesNoBytes(t *testing.T) {
	w := newWorld(t)
	rep, c := w.user("rep"), newCabinet(t)
	tx, err := w.store.DB.BeginTx(context.Background(), nil)
	if err == nil {
		_, err = tx.Exec("lock table documents in share row exclusive mode")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer stop()
	_, err = w.store.DocumentCreate(ctx, w.viewer(rep), ask("documentCreate"), c.Folder, file("a.txt", "a"), map[string]any{})
	if err == nil || ctx.Err() == nil || w.uploads() != 0 || c.kept(t) != 0 {
		t.Errorf("ended with %v: %d uploads written down, %d files", err, w.uploads(), c.kept(t))
	}
}

// TestASweepTakesNothingThatADocumentNames sweeps without any patience while files come in. Each is either a document with its
// bytes or nothing at all.
func TestASweepTakesNothingThatADocumentNames(t *testing.T) {
	w := newWorld(t)
	ctx, rep, c := context.Background(), w.user("rep"), newCabinet(t)
	var clients, sweeper sync.WaitGroup
	done := make(chan struct{})
	sweeper.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				w.sweep(c.Folder, 2*time.Hour)
			}
		}
	})
	v := w.viewer(rep)
	var mu sync.Mutex
	made := 0
	for client := range 4 {
		clients.Go(func() {
			for i := range 15 {
				_, err := w.store.DocumentCreate(ctx, v, ask("documentCreate"), c.Folder, file(fmt.Sprint(client, i), fmt.Sprint(client, i)), map[string]any{})
				mu.Lock()
				if err == nil {
					made++
				}
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	close(done)
	sweeper.Wait()
	list, err := store.Documents.List(ctx, w.store, w.look(rep), store.Ask{First: ptr(100)})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Nodes()) != made || made == 0 || c.kept(t) != made || w.uploads() != 0 {
		t.Errorf("%d made, %d listed, %d files, %d uploads written down", made, len(list.Nodes()), c.kept(t), w.uploads())
	}
	for _, d := range list.Nodes() {
		if _, err := os.Stat(filepath.Join(c.place, d.StorageKey)); err != nil {
			t.Error(err)
		}
	}
}

// TestASweepOfADatabaseSetBackSparesWhatIsNamed writes uploads down that are over, for their revisions name them.
func TestASweepOfADatabaseSetBackSparesWhatIsNamed(t *testing.T) {
	w := newWorld(t)
	ctx, rep, c := context.Background(), w.user("rep"), newCabinet(t)
	id := w.document(c, rep, "first.txt", map[string]any{})
	w.must(w.store.DocumentRevise(ctx, w.viewer(rep), ask("documentRevise"), c.Folder, file("x.txt", "second"), id, ptr(1)))
	revisions, err := store.DocumentRevisions.Linked(ctx, w.look(rep), []uuid.UUID{id}, access.ByForeign(access.DocumentRevision, "document_id"), "revision desc")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range revisions[id] {
		w.exec("insert into uploads (key, at) values (?, ?)", r.StorageKey, w.now.Add(-2*time.Hour))
	}
	if gone := w.sweep(c.Folder, 0); gone != 2 || w.uploads() != 0 || c.kept(t) != 2 {
		t.Errorf("%d are gone, %d uploads written down, %d files left", gone, w.uploads(), c.kept(t))
	}
}

// TestAFileThatCannotBeTakenAwayHoldsUpNoOther puts folders where a whole batch of files should be.
func TestAFileThatCannotBeTakenAwayHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	c := newCabinet(t)
	for i := range 20 {
		stuck := fmt.Sprint("stuck", i)
		if err := os.MkdirAll(filepath.Join(c.place, stuck, "full"), 0o700); err != nil {
			t.Fatal(err)
		}
		w.exec("insert into uploads (key, at) values (?, ?)", stuck, w.now.Add(-51*time.Minute))
	}
	w.exec("insert into uploads (key, at) values ('gone', ?)", w.now.Add(-50*time.Minute-time.Second))
	for _, want := range []int{0, 1} {
		gone, err := w.store.SweepUploads(t.Context(), c.Folder)
		if (err == nil) != (want == 1) || gone != want {
			t.Errorf("%d are gone, want %d: %v", gone, want, err)
		}
	}
	if n := w.uploads(); n != 20 {
		t.Errorf("%d uploads are written down", n)
	}
}
