package search

import (
	"strings"
	"unicode/utf8"

	"guanxi/fault"
)

// LongestQuery is how many characters may be searched for at once.
const LongestQuery = 64

// Query is what a person typed, ready to be looked for; see the package comment for how its parts meet the columns.
type Query struct {
	Normal string   // lower case, compatibility forms unified
	Terms  []string // all must be in search_terms
	Like   string   // the most telling of Likes for a trigram index, "" when there is none
	Likes  []string // patterns that search_text must all match; never nil
	Phone  string   // 4 digits or more when the text may be the end of a phone number, else ""

	pieces []string
}

// Parse reads what a person typed: pieces of names, pinyin, initials, in any order, or the end of a phone number.
// The error is a *fault.Fault, BAD_INPUT at text: nothing to look for, a NUL
// character, bytes that are not UTF-8, or more than LongestQuery characters.
func Parse(text string) (Query, error) {
	if wrong := refuse(text); wrong != nil {
		return Query{}, wrong
	}
	q := Query{Normal: normal(text), Terms: []string{}, Likes: []string{}}
	q.pieces = distinct(pieces(q.Normal))
	q.Phone = phoneEnd(q.Normal)
	if len(q.pieces) == 0 {
		return Query{}, bad(fault.Say("The search text has no letter or digit to look for.", "搜索内容中没有可查找的文字或数字。"))
	}
	for _, piece := range q.pieces {
		q.add([]rune(piece))
	}
	q.Terms = distinct(q.Terms)
	return q, nil
}

// typed is all that was typed, without spaces.
func (q *Query) typed() string { return strings.ReplaceAll(q.Normal, " ", "") }

func bad(sentence fault.Sentence) *fault.Fault {
	return fault.Deny(fault.BadInput, sentence).At("text")
}

// refuse tells what makes a text no search text; nil when nothing does.
func refuse(text string) *fault.Fault {
	length := utf8.RuneCountInString(text)
	switch {
	case strings.ContainsRune(text, 0):
		return bad(fault.Say("The search text contains a NUL character.", "搜索内容包含空字符（NUL）。"))
	case !utf8.ValidString(text):
		return bad(fault.Say("The search text is not valid UTF-8.", "搜索内容不是有效的 UTF-8。"))
	case length > LongestQuery:
		return bad(fault.Say("The search text has %d characters, %d are allowed.", "搜索内容有 %d 个字符，最多 %d 个。", length, LongestQuery))
	case strings.TrimSpace(text) == "":
		return bad(fault.Say("The search text is empty.", "搜索内容为空。"))
	}
	return nil
}

// add asks for one piece: one or two characters by term, more by pattern; Han neighbours by term too, since a GIN
// index on terms finds them faster.
func (q *Query) add(piece []rune) {
	han := isHan(piece[0])
	if len(piece) <= 2 {
		q.Terms = append(q.Terms, string(piece))
		return
	}
	pattern := "%" + escapeLike(string(piece)) + "%"
	q.Likes = append(q.Likes, pattern)
	if han {
		q.Terms = append(q.Terms, hanNeighbours(string(piece))...)
		return
	}
	if len(pattern) > len(q.Like) {
		q.Like = pattern
	}
}

// escapeLike makes a text stand for itself in a LIKE pattern.
func escapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
