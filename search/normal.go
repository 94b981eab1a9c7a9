// Package search turns names and phone numbers into what the database indexes, and what a person types into what
// to look for there. It knows Chinese names by their characters, their pinyin and their initials.
//
// A table that can be searched keeps three columns: search_terms and search_text (see Name), and phone_terms (see
// Phones), kept apart because phone numbers are protected. A record matches a Query when either
//
//	search_terms @> Terms and search_text like all (Likes)
//
// or, for viewers who may read phone numbers in full and when Phone is not empty,
//
//	phone_terms @> array[Phone]
//
// The first is exactly what Match answers.
//
// Names keeps these columns of all records in memory (names.go, copy.go; a kind's in segments, segment.go, whose texts are arenas)
// and tells in order what may be found (scan.go), also what is similar to what was typed (near.go), by the hands that records are
// in (hands.go). The database is asked about those candidates alone, and decides (remembered.go); what memory cannot tell is found
// by SQL (find.go).
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Form is the version of the form that names are compared in. Whoever changes what Name or Phones make of a name raises it:
// the store then writes the search columns of all records anew, a few at a time.
const Form = 2

// normal writes text the way it is compared: compatibility forms unified (ＡＢＣ is abc), lower case, without accents, one
// space between words.
func normal(text string) string {
	lower := strings.ToLower(norm.NFKC.String(text))
	return strings.Join(strings.Fields(norm.NFKC.String(plain(lower))), " ")
}

// plain takes the accents from Latin and Greek letters, where people leave them out: José is jose, Łódź is lodz. In other
// scripts what looks like an accent makes another letter (й, が), and stays.
func plain(lower string) string {
	if !strings.ContainsFunc(lower, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return lower
	}
	var text strings.Builder
	folds := false
	for _, r := range norm.NFD.String(lower) {
		if unicode.Is(unicode.Mn, r) {
			if !folds {
				text.WriteRune(r)
			}
			continue
		}
		folds = unicode.In(r, unicode.Latin, unicode.Greek)
		if letters, is := spelled[r]; is {
			text.WriteString(letters)
		} else {
			text.WriteRune(r)
		}
	}
	return text.String()
}

// spelled are letters that are no other letter with an accent, and are written so without them.
var spelled = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŧ': "t", 'ς': "σ",
}

// counts says whether a character can be searched for; the others only separate words.
func counts(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// squeeze leaves only the characters that count: "GTX Pro" becomes "gtxpro".
func squeeze(normal string) string {
	return strings.Map(func(r rune) rune {
		if counts(r) {
			return r
		}
		return -1
	}, normal)
}

// pieces cuts normal text into runs of Han characters and runs of other letters and digits.
func pieces(normal string) []string {
	var found []string
	var run []rune
	end := func() {
		if len(run) > 0 {
			found = append(found, string(run))
			run = nil
		}
	}
	for _, r := range normal {
		if !counts(r) {
			end()
			continue
		}
		if len(run) > 0 && isHan(run[0]) != isHan(r) {
			end()
		}
		run = append(run, r)
	}
	end()
	return found
}
