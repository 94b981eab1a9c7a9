package adjacency

import (
	"slices"

	"github.com/google/uuid"
)

// Around is what is near a party.
type Around struct {
	Nodes     []Node // the party itself, then the others by hops, strength and id
	Edges     []Edge // by id
	Truncated bool   // there are more parties within the depth
}

// Node is a party so many hops away.
type Node struct {
	ID     uuid.UUID
	Hops   int
	number uint32 // of the party in the net
}

// Edge is a relationship between two parties.
type Edge struct {
	ID, A, B uuid.UUID
	Type     *Type
	Strength *int
}

// Around gives the parties within some hops of a party, at most so many, and the relationships between them where they are asked for;
// nil when the viewer does not see the party.
func (v *View) Around(id uuid.UUID, depth, first int, between bool) *Around {
	start := v.parties.Find(id)
	if start == 0 {
		return nil
	}
	w := v.walk()
	defer w.done()
	at := w.meet(start)
	if !w.met[at].seen {
		return nil
	}
	w.met[at].listed = true
	listed := append(w.lists[0][:0], at)
	ids := v.parties.All()
	found := &Around{Nodes: append(make([]Node, 0, min(first, 64)), Node{ID: id, number: start})}
	if w.sight.walks {
		frontier := listed
		for hop := 1; hop <= depth && len(frontier) > 0 && !found.Truncated; hop++ {
			room := first - len(listed)
			nearest := w.hop(frontier, int8(hop), room)
			if len(nearest) > room {
				found.Truncated = true
				nearest = w.smallest(nearest, room)
			}
			slices.SortFunc(nearest, w.nearer)
			for _, at := range nearest {
				w.met[at].listed = true
				found.Nodes = append(found.Nodes, Node{ids[w.met[at].number], hop, w.met[at].number})
			}
			listed = append(listed, nearest...)
			frontier = listed[len(listed)-len(nearest):]
		}
		if between {
			found.Edges = w.between(listed)
		}
	}
	w.lists[0] = listed
	return found
}

// hop lists the parties one relationship further that are not listed yet, each with the strength of the strongest that leads to it: all,
// or the strongest of them where those are more than there is room for.
func (w *walk) hop(frontier []int32, hop int8, room int) []int32 {
	nearest, strengths := w.lists[1][:0], w.strengths(frontier)
	for strength := len(strengths) - 1; strength >= 0 && len(nearest) <= room; strength-- {
		if strengths[strength] {
			nearest = w.over(nearest, frontier, hop, uint8(strength), room-len(nearest))
		}
	}
	w.lists[1] = nearest
	return nearest
}

// strengths tells which strengths the relationships of some parties have.
func (w *walk) strengths(of []int32) (has [1 << 8]bool) {
	for _, near := range of {
		list := w.arcs.of(w.met[near].number)
		for i := range list {
			has[list[i].strength] = true
		}
	}
	return has
}

// over adds the parties that relationships of a strength lead to, and none that was stronger. Of those that one party leads to it may leave out
// what comes behind more than there is room for.
func (w *walk) over(nearest, frontier []int32, hop int8, strength uint8, room int) []int32 {
	var ahead [atOnce]uint32
	for _, near := range frontier {
		list := w.arcs.of(w.met[near].number)
		before, n := len(nearest), 0
		for i := range list {
			a := &list[i]
			if a.strength == strength && w.holds(a) && (len(nearest)-before <= room || a.far > w.inOrder.parties) {
				ahead[n] = a.far
				n++
			}
			if n == atOnce || i == len(list)-1 {
				nearest = w.reach(nearest, ahead[:n], hop, strength)
				n = 0
			}
		}
	}
	return nearest
}

// atOnce is how many parties are looked at together: in whose hands they are lies far apart in memory, and is fetched side by side.
const atOnce = 32

// reach adds those of some parties that are seen, not listed, and reached by nothing stronger.
func (w *walk) reach(nearest []int32, parties []uint32, hop int8, strength uint8) []int32 {
	var hands [atOnce]uint32
	for i, number := range parties {
		hands[i] = w.hands.at(number)
	}
	for i, number := range parties {
		if !w.seesIn(number, hands[i]) {
			continue
		}
		place, at := w.place(number)
		if at < 0 {
			at = w.take(place, party{number: number, seen: true})
		}
		if p := &w.met[at]; !p.listed && p.reached != hop {
			p.reached, p.strength = hop, strength
			nearest = append(nearest, at)
		}
	}
	return nearest
}

// nearer orders parties of one hop: the stronger first, then by id.
func (w *walk) nearer(a, b int32) int {
	p, q := &w.met[a], &w.met[b]
	if p.strength != q.strength {
		return int(q.strength) - int(p.strength)
	}
	return w.compare(p.number, q.number)
}

// smallest gives those that come first, so many, in no order.
func (w *walk) smallest(list []int32, n int) []int32 {
	for rest, left := list, n; left > 0 && left < len(rest); {
		if middle := w.part(rest); middle < left {
			rest, left = rest[middle+1:], left-middle-1
		} else {
			rest = rest[:middle]
		}
	}
	return list[:n]
}

// part moves what comes before one of the list before it, and gives its place.
func (w *walk) part(list []int32) int {
	last, place := len(list)-1, 0
	list[len(list)/2], list[last] = list[last], list[len(list)/2]
	for i := range last {
		if w.nearer(list[i], list[last]) < 0 {
			list[i], list[place] = list[place], list[i]
			place++
		}
	}
	list[place], list[last] = list[last], list[place]
	return place
}

// inner is a relationship between two parties that are listed.
type inner struct {
	edge, a, b uint32
	kind       uint16
	strength   uint8
}

// between lists the relationships between the parties that are listed, by their ids.
func (w *walk) between(listed []int32) []Edge {
	w.inner = w.inner[:0]
	var perhaps [1 << 10]uint64 // a bit for each party listed, which few others have too
	for _, near := range listed {
		number := w.met[near].number
		perhaps[number>>6%uint32(len(perhaps))] |= 1 << (number & 63)
	}
	for _, near := range listed {
		number := w.met[near].number
		list := w.arcs.of(number)
		for i := range list {
			a := &list[i]
			if !a.isA || perhaps[a.far>>6%uint32(len(perhaps))]&(1<<(a.far&63)) == 0 || !w.holds(a) {
				continue
			}
			if _, at := w.place(a.far); at >= 0 && w.met[at].listed {
				w.inner = append(w.inner, inner{a.edge, number, a.far, a.kind, a.strength})
			}
		}
	}
	slices.SortFunc(w.inner, func(a, b inner) int { return w.compareEdges(a.edge, b.edge) })
	edges, parties, relationships := make([]Edge, len(w.inner)), w.parties.All(), w.edges.All()
	for i, one := range w.inner {
		edges[i] = Edge{relationships[one.edge], parties[one.a], parties[one.b], &w.types[one.kind], strengthOf(one.strength)}
	}
	return edges
}

func strengthOf(known uint8) *int {
	if known == 0 {
		return nil
	}
	strength := int(known)
	return &strength
}
