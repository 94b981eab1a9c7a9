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
	if Competition.condition != "o.status <> 'CANCELLED'" || Competition.Alias != "o" || attributions.condition != Competition.condition {
		t.Error("columns do not know which encounters are facts")
	}
	for name, text := range map[string]string{"met": "o.main_competitor_id is not null", "attributed": "o.won_by_id is not null",
		"explained": "o.loss_reason_id is not null",
		"nobody":    "lr.loss_kind is not distinct from 'NO_DECISION'", "status": "o.status", "amount": "m.amount"} {
		if attributions.value(name).text != text {
			t.Errorf("columns do not know what %s tells", name)
		}
	}
	for _, c := range Competition.sources {
		if c.each && c.on != "e.opportunity_id = o.id" {
			t.Error("columns do not know what an encounter is")
		}
	}
	for _, d := range Opportunities.Dimensions {
		p := &plan{dataset: Opportunities, calendar: &calendar{start: 1}}
		if _, knows := p.columnar(d); !knows {
			t.Logf("%s is left to SQL", d.Name)
		}
	}
}
