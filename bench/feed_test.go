package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/feed"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/store"
)

// Who writes, and for how long, and what share of the pace may be lost to the feed.
const (
	feedLimit   = 0.15
	feedWriters = 8
	feedRound   = 300 * time.Millisecond
	feedWarming = 150 * time.Millisecond // before it: after a switch each connection looks up anew what was switched
	feedRounds  = 15                     // of each sort
)

// BenchmarkFeed prints what share of their pace writers lose by the feed: in rounds that alternate in one run, eight of
// them write with its triggers and without, on a database that forces nothing to disk and on one that does. Beside the pace
// stands the time of the processor that a write takes, here and in the database, which says the same on a machine that does
// other things meanwhile; and what sealing takes for a write, which happens later and holds no writer up. The ratio is that of
// what is lost of the pace to what may be.
//
//	go test ./bench -run xxx -bench Feed -benchtime 1x
func BenchmarkFeed(b *testing.B) {
	for _, place := range []struct {
		name string
		open func(*testing.B) *store.Store
	}{
		{"nothing is forced to disk", testedStore},
		{"commits are forced to disk", keptStore},
	} {
		b.Run(place.name, func(b *testing.B) {
			h := &house{B: b, store: place.open(b), all: access.System("the bench writes without authorization", time.Now(), models.Company{Currency: "CNY", TimeZone: "Asia/Shanghai"})}
			h.weighFeed()
		})
	}
}

// testedStore opens a company on the PostgreSQL of the tests.
func testedStore(b *testing.B) *store.Store {
	s, err := store.Open(b.Context(), pgtest.New(b))
	if err == nil {
		err = s.Setup(b.Context(), store.SetupOptions{})
	}
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// weighFeed prints what several sorts of writes lose.
func (h *house) weighFeed() {
	for _, kind := range []struct {
		name  string
		write func(context.Context) error
	}{
		{"an activity written through the store", h.writeActivity},
		{"an opportunity written and changed through the store", h.writeOpportunity},
		{"a bare insert, committed by itself", h.insertActivity},
		{"a bare update, committed by itself", h.updateActivity()},
	} {
		h.B.Run(kind.name, func(b *testing.B) {
			for b.Loop() {
				with, without := h.paces(kind.write)
				b.ReportMetric(without.pace, "writes/s-without")
				b.ReportMetric(with.pace, "writes/s-with")
				b.ReportMetric(without.cpu, "cpu-µs-without")
				b.ReportMetric(with.cpu, "cpu-µs-with")
				b.ReportMetric(with.sealing, "cpu-µs-sealing")
				b.ReportMetric(1-with.pace/without.pace, "lost")
				b.ReportMetric((1-with.pace/without.pace)/feedLimit, "of-the-limit")
				b.ReportMetric(1-without.cpu/with.cpu, "lost-by-cpu")
			}
		})
	}
}

// effort is how fast was written, and at which cost.
type effort struct{ pace, cpu, sealing float64 }

// paces gives the median pace of writers with the feed and without, and the processor's time of a write over all rounds.
func (h *house) paces(write func(context.Context) error) (with, without effort) {
	var paces [2][]float64
	var writes [2]int64
	var busy, sealing [2]time.Duration
	for round := range 2 * feedRounds {
		which := (round + round/2) % 2 // with, without, without, with …
		h.feed(which == 0)
		h.round(write, feedWarming)
		h.seal()
		before := h.busy()
		n, pace := h.round(write, feedRound)
		after := h.busy()
		h.seal()
		busy[which] += after - before
		sealing[which] += h.busy() - after
		paces[which], writes[which] = append(paces[which], pace), writes[which]+n
	}
	h.feed(true)
	var efforts [2]effort
	for i, list := range paces {
		slices.Sort(list)
		efforts[i] = effort{pace: list[feedRounds/2], cpu: float64(busy[i].Microseconds()) / float64(writes[i]), sealing: float64(sealing[i].Microseconds()) / float64(writes[i])}
	}
	return efforts[0], efforts[1]
}

// busy tells how long processors have worked for this process and for the backends that serve it.
func (h *house) busy() time.Duration {
	sum := busy(h.B)
	rows, err := h.store.Pool.Query(h.Context(), "select pid from pg_stat_activity where datname = current_database()")
	if err != nil {
		h.Fatal(err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		h.Fatal(err)
	}
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		if err != nil {
			h.Skip("the database runs elsewhere: its time is not to be had")
		}
		worked, _, _ := strings.Cut(string(stat), " ") // in nanoseconds
		n, err := strconv.ParseInt(worked, 10, 64)
		if err != nil {
			h.Fatal(err)
		}
		sum += time.Duration(n)
	}
	return sum
}

// seal seals what was written.
func (h *house) seal() {
	for {
		sealed, err := feed.Seal(h.Context(), h.store.Pool)
		if err != nil {
			h.Fatal(err)
		}
		if sealed == 0 {
			return
		}
	}
}

// feed turns the triggers of the feed on or off.
func (h *house) feed(on bool) {
	rows, err := h.store.Pool.Query(h.Context(), `select format('alter table %s %s trigger %I', tgrelid::regclass, case when $1 then 'enable' else 'disable' end, tgname)
		from pg_trigger where tgname like '%\_feed\_%'`, on)
	if err != nil {
		h.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(texts) == 0 {
		h.Fatal(len(texts), err)
	}
	for _, text := range texts {
		h.exec(text)
	}
}

// round tells how many writes the writers do together in some time, and how many a second.
func (h *house) round(write func(context.Context) error, long time.Duration) (int64, float64) {
	var done atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range feedWriters {
		all.Go(func() {
			for time.Since(began) < long {
				if err := write(context.Background()); err != nil {
					h.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return done.Load(), float64(done.Load()) / time.Since(began).Seconds()
}

func (h *house) writeActivity(ctx context.Context) error {
	_, err := h.store.ActivityCreate(ctx, h.all, store.Request{Operation: "activityCreate"}, map[string]any{"kind": "CALL", "summary": "a call"})
	return err
}

func (h *house) writeOpportunity(ctx context.Context) error {
	id, err := h.store.OpportunityCreate(ctx, h.all, store.Request{Operation: "opportunityCreate"}, store.OpportunityDraft{Fields: map[string]any{"title": "a chance"}})
	if err == nil {
		_, err = h.store.OpportunityUpdate(ctx, h.all, store.Request{Operation: "opportunityUpdate"}, id, nil, map[string]any{"note": "changed"})
	}
	return err
}

// insertActivity writes a record of a kind that is written often, and of which no writer waits for another.
func (h *house) insertActivity(ctx context.Context) error {
	_, err := h.store.Pool.Exec(ctx, "insert into activities (id, kind, summary, happened_at, created_at, updated_at) values ($1, 'CALL', 'a call', now(), now(), now())",
		pgx.QueryExecModeCacheStatement, models.NewID(models.ActivityCode))
	return err
}

// updateActivity changes one of a thousand records, seldom one that another is changing.
func (h *house) updateActivity() func(context.Context) error {
	var n atomic.Int64
	h.exec(`insert into activities (id, kind, summary, happened_at, created_at, updated_at)
		select (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000032')::uuid, 'CALL', 'bench ' || n, now(), now(), now() from generate_series(1, 1000) n`)
	return func(ctx context.Context) error {
		id := fmt.Sprintf("%08x-0000-7000-8000-000000000032", n.Add(1)%1000+1)
		_, err := h.store.Pool.Exec(ctx, "update activities set body = now()::text where id = $1", pgx.QueryExecModeCacheStatement, id)
		return err
	}
}
