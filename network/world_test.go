package network_test

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/access"
	"guanxi/adjacency"
	"guanxi/models"
	"guanxi/network"
)

var now = time.Date(2026, 6, 15, 4, 0, 0, 0, time.UTC)

// world is a small company in a database, and what a plain model of it says.
type world struct {
	t     testing.TB
	pool  *pgxpool.Pool
	users []uuid.UUID
	mine  uuid.UUID // the viewer
	snap  *access.Snapshot

	introducing, silent, worksAt uuid.UUID

	owners  map[uuid.UUID]uuid.UUID
	deleted map[uuid.UUID]bool
	edges   []edge
}

type edge struct {
	id, kind, a, b uuid.UUID
	strength       int // 0 when unknown
	from, until    string
	deleted        bool
}

func newWorld(t testing.TB, pool *pgxpool.Pool) *world {
	w := &world{t: t, pool: pool, owners: map[uuid.UUID]uuid.UUID{}, deleted: map[uuid.UUID]bool{}}
	for range 4 {
		w.users = append(w.users, w.user())
	}
	w.mine = w.users[0]
	w.introducing = w.kind("BUSINESS", true)
	w.silent = w.kind("RIVALRY", false)
	w.worksAt = models.WorksAtID
	w.exec(`insert into relationship_types (id, code, name_ab, name_ba, name_ab_en, name_ba_en, category, introduces, a_kinds, b_kinds, built_in, created_at, updated_at)
		values ($1, 'WORKS_AT', '任职于', '的员工', 'works at', 'employs', 'EMPLOYMENT', true, '{CONTACT}', '{CUSTOMER}', true, now(), now()) on conflict do nothing`, w.worksAt)
	role := models.NewID(models.RoleCode)
	w.exec(`insert into roles (id, code, name, permissions, created_at, updated_at) values ($1, $2, 'sales', '{CUSTOMER_READ,CONTACT_READ,RELATIONSHIP_READ}', now(), now())`, role, role.String())
	w.exec(`insert into user_roles (user_id, role_id) values ($1, $2)`, w.mine, role)
	// the viewer sees what the second user owns, not what the others own
	w.exec(`insert into grants (id, grantee_user_id, subject_id, effect, level, created_at, updated_at) values ($1, $2, $3, 'ALLOW', 'OBSERVE', now(), now())`,
		models.NewID(models.GrantCode), w.mine, w.users[1])
	return w
}

func (w *world) close() {
	if w.snap != nil {
		w.snap.Close(context.Background())
	}
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatalf("%v: %s", err, sql)
	}
}

func (w *world) user() uuid.UUID {
	id := models.NewID(models.UserCode)
	w.exec(`insert into users (id, login, name, created_at, updated_at) values ($1, $2, 'someone', now(), now())`, id, id.String())
	return id
}

func (w *world) kind(category string, introduces bool) uuid.UUID {
	id := models.NewID(models.RelationshipTypeCode)
	w.exec(`insert into relationship_types (id, code, name_ab, name_ba, name_ab_en, category, introduces, a_kinds, b_kinds, created_at, updated_at)
		values ($1, $2, '的上级', '的下级', 'above', $3, $4, '{CUSTOMER}', '{CUSTOMER}', now(), now())`, id, id.String(), category, introduces)
	return id
}

// party makes a party of the kind; a competitor or user has no owner.
func (w *world) party(kind models.KindCode, owner uuid.UUID) uuid.UUID {
	id := models.NewID(kind)
	switch kind {
	case models.UserCode:
		return w.user()
	case models.CompetitorCode:
		w.exec(`insert into competitors (id, name, created_at, updated_at) values ($1, $2, now(), now())`, id, id.String())
		return id
	case models.CustomerCode:
		w.exec(`insert into customers (id, name, kind, lifecycle, owner_id, created_at, updated_at) values ($1, 'c', 'ORGANIZATION', 'LEAD', $2, now(), now())`, id, owner)
	case models.ContactCode:
		w.exec(`insert into contacts (id, name, owner_id, created_at, updated_at) values ($1, 'p', $2, now(), now())`, id, owner)
	}
	w.owners[id] = owner
	return id
}

