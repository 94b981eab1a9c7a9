package network

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/adjacency"
	"guanxi/fault"
	"guanxi/models"
)

// Bounds on what may be asked.
const (
	MostDepth = 4   // hops around a party
	MostNodes = 500 // parties around one
	MostHops  = 6   // relationships in a chain
	MostPaths = 10  // chains between two parties
)

// Engine finds networks and paths: in the net in memory where there is one and it can answer, else by SQL, which is slower and tells
// the same.
type Engine struct{ net *adjacency.Store }

// New makes an engine that walks by SQL.
func New() *Engine { return &Engine{} }

// WithNet makes an engine that walks the net in memory.
func WithNet(net *adjacency.Store) *Engine { return &Engine{net} }

// Around gives at most first (1–500) parties within depth (1–4) hops of the party; nil when the viewer does not see it.
func (e *Engine) Around(ctx context.Context, snap *access.Snapshot, party uuid.UUID, depth, first int) (*Network, error) {
	all, err := e.AroundAll(ctx, snap, []uuid.UUID{party}, depth, first)
	return all[party], err
}

// AroundAll gives the network of each of several parties; without its edges where those are known not to be selected. A party that the
// viewer does not see has none.
func (e *Engine) AroundAll(ctx context.Context, snap *access.Snapshot, parties []uuid.UUID, depth, first int) (map[uuid.UUID]*Network, error) {
	if err := within("depth", depth, MostDepth); err != nil {
		return nil, err
	}
	if err := within("first", first, MostNodes); err != nil {
		return nil, err
	}
	net, err := e.look(ctx, snap)
	switch {
	case err != nil:
		return nil, err
	case net == nil:
		return bySQL(ctx, snap, parties, depth, first)
	}
	networks := make(map[uuid.UUID]*Network, len(parties))
	for _, id := range parties {
		if found := net.Around(id, depth, first, models.MaySelect(ctx, "edges")); found != nil {
			networks[id] = networkOf(ctx, net, found)
		}
	}
	batch(networks)
	return networks, nil
}

// Paths gives the shortest chains between two parties over relationships that introduce, of at most maxHops (1–6): at
// most first (1–10) of the shortest length, those of the greatest strengths together first, then by the ids of their
// parties. Between the same parties a chain takes the strongest relationship, then the one with the least id. A party
// has no chain to itself. LIMIT_EXCEEDED when more than 50,000 parties were looked at in vain.
func (e *Engine) Paths(ctx context.Context, snap *access.Snapshot, from, to uuid.UUID, maxHops, first int) ([]*Path, error) {
	if err := within("maxHops", maxHops, MostHops); err != nil {
		return nil, err
	}
	if err := within("first", first, MostPaths); err != nil {
		return nil, err
	}
	if from == to {
		return []*Path{}, nil
	}
	net, err := e.look(ctx, snap)
	switch {
	case err != nil:
		return nil, err
	case net == nil:
		return pathsBySQL(ctx, snap, from, to, maxHops, first)
	}
	chains, err := net.Chains(from, to, maxHops, first, adjacency.Bounds{Parties: mostParties, Links: mostLinks})
	if errors.Is(err, adjacency.ErrWide) {
		return nil, tooWide()
	}
	return pathsOf(ctx, net, from, chains), err
}

// within refuses a number outside 1 to most.
func within(argument string, value, most int) error {
	if value >= 1 && value <= most {
		return nil
	}
	return fault.Deny(fault.BadInput, fault.Say("%[1]s is from 1 to %[2]d.", "%[1]s 应在 1 到 %[2]d 之间。", argument, most)).At(argument)
}

// look gives the net in memory as the snapshot shows it, nil when SQL is to answer.
func (e *Engine) look(ctx context.Context, snap *access.Snapshot) (*adjacency.View, error) {
	if e.net == nil {
		return nil, nil
	}
	view, err := e.net.Look(ctx, snap)
	if errors.Is(err, adjacency.ErrLacks) {
		return nil, nil
	}
	return view, err
}

func networkOf(ctx context.Context, net *adjacency.View, found *adjacency.Around) *Network {
	n := &Network{Nodes: make([]*NetworkNode, len(found.Nodes)), Edges: make([]*NetworkEdge, len(found.Edges)), Truncated: found.Truncated}
	nodes, edges := make([]NetworkNode, len(found.Nodes)), make([]NetworkEdge, len(found.Edges))
	for i, one := range found.Nodes {
		nodes[i] = NetworkNode{PartyID: one.ID, Hops: one.Hops, known: known{net}, node: one}
		n.Nodes[i] = &nodes[i]
	}
	chinese := inChinese(ctx)
	for i, one := range found.Edges {
		edges[i] = NetworkEdge{
			RelationshipID: one.ID, AID: one.A, BID: one.B, Label: one.Type.Label(true, chinese), known: known{net}, strength: one.Strength,
		}
		n.Edges[i] = &edges[i]
	}
	return n
}

func pathsOf(ctx context.Context, net *adjacency.View, from uuid.UUID, chains [][]adjacency.Link) []*Path {
	list := make([]*Path, len(chains))
	var steps []*PathStep
	chinese := inChinese(ctx)
	for i, links := range chains {
		p := &Path{Hops: len(links), Steps: []*PathStep{{PartyID: from, known: known{net}}}}
		for _, l := range links {
			label := l.Type.Label(l.FromA, chinese)
			p.Steps = append(p.Steps, &PathStep{
				PartyID: l.Party, RelationshipID: &l.Relationship, Label: &label, known: known{net}, strength: l.Strength,
			})
		}
		list[i] = p
		steps = append(steps, p.Steps...)
	}
	models.NewBatch(steps)
	return list
}

func inChinese(ctx context.Context) bool { return strings.HasPrefix(fault.Language(ctx), "zh") }
