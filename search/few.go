package search

import "slices"

// usual says from how many rows on what is worth its room.
type usual struct {
	sieved int // a sieve
	rows   int // lists of rows by whose they are
	share  int // who sees at most one row in so many is answered from these lists
}

var usually = usual{sieved: 2_000, rows: 20_000, share: 24}

// listing lists rows by a number that they have.
type listing struct {
	at   []uint32 // where the rows of each number begin, and where the last ones end
	rows []uint32
}

// listingOf lists rows by the numbers of each.
func listingOf(rows int, numbers func(row int) []uint32) listing {
	var l listing
	for row := range rows {
		for _, n := range numbers(row) {
			for len(l.at) < int(n)+2 {
				l.at = append(l.at, 0)
			}
			l.at[n+1]++
		}
	}
	for n := 1; n < len(l.at); n++ {
		l.at[n] += l.at[n-1]
	}
	if len(l.at) == 0 {
		return l
	}
	next := append([]uint32(nil), l.at...)
	l.rows = make([]uint32, l.at[len(l.at)-1])
	for row := range rows {
		for _, n := range numbers(row) {
			l.rows[next[n]] = uint32(row)
			next[n]++
		}
	}
	return l
}

// of gives the rows of a number, in their order.
func (l *listing) of(n uint32) []uint32 {
	if int(n)+1 >= len(l.at) {
		return nil
	}
	return l.rows[l.at[n]:l.at[n+1]]
}

func (l *listing) bytes() int { return 4 * (cap(l.at) + cap(l.rows)) }

// choose decides, once, which way what is found by name is found. Who sees few of many rows is answered from these: how many are in
// the hands that he may reach into is known without looking at any. Everyone else is answered from all rows that match: to look for
// them is quicker than to look at each of his.
func (l *looker) choose() {
	if l.chosen {
		return
	}
	l.chosen = true
	if l.len() < l.few.rows || !l.sight.narrow {
		return
	}
	if most := l.len() / l.few.share; l.sum(most) <= most {
		l.scarce = true
		l.find(l.mine())
	}
}

// ofMine gives the first rows of a rank from one row on, of those that have been found.
func (l *looker) ofMine(rank, from, most int) []int {
	at, _ := slices.BinarySearch(l.found[rank], from)
	return l.found[rank][at:min(at+most, len(l.found[rank]))]
}

// sum counts the rows that the viewer may see, some perhaps twice, or tells more than the most when there are.
func (l *looker) sum(most int) (rows int) {
	eachBit(l.beside, 0, func(int) bool { rows++; return rows <= most })
	eachBit(l.opened, 0, func(n int) bool { rows += len(l.byCustomer.of(uint32(n))); return rows <= most })
	for _, list := range l.sight.within {
		for _, hand := range list {
			if rows += len(l.byHand.of(hand)); rows > most {
				return rows
			}
		}
	}
	return rows
}

// mine gives the rows that the viewer may see, as bits.
func (l *looker) mine() []uint64 {
	set := make([]uint64, (l.len()+63)/64)
	add := func(rows []uint32) {
		for _, row := range rows {
			set[row/64] |= 1 << (row % 64)
		}
	}
	for _, list := range l.sight.within {
		for _, hand := range list {
			if rows := l.byHand.of(hand); len(rows) > 0 && l.sight.of(hand)&seen != 0 {
				add(rows)
			}
		}
	}
	eachBit(l.opened, 0, func(n int) bool { add(l.byCustomer.of(uint32(n))); return true })
	for w, word := range l.beside {
		set[w] |= word
	}
	for w, word := range l.dead {
		set[w] &^= word
	}
	return set
}

// find finds by name among some rows.
func (l *looker) find(set []uint64) {
	for _, p := range l.pieces {
		l.sieve.sift(set, p.text)
	}
	eachBit(set, 0, func(row int) bool {
		if l.hasAll(row, l.wanted, -1) {
			rank := l.rank(row, l.wanted)
			l.found[rank] = append(l.found[rank], row)
		}
		return true
	})
}
