package bench

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"guanxi/server/servertest"
)

// BenchmarkAccessLog prints what the access log costs a list of 100 customers with their telephone numbers, which is 100 entries:
// against the same list when the database throws the entries away, and when no number is asked for. The databases of tests do not
// wait for their disk; one that does waits for it once more per request:
//
//	go test ./bench -run xxx -bench AccessLog
func BenchmarkAccessLog(b *testing.B) {
	c := servertest.New(b)
	run(b, c, "update customers set phone = '13800001111'")
	list := func(b *testing.B, field string) time.Duration {
		body := []byte(`{"query":"{ customers(first: 100) { nodes { id ` + field + ` } } }"}`)
		return timed(b, func() {
			a := c.Send(http.MethodPost, "/graphql", body, "Authorization", "Bearer "+c.Token("admin"), "Content-Type", "application/json").Good()
			if n := bytes.Count(a.Body, []byte(`"id"`)); n != 100 || (field == "phone") != bytes.Contains(a.Body, []byte("13800001111")) {
				b.Fatalf("%d customers: %s", n, a.Body)
			}
		})
	}
	var plain, free time.Duration
	b.Run("no number", func(b *testing.B) {
		plain = list(b, "name")
		b.ReportMetric(ms(plain), "ms")
	})
	run(b, c, "create rule thrown_away as on insert to access_log do instead nothing")
	b.Run("entries thrown away", func(b *testing.B) {
		free = list(b, "phone")
		b.ReportMetric(ms(free), "ms")
		b.ReportMetric(float64(free)/float64(plain), "of-no-number")
	})
	run(b, c, "drop rule thrown_away on access_log")
	b.Run("entries kept", func(b *testing.B) {
		kept := list(b, "phone")
		b.ReportMetric(ms(kept), "ms")
		b.ReportMetric(float64(kept)/float64(plain), "of-no-number")
		b.ReportMetric(float64(kept)/float64(free), "of-thrown-away")
	})
}

func run(b *testing.B, c *servertest.Company, text string) {
	if _, err := c.Store.DB.ExecContext(b.Context(), text); err != nil {
		b.Fatal(err)
	}
}
