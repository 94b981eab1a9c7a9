package search

import (
	"bytes"
	"slices"
	"sort"
	"unicode/utf8"
)

// What may have been typed wrong: of a word in Latin letters, or of pinyin, one letter left out, added, changed, or two changed
// over, from manyLetters on two such errors; of fewHan Chinese characters or more one left out or changed, of more than these also one added.
const (
	mostErrors  = 2
	fewLetters  = 4
	manyLetters = 8
	fewHan      = 3
)

// nearPiece is a piece that may have been typed wrong.
type nearPiece struct {
	which int // among the pieces
	text  []byte
	most  int    // errors
	han   []rune // its characters, when it is Chinese
}

func nearPieces(pieces []string) []nearPiece {
	var list []nearPiece
	for i, piece := range pieces {
		p := nearPiece{which: i, text: []byte(piece), most: 1}
		switch first, _ := utf8.DecodeRuneInString(piece); {
		case isHan(first):
			if p.han = []rune(piece); len(p.han) < fewHan || !allHan(p.han) {
				continue
			}
		case len(piece) < fewLetters || !isLetters(p.text):
			continue
		case len(piece) >= manyLetters:
			p.most = 2
		}
		list = append(list, p)
	}
	return list
}

func allHan(text []rune) bool {
	return !slices.ContainsFunc(text, func(r rune) bool { return !isHan(r) })
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }

func isLetters(text []byte) bool {
	for _, b := range text {
		if !isLetter(b) {
			return false
		}
	}
	return true
}

// eachStart hands over where what was typed wrong may begin in a row, to the end of the line: at each word in Latin letters of its
// name, at the name without separators, at its pinyin in the common reading, and at each further name.
func (s *segment) eachStart(row int, each func(text []byte)) {
	name := s.name.line(row)
	for i := range name {
		if isLetter(name[i]) && (i == 0 || !isWordByte(name, i)) {
			each(name[i:])
		}
	}
	if tight := s.tight.line(row); len(tight) > 0 && isLetter(tight[0]) {
		each(tight)
	}
	han := bytes.ContainsFunc(name, isHan)
	for line := range bytes.Lines(s.more.of(row)) {
		if isLetter(line[0]) {
			each(bytes.TrimSuffix(line, []byte{'\n'}))
		}
		if han {
			break
		}
	}
}

// isWordByte tells whether the letter at a place goes on with a word.
func isWordByte(name []byte, at int) bool {
	before, _ := utf8.DecodeLastRune(name[:at])
	return counts(before) && !isHan(before)
}

// similar hands over the rows that have what was typed with so many errors as the rank says, in their order.
func (l *looker) similar(rank, from int, take func(row int) bool) {
	if l.nearBy[0] == nil {
		for n := range l.nearBy {
			l.nearBy[n] = make([]uint64, (l.len()+63)/64)
		}
		for _, p := range l.near {
			if p.han == nil {
				(&walk{looker: l, piece: p}).begin()
			} else {
				l.otherwise(p)
			}
		}
		for w, near := range l.nearBy[0] {
			l.nearBy[1][w] &^= near
		}
	}
	eachBit(l.nearBy[rank-bySimilar], from, take)
}

// note takes note of a row that has a piece with so many errors, if it has the other pieces too.
func (l *looker) note(p nearPiece, row, errors int) {
	if errors > 0 && (len(l.pieces) == 1 || l.hasAll(row, l.wanted, p.which)) {
		l.nearBy[errors-1][row/64] |= 1 << (row % 64)
	}
}

// walk goes down the beginnings of words as down a tree, letter by letter, as far as they have few errors.
type walk struct {
	*looker
	piece nearPiece
	rows  [lettersOfKey + 1][LongestQuery + 1]uint8 // the errors of each beginning of the piece, by how many letters have been gone down
	gone  [lettersOfKey + 1]byte
}

func (w *walk) begin() {
	for i := range w.rows[0] {
		w.rows[0][i] = uint8(i)
	}
	w.down(0, len(w.starts.keys), 0)
}

// down goes on among the starts from one to another, which agree in so many letters.
func (w *walk) down(from, to, depth int) {
	keys, shift := w.starts.keys, 56-8*(depth%8)
	if depth >= 8 {
		keys = w.behinds
	}
	for from < to {
		letters := keys[from] >> shift
		next := from + sort.Search(to-from, func(i int) bool { return keys[from+i]>>shift > letters })
		if letter := byte(letters); letter != 0 {
			errors, least := w.step(depth+1, letter)
			if errors <= w.piece.most {
				w.noteAll(from, next, errors)
			}
			switch {
			case least > w.piece.most || errors <= 1:
			case depth+1 < lettersOfKey:
				w.down(from, next, depth+1)
			default:
				w.verify(from, next)
			}
		}
		from = next
	}
}

