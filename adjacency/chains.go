package adjacency

import (
	"errors"

	"github.com/google/uuid"
)

// ErrWide is the answer when more was looked at in vain than one search may.
var ErrWide = errors.New("the net between the two is too wide to search")

// Bounds are how much one search for chains may look at: parties, and pairs of parties at one step.
type Bounds struct{ Parties, Links int }

// Link leads from one party of a chain to the next.
type Link struct {
	Party, Relationship uuid.UUID
	Type                *Type
	FromA               bool // whether it leads from a to b
	Strength            *int
}

// Chains gives the shortest chains between two parties, of at most some hops and at most so many, over relationships that introduce:
// those of the greatest strengths together first, then by the ids of their parties.
func (v *View) Chains(from, to uuid.UUID, hops, first int, most Bounds) ([][]Link, error) {
	w := v.walk()
	defer w.done()
	s := &search{walk: w, most: most, looked: 2}
	for i, id := range []uuid.UUID{from, to} {
		number := v.parties.Find(id)
		if number == 0 {
			number = nobody - uint32(i)
		}
		at := w.meet(number)
		w.met[at].hops[i] = 1
		s.frontier[i] = append(w.lists[i][:0], at)
	}
	here, there := s.frontier[0][0], s.frontier[1][0]
	defer func() { w.lists[0], w.lists[1] = s.frontier[0], s.frontier[1] }()
	for range hops {
		met, err := s.step()
		if err != nil {
			return nil, err
		}
		if met {
			s.mark()
			return s.strongest(here, there, first), nil
		}
	}
	return nil, nil
}

// nobody is a number that no party has.
const nobody = 1<<32 - 1

// search is a search from both ends.
type search struct {
	*walk
	most     Bounds
	frontier [2][]int32 // the parties furthest from each end
	gone     [2]int8    // hops from each end
	looked   int        // parties reached from either end
}

// step goes one hop further from the end with fewer parties at its frontier, and tells whether the two sides meet.
func (s *search) step() (met bool, err error) {
	side := 0
	if len(s.frontier[1]) < len(s.frontier[0]) {
		side = 1
	}
	further, links := s.lists[2][:0], 0
	s.gone[side]++
	for _, near := range s.frontier[side] {
		if !s.met[near].seen || !s.sight.walks {
			continue
		}
		last := uint32(0)
		list := s.arcs.of(s.met[near].number)
		for i := range list {
			a := &list[i]
			if !s.leads(a) {
				continue
			}
			at := s.meet(a.far)
			p := &s.met[at]
			if !p.seen {
				continue
			}
			if a.far != last {
				last = a.far
				links++
			}
			if p.hops[side] == 0 {
				p.hops[side] = s.gone[side] + 1
				met = met || p.hops[1-side] != 0
				further = append(further, at)
			}
		}
	}
	s.lists[2], s.frontier[side] = s.frontier[side], further
	if s.looked += len(further); links > s.most.Links || s.looked > s.most.Parties {
		return false, ErrWide
	}
	return met, nil
}

// leads tells whether a chain may go over the relationship today.
func (s *search) leads(a *arc) bool { return s.types[a.kind].introduces && s.holds(a) }

// mark gives each party on one of the shortest chains its place in them.
func (s *search) mark() {
	middle := s.lists[2][:0]
	for _, at := range s.frontier[0] {
		if s.met[at].hops[1] != 0 {
			s.met[at].at = s.gone[0] + 1
			middle = append(middle, at)
		}
	}
	s.lists[2] = middle
	for side := range 2 {
		layer := middle
		for left := s.gone[side]; left > 0; left-- {
			layer = s.towards(layer, side, left)
		}
	}
}

// towards marks the parties one hop nearer to an end, and lists them.
func (s *search) towards(layer []int32, side int, hops int8) []int32 {
	var nearer []int32
	for _, near := range layer {
		list := s.arcs.of(s.met[near].number)
		for i := range list {
			a := &list[i]
			if !s.leads(a) {
				continue
			}
			_, at := s.place(a.far)
			if at < 0 || s.met[at].hops[side] != hops || s.met[at].at != 0 {
				continue
			}
			s.met[at].at = s.met[near].at + int8(2*side-1)
			nearer = append(nearer, at)
		}
	}
	return nearer
}
