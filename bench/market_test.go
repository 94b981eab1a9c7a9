package bench

import (
	"os"
	"strconv"
	"testing"
	"time"

	"guanxi/access"
	filled "guanxi/bench/market"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

const sellers = filled.Sellers

// market is a company with many opportunities, and those who look at it.
type market struct {
	*testing.B
	store   *store.Store
	filled  int // opportunities
	lookers []looker
	bySQL   *reports.Engine
	columns *columnar
}

// looker is one who asks reports.
type looker struct {
	name   string
	user   uint16
	viewer *access.Viewer
}

// sizes are the numbers of opportunities at which is measured: a fifth, two fifths and all of 5,000,000, or of GUANXI_BENCH.
func sizes(b *testing.B) []int {
	n := 5_000_000
	if text := os.Getenv("GUANXI_BENCH"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 100_000 {
			b.Fatalf("GUANXI_BENCH is %q: write a number of opportunities from 100,000", text)
		}
	}
	n -= n % 50 // so that each step ends with a customer's last
	return []int{n / 5, n / 5 * 2, n}
}

// fill adds opportunities until there are so many, and tells how long that took.
func (m *market) fill(until int) time.Duration {
	began := time.Now()
	conn, err := m.store.Pool.Acquire(m.Context())
	if err != nil {
		m.Fatal(err)
	}
	defer conn.Release()
	if err := filled.Sell(m.Context(), conn.Conn(), m.filled, until); err != nil {
		m.Fatal(err)
	}
	if err := conn.Conn().Close(m.Context()); err != nil { // with the settings and functions of filling
		m.Fatal(err)
	}
	m.filled = until
	return time.Since(began)
}

// look reads the rights of those who ask.
func (m *market) look() {
	m.lookers = []looker{{name: "sees all", user: filled.All}, {name: "manager of 210", user: filled.Manager}, {name: "rep of 1", user: filled.Rep}}
	for i := range m.lookers {
		v, _, err := m.store.Rights(m.Context(), id(m.lookers[i].user, models.UserCode), time.Now())
		if err != nil || v.Anonymous() {
			m.Fatal("nobody", err)
		}
		m.lookers[i].viewer = v
	}
}
