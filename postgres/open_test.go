package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"guanxi/postgres"
)

// serverHome, in the environment, makes the test program a server that opens
// the database there, writes one row, says so and waits to be killed.
const serverHome = "GUANXI_TEST_SERVER_HOME"

func TestMain(m *testing.M) {
	if home := os.Getenv(serverHome); home != "" {
		actAsServer(home)
	}
	os.Exit(m.Run())
}

func actAsServer(home string) {
	ctx := context.Background()
	database, err := postgres.Open(ctx, postgres.Options{Home: home})
	if err == nil {
		_, err = database.Pool.Exec(ctx, `create table kept (note text primary key)`)
	}
	if err == nil {
		_, err = database.Pool.Exec(ctx, `insert into kept values ('acknowledged')`)
	}
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("acknowledged")
	select {}
}

// startServer runs a server process on a data folder until it has written its row.
func startServer(t *testing.T, home string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), serverHome+"="+home)
	out, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill() })
	said, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	if said != "acknowledged\n" {
		t.Fatalf("the server said %q", said)
	}
	return command
}

func TestClusterOutlivesKilledServer(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	server := startServer(t, home)

	_, err := postgres.Open(t.Context(), postgres.Options{Home: home})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d", server.Process.Pid)) {
		t.Fatalf("a second server was not refused by the first one's process id: %v", err)
	}
	must(t, server.Process.Kill())
	_ = server.Wait()
	before := clusterProcess(t, home)

	database := open(t, postgres.Options{Home: home})
	if after := clusterProcess(t, home); after != before {
		t.Errorf("process %s runs the cluster after the kill, was %s: it was not adopted", after, before)
	}
	wantKept(t, database)

	must(t, database.Close(context.Background()))
	if _, err := os.Stat(filepath.Join(home, "postgres", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the adopted cluster was not stopped by Close: %v", err)
	}
	wantKept(t, open(t, postgres.Options{Home: home}))
}

func TestDatabaseRecoversFromKilledCluster(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	server := startServer(t, home)
	must(t, server.Process.Kill())
	_ = server.Wait()
	var pid int
	_, err := fmt.Sscan(clusterProcess(t, home), &pid)
	must(t, err)
	must(t, syscall.Kill(pid, syscall.SIGKILL))

	wantKept(t, open(t, postgres.Options{Home: home}))
}

func TestServerStartsItsClusterAgainWhenThatIsKilled(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	server := open(t, postgres.Options{Home: home})
	_, err := server.Pool.Exec(t.Context(), `create table kept as select 'acknowledged' as note`)
	must(t, err)
	var pid int
	_, err = fmt.Sscan(clusterProcess(t, home), &pid)
	must(t, err)
	killed := time.Now()
	must(t, syscall.Kill(pid, syscall.SIGKILL))

	// A connection of the killed cluster may answer once more before it notices, so what is waited for is the new one.
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var since time.Time
		if server.Pool.QueryRow(t.Context(), "select pg_postmaster_start_time()").Scan(&since) == nil && since.After(killed) {
			break
		}
		if time.Now().After(until) {
			t.Fatal("10 seconds after its cluster was killed the server has no database")
		}
	}
	server.Pool.Reset()
	wantKept(t, server)
}

func TestStaleLockOfReusedProcessIDIsRemoved(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	must(t, open(t, postgres.Options{Home: home}).Close(context.Background()))
	folder := filepath.Join(home, "postgres")
	stale := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n\nready\n", os.Getpid(), folder, folder)
	must(t, os.WriteFile(filepath.Join(folder, "postmaster.pid"), []byte(stale), 0o600))

	database := open(t, postgres.Options{Home: home})
	must(t, database.Pool.Ping(t.Context()))
}

