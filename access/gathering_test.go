package access_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

func gatherings(t *testing.T) (*access.Snapshot, func(text string, values ...any) (int, error)) {
	snap := access.Look(pgtest.New(t), access.System("gatherings are tried", time.Now(), models.Company{}))
	t.Cleanup(func() { snap.Close(context.Background()) })
	return snap, func(text string, values ...any) (n int, err error) {
		q := snap.Viewer.Query()
		for _, value := range values {
			q.Bind(value)
		}
		err = snap.Run(t.Context(), q, text, func(row access.Row) error { return row.Scan(&n) })
		return n, err
	}
}

// TestWavesFollowTheDepth starts tasks that start tasks, three deep, and waits for the database three times however many they are.
func TestWavesFollowTheDepth(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	for _, wide := range []int{1, 7, 30} {
		var sum atomic.Int64
		waves, statements := snap.Waves(), snap.Statements()
		var read func(g *access.Gathering, depth int)
		read = func(g *access.Gathering, depth int) {
			n, err := ask("select $1::int", depth)
			if err != nil {
				t.Error(err)
			}
			sum.Add(int64(n))
			for i := 0; i < wide && depth > 1; i++ {
				if depth == 2 && i > 2 {
					break
				}
				g.Go(func() { read(g, depth-1) })
			}
		}
		snap.Gather(t.Context(), func(g *access.Gathering) { read(g, 3) })
		below := min(wide, 3)
		if want := int64(3 + 2*wide + wide*below); sum.Load() != want {
			t.Errorf("%d wide: read %d, want %d", wide, sum.Load(), want)
		}
		if got := snap.Waves() - waves; got != 3 {
			t.Errorf("%d wide: %d waves for a depth of 3", wide, got)
		}
		if got := snap.Statements() - statements; got != 1+wide+wide*below {
			t.Errorf("%d wide: %d statements", wide, got)
		}
	}
	if n, err := ask("select $1::int", 5); n != 5 || err != nil {
		t.Errorf("after the gathering: %d, %v", n, err)
	}
}

// TestAWaveReadsOneInstant reads, writes beside it, and reads again.
func TestAWaveReadsOneInstant(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, err := pool.Exec(t.Context(), "create table counted (n int)"); err != nil {
		t.Fatal(err)
	}
	snap := access.Look(pool, access.System("gatherings are tried", time.Now(), models.Company{}))
	defer snap.Close(t.Context())
	count := func() (n int) {
		if err := snap.Run(t.Context(), snap.Viewer.Query(), "select count(*) from counted", func(row access.Row) error { return row.Scan(&n) }); err != nil {
			t.Error(err)
		}
		return n
	}
	snap.Gather(t.Context(), func(g *access.Gathering) {
		if count() != 0 {
			t.Error("there is something before")
		}
		if _, err := pool.Exec(t.Context(), "insert into counted values (1)"); err != nil {
			t.Error(err)
		}
		g.Go(func() {
			if count() != 0 {
				t.Error("a later wave reads a later instant")
			}
		})
	})
	if count() != 0 {
		t.Error("after the gathering the snapshot reads a later instant")
	}
	snap.Close(t.Context())
	if count() != 1 {
		t.Error("a new snapshot reads no later instant")
	}
}

// TestTasksWaitForOneAnother has tasks fetch the same of a batch, whose fetching takes two waves, while another reads once.
func TestTasksWaitForOneAnother(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	ctx := access.With(t.Context(), snap)
	rows := []*models.Customer{{}, {}, {}, {}}
	batch := models.NewBatch(rows)
	var loads, ends atomic.Int32
	snap.Gather(ctx, func(g *access.Gathering) {
		for range rows {
			g.Go(func() {
				n, err := models.Fetch(ctx, batch, "twice", func() (int, error) {
					loads.Add(1)
					first, err := ask("select 20")
					second, again := ask("select 2 + $1::int", first)
					return second, errors.Join(err, again)
				})
				if n != 22 || err != nil {
					t.Errorf("fetched %d, %v", n, err)
				}
				if n, err := ask("select 3"); n != 3 || err != nil {
					t.Errorf("after it %d, %v", n, err)
				}
				ends.Add(1)
			})
		}
		g.Go(func() { _, _ = ask("select 4") })
	})
	if loads.Load() != 1 || ends.Load() != 4 || snap.Waves() != 3 || snap.Statements() != 2+4+1 {
		t.Errorf("%d loads, %d ends, %d waves, %d statements", loads.Load(), ends.Load(), snap.Waves(), snap.Statements())
	}
}

