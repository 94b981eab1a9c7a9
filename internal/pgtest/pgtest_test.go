package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// joinFolder, in the environment, makes the test program one more process
// that joins the cluster there, makes a database, says so and waits to be killed.
const joinFolder = "GUANXI_PGTEST_JOIN"

func TestMain(m *testing.M) {
	if folder := os.Getenv(joinFolder); folder != "" {
		actAsTestProcess(folder)
	}
	os.Exit(m.Run())
}

func actAsTestProcess(folder string) {
	h, err := join(context.Background(), folder, time.Second)
	if err == nil {
		_, err = h.clone(context.Background(), template{database: "template1"})
	}
	fmt.Println("joined:", err)
	select {}
}

func TestEveryTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			pool := New(t)
			exec1(t, pool, `create table mine (n int)`)
			exec1(t, pool, fmt.Sprintf(`insert into mine values (%d)`, i))
			var n int
			if err := pool.QueryRow(t.Context(), `select n from mine`).Scan(&n); err != nil || n != i {
				t.Errorf("read %d, %v; want %d", n, err, i)
			}
		})
	}
}

func TestNewDatabaseIsMigrated(t *testing.T) {
	t.Parallel()
	const users = `select to_regclass('users') is not null`
	var migrated, empty bool
	if err := New(t).QueryRow(t.Context(), users).Scan(&migrated); err != nil || !migrated {
		t.Errorf("no table of users after the migrations: %v", err)
	}
	if err := NewEmpty(t).QueryRow(t.Context(), users).Scan(&empty); err != nil || empty {
		t.Errorf("a table of users in the empty database: %v", err)
	}
}

func TestTemplateIsFilledOncePerHash(t *testing.T) {
	t.Parallel()
	fresh := fmt.Sprint(time.Now().UnixNano())
	var fills atomic.Int32
	fill := func(ctx context.Context, pool *pgxpool.Pool) error {
		fills.Add(1)
		_, err := pool.Exec(ctx, `create table filled as select 7 as n`)
		return err
	}
	t.Cleanup(func() { dropTemplates(t, "once", fresh, fresh+"b") })
	t.Run("copies", func(t *testing.T) {
		for range 4 {
			t.Run("copy", func(t *testing.T) {
				t.Parallel()
				var n int
				if err := Template(t, "once", fresh, fill).QueryRow(t.Context(), `update filled set n = n + 1 returning n`).Scan(&n); err != nil || n != 8 {
					t.Errorf("read %d, %v; want 8", n, err)
				}
			})
		}
	})
	Template(t, "once", fresh+"b", fill)
	if fills.Load() != 2 {
		t.Errorf("two hashes were filled %d times", fills.Load())
	}
}

func TestFailedFillIsToldAndLeavesNoTemplate(t *testing.T) {
	t.Parallel()
	h, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	broken := template{
		database: templateName("broken", fmt.Sprint(time.Now().UnixNano())),
		base:     &template{database: "template1"},
		fill:     func(context.Context, *pgxpool.Pool) error { return errors.New("no ink left") },
	}
	for range 2 {
		if _, err := h.clone(t.Context(), broken); err == nil || !strings.Contains(err.Error(), "no ink left") {
			t.Errorf("want the failure of the fill, got %v", err)
		}
	}
}

func TestKilledProcessLeavesNothingForEver(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(shmFolder(t), "cluster")
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), joinFolder+"="+folder)
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 200)
	n, _ := out.Read(said)
	if string(said[:n]) != "joined: <nil>\n" {
		t.Fatalf("the test process said %q", said[:n])
	}
	_ = process.Process.Kill()
	_ = process.Wait()

	deadline := time.Now().Add(30 * time.Second)
	for {
		if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the cluster is still there half a minute after its only user was killed")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func dropTemplates(t *testing.T, name string, hashes ...string) {
	t.Helper()
	h, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range hashes {
		h.drop(h.cluster.URL(templateName(name, migrated().database+" "+hash)))
	}
}

// shmFolder is a folder that the database's user can enter.
func shmFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp(filepath.Dir(sharedFolder()), "guanxi-pgtest-")
	if err == nil {
		err = os.Chmod(folder, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

func exec1(t *testing.T, pool *pgxpool.Pool, statement string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkClone(b *testing.B) {
	for b.Loop() {
		NewURL(b)
	}
}
