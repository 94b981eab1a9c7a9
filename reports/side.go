package reports

import (
	"github.com/google/uuid"

	"guanxi/columns"
)

// side is whose encounters something is asked of.
type side int

const (
	eachListed side = iota // each listed competitor's, apart
	theOthers              // those of all that are not listed, together
	everyone               // those of all competitors together
)

// sided renders the facts of a side, each with whose it is: the competitor, or nobody where they are taken together.
func (s *statement) sided(r *CompetitorReport, of side) string {
	together := "select '" + uuid.Nil.String() + "'::uuid as whose, f.* from facts f"
	switch of {
	case everyone:
		return together
	case theOthers:
		return together + " where f.competitor_id <> all(" + s.q.Bind(r.ids()) + "::uuid[])"
	}
	return "select f.competitor_id as whose, f.* from facts f where f.competitor_id = any(" + s.q.Bind(r.ids()) + "::uuid[])"
}

// ofSide gives the groups of a side by whose they are. Those that are taken together are folded by their second key.
func (t *tallied) ofSide(r *CompetitorReport, of side) map[uuid.UUID][]*group {
	found, listed := make(map[uuid.UUID][]*group, len(r.Rows)), make(map[uuid.UUID]bool, len(r.Rows))
	for _, id := range r.ids() {
		listed[id] = true
	}
	for _, g := range t.groups {
		switch id := t.competitor(g); {
		case of == eachListed && listed[id]:
			found[id] = append(found[id], g)
		case of == everyone, of == theOthers && !listed[id]:
			found[uuid.Nil] = append(found[uuid.Nil], g)
		}
	}
	if of != eachListed {
		found[uuid.Nil] = t.alike(found[uuid.Nil])
	}
	return found
}

// alike folds groups that have the same second key into one, or all groups that have none.
func (t *tallied) alike(groups []*group) (list []*group) {
	same := map[uint32][]*group{}
	for _, g := range groups {
		key := uint32(0)
		if len(g.Keys) > 1 {
			key = g.Keys[1]
		}
		same[key] = append(same[key], g)
	}
	for key, groups := range same {
		raw := make([]*columns.Group, len(groups))
		for i, one := range groups {
			raw[i] = one.Group
		}
		g := t.answer.Fold(raw)
		g.Keys = []uint32{0, key}
		list = append(list, &group{Group: g})
	}
	return list
}
