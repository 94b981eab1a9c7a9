package search

import "math/bits"

// sieve tells which rows need not be looked at for a needle: of each 32 rows it keeps which three bytes stand side by side in
// them, roughly.
type sieve struct {
	slices [sieveSlices][]uint64 // of each threesome, by its hash, bits by 32 rows
}

const (
	sieveSlices = 4096
	sieveRows   = 32
)

func newSieve(rows int) *sieve {
	s, words := &sieve{}, (rows/sieveRows+1+63)/64
	all := make([]uint64, words*sieveSlices)
	for i := range s.slices {
		s.slices[i] = all[i*words : (i+1)*words : (i+1)*words]
	}
	return s
}

func threesome(a, b, c byte) uint32 {
	return (uint32(a)<<16 | uint32(b)<<8 | uint32(c)) * 0x9E3779B1 >> 20
}

// add takes note of a row's text.
func (s *sieve) add(row int, text []byte) {
	block := row / sieveRows
	for i := 2; i < len(text); i++ {
		s.slices[threesome(text[i-2], text[i-1], text[i])][block/64] |= 1 << (block % 64)
	}
}

// blocks gives the blocks of rows in which a needle may be, as bits; nil for all, when it is short.
func (s *sieve) blocks(needle []byte) []uint64 {
	if s == nil || len(needle) < 3 {
		return nil
	}
	var left []uint64
	for i := 2; i < len(needle); i++ {
		slice := s.slices[threesome(needle[i-2], needle[i-1], needle[i])]
		if left == nil {
			left = append(left, slice...)
			continue
		}
		for w := range left {
			left[w] &= slice[w]
		}
	}
	return left
}

// spans hands over the rows of the blocks that are left, from one row to another, neighbours together, until it is told to end.
func spans(left []uint64, from, to int, each func(from, to int) bool) {
	if left == nil {
		each(from, to)
		return
	}
	begin := -1
	for block := from / sieveRows; block <= (to-1)/sieveRows; block++ {
		if word := left[block/64] >> (block % 64); word&1 == 0 {
			if begin >= 0 && !each(max(from, begin*sieveRows), block*sieveRows) {
				return
			}
			begin = -1
			if word == 0 {
				block |= 63
			} else {
				block += bits.TrailingZeros64(word) - 1
			}
		} else if begin < 0 {
			begin = block
		}
	}
	if begin >= 0 {
		each(max(from, begin*sieveRows), to)
	}
}

// sift takes rows, given as bits, out of a set in which a needle cannot be.
func (s *sieve) sift(set []uint64, needle []byte) {
	for block, left := 0, s.blocks(needle); left != nil && block/2 < len(set); block++ {
		if left[block/64]>>(block%64)&1 == 0 {
			set[block/2] &^= (1<<sieveRows - 1) << (block % 2 * sieveRows)
		}
	}
}

func (s *sieve) bytes() int {
	if s == nil {
		return 0
	}
	return sieveSlices * (len(s.slices[0])*8 + 24)
}
