package adjacency

import "slices"

// step is the beginning of a chain to the end, and what follows it.
type step struct {
	far       int32 // the place in met of the party that it leads to
	edge      uint32
	kind      uint16
	isA       bool
	strength  uint8
	strengths int32 // of this and all that follow, added up
	rest      int32 // among the steps, last at the end
}

const last = -1

// strongest gives the best chains from a party to the other, among those that are marked.
func (s *search) strongest(from, to int32, first int) [][]Link {
	s.met[to].best, s.met[to].chains = last, 1
	s.follow(from, first)
	ids, relationships := s.parties.All(), s.edges.All()
	found := make([][]Link, s.met[from].chains)
	for i := range found {
		for at := s.met[from].best + int32(i); at != last; at = s.steps[at].rest {
			one := s.steps[at]
			found[i] = append(found[i], Link{ids[s.met[one.far].number], relationships[one.edge], &s.types[one.kind], one.isA, strengthOf(one.strength)})
		}
	}
	return found
}

// follow finds the best chains from a party to the end: its relationships to the next parties of a chain, each with the best chains
// of those.
func (s *search) follow(near int32, first int) {
	if s.met[near].chains > 0 {
		return
	}
	list := s.arcs.of(s.met[near].number)
	for next := range s.next(near, list) {
		s.follow(next.far, first)
	}
	begin := len(s.steps)
	for next := range s.next(near, list) {
		rest, chains := s.met[next.far].best, s.met[next.far].chains
		for i := range chains {
			one := next
			one.rest = rest + i
			if one.rest != last {
				one.strengths += s.steps[one.rest].strengths
			}
			s.keep(begin, one, first)
		}
	}
	s.met[near].best, s.met[near].chains = int32(begin), int32(len(s.steps)-begin)
}

// next gives for each party that comes after one in a chain the strongest relationship to it, the one with the least id among equals.
func (s *search) next(near int32, list []arc) func(yield func(step) bool) {
	place := s.met[near].at + 1
	return func(yield func(step) bool) {
		for i := 0; i < len(list); {
			best, far := -1, list[i].far
			for ; i < len(list) && list[i].far == far; i++ {
				if s.leads(&list[i]) && (best < 0 || s.stronger(&list[i], &list[best])) {
					best = i
				}
			}
			if best < 0 {
				continue
			}
			if _, at := s.place(far); at >= 0 && s.met[at].at == place {
				a := &list[best]
				if !yield(step{far: at, edge: a.edge, kind: a.kind, isA: a.isA, strength: a.strength, strengths: int32(a.strength)}) {
					return
				}
			}
		}
	}
}

func (s *search) stronger(a, b *arc) bool {
	return a.strength > b.strength || a.strength == b.strength && s.compareEdges(a.edge, b.edge) < 0
}

// keep puts a chain among the best of its party, which are the steps from a place on.
func (s *search) keep(begin int, one step, first int) {
	at := len(s.steps)
	for at > begin && s.better(&one, &s.steps[at-1]) {
		at--
	}
	if at-begin >= first {
		return
	}
	s.steps = slices.Insert(s.steps, at, one)
	s.steps = s.steps[:min(len(s.steps), begin+first)]
}

// better tells whether one chain comes before another of its length: the greater strengths first, then by the ids of their parties in
// order.
func (s *search) better(a, b *step) bool {
	if a.strengths != b.strengths {
		return a.strengths > b.strengths
	}
	for {
		if order := s.compare(s.met[a.far].number, s.met[b.far].number); order != 0 {
			return order < 0
		}
		if a.rest == last || b.rest == last {
			return false
		}
		a, b = &s.steps[a.rest], &s.steps[b.rest]
	}
}
