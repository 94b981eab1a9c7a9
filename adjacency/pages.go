package adjacency

import "slices"

// perPage is how many values are copied when one of them changes.
const perPage = 1024

// pages hold a value for each number. They are not changed: what differs in a few numbers shares the other pages.
type pages[T any] []*[perPage]T

func (p pages[T]) at(n uint32) (value T) {
	if at := n / perPage; at < uint32(len(p)) {
		return p[at][n%perPage]
	}
	return value
}

// with gives the pages with other values in some places.
func (p pages[T]) with(values map[uint32]T) pages[T] {
	if len(values) == 0 {
		return p
	}
	next, own := slices.Clone(p), map[uint32]bool{}
	for n, value := range values {
		at := n / perPage
		for at >= uint32(len(next)) {
			own[uint32(len(next))] = true
			next = append(next, new([perPage]T))
		}
		if !own[at] {
			page := *next[at]
			next[at], own[at] = &page, true
		}
		next[at][n%perPage] = value
	}
	return next
}

// paged puts a list into pages.
func paged[T any](list []T) pages[T] {
	p := make(pages[T], 0, len(list)/perPage+1)
	for rest := range slices.Chunk(list, perPage) {
		page := new([perPage]T)
		copy(page[:], rest)
		p = append(p, page)
	}
	return p
}
