package search

import (
	"bytes"
	"slices"
	"sort"
)

// arena holds one piece of text of each row, one after the other. A piece that is not empty ends with a line break.
type arena struct {
	text  []byte
	at    []uint32 // where each row's piece begins, and where the last one ends
	often [256]int // how often each byte occurs
}

func newArena(rows, bytes int) arena {
	return arena{text: make([]byte, 0, bytes), at: append(make([]uint32, 0, rows+1), 0)}
}

// add gives the next row its piece.
func (a *arena) add(piece []byte) {
	a.text = append(a.text, piece...)
	if len(piece) > 0 {
		a.text = append(a.text, '\n')
	}
	a.at = append(a.at, uint32(len(a.text)))
}

// of gives a row's piece with its line break.
func (a *arena) of(row int) []byte { return a.text[a.at[row]:a.at[row+1]] }

// line gives a row's piece without its line break.
func (a *arena) line(row int) []byte { return bytes.TrimSuffix(a.of(row), []byte{'\n'}) }

func (a *arena) finish() {
	a.text = slices.Clip(a.text)
	for _, b := range a.text {
		a.often[b]++
	}
}

func (a *arena) bytes() int { return cap(a.text) + 4*cap(a.at) }

// rarest gives the place in a needle of the byte that occurs least: what is looked for first.
func (a *arena) rarest(needle []byte) int {
	best := 0
	for i, b := range needle {
		if a.often[b] < a.often[needle[best]] {
			best = i
		}
	}
	return best
}

// each hands over the rows from one to another, that one left out, in whose text a needle is; rare is the needle's rarest byte.
func (a *arena) each(needle []byte, rare, from, to int, found func(row int)) {
	if a.often[needle[rare]] > len(a.text)/frequent {
		a.eachWhole(needle, from, to, found)
		return
	}
	text, row := a.text[:a.at[to]], from
	for i := int(a.at[from]) + rare; i < len(text); {
		next := bytes.IndexByte(text[i:], needle[rare])
		if next < 0 {
			return
		}
		i += next
		start := i - rare
		if !bytes.HasPrefix(text[start:], needle) || start < int(a.at[row]) {
			i++
			continue
		}
		row = a.rowOf(start, row, to)
		found(row)
		row++
		i = int(a.at[row]) + rare
	}
}

// frequent is one of how many bytes must be another for that one to be looked for first.
const frequent = 64

// eachWhole looks for all of the needle at once, which is faster where also its rarest byte is frequent.
func (a *arena) eachWhole(needle []byte, from, to int, found func(row int)) {
	text := a.text[:a.at[to]]
	for row := from; row < to; row++ {
		next := bytes.Index(text[a.at[row]:], needle)
		if next < 0 {
			return
		}
		row = a.rowOf(int(a.at[row])+next, row, to)
		found(row)
	}
}

// rowOf gives the row to which a byte belongs, among those from one to another.
func (a *arena) rowOf(byte, from, to int) int {
	step := 1
	for from+step < to && int(a.at[from+step]) <= byte {
		step *= 2
	}
	low, high := from+step/2, min(from+step, to)
	return low + sort.Search(high-low, func(n int) bool { return int(a.at[low+n+1]) > byte })
}
