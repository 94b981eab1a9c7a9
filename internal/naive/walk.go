package naive

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// The walk over the net of relationships, party by party.

// net lists the relationships that hold today and that the viewer sees.
func (c *Company) net(viewer int) []*Record {
	var net []*Record
	for _, r := range c.Records {
		if r.Kind == "RELATIONSHIP" && (r.From == "" || r.From <= c.Today) && !c.ended(r) && c.Sees(viewer, r, false) {
			net = append(net, r)
		}
	}
	return net
}

// Network gives the parties within so many hops of one that the viewer sees, each with how many, and the relationships
// between them.
func (c *Company) Network(viewer int, start End, depth int) (hops map[uuid.UUID]int, edges []*Record) {
	net := c.net(viewer)
	hops = map[uuid.UUID]int{start.ID(): 0}
	for hop := 1; hop <= depth; hop++ {
		for _, r := range net {
			for i, near := range r.Ends {
				far := r.Ends[1-i].ID()
				if at, ok := hops[near.ID()]; ok && at == hop-1 {
					if _, known := hops[far]; !known {
						hops[far] = hop
					}
				}
			}
		}
	}
	for _, r := range net {
		_, a := hops[r.Ends[0].ID()]
		_, b := hops[r.Ends[1].ID()]
		if a && b {
			edges = append(edges, r)
		}
	}
	return hops, edges
}

// Chain is a way from one party to another: the parties in order, and the relationships between them.
type Chain struct {
	Parties       []uuid.UUID
	Relationships []*Record
}

func (c Chain) strength() (sum int) {
	for _, r := range c.Relationships {
		sum += r.Strength
	}
	return sum
}

// Paths gives the shortest chains between two different parties over relationships that introduce, of at most so many
// hops: the strongest first, then by the ids of their parties.
func (c *Company) Paths(viewer int, from, to uuid.UUID, hops, first int) []Chain {
	net := slices.DeleteFunc(c.net(viewer), func(r *Record) bool { return !c.Types[r.Type].Introduces })
	chains := []Chain{{Parties: []uuid.UUID{from}}}
	for range hops {
		var longer, arrived []Chain
		for _, chain := range chains {
			for _, next := range steps(net, chain) {
				longer = append(longer, next)
				if next.Parties[len(next.Parties)-1] == to {
					arrived = append(arrived, next)
				}
			}
		}
		if len(arrived) > 0 {
			slices.SortFunc(arrived, before)
			return arrived[:min(first, len(arrived))]
		}
		chains = longer
	}
	return nil
}

func before(a, b Chain) int {
	if order := cmp.Compare(b.strength(), a.strength()); order != 0 {
		return order
	}
	return slices.CompareFunc(a.Parties, b.Parties, func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) })
}

// steps gives the chains that are one party longer: to each by the strongest relationship, then that with the least id.
func steps(net []*Record, chain Chain) []Chain {
	last := chain.Parties[len(chain.Parties)-1]
	best := map[uuid.UUID]*Record{}
	for _, r := range net {
		for i, near := range r.Ends {
			far := r.Ends[1-i].ID()
			if near.ID() != last || slices.Contains(chain.Parties, far) {
				continue
			}
			if known := best[far]; known == nil || r.Strength > known.Strength || r.Strength == known.Strength && r.Number < known.Number {
				best[far] = r
			}
		}
	}
	var longer []Chain
	for far, r := range best {
		longer = append(longer, Chain{append(slices.Clone(chain.Parties), far), append(slices.Clone(chain.Relationships), r)})
	}
	return longer
}
