package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/adjacency"
	"guanxi/feed"
	"guanxi/files"
	"guanxi/models"
	"guanxi/network"
	"guanxi/server"
	"guanxi/store"
)

// web is a company with a wide net: a third customers, the others contacts, and three relationships for each, very many of them with
// few parties.
type web struct {
	*testing.B
	store   *store.Store
	r       *rand.Rand
	parties []uuid.UUID // the busiest first
	users   []uuid.UUID
	kept    *adjacency.Store
	hub     int // how many relationships the busiest has
}

// BenchmarkNet prints what is asked of a net of a million parties, or of GUANXI_BENCH of them, takes: by SQL, in memory, and over
// HTTP, for who sees all, for a manager of 210 owners and for one who sees his own.
//
//	make bench-net
//	GUANXI_BENCH=100000 make bench-net
func BenchmarkNet(b *testing.B) {
	n := 1_000_000
	if text := os.Getenv("GUANXI_BENCH"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1_000 {
			b.Fatalf("GUANXI_BENCH is %q: write a number of parties from 1,000", text)
		}
	}
	w := &web{B: b, store: ownStore(b), r: rand.New(rand.NewPCG(1, 2))}
	began := time.Now()
	w.people()
	relationships := w.fill(n)
	fmt.Printf("\n%d parties, %d relationships, the busiest with %d; filled up in %v\n", n, relationships, w.hub, time.Since(began).Round(time.Second))
	w.kept = adjacency.New(adjacency.Options{Pool: w.store.Pool, Log: slog.New(slog.DiscardHandler), Now: w.store.Now})
	began = time.Now()
	if _, err := feed.Seal(b.Context(), w.store.Pool); err != nil { // as servers do every second
		b.Fatal(err)
	}
	if err := w.kept.Tend(b.Context()); err != nil {
		b.Fatal(err)
	}
	fmt.Printf("the net is loaded in %v, %d MiB\n", time.Since(began).Round(100*time.Millisecond), w.kept.Bytes()>>20)
	w.inside()
	w.overHTTP()
}

func (w *web) exec(text string, args ...any) {
	w.Helper()
	if _, err := w.store.Pool.Exec(w.Context(), text, args...); err != nil {
		w.Fatalf("%v in %s", err, text)
	}
}

// people makes the users: the first sees all, the second a manager's share, the third his own.
func (w *web) people() {
	for i := range sellers {
		w.users = append(w.users, models.NewID(models.UserCode))
		w.exec("insert into users (id, login, name, created_at, updated_at) values ($1, $2, $2, now(), now())", w.users[i], fmt.Sprint("u", i))
	}
	for _, user := range w.users[:3] {
		w.exec("insert into user_roles (user_id, role_id) select $1, id from roles where code = 'sales'", user)
	}
	grant := "insert into grants (id, grantee_user_id, everyone, subject_id, effect, level, created_at, updated_at) values ($1, $2, $3, $4, 'ALLOW', 'OBSERVE', now(), now())"
	w.exec(grant, models.NewID(models.GrantCode), w.users[0], true, nil)
	for i := range 210 {
		w.exec(grant, models.NewID(models.GrantCode), w.users[1], false, w.users[i+100])
	}
}

