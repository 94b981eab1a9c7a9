// Package network finds what is near a party, and the shortest chains between two, over the relationships that the
// viewer sees and that hold today.
package network

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/adjacency"
	"guanxi/models"
)

// Network is the parties near one party and the relationships between them.
type Network struct {
	Nodes     []*NetworkNode // the party itself, then the others by hops, strength and id
	Edges     []*NetworkEdge // by id
	Truncated bool           // there are more parties within the depth
}

// NetworkNode is a party in a network. Its batch is all nodes that were fetched together.
type NetworkNode struct {
	PartyID uuid.UUID
	Hops    int // relationships away, 0 for the party asked about

	known
	node  adjacency.Node // what the net knows it by
	batch *models.Batch
}

// KnownParty gives the party when no more of it is selected than its id and its name, which the net knows; else nil.
func (n *NetworkNode) KnownParty(ctx context.Context) models.Party {
	if !n.knowsParty(ctx) {
		return nil
	}
	return n.node.Party(n.net)
}

// Key gives the party and the nodes that came with it.
func (n *NetworkNode) Key() (uuid.UUID, *models.Batch) { return n.PartyID, n.batch }

// Join tells the node which others came with it.
func (n *NetworkNode) Join(b *models.Batch) { n.batch = b }

// NetworkEdge is a relationship between two parties of a network. Its batch is all edges that were fetched together.
type NetworkEdge struct {
	RelationshipID uuid.UUID
	AID, BID       uuid.UUID
	Label          string // what a is to b, in the reader's language

	known
	strength *int
	batch    *models.Batch
}

// Key gives the relationship and the edges that came with it.
func (e *NetworkEdge) Key() (uuid.UUID, *models.Batch) { return e.RelationshipID, e.batch }

// Join tells the edge which others came with it.
func (e *NetworkEdge) Join(b *models.Batch) { e.batch = b }

// KnownRelationship gives the relationship when no more of it is selected than what is known; else nil.
func (e *NetworkEdge) KnownRelationship(ctx context.Context) *models.Relationship {
	return e.relationship(ctx, e.RelationshipID, e.strength)
}

// bySQL walks from several parties, in at most depth + 2 statements however many they are.
func bySQL(ctx context.Context, snap *access.Snapshot, parties []uuid.UUID, depth, first int) (map[uuid.UUID]*Network, error) {
	w := &walk{ctx: ctx, snap: snap, first: first, networks: map[uuid.UUID]*Network{}}
	if err := w.begin(parties); err != nil {
		return nil, err
	}
	for hop := 1; hop <= depth && len(w.frontier.starts) > 0; hop++ {
		if err := w.hop(hop); err != nil {
			return nil, err
		}
	}
	if models.MaySelect(ctx, "edges") {
		if err := w.connect(); err != nil {
			return nil, err
		}
	}
	batch(w.networks)
	return w.networks, nil
}

// pairs are parties, each with the one whose network it is in; they travel as two arrays.
type pairs struct{ starts, ids []uuid.UUID }

func (p *pairs) add(start, id uuid.UUID) {
	p.starts = append(p.starts, start)
	p.ids = append(p.ids, id)
}

func (p *pairs) table(q *access.Query, alias string) string {
	return fmt.Sprintf("unnest(%s::uuid[], %s::uuid[]) as %s(start, id)", q.Bind(p.starts), q.Bind(p.ids), alias)
}

// walk goes outward from several parties at once, a statement a hop.
type walk struct {
	ctx      context.Context
	snap     *access.Snapshot
	first    int
	networks map[uuid.UUID]*Network
	reached  pairs
	frontier pairs
}

func (w *walk) begin(parties []uuid.UUID) error {
	seen, err := visible(w.ctx, w.snap, parties)
	for _, id := range seen {
		w.networks[id] = &Network{Nodes: []*NetworkNode{{PartyID: id}}, Edges: []*NetworkEdge{}}
		w.reached.add(id, id)
	}
	w.frontier = w.reached
	return err
}

// visible tells which of the parties the viewer sees.
func visible(ctx context.Context, snap *access.Snapshot, parties []uuid.UUID) ([]uuid.UUID, error) {
	q := snap.Viewer.Query().Sifts()
	ids := q.Bind(parties)
	text := ""
	for i, kind := range []*access.Kind{access.Customer, access.Contact, access.Competitor, access.User} {
		if i > 0 {
			text += " union all "
		}
		text += fmt.Sprintf("select p.id from %s where p.id = any(%s::uuid[])", q.Visible(kind, "p"), ids)
	}
	var seen []uuid.UUID
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		var id uuid.UUID
		err := row.Scan(&id)
		seen = append(seen, id)
		return err
	})
	return seen, err
}

