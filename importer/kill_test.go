package importer

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/postgres"
	"guanxi/store"
)

// killed, in the environment, makes the test program import until it is killed: the database, the mapping, the folder.
const killed = "GUANXI_IMPORT_UNTIL_KILLED"

func TestMain(m *testing.M) {
	if task := os.Getenv(killed); task != "" {
		importUntilKilled(strings.Split(task, "\n"))
	}
	os.Exit(m.Run())
}

func importUntilKilled(task []string) {
	s, viewer, _, err := enter(context.Background(), task[0])
	if err == nil {
		var mapping *Mapping
		if mapping, err = Load(task[1]); err == nil {
			var source *Source
			if source, err = Open(mapping, task[2:]); err == nil {
				_, err = Run(context.Background(), s, viewer, source, Options{Progress: func(done, total int64) { fmt.Println(done, total) }})
			}
		}
	}
	fmt.Println("ended:", err)
	select {}
}

// enter opens a store on a database, set up if it was not.
func enter(ctx context.Context, url string) (*store.Store, *access.Viewer, func(), error) {
	pool, err := postgres.NewPool(ctx, url, postgres.Limits{Statement: 30 * time.Second, Connections: 4})
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := store.Open(ctx, pool)
	if err == nil {
		err = s.Setup(ctx, store.SetupOptions{Currency: "USD"})
	}
	if err != nil {
		pool.Close()
		return nil, nil, nil, err
	}
	viewer, err := system(s)
	return s, viewer, pool.Close, err
}

func TestAKilledImportGoesOnWhenRunAgain(t *testing.T) {
	t.Parallel()
	const all = 20_000
	var csv strings.Builder
	csv.WriteString("no,name,note\n")
	for i := range all {
		fmt.Fprintf(&csv, "%d,客户 %d,\n", i, i)
	}
	mapping, folder := files(t, customers(""), "customers.csv", csv.String())
	url := pgtest.NewURL(t)
	c := openCompany(t, url)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killed+"="+strings.Join([]string{url, mapping, folder}, "\n"))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range 5 {
		if !lines.Scan() || strings.HasPrefix(lines.Text(), "ended") {
			t.Fatalf("the import said %q", lines.Text())
		}
	}
	_ = child.Process.Kill()
	_ = child.Wait()

	// What the killed process had under way ends with its connection.
	for deadline := time.Now().Add(20 * time.Second); one[int](c, "select count(*) from pg_stat_activity where datname = current_database() and state like '%transaction%'") > 0 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	before := one[int](c, "select count(*) from customers")
	if before < 5*rowsAtOnce || before >= all || before%rowsAtOnce != 0 {
		t.Fatalf("%d customers when it was killed", before)
	}
	is(c, before, "select count(*) from external_keys")

	c.counts(c.clean(mapping, folder), KindResult{Kind: "customer", Created: all - before, Unchanged: before})
	is(c, all, "select count(*) from customers")
	is(c, all, "select count(distinct name) from customers")
	is(c, all, "select count(*) from audit_entries where action = 'IMPORT'")
}
