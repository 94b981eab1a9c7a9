package search

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/google/uuid"

	"guanxi/internal/numbers"
)

// segment holds the names of records of one kind, the shortest first, those of one length by id. Once filled it is not changed.
type segment struct {
	ids   []uuid.UUID
	hands []uint32 // whose they are, see hands

	customer  []uint32            // that they belong to, 0 for none, several for more than one
	customers map[uint32][]uint32 // all of them, of those that belong to several

	name  arena // in normal form, words apart
	tight arena // the same without separators, where that is another
	more  arena // what else is found by pieces of three characters or more
	terms arena // what is found by shorter pieces that do not stand in the name, each between two signs

	heads   index    // by the beginning of the name without spaces
	phones  index    // by the last digits of phone numbers
	starts  index    // by the beginning of words and of pinyin, for what is typed wrong
	behinds []uint64 // the next letters of each of these
	sieve   *sieve
	places  []uint32 // open addressing by id

	byHand     listing // of many rows, those in whose hands they are
	byCustomer listing
}

// index finds rows by the first bytes of something.
type index struct {
	keys []uint64
	rows []uint32
}

type entry struct {
	key, behind uint64
	row         uint32
}

// indexOf makes an index, and tells what is behind the keys of its entries.
func indexOf(entries []entry) (index, []uint64) {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.behind, b.behind), cmp.Compare(a.row, b.row))
	})
	entries = slices.Compact(entries)
	x, behinds := index{keys: make([]uint64, len(entries)), rows: make([]uint32, len(entries))}, make([]uint64, len(entries))
	for i, e := range entries {
		x.keys[i], x.rows[i], behinds[i] = e.key, e.row, e.behind
	}
	return x, behinds
}

// within gives where the keys from one to another are, both included.
func (x *index) within(low, high uint64) (from, to int) {
	from = sort.Search(len(x.keys), func(i int) bool { return x.keys[i] >= low })
	return from, from + sort.Search(len(x.keys)-from, func(i int) bool { return x.keys[from+i] > high })
}

// record is what a record is found by, as it is read.
type record struct {
	id     uuid.UUID
	hand   uint32
	text   []byte   // search_text
	terms  [][]byte // search_terms
	phones [][]byte // phone_terms

	customers []uint32 // their numbers
}

// filling is a segment under construction, to which rows are added in order.
type filling struct {
	*segment
	few            usual
	last           int // the length of the name of the last row
	ends           []entry
	squeezed, kept []byte
}

func newFilling(rows int, few usual) *filling {
	return &filling{few: few, segment: &segment{
		ids: make([]uuid.UUID, 0, rows), hands: make([]uint32, 0, rows), customer: make([]uint32, 0, rows), customers: map[uint32][]uint32{},
		name: newArena(rows, rows*24), tight: newArena(rows, rows*8), more: newArena(rows, rows*24), terms: newArena(rows, rows*16),
	}}
}

// mostText is how long a text may be.
const mostText = 1<<32 - 1<<24

// add takes a record behind those before. It tells whether there was room.
func (f *filling) add(r *record) bool {
	name, more, _ := bytes.Cut(r.text, []byte{'\n'})
	f.squeezed = squeezeBytes(f.squeezed[:0], name)
	if bytes.Equal(f.squeezed, name) {
		f.squeezed = f.squeezed[:0]
	} else if rest, is := bytes.CutPrefix(more, f.squeezed); is && (len(rest) == 0 || rest[0] == '\n') {
		more = bytes.TrimPrefix(rest, []byte{'\n'})
	}
	f.kept = f.kept[:0]
	for _, term := range r.terms {
		if utf8.RuneCount(term) <= 2 && !bytes.Contains(name, term) {
			f.kept = append(append(f.kept, sign), term...)
		}
	}
	if len(f.kept) > 0 {
		f.kept = append(f.kept, sign)
	}
	for _, phone := range longest(r.phones) {
		f.ends = append(f.ends, entry{key: endKey(phone), row: uint32(len(f.ids))})
	}
	f.place(r.id, r.hand, name, f.squeezed, more, f.kept, r.customers)
	return len(f.more.text) < mostText && len(f.terms.text) < mostText && len(f.name.text) < mostText
}

// sign stands around each term.
const sign = 1

// several stands for the customers of a row that belongs to more than one.
const several = 1 << 31

func (f *filling) place(id uuid.UUID, hand uint32, name, tight, more, terms []byte, customers []uint32) {
	switch len(customers) {
	case 0:
		f.customer = append(f.customer, 0)
	case 1:
		f.customer = append(f.customer, customers[0])
	default:
		f.customer = append(f.customer, several)
		f.customers[uint32(len(f.ids))] = slices.Clone(customers)
	}
	f.ids, f.hands = append(f.ids, id), append(f.hands, hand)
	f.name.add(name)
	f.tight.add(tight)
	f.more.add(more)
	f.terms.add(terms)
}

// squeezeBytes appends only the characters that count.
func squeezeBytes(to, text []byte) []byte {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if counts(r) {
			to = append(to, text[i:i+n]...)
		}
		i += n
	}
	return to
}

