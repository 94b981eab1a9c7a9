package server_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"guanxi/feed"
	"guanxi/operations"
	"guanxi/sandbox"
	"guanxi/server"
	"guanxi/server/servertest"
)

// BenchmarkCustomer360 sends the users' own request, without a network between, as people who see all, some and little: by its plan,
// and by gqlgen alone. It prints what this process itself computes for one; PostgreSQL's work and the waits for it are not in that.
func BenchmarkCustomer360(b *testing.B) {
	for _, way := range []struct{ name, login string }{{"planned", "admin"}, {"planned", "director"}, {"planned", "guangdong.sales"}, {"plain", "admin"}} {
		b.Run(way.name+"/"+way.login, func(b *testing.B) {
			c := servertest.New(b, func(o *server.Options) { o.Plain, o.Log, o.Served = way.name == "plain", nil, nil })
			stand(b, c)
			body := customer360(b, c)
			token := "Bearer " + c.Token(way.login)
			ask := func() {
				r := httptest.NewRequest("POST", "/graphql", bytes.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", token)
				w := httptest.NewRecorder()
				c.Door.ServeHTTP(w, r)
				if w.Code != 200 || bytes.Contains(w.Body.Bytes(), []byte(`"errors"`)) {
					b.Fatalf("answered %d %.300s", w.Code, w.Body)
				}
			}
			for range 50 {
				ask()
			}
			b.ReportAllocs()
			b.ResetTimer()
			began := computed(b)
			for range b.N {
				ask()
			}
			b.ReportMetric(float64((computed(b)-began).Microseconds())/float64(b.N), "CPU-µs/op")
		})
	}
}

// stand makes a server like one that has stood for a while: changes are sealed, and what is kept in memory is tended by the way.
func stand(t testing.TB, c *servertest.Company) {
	t.Helper()
	if _, err := feed.Seal(t.Context(), c.Store.Pool); err != nil {
		t.Fatal(err)
	}
	if err := c.Net.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Net.AtOnce = false
}

// computed is how long this process has been computing.
func computed(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func customer360(t testing.TB, c *servertest.Company) []byte {
	t.Helper()
	for _, file := range operations.Files() {
		variables, err := sandbox.Variables(t.Context(), c.Store, file.Variables)
		if err != nil {
			t.Fatal(err)
		}
		if of, has := variables["Customer360"]; has {
			body, err := json.Marshal(map[string]any{"query": file.Document, "operationName": "Customer360", "variables": of})
			if err != nil {
				t.Fatal(err)
			}
			return body
		}
	}
	t.Fatal("the users have no Customer360")
	return nil
}
