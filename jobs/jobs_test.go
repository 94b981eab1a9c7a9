package jobs_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/internal/pgtest"
	"guanxi/jobs"
	"guanxi/models"
	"guanxi/store"
)

const kind = "ACCESS_SIMULATION"

// house is a database with a user whose jobs are done by any number of servers.
type house struct {
	*testing.T
	store *store.Store
	owner *access.Viewer
}

func newHouse(t *testing.T) *house {
	t.Parallel()
	s, err := store.Open(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Setup(t.Context(), store.SetupOptions{}); err != nil {
		t.Fatal(err)
	}
	admin := access.System("tests arrange what they need", time.Now(), models.Company{})
	user, err := s.UserCreate(t.Context(), admin, store.Request{}, store.UserDraft{User: models.User{Login: "u", Name: "u"}})
	if err != nil {
		t.Fatal(err)
	}
	owner, _, err := s.Rights(t.Context(), user, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return &house{T: t, store: s, owner: owner}
}

func (h *house) start() uuid.UUID {
	h.Helper()
	id, err := h.store.JobStart(h.Context(), h.owner, store.Request{}, kind, map[string]int{"n": 1})
	if err != nil {
		h.Fatal(err)
	}
	return id
}

func (h *house) job(id uuid.UUID) *models.Job {
	h.Helper()
	snap := access.Look(h.store.Pool, h.owner)
	defer snap.Close(h.Context())
	list, err := store.Jobs(h.Context(), snap, &id)
	if err != nil || len(list) != 1 {
		h.Fatalf("found %d jobs: %v", len(list), err)
	}
	results, err := store.JobResults(h.Context(), snap, []uuid.UUID{id})
	if err != nil || list[0].Result != nil {
		h.Fatalf("the list of jobs brings the result %s, %v", list[0].Result, err)
	}
	list[0].Result = results[id]
	return list[0]
}

// until waits for a state.
func (h *house) until(id uuid.UUID, state string) *models.Job {
	h.Helper()
	for {
		if job := h.job(id); job.State == state {
			return job
		} else if job.FinishedAt != nil {
			h.Fatalf("the job ended as %s", job.State)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// server works off jobs until the test ends or it is stopped; ahead sets its clock.
func (h *house) server(ahead time.Duration, work jobs.Work) (stop func()) {
	s := *h.store
	s.Now = func(context.Context) (time.Time, error) { return time.Now().Add(ahead), nil }
	w := jobs.Worker{Store: &s, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Kinds: map[string]jobs.Work{kind: work},
		Pause: 2 * time.Millisecond, Beat: 5 * time.Millisecond}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	stop = func() { cancel(); <-done }
	h.Cleanup(stop)
	return stop
}

func answer(result string) jobs.Work {
	return func(context.Context, *models.Job, func(float64)) (any, error) { return result, nil }
}

func TestAJobIsDoneOnceAmongManyServers(t *testing.T) {
	h := newHouse(t)
	var runs atomic.Int32
	for range 4 {
		h.server(0, func(_ context.Context, job *models.Job, progress func(float64)) (any, error) {
			runs.Add(1)
			progress(0.5)
			time.Sleep(3 * time.Millisecond)
			return job.ID, nil
		})
	}
	for range 3 {
		id := h.start()
		if job := h.until(id, models.JobDone); string(job.Result) != `"`+id.String()+`"` || job.Progress != 1 || job.Attempts != 1 {
			t.Errorf("the job ended as %+v", job)
		}
	}
	if runs.Load() != 3 {
		t.Errorf("3 jobs were run %d times", runs.Load())
	}
}

// A server that dies neither renews its lease nor gives the job back. Here its work hangs, deaf to everything, and its clock
// has stopped; the other server's is past the lease.
func TestAJobOutlivesItsServerAndOnlyOneResultCounts(t *testing.T) {
	h := newHouse(t)
	dead, _ := h.store.JobClaim(t.Context(), []string{kind})
	if dead != nil {
		t.Fatal("there is no job yet")
	}
	id := h.start()
	dead, err := h.store.JobClaim(t.Context(), []string{kind})
	if err != nil || dead == nil {
		t.Fatal(err)
	}
	stop := h.server(0, answer("too early"))
	time.Sleep(30 * time.Millisecond)
	if job := h.job(id); job.State != models.JobRunning || job.Attempts != 1 {
		t.Fatalf("a job that somebody works on was taken: %+v", job)
	}
	stop()
	h.server(store.Lease+time.Second, answer("second"))
	if job := h.until(id, models.JobDone); job.Attempts != 2 {
		t.Errorf("taken up %d times", job.Attempts)
	}
	held, err := h.store.JobDone(t.Context(), dead, []byte(`"first"`))
	if err != nil || held {
		t.Errorf("who lost the job wrote its end: %v, %v", held, err)
	}
	if job := h.job(id); string(job.Result) != `"second"` {
		t.Errorf("the result is %s", job.Result)
	}
	if store.Lease+10*time.Second > time.Minute {
		t.Error("a job waits longer than a minute for another server")
	}
}

func TestAJobThatFailsIsParkedInTheEnd(t *testing.T) {
	h := newHouse(t)
	id := h.start()
	h.server(0, func(context.Context, *models.Job, func(float64)) (any, error) {
		return nil, errors.New("the disk is on fire")
	})
	if job := h.until(id, models.JobParked); job.Attempts != 5 || job.Failure == nil || job.FinishedAt == nil {
		t.Errorf("parked as %+v", job)
	}
}

func TestAJobThatFailsTheProgramFailsAlone(t *testing.T) {
	h := newHouse(t)
	id := h.start()
	h.server(0, func(context.Context, *models.Job, func(float64)) (any, error) {
		var none *models.Job
		return none.Kind, nil
	})
	if job := h.until(id, models.JobParked); job.Attempts != 5 || strings.Contains(string(job.Failure), "nil pointer") {
		t.Errorf("parked as %+v with %s", job, job.Failure)
	}
}

func TestARefusalIsFinal(t *testing.T) {
	h := newHouse(t)
	id := h.start()
	h.server(0, func(context.Context, *models.Job, func(float64)) (any, error) {
		return nil, fault.Deny(fault.BadInput, fault.Say("There is no such grant.", "没有这条授权。"))
	})
	if job := h.until(id, models.JobFailed); job.Attempts != 1 || string(job.Failure) != `{"En": "There is no such grant.", "Zh": "没有这条授权。"}` {
		t.Errorf("failed as %s after %d attempts", job.Failure, job.Attempts)
	}
}

func TestAJobIsCancelledWhileItRuns(t *testing.T) {
	h := newHouse(t)
	id := h.start()
	ended := make(chan struct{})
	h.server(0, func(ctx context.Context, _ *models.Job, _ func(float64)) (any, error) {
		<-ctx.Done()
		close(ended)
		return "too late", nil
	})
	h.until(id, models.JobRunning)
	if _, err := h.store.JobCancel(t.Context(), h.owner, store.Request{}, id); err != nil {
		t.Fatal(err)
	}
	<-ended
	if job := h.job(id); job.State != models.JobCancelled || job.Result != nil {
		t.Errorf("ended as %+v", job)
	}
}

func TestAServerThatStopsGivesItsJobBack(t *testing.T) {
	h := newHouse(t)
	id := h.start()
	running := make(chan struct{})
	stop := h.server(0, func(ctx context.Context, _ *models.Job, _ func(float64)) (any, error) {
		close(running)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	<-running
	stop()
	if job := h.job(id); job.State != models.JobWaiting || job.Attempts != 0 {
		t.Fatalf("left as %+v", job)
	}
	h.server(0, answer("done"))
	h.until(id, models.JobDone)
}

func TestJobsAreTheirStartersAndFew(t *testing.T) {
	h := newHouse(t)
	id := h.start()
	other := access.Nobody(time.Now())
	snap := access.Look(h.store.Pool, other)
	defer snap.Close(t.Context())
	if list, err := store.Jobs(t.Context(), snap, &id); err != nil || len(list) != 0 {
		t.Errorf("another sees %d jobs: %v", len(list), err)
	}
	for range 4 {
		h.start()
	}
	if _, err := h.store.JobStart(t.Context(), h.owner, store.Request{}, kind, nil); !fault.Is(err, fault.LimitExceeded) {
		t.Errorf("a sixth job was started: %v", err)
	}
}

// TestResultsAreReadAsFarAsOneRequestMayHold makes three jobs with results of 3 MB.
func TestResultsAreReadAsFarAsOneRequestMayHold(t *testing.T) {
	h := newHouse(t)
	h.server(0, answer(strings.Repeat("x", 3<<20)))
	var ids []uuid.UUID
	for range 3 {
		id := h.start()
		h.until(id, models.JobDone)
		ids = append(ids, id)
	}
	for _, asked := range []struct {
		by   *access.Viewer
		ids  []uuid.UUID
		want []uuid.UUID
	}{{h.owner, ids, ids[2:]}, {h.owner, ids[:1], ids[:1]}, {h.owner, ids[:2], ids[1:2]}, {access.Nobody(time.Now()), ids, nil}} {
		snap := access.Look(h.store.Pool, asked.by)
		found, err := store.JobResults(t.Context(), snap, asked.ids)
		snap.Close(t.Context())
		if err != nil || len(found) != len(asked.want) {
			t.Errorf("%d results are read, want %d: %v", len(found), len(asked.want), err)
		}
		for _, id := range asked.want {
			if len(found[id]) != 3<<20+2 {
				t.Errorf("a result of %d bytes is read", len(found[id]))
			}
		}
	}
}
