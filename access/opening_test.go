package access_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

func opened(t *testing.T, o *access.Opening, v *access.Viewer) *access.Snapshot {
	snap := access.Look(pgtest.New(t), v).Opened(o, access.NewCommons())
	t.Cleanup(func() { snap.Close(t.Context()) })
	return snap
}

// TestAnOpeningTravelsWithTheFirstWave reads in a gathering: one wave, whose opening is asked first and counts as no statement.
func TestAnOpeningTravelsWithTheFirstWave(t *testing.T) {
	t.Parallel()
	var taken, read atomic.Int32
	o := &access.Opening{Text: "select $1::int", Values: []any{7}, Take: func(_ *access.Viewer, row access.Row) (access.Epoch, error) {
		if taken.Load() == 0 && read.Load() > 0 {
			t.Error("something is read before it is opened")
		}
		taken.Add(1)
		var n int64
		err := row.Scan(&n)
		return access.Epoch{Rights: n}, err
	}}
	snap := opened(t, o, access.System("openings are tried", time.Now(), models.Company{}))
	snap.Gather(t.Context(), func(g *access.Gathering) {
		for range 3 {
			g.Go(func() {
				if err := snap.Bound(t.Context(), "select 1", nil, func(access.Row) error { read.Add(1); return nil }); err != nil {
					t.Error(err)
				}
			})
		}
	})
	if err := snap.Open(t.Context()); err != nil || taken.Load() != 1 || read.Load() != 3 || snap.Waves() != 1 || snap.Statements() != 3 {
		t.Errorf("%v: opened %d times, %d read in %d waves of %d statements", err, taken.Load(), read.Load(), snap.Waves(), snap.Statements())
	}
	snap.Close(t.Context())
	if err := snap.Open(t.Context()); err != nil || taken.Load() != 2 {
		t.Errorf("begun again it is opened %d times, %v", taken.Load(), err)
	}
}

// TestWhatMovedAnswersNothing opens with what is refused, and with what gives no row: no statement is answered, in a wave, alone,
// and afterwards.
func TestWhatMovedAnswersNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"select 1", "select 1 where false"} {
		o := &access.Opening{Text: text, Take: func(*access.Viewer, access.Row) (access.Epoch, error) { return access.Epoch{}, access.ErrMoved }}
		snap := opened(t, o, access.System("openings are tried", time.Now(), models.Company{}))
		var answered atomic.Int32
		ask := func() {
			if err := snap.Bound(t.Context(), "select 1", nil, func(access.Row) error { answered.Add(1); return nil }); err == nil {
				t.Errorf("%s: a statement is answered", text)
			}
		}
		snap.Gather(t.Context(), func(g *access.Gathering) {
			g.Go(ask)
			g.Go(func() { ask(); ask() })
		})
		ask()
		if err := snap.Open(t.Context()); !errors.Is(err, access.ErrMoved) || answered.Load() != 0 {
			t.Errorf("%s: %v, %d answered", text, err, answered.Load())
		}
	}
}

// TestAViewerIsExpectedAtATime expects one whose grant ends, at a company that has days: what is right at the time of the snapshot
// stands, and what is read takes the database's time.
func TestAViewerIsExpectedAtATime(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	v := access.System("a viewer is expected", noon, models.Company{TimeZone: "Asia/Shanghai"})
	for later, right := range map[time.Duration]bool{0: true, time.Second: true, 3*time.Hour + 59*time.Minute: true, 4 * time.Hour: false, -13 * time.Hour: true, -21 * time.Hour: false} {
		expected := v.Expected(noon)
		if got := expected.Settle(noon.Add(later)); got != right || !expected.Now.Equal(noon.Add(later)) {
			t.Errorf("%s later it is right %t, at %s", later, got, expected.Now)
		}
	}
	q := v.Expected(noon).Query()
	if text := q.Text("select @now, @today, @now"); text != "select now(), $1::date, now()" || len(q.Args()) != 1 {
		t.Errorf("rendered %s with %v", text, q.Args())
	}
	if at := v.At(noon); !at.Settle(noon.Add(time.Second)) || !at.Now.Equal(noon) {
		t.Error("who is not expected has another time")
	}
}