// TestWhatIsNoLongerWantedIsNotSent has a task told by another, after the first wave, not to go on.
func TestWhatIsNoLongerWantedIsNotSent(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	ctx, drop := context.WithCancel(t.Context())
	var second error
	snap.Gather(t.Context(), func(g *access.Gathering) {
		g.Go(func() {
			_, _ = ask("select 1")
			second = snap.Run(ctx, snap.Viewer.Query(), "select 2", func(access.Row) error { return nil })
		})
		if n, err := ask("select 3"); n != 3 || err != nil {
			t.Errorf("read %d, %v", n, err)
		}
		drop()
	})
	if second == nil || snap.Statements() != 2 || snap.Waves() != 1 {
		t.Errorf("%d statements in %d waves, %v", snap.Statements(), snap.Waves(), second)
	}
	if n, err := ask("select 4"); n != 4 || err != nil {
		t.Errorf("read %d, %v", n, err)
	}
}

// TestWhatIsDoneBesideGoesInOneWave reads three things beside each other, before and after something, in a gathering and outside.
func TestWhatIsDoneBesideGoesInOneWave(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	sum := func() int {
		var parts [3]int
		err := snap.Beside(
			func() (err error) { parts[0], err = ask("select 1"); return err },
			func() (err error) { parts[1], err = ask("select 20"); return err },
			func() (err error) { parts[2], err = ask("select 300"); return err },
		)
		if err != nil {
			t.Error(err)
		}
		return parts[0] + parts[1] + parts[2]
	}
	waves := 0
	snap.Gather(t.Context(), func(*access.Gathering) {
		if n := sum(); n != 321 {
			t.Errorf("read %d", n)
		}
		if n, err := ask("select 4"); n != 4 || err != nil {
			t.Errorf("after it %d, %v", n, err)
		}
		waves = snap.Waves()
	})
	if n := sum(); n != 321 || waves != 2 || snap.Waves() != 5 {
		t.Errorf("read %d in %d waves, outside %d", n, waves, snap.Waves()-waves)
	}
	broken := errors.New("broken")
	snap.Gather(t.Context(), func(*access.Gathering) {
		if err := snap.Beside(func() error { return nil }, func() error { return broken }, func() error { return errors.New("later") }); !errors.Is(err, broken) {
			t.Errorf("told %v", err)
		}
	})
}

// TestWhatSeveralAskOfASnapshotIsMadeOnce has tasks ask for the same at the same time, each for it alone and beside a read of its own; after the
// snapshot was closed it is made anew.
func TestWhatSeveralAskOfASnapshotIsMadeOnce(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	var made atomic.Int64
	once := func() {
		n, err := access.Once(snap, "one", func() (int, error) {
			made.Add(1)
			if n, err := ask("select 1"); n != 1 || err != nil {
				return n, err
			}
			return ask("select 42")
		})
		if n != 42 || err != nil {
			t.Errorf("made %d, %v", n, err)
		}
	}
	gather := func() {
		snap.Gather(t.Context(), func(g *access.Gathering) {
			for range 7 {
				g.Go(func() {
					once()
					if n, err := ask("select 5"); n != 5 || err != nil {
						t.Errorf("read %d, %v", n, err)
					}
				})
			}
			g.Go(func() {
				if n, err := ask("select 6"); n != 6 || err != nil {
					t.Errorf("read %d, %v", n, err)
				}
			})
		})
	}
	gather()
	if snap.Waves() != 3 || snap.Statements() != 10 || made.Load() != 1 {
		t.Errorf("%d waves, %d statements, made %d times", snap.Waves(), snap.Statements(), made.Load())
	}
	once()
	snap.Close(t.Context())
	once()
	if made.Load() != 2 {
		t.Errorf("made %d times when the snapshot had been closed", made.Load())
	}
	broken := errors.New("broken")
	for range 2 {
		if _, err := access.Once(snap, "two", func() (int, error) { made.Add(1); return 0, broken }); !errors.Is(err, broken) || made.Load() != 3 {
			t.Errorf("told %v, made %d times", err, made.Load())
		}
	}
}

