// Package servertest stands the whole house up for a test: a server on a database of its own, with the sample company.
package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/adjacency"
	"guanxi/columns"
	"guanxi/files"
	"guanxi/internal/pgtest"
	"guanxi/network"
	"guanxi/reports"
	"guanxi/sandbox"
	"guanxi/search"
	"guanxi/server"
	"guanxi/store"
)

// End is the instant that the sample company's history ends at, and what the clock of these servers shows.
var End = time.Date(2026, 9, 17, 8, 30, 0, 0, time.UTC)

// Company is a running server with the sample company.
type Company struct {
	Store *store.Store
	Files *files.Folder
	Usage *server.Usage // what is counted of use; kept when a test says so
	URL   string        // without a path
	Door  http.Handler  // what answers at the URL

	// Columns are what its reports are answered from where they hold what is asked.
	Columns *columns.Store
	// Net is what its networks and paths are walked in.
	Net *adjacency.Store

	t      testing.TB
	passed atomic.Int64 // nanoseconds since End
	mu     sync.Mutex
	served []server.Request
	tokens map[string]string
	log    bytes.Buffer

	heard      sync.Mutex
	listening  bool
	statements []string
	waves      []int // how many of those had been sent when a wave was waited for
}

// New starts a server on a copy of the small sample company, which ends with the test. Tests that use it may run in
// parallel.
func New(t testing.TB, change ...func(*server.Options)) *Company {
	t.Helper()
	return start(t, pgtest.Template(t, "served", programHash(t), fill), change)
}

// NewEmpty starts a server on a database that has been set up and holds nobody.
func NewEmpty(t testing.TB, change ...func(*server.Options)) *Company {
	t.Helper()
	pool := pgtest.New(t)
	if _, err := setUp(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	return start(t, pool, change)
}

// Beside starts another server on the same database, as another process would be.
func (c *Company) Beside(change ...func(*server.Options)) *Company {
	c.t.Helper()
	return start(c.t, c.Store.Pool, change)
}

// programHash changes when the test program does: what fills the sample company may have changed then.
func programHash(t testing.TB) string {
	program, err := os.Stat(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(program.Size(), program.ModTime().UnixNano())
}

func setUp(ctx context.Context, pool *pgxpool.Pool) (*store.Store, error) {
	s, err := store.Open(ctx, pool)
	if err != nil {
		return nil, err
	}
	return s, s.Setup(ctx, store.SetupOptions{Company: sandbox.Company})
}

func fill(ctx context.Context, pool *pgxpool.Pool) error {
	s, err := setUp(ctx, pool)
	if err != nil {
		return err
	}
	return sandbox.Fill(ctx, s, sandbox.Options{Seed: 1, Until: End})
}

func start(t testing.TB, pool *pgxpool.Pool, change []func(*server.Options)) *Company {
	t.Helper()
	c := &Company{t: t, tokens: map[string]string{}, Usage: server.NewUsage()}
	var err error
	unheard := pool
	pool, err = overheard(t, pool, c)
	if err != nil {
		t.Fatal(err)
	}
	if c.Store, err = store.Open(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if c.Files, err = files.Open(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	c.Store.Clock = func() time.Time { return End.Add(time.Duration(c.passed.Load())) }
	log := slog.New(slog.NewTextHandler(writer{c}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.Columns = columns.New(columns.Options{Pool: unheard, Log: log, Now: c.Store.Now, AtOnce: true})
	c.Store.Names = search.NewNames(search.Options{Pool: unheard, Log: log, Now: c.Store.Now, AtOnce: true})
	c.Net = adjacency.New(adjacency.Options{Pool: unheard, Log: log, Now: c.Store.Now, AtOnce: true})
	options := server.Options{Store: c.Store, Files: c.Files, Served: c.note, Usage: c.Usage, Log: log, Reports: reports.WithColumns(c.Columns),
		Network: network.WithNet(c.Net)}
	for _, one := range change {
		one(&options)
	}
	c.Columns.Forget = options.Forget
	c.Door = server.New(options)
	web := httptest.NewServer(c.Door)
	t.Cleanup(web.Close)
	c.URL = web.URL
	return c
}

// overheard gives another pool on the same database, whose statements the company hears.
func overheard(t testing.TB, pool *pgxpool.Pool, c *Company) (*pgxpool.Pool, error) {
	config := pool.Config()
	config.ConnConfig.Tracer = ear{c}
	own, err := pgxpool.NewWithConfig(t.Context(), config)
	if err == nil {
		t.Cleanup(own.Close)
	}
	return own, err
}

type ear struct{ c *Company }

func (e ear) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	e.c.heard.Lock()
	defer e.c.heard.Unlock()
	if e.c.listening {
		e.c.statements = append(e.c.statements, data.SQL)
	}
	return ctx
}

func (e ear) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {
	e.c.heard.Lock()
	defer e.c.heard.Unlock()
	if n := len(e.c.statements); e.c.listening && (len(e.c.waves) == 0 || e.c.waves[len(e.c.waves)-1] < n) {
		e.c.waves = append(e.c.waves, n)
	}
}

// Listen gives the texts of the statements that are run while something is done.
func (c *Company) Listen(do func()) []string {
	c.heard.Lock()
	c.statements, c.waves, c.listening = nil, nil, true
	c.heard.Unlock()
	do()
	c.heard.Lock()
	defer c.heard.Unlock()
	c.listening = false
	return c.statements
}

// Waves gives the texts of the statements that one request runs while something is done, by the waves in which they go.
func (c *Company) Waves(do func()) (waves [][]string) {
	texts, from := c.Listen(do), 0
	for _, to := range c.waves {
		waves, from = append(waves, texts[from:to]), to
	}
	return waves
}

func (c *Company) note(r server.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.served = append(c.served, r)
}

// Pass lets time go by on the server's clock.
func (c *Company) Pass(d time.Duration) { c.passed.Add(int64(d)) }

// Last tells what the last GraphQL request took.
func (c *Company) Last() server.Request {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.served) == 0 {
		c.t.Fatal("no request has been carried out")
	}
	return c.served[len(c.served)-1]
}

// Log gives what the server has logged.
func (c *Company) Log() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.String()
}

type writer struct{ c *Company }

func (w writer) Write(p []byte) (int, error) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	return w.c.log.Write(p)
}

// Token gives an API token of the user.
func (c *Company) Token(login string) string {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tokens[login] == "" {
		secret, err := c.Store.IssueToken(c.t.Context(), login, "test")
		if err != nil {
			c.t.Fatal(err)
		}
		c.tokens[login] = secret
	}
	return c.tokens[login]
}

// Send sends a request to a path; the header is a list of names and values in turn.
func (c *Company) Send(method, path string, body []byte, header ...string) *Answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.URL+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return c.Do(r)
}

// Do sends a request that the test has made.
func (c *Company) Do(r *http.Request) *Answer {
	c.t.Helper()
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := &Answer{Status: response.StatusCode, Header: response.Header, Body: text, t: c.t}
	_ = json.Unmarshal(text, a) // not every answer is JSON
	return a
}

// Ask sends a GraphQL request as the user; as nobody when the login is empty.
func (c *Company) Ask(login, query string, variables map[string]any) *Answer {
	c.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		c.t.Fatal(err)
	}
	header := []string{"Content-Type", "application/json"}
	if login != "" {
		header = append(header, "Authorization", "Bearer "+c.Token(login))
	}
	return c.Send(http.MethodPost, "/graphql", body, header...)
}
