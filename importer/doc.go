// Package importer reads other systems' CSV files as records of the company. A mapping file (see
// docs/examples/maven-crm.yaml) says which file holds what; Load reads it, Open finds and checks the files, and
// Source.Each hands over typed rows one by one and reports each bad row with its place.
package importer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"guanxi/fault"
)

// Problem is one thing wrong in a mapping or in a file: where it stands, what stands there, and what is wrong with it.
type Problem struct {
	File   string
	Line   int    // from 1; 0 when the whole file is meant
	Kind   string // of the record that the line was to become; "" when the line itself is meant
	Column string // "" when the whole record is meant
	Value  string // as it stands in the file
	Effect Effect
	fault.Sentence
}

// Effect is what came of a row because of a problem.
type Effect string

// The effects.
const (
	LeftOut Effect = ""        // nothing was written of the row
	Emptied Effect = "emptied" // the field was left empty, as the mapping allows
	Told    Effect = "told"    // nothing: somebody should look at it
)

// Sentence says the effect for people.
func (e Effect) Sentence() fault.Sentence {
	switch e {
	case Emptied:
		return fault.Say("the field was left empty", "该字段留空")
	case Told:
		return fault.Say("taken as it is", "照此导入")
	default:
		return fault.Say("the row was left out", "该行未导入")
	}
}

// Error writes the problem in English.
func (p Problem) Error() string { return p.In("en") }

// In writes the problem with its place, in a language: "zh" or anything else for English.
func (p Problem) In(language string) string {
	text := p.File + ": "
	if p.Line > 0 {
		text = fmt.Sprintf("%s:%d: ", p.File, p.Line)
	}
	if p.Column != "" {
		text += fault.Say("column %s: ", "列 %s：", p.Column).In(language)
	}
	text += p.Sentence.In(language)
	if p.Effect == Emptied {
		text += fault.Say("; ", "；").In(language) + p.Effect.Sentence().In(language)
	}
	return text
}

// Problems are several problems found together; as an error they say that nothing was read.
type Problems []Problem

// Error writes the problems in English, a line each.
func (list Problems) Error() string { return list.In("en") }

// In writes the problems in a language, a line each.
func (list Problems) In(language string) string {
	text := ""
	for i, p := range list {
		if i > 0 {
			text += "\n"
		}
		text += p.In(language)
	}
	return text
}

// leaveOut tells whether one of them leaves its row out.
func (list Problems) leaveOut() bool {
	return slices.ContainsFunc(list, func(p Problem) bool { return p.Effect == LeftOut })
}

func (list Problems) orNil() error {
	if len(list) == 0 {
		return nil
	}
	return list
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
