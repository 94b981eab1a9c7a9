package server

import (
	"cmp"
	"context"
	"math"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2"

	"guanxi/fault"
)

// metersKept is how many viewers, and how many addresses without one, are counted at once. One that is forgotten for others
// begins anew.
const metersKept = 20_000

// mutationTimes is how much dearer writing is than reading.
const mutationTimes = 5

// meters count what each viewer asks of this process: those signed in apart from addresses, of which one person has many.
type meters struct {
	limits            Limits
	viewers, nobodies *lru.Cache[string, *meter]
	mu                sync.Mutex
}

func newMeters(limits Limits) *meters {
	viewers, _ := lru.New[string, *meter](metersKept)
	nobodies, err := lru.New[string, *meter](metersKept)
	if err != nil {
		panic(err) // the size is positive
	}
	return &meters{limits: limits, viewers: viewers, nobodies: nobodies}
}

// of gives the meter of who is asking.
func (m *meters) of(by asker) *meter {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.viewers
	if by.credential == nil {
		kept = m.nobodies
	}
	found, has := kept.Get(by.name)
	if !has {
		found = &meter{limits: m.limits, left: float64(m.limits.burst()), reports: make(chan struct{}, max(m.limits.Reports, 0))}
		kept.Add(by.name, found)
	}
	return found
}

func (l Limits) burst() int {
	if l.CostBurst > 0 {
		return l.CostBurst
	}
	return l.CostPerMinute
}

func (l Limits) time() time.Duration { return cmp.Or(l.Time, requestTime) }

// meter counts what one viewer asks.
type meter struct {
	limits  Limits
	mu      sync.Mutex
	left    float64 // points; less than none after a request that cost more than can be saved up
	at      time.Time
	running int
	reports chan struct{}
}

// enter begins a request; leave ends it.
func (m *meter) enter() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.limits.Requests > 0 && m.running >= m.limits.Requests {
		return limited(time.Second, fault.Say("You have %d requests running already; wait until one has ended.", "您已有 %d 个请求正在执行，请等待其中一个结束。", m.running))
	}
	m.running++
	return nil
}

func (m *meter) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running--
}

// bill is what a request cost and what is left, as its asker is told.
type bill struct {
	Asked   int        `json:"asked"`
	Charged int        `json:"charged"`
	Left    *int       `json:"left,omitempty"`
	FullAt  *time.Time `json:"fullAt,omitempty"`
}

// charge takes points before anything is carried out: they stay taken, whatever becomes of the request. One that costs more
// than can be saved up waits until all is saved up, and leaves a debt.
func (m *meter) charge(asked, points int, now time.Time) (bill, error) {
	b := bill{Asked: asked}
	rate := float64(m.limits.CostPerMinute) / time.Minute.Seconds()
	if rate <= 0 {
		return b, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	full := float64(m.limits.burst())
	if passed := now.Sub(m.at).Seconds(); passed > 0 {
		m.left = min(full, m.left+passed*rate)
		m.at = now
	}
	short := min(float64(points), full) - m.left
	if short <= 0 {
		m.left -= float64(points)
		b.Charged = points
	}
	left, fullAt := max(0, int(m.left)), now.Add(seconds((full-m.left)/rate)).UTC().Truncate(time.Second)
	b.Left, b.FullAt = &left, &fullAt
	if short <= 0 {
		return b, nil
	}
	wait := seconds(short / rate)
	return b, limited(wait, fault.Say("This request costs %d points and %d are left; wait %d seconds.", "此请求需要 %d 点，您只剩 %d 点；请等待 %d 秒。", points, left, whole(wait)))
}

// turn waits for a turn to run a report, for a third of the time that a request has, and gives what ends it.
func (m *meter) turn(ctx context.Context) (end func(), err error) {
	if cap(m.reports) == 0 {
		return func() {}, nil
	}
	waited := time.NewTimer(m.limits.time() / 3)
	defer waited.Stop()
	select {
	case m.reports <- struct{}{}:
		return func() { <-m.reports }, nil
	case <-waited.C:
		return nil, limited(time.Second, fault.Say("You have %d reports running already; wait until one has ended.", "您已有 %d 个报表正在执行，请等待其中一个结束。", cap(m.reports)))
	case <-ctx.Done():
		return nil, fault.FromSQL(ctx.Err())
	}
}

// rateLimited is a refusal that is over after a while.
type rateLimited struct {
	*fault.Fault
	wait time.Duration
}

func (r *rateLimited) Unwrap() error { return r.Fault }

func limited(wait time.Duration, s fault.Sentence) error {
	return &rateLimited{fault.Deny(fault.RateLimited, s), wait}
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// whole gives the whole seconds that a wait takes, at least one.
func whole(wait time.Duration) int { return max(1, int(math.Ceil(wait.Seconds()))) }
