package search

import (
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// Bounds on how many ways of reading one name are written down. Each single character among the first
// closeReading Han characters is read in every way; several at once as far as mostSpellings allows.
const (
	closeReading  = 8
	mostReadings  = 4
	mostSpellings = 40
)

// settled words are read in one way only; they end so many company names that their rare readings would fill the index.
var settled = []string{"有限责任公司", "股份有限公司", "有限公司", "公司", "集团", "股份"}

// sound is one character of a name with the ways to read it; a letter or digit reads as itself.
type sound struct {
	char     rune
	han      bool
	readings []string
}

// sounds reads a squeezed name character by character, the common reading first.
func sounds(squeezed string) []sound {
	chars := []rune(squeezed)
	fixed := settledAt(chars)
	list := make([]sound, len(chars))
	han := 0
	for i, r := range chars {
		list[i] = sound{char: r, readings: []string{string(r)}}
		if !isHan(r) {
			continue
		}
		list[i].han = true
		if all := readings(r); len(all) > 0 {
			list[i].readings = all
		}
		if han++; han > closeReading || fixed[i] {
			list[i].readings = list[i].readings[:1]
		}
	}
	return list
}

// known keeps the readings of characters already met: looking one up anew costs microseconds, and a bulk load asks
// for millions.
var known sync.Map // rune -> []string

// readings lists how a Han character is read, without tones, the common reading first; ü is written v and u.
func readings(r rune) []string {
	if list, ok := known.Load(r); ok {
		return list.([]string)
	}
	list := lookUp(r)
	known.Store(r, list)
	return list
}

func lookUp(r rune) []string {
	var list []string
	for _, marked := range pinyin.SinglePinyin(r, pinyin.Args{Style: pinyin.Normal, Heteronym: true}) {
		if strings.ContainsFunc(marked, func(c rune) bool { return c < 'a' || c > 'z' }) {
			continue
		}
		list = append(list, marked)
		if plain := strings.Replace(marked, "v", "u", 1); plain != marked {
			list = append(list, plain)
		}
	}
	list = distinct(list)
	return list[:min(mostReadings, len(list))]
}

// settledAt marks the characters that stand in a settled word.
func settledAt(chars []rune) []bool {
	marks := make([]bool, len(chars))
	for i := range chars {
		for _, word := range settled {
			length := len([]rune(word))
			if i+length <= len(chars) && string(chars[i:i+length]) == word {
				for k := range length {
					marks[i+k] = true
				}
			}
		}
	}
	return marks
}

// spellings writes a name out in its possible readings: first the common one in full, then those in which one
// character is read otherwise, then two, and so on; these reach only over the closely read beginning. One character
// keeps one reading within a spelling.
func spellings(list []sound) []string {
	written := []string{spell(list, nil)}
	near := beginning(list)
	choices := alternatives(near)
	for changed := 1; changed <= len(choices) && len(written) < mostSpellings; changed++ {
		written = change(written, near, choices, changed, map[rune]string{})
	}
	return distinct(written)
}

// change appends the spellings in which exactly that many of the choices differ from the common reading.
func change(written []string, near []sound, choices []sound, changed int, chosen map[rune]string) []string {
	if changed == 0 {
		return append(written, spell(near, chosen))
	}
	for i, choice := range choices {
		for _, other := range choice.readings[1:] {
			if len(written) >= mostSpellings {
				return written
			}
			chosen[choice.char] = other
			written = change(written, near, choices[i+1:], changed-1, chosen)
			delete(chosen, choice.char)
		}
	}
	return written
}

func spell(list []sound, chosen map[rune]string) string {
	var text strings.Builder
	for _, s := range list {
		if other, ok := chosen[s.char]; ok && len(s.readings) > 1 {
			text.WriteString(other)
		} else {
			text.WriteString(s.readings[0])
		}
	}
	return text.String()
}

// beginning cuts a name after its closely read Han characters.
func beginning(list []sound) []sound {
	han := 0
	for i, s := range list {
		if s.han {
			if han++; han > closeReading {
				return list[:i]
			}
		}
	}
	return list
}

// alternatives lists the different characters that can be read in more than one way.
func alternatives(list []sound) []sound {
	var found []sound
	seen := map[rune]bool{}
	for _, s := range list {
		if len(s.readings) > 1 && !seen[s.char] {
			seen[s.char] = true
			found = append(found, s)
		}
	}
	return found
}

// firstLetters reduces every reading to its first letter.
func firstLetters(list []sound) []sound {
	letters := make([]sound, len(list))
	for i, s := range list {
		letters[i] = sound{char: s.char, han: s.han}
		for _, reading := range s.readings {
			letters[i].readings = append(letters[i].readings, string([]rune(reading)[:1]))
		}
		letters[i].readings = distinct(letters[i].readings)
	}
	return letters
}

// distinct drops repeated texts and keeps the order.
func distinct(list []string) []string {
	seen := make(map[string]bool, len(list))
	kept := list[:0:0]
	for _, text := range list {
		if !seen[text] {
			seen[text] = true
			kept = append(kept, text)
		}
	}
	return kept
}
