package reports

import (
	"regexp"
	"slices"
	"testing"

	"guanxi/access"
)

var column = regexp.MustCompile(`\b([a-z]+)\.([a-z_]+)\b`)

// alias says of which kind the rows of a source are.
func (d *Dataset) alias(name string) *access.Kind {
	if name == d.Alias {
		return d.Kind
	}
	for _, s := range d.sources {
		if s.alias == name {
			return s.kind
		}
	}
	return nil
}

// computed gives the computed source of an alias.
func (d *Dataset) computed(name string) *source {
	for i, s := range d.sources {
		if s.alias == name && s.lateral != nil {
			return &d.sources[i]
		}
	}
	return nil
}

// ruleOf gives the strictest rule of the columns that an expression over the sources reads.
func ruleOf(t *testing.T, d *Dataset, text string) (rule access.Rule) {
	t.Helper()
	for _, found := range column.FindAllStringSubmatch(text, -1) {
		if s := d.computed(found[1]); s != nil {
			rule = max(rule, ruleOf(t, d, s.reads))
			continue
		}
		kind := d.alias(found[1])
		if found[2] == "path" && slices.ContainsFunc(d.sources, func(s source) bool { return s.tree && s.alias == found[1] }) {
			found[2] = "parent_id" // a path is made of what each stands below
		}
		if kind == nil || !slices.Contains(kind.Columns, found[2]) {
			t.Errorf("%s: %s in %q is no column that is known here", d.Name, found[0], text)
			continue
		}
		rule = max(rule, kind.ToWrite(found[2]))
	}
	return rule
}

// ruleTo gives the strictest rule of the columns by which sources are found.
func ruleTo(t *testing.T, d *Dataset, names ...string) (rule access.Rule) {
	t.Helper()
	for _, s := range d.ordered(names) {
		rule = max(rule, ruleOf(t, d, s.on))
	}
	return rule
}

// TestEachDimensionIsUnderTheStrictestRuleOfItsColumns reads from the SQL of each dimension what its keys tell: its own
// columns, and those by which its source is found.
func TestEachDimensionIsUnderTheStrictestRuleOfItsColumns(t *testing.T) {
	t.Parallel()
	ruled := 0
	for _, set := range Datasets() {
		for _, d := range set.Dimensions {
			want := max(ruleOf(t, set, d.Key), ruleTo(t, set, d.From))
			if d.Rule != want {
				t.Errorf("%s by %s is under the rule %q, its columns under %q", set.Name, d.Name, d.Rule, want)
			}
			if want != "" {
				ruled++
			}
		}
	}
	if ruled < 6 {
		t.Errorf("only %d dimensions are under a rule", ruled)
	}
}

// TestEachMeasureIsUnderTheStrictestRuleOfItsColumns follows each measure to the components that it is computed from, these to
// the values of the facts, and these to the columns of the records.
func TestEachMeasureIsUnderTheStrictestRuleOfItsColumns(t *testing.T) {
	t.Parallel()
	ruled := 0
	for _, set := range Datasets() {
		rules := map[string]access.Rule{}
		for _, v := range set.values {
			rules[v.name] = max(ruleOf(t, set, v.text), ruleTo(t, set, v.from...))
			if v.rule != rules[v.name] {
				t.Errorf("%s of %s is under the rule %q, its columns under %q", v.name, set.Name, v.rule, rules[v.name])
			}
		}
		for _, m := range set.Measures {
			var want access.Rule
			for _, c := range m.form.components() {
				for _, name := range c.needs() {
					want = max(want, rules[set.value(name).name])
				}
			}
			if m.Rule != want {
				t.Errorf("%s of %s is under the rule %q, what it is computed from under %q", m.Name, set.Name, m.Rule, want)
			}
			if want != "" {
				ruled++
			}
		}
	}
	if ruled < 10 {
		t.Errorf("only %d measures are under a rule", ruled)
	}
}
