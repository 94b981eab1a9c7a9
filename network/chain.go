package network

import (
	"bytes"
	"slices"

	"github.com/google/uuid"

	"guanxi/models"
)

// chain is the rest of a path: a link and what follows it; nil at the end.
type chain struct {
	link
	strengths int // of this and all that follow, added up
	rest      *chain
}

// stronger orders chains of one length: the greater strengths first, then by the ids of their parties in order.
func stronger(a, b *chain) int {
	if a == nil {
		return 0
	}
	if a.strengths != b.strengths {
		return b.strengths - a.strengths
	}
	for ; a != nil; a, b = a.rest, b.rest {
		if order := bytes.Compare(a.far[:], b.far[:]); order != 0 {
			return order
		}
	}
	return 0
}

// strongest gives, for each party at the beginning of the layers, the best chains through all of them to the end.
func strongest(layers [][]link, end uuid.UUID, most int) map[uuid.UUID][]*chain {
	best := map[uuid.UUID][]*chain{end: {nil}}
	for _, layer := range slices.Backward(layers) {
		longer := map[uuid.UUID][]*chain{}
		for _, l := range layer {
			for _, rest := range best[l.far] {
				longer[l.near] = append(longer[l.near], lengthen(l, rest))
			}
		}
		for near, chains := range longer {
			slices.SortFunc(chains, stronger)
			longer[near] = chains[:min(most, len(chains))]
		}
		best = longer
	}
	return best
}

func lengthen(l link, rest *chain) *chain {
	c := &chain{link: l, strengths: l.strength, rest: rest}
	if rest != nil {
		c.strengths += rest.strengths
	}
	return c
}

// paths writes the chains from a party as paths.
func paths(from uuid.UUID, chains []*chain) []*Path {
	list := make([]*Path, len(chains))
	var steps []*PathStep
	for i, c := range chains {
		p := &Path{Steps: []*PathStep{{PartyID: from}}}
		for ; c != nil; c = c.rest {
			p.Steps = append(p.Steps, &PathStep{PartyID: c.far, RelationshipID: &c.relationship, Label: &c.label})
			p.Hops++
		}
		list[i] = p
		steps = append(steps, p.Steps...)
	}
	models.NewBatch(steps)
	return list
}
