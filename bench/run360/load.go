package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// turn is what one server did in one turn.
type turn struct {
	took     []time.Duration // of each request
	elapsed  time.Duration
	app, sql time.Duration // of the processor, in the server and in PostgreSQL
	bytes    int
	failed   int    // requests that were answered with an error
	wrong    string // one of these
}

// asker asks one contestant one question for one viewer.
type asker struct {
	*contestant
	question question
	who      looker
	picks    picks
	client   *http.Client
}

func (m *measuring) asker(c *contestant, q question, who looker, connections int) *asker {
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true}
	return &asker{c, q, who, c.picks[who.name], &http.Client{Transport: transport}}
}

// body is the i-th request.
func (a *asker) body(i int) []byte {
	asked := map[string]any{"operationName": a.question.name, "variables": a.question.with(a.picks, i)}
	switch a.speaks {
	case guanxi:
		asked["query"] = a.question.text
	case peer:
		asked["query"] = a.question.peer
	}
	text, err := json.Marshal(asked)
	if err != nil {
		panic(err) // nothing in it cannot be written
	}
	return text
}

// ask sends a request and gives the answer.
func (a *asker) ask(ctx context.Context, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+a.path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+a.tokens[a.who.login])
	response, err := a.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || bytes.Contains(text, []byte(`"errors"`))) {
		said := ""
		if a.process != nil {
			said = strings.Join(a.process.said(), "; ")
		}
		err = fmt.Errorf("%s answers %s for %s: %s %s; it says %s", a.name, a.question.name, a.who.name, response.Status, text[:min(len(text), 300)], said[:min(len(said), 1200)])
	}
	return text, err
}

// answer asks the i-th request and reads the answer.
func (a *asker) answer(ctx context.Context, i int) (read any, err error) {
	text, err := a.ask(ctx, a.body(i))
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	return read, err
}

// load asks on so many connections for a time.
func (a *asker) load(ctx context.Context, connections int, d time.Duration) (turn, error) {
	bodies := make([][]byte, max(len(a.picks.busy), len(typed)))
	for i := range bodies {
		bodies[i] = a.body(i)
	}
	all := make([]turn, connections)
	began := time.Now()
	var asking sync.WaitGroup
	for n := range connections {
		asking.Go(func() {
			for i := n * 7; time.Since(began) < d && ctx.Err() == nil; i++ {
				sent := time.Now()
				text, err := a.ask(ctx, bodies[i%len(bodies)])
				all[n].took, all[n].bytes = append(all[n].took, time.Since(sent)), all[n].bytes+len(text)
				if err != nil {
					all[n].failed, all[n].wrong = all[n].failed+1, err.Error()
				}
			}
		})
	}
	asking.Wait()
	sum := turn{elapsed: time.Since(began)}
	for _, t := range all {
		sum.took, sum.bytes, sum.failed, sum.wrong = append(sum.took, t.took...), sum.bytes+t.bytes, sum.failed+t.failed, cmp.Or(sum.wrong, t.wrong)
	}
	slices.Sort(sum.took)
	return sum, ctx.Err()
}

// share is what so great a share of the requests did not exceed, in milliseconds.
func (t turn) share(of float64) float64 {
	if len(t.took) == 0 {
		return 0
	}
	return ms(t.took[min(int(of*float64(len(t.took))), len(t.took)-1)])
}

// rate counts only what was answered well.
func (t turn) rate() float64 { return float64(len(t.took)-t.failed) / t.elapsed.Seconds() }

// each is a sum of the processor's time per request, in milliseconds.
func (t turn) each(sum time.Duration) float64 { return ms(sum) / float64(max(len(t.took), 1)) }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
