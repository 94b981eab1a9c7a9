package search

import (
	"bytes"
	"math/bits"
	"slices"

	"github.com/google/uuid"

	"guanxi/models"
)

// wanted is what somebody typed, as it is looked for in memory.
type wanted struct {
	pieces   []wantedPiece
	driver   int    // the piece that is looked for first
	typed    []byte // all of it, without spaces
	squeezed []byte // without separators
	plain    bool   // it is one piece, and nothing else
	phone    string
	near     []nearPiece // those that may have been typed wrong
}

type wantedPiece struct {
	text []byte
	term []byte // as it stands among terms; nil when it is longer than terms are
}

// want prepares a query.
func want(q Query) *wanted {
	w := &wanted{typed: []byte(q.typed()), phone: q.Phone}
	w.squeezed = squeezeBytes(nil, w.typed)
	w.plain = len(q.pieces) == 1 && q.pieces[0] == string(w.typed)
	for i, piece := range q.pieces {
		p := wantedPiece{text: []byte(piece)}
		if isShort(piece) {
			p.term = append(append([]byte{sign}, piece...), sign)
		}
		w.pieces = append(w.pieces, p)
		if first := w.pieces[w.driver]; (first.term != nil) == (p.term != nil) && len(p.text) > len(first.text) || first.term != nil && p.term == nil {
			w.driver = i
		}
	}
	w.near = nearPieces(q.pieces)
	return w
}

// has tells whether a piece is in what a row is found by.
func (s *segment) has(row int, p wantedPiece) bool {
	switch {
	case bytes.Contains(s.name.of(row), p.text):
		return true
	case p.term != nil:
		return bytes.Contains(s.terms.of(row), p.term)
	}
	return bytes.Contains(s.tight.of(row), p.text) || bytes.Contains(s.more.of(row), p.text)
}

// hasAll tells whether all pieces are, one perhaps left out.
func (s *segment) hasAll(row int, w *wanted, but int) bool {
	for i, p := range w.pieces {
		if i != but && !s.has(row, p) {
			return false
		}
	}
	return true
}

// rank tells how directly a row's name answers, as finder.rank has it in SQL.
func (s *segment) rank(row int, w *wanted) int {
	name := s.name.line(row)
	if bytes.IndexByte(name, ' ') >= 0 {
		name = bytes.ReplaceAll(name, []byte{' '}, nil)
	}
	switch {
	case bytes.Equal(name, w.typed):
		return 0
	case bytes.HasPrefix(name, w.typed):
		return 1
	case bytes.Contains(name, w.typed):
		return 2
	}
	return 3
}

// looker looks for one query in one part, for a viewer.
type looker struct {
	part
	*wanted
	sight  *sight
	beside []uint64 // rows that may be seen whoever's they are, as bits; nil for none
	opened []uint64 // customers with which what belongs to them may be seen, as bits by number; nil for none

	few    usual
	chosen bool           // it is known whether the viewer sees few rows
	scarce bool           // he does: what is found by name is found already
	found  [byPhone][]int // by rank

	nearBy [mostErrors][]uint64 // rows that have what was typed with so many errors, as bits; made when first asked for
}

// sees tells whether the viewer may see a row.
func (l *looker) sees(row int) bool {
	return !l.isDead(row) && (l.sight.of(l.hands[row])&seen != 0 || l.seesBesides(row))
}

// seesBesides tells whether a row may be seen whoever's it is.
func (l *looker) seesBesides(row int) bool {
	return l.beside != nil && isSet(l.beside, uint32(row)) || l.opened != nil && l.opens(row)
}

func isSet(bits []uint64, n uint32) bool { return int(n/64) < len(bits) && bits[n/64]>>(n%64)&1 == 1 }

// opens tells whether a customer that a row belongs to opens it.
func (l *looker) opens(row int) bool {
	n := l.customer[row]
	if n != several {
		return isSet(l.opened, n)
	}
	return slices.ContainsFunc(l.customers[uint32(row)], func(n uint32) bool { return isSet(l.opened, n) })
}