// hop finds the parties one relationship further: of each network at most one more than it may still take.
func (w *walk) hop(hops int) error {
	q := w.snap.Viewer.Query().Sifts()
	frontier, reached := w.frontier.table(q, "f"), w.reached.table(q, "r")
	text := fmt.Sprintf(`select start, far from (
			select s.start, s.far, row_number() over (partition by s.start order by coalesce(max(s.strength), 0) desc, s.far) as place
			from (%s) s
			where not exists (select from %s where r.start = s.start and r.id = s.far)
			group by s.start, s.far) n
		where place <= %s order by start, place`, outward(q, frontier), reached, q.Bind(w.first))
	var found pairs
	err := w.snap.Run(w.ctx, q, text, func(row access.Row) error {
		var start, far uuid.UUID
		err := row.Scan(&start, &far)
		found.add(start, far)
		return err
	})
	w.reach(found, hops)
	return err
}

// outward renders the live relationships of the parties of the frontier f, read from them to the other end.
func outward(q *access.Query, frontier string) string {
	arm := func(near, far string) string {
		return fmt.Sprintf("select f.start, e.%s as far, e.strength from %s cross join %s", far, frontier, liveOf(q, near, ""))
	}
	return arm("a_id", "b_id") + " union all " + arm("b_id", "a_id")
}

// liveOf renders the relationships e that hold today and have the party f at an end. They are found party by party: whether the viewer
// sees a relationship is asked of those alone, whatever PostgreSQL thinks of how many there are, and only where a further condition holds.
func liveOf(q *access.Query, near, further string) string {
	return fmt.Sprintf("lateral (select e.* from %s where e.%s = f.id and %s%s offset 0) e", q.Visible(access.Relationship, "e"), near, today, further)
}

// today holds for a relationship e between its dates.
const today = "(e.valid_from is null or e.valid_from <= @today) and (e.valid_until is null or e.valid_until > @today)"

// reach takes what was found into its network while there is room; a full network is not walked further.
func (w *walk) reach(found pairs, hops int) {
	w.frontier = pairs{}
	for i, start := range found.starts {
		n := w.networks[start]
		if len(n.Nodes) == w.first {
			n.Truncated = true
			continue
		}
		n.Nodes = append(n.Nodes, &NetworkNode{PartyID: found.ids[i], Hops: hops})
		w.reached.add(start, found.ids[i])
	}
	for i, start := range found.starts {
		if !w.networks[start].Truncated {
			w.frontier.add(start, found.ids[i])
		}
	}
}

// connect fetches the relationships between the parties of each network.
func (w *walk) connect() error {
	q := w.snap.Viewer.Query().Sifts()
	a, b := w.reached.table(q, "f"), w.reached.table(q, "g")
	inside := " and e.b_id = any(" + q.Bind(w.reached.ids) + "::uuid[])" // of all others it is not asked whether they are seen
	label, _ := labels(w.ctx)
	text := fmt.Sprintf(`select f.start, e.id, e.a_id, e.b_id, %s from %s cross join %s
			join %s on g.start = f.start and g.id = e.b_id join %s on t.id = e.type_id
		order by f.start, e.id`,
		label, a, liveOf(q, "a_id", inside), b, q.Visible(access.RelationshipType, "t"))
	return w.snap.Run(w.ctx, q, text, func(row access.Row) error {
		var start uuid.UUID
		edge := &NetworkEdge{}
		if err := row.Scan(&start, &edge.RelationshipID, &edge.AID, &edge.BID, &edge.Label); err != nil {
			return err
		}
		w.networks[start].Edges = append(w.networks[start].Edges, edge)
		return nil
	})
}

// labels renders what a is to b and what b is to a, in the reader's language, by the relationship type t.
func labels(ctx context.Context) (ab, ba string) {
	if inChinese(ctx) {
		return "t.name_ab", "t.name_ba"
	}
	return "coalesce(t.name_ab_en, t.name_ab)", "coalesce(t.name_ba_en, t.name_ba)"
}

// batch binds together what was fetched together.
func batch(networks map[uuid.UUID]*Network) {
	var nodes []*NetworkNode
	var edges []*NetworkEdge
	for _, n := range networks {
		nodes, edges = append(nodes, n.Nodes...), append(edges, n.Edges...)
	}
	models.NewBatch(nodes)
	models.NewBatch(edges)
}
