package store_test

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/files"
	"guanxi/models"
	"guanxi/store"
)

// cabinet is a folder of documents for one test, and where it is.
type cabinet struct {
	*files.Folder
	place string
}

func newCabinet(t *testing.T) *cabinet {
	t.Helper()
	place := t.TempDir()
	folder, err := files.Open(context.Background(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return &cabinet{folder, place}
}

// kept counts the files.
func (c *cabinet) kept(t *testing.T) (n int) {
	t.Helper()
	err := filepath.WalkDir(c.place, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func file(name, text string) store.File {
	return store.File{Name: name, Bytes: strings.NewReader(text)}
}

func (w *world) document(c *cabinet, user uuid.UUID, name string, input map[string]any) uuid.UUID {
	w.t.Helper()
	return w.must(w.store.DocumentCreate(context.Background(), w.viewer(user), ask("documentCreate"), c.Folder, file(name, "内容 "+name), input))
}

func (w *world) sees(user, document uuid.UUID) bool {
	w.t.Helper()
	snap := w.look(user)
	defer snap.Close(context.Background())
	d, err := store.Documents.ByID(context.Background(), snap, document)
	if err != nil {
		w.t.Fatal(err)
	}
	return d != nil
}

func TestDocumentKeepsEveryRevisionOfItsBytes(t *testing.T) {
	w := newWorld(t)
	ctx, rep, c := context.Background(), w.user("rep"), newCabinet(t)
	customer := w.customer("甲", rep)
	opportunity := w.opportunity(rep, &customer, 1)
	id := w.document(c, rep, `C:\报价\报价单.txt`, map[string]any{"opportunity": &opportunity})
	w.must(w.store.DocumentRevise(ctx, w.viewer(rep), ask("documentRevise"), c.Folder, file("x.txt", "第二版"), id, ptr(1)))
	d, err := store.Documents.ByID(ctx, w.look(rep), id)
	if err != nil || d.Name != "报价单.txt" || *d.CustomerID != customer || d.Revision != 2 || d.Size != int64(len("第二版")) || *d.UploadedBy != rep {
		t.Fatalf("kept %+v (%v)", d, err)
	}
	revisions, err := store.DocumentRevisions.Linked(ctx, w.look(rep), []uuid.UUID{id}, access.ByForeign(access.DocumentRevision, "document_id"), "revision desc")
	if err != nil || len(revisions[id]) != 2 {
		t.Fatalf("revisions %v (%v)", revisions, err)
	}
	for i, want := range []string{"第二版", "内容 C:\\报价\\报价单.txt"} {
		bytes, err := c.Get(ctx, revisions[id][i].StorageKey)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(bytes); string(got) != want || !strings.HasPrefix(revisions[id][i].MediaType, "text/plain") {
			t.Errorf("revision %d is %q, %s", revisions[id][i].Revision, got, revisions[id][i].MediaType)
		}
		bytes.Close()
	}
}

func TestRefusedOrRepeatedUploadLeavesNoBytesBehind(t *testing.T) {
	w := newWorld(t)
	ctx, boss, rep, c := context.Background(), w.user("boss", everything), w.user("rep"), newCabinet(t)
	hidden := w.customer("看不见", boss)
	_, err := w.store.DocumentCreate(ctx, w.viewer(rep), ask("documentCreate"), c.Folder, file("a.txt", "a"), map[string]any{"customer": &hidden})
	w.refused(err, fault.NotFound, "customer")
	_, err = w.store.DocumentRevise(ctx, w.viewer(rep), ask("documentRevise"), c.Folder, file("a.txt", "a"), w.document(c, boss, "b.txt", map[string]any{}), nil)
	w.refused(err, fault.NotFound, "id")
	_, err = w.store.DocumentCreate(ctx, w.viewer(rep), ask("documentCreate"), c.Folder, file("a.txt", "a"), map[string]any{"name": strings.Repeat("长", 256)})
	w.refused(err, fault.Invalid, "name")
	_, err = w.store.DocumentCreate(ctx, w.viewer(rep), ask("documentCreate"), c.Folder, file("\xff.txt", "a"), map[string]any{})
	w.refused(err, fault.Invalid, "name")
	_, err = w.store.DocumentCreate(ctx, w.viewer(rep), ask("documentCreate"), c.Folder, file("../..", "a"), map[string]any{})
	w.refused(err, fault.Required, "name")
	if n := c.kept(t); n != 1 {
		t.Fatalf("%d files kept, want only the boss's", n)
	}
	key := store.Request{Operation: "documentCreate", Input: "same", Key: ptr("k")}
	create := func(text string) (uuid.UUID, error) {
		return w.store.DocumentCreate(ctx, w.viewer(rep), key, c.Folder, file("a.txt", text), map[string]any{})
	}
	first := w.must(create("a"))
	if second := w.must(create("a")); second != first || c.kept(t) != 2 {
		t.Errorf("repeated as %v, first %v; %d files", second, first, c.kept(t))
	}
	_, err = create("other bytes")
	w.refused(err, fault.IdempotencyKeyReused, "idempotencyKey")
	if d, err := store.Documents.ByID(ctx, w.look(rep), first); err != nil || c.kept(t) != 2 {
		t.Errorf("%d files kept (%v)", c.kept(t), err)
	} else if _, err := os.Stat(filepath.Join(c.place, d.StorageKey)); err != nil {
		t.Error(err)
	}
}

func TestDocumentWithAListIsSeenByItsOwnerAndThoseOnTheListAlone(t *testing.T) {
	w := newWorld(t)
	ctx, c := context.Background(), newCabinet(t)
	boss, owner, listed, other := w.user("boss", everything), w.user("owner"), w.user("listed"), w.user("other")
	customer := w.customer("甲", other)
	id := w.document(c, owner, "a.txt", map[string]any{})
	w.exec("update documents set customer_id = ? where id = ?", customer, id)
	set := func(user uuid.UUID, restricted bool, readers ...models.DocumentReader) error {
		_, err := w.store.DocumentReadersSet(ctx, w.viewer(user), ask("documentReadersSet"), id, nil, restricted, readers)
		return err
	}
	see := func(want ...bool) {
		t.Helper()
		for i, user := range []uuid.UUID{boss, owner, listed, other} {
			if got := w.sees(user, id); got != want[i] {
				t.Errorf("user %d sees it: %t, want %t", i, got, want[i])
			}
		}
	}
	see(true, true, false, true)
	if err := set(owner, true, models.DocumentReader{SubjectID: listed}); err != nil {
		t.Fatal(err)
	}
	see(false, true, true, false)
	w.refused(set(listed, false), fault.Forbidden, "id")
	w.refused(set(boss, false), fault.NotFound, "id")
	for user, want := range map[uuid.UUID]int{owner: 1, listed: 0} {
		if lists, err := store.ReadersOf(ctx, w.look(user), []uuid.UUID{id}); err != nil || len(lists[id]) != want {
			t.Errorf("list shown: %v (%v)", lists, err)
		}
	}
	w.refused(set(owner, true, models.DocumentReader{SubjectID: models.NewID(models.GroupCode)}), fault.NotFound, "readers")
	w.refused(set(owner, false, models.DocumentReader{SubjectID: listed}), fault.Invalid, "readers")
	see(false, true, true, false)
	if err := set(owner, false); err != nil {
		t.Fatal(err)
	}
	see(true, true, false, true)
}

func TestDocumentListReachesADepartmentWithThoseBelowItOnlyWhenAsked(t *testing.T) {
	w := newWorld(t)
	ctx, c, owner, below := context.Background(), newCabinet(t), w.user("owner"), w.user("below")
	top, sub := models.NewID(models.DepartmentCode), models.NewID(models.DepartmentCode)
	w.insert(&models.Department{Record: models.Record{ID: top}, Name: "总部", Path: []uuid.UUID{top}})
	w.insert(&models.Department{Record: models.Record{ID: sub}, Name: "分部", ParentID: &top, Path: []uuid.UUID{top, sub}})
	w.insert(&models.Membership{Record: models.Record{ID: models.NewID(models.MembershipCode)}, UserID: below, DepartmentID: sub})
	id := w.document(c, owner, "a.txt", map[string]any{})
	for _, with := range []bool{false, true} {
		w.must(w.store.DocumentReadersSet(ctx, w.viewer(owner), ask("documentReadersSet"), id, nil, true, []models.DocumentReader{{SubjectID: top, WithSubDepartments: with}}))
		if got := w.sees(below, id); got != with {
			t.Errorf("with those below %t: seen %t", with, got)
		}
	}
}