func (w *world) customer(owner uuid.UUID) uuid.UUID { return w.party(models.CustomerCode, owner) }

func (w *world) delete(id uuid.UUID) {
	w.deleted[id] = true
	for _, table := range []string{"customers", "contacts"} {
		w.exec(`update `+table+` set deleted_at = now(), deletion_id = id where id = $1`, id)
	}
}

func (w *world) connect(list ...edge) {
	rows := make([][]any, len(list))
	for i := range list {
		e := &list[i]
		if e.id == uuid.Nil {
			e.id = models.NewID(models.RelationshipCode)
		}
		if e.kind == uuid.Nil {
			e.kind = w.introducing
		}
		rows[i] = []any{e.id, e.kind, e.a, e.b, unless(e.strength, 0), day(e.from), day(e.until), now, now, nil, nil}
		if e.deleted {
			rows[i][9], rows[i][10] = now, e.id
		}
	}
	columns := []string{"id", "type_id", "a_id", "b_id", "strength", "valid_from", "valid_until", "created_at", "updated_at", "deleted_at", "deletion_id"}
	if _, err := w.pool.CopyFrom(context.Background(), pgx.Identifier{"relationships"}, columns, pgx.CopyFromRows(rows)); err != nil {
		w.t.Fatal(err)
	}
	w.edges = append(w.edges, list...)
}

func unless(value, empty int) *int {
	if value == empty {
		return nil
	}
	return &value
}

func day(text string) *time.Time {
	if text == "" {
		return nil
	}
	at := models.Date(text).Time()
	return &at
}

// look begins a snapshot for the viewer; one world has one at a time.
func (w *world) look() *access.Snapshot {
	v, err := access.Load(context.Background(), w.pool, w.mine, now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.close()
	w.snap = access.Look(w.pool, v)
	w.t.Cleanup(w.close)
	return w.snap
}

// engines gives who walks the world by SQL, and who walks it in memory.
func (w *world) engines() []*network.Engine {
	return []*network.Engine{network.New(), network.WithNet(adjacency.New(adjacency.Options{
		Pool: w.pool, Log: slog.New(slog.DiscardHandler), AtOnce: true, Now: func(context.Context) (time.Time, error) { return now, nil },
	}))}
}

// What follows is the plain model, written apart from what it checks.

func (e edge) live() bool {
	return !e.deleted && (e.from == "" || e.from <= "2026-06-15") && (e.until == "" || e.until > "2026-06-15")
}

func (w *world) sees(id uuid.UUID) bool {
	owner, owned := w.owners[id]
	if !owned {
		return true
	}
	if w.deleted[id] {
		return false
	}
	if owner == w.users[0] || owner == w.users[1] {
		return true
	}
	return models.KindOf(id) == models.ContactCode && slices.ContainsFunc(w.edges, func(e edge) bool {
		notEnded := e.until == "" || e.until > "2026-06-15"
		return e.kind == w.worksAt && e.a == id && !e.deleted && notEnded && w.sees(e.b)
	})
}

// walkable lists the edges that the viewer may walk.
func (w *world) walkable(introducing bool) []edge {
	seen := map[uuid.UUID]bool{}
	for _, e := range w.edges {
		seen[e.a], seen[e.b] = w.sees(e.a), w.sees(e.b)
	}
	var list []edge
	for _, e := range w.edges {
		if e.live() && seen[e.a] && seen[e.b] && !(introducing && e.kind == w.silent) {
			list = append(list, e)
		}
	}
	return list
}

// distances walks breadth first.
func distances(edges []edge, start uuid.UUID) map[uuid.UUID]int {
	next := map[uuid.UUID][]uuid.UUID{}
	for _, e := range edges {
		next[e.a] = append(next[e.a], e.b)
		next[e.b] = append(next[e.b], e.a)
	}
	far := map[uuid.UUID]int{start: 0}
	for queue := []uuid.UUID{start}; len(queue) > 0; queue = queue[1:] {
		for _, id := range next[queue[0]] {
			if _, known := far[id]; !known {
				far[id] = far[queue[0]] + 1
				queue = append(queue, id)
			}
		}
	}
	return far
}

type near struct {
	id             uuid.UUID
	hops, strength int
}

// around lists what is within the depth, in the promised order.
func around(edges []edge, start uuid.UUID, depth int) []near {
	far := distances(edges, start)
	var list []near
	for id, hops := range far {
		if hops > depth {
			continue
		}
		n := near{id: id, hops: hops}
		for _, e := range edges {
			if e.a == id && far[e.b] == hops-1 || e.b == id && far[e.a] == hops-1 {
				n.strength = max(n.strength, e.strength)
			}
		}
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.hops, b.hops), cmp.Compare(b.strength, a.strength), bytes.Compare(a.id[:], b.id[:]))
	})
	return list
}