// step adds a letter, and tells the errors of the whole piece so far, and of the beginning of the piece that has least.
func (w *walk) step(depth int, letter byte) (errors, least int) {
	p, last, row := w.piece.text, &w.rows[depth-1], &w.rows[depth]
	w.gone[depth] = letter
	row[0] = uint8(depth)
	least = depth
	for i := 1; i <= len(p); i++ {
		best := min(last[i], row[i-1]) + 1
		if p[i-1] == letter {
			best = min(best, last[i-1])
		} else {
			best = min(best, last[i-1]+1)
		}
		if depth > 1 && i > 1 && p[i-1] == w.gone[depth-1] && p[i-2] == letter {
			best = min(best, w.rows[depth-2][i-2]+1)
		}
		row[i] = best
		least = min(least, int(best))
	}
	return int(row[len(p)]), least
}

func (w *walk) noteAll(from, to, errors int) {
	for _, row := range w.starts.rows[from:to] {
		w.note(w.piece, int(row), errors)
	}
}

// verify looks on in the texts themselves, beyond what stands in keys.
func (w *walk) verify(from, to int) {
	for _, row := range w.starts.rows[from:to] {
		w.eachStart(int(row), func(text []byte) {
			if errors := errorsOf(w.piece.text, text, w.piece.most); errors <= w.piece.most {
				w.note(w.piece, int(row), errors)
			}
		})
	}
}

// errorsOf tells with how few errors a piece is the beginning of a line; more than allowed are not counted further. Spaces in the
// line are passed over.
func errorsOf(piece, line []byte, most int) int {
	var rows [3][LongestQuery + mostErrors + 2]uint8
	last, row, before := &rows[0], &rows[1], &rows[2]
	for i := range last {
		last[i] = uint8(i)
	}
	best, letters, previous := len(piece), 0, byte(0)
	for _, letter := range line {
		if letter == '\n' || letters >= len(piece)+most {
			break
		}
		if letter == ' ' {
			continue
		}
		letters++
		row[0] = uint8(letters)
		low, high := max(1, letters-most), min(len(piece), letters+most)
		if low > 1 {
			row[low-1] = uint8(most + 1)
		}
		least := row[low-1]
		for i := low; i <= high; i++ {
			n := row[i-1] + 1
			if i < letters+most {
				n = min(n, last[i]+1)
			}
			if piece[i-1] == letter {
				n = min(n, last[i-1])
			} else {
				n = min(n, last[i-1]+1)
			}
			if letters > 1 && i > 1 && piece[i-1] == previous && piece[i-2] == letter {
				n = min(n, before[i-2]+1)
			}
			row[i] = n
			least = min(least, n)
		}
		if high == len(piece) {
			best = min(best, int(row[high]))
		}
		if int(least) > most {
			break
		}
		last, row, before, previous = row, before, last, letter
	}
	return best
}

// otherwise notes the rows in whose name a piece stands with one error. Of its two halves one is as it was typed.
func (l *looker) otherwise(p nearPiece) {
	half := len(string(p.han[:len(p.han)/2]))
	for _, needle := range [][]byte{p.text[:half], p.text[half:]} {
		for _, a := range []*arena{&l.name, &l.tight} {
			s := l.source(a, needle, true)
			spans(s.blocks, 0, l.len(), func(from, to int) bool {
				s.each(needle, s.rare, from, to, func(row int) {
					if l.sees(row) && p.otherwiseIn(a.of(row)) {
						l.note(p, row, 1)
					}
				})
				return true
			})
		}
	}
}

// otherwiseIn tells whether the piece stands in a line with one error.
func (p *nearPiece) otherwiseIn(line []byte) bool {
	for at := range line {
		if utf8.RuneStart(line[at]) && p.otherwiseAt(line[at:]) {
			return true
		}
	}
	return false
}

// otherwiseAt tells whether a line begins with the piece but for one error: where they differ first, a character was changed, left out or
// added, and the rest is as it was typed.
func (p *nearPiece) otherwiseAt(line []byte) bool {
	typed := p.text
	for len(typed) > 0 {
		is, n := utf8.DecodeRune(line)
		one, m := utf8.DecodeRune(typed)
		if n == 0 || is != one {
			return n > 0 && isHan(is) && (bytes.HasPrefix(line[n:], typed[m:]) || bytes.HasPrefix(line[n:], typed)) ||
				len(p.han) > fewHan && bytes.HasPrefix(line, typed[m:])
		}
		line, typed = line[n:], typed[m:]
	}
	return false
}
