package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"guanxi/reports"
	"guanxi/server"
	"guanxi/server/servertest"
)

// costOf gives what an answer says of its cost.
func costOf(t *testing.T, a *servertest.Answer) map[string]any {
	t.Helper()
	cost, ok := a.Extensions["cost"].(map[string]any)
	if !ok {
		t.Fatalf("no cost in %s", a.Body)
	}
	return cost
}

func TestTheCostIsToldWithEachAnswer(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) { o.Limits = server.DefaultLimits() })
	read := costOf(t, c.Ask("director", "{ customers(first: 100) { nodes { id } } }", nil).Good())
	if read["asked"] != 101.0 || read["charged"] != 101.0 || read["left"] != 49_899.0 || read["fullAt"] != "2026-09-17T08:30:00Z" {
		t.Errorf("told %v", read)
	}
	write := costOf(t, c.Ask("director", `mutation { customerClaim(input: {id: "x"}) { userErrors { code } } }`, nil))
	if write["asked"] != 21.0 || write["charged"] != 105.0 || write["left"] != 49_794.0 {
		t.Errorf("a mutation is told %v", write)
	}
	if other := costOf(t, c.Ask("admin", "{ __typename }", nil).Good()); other["left"] != 49_999.0 {
		t.Errorf("another viewer is told %v", other)
	}
	c.Pass(time.Second)
	if later := costOf(t, c.Ask("director", "{ __typename }", nil).Good()); later["left"] != 49_999.0 {
		t.Errorf("a second later told %v", later)
	}
	if off := costOf(t, c.Beside().Ask("director", "{ __typename }", nil).Good()); off["asked"] != 0.0 || off["left"] != nil {
		t.Errorf("without limits told %v", off)
	}
}

func TestWhoHasSpentHisPointsWaits(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) { o.Limits = server.Limits{CostPerMinute: 600, CostBurst: 150} })
	token := "Bearer " + c.Token("director")
	ask := func(language string) *servertest.Answer {
		return c.Send("POST", "/graphql", []byte(`{"query":"{ customers(first: 100) { nodes { id } } }"}`), "Content-Type", plainJSON, "Authorization", token, "Accept-Language", language)
	}
	ask("en").Good()
	for language, words := range map[string]string{"en": "costs 101 points and 49 are left; wait 6 seconds.", "zh": "需要 101 点，您只剩 49 点；请等待 6 秒"} {
		a := ask(language)
		if e := a.Refused("RATE_LIMITED"); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "6" || !strings.Contains(e.Message, words) {
			t.Errorf("answered %d, Retry-After %s, %s", a.Status, a.Header.Get("Retry-After"), a.Body)
		}
		if cost := costOf(t, a); cost["charged"] != 0.0 || cost["left"] != 49.0 || cost["fullAt"] != "2026-09-17T08:30:10Z" {
			t.Errorf("told %v", cost)
		}
	}
	c.Ask("admin", "{ customers(first: 100) { nodes { id } } }", nil).Good()
	c.Pass(6 * time.Second)
	ask("en").Good()
}

func TestOneThatCostsMoreThanCanBeSavedUpLeavesADebt(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) { o.Limits = server.Limits{CostPerMinute: 60, CostBurst: 50} })
	c.Ask("director", "{ customers(first: 100) { nodes { id } } }", nil).Good()
	c.Pass(50 * time.Second)
	c.Ask("director", "{ __typename }", nil).Refused("RATE_LIMITED")
	c.Pass(2 * time.Second)
	c.Ask("director", "{ __typename }", nil).Good()
}

// hold keeps every reading of customers and opportunities waiting until it is let go.
func hold(t *testing.T, c *servertest.Company) (release func()) {
	t.Helper()
	holder, err := c.Store.DB.Begin()
	if err == nil {
		_, err = holder.ExecContext(t.Context(), "lock table customers, opportunities")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = holder.Rollback() }
}

