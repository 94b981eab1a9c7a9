package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Reason says by what a record was found.
type Reason string

// The reasons, the most direct first.
const (
	ByNothing  Reason = ""
	ByName     Reason = "NAME"
	ByPinyin   Reason = "PINYIN"
	ByInitials Reason = "INITIALS"
	ByPhone    Reason = "PHONE"
)

// Match tells how a record with these names answers the query: the least direct reason among the pieces typed, or
// ByNothing. A record for which it is not ByNothing is exactly one that the columns made by Name would find.
func Match(q Query, list ...string) Reason {
	if len(q.pieces) == 0 {
		return ByNothing
	}
	indexed := make([]names, len(list))
	for i, name := range list {
		indexed[i] = read(name)
	}
	order := []Reason{ByName, ByPinyin, ByInitials}
	weakest := 0
	for _, piece := range q.pieces {
		at := slices.IndexFunc(order, func(r Reason) bool {
			return slices.ContainsFunc(indexed, func(n names) bool { return n.has(piece, r) })
		})
		if at < 0 {
			return ByNothing
		}
		weakest = max(weakest, at)
	}
	return order[weakest]
}

// has says whether a piece is found in a name by one reason.
func (n names) has(piece string, by Reason) bool {
	short := isShort(piece)
	within := func(spelling string) bool { return strings.Contains(spelling, piece) }
	switch {
	case by == ByName && short:
		return slices.Contains(n.nameTerms, piece)
	case by == ByName:
		return within(n.squeezed)
	case by == ByPinyin && short:
		return slices.Contains(n.pinyinTerms, piece)
	case by == ByPinyin:
		return slices.ContainsFunc(n.pinyin, within)
	case short:
		return slices.Contains(n.initialTerms, piece)
	default:
		return slices.ContainsFunc(n.initials, within)
	}
}

// isShort tells whether a piece is looked for among terms.
func isShort(piece string) bool { return utf8.RuneCountInString(piece) <= 2 }
