package reports

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"guanxi/access"
	"guanxi/models"
)

// aliases says of which kind the rows of a source are; m is an opportunity's amount in the company's currency.
var aliases = map[string]*access.Kind{
	"o": access.Opportunity, "e": access.Encounter, "c": access.Customer, "s": access.Stage, "p": access.Product, "lr": access.DictionaryEntry,
	"om": access.Membership, "cd": access.Department,
}

var column = regexp.MustCompile(`\b([a-z]+)\.([a-z_]+)\b`)

// ruleOf gives the rule of the columns that an expression over the sources reads.
func ruleOf(t *testing.T, text string) (rule access.Rule) {
	t.Helper()
	for _, found := range column.FindAllStringSubmatch(text, -1) {
		kind := aliases[found[1]]
		switch {
		case found[1] == "m":
			rule = max(rule, access.Opportunity.ToWrite(found[2]))
		case kind == nil || !slices.Contains(kind.Columns, found[2]):
			t.Errorf("%s in %q is no column that is known here", found[0], text)
		default:
			rule = max(rule, kind.ToWrite(found[2]))
		}
	}
	return rule
}

// joinOf gives the condition that a source is joined by.
func joinOf(name string) string {
	if name == "" {
		return ""
	}
	text := sources[name](access.System("test", time.Time{}, models.Company{}).Query())
	return text[strings.LastIndex(text, " on ")+len(" on "):]
}

// TestEachDimensionIsUnderTheStrictestRuleOfItsColumns reads from the SQL of each dimension what its keys tell: its own
// columns, and those by which its source is found.
func TestEachDimensionIsUnderTheStrictestRuleOfItsColumns(t *testing.T) {
	t.Parallel()
	ruled := 0
	for _, d := range dimensions {
		want := max(ruleOf(t, d.Key), ruleOf(t, joinOf(d.From)))
		if d.Rule != want {
			t.Errorf("%s is under the rule %q, its columns under %q", d.Name, d.Rule, want)
		}
		if want != "" {
			ruled++
		}
	}
	if ruled < 3 {
		t.Errorf("only %d dimensions are under a rule", ruled)
	}
}

// TestEachMeasureIsUnderTheStrictestRuleOfItsColumns follows each measure to the components that it is computed from, these to
// the columns of the facts, and these to the columns of the records.
func TestEachMeasureIsUnderTheStrictestRuleOfItsColumns(t *testing.T) {
	t.Parallel()
	facts := factRules(t)
	for _, m := range measures {
		if want := over(over(facts, components), []component{{name: m.name, over: m.value}})[m.name]; m.rule != want {
			t.Errorf("%s is under the rule %q, what it is computed from under %q", m.name, m.rule, want)
		}
	}
	met := over(facts, encounterComponents)
	for _, m := range encounterMeasures {
		from, known := bouts[m.name]
		if !known {
			t.Errorf("%s: tell in the list bouts what it is computed from", m.name)
		}
		if want := over(met, []component{{name: m.name, over: from}})[m.name]; m.rule != want {
			t.Errorf("%s against competitors is under the rule %q, what it is computed from under %q", m.name, m.rule, want)
		}
	}
}

// bouts tells from which components the measures of encounters are computed.
var bouts = map[string]string{
	"encounters": "n", "open": "open", "weWon": "we_won", "theyWon": "they_won", "otherWon": "other_won", "nobodyWon": "nobody_won", "unknown": "not_known",
	"winRate": "we_won they_won", "amountWon": "won_amount won_amounts", "amountLost": "lost_amount lost_amounts",
}

// factRules gives the rule of each column of the facts, from their SQL.
func factRules(t *testing.T) map[string]access.Rule {
	t.Helper()
	p, err := check(access.System("test", time.Time{}, models.Company{TimeZone: "UTC"}), Ask{First: 1}, "en")
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.statement().facts(encounters)
	if err != nil {
		t.Fatal(err)
	}
	list, _, _ := strings.Cut(strings.TrimPrefix(text, "select "), "\n  from ")
	rules := map[string]access.Rule{}
	for _, one := range strings.Split(list, ",\n    ") {
		value, name := one, one
		if at := strings.LastIndex(one, " as "); at >= 0 {
			value, name = one[:at], one[at+len(" as "):]
		}
		for _, part := range strings.Split(name, ", ") {
			rules[part[strings.LastIndex(part, ".")+1:]] = ruleOf(t, value)
		}
	}
	if rules["amount"] != access.Amounts || rules["weighted"] != access.Amounts || rules["unconverted"] != access.Amounts || rules["status"] != "" {
		t.Fatalf("the facts are %v", rules)
	}
	return rules
}

// over gives the rule of each component by the columns that it names.
func over(rules map[string]access.Rule, list []component) map[string]access.Rule {
	made := map[string]access.Rule{}
	for _, c := range list {
		for _, word := range regexp.MustCompile(`[a-z_]+`).FindAllString(c.over, -1) {
			made[c.name] = max(made[c.name], rules[word])
		}
	}
	return made
}