func TestA47OneViewerRunsFewRequestsAndFewerReportsAtOnce(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) {
		o.Limits, o.Reports = server.Limits{Requests: 5, Reports: 2}, reports.New() // by SQL, which waits for what the test holds
	})
	admin, director := "Bearer "+c.Token("admin"), "Bearer "+c.Token("director")
	ask := func(token, query string) *servertest.Answer {
		return c.Send("POST", "/graphql", []byte(`{"query":"`+query+`"}`), "Content-Type", plainJSON, "Authorization", token)
	}
	const report = "{ opportunityReport { total { count } } }"
	release := hold(t, c)
	defer release()
	var done sync.WaitGroup
	answers := make(chan *servertest.Answer, 5)
	for range 5 {
		done.Go(func() { answers <- ask(director, report) })
	}
	waits(t, c, 2) // three wait their turn and ask the database nothing
	for began := time.Now(); ask(director, "{ __typename }").Status != http.StatusTooManyRequests; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 2*time.Second {
			t.Fatal("a sixth request is let in")
		}
	}
	ask(admin, "{ __typename }").Good()
	release()
	done.Wait()
	close(answers)
	for a := range answers {
		a.Good()
	}
	ask(director, "{ __typename }").Good()
}

func TestAnAnswerEndsWithItsTimeAndAReportWithoutATurnBeforeThat(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) {
		o.Limits = server.Limits{Reports: 1, CostPerMinute: 6000, Time: 900 * time.Millisecond}
	})
	c.Token("director")
	release := hold(t, c)
	defer release()
	var done sync.WaitGroup
	codes := make(chan string, 2)
	for range 2 {
		done.Go(func() {
			a := c.Ask("director", "{ opportunityReport { total { count } } }", nil)
			codes <- fmt.Sprint(a.Errors[0].Code(), a.Status, costOf(t, a)["charged"])
		})
	}
	done.Wait()
	if first, last := <-codes, <-codes; first != "RATE_LIMITED429 50" || last != "TIMEOUT200 50" {
		t.Errorf("answered %s, then %s", first, last)
	}
	waits(t, c, 0) // the statement ended with the request
}

func TestTheLogHasTheCauseOfARefusalOnce(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) {
		o.Limits, o.Reports = server.Limits{Time: 500 * time.Millisecond}, reports.New()
	})
	c.Token("director")
	release := hold(t, c)
	defer release()
	a := c.Ask("director", "{ a: opportunityReport { total { count } } b: opportunityReport { total { won } } customers(first: 3) { nodes { id opportunities { nodes { id } } } } }", nil)
	if len(a.Errors) < 2 || a.Errors[0].Code() != "TIMEOUT" {
		t.Fatalf("answered %s", a.Body)
	}
	if n := strings.Count(c.Log(), "a request was refused"); n != 1 {
		t.Errorf("the log has %d lines of one refusal of %d fields:\n%s", n, len(a.Errors), c.Log())
	}
}

func TestAClientThatGoesAwayStopsItsStatement(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) { o.Reports = reports.New() }) // by SQL, which waits for what the test holds
	token := c.Token("director")
	release := hold(t, c)
	defer release()
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", c.URL+"/graphql", strings.NewReader(`{"query":"{ opportunityReport { total { count } } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", plainJSON)
	r.Header.Set("Authorization", "Bearer "+token)
	gone := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(r)
		if err == nil {
			response.Body.Close()
		}
		gone <- err
	}()
	waits(t, c, 1)
	leave()
	if <-gone == nil {
		t.Error("the request was answered although what it asks for is locked")
	}
	waits(t, c, 0)
}

