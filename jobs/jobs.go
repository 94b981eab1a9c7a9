// Package jobs works off the list of jobs. Any number of servers may: each job is one's at a time, by a lease that he renews,
// and whose server dies is taken up by another when the lease runs out. What a job does to the company happens with its end,
// which only the holder of the lease can write: once.
package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// Work does a job and gives its result. It tells how far it has come, 0 to 1, and stops when the context ends.
type Work func(ctx context.Context, job *models.Job, progress func(float64)) (any, error)

// Worker works off jobs of some kinds, one after the other.
type Worker struct {
	Store *store.Store
	Log   *slog.Logger
	Kinds map[string]Work

	Pause time.Duration // between looks for work; 2 s when zero
	Beat  time.Duration // between renewals of the lease; 5 s when zero
}

// Run works until the context ends, then gives back what it was at.
func (w *Worker) Run(ctx context.Context) {
	kinds := slices.Collect(maps.Keys(w.Kinds))
	for ctx.Err() == nil {
		job, err := w.Store.JobClaim(ctx, kinds)
		if err != nil && ctx.Err() == nil {
			w.Log.Error("cannot look for jobs", "error", err)
		}
		if job != nil {
			w.do(ctx, job)
			continue
		}
		select {
		case <-time.After(cmp.Or(w.Pause, 2*time.Second)):
		case <-ctx.Done():
		}
	}
}

// do carries out one job and writes down how it ended.
func (w *Worker) do(ctx context.Context, job *models.Job) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	p := &progress{}
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		defer stop()
		w.beat(working, job, p)
	}()
	result, err := w.work(working, job, p)
	lost := working.Err() != nil && ctx.Err() == nil
	stop()
	<-beating
	if lost {
		return // cancelled, or another's by now
	}
	if err := w.end(ctx, job, result, err); err != nil {
		w.Log.Error("cannot write how a job ended", "job", job.ID, "error", err)
	}
}

// work does the job itself. A program that fails there fails this job alone, not the server nor the others.
func (w *Worker) work(ctx context.Context, job *models.Job, p *progress) (result any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			result, err = nil, fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return w.Kinds[job.Kind](ctx, job, p.set)
}

// beat renews the lease until the job is done, is no longer this worker's, or cannot be renewed in time.
func (w *Worker) beat(ctx context.Context, job *models.Job, p *progress) {
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(cmp.Or(w.Beat, 5*time.Second)):
		}
		held, err := w.Store.JobBeat(ctx, job, p.get())
		switch {
		case err == nil && held:
			last = time.Now()
		case err == nil || time.Since(last) > store.Lease:
			return
		}
	}
}

// end writes down how a job ended. A refusal is final; anything else may go better another time.
func (w *Worker) end(ctx context.Context, job *models.Job, result any, failed error) error {
	last := context.WithoutCancel(ctx)
	if failed == nil {
		text, err := json.Marshal(result)
		if err == nil {
			_, err = w.Store.JobDone(last, job, text)
		}
		return err
	}
	if ctx.Err() != nil {
		_, err := w.Store.JobLeft(last, job)
		return err
	}
	var refusal *fault.Fault
	if errors.As(failed, &refusal) && final[refusal.Code] {
		_, err := w.Store.JobFailed(last, job, refusal.Sentence, nil)
		return err
	}
	w.Log.Error("a job failed", "job", job.ID, "kind", job.Kind, "attempt", job.Attempts, "error", failed)
	pause := time.Duration(job.Attempts*job.Attempts) * cmp.Or(w.Pause, 2*time.Second)
	_, err := w.Store.JobFailed(last, job, fault.Say("Something went wrong on the server.", "服务器出错。"), &pause)
	return err
}

// final are the codes of refusals that another attempt would meet again.
var final = map[fault.Code]bool{
	fault.BadInput: true, fault.PermissionDenied: true, fault.Unauthenticated: true, fault.LimitExceeded: true, fault.Invalid: true,
	fault.NotFound: true, fault.Forbidden: true,
}

// progress is how far a job has come, told by one and read by another.
type progress struct {
	mu   sync.Mutex
	done float64
}

func (p *progress) set(done float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = min(1, max(0, done))
}

func (p *progress) get() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}
