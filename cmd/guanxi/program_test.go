package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/internal/pgtest"
	"guanxi/operations"
)

// keyboard is where the calls of one test work: a data folder and a database.
type keyboard struct {
	t           *testing.T
	environment map[string]string
}

func newKeyboard(t *testing.T, more ...string) *keyboard {
	t.Helper()
	k := &keyboard{t: t, environment: map[string]string{"GUANXI_HOME": t.TempDir(), "GUANXI_LISTEN": "127.0.0.1:0", "GUANXI_DATABASE_URL": pgtest.NewURL(t)}}
	for i := 0; i+1 < len(more); i += 2 {
		k.environment[more[i]] = more[i+1]
	}
	return k
}

func (k *keyboard) program(out, err io.Writer, args ...string) *Program {
	return &Program{Args: args, Environment: func(name string) string { return k.environment[name] }, In: strings.NewReader(""), Out: out, Err: err}
}

// call runs the program and gives what it wrote and its status.
func (k *keyboard) call(args ...string) (status int, out, said string) {
	k.t.Helper()
	var stdout, stderr bytes.Buffer
	status = k.program(&stdout, &stderr, args...).Run(k.t.Context())
	return status, stdout.String(), stderr.String()
}

// good runs the program, fails the test unless it succeeds, and gives what it printed for programs.
func (k *keyboard) good(args ...string) string {
	k.t.Helper()
	status, out, said := k.call(args...)
	if status != done {
		k.t.Fatalf("guanxi %s ended with %d: %s", strings.Join(args, " "), status, said)
	}
	return out
}

// said is a buffer that may be read while it is written.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// serve starts a server and gives its address, what it says, and how to stop it.
func (k *keyboard) serve(args ...string) (address string, heard *said, stop func() int) {
	k.t.Helper()
	heard = &said{}
	listening, ended := make(chan string, 1), make(chan int, 1)
	p := k.program(io.Discard, heard, append([]string{"serve"}, args...)...)
	p.Listening = func(at string) { listening <- at }
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- p.Run(ctx) }()
	stop = sync.OnceValue(func() int { cancel(); return <-ended })
	k.t.Cleanup(func() { stop() })
	select {
	case address = <-listening:
	case status := <-ended:
		k.t.Fatalf("serve ended with %d: %s", status, heard)
	case <-time.After(2 * time.Minute):
		k.t.Fatalf("serve does not listen: %s", heard)
	}
	return address, heard, stop
}

func ask(t *testing.T, address, token, query string) (int, string) {
	t.Helper()
	status, text, err := post(address, token, query)
	if err != nil {
		t.Fatal(err)
	}
	return status, text
}

