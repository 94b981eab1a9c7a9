package search

import (
	"slices"
	"strings"
)

// names is everything by which one name can be found.
type names struct {
	plain    string   // normal form, words apart
	squeezed string   // the same without separators
	pinyin   []string // spellings; empty without Han characters
	initials []string // spellings by first letters; empty without Han characters

	nameTerms    []string // single characters, neighbours
	pinyinTerms  []string // first two letters of a syllable
	initialTerms []string // single first letters, neighbouring first letters
}

// Name makes the search columns of a record from its names (a person may have several). terms goes to search_terms:
// single characters, neighbouring characters, first letters and the beginnings of syllables. text goes to
// search_text: each name in lower case, without separators, in pinyin and in initials, a line each.
func Name(list ...string) (terms []string, text string) {
	var lines []string
	for _, name := range list {
		n := read(name)
		terms = append(terms, n.nameTerms...)
		terms = append(terms, n.pinyinTerms...)
		terms = append(terms, n.initialTerms...)
		lines = append(lines, n.plain, n.squeezed)
		lines = append(lines, n.pinyin...)
		lines = append(lines, n.initials...)
	}
	terms = distinct(terms)
	slices.Sort(terms)
	lines = slices.DeleteFunc(distinct(lines), func(line string) bool { return line == "" })
	return terms, strings.Join(lines, "\n")
}

// read finds out by what a name can be found.
func read(name string) names {
	n := names{plain: strings.ReplaceAll(normal(name), "\x00", " ")}
	n.squeezed = squeeze(n.plain)
	n.nameTerms = nameTerms(n.plain, n.squeezed)
	if !strings.ContainsFunc(n.squeezed, isHan) {
		return n
	}
	list := sounds(n.squeezed)
	letters := firstLetters(list)
	n.pinyin = spellings(list)
	n.initials = spellings(letters)
	n.pinyinTerms = syllableStarts(list)
	n.initialTerms = initialTerms(letters)
	return n
}

// nameTerms lists single characters, neighbouring letters within a word, and Han characters that are neighbours once
// separators are gone (王 伟 is 王伟).
func nameTerms(plain, squeezed string) []string {
	var terms []string
	for _, piece := range pieces(plain) {
		runes := []rune(piece)
		for i, r := range runes {
			terms = append(terms, string(r))
			if i > 0 {
				terms = append(terms, string(runes[i-1:i+1]))
			}
		}
	}
	return distinct(append(terms, hanNeighbours(squeezed)...))
}

func hanNeighbours(squeezed string) []string {
	var terms []string
	runes := []rune(squeezed)
	for i := 1; i < len(runes); i++ {
		if isHan(runes[i-1]) && isHan(runes[i]) {
			terms = append(terms, string(runes[i-1:i+1]))
		}
	}
	return terms
}

// syllableStarts lists the first two letters of every reading of every Han character.
func syllableStarts(list []sound) []string {
	var terms []string
	for _, s := range list {
		for _, reading := range s.readings {
			if s.han && len(reading) >= 2 && reading != string(s.char) {
				terms = append(terms, reading[:2])
			}
		}
	}
	return distinct(terms)
}

// initialTerms lists first letters of Han characters, alone and beside their neighbour's.
func initialTerms(letters []sound) []string {
	var terms []string
	for i, s := range letters {
		if s.han {
			terms = append(terms, s.readings...)
		}
		if i == 0 || !s.han && !letters[i-1].han {
			continue
		}
		for _, before := range letters[i-1].readings {
			for _, after := range s.readings {
				terms = append(terms, before+after)
			}
		}
	}
	return distinct(terms)
}
