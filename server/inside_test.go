package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"guanxi/store"
)

func TestAPanicFailsOneRequestAndIsLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := New(Options{Store: &store.Store{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	broken := s.numbered(s.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("select secret from users") })))
	w := httptest.NewRecorder()
	broken.ServeHTTP(w, httptest.NewRequest("GET", "/graphql", nil))
	id := w.Header().Get("X-Request-Id")
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `"INTERNAL"`) || !strings.Contains(w.Body.String(), id) || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if !strings.HasPrefix(w.Body.String(), `{"errors":[{"message":"`) {
		t.Errorf("told as %s", w.Body)
	}
	if !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "inside_test.go") {
		t.Errorf("logged %s", &log)
	}
}

// TestADatabaseThatIsAwayIsToldAsGraphQLTellsErrors asks with a token where no database answers.
func TestADatabaseThatIsAwayIsToldAsGraphQLTellsErrors(t *testing.T) {
	t.Parallel()
	away, err := pgxpool.New(t.Context(), "postgres://127.0.0.1:1/away")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(away.Close)
	s := New(Options{Store: &store.Store{Pool: away}})
	for path, form := range map[string]string{"/graphql": `{"errors":[{"message":"`, "/files/x": `{"error":{"code":"UNAVAILABLE"`} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer x")
		s.ServeHTTP(w, r)
		if w.Code != http.StatusServiceUnavailable || !strings.HasPrefix(w.Body.String(), form) || !strings.Contains(w.Body.String(), `"UNAVAILABLE"`) || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s is answered %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
}

func TestAResolversPanicIsMasked(t *testing.T) {
	t.Parallel()
	s := New(Options{Store: &store.Store{}})
	ctx := context.WithValue(t.Context(), numberKey{}, &number{id: "n1"})
	shown := s.present(ctx, s.panicked(ctx, "select secret from users"))
	if shown.Extensions["code"] != "INTERNAL" || shown.Extensions["requestId"] != "n1" || strings.Contains(shown.Message, "secret") {
		t.Errorf("shown %+v", shown)
	}
	if plain := s.present(ctx, io.ErrUnexpectedEOF); plain.Extensions["code"] != "INTERNAL" || strings.Contains(plain.Message, "EOF") {
		t.Errorf("shown %+v", plain)
	}
}

func TestWhatHasBegunIsFinishedAtTheEnd(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, ended := make(chan struct{}), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		time.Sleep(300 * time.Millisecond)
		io.WriteString(w, "finished")
	})
	go func() { ended <- Run(ctx, listener, slow) }()
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		answered <- string(text)
	}()
	<-begun
	stop()
	if text := <-answered; text != "finished" {
		t.Errorf("the request was answered %q", text)
	}
	if err := <-ended; err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("the server still takes connections")
	}
}

func TestTheLikedMediaTypeIsChosen(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": plainJSON, "*/*": plainJSON, "text/html,*/*;q=0.8": plainJSON, "application/graphql-response+json": graphQLResponse,
		"application/graphql-response+json, application/json;q=0.9":       graphQLResponse,
		"application/json, application/graphql-response+json;q=0.9":       plainJSON,
		"application/json;q=0.5, application/graphql-response+json;q=0.9": graphQLResponse,
	} {
		if got := mediaFor(accept); got != want {
			t.Errorf("for %q: %s", accept, got)
		}
	}
}

func TestAFileNameIsSafeToSaveUnder(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.pdf":              `attachment; filename=a.pdf; filename*=UTF-8''a.pdf`,
		"../../etc/passwd":   `attachment; filename=.._.._etc_passwd; filename*=UTF-8''.._.._etc_passwd`,
		"a\r\nSet-Cookie: x": `attachment; filename="a__Set-Cookie: x"; filename*=UTF-8''a__Set-Cookie:%20x`,
		"\u202egpj.exe":      `attachment; filename=_gpj.exe; filename*=UTF-8''_gpj.exe`,
		"报价":                 `attachment; filename=__; filename*=UTF-8''%E6%8A%A5%E4%BB%B7`,
	} {
		if got := disposition(name); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
}

func TestWhatStandsBesideTheDocumentIsNotReadWhenItIsTooMuch(t *testing.T) {
	t.Parallel()
	many := "[1" + strings.Repeat(",1", maxValues) + "]"
	for _, body := range []string{
		`{"query":"{ __typename }","variables":{"a":` + many + `}}`,
		`{"query":"{ __typename }","extensions":{"a":` + many + `}}`,
	} {
		var m *malformed
		if _, err := fromJSON([]byte(body)); !errors.As(err, &m) || m.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%.50s…: %v", body, err)
		}
	}
}

// TestAMapOfFilesIsNotReadWhenItIsTooMuch sends a map that would be refused for its last entry, if it were read.
func TestAMapOfFilesIsNotReadWhenItIsTooMuch(t *testing.T) {
	t.Parallel()
	for entries, status := range map[int]int{maxFiles: http.StatusBadRequest, maxListed: http.StatusRequestEntityTooLarge} {
		form := "--x\r\nContent-Disposition: form-data; name=operations\r\n\r\n" + `{"query":"{ __typename }"}` +
			"\r\n--x\r\nContent-Disposition: form-data; name=map\r\n\r\n" + "{" + strings.Repeat(`"a":[],`, entries) + `"a":7}` + "\r\n--x--\r\n"
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(form))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		var m *malformed
		if _, err := fromForm(httptest.NewRecorder(), r); !errors.As(err, &m) || m.status != status {
			t.Errorf("a map of %d entries and one more: %v", entries, err)
		}
	}
}

// TestAFragmentIsNotWrittenOutForEachPlaceItIsSpreadAt counts what comparing fields asks of memory. It stands alone: others would
// be counted too.
func TestAFragmentIsNotWrittenOutForEachPlaceItIsSpreadAt(t *testing.T) {
	e := bare()
	compared := func(operations, conditions int) float64 {
		text := "fragment U on User { relationships(where: {or: [" + strings.Repeat(`{note: {eq: "x"}} `, conditions) + "]}) { totalCount } } "
		for i := range operations {
			text += fmt.Sprintf("query Q%d { customer(id: 1) { owner { ...U } createdBy { ...U } services { nodes { owner { ...U } createdBy { ...U } } } } } ", i)
		}
		asked := func(list *rules.Rules) float64 {
			return testing.AllocsPerRun(3, func() {
				d, err := e.read(text)
				if err != nil || len(validator.ValidateWithRules(e.schema, d.QueryDocument, list)) > 0 {
					t.Fatal("the document is not good", err)
				}
			})
		}
		return asked(e.rules) - asked(withoutMerging())
	}
	few, many := compared(1, 150)-compared(1, 1), compared(9, 150)-compared(9, 1)
	if many > 1.5*few {
		t.Errorf("comparing takes %.0f allocations for a filter whose fragment is spread 4 times, %.0f where 36 times", few, many)
	}
}