// TestWaitsNobodyWasToldOfCostAWave has a task wait for one that is parked by means of its own.
func TestWaitsNobodyWasToldOfCostAWave(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	read := make(chan int)
	snap.Gather(t.Context(), func(g *access.Gathering) {
		g.Go(func() {
			n, _ := ask("select 7")
			read <- n
		})
		if n := <-read; n != 7 {
			t.Errorf("read %d", n)
		}
	})
}

// TestAFailingStatementReachesItsTask sends one that fails among others: it gets the error, whoever comes behind it another.
func TestAFailingStatementReachesItsTask(t *testing.T) {
	t.Parallel()
	for _, failing := range []string{"select 1 / $1::int", "select nothing + $1::int"} {
		snap, ask := gatherings(t)
		errs := make([]error, 5)
		snap.Gather(t.Context(), func(g *access.Gathering) {
			for i := range errs {
				text, value := "select 1 + $1::int", 0
				if i == 2 {
					text = failing
				}
				g.Go(func() { _, errs[i] = ask(text, value) })
			}
		})
		if errs[2] == nil || strings.Contains(errs[2].Error(), "not run") {
			t.Errorf("%s: %v", failing, errs[2])
		}
		for i, err := range errs {
			if i != 2 && err != nil && !strings.Contains(err.Error(), "another statement of the snapshot failed") {
				t.Errorf("%s: another's error is %v", failing, err)
			}
		}
		if _, err := ask("select 1"); err == nil {
			t.Errorf("%s: the snapshot reads on", failing)
		}
		snap.Close(t.Context())
		if n, err := ask("select 1"); n != 1 || err != nil {
			t.Errorf("%s: a new snapshot reads %d, %v", failing, n, err)
		}
	}
}

// TestWhatATaskRefusesIsItsOwn has tasks refuse a row, and ask with a value that is none of its type: the others read on.
func TestWhatATaskRefusesIsItsOwn(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	enough := errors.New("enough")
	var refused, odd error
	var read atomic.Int32
	snap.Gather(t.Context(), func(g *access.Gathering) {
		g.Go(func() {
			refused = snap.Run(t.Context(), snap.Viewer.Query(), "select generate_series(1, 1000)", func(access.Row) error { return enough })
		})
		g.Go(func() { _, odd = ask("select length($1::uuid::text)", struct{ X chan int }{}) })
		for range 5 {
			g.Go(func() {
				if n, err := ask("select 1"); n == 1 && err == nil {
					read.Add(1)
				}
			})
		}
	})
	if !errors.Is(refused, enough) || odd == nil || read.Load() != 5 {
		t.Errorf("refused with %v and %v, %d read", refused, odd, read.Load())
	}
}

// TestWhatIsCalledOffIsNotSent calls a gathering off while others are parked, before and after a wave: how much has been read does not
// depend on which of them came first, and the snapshot reads on.
func TestWhatIsCalledOffIsNotSent(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	for _, read := range []int{0, 1} {
		before := snap.Statements()
		var refused atomic.Int32
		snap.Gather(t.Context(), func(g *access.Gathering) {
			for range read {
				if _, err := ask("select 1"); err != nil {
					t.Error(err)
				}
			}
			for n := range 8 {
				g.Go(func() {
					if n == 5 {
						g.CallOff()
						return
					}
					if _, err := ask("select 2"); err != nil {
						refused.Add(1)
					}
				})
			}
		})
		if sent := snap.Statements() - before; int(sent) != read || refused.Load() != 7 {
			t.Errorf("%d statements were sent before it was called off, %d in all, and %d refused", read, sent, refused.Load())
		}
	}
	if n, err := ask("select 3"); n != 3 || err != nil {
		t.Error("afterwards read", n, err)
	}
}

