package reports

import (
	"guanxi/access"
	"guanxi/fault"
)

// ReportDataset is what can be asked of one dataset.
type ReportDataset struct {
	Dataset    string
	Label      string
	Dimensions []*ReportDimension
	Measures   []*ReportMeasure
}

// ReportDimension is a way to group, as the catalogue shows it.
type ReportDimension struct {
	Name, Label, Type string
}

// ReportMeasure is a number that a report gives, as the catalogue shows it.
type ReportMeasure struct {
	Name, Label, Unit, Sentence string
}

// Catalog lists what the viewer may ask, in a language: what is under a rule that he reads on no record is left out.
func Catalog(v *access.Viewer, language string) []*ReportDataset {
	return []*ReportDataset{
		{Dataset: "opportunities", Label: fault.Say("Opportunities", "商机").In(language), Dimensions: shown(v, language), Measures: shownMeasures(v, measures, language)},
		{Dataset: "competitors", Label: fault.Say("Encounters with competitors", "竞争对手交锋").In(language), Dimensions: shown(v, language), Measures: shownMeasures(v, encounterMeasures, language)},
	}
}

func shown(v *access.Viewer, language string) []*ReportDimension {
	list := []*ReportDimension{}
	for _, d := range dimensions {
		if v.Use(d.Rule) == nil {
			list = append(list, &ReportDimension{Name: d.Name, Label: d.Label.In(language), Type: d.Type})
		}
	}
	return list
}

func shownMeasures(v *access.Viewer, all []measure, language string) []*ReportMeasure {
	list := []*ReportMeasure{}
	for _, m := range all {
		if v.Use(m.rule) == nil {
			list = append(list, &ReportMeasure{Name: m.name, Label: m.label.In(language), Unit: m.unit, Sentence: m.sentence.In(language)})
		}
	}
	return list
}