// shortest lists every shortest chain as the parties after the first, in the promised order.
func shortest(edges []edge, from, to uuid.UUID) [][]uuid.UUID {
	far := distances(edges, to)
	length, reachable := far[from]
	if !reachable || length == 0 {
		return nil
	}
	type found struct {
		parties  []uuid.UUID
		strength int
	}
	all := []found{{parties: []uuid.UUID{from}}}
	for left := length - 1; left >= 0; left-- {
		var longer []found
		for _, f := range all {
			last := f.parties[len(f.parties)-1]
			strength := map[uuid.UUID]int{}
			for _, e := range edges {
				for _, ends := range [][2]uuid.UUID{{e.a, e.b}, {e.b, e.a}} {
					if d, ok := far[ends[1]]; ends[0] == last && ok && d == left {
						strength[ends[1]] = max(strength[ends[1]], e.strength)
					}
				}
			}
			for id, s := range strength {
				longer = append(longer, found{append(slices.Clone(f.parties), id), f.strength + s})
			}
		}
		all = longer
	}
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.strength, a.strength), slices.CompareFunc(a.parties, b.parties, func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) }))
	})
	list := make([][]uuid.UUID, len(all))
	for i, f := range all {
		list[i] = f.parties[1:]
	}
	return list
}

// scatter fills the world with parties and relationships at random, some hidden, deleted, ended or yet to begin.
func (w *world) scatter(r *rand.Rand, parties, edges int) []uuid.UUID {
	kinds := []models.KindCode{models.CustomerCode, models.CustomerCode, models.ContactCode, models.ContactCode, models.CompetitorCode, models.UserCode}
	var list []uuid.UUID
	for range parties {
		id := w.party(kinds[r.IntN(len(kinds))], w.users[[]int{0, 0, 1, 1, 2, 3}[r.IntN(6)]])
		if r.IntN(15) == 0 {
			w.delete(id)
		}
		list = append(list, id)
	}
	var drawn []edge
	taken := map[[3]uuid.UUID]bool{}
	dates := []string{"", "", "", "2026-06-15", "2026-06-14", "2026-06-16"}
	for range edges {
		e := edge{
			kind: []uuid.UUID{w.introducing, w.introducing, w.silent, w.worksAt}[r.IntN(4)],
			a:    list[r.IntN(parties)], b: list[r.IntN(parties)], strength: r.IntN(6), deleted: r.IntN(12) == 0,
		}
		e.from, e.until = dates[r.IntN(len(dates))], dates[r.IntN(len(dates))]
		if e.from != "" && e.until != "" && e.from >= e.until {
			e.from = ""
		}
		key := [3]uuid.UUID{e.kind, e.a, e.b}
		affiliates := models.KindOf(e.a) == models.ContactCode && models.KindOf(e.b) == models.CustomerCode
		if e.a == e.b || taken[key] || e.kind == w.worksAt && !affiliates {
			continue
		}
		taken[key] = true
		drawn = append(drawn, e)
	}
	w.connect(drawn...)
	return list
}
