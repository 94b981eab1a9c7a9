package bench

import (
	"context"
	"fmt"
	"os"
	"testing"
	"text/tabwriter"
	"time"

	"guanxi/access"
	"guanxi/reports"
)

// parted are questions of one year on encounters, on levels of trees, and on the records behind rows.
var parted = []struct {
	name  string
	of    *reports.Dataset
	ask   reports.Ask
	opens string // which records behind the rows are opened; none when empty
}{
	{"encounters by competitor × outcome", reports.Encounters, reports.Ask{By: []string{"COMPETITOR", "OUTCOME"}, Measures: []string{"count", "winRate", "amountLost"}, Coverage: true}, ""},
	{"encounters by region × quarter", reports.Encounters, reports.Ask{By: []string{"REGION", "CLOSED_QUARTER"}, Measures: []string{"count", "winRate"}}, ""},
	{"encounters by competitor, opportunities", reports.Encounters, reports.Ask{By: []string{"COMPETITOR"}, Measures: []string{"count", "opportunities"}}, ""},
	{"loss rate by region at the top", reports.Opportunities, reports.Ask{By: []string{"REGION_LEVEL_1"}, Measures: []string{"lossRate"}}, ""},
	{"loss rate by competitor, opened", reports.Opportunities, reports.Ask{By: []string{"MAIN_COMPETITOR"}, Measures: []string{"lossRate"}}, "LOST"},
}

// BenchmarkEncounters prints what these take by SQL and from columns, in turns, for three who see differently much.
//
//	GUANXI_BENCH=200000 go test ./bench -run xxx -bench Encounters -benchtime 1x
func BenchmarkEncounters(b *testing.B) {
	m := &market{B: b, store: ownStore(b), bySQL: reports.New()}
	size := sizes(b)[2]
	m.fill(size)
	m.look()
	m.columns = columnsOf(m)
	fmt.Printf("\n%d opportunities of %d owners, %s; %s\n", size, sellers, m.size(), m.columns.told())
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "question\tviewer\trows\tour SQL ms\tcolumns ms\tour SQL / columns\t")
	for i := range parted {
		for _, l := range m.lookers {
			var bySQL, byColumns []time.Duration
			rows := 0
			for range rounds {
				took, n := m.askedOf(m.bySQL, l, i)
				bySQL, rows = append(bySQL, took), n
				if took, n = m.askedOf(m.columns.speed, l, i); n != rows {
					m.Fatalf("%s for %s has %d rows from columns and %d by SQL", parted[i].name, l.name, n, rows)
				}
				byColumns = append(byColumns, took)
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%.1f\t%.1f\t%.0f\t\n", parted[i].name, l.name, rows, middle(bySQL), middle(byColumns), middle(bySQL)/middle(byColumns))
		}
	}
	table.Flush()
	fmt.Println(m.columns.left())
}

// askedOf asks one of the questions of an engine, and tells how many rows and records it has.
func (m *market) askedOf(engine *reports.Engine, l looker, which int) (time.Duration, int) {
	q := parted[which]
	from, until := question{years: 1}.period()
	q.ask.First, q.ask.Period = 1000, &reports.Period{From: &from, Until: &until}
	began := time.Now()
	snap := access.Look(m.store.Pool, l.viewer.At(began))
	defer snap.Close(context.Background())
	r, err := engine.Run(m.Context(), snap, q.of, q.ask)
	if err != nil {
		m.Fatal(err)
	}
	n, first := len(r.Rows), 10
	for _, row := range r.Rows {
		if q.opens != "" {
			page, err := row.Page(m.Context(), q.opens, &first, nil)
			if err != nil {
				m.Fatal(err)
			}
			n += page.Total.Number
		}
	}
	return time.Since(began), n
}
