package access

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"guanxi/models"
)

// TestAColumnWithoutADecisionKeepsTheServerFromStarting gives a kind a column that nobody decided on, decides twice, and
// decides on one that is not there.
func TestAColumnWithoutADecisionKeepsTheServerFromStarting(t *testing.T) {
	t.Parallel()
	fresh := func(columns ...string) *Kind {
		return &Kind{Table: "cars", Columns: append([]string{"id", "owner_id"}, columns...)}
	}
	undecided := map[string]*Kind{
		"in no list":       fresh("price"),
		"in two lists":     fresh("price").opens("price", "price"),
		"open and ruled":   fresh("price").opens("price"),
		"ruled and within": fresh("price"),
		"not a column":     fresh().opens("price"),
	}
	undecided["open and ruled"].protect(Amounts, "price")
	undecided["ruled and within"].protect(Amounts, "price")
	undecided["ruled and within"].Within = map[string]Rule{"price": Amounts}
	for what, kind := range undecided {
		if kind.decided() == nil {
			t.Errorf("a column %s is let pass", what)
		}
	}
	good := fresh("price", "name", "search_text").opens("name")
	good.protect(Amounts, "price")
	if err := good.decided(); err != nil {
		t.Error(err)
	}
}

// TestWhatIsComparedAndToldIsUnderTheRuleOfItsColumns holds what can be filtered and sorted by, where links lead and what
// histories tell against the decisions on the columns that each is read from.
func TestWhatIsComparedAndToldIsUnderTheRuleOfItsColumns(t *testing.T) {
	t.Parallel()
	ruled := 0
	same := func(k *Kind, what string, have, want Rule) {
		if have != want {
			t.Errorf("%s: %s is under the rule %q, its columns under %q", k.Name, what, have, want)
		}
		if want != "" {
			ruled++
		}
	}
	for _, k := range Kinds {
		for name, f := range k.Fields {
			same(k, "the field "+name, f.Rule, k.strictest(t, words.FindAllString(f.Column, -1)))
		}
		for name, link := range k.Relations {
			on := link.On("parent", "child")
			same(k, "the link "+name, k.Protected[link.Column], k.strictest(t, after("parent", on)))
			same(k, "the other end of "+name, "", link.To.strictest(t, after("child", on)))
		}
		for name, f := range k.Historied() {
			columns, apart := inHistory[k.Name+"."+name]
			if !apart && slices.Contains(k.Columns, name) {
				columns = map[*Kind][]string{k: {name}}
			}
			if columns == nil && sharing[name].Name == "" {
				t.Errorf("%s: the history keeps %s: tell in the list inHistory which columns that is", k.Name, name)
			}
			want := Rule("")
			for of, list := range columns {
				want = max(want, of.strictest(t, list))
			}
			same(k, "the history of "+name, f.Rule, want)
		}
	}
	if ruled < 20 {
		t.Errorf("only %d are under a rule", ruled)
	}
}

// inHistory tells of which columns the values are that histories keep beside those of the record.
var inHistory = map[string]map[*Kind][]string{
	"OPPORTUNITY.lines":         {OpportunityLine: {"product_id", "quantity", "position"}},
	"OPPORTUNITY.line_amounts":  {OpportunityLine: {"product_id", "unit_price", "amount", "position"}},
	"OPPORTUNITY.encounters":    {Encounter: {"competitor_id", "strengths", "weaknesses", "is_main", "created_at"}},
	"OPPORTUNITY.quoted_prices": {Encounter: {"competitor_id", "quoted_price", "currency", "created_at"}},
	"DOCUMENT.readers":          {Document: {"restricted"}}, "DEPARTMENT.path": {Department: {"path"}}, "DASHBOARD.tile_list": {Dashboard: {"tiles"}},
	"GROUP.members": {Group: {"id"}}, "POOL.members": {Pool: {"id"}}, "ROLE.field_rights": {Role: {"id"}},
	"USER.roles": {User: {"id"}}, "USER.until": {User: {"id"}},
}

var words = regexp.MustCompile(`[a-z_]+`)

// after lists the columns that follow an alias in a condition.
func after(alias, text string) (columns []string) {
	for _, found := range regexp.MustCompile(`\b`+alias+`\.([a-z_]+)`).FindAllStringSubmatch(text, -1) {
		columns = append(columns, found[1])
	}
	return columns
}

// strictest gives the rule of those words that are columns of the kind.
func (k *Kind) strictest(t *testing.T, words []string) (rule Rule) {
	for _, column := range words {
		if slices.Contains(k.Kept, column) {
			t.Errorf("%s: %s is kept for the server alone", k.Name, column)
		}
		rule = max(rule, k.ToWrite(column))
	}
	return rule
}

// TestColumnsAreThoseOfTheModels holds the decisions against the structs themselves.
func TestColumnsAreThoseOfTheModels(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds {
		var stored []string
		for _, c := range models.Columns(k.Model) {
			stored = append(stored, c.Name)
			if c.Input != "" && slices.Contains(k.Kept, c.Name) {
				t.Errorf("%s.%s is kept for the server alone, and an input sets it", k.Name, c.Name)
			}
		}
		decided := slices.Concat(k.Open, k.Kept, slices.Collect(maps.Keys(k.Protected)), slices.Collect(maps.Keys(k.Within)))
		slices.Sort(decided)
		slices.Sort(stored)
		if !reflect.DeepEqual(decided, stored) {
			t.Errorf("%s: decided on %v, stored %v", k.Name, decided, stored)
		}
	}
}