// TestTheContextEndsAGathering ends it while a statement sleeps.
func TestTheContextEndsAGathering(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	errs := make([]error, 3)
	snap.Gather(ctx, func(g *access.Gathering) {
		for i := range errs {
			g.Go(func() {
				_, errs[i] = ask("select 1 from pg_sleep(30)")
				if _, err := ask("select 1"); err == nil {
					t.Error("a task reads on")
				}
			})
		}
	})
	for _, err := range errs {
		if !fault.Is(err, fault.Timeout) {
			t.Errorf("it ended with %v", err)
		}
	}
}

// TestAPanicIsRaisedAgain has a task panic, and the one who takes rows: no task is left behind, and the caller hears of it.
func TestAPanicIsRaisedAgain(t *testing.T) {
	t.Parallel()
	for name, fall := range map[string]func(*access.Snapshot){
		"a task": func(*access.Snapshot) { panic("fallen") },
		"rows": func(snap *access.Snapshot) {
			_ = snap.Run(t.Context(), snap.Viewer.Query(), "select 1", func(access.Row) error { panic("fallen") })
		},
	} {
		snap, ask := gatherings(t)
		var ended atomic.Int32
		func() {
			defer func() {
				p, ok := recover().(*access.Panic)
				if !ok || p.Cause != "fallen" || !strings.Contains(string(p.Stack), "gathering_test.go") {
					t.Errorf("%s: %v", name, p)
				}
			}()
			snap.Gather(t.Context(), func(g *access.Gathering) {
				for range 4 {
					g.Go(func() {
						defer ended.Add(1)
						_, _ = ask("select 1")
						_, _ = ask("select 1")
					})
				}
				g.Go(func() { fall(snap) })
			})
			t.Errorf("%s: nothing is raised", name)
		}()
		if ended.Load() != 4 {
			t.Errorf("%s: %d of 4 tasks ended", name, ended.Load())
		}
	}
}

// TestAConnectionForgetsStatements runs more different statements on one connection than it keeps, twice.
func TestAConnectionForgetsStatements(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	for range 2 {
		for from := 0; from < 600; from += 60 {
			snap.Gather(t.Context(), func(g *access.Gathering) {
				for i := range 60 {
					g.Go(func() {
						if n, err := ask(fmt.Sprintf("select %d", from+i)); n != from+i || err != nil {
							t.Errorf("%d is %d, %v", from+i, n, err)
						}
					})
				}
			})
		}
	}
	if n, err := ask("select count(*) from pg_prepared_statements"); n > 600 || n < 500 || err != nil {
		t.Errorf("the connection keeps %d statements, %v", n, err)
	}
}

// TestOrdinaryReadsTakeOneWaitEach reads without a gathering; the beginning travels with the first.
func TestOrdinaryReadsTakeOneWaitEach(t *testing.T) {
	t.Parallel()
	snap, ask := gatherings(t)
	for i := range 3 {
		if n, err := ask("select $1::int", i); n != i || err != nil {
			t.Fatal(n, err)
		}
	}
	isolated, err := ask("select count(*) from (values (current_setting('transaction_isolation'), current_setting('transaction_read_only'))) x (i, r) where i = 'repeatable read' and r = 'on'")
	if isolated != 1 || err != nil || snap.Waves() != 4 || snap.Statements() != 4 {
		t.Errorf("isolated %d, %v; %d waves of %d statements", isolated, err, snap.Waves(), snap.Statements())
	}
	if _, err := ask("select count(*) from customers where id = any($1)", []uuid.UUID{uuid.New()}); err != nil {
		t.Error(err)
	}
}
