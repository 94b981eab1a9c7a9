package server

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2"
)

// How often a sign-in may be tried.
const (
	accountFailures = 5
	accountPause    = 15 * time.Minute
	addressTries    = 20
	addressPause    = time.Minute
)

// failures counts sign-ins: those that failed by account, all by network address. What it keeps is bounded.
type failures struct {
	mu        sync.Mutex
	accounts  *lru.Cache[string, []time.Time]
	addresses *lru.Cache[string, []time.Time]
}

func newFailures() *failures {
	accounts, _ := lru.New[string, []time.Time](50_000)
	addresses, err := lru.New[string, []time.Time](50_000)
	if err != nil {
		panic(err) // the size is positive
	}
	return &failures{accounts: accounts, addresses: addresses}
}

// try takes one try for the account from the address, and tells whether it may be made. It counts as failed until it is
// forgiven, so that many at once are no way around.
func (f *failures) try(account, address string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return take(f.addresses, address, now, addressPause, addressTries) && take(f.accounts, account, now, accountPause, accountFailures)
}

// forgive forgets an account's failures, after a sign-in that succeeded.
func (f *failures) forgive(account string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts.Remove(account)
}

func take(from *lru.Cache[string, []time.Time], key string, now time.Time, pause time.Duration, most int) bool {
	times, _ := from.Get(key)
	for len(times) > 0 && now.Sub(times[0]) >= pause {
		times = times[1:]
	}
	if len(times) >= most {
		return false
	}
	from.Add(key, append(times, now))
	return true
}

func accountOf(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
