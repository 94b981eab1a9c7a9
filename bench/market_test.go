package bench

import (
	_ "embed"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

//go:embed market_tools.sql
var marketTools string

//go:embed market_people.sql
var marketPeople string

//go:embed market_records.sql
var marketRecords string

const sellers = 2_000

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
	texts := []string{"set statement_timeout = 0; set max_parallel_maintenance_workers = 0", marketTools}
	if m.filled == 0 {
		texts = append(texts, marketPeople)
	}
	words := strings.NewReplacer("{users}", fmt.Sprint(sellers), "{from}", fmt.Sprint(m.filled+1), "{until}", fmt.Sprint(until),
		"{region}", models.RegionDictionary, "{industry}", models.IndustryDictionary, "{source}", models.SourceDictionary, "{reason}", models.LossReasonDictionary)
	conn, err := m.store.Pool.Acquire(m.Context())
	if err != nil {
		m.Fatal(err)
	}
	defer conn.Release()
	for _, text := range append(texts, marketRecords, "vacuum analyze") {
		if _, err := conn.Exec(m.Context(), words.Replace(text)); err != nil {
			m.Fatal(err)
		}
	}
	if err := conn.Conn().Close(m.Context()); err != nil { // with the settings and functions of filling
		m.Fatal(err)
	}
	m.filled = until
	return time.Since(began)
}

// look reads the rights of those who ask.
func (m *market) look() {
	m.lookers = []looker{{name: "sees all", user: sellers}, {name: "manager of 210", user: 1}, {name: "rep of 1", user: 15}}
	for i := range m.lookers {
		v, _, err := m.store.Rights(m.Context(), id(m.lookers[i].user, models.UserCode), time.Now())
		if err != nil || v.Anonymous() {
			m.Fatal("nobody", err)
		}
		m.lookers[i].viewer = v
	}
}
