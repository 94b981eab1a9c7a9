package adjacency

import (
	"cmp"
	"slices"
)

// arc is a relationship as it leads from one of its ends to the other.
type arc struct {
	far, edge   uint32
	from, until int32 // days, as PostgreSQL counts them; it holds from the first to the day before the second
	kind        uint16
	strength    uint8 // 0 when unknown
	isA         bool  // whether it leads from a to b
}

const arcBytes = 20

// block holds the arcs of perPage parties, one after the other, each party's by the number of the other end.
type block struct {
	first [perPage + 1]uint32
	arcs  []arc
}

// blocks hold the arcs of all parties. Like pages they are not changed.
type blocks []*block

// of lists the arcs of a party.
func (b blocks) of(party uint32) []arc {
	at := party / perPage
	if at >= uint32(len(b)) {
		return nil
	}
	one, i := b[at], party%perPage
	return one.arcs[one.first[i]:one.first[i+1]]
}

// with gives the blocks less some edges of some parties, and with other arcs of theirs.
func (b blocks) with(less map[uint32]map[uint32]bool, more map[uint32][]arc) blocks {
	next, touched := slices.Clone(b), map[uint32]bool{}
	for party := range less {
		touched[party/perPage] = true
	}
	for party := range more {
		touched[party/perPage] = true
	}
	for at := range touched {
		for at >= uint32(len(next)) {
			next = append(next, &block{})
		}
		next[at] = next[at].with(at*perPage, less, more)
	}
	return next
}

// with gives the block whose first party is known less and with some arcs.
func (b *block) with(first uint32, less map[uint32]map[uint32]bool, more map[uint32][]arc) *block {
	next := &block{arcs: make([]arc, 0, len(b.arcs)+1)}
	for i := range uint32(perPage) {
		began, gone := len(next.arcs), less[first+i]
		for _, a := range b.arcs[b.first[i]:b.first[i+1]] {
			if !gone[a.edge] {
				next.arcs = append(next.arcs, a)
			}
		}
		if added := more[first+i]; len(added) > 0 {
			next.arcs = append(next.arcs, added...)
			sortArcs(next.arcs[began:])
		}
		next.first[i+1] = uint32(len(next.arcs))
	}
	return next
}

func sortArcs(list []arc) {
	slices.SortFunc(list, func(a, b arc) int { return cmp.Compare(a.far, b.far) })
}

// edge is a relationship between its two ends.
type edge struct {
	a, b        uint32
	from, until int32
	kind        uint16
	strength    uint8
}

// arcs gives the edge as it leads from each of its ends.
func (e edge) arcs(number uint32) (fromA, fromB arc) {
	fromA = arc{e.b, number, e.from, e.until, e.kind, e.strength, true}
	fromB = arc{e.a, number, e.from, e.until, e.kind, e.strength, false}
	return fromA, fromB
}

// blocksOf puts edges, by their numbers, into the blocks of so many parties.
func blocksOf(edges []edge, parties int) blocks {
	counts := make([]uint32, (parties/perPage+1)*perPage)
	for _, e := range edges {
		if e.a != 0 {
			counts[e.a]++
			counts[e.b]++
		}
	}
	list := make(blocks, len(counts)/perPage)
	for at := range list {
		b := &block{}
		for i, n := range counts[at*perPage : (at+1)*perPage] {
			b.first[i+1] = b.first[i] + n
		}
		b.arcs = make([]arc, b.first[perPage])
		copy(counts[at*perPage:], b.first[:perPage]) // where the next arc of each party goes
		list[at] = b
	}
	put := func(party uint32, a arc) {
		list[party/perPage].arcs[counts[party]] = a
		counts[party]++
	}
	for number, e := range edges {
		if e.a != 0 {
			a, b := e.arcs(uint32(number))
			put(e.a, a)
			put(e.b, b)
		}
	}
	for _, b := range list {
		for i := range perPage {
			sortArcs(b.arcs[b.first[i]:b.first[i+1]])
		}
	}
	return list
}