func post(address, token, query string) (int, string, error) {
	r, err := http.NewRequest("POST", address+"/graphql", strings.NewReader(fmt.Sprintf(`{"query":%q}`, query)))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func TestServeFillsTheSampleCompanyAndAnswers(t *testing.T) {
	t.Parallel()
	k := newKeyboard(t)
	address, heard, stop := k.serve("--sandbox", "1000")
	for _, want := range []string{"Filling the sample company", "guangxi.sales", `"guanxi"`, address + "/playground"} {
		if !strings.Contains(heard.String(), want) {
			t.Errorf("serve does not say %q: %s", want, heard)
		}
	}
	token := strings.TrimSpace(k.good("token", "--user", "admin"))
	if status, text := ask(t, address, token, "{ viewer { user { login } } customers { totalCount } }"); status != 200 || !strings.Contains(text, `"login":"admin"`) || !strings.Contains(text, `"totalCount":200`) {
		t.Errorf("answered %d %s", status, text)
	}
	if response, err := http.Get(address + "/readyz"); err != nil || response.StatusCode != 200 {
		t.Errorf("ready: %v %v", response, err)
	}
	if status := stop(); status != done {
		t.Errorf("stopped with %d: %s", status, heard)
	}
	began := time.Now()
	again, heard, _ := k.serve("--sandbox", "1000")
	if took := time.Since(began); took > 10*time.Second || strings.Contains(heard.String(), "Filling") {
		t.Errorf("the second start took %s: %s", took, heard)
	}
	if status, text := ask(t, again, token, "{ customers { totalCount } }"); status != 200 || !strings.Contains(text, `"totalCount":200`) {
		t.Errorf("after the second start: %d %s", status, text)
	}
}

func TestTheFirstUserOfAnEmptyCompany(t *testing.T) {
	t.Parallel()
	k := newKeyboard(t)
	address, heard, _ := k.serve()
	if !strings.Contains(heard.String(), "guanxi user create") {
		t.Errorf("serve does not say how to make the first user: %s", heard)
	}
	k.good("user", "create", "--login", "boss", "--name", "老板", "--role", "administrator")
	password := strings.TrimSpace(k.good("user", "password", "--login", "boss", "--generate"))
	if len(password) < 16 {
		t.Errorf("the password is %q", password)
	}
	response, err := http.Post(address+"/session", "application/json", strings.NewReader(fmt.Sprintf(`{"login":"boss","password":%q}`, password)))
	if err != nil || response.StatusCode != 200 {
		t.Errorf("signing in: %v %v", response, err)
	}
	k.environment["GUANXI_PASSWORD"] = "short"
	if status, _, said := k.call("user", "password", "--login", "boss"); status != failed || !strings.Contains(said, "8 to 200") {
		t.Errorf("a short password: %d %s", status, said)
	}
	if status, text := ask(t, address, strings.TrimSpace(k.good("token", "--user", "boss")), "{ viewer { permissions } }"); status != 200 || !strings.Contains(text, "ACCESS_ADMIN") {
		t.Errorf("answered %d %s", status, text)
	}
	for _, args := range [][]string{
		{"user", "create", "--login", "BOSS", "--name", "x", "--role", "sales"}, {"user", "create", "--login", "x", "--name", "x", "--role", "king"},
		{"token", "--user", "nobody"}, {"user", "password", "--login", "nobody", "--generate"},
	} {
		if status, out, said := k.call(args...); status != failed || out != "" || said == "" {
			t.Errorf("guanxi %s ended with %d, printed %q, said %q", strings.Join(args, " "), status, out, said)
		}
	}
}

func TestTheStatusTellsWrongUsageFromFailure(t *testing.T) {
	t.Parallel()
	k := newKeyboard(t)
	file := filepath.Join(t.TempDir(), "m.yaml")
	if err := os.WriteFile(file, []byte("nonsense: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for call, want := range map[string]int{
		"": wrongUsage, "fly": wrongUsage, "token": wrongUsage, "serve --sandbox": wrongUsage, "sandbox --until soon": wrongUsage, "sandbox --seed x": wrongUsage,
		"user password --login x": wrongUsage, "import --mapping " + file + ".none x": wrongUsage, "import --mapping " + file + " .": failed,
		"sandbox --size tiny": wrongUsage, "serve --sandbox tiny": wrongUsage, "sandbox --until 0001-01-02": wrongUsage, "sandbox --until 9999-12-31": wrongUsage, "--help": done, "serve --help": done, "version": done,
	} {
		status, out, said := k.call(strings.Fields(call)...)
		if status != want || said == "" && call != "version" || out != "" && call != "version" {
			t.Errorf("guanxi %s ended with %d, printed %.80q, said %.200q", call, status, out, said)
		}
	}
}

func TestSamplePasswordsAreNotServedToTheWorld(t *testing.T) {
	t.Parallel()
	k := newKeyboard(t, "GUANXI_LISTEN", "0.0.0.0:0")
	if status, _, said := k.call("serve", "--sandbox", "1000"); status != wrongUsage || !strings.Contains(said, "--force-public") {
		t.Errorf("serve ended with %d: %s", status, said)
	}
	k.good("sandbox", "--size", "1000", "--seed", "3", "--until", "2026-03-01")
	if status, _, said := k.call("serve"); status != wrongUsage || !strings.Contains(said, "--force-public") {
		t.Errorf("serve on a filled database ended with %d: %s", status, said)
	}
	_, _, stop := k.serve("--force-public")
	if status := stop(); status != done {
		t.Errorf("forced, serve ended with %d", status)
	}
}

func TestAnAddressInUseIsTold(t *testing.T) {
	t.Parallel()
	k := newKeyboard(t)
	address, _, _ := k.serve()
	other := newKeyboard(t, "GUANXI_LISTEN", strings.TrimPrefix(address, "http://"))
	if status, _, said := other.call("serve"); status != failed || !strings.Contains(said, "GUANXI_LISTEN") {
		t.Errorf("serve ended with %d: %s", status, said)
	}
	other.environment["GUANXI_LISTEN"] = "8080"
	if status, _, said := other.call("serve"); status != wrongUsage || !strings.Contains(said, "host:port") {
		t.Errorf("serve ended with %d: %s", status, said)
	}
}

func TestMigrationsGoUpAndDown(t *testing.T) {
	t.Parallel()
	k := newKeyboard(t)
	states := func() (applied, missing int) {
		for line := range strings.Lines(k.good("migrate", "status")) {
			if strings.HasPrefix(line, "applied\t") {
				applied++
			} else {
				missing++
			}
		}
		return applied, missing
	}
	all, missing := states()
	if all < 6 || missing != 0 {
		t.Fatalf("%d applied, %d missing", all, missing)
	}
	k.good("migrate", "down")
	if applied, missing := states(); applied != 0 || missing != all {
		t.Errorf("after down %d applied, %d missing", applied, missing)
	}
	k.good("migrate", "up")
	if applied, _ := states(); applied != all {
		t.Errorf("after up %d applied", applied)
	}
	k.good("user", "create", "--login", "boss", "--name", "Boss", "--role", "administrator")
	if status, _, said := k.call("migrate", "down"); status != failed || !strings.Contains(said, "--lose-data") {
		t.Errorf("down with a user in the database ended with %d: %s", status, said)
	}
	k.good("token", "--user", "boss")
	k.good("migrate", "down", "--lose-data")
	if applied, _ := states(); applied != 0 {
		t.Errorf("after losing the data %d applied", applied)
	}
}

func TestThePrintedSchemaIsTheSchema(t *testing.T) {
	t.Parallel()
	_, out, _ := newKeyboard(t).call("schema")
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "printed", Input: out})
	if err != nil {
		t.Fatal(err)
	}
	if schema.Query.Fields.ForName("lossRate") == nil || schema.Types["Opportunity"].Fields.ForName("amount").Directives.ForName("protected") == nil || schema.Types["Customer"].Description == "" {
		t.Error("the printed schema lacks fields, directives or descriptions")
	}
}

func TestEachRequestIsAnExampleOfItsOwn(t *testing.T) {
	t.Parallel()
	n := 0
	for _, file := range operations.Files() {
		whole, err := gqlparser.LoadQueryWithRules(schemaOf(t), file.Document, nil)
		if err != nil {
			t.Fatal(err)
		}
		list := requestsIn(file.Document)
		if len(list) != len(whole.Operations) {
			t.Errorf("%s has %d requests, %d examples", file.Name, len(whole.Operations), len(list))
		}
		for _, request := range list {
			n++
			if alone, err := gqlparser.LoadQueryWithRules(schemaOf(t), request.text, nil); err != nil || len(alone.Operations) != 1 || alone.Operations[0].Name != request.name {
				t.Errorf("the example %s: %v\n%s", request.name, err, request.text)
			}
		}
	}
	if n < 15 {
		t.Errorf("%d examples", n)
	}
}

func schemaOf(t *testing.T) *ast.Schema {
	t.Helper()
	_, out, _ := newKeyboard(t).call("schema")
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "printed", Input: out})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
