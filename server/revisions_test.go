package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"guanxi/models"
	"guanxi/server/servertest"
)

const documentRevise = `mutation($file: Upload!, $id: ID!) { documentRevise(input: {file: $file, id: $id}) { document { id } userErrors { code } } }`

// TestEachRevisionIsGivenToThoseWhoSeeTheDocument puts a file in three times: each version is given under its own address, with
// the bytes and the kind of then, as the document is; to who does not see the document none exists, nor to anybody once it is
// deleted.
func TestEachRevisionIsGivenToThoseWhoSeeTheDocument(t *testing.T) {
	t.Parallel()
	w := newTale(t)
	versions := []string{"<html>first</html>", "%PDF-1.7 second", "third"}
	id := send(t, w.Company, "guangdong.sales", create(`合同 "终稿"/..\2026.html`), `{"f":["variables.file"]}`, part{"f", "a", versions[0]}).Good().Text("documentCreate.document.id")
	for _, content := range versions[1:] {
		a := send(t, w.Company, "guangdong.sales", fmt.Sprintf(`{"query":%q,"variables":{"file":null,"id":%q}}`, documentRevise, id), `{"f":["variables.file"]}`, part{"f", "b", content}).Good()
		if a.Text("documentRevise.document.id") != id {
			t.Fatalf("revising is answered %s", a.Body)
		}
	}
	const all = "query($id: ID!) { document(id: $id) { version downloadUrl revisions { id revision mediaType downloadUrl } } }"
	told := w.Ask("guangdong.sales", all, map[string]any{"id": id}).Good()
	get := func(login, path string, header ...string) *servertest.Answer {
		if login != "" {
			header = append(header, "Authorization", "Bearer "+w.Token(login))
		}
		return w.Send(http.MethodGet, path, nil, header...)
	}
	newest := get("guangdong.sales", told.Text("document.downloadUrl"))
	var paths []string
	for i, node := range told.List("document.revisions") {
		revision := node.(map[string]any)
		path, content := revision["downloadUrl"].(string), versions[len(versions)-1-i]
		paths = append(paths, path)
		if path != "/files/"+revision["id"].(string) || revision["revision"] != float64(len(versions)-i) {
			t.Fatalf("version %d is told as %v", len(versions)-i, revision)
		}
		a := get("guangdong.sales", path)
		if a.Status != http.StatusOK || string(a.Body) != content || a.Header.Get("Content-Type") != revision["mediaType"] {
			t.Errorf("%s is given as %d %s %s, want %s %s", path, a.Status, a.Header.Get("Content-Type"), a.Body, revision["mediaType"], content)
		}
		for _, name := range []string{"Content-Disposition", "Content-Security-Policy", "X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Cache-Control", "Vary"} {
			if got, want := a.Header.Values(name), newest.Header.Values(name); len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("%s: %s is %q, of the document %q", path, name, got, want)
			}
		}
		if same := a.Header.Get("ETag") == newest.Header.Get("ETag"); same != (i == 0) {
			t.Errorf("%s has the tag %s, the document %s", path, a.Header.Get("ETag"), newest.Header.Get("ETag"))
		}
		if a := get("guangdong.sales", path, "Range", "bytes=1-3"); a.Status != http.StatusPartialContent || string(a.Body) != content[1:4] {
			t.Errorf("a range of %s is given as %d %s", path, a.Status, a.Body)
		}
		if a := get("guangdong.sales", path, "If-None-Match", a.Header.Get("ETag")); a.Status != http.StatusNotModified || len(a.Body) != 0 {
			t.Errorf("%s, known, is given as %d %s", path, a.Status, a.Body)
		}
	}
	if len(paths) != len(versions) {
		t.Fatalf("of %d versions %d are told", len(versions), len(paths))
	}
	none := func(when string, logins ...string) {
		t.Helper()
		for _, login := range logins {
			never := get(login, "/files/"+models.NewID(models.DocumentRevisionCode).String())
			for _, path := range append(slices.Clone(paths), told.Text("document.downloadUrl")) {
				if a := get(login, path); a.Status != http.StatusNotFound || a.Status != never.Status || !bytes.Equal(a.Body, never.Body) || headers(a) != headers(never) {
					t.Errorf("%s %q gets %d %s at %s, and %d %s of what never was", when, login, a.Status, a.Body, path, never.Status, never.Body)
				}
			}
		}
	}
	none("not seeing it", "guangxi.sales", "marketing", "")
	holds := func(what string, want ...string) {
		t.Helper()
		if got := w.logged(bySales); !slices.Equal(got, want) {
			t.Errorf("%s: the log holds %v, want %v", what, got, want)
		}
		change(t, w.Company, "delete from access_log")
	}
	holds("without a list")

	if a := get("director", paths[2]); a.Status != http.StatusOK {
		t.Errorf("the director gets %d %s", a.Status, a.Body)
	}
	w.Ask("guangdong.sales", "mutation($id: ID!, $admin: ID!) { documentReadersSet(input: {id: $id, restricted: true, readers: [{user: $admin}]}) { document { id } userErrors { code } } }",
		map[string]any{"id": id, "admin": w.one("select id from users where login = 'admin'")}).Good()
	none("not on its list", "director", "guangxi.sales")
	if a := get("guangdong.sales", paths[2]); a.Status != http.StatusOK || string(a.Body) != versions[0] {
		t.Errorf("the owner gets %d %s", a.Status, a.Body)
	}
	holds("with a list", "guangdong.sales DocumentRevision.downloadUrl "+id)

	if a := w.Ask("guangdong.sales", "mutation($id: ID!) { documentReadersSet(input: {id: $id, restricted: false}) { document { id } userErrors { code } } }", map[string]any{"id": id}).Good(); a.Text("documentReadersSet.document.id") != id {
		t.Fatalf("taking the list away is answered %s", a.Body)
	}
	if a := w.Ask("admin", "mutation($id: ID!) { documentDelete(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": id}).Good(); len(a.List("documentDelete.userErrors")) > 0 {
		t.Fatalf("deleting is answered %s", a.Body)
	}
	none("deleted", "guangdong.sales", "admin")
}