// longest keeps those phone terms that are no end of another.
func longest(terms [][]byte) [][]byte {
	return slices.DeleteFunc(slices.Clone(terms), func(term []byte) bool {
		return slices.ContainsFunc(terms, func(other []byte) bool { return len(other) > len(term) && bytes.HasSuffix(other, term) })
	})
}

// digitsOfKey are how many of the last digits of a phone number are in its key.
const digitsOfKey = 16

// endKey writes the last digits of a phone number, the last one first, four bits each, so that 0 stands for none.
func endKey(digits []byte) uint64 {
	key := uint64(0)
	for n := range digitsOfKey {
		key <<= 4
		if at := len(digits) - 1 - n; at >= 0 {
			key |= uint64(digits[at]-'0'+1) & 15
		}
	}
	return key
}

// headKey gives the first bytes of a text without spaces.
func headKey(text []byte) uint64 {
	key, _ := startKey(text)
	return key
}

// lettersOfKey are how many bytes startKey gives.
const lettersOfKey = 16

// startKey gives the first bytes of a text without spaces, and those behind.
func startKey(text []byte) (key, behind uint64) {
	var head [lettersOfKey]byte
	n := 0
	for _, b := range text {
		if b == ' ' {
			continue
		}
		head[n] = b
		if n++; n == lettersOfKey {
			break
		}
	}
	return binary.BigEndian.Uint64(head[:]), binary.BigEndian.Uint64(head[8:])
}

// customersOf gives the numbers of the customers that a row belongs to.
func (s *segment) customersOf(row int) []uint32 {
	switch s.customer[row] {
	case 0:
		return nil
	case several:
		return s.customers[uint32(row)]
	}
	return s.customer[row : row+1]
}

// finish makes the rows findable. It fails when two have one id.
func (f *filling) finish() (*segment, bool) {
	s := f.segment
	for _, a := range []*arena{&s.name, &s.tight, &s.more, &s.terms} {
		a.finish()
	}
	heads := make([]entry, s.len())
	var starts []entry
	if s.len() >= f.few.sieved {
		s.sieve = newSieve(s.len())
	}
	for row := range s.len() {
		name := s.name.line(row)
		heads[row] = entry{key: headKey(name), row: uint32(row)}
		s.eachStart(row, func(text []byte) {
			key, behind := startKey(text)
			starts = append(starts, entry{key: key, behind: behind, row: uint32(row)})
		})
		if s.sieve != nil {
			s.sieve.add(row, name)
			s.sieve.add(row, s.tight.of(row))
			s.sieve.add(row, s.more.of(row))
			for term := range bytes.SplitSeq(s.terms.of(row), []byte{sign}) {
				s.sieve.add(row, term)
			}
		}
	}
	s.heads, _ = indexOf(heads)
	s.phones, _ = indexOf(f.ends)
	s.starts, s.behinds = indexOf(starts)
	if s.len() >= f.few.rows {
		s.byHand = listingOf(s.len(), func(row int) []uint32 { return s.hands[row : row+1] })
		s.byCustomer = listingOf(s.len(), s.customersOf)
	}
	return s, s.number()
}

// number makes the rows findable by id; false when two have one.
func (s *segment) number() bool {
	size := 16
	for size < len(s.ids)*3/2 {
		size *= 2
	}
	s.places = make([]uint32, size)
	for row, id := range s.ids {
		at, has := s.placeOf(id)
		if has {
			return false
		}
		s.places[at] = uint32(row) + 1
	}
	return true
}

func (s *segment) placeOf(id uuid.UUID) (at uint64, has bool) {
	mask := uint64(len(s.places) - 1)
	for at = numbers.Hash(id[:]) & mask; s.places[at] != 0; at = (at + 1) & mask {
		if s.ids[s.places[at]-1] == id {
			return at, true
		}
	}
	return at, false
}

// row finds a row by its id.
func (s *segment) row(id uuid.UUID) (int, bool) {
	at, has := s.placeOf(id)
	if !has {
		return 0, false
	}
	return int(s.places[at]) - 1, true
}

func (s *segment) len() int { return len(s.ids) }

// length is how many characters a row's name has.
func (s *segment) length(row int) int { return utf8.RuneCount(s.name.line(row)) }

// behind gives the first row behind a place in the order of rows.
func (s *segment) behind(length int, id uuid.UUID) int {
	return sort.Search(s.len(), func(row int) bool { return compareRows(s.length(row), s.ids[row], length, id) > 0 })
}

func compareRows(length int, id uuid.UUID, other int, otherID uuid.UUID) int {
	return cmp.Or(cmp.Compare(length, other), bytes.Compare(id[:], otherID[:]))
}

// bytes tells the memory that the segment takes.
func (s *segment) bytes() int {
	sum := cap(s.ids)*16 + cap(s.hands)*4 + cap(s.customer)*4 + len(s.customers)*64 + len(s.places)*4 + s.sieve.bytes() + s.byHand.bytes() + s.byCustomer.bytes()
	for _, a := range []*arena{&s.name, &s.tight, &s.more, &s.terms} {
		sum += a.bytes()
	}
	for _, x := range []index{s.heads, s.phones, s.starts} {
		sum += 12 * len(x.keys)
	}
	return sum + 8*len(s.behinds)
}
