package reports

import (
	"reflect"
	"slices"
	"testing"
)

// What columns take into account of a question, or turn away. A question that has something new is answered by columns only
// when somebody has thought of it.
func TestColumnsKnowEveryPartOfAQuestion(t *testing.T) {
	known := []string{"Period", "Clock", "Where", "By", "Having", "OrderBy", "First", "CompareTo", "TimeZone", "FiscalYearStart", "AsOf", "Within", "Measures", "Shares", "Coverage", "Subtotals"}
	for i, ask := 0, reflect.TypeFor[Ask](); i < ask.NumField(); i++ {
		if !slices.Contains(known, ask.Field(i).Name) {
			t.Errorf("columns do not know what %s asks", ask.Field(i).Name)
		}
	}
	if Opportunities.condition != "" || Opportunities.Alias != "o" {
		t.Error("columns do not know which opportunities are facts")
	}
	for _, d := range Opportunities.Dimensions {
		p := &plan{dataset: Opportunities, calendar: &calendar{start: 1}}
		if _, knows := p.columnar(d); !knows {
			t.Logf("%s is left to SQL", d.Name)
		}
	}
}
