package server_test

import (
	"bytes"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"guanxi/models"
	"guanxi/server/servertest"
)

const documentCreate = `mutation($file: Upload!, $name: String) { documentCreate(input: {file: $file, name: $name}) { document { id name mediaType size downloadUrl } userErrors { code field message } } }`

// part is one file of a form.
type part struct{ field, name, content string }

// send posts a form as the user.
func send(t *testing.T, c *servertest.Company, login, operations, places string, parts ...part) *servertest.Answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, text := range []part{{field: "operations", content: operations}, {field: "map", content: places}} {
		if err := form.WriteField(text.field, text.content); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range parts {
		h := textproto.MIMEHeader{"Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": p.field, "filename": p.name})}, "Content-Type": {"text/html"}}
		to, err := form.CreatePart(h)
		if err == nil {
			_, err = to.Write([]byte(p.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	form.Close()
	return c.Send("POST", "/graphql", body.Bytes(), "Content-Type", form.FormDataContentType(), "Authorization", "Bearer "+c.Token(login))
}

func create(name string) string {
	return fmt.Sprintf(`{"query":%q,"variables":{"file":null,"name":%q}}`, documentCreate, name)
}

func TestADocumentIsGivenToThoseWhoSeeItAndDoesNotExistForOthers(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const content = "<html><script>alert('x')</script></html>"
	a := send(t, c, "guangxi.sales", create(`合同 "终稿"/..\2026.html`), `{"f":["variables.file"]}`, part{"f", "../../etc/passwd", content}).Good()
	path := a.Text("documentCreate.document.downloadUrl")
	if a.Number("documentCreate.document.size") != float64(len(content)) || !strings.HasPrefix(a.Text("documentCreate.document.mediaType"), "text/html") {
		t.Errorf("made %s", a.Body)
	}
	get := func(login, path string) *servertest.Answer {
		if login == "" {
			return c.Send("GET", path, nil)
		}
		return c.Send("GET", path, nil, "Authorization", "Bearer "+c.Token(login))
	}
	mine := get("guangxi.sales", path)
	if mine.Status != 200 || string(mine.Body) != content {
		t.Errorf("the owner is given %d %s", mine.Status, mine.Body)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
		"Content-Disposition": `attachment; filename="__ _____.._2026.html"; filename*=UTF-8''%E5%90%88%E5%90%8C%20%22%E7%BB%88%E7%A8%BF%22_.._2026.html`,
	} {
		if got := mine.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for _, login := range []string{"guangdong.sales", "marketing", ""} {
		hidden := get(login, path)
		for _, other := range []string{"/files/" + models.NewID(models.DocumentCode).String(), "/files/x", "/files/" + models.NewID(models.CustomerCode).String(), "/files/{" + path[7:] + "}"} {
			never := get(login, other)
			if hidden.Status != http.StatusNotFound || never.Status != hidden.Status || !bytes.Equal(never.Body, hidden.Body) || headers(never) != headers(hidden) {
				t.Errorf("%q is answered %d %s for a hidden document and %d %s for %s", login, hidden.Status, hidden.Body, never.Status, never.Body, other)
			}
		}
	}
}

// headers are what a header says beside the number and the time of the request.
func headers(a *servertest.Answer) string {
	h := a.Header.Clone()
	h.Del("X-Request-Id")
	h.Del("Date")
	return fmt.Sprint(h)
}

func TestUploadsHaveLimits(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	eleven, places := []part{}, []string{}
	for i := range 11 {
		eleven = append(eleven, part{fmt.Sprint(i), "x", "x"})
		places = append(places, fmt.Sprintf(`"%d":["variables.file"]`, i))
	}
	for name, try := range map[string]struct {
		status int
		answer *servertest.Answer
	}{
		"a file too large":   {413, send(t, c, "admin", create("x"), `{"f":["variables.file"]}`, part{"f", "x", strings.Repeat("x", 25<<20+1)})},
		"too many files":     {413, send(t, c, "admin", create("x"), "{"+strings.Join(places, ",")+"}", eleven...)},
		"a file twice":       {400, send(t, c, "admin", create("x"), `{"f":["variables.file","variables.name"]}`, part{"f", "x", "x"})},
		"no such variable":   {400, send(t, c, "admin", create("x"), `{"f":["variables.files.0"]}`, part{"f", "x", "x"})},
		"one that is taken":  {400, send(t, c, "admin", create("x"), `{"f":["variables.name"]}`, part{"f", "x", "x"})},
		"not a variable":     {400, send(t, c, "admin", create("x"), `{"f":["query"]}`, part{"f", "x", "x"})},
		"a file missing":     {400, send(t, c, "admin", create("x"), `{"f":["variables.file"]}`)},
		"a file unnamed":     {400, send(t, c, "admin", create("x"), `{"f":["variables.file"]}`, part{"g", "x", "x"})},
		"a list of requests": {400, send(t, c, "admin", "["+create("x")+"]", `{"f":["0.variables.file"]}`, part{"f", "x", "x"})},
	} {
		if try.answer.Status != try.status || len(try.answer.Errors) != 1 {
			t.Errorf("%s: answered %d %s", name, try.answer.Status, try.answer.Body)
		}
	}
	count := c.Ask("admin", `{ documents(where: {name: {eq: "x"}}) { totalCount } }`, nil).Good()
	if count.Number("documents.totalCount") != 0 {
		t.Error("a refused upload left a document")
	}
}

// A text where a file belongs is the asker's mistake, told at its place.
func TestAFileWrittenAsAValueIsRefused(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	e := c.Ask("admin", documentCreate, map[string]any{"file": "a.txt"}).Refused("BAD_INPUT")
	if fmt.Sprint(e.Path) != "[documentCreate input file]" {
		t.Errorf("refused at %v: %s", e.Path, e.Message)
	}
}

// TestADocumentWithoutItsBytesDoesNotExist loses the bytes of a document: it then is as one that was never there.
func TestADocumentWithoutItsBytesDoesNotExist(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	path := send(t, c, "admin", create("lost"), `{"f":["variables.file"]}`, part{"f", "a.txt", "bytes"}).Good().Text("documentCreate.document.downloadUrl")
	kept := rowsOf[struct{ StorageKey string }](t, c, "select storage_key from documents where name = 'lost'")
	if err := c.Files.Remove(t.Context(), kept[0].StorageKey); err != nil {
		t.Fatal(err)
	}
	token := c.Token("admin")
	lost := c.Send(http.MethodGet, path, nil, "Authorization", "Bearer "+token)
	never := c.Send(http.MethodGet, "/files/"+models.NewID(models.DocumentCode).String(), nil, "Authorization", "Bearer "+token)
	if lost.Status != http.StatusNotFound || never.Status != lost.Status || string(lost.Body) != string(never.Body) {
		t.Errorf("without its bytes %d %s, never there %d %s", lost.Status, lost.Body, never.Status, never.Body)
	}
}
