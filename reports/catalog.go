package reports

import "guanxi/access"

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
	Denominator                 *string
	Additive                    bool
}

// Datasets lists all datasets, in the order of the catalogue.
func Datasets() []*Dataset {
	return []*Dataset{Opportunities, Competition, Encounters, OpportunityLines, StageChanges, StageCohorts, Slips, Customers, Contacts, Relationships, Activities, Services, Documents}
}

// Named finds a dataset by its name.
func Named(name string) (*Dataset, bool) {
	for _, d := range Datasets() {
		if d.Name == name {
			return d, true
		}
	}
	return nil, false
}

// Catalog lists what the viewer may ask, in a language: what is under a rule that he reads on no record is left out.
func Catalog(v *access.Viewer, language string) []*ReportDataset {
	var list []*ReportDataset
	for _, d := range append(Datasets(), waterfalls) {
		list = append(list, d.described(v, language))
	}
	return list
}

func (d *Dataset) described(v *access.Viewer, language string) *ReportDataset {
	one := &ReportDataset{Dataset: d.Name, Label: d.Label.In(language), Dimensions: []*ReportDimension{}, Measures: shown(d.Measures, v, language)}
	for _, dimension := range d.Dimensions {
		if v.Use(dimension.Rule) == nil {
			one.Dimensions = append(one.Dimensions, &ReportDimension{Name: dimension.Name, Label: dimension.Label.In(language), Type: dimension.Type})
		}
	}
	return one
}

// shown describes measures, those aside that are under a rule that the viewer reads on no record.
func shown(measures []*Measure, v *access.Viewer, language string) []*ReportMeasure {
	list := []*ReportMeasure{}
	for _, m := range measures {
		if v.Use(m.Rule) != nil {
			continue
		}
		one := &ReportMeasure{Name: m.Name, Label: m.Label.In(language), Unit: m.Unit, Sentence: m.Sentence.In(language), Additive: m.Additive()}
		if of := m.Denominator.In(language); of != "" {
			one.Denominator = &of
		}
		list = append(list, one)
	}
	return list
}
