package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"guanxi/files"
	"guanxi/operations"
	"guanxi/server"
)

// How often a board is asked for: often enough to tell the slowest hundredth of a fast one, and no longer than a while.
const (
	boardAsked = 300
	boardWhile = 10 * time.Second
)

// one is the first of the questions, as a page asks it.
const one = `query One($period: PeriodInput!) { opportunityReport(period: $period, by: [MAIN_COMPETITOR, CLOSED_QUARTER], first: 2000) {
	rows { keys { id label } lossRate { value } } total { lossRate { value } } } }`

// boards prints what whole requests take over HTTP, on one connection.
func (m *market) boards() {
	folder, err := files.Open(m.Context(), m.TempDir())
	if err != nil {
		m.Fatal(err)
	}
	web := httptest.NewServer(server.New(m.columns.served(server.Options{Store: m.store, Files: folder})))
	defer web.Close()
	document := dashboard(m)
	year := map[string]any{"from": time.Now().AddDate(-1, 0, 0).Format(time.DateOnly), "until": time.Now().Format(time.DateOnly)}
	five := map[string]any{"from": time.Now().AddDate(-5, 0, 0).Format(time.DateOnly), "until": time.Now().Format(time.DateOnly)}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nover HTTP\tviewer\trequests\tp50 ms\tp99 ms\tbytes\t")
	for _, board := range []struct {
		name, document string
		variables      map[string]any
	}{
		{"One", one, map[string]any{"period": five}},
		{"LossBoard", document, map[string]any{"period": year}},
		{"CompetitorBoard", document, map[string]any{"period": year, "where": map[string]any{"amount": map[string]any{"gte": "100"}}}},
	} {
		for _, l := range m.lookers {
			body, err := json.Marshal(map[string]any{"query": board.document, "operationName": board.name, "variables": board.variables})
			if err != nil {
				m.Fatal(err)
			}
			took, size := m.send(web.URL+"/graphql", l, body)
			fmt.Fprintf(table, "%s\t%s\t%d\t%.1f\t%.1f\t%d\t\n", board.name, l.name, len(took), share(took, 0.5), share(took, 0.99), size)
		}
	}
	table.Flush()
}

func dashboard(m *market) string {
	for _, file := range operations.Files() {
		if file.Name == "dashboard" {
			return file.Document
		}
	}
	m.Fatal("no dashboard")
	return ""
}

// send sends a request again and again; the first answer is not counted.
func (m *market) send(url string, l looker, body []byte) (took []time.Duration, size int) {
	token, err := m.store.IssueToken(m.Context(), fmt.Sprint(l.user), "bench")
	if err != nil {
		m.Fatal(err)
	}
	for begun := time.Now(); len(took) <= boardAsked && (len(took) < 3 || time.Since(begun) < boardWhile); {
		began := time.Now()
		r, err := http.NewRequestWithContext(m.Context(), http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			m.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			m.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || strings.Contains(string(text), `"errors"`) {
			m.Fatal(err, response.Status, string(text[:min(len(text), 500)]))
		}
		took, size = append(took, time.Since(began)), len(text)
	}
	return took[1:], size
}