func TestA36StrangersLockOutStrangersAlone(t *testing.T) {
	t.Parallel()
	c := servertest.New(t, func(o *server.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	other := c.Beside(func(o *server.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	try := func(on *servertest.Company, login, password, from string, header ...string) *servertest.Answer {
		return on.Send("POST", "/session", []byte(fmt.Sprintf(`{"login":%q,"password":%q}`, login, password)),
			append([]string{"Content-Type", plainJSON, "X-Forwarded-For", from}, header...)...)
	}
	first := try(c, "director", "guanxi", "10.0.0.1")
	browser, _, _ := strings.Cut(first.Header.Values("Set-Cookie")[1], ";")
	for i := range 5 {
		on := []*servertest.Company{c, other}[i%2]
		real, never := try(on, "director", "wrong", fmt.Sprint("203.0.113.", i)), try(on, "nobody at all", "wrong", fmt.Sprint("203.0.114.", i))
		if real.Status != 401 || never.Status != 401 || !bytes.Equal(real.Body, never.Body) {
			t.Fatalf("try %d: %d %s and %d %s", i, real.Status, real.Body, never.Status, never.Body)
		}
	}
	for _, on := range []*servertest.Company{c, other} {
		real, never := try(on, "Director ", "guanxi", "203.0.113.9"), try(on, "nobody at all", "guanxi", "203.0.114.9")
		if real.Status != http.StatusTooManyRequests || never.Status != real.Status || !bytes.Equal(real.Body, never.Body) || real.Header.Get("Retry-After") != "900" {
			t.Errorf("after five wrong passwords: %d %s and %d %s", real.Status, real.Body, never.Status, never.Body)
		}
	}
	if a := try(other, "director", "guanxi", "10.0.0.7", "Cookie", browser); a.Status != http.StatusOK || !strings.Contains(string(a.Body), `"failedTries":5`) {
		t.Errorf("a browser that the user has signed in with is answered %d %s", a.Status, a.Body)
	}
	if a := try(c, "marketing", "wrong", "10.0.0.1", "Cookie", browser); a.Status != http.StatusUnauthorized {
		t.Errorf("another's browser: %d", a.Status)
	}
	for range 6 {
		try(c, "director", "wrong", "10.0.0.1", "Cookie", browser)
	}
	if a := try(c, "director", "guanxi", "10.0.0.1", "Cookie", browser); a.Status != http.StatusTooManyRequests {
		t.Errorf("a known browser may guess for ever: %d", a.Status)
	}
}

func TestA36OneAddressTriesFewAccounts(t *testing.T) {
	t.Parallel()
	trusting := func(o *server.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} }
	c := servertest.New(t, trusting)
	other := c.Beside(trusting)
	try := func(on *servertest.Company, i int, from string) int {
		body := fmt.Sprintf(`{"login":"user%d","password":"x"}`, i)
		return on.Send("POST", "/session", []byte(body), "Content-Type", plainJSON, "X-Forwarded-For", from).Status
	}
	for i := range 20 {
		if status := try([]*servertest.Company{c, other}[i%2], i, fmt.Sprintf("198.51.100.%d, 2001:db8:0:1::%x", i, i+1)); status != http.StatusUnauthorized {
			t.Fatalf("try %d is answered %d", i, status)
		}
	}
	for _, on := range []*servertest.Company{c, other} {
		if status := try(on, 99, "2001:db8:0:1:ffff::1"); status != http.StatusTooManyRequests {
			t.Errorf("the 21st account tried from one network is answered %d", status)
		}
		if status := try(on, 99, "2001:db8:0:2::1"); status != http.StatusUnauthorized {
			t.Errorf("another network is answered %d", status)
		}
	}
}

func TestA44ASlowSenderIsCutOff(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- server.RunWithin(ctx, listener, http.NotFoundHandler(), server.Times{Header: 50 * time.Millisecond, Body: 50 * time.Millisecond, Write: time.Second, Idle: 50 * time.Millisecond})
	}()
	for _, sent := range []string{"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"} {
		line, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := line.Write([]byte(sent)); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if _, err := got.ReadFrom(line); err != nil { // ends when the server hangs up
			t.Errorf("after %q: %v", sent, err)
		}
		line.Close()
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := server.DefaultTimes(); got.Header != 5*time.Second || got.Body != 30*time.Second || got.Idle != 60*time.Second {
		t.Errorf("the server's own times are %+v", got)
	}
}
