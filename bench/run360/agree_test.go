package main

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/bench/limit"
	"guanxi/bench/market"
	"guanxi/files"
	"guanxi/internal/pgtest"
	"guanxi/postgres"
	"guanxi/server"
	"guanxi/store"
)

// few is how many answers are compared for each viewer here.
const few = 2

// TestHandWrittenSQLAnswersAsGuanxiDoes fills a small market and asks Guanxi and the limit with the full rule the same for several
// viewers: their answers are the same, and a turn measures something.
func TestHandWrittenSQLAnswersAsGuanxiDoes(t *testing.T) {
	t.Parallel()
	ctx, address := t.Context(), pgtest.NewURL(t)
	own, err := pgxpool.New(ctx, address) // as the limit opens it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Close)
	pool, err := postgres.NewPool(ctx, address, postgres.Limits{Statement: postgres.Unlimited, Lock: postgres.Unlimited, Connections: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s, err := store.Open(ctx, pool)
	if err == nil {
		err = s.Setup(ctx, store.SetupOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	small := market.Size{Users: market.Sellers, Customers: 300, Contacts: 600, Relationships: 900, Opportunities: 3000, Activities: 1500, Services: 900, Documents: 600}
	if err := market.Fill(ctx, s, small, func(string, ...any) {}); err != nil {
		t.Fatal(err)
	}
	folder, err := files.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	limits := server.DefaultLimits()
	limits.CostPerMinute = 0
	ours, theirs := httptest.NewServer(server.New(server.Options{Store: s, Files: folder, Limits: limits})), httptest.NewServer(limit.New(own, true))
	t.Cleanup(ours.Close)
	t.Cleanup(theirs.Close)

	m := &measuring{picks: map[string]picks{}}
	a := &contestant{name: "guanxi", url: ours.URL, path: "/graphql", speaks: guanxi, tokens: map[string]string{}, picks: m.picks}
	b := &contestant{name: "limit", url: theirs.URL, path: "/", speaks: byName, tokens: map[string]string{}, picks: m.picks}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, who := range lookers {
		if who.name == "director" { // whom the manager stands for
			continue
		}
		m.picks[who.name] = somePicks(t, conn.Conn(), who)
		b.tokens[who.login] = who.login
		if a.tokens[who.login], err = s.IssueToken(ctx, who.login, "bench"); err != nil {
			t.Fatal(err)
		}
		for _, q := range questions() {
			if q.name == "Find" || q.name == "Sections" { // whose order is Guanxi's own; which is part of another
				continue
			}
			var answers []any
			for i := range few {
				answer, err := m.asker(a, q, who, 1).answer(ctx, i)
				if err != nil {
					t.Fatal(err)
				}
				answers = append(answers, answer)
			}
			if alike, otherwise, err := m.compare(ctx, b, q, who, answers); err != nil || alike != few {
				t.Errorf("%s for %s: %d of %d answers are alike%s, %v", q.name, who.name, alike, few, otherwise, err)
			}
		}
	}
	did, err := m.asker(a, questions()[0], lookers[0], 2).load(ctx, 2, 50*time.Millisecond)
	if err != nil || len(did.took) < 2 || did.failed > 0 || did.bytes == 0 || did.share(0.5) <= 0 {
		t.Errorf("a turn did %+v, %v", did, err)
	}
}

// somePicks gives the first customers of those whom a viewer sees.
func somePicks(t *testing.T, conn *pgx.Conn, who looker) (p picks) {
	least := map[string]string{"all": "true", "manager": "get_byte(uuid_send(owner_id), 3) between 2 and 100", "rep": "get_byte(uuid_send(owner_id), 3) = 15"}
	rows, err := conn.Query(t.Context(), "select id from customers where owner_id is not null and get_byte(uuid_send(owner_id), 2) = 0 and "+least[who.name]+" order by id limit 5")
	if err != nil {
		t.Fatal(err)
	}
	if p.busy, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil || len(p.busy) == 0 {
		t.Fatal(len(p.busy), err)
	}
	p.some = append(p.some, p.busy[1:]...)
	if len(p.some) == 0 {
		p.some = p.busy
	}
	return p
}