// best gives the first rows of a rank from one row on, at most so many.
func (l *looker) best(rank, from, most int) []int {
	var rows []int
	take := func(row int) bool {
		if l.answers(row, rank) {
			rows = append(rows, row)
		}
		return len(rows) < most
	}
	switch {
	case from >= l.len() || most == 0:
	case rank < byPhone && l.scarce:
		return l.ofMine(rank, from, most)
	case rank == 0:
		low := headKey(l.typed)
		l.among(&l.heads, low, low, from, take)
	case rank == 1:
		low := headKey(l.typed)
		l.among(&l.heads, low, low|keyTail(len(l.typed), 8), from, take)
	case rank == byPhone:
		if l.phone != "" && l.sight.rule != "" {
			low := endKey([]byte(l.phone))
			l.among(&l.phones, low, low|keyTail(len(l.phone), 4), from, take)
		}
	case rank > byPhone:
		l.similar(rank, from, take)
	default:
		l.scan(rank, from, take)
	}
	return rows
}

// keyTail gives the bits of a key behind so many places of some bits each.
func keyTail(places, bits int) uint64 {
	if places*bits >= 64 {
		return 0
	}
	return 1<<(64-places*bits) - 1
}

// answers tells whether a row is of a rank, and may be seen.
func (l *looker) answers(row, rank int) bool {
	switch {
	case !l.sees(row):
		return false
	case rank == byPhone:
		return l.sight.calls(l.hands[row]) && !l.hasAll(row, l.wanted, -1)
	case rank > byPhone:
		return !l.hasAll(row, l.wanted, -1)
	}
	return l.hasAll(row, l.wanted, -1) && l.rank(row, l.wanted) == rank
}

// among hands over the rows of a stretch of an index in their order, until it is told to end.
func (l *looker) among(x *index, low, high uint64, from int, take func(row int) bool) {
	first, last := x.within(low, high)
	set := make([]uint64, (l.len()+63)/64)
	for _, row := range x.rows[first:last] {
		set[row/64] |= 1 << (row % 64)
	}
	eachBit(set, from, take)
}

// eachBit hands over the bits of a set from one on, until it is told to end.
func eachBit(set []uint64, from int, take func(n int) bool) bool {
	for w := from / 64; w < len(set); w++ {
		word := set[w]
		if w == from/64 {
			word &= ^uint64(0) << (from % 64)
		}
		for ; word != 0; word &= word - 1 {
			if !take(w*64 + bits.TrailingZeros64(word)) {
				return false
			}
		}
	}
	return true
}

// source is a text to look through for a needle.
type source struct {
	*arena
	needle []byte
	rare   int
	blocks []uint64 // see sieve
}

func (l *looker) source(a *arena, needle []byte, sieved bool) source {
	s := source{arena: a, needle: needle, rare: a.rarest(needle)}
	if sieved {
		s.blocks = l.sieve.blocks(needle)
	}
	return s
}

// sources are where rows of a rank are looked for: those of rank 2 in names, those of rank 3 in what else there is, and in names
// where more than one piece was typed.
func (l *looker) sources(rank int) []source {
	if rank == 2 {
		return []source{l.source(&l.name, l.squeezed, true), l.source(&l.tight, l.squeezed, true)}
	}
	p := l.pieces[l.driver]
	var list []source
	if !l.plain {
		list = append(list, l.source(&l.name, p.text, true))
	}
	if p.term != nil {
		terms := l.source(&l.terms, p.term, false)
		terms.blocks = l.sieve.blocks(p.text)
		return append(list, terms)
	}
	return append(list, l.source(&l.tight, p.text, true), l.source(&l.more, p.text, true))
}

// scannedAtOnce is how many rows are looked through before those that were found are handed over.
const scannedAtOnce = 4096

// scan goes through the texts in the order of rows, and ends as soon as it is told to.
func (l *looker) scan(rank, from int, take func(row int) bool) {
	sources, set := l.sources(rank), make([]uint64, scannedAtOnce/64)
	for base := from &^ (scannedAtOnce - 1); base < l.len(); base += scannedAtOnce {
		clear(set)
		for _, s := range sources {
			spans(s.blocks, max(base, from), min(base+scannedAtOnce, l.len()), func(first, behind int) bool {
				s.each(s.needle, s.rare, first, behind, func(row int) { set[(row-base)/64] |= 1 << (row % 64) })
				return true
			})
		}
		if !eachBit(set, 0, func(n int) bool { return take(base + n) }) {
			return
		}
	}
}

// mark takes note of records that may be seen whoever's they are.
func (l *looker) mark(ids []uuid.UUID) {
	for _, id := range ids {
		if models.KindOf(id) != l.sight.kind.Code {
			continue
		}
		if row, has := l.row(id); has {
			if l.beside == nil {
				l.beside = make([]uint64, (l.len()+63)/64)
			}
			l.beside[row/64] |= 1 << (row % 64)
		}
	}
}