// fill makes parties and three relationships for each, and tells how many came to be.
func (w *web) fill(n int) int {
	conn, err := w.store.Pool.Acquire(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Release()
	now := time.Now()
	copied := func(table string, columns []string, rows int, row func(i int) []any) {
		w.Helper()
		if _, err := conn.CopyFrom(w.Context(), pgx.Identifier{table}, columns, pgx.CopyFromSlice(rows, func(i int) ([]any, error) { return row(i), nil })); err != nil {
			w.Fatal(err)
		}
	}
	if _, err := conn.Exec(w.Context(), "set session_replication_role = replica; drop index relationships_valid_until_idx, relationships_deletion_id_idx"); err != nil {
		w.Fatal(err)
	}
	for i := range n {
		w.parties = append(w.parties, models.NewID([]models.KindCode{models.CustomerCode, models.ContactCode, models.ContactCode}[i%3]))
	}
	owner := func() uuid.UUID { return w.users[w.r.IntN(sellers)] }
	copied("customers", []string{"id", "name", "kind", "lifecycle", "owner_id", "created_at", "updated_at"}, (n+2)/3, func(i int) []any {
		return []any{w.parties[i*3], fmt.Sprint("customer ", i), "ORGANIZATION", "LEAD", owner(), now, now}
	})
	copied("contacts", []string{"id", "name", "owner_id", "created_at", "updated_at"}, n-(n+2)/3, func(i int) []any {
		return []any{w.parties[i/2*3+1+i%2], fmt.Sprint("contact ", i), owner(), now, now}
	})
	edges := w.edges(n)
	var social uuid.UUID
	if err := conn.QueryRow(w.Context(), "select id from relationship_types where introduces and id <> $1 order by id limit 1", models.WorksAtID).Scan(&social); err != nil {
		w.Fatal(err)
	}
	copied("relationships", []string{"id", "type_id", "a_id", "b_id", "strength", "created_at", "updated_at"}, len(edges), func(i int) []any {
		a, b, kind := edges[i][0], edges[i][1], social
		if a%3 != 0 && b%3 == 0 && i%2 == 0 {
			kind = models.WorksAtID
		}
		return []any{models.NewID(models.RelationshipCode), kind, w.parties[a], w.parties[b], 1 + w.r.IntN(5), now, now}
	})
	w.exec("vacuum analyze")
	return len(edges)
}

// edges draws three relationships for each party, no two between the same.
func (w *web) edges(n int) [][2]int {
	exponent := math.Log(float64(n)) / math.Log(500) // so that the busiest has a 500th of all ends
	party := func() int { return int(float64(n) * math.Pow(w.r.Float64(), exponent)) }
	known, edges, degree := map[[2]int]bool{}, make([][2]int, 0, 3*n), 0
	for range 3 * n {
		e := [2]int{party(), party()}
		if known[e] || e[0] == e[1] {
			continue
		}
		known[e] = true
		edges = append(edges, e)
		if e[0] == 0 || e[1] == 0 {
			degree++
		}
	}
	w.hub = degree
	return edges
}

// plainHops is three hops by hand: no rights, no order but by hops, no relationships between.
const plainHops = `with recursive near(id, hops) as (select $1::uuid, 0 union
	select e.far, n.hops + 1 from near n cross join lateral (select b_id as far from relationships where a_id = n.id and deleted_at is null
		union all select a_id from relationships where b_id = n.id and deleted_at is null) e where n.hops < 3)
	select id, min(hops) from near group by id order by 2 limit 500`

// netAsked is how often each question is asked in memory, netBySQL how often by SQL.
const (
	netAsked = 200
	netBySQL = 7
	netWhile = 10 * time.Second // by SQL no longer than that, but once
)

// netQuestion is one of the net; i chooses whom it is about.
type netQuestion struct {
	name string
	ask  func(e *network.Engine, snap *access.Snapshot, i int) error
}

func (w *web) questions() []netQuestion {
	around := func(e *network.Engine, snap *access.Snapshot, id uuid.UUID) error {
		_, err := e.Around(w.Context(), snap, id, 3, 500)
		return err
	}
	return []netQuestion{
		{"3 hops of 500, any party", func(e *network.Engine, snap *access.Snapshot, i int) error {
			return around(e, snap, w.parties[i*7919%len(w.parties)])
		}},
		{"3 hops of 500, the busiest", func(e *network.Engine, snap *access.Snapshot, i int) error { return around(e, snap, w.parties[i%10]) }},
		{"paths of up to 6", func(e *network.Engine, snap *access.Snapshot, i int) error {
			_, err := e.Paths(w.Context(), snap, w.parties[i*7919%len(w.parties)], w.parties[i*104729%len(w.parties)], 6, 3)
			return err
		}},
	}
}

// inside prints what questions take without HTTP: each in a snapshot of its own, what it takes to begin that included.
func (w *web) inside() {
	fmt.Printf("\n%-30s%-10s%10s%10s%10s%10s%10s%12s\n", "p50 and p99, ms", "viewer", "SQL", "", "memory", "", "walking", "SQL/memory")
	for _, q := range w.questions() {
		for who, name := range []string{"all", "manager", "rep"} {
			v, err := access.Load(w.Context(), w.store.Pool, w.users[who], time.Now())
			if err != nil {
				w.Fatal(err)
			}
			measure := func(e *network.Engine, times int) (took []time.Duration) {
				for begun, i := time.Now(), 0; i <= times && (i < 2 || time.Since(begun) < netWhile); i++ {
					snap := access.Look(w.store.Pool, v)
					began := time.Now()
					if err := q.ask(e, snap, i); err != nil {
						w.Fatal(err)
					}
					if i > 0 {
						took = append(took, time.Since(began))
					}
					snap.Close(w.Context())
				}
				return took
			}
			sql, memory := measure(network.New(), netBySQL), measure(network.WithNet(w.kept), netAsked)
			fmt.Printf("%-30s%-10s%10.2f%10.2f%10.2f%10.2f%10.3f%12.0f\n", q.name, name, share(sql, 0.5), share(sql, 0.99), share(memory, 0.5), share(memory, 0.99),
				w.walking(q, v), share(sql, 0.5)/share(memory, 0.5))
		}
	}
	var took []time.Duration
	for i := range netBySQL {
		began := time.Now()
		w.exec(plainHops, w.parties[i*7919%len(w.parties)])
		took = append(took, time.Since(began))
	}
	fmt.Printf("%-30s%-10s%10.2f%10.2f\n", "3 hops by hand, any party", "no rights", share(took, 0.5), share(took, 0.99))
	answered, declined := w.kept.Answered()
	fmt.Printf("%d questions were answered in memory, %d left to SQL\n", answered, declined)
}

// walking tells what a question takes in memory when its snapshot has been looked at before: the walk alone.
func (w *web) walking(q netQuestion, v *access.Viewer) float64 {
	snap, engine := access.Look(w.store.Pool, v), network.WithNet(w.kept)
	defer snap.Close(w.Context())
	var took []time.Duration
	for i := range netAsked {
		began := time.Now()
		if err := q.ask(engine, snap, i); err != nil {
			w.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	return share(took[1:], 0.5)
}

// overHTTP prints what whole requests take on one connection.
func (w *web) overHTTP() {
	folder, err := files.Open(w.Context(), w.TempDir())
	if err != nil {
		w.Fatal(err)
	}
	site := httptest.NewServer(server.New(server.Options{Store: w.store, Files: folder, Network: network.WithNet(w.kept)}))
	defer site.Close()
	fmt.Printf("\n%-44s%-10s%10s%10s%10s\n", "over HTTP", "viewer", "p50 ms", "p99 ms", "bytes")
	const net = "query ($id: ID!) { customer(id: $id) { network(depth: 3, first: 500) { truncated %s } } }"
	for _, request := range []struct{ name, query string }{
		{"3 hops of 500: how far and what", fmt.Sprintf(net, "nodes { hops } edges { label }")},
		{"3 hops of 500 with names", fmt.Sprintf(net, "nodes { hops party { id ... on Customer { name } ... on Contact { name } } } edges { label a { id } b { id } }")},
		{"paths of up to 6", "query ($id: ID!, $to: ID!) { paths(from: $id, to: $to, maxHops: 6) { hops steps { label } } }"},
		{"paths of up to 6 with names", "query ($id: ID!, $to: ID!) { paths(from: $id, to: $to, maxHops: 6) { hops steps { label party { id ... on Customer { name } ... on Contact { name } } } } }"},
	} {
		for who, name := range []string{"all", "manager", "rep"} {
			took, size := w.send(site.URL, request.query, who)
			fmt.Printf("%-44s%-10s%10.1f%10.1f%10d\n", request.name, name, share(took, 0.5), share(took, 0.99), size)
		}
	}
}

// send sends a request about one party after another; the first answer is not counted.
func (w *web) send(url, query string, who int) (took []time.Duration, size int) {
	token, err := w.store.IssueToken(w.Context(), fmt.Sprint("u", who), "bench")
	if err != nil {
		w.Fatal(err)
	}
	for i := range netAsked {
		variables := map[string]any{"id": w.parties[i*7920%len(w.parties)/3*3]}
		if strings.Contains(query, "$to") {
			variables["to"] = w.parties[i*104729%len(w.parties)]
		}
		body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
		if err != nil {
			w.Fatal(err)
		}
		began := time.Now()
		r, err := http.NewRequestWithContext(w.Context(), http.MethodPost, url+"/graphql", bytes.NewReader(body))
		if err != nil {
			w.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			w.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || strings.Contains(string(text), `"errors"`) {
			w.Fatal(err, string(text[:min(len(text), 500)]))
		}
		if i > 0 {
			took, size = append(took, time.Since(began)), max(size, len(text))
		}
	}
	return took, size
}
