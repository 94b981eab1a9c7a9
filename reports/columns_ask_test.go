package reports

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/columns"
	"guanxi/models"
)

// What columns take into account of a question, or turn away. A question that has something new is answered by columns only
// when somebody has thought of it.
func TestColumnsKnowEveryPartOfAQuestion(t *testing.T) {
	known := []string{"Period", "Clock", "Where", "By", "Having", "OrderBy", "First", "CompareTo", "TimeZone", "FiscalYearStart", "AsOf", "Within", "Measures", "Shares", "Coverage", "Covered", "Subtotals"}
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
	if Encounters.condition != Competition.condition || Encounters.Alias != "e" || Encounters.source("opportunity").kind != access.Opportunity {
		t.Error("columns do not know which encounters are facts of their own")
	}
	if quoted := Encounters.source("quoted price"); *quoted.money != (priced{"e.quoted_price", "e.currency", opportunityPrice.at}) || quoted.alias != "q" {
		t.Error("columns do not know what competitors asked")
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
}

// leftToSQL is all of the catalogue of opportunities, competitors and encounters that columns do not answer, and why.
var leftToSQL = map[string]string{
	"where version":      "not kept",
	"where createdAt":    "instants: days are kept",
	"where updatedAt":    "not kept",
	"where closedAt":     "instants: days are kept",
	"where title":        "texts are not kept",
	"where note":         "texts are not kept",
	"where closingNote":  "texts are not kept",
	"where createdBy":    "not kept",
	"where lines":        "parts are not kept, but for whom was met",
	"where encounters":   "but by the competitor: nothing else of an encounter is filtered by",
	"where stageChanges": "parts are not kept, but for whom was met",
	"where activities":   "other records are not kept",
	"where documents":    "other records are not kept",
	"where services":     "other records are not kept",

	"encounters by MAIN":            "which one is marked is not kept",
	"encounters by CREATED_DAY":     "when an encounter was noted is not kept",
	"encounters by CREATED_WEEK":    "when an encounter was noted is not kept",
	"encounters by CREATED_MONTH":   "when an encounter was noted is not kept",
	"encounters by CREATED_QUARTER": "when an encounter was noted is not kept",
	"encounters by CREATED_YEAR":    "when an encounter was noted is not kept",
	"encounters clock CREATED":      "when an encounter was noted is not kept",
	"encounters where id":           "not kept",
	"encounters where main":         "which one is marked is not kept",
	"encounters where quotedPrice":  "prices are kept in the company's currency alone",
	"encounters where createdAt":    "when an encounter was noted is not kept",
	"encounters where strengths":    "texts are not kept",
	"encounters where weaknesses":   "texts are not kept",
}

// What columns lack of the catalogue is known: whatever is added to it is answered by them, or is told here with the reason why not.
func TestWhatColumnsLackIsKnown(t *testing.T) {
	lacks := map[string]bool{}
	everyone := access.System("what is asked is of interest, not who asks", time.Now(), models.Company{TimeZone: "UTC"})
	for _, dataset := range []*Dataset{Opportunities, Competition, Encounters} {
		of := ""
		if dataset == Encounters {
			of = "encounters "
		}
		lack := func(what string) {
			if of == "" || !lacks[what] { // what opportunities lack is told once
				lacks[of+what] = true
			}
		}
		p := &plan{dataset: dataset, viewer: everyone, calendar: &calendar{zone: "UTC", start: 1}, Ask: Ask{Period: &Period{}}}
		for _, d := range dataset.Dimensions {
			if _, knows := p.columnar(d); !knows {
				lack("by " + d.Name)
			}
		}
		for _, c := range dataset.Clocks {
			if _, knows := columnarClocks[c.Column]; !knows {
				lack("clock " + c.Name)
			}
		}
		for _, m := range dataset.Measures {
			q := &columns.Question{Met: dataset != Opportunities}
			for _, c := range m.form.components() {
				if !p.countable(c, q) {
					lack("measure " + m.Name)
				}
			}
			sorted := *p
			sorted.at, sorted.having = map[string]int{}, &test{}
			sorted.need(m.form.components()...)
			if sorted.order = []sortKey{{measure: m}}; dataset != Competition && !sorted.sortable() {
				lack("order " + m.Name)
			}
		}
		if dataset == Competition {
			continue // it is filtered as opportunities are
		}
		id := models.NewID(models.OpportunityCode)
		for name, field := range dataset.Kind.Fields {
			if _, err := (&sieve{}).all(dataset.Kind, map[string]any{name: comparisonOf(field, id)}); err != nil {
				lacks[of+"where "+name] = true
			}
		}
		for name, link := range dataset.Kind.Relations {
			inner := map[string]any{"id": &models.IDFilter{Eq: &id}}
			if link.Many {
				inner = map[string]any{"some": inner}
			}
			if _, err := (&sieve{}).all(dataset.Kind, map[string]any{name: inner}); err != nil {
				lacks[of+"where "+name] = true
			}
		}
	}
	for what := range lacks {
		if leftToSQL[what] == "" {
			t.Errorf("columns do not answer %s, and nobody has said why", what)
		}
	}
	for what := range leftToSQL {
		if !lacks[what] {
			t.Errorf("columns answer %s", what)
		}
	}
}

// comparisonOf gives a comparison of a field, as the API has one for what it holds.
func comparisonOf(field access.Field, id uuid.UUID) any {
	null := true
	switch field.Column {
	case "id":
		return &models.IDFilter{Eq: &id}
	case "status":
		return &models.EnumFilter{IsNull: &null}
	case "is_main":
		return &models.BooleanFilter{IsNull: &null}
	case "amount", "quoted_price":
		return &models.DecimalFilter{IsNull: &null}
	case "opened_on", "expected_close_on":
		return &models.DateFilter{IsNull: &null}
	case "created_at", "updated_at", "closed_at", "deleted_at":
		return &models.DateTimeFilter{IsNull: &null}
	case "version":
		return &models.IntFilter{IsNull: &null}
	}
	return &models.StringFilter{IsNull: &null}
}