func TestCommandSharesTheServersCluster(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	alone := open(t, postgres.Options{Home: home, Attach: true})
	server := open(t, postgres.Options{Home: home})
	must(t, alone.Close(t.Context()))
	must(t, server.Pool.Ping(t.Context()))

	beside := open(t, postgres.Options{Home: home, Attach: true})
	must(t, beside.Close(t.Context()))
	must(t, server.Pool.Ping(t.Context()))

	must(t, server.Close(t.Context()))
	if _, err := os.Stat(filepath.Join(home, "postgres", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the last one to close did not stop the cluster: %v", err)
	}
}

func TestDataOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	must(t, open(t, postgres.Options{Home: home}).Close(context.Background()))
	must(t, os.WriteFile(filepath.Join(home, "postgres", "PG_VERSION"), []byte("9\n"), 0o600))

	_, err := postgres.Open(t.Context(), postgres.Options{Home: home})
	if err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 9") {
		t.Fatalf("want an error that names version 9, got %v", err)
	}
}

func TestLongDataFolderGetsAShortSocket(t *testing.T) {
	t.Parallel()
	home := filepath.Join(newHome(t), strings.Repeat("a-long-way-down/", 8))
	var log strings.Builder
	database := open(t, postgres.Options{Home: home, Log: slog.New(slog.NewTextHandler(&log, nil))})

	socket := database.Pool.Config().ConnConfig.Host
	if len(socket) > 90 || strings.HasPrefix(socket, home) {
		t.Errorf("the socket is in %s", socket)
	}
	if !strings.Contains(log.String(), "socket="+socket) {
		t.Errorf("the log does not say where the socket is: %s", log.String())
	}
}

func TestRootFindsAPlaceForAClosedDataFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root runs the database as another user")
	}
	t.Parallel()
	closed := newHome(t)
	must(t, os.Chmod(closed, 0o700))
	home := filepath.Join(closed, "data")
	database := open(t, postgres.Options{Home: home})

	recorded, err := os.ReadFile(filepath.Join(home, "postgres-location"))
	must(t, err)
	folder := strings.TrimSpace(string(recorded))
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(folder)) })
	must(t, database.Close(context.Background()))
	if _, err := os.Stat(filepath.Join(folder, "PG_VERSION")); err != nil {
		t.Errorf("the recorded folder holds no cluster: %v", err)
	}
	must(t, open(t, postgres.Options{Home: home}).Close(context.Background()))
}

// cancelOn is a log that ends a context a while after a message begins with given words.
type cancelOn struct {
	slog.Handler
	words  string
	after  time.Duration
	cancel context.CancelFunc
}

func (c cancelOn) Handle(ctx context.Context, record slog.Record) error {
	if strings.HasPrefix(record.Message, c.words) {
		time.AfterFunc(c.after, c.cancel)
	}
	return nil
}

func TestStartThatIsGivenUpLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	ctx, cancel := context.WithCancel(t.Context())
	log := slog.New(cancelOn{slog.NewTextHandler(io.Discard, nil), "starting the private PostgreSQL", 0, cancel})
	_, err := postgres.Open(ctx, postgres.Options{Home: home, Log: log})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("want the end of the context, got %v", err)
	}
	if _, err := os.Stat(filepath.Join(home, "postgres", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("PostgreSQL still runs: %v", err)
	}
	must(t, open(t, postgres.Options{Home: home}).Pool.Ping(t.Context()))
}

func TestClusterThatIsGivenUpHalfMadeIsMadeAnew(t *testing.T) {
	t.Parallel()
	home := newHome(t)
	ctx, cancel := context.WithCancel(t.Context())
	log := slog.New(cancelOn{slog.NewTextHandler(io.Discard, nil), "making a private PostgreSQL", 100 * time.Millisecond, cancel})
	_, err := postgres.Open(ctx, postgres.Options{Home: home, Log: log})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("want the end of the context, got %v", err)
	}
	must(t, open(t, postgres.Options{Home: home}).Pool.Ping(t.Context()))
}

