package access

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Gathering is several tasks that read from one snapshot at the same time. While any of them is at work, what they want to
// read is parked; when none is, all of it goes to the database in one wave. So how often the database is waited for follows
// from how deep a request's selection is, never from how wide.
type Gathering struct {
	snap *Snapshot
	ctx  context.Context

	mu     sync.Mutex
	atWork int // tasks that wait neither for their rows nor for one another
	left   int // tasks that have not ended
	parked []*statement
	under  bool // a wave is under way
	hurry  *time.Timer
	fell   *Panic
	over   bool          // nothing more is read
	ended  chan struct{} // closed with the last task
}

// patience is how long what is parked waits for a task that is at work and does not come to an end: it may be waiting for
// a task that is parked, in a way that nobody was told of. To send a wave too early costs a wave, never an answer.
const patience = time.Second

// Gather runs a task with all those that it starts, and returns when they have ended. The first panic of a task is raised
// again here.
func (s *Snapshot) Gather(ctx context.Context, first func(g *Gathering)) {
	g := &Gathering{snap: s, ctx: ctx, ended: make(chan struct{})}
	if !s.gathering.CompareAndSwap(nil, g) {
		panic("access: a gathering within a gathering")
	}
	defer s.gathering.Store(nil)
	g.join()
	g.carry(func() { first(g) })
	<-g.ended
	if g.fell != nil {
		panic(g.fell)
	}
}

// Go starts another task. Only a task may start one.
func (g *Gathering) Go(task func()) {
	g.join()
	go g.carry(task)
}

func (g *Gathering) join() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.atWork++
	g.left++
}

func (g *Gathering) carry(task func()) {
	defer g.end()
	defer func() {
		if cause := recover(); cause != nil {
			g.fall(cause)
		}
	}()
	task()
}

func (g *Gathering) end() {
	g.rest()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.left--; g.left == 0 {
		close(g.ended)
	}
}

// fall keeps the first panic; nothing more is read.
func (g *Gathering) fall(cause any) {
	p, again := cause.(*Panic)
	if !again {
		p = &Panic{cause, debug.Stack()}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fell == nil {
		g.fell = p
	}
	g.over = true
}

var (
	errFallen = errors.New("access: another task of the gathering panicked")
	errOver   = errors.New("access: the gathering has been called off")
)

// CallOff has nothing more read: what is parked is not sent. What has been read until then follows from what was asked, not from which
// task was the first to find out that the others need not go on.
func (g *Gathering) CallOff() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
}

// run parks a statement until it has been answered.
func (g *Gathering) run(one *statement) error {
	one.woken = make(chan struct{})
	g.mu.Lock()
	if g.over {
		g.mu.Unlock()
		return errOver
	}
	g.parked = append(g.parked, one)
	if len(g.parked) == 1 {
		g.hurry = time.AfterFunc(patience, func() { g.settle(true) })
	}
	g.mu.Unlock()
	g.rest()
	<-one.woken
	return one.outcome()
}

// rest takes a task out of those at work.
func (g *Gathering) rest() {
	g.mu.Lock()
	g.atWork--
	g.mu.Unlock()
	g.settle(false)
}

// rouse counts tasks as at work again, before they are.
func (g *Gathering) rouse() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.atWork++
}

// settle sends what is parked when no task is at work, or all the same when it has waited too long.
func (g *Gathering) settle(late bool) {
	for {
		wave, over := g.next(late)
		if wave == nil {
			return
		}
		answered := func(one *statement) {
			g.rouse()
			close(one.woken)
		}
		if over {
			for _, one := range wave {
				one.err = errOver
				answered(one)
			}
		} else {
			if late {
				g.snap.hurried()
			}
			g.snap.wave(g.ctx, wave, answered)
		}
		g.mu.Lock()
		g.under = false
		g.mu.Unlock()
		late = false
	}
}

// next takes the statements of the next wave, if it is time for one, and tells whether they are to be sent no more.
func (g *Gathering) next(late bool) (wave []*statement, over bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if late && g.under {
		g.hurry.Reset(patience)
	}
	if g.under || len(g.parked) == 0 || g.atWork > 0 && !late {
		return nil, false
	}
	g.hurry.Stop()
	wave = g.parked
	g.parked, g.under = nil, true
	return wave, g.over
}

// Beside does several things, in a gathering at the same time, so that what they read goes in one wave; and gives the first
// error in their order.
func (s *Snapshot) Beside(tasks ...func() error) error {
	errs, g := make([]error, len(tasks)), s.gathering.Load()
	if g == nil || len(tasks) < 2 {
		for _, task := range tasks {
			if err := task(); err != nil {
				return err
			}
		}
		return nil
	}
	var left atomic.Int32
	left.Store(int32(len(tasks)))
	done := make(chan struct{})
	for i, task := range tasks {
		errs[i] = errFallen // unless the task returns
		g.Go(func() {
			defer func() {
				if left.Add(-1) == 0 {
					g.rouse() // whoever waits here, before this task rests
					close(done)
				}
			}()
			errs[i] = task()
		})
	}
	g.rest()
	<-done
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Pause tells that a task waits for what another is fetching.
func (s *Snapshot) Pause() {
	if g := s.gathering.Load(); g != nil {
		g.rest()
	}
}

// Resume tells that what such a task waits for is there.
func (s *Snapshot) Resume() {
	if g := s.gathering.Load(); g != nil {
		g.rouse()
	}
}
