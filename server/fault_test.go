package server_test

import (
	"net/http"
	"testing"
	"time"

	"guanxi/server/servertest"
)

// terminate ends every connection to the test's database.
const terminate = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"

func TestAServerOutlivesItsConnections(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	token := c.Token("director")
	ask := func() *servertest.Answer {
		return c.Send("POST", "/graphql", []byte(`{"query":"`+customers+`"}`), "Content-Type", plainJSON, "Authorization", "Bearer "+token)
	}
	ask().Good()
	change(t, c, terminate)
	for until := time.Now().Add(2 * time.Second); ; {
		a := ask()
		if a.Status == http.StatusOK && len(a.Errors) == 0 {
			return
		}
		if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
			t.Fatalf("without its connections the server answered %d %s", a.Status, a.Body)
		}
		if time.Now().After(until) {
			t.Fatal("the server has not healed within 2 seconds")
		}
	}
}

func TestARequestThatEndsStopsItsStatement(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	token := c.Token("director")
	holder, err := c.Store.DB.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Rollback()
	if _, err := holder.ExecContext(t.Context(), "lock table api_tokens"); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", c.URL+"/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answered := make(chan error, 1)
	go func() {
		response, err := (&http.Client{Timeout: 700 * time.Millisecond}).Do(r)
		if err == nil {
			response.Body.Close()
		}
		answered <- err
	}()
	waits(t, c, 1)
	if err := <-answered; err == nil {
		t.Fatal("the request was answered although what it asks for is locked")
	}
	waits(t, c, 0)
}

// waits fails the test unless soon so many statements wait for a lock.
func waits(t *testing.T, c *servertest.Company, want int) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		var waiting int
		err := c.Store.DB.NewRaw("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'").Scan(t.Context(), &waiting)
		if err != nil {
			t.Fatal(err)
		}
		if waiting == want {
			return
		}
		if time.Since(began) > time.Second {
			t.Fatalf("%d statements wait for a lock, not %d", waiting, want)
		}
	}
}