func TestPoolSettings(t *testing.T) {
	t.Parallel()
	database := open(t, postgres.Options{Home: newHome(t)})
	url := database.URL
	strict, err := postgres.NewPool(t.Context(), url, postgres.Limits{Statement: postgres.Unlimited, Lock: time.Second})
	must(t, err)
	t.Cleanup(strict.Close)

	for _, want := range []struct{ setting, usual, chosen string }{
		{"statement_timeout", "8s", "0"},
		{"lock_timeout", "3s", "1s"},
		{"idle_in_transaction_session_timeout", "30s", "30s"},
		{"timezone", "UTC", "UTC"},
		{"synchronous_commit", "on", "on"},
		{"fsync", "on", "on"},
		{"jit", "off", "off"},
		{"listen_addresses", "", ""},
		{"server_encoding", "UTF8", "UTF8"},
	} {
		var usual, chosen string
		must(t, database.Pool.QueryRow(t.Context(), `select current_setting($1)`, want.setting).Scan(&usual))
		must(t, strict.QueryRow(t.Context(), `select current_setting($1)`, want.setting).Scan(&chosen))
		if usual != want.usual || chosen != want.chosen {
			t.Errorf("%s is %q and %q, want %q and %q", want.setting, usual, chosen, want.usual, want.chosen)
		}
	}
}

func TestEndedContextCancelsOnTheServerAndKeepsTheConnection(t *testing.T) {
	t.Parallel()
	database := open(t, postgres.Options{Home: newHome(t), Limits: postgres.Limits{Connections: 1}})
	backend := func() (pid int) {
		must(t, database.Pool.QueryRow(t.Context(), `select pg_backend_pid()`).Scan(&pid))
		return pid
	}
	before := backend()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := database.Pool.Exec(ctx, `select pg_sleep(6)`)
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || answer.Code != "57014" {
		t.Errorf("want the server's query_canceled, got %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the statement went on for %v", took)
	}
	if after := backend(); after != before {
		t.Errorf("connection %d was replaced by %d", before, after)
	}
}

func TestBunWritesOnThePool(t *testing.T) {
	t.Parallel()
	database := open(t, postgres.Options{Home: newHome(t)})
	type Branch struct{ Name string }
	db := postgres.Bun(database.Pool)
	_, err := db.NewCreateTable().Model((*Branch)(nil)).Exec(t.Context())
	must(t, err)
	_, err = db.NewInsert().Model(&Branch{Name: "广东 'branch'"}).Exec(t.Context())
	must(t, err)
	var name string
	must(t, database.Pool.QueryRow(t.Context(), `select name from branches`).Scan(&name))
	if name != "广东 'branch'" {
		t.Errorf("read %q", name)
	}
}

func TestURLOfNoDatabaseIsAnError(t *testing.T) {
	t.Parallel()
	database := open(t, postgres.Options{Home: newHome(t)})
	missing := strings.Replace(database.URL, "/guanxi?", "/nowhere?", 1)
	_, err := postgres.Open(t.Context(), postgres.Options{URL: missing})
	if err == nil || !strings.Contains(err.Error(), `"nowhere" does not exist`) {
		t.Errorf("want an error that names the database, got %v", err)
	}
	opened := open(t, postgres.Options{URL: database.URL})
	if opened.Private {
		t.Error("a database given by its address counts as private")
	}
	must(t, opened.Close(t.Context()))
	must(t, database.Pool.Ping(t.Context()))
}

func open(t *testing.T, options postgres.Options) *postgres.Database {
	t.Helper()
	if options.Log == nil {
		options.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	database, err := postgres.Open(t.Context(), options)
	must(t, err)
	t.Cleanup(func() { must(t, database.Close(context.Background())) })
	return database
}

// newHome makes a data folder that the database's user can reach, and at the
// end of the test ends a cluster that a killed server left in it.
func newHome(t *testing.T) string {
	t.Helper()
	home, err := os.MkdirTemp("", "guanxi-")
	must(t, err)
	must(t, os.Chmod(home, 0o755))
	t.Cleanup(func() {
		if _, err := os.Stat(filepath.Join(home, "postgres", "postmaster.pid")); err == nil {
			database, err := postgres.Open(context.Background(), postgres.Options{Home: home})
			must(t, err)
			must(t, database.Close(context.Background()))
		}
		must(t, os.RemoveAll(home))
	})
	return home
}

func clusterProcess(t *testing.T, home string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(home, "postgres", "postmaster.pid"))
	must(t, err)
	pid, _, _ := strings.Cut(string(text), "\n")
	return pid
}

func wantKept(t *testing.T, database *postgres.Database) {
	t.Helper()
	var note string
	must(t, database.Pool.QueryRow(t.Context(), `select note from kept`).Scan(&note))
	if note != "acknowledged" {
		t.Errorf("the row reads %q", note)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
