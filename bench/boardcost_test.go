package bench

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"guanxi/files"
	"guanxi/server"
)

// BenchmarkBoards prints what the boards take of the processor, that of server and client together, without the database: two servers in
// turns, one that counts each question anew, and one that keeps what it has counted, as it does without being told.
//
//	GUANXI_BENCH=200000 go test ./bench -run xxx -bench Boards -benchtime 1x
func BenchmarkBoards(b *testing.B) {
	m := &market{B: b, store: ownStore(b)}
	list := sizes(b)
	m.fill(list[len(list)-1])
	m.look()
	folder, err := files.Open(m.Context(), m.TempDir())
	if err != nil {
		m.Fatal(err)
	}
	var webs []string
	for _, recall := range []int{-1, 0} {
		c := columnsKeeping(m, recall)
		fmt.Println(c.told())
		web := httptest.NewServer(server.New(c.served(server.Options{Store: m.store, Files: folder})))
		defer web.Close()
		webs = append(webs, web.URL+"/graphql")
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "board\tviewer\tcolumns\trequests\tcpu-ms\tp50 ms\tshortest ms\t")
	for _, name := range []string{"One", "LossBoard", "CompetitorBoard"} {
		for _, l := range m.lookers {
			for turn := range 2 * len(webs) {
				of := turn % len(webs)
				n, cpu, took := m.board(webs[of], name, l)
				fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%.1f\t%.1f\t%.1f\t\n", name, l.name, []string{"counted anew", "kept"}[of], n, cpu, share(took, 0.5), share(took, 0))
			}
		}
	}
	table.Flush()
}

// board asks for a board of one year, or for One of five years, again and again.
func (m *market) board(url, name string, l looker) (requests int, cpu float64, took []time.Duration) {
	years, document := 1, dashboard(m)
	if name == "One" {
		years, document = 5, one
	}
	year := map[string]any{"from": time.Now().AddDate(-years, 0, 0).Format(time.DateOnly), "until": time.Now().Format(time.DateOnly)}
	variables := map[string]any{"period": year}
	if name != "One" {
		variables["where"] = map[string]any{"amount": map[string]any{"gte": "100"}}
	}
	body, err := json.Marshal(map[string]any{"query": document, "operationName": name, "variables": variables})
	if err != nil {
		m.Fatal(err)
	}
	before := spent(m)
	took, _ = m.send(url, l, body)
	requests = len(took) + 1
	return requests, ms(spent(m)-before) / float64(requests), took
}

// spent is the processor time of this process until now.
func spent(m *market) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		m.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
