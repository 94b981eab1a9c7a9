package access

import (
	"math/rand/v2"
	"testing"
	"time"

	"guanxi/internal/pgtest"
	"guanxi/models"
)

// TestWhatEveryoneSeesAlikeIsSo renders each kind for random people who are signed in: one text for the kinds that are kept for
// all, which has nobody in it; for every other kind of record there is somebody who sees it otherwise.
func TestWhatEveryoneSeesAlikeIsSo(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	texts := map[*Kind]map[string]bool{}
	for range 60 {
		v := randomViewer(r, time.Now())
		for _, kind := range Kinds {
			q := v.Query()
			text := q.Visible(kind, "r")
			if kind.Common() && len(q.Args()) > 0 {
				t.Errorf("%s is kept for all, and is rendered with %v", kind.Name, q.Args())
			}
			if texts[kind] == nil {
				texts[kind] = map[string]bool{}
			}
			texts[kind][text] = true
		}
	}
	for kind, all := range texts {
		if alike := len(all) == 1; alike != kind.Common() {
			t.Errorf("%s: kept for all %t, and there are %d texts", kind.Name, kind.Common(), len(all))
		}
	}
}

// TestEveryChangeOfACommonKindBeginsAnEpoch asks the database which tables have the triggers.
func TestEveryChangeOfACommonKindBeginsAnEpoch(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const insertDeleteUpdateTruncate = 4 + 8 + 16 + 32 // bits of tgtype
	for _, kind := range Kinds {
		var events int
		err := pool.QueryRow(t.Context(), `select coalesce(bit_or(tgtype & $2), 0) from pg_trigger
			where tgrelid = $1::regclass and tgfoid = 'bump_catalog_epoch'::regproc and tgtype & 1 = 0`, kind.Table, insertDeleteUpdateTruncate).Scan(&events)
		if err != nil {
			t.Fatal(err)
		}
		if kind.Common() && events != insertDeleteUpdateTruncate {
			t.Errorf("%s is kept for all, and its changes begin no epoch: %b", kind.Name, events)
		}
		if !kind.Common() && events != 0 {
			t.Errorf("%s is not kept, and its changes begin an epoch", kind.Name)
		}
	}
}

// TestEpochsAreInOrder compares epochs of snapshots.
func TestEpochsAreInOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		one, other Epoch
		after      bool
	}{{Epoch{1, 1}, Epoch{1, 1}, false}, {Epoch{2, 1}, Epoch{1, 1}, true}, {Epoch{1, 2}, Epoch{1, 1}, true}, {Epoch{1, 1}, Epoch{1, 2}, false}, {Epoch{1, 1}, Epoch{2, 1}, false}} {
		if c.one.after(c.other) != c.after {
			t.Errorf("%v after %v: %t", c.one, c.other, !c.after)
		}
	}
	kept := NewCommons()
	s := (&Snapshot{Viewer: &Viewer{UserID: models.NewID(models.UserCode)}}).Opened(EpochOnly, kept)
	id := models.NewID(models.StageCode)
	if s.KeepCommon(Stage, id, 1); kept.rows.Len() != 0 {
		t.Error("something is kept of a snapshot whose epoch nobody knows")
	}
	s.epoch.Store(&Epoch{3, 3})
	s.KeepCommon(Stage, id, 1)
	if _, known := s.Common(Pipeline, id); known {
		t.Error("a record of one kind is given for one of another with its id")
	}
	s.epoch.Store(&Epoch{3, 2})
	if _, known := s.Common(Stage, id); known {
		t.Error("an earlier snapshot shows what a later one read")
	}
	if s.KeepCommon(Stage, models.NewID(models.StageCode), 1); kept.epoch != (Epoch{3, 3}) {
		t.Error("an earlier snapshot takes the later one's place")
	}
}
