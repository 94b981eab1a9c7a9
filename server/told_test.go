package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"guanxi/server/servertest"
)

// inner are words that only somebody inside should read.
var inner = []string{"SQLSTATE", "pgx", "goroutine", ".go:", "select ", "SELECT ", "relation \"", "constraint", "pq:", "secretvalue", "panic"}

func TestA32ErrorsTellNothingOfTheInside(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	change(t, c, "alter table services rename to services_gone")
	token := "Bearer " + c.Token("admin")
	for name, body := range map[string]string{
		"broken JSON":       `{"query":"{ __typename }","variables":{"x":"secretvalue"`,
		"no JSON":           `secretvalue`,
		"a bad type":        `{"query":"query($n: Int) { customers(first: $n) { totalCount } }","variables":{"n":"secretvalue"}}`,
		"a table gone":      `{"query":"{ services { nodes { title } } }"}`,
		"a table gone deep": `{"query":"{ customers(first: 1) { nodes { services { nodes { title } } } } }"}`,
		"a bad document":    `{"query":"{ customers(secretvalue }"}`,
	} {
		a := c.Send("POST", "/graphql", []byte(body), "Content-Type", plainJSON, "Authorization", token)
		if len(a.Errors) == 0 || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: answered %d %s", name, a.Status, a.Body)
			continue
		}
		for _, word := range inner {
			if strings.Contains(string(a.Body), word) && (word != "secretvalue" || strings.Contains(name, "JSON")) {
				t.Errorf("%s: the answer tells %q: %s", name, word, a.Body)
			}
		}
		if strings.HasPrefix(name, "a table gone") && (a.Errors[0].Code() != "INTERNAL" || a.Errors[0].Extensions["requestId"] != a.Header.Get("X-Request-Id")) {
			t.Errorf("%s: answered %s", name, a.Body)
		}
	}
}

func TestA48NamesOfFilesAreNoPaths(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for i, name := range []string{"../../etc/passwd", `..\..\boot.ini`, `C:\windows\system32`, "/etc/passwd", "a\u202Egnp.exe", strings.Repeat("x", 300), "con", ".", ".."} {
		a := send(t, c, "admin", fmt.Sprintf(`{"query":%q,"variables":{"file":null}}`, documentCreate), `{"f":["variables.file"]}`, part{"f", name, fmt.Sprint("bytes ", i)})
		path, ok := a.Get("documentCreate.document.downloadUrl").(string)
		if !ok {
			if a.Errors != nil || a.Get("documentCreate.userErrors.0.code") == nil {
				t.Errorf("%q is answered %s", name, a.Body)
			}
			continue // refused by name
		}
		got := c.Send("GET", path, nil, "Authorization", "Bearer "+c.Token("admin"))
		told := got.Header.Get("Content-Disposition")
		if got.Status != http.StatusOK || string(got.Body) != fmt.Sprint("bytes ", i) || strings.ContainsAny(told, `/\`) || strings.Contains(told, "%2F") || strings.Contains(told, "%5C") {
			t.Errorf("%q is given as %d %s", name, got.Status, told)
		}
	}
	for _, row := range rowsOf[struct{ Key string }](t, c, "select storage_key as key from documents") {
		key := row.Key
		if strings.Contains(key, "..") || strings.ContainsAny(key, `\:`) || strings.Contains(key, "passwd") {
			t.Errorf("a file is kept under %q", key)
		}
	}
}

func TestA52AFileIsNeverRunByABrowser(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	for name, content := range map[string]string{
		"x.html": "<script>alert(1)</script>", "x.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, `"><img src=x onerror=alert(1)>.png`: "<html>",
	} {
		a := send(t, c, "admin", create(name[:3]), `{"f":["variables.file"]}`, part{"f", name, content}).Good()
		got := c.Send("GET", a.Text("documentCreate.document.downloadUrl"), nil, "Authorization", "Bearer "+c.Token("admin"), "Sec-Fetch-Dest", "document")
		h := got.Header
		if got.Status != 200 || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") || strings.ContainsAny(h.Get("Content-Disposition"), "<>") {
			t.Errorf("%q is given as %d %v", name, got.Status, h)
		}
	}
}
