package reports

import (
	"fmt"
	"slices"
	"strings"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Limits of a filter on rows, as for filters on records.
const (
	maxDepth = 5
	maxList  = 200
)

// How the parts of a test are joined.
const (
	allOf  = "and"
	anyOf  = "or"
	noneOf = "not"
)

// test is a checked filter on rows: several tests joined, or one measure compared. A comparison with an unknown number is
// neither true nor false.
type test struct {
	joined  string // allOf, anyOf or noneOf, which has one part
	parts   []*test
	measure *Measure
	with    any // *models.IntFilter, FloatFilter or DecimalFilter
	path    []string
}

// each visits the measures that are compared.
func (t *test) each(visit func(*Measure)) {
	if t.measure != nil {
		visit(t.measure)
	}
	for _, part := range t.parts {
		part.each(visit)
	}
}

func (p *plan) checkHaving() (err error) {
	p.having, err = p.tests(p.Ask.Having, 1, "having")
	return err
}

// tests checks a filter object, all of whose parts must hold.
func (p *plan) tests(where map[string]any, depth int, path ...string) (*test, error) {
	if depth > maxDepth {
		return nil, fault.Deny(fault.LimitExceeded, fault.Say("A filter nests at most %d deep.", "筛选最多嵌套 %d 层。", maxDepth)).At(path...)
	}
	t := &test{joined: allOf}
	for _, name := range sortedNames(where) {
		part, err := p.testOne(name, where[name], depth, append(slices.Clone(path), name))
		if err != nil {
			return nil, err
		}
		if part != nil {
			t.parts = append(t.parts, part)
		}
	}
	return t, nil
}

func (p *plan) testOne(name string, with any, depth int, path []string) (*test, error) {
	switch with := with.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		if with == nil {
			return nil, nil
		}
		inner, err := p.tests(with, depth+1, path...)
		return &test{joined: noneOf, parts: []*test{inner}}, err
	case []map[string]any:
		if with == nil {
			return nil, nil
		}
		return p.testSeveral(name, with, depth, path)
	}
	m, ok := p.dataset.Measure(name)
	if !ok {
		return nil, fault.Deny(fault.BadInput, fault.Say("Rows have no such number to filter by.", "没有可用于筛选的此指标。")).At(path...)
	}
	if err := p.viewer.Use(m.Rule, path...); err != nil {
		return nil, err
	}
	t := &test{measure: m, with: with, path: path}
	if n, list := listed(with); list && n > maxList {
		return nil, tooMany(append(path, "in"))
	}
	return t, nil
}

func (p *plan) testSeveral(name string, list []map[string]any, depth int, path []string) (*test, error) {
	if len(list) > maxList {
		return nil, tooMany(path)
	}
	t := &test{joined: allOf}
	if name == anyOf {
		t.joined = anyOf
	}
	for i, where := range list {
		inner, err := p.tests(where, depth+1, append(slices.Clone(path), fmt.Sprint(i))...)
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, inner)
	}
	return t, nil
}

// listed tells how many values a comparison lists, if it lists any.
func listed(with any) (n int, list bool) {
	switch c := with.(type) {
	case *models.IntFilter:
		return countIn(c)
	case *models.FloatFilter:
		return countIn(c)
	case *models.DecimalFilter:
		return countIn(c)
	}
	return 0, false
}

func countIn[T any](c *models.Range[T]) (int, bool) {
	if c == nil {
		return 0, false
	}
	return len(c.In), c.In != nil
}

// chosen renders which groups are listed.
func (s *statement) chosen() string { return s.condition(s.having) }

func (s *statement) condition(t *test) string {
	if t.measure != nil {
		return s.comparison(t)
	}
	parts := make([]string, len(t.parts))
	for i, part := range t.parts {
		parts[i] = s.condition(part)
	}
	switch {
	case t.joined == noneOf:
		return "not (" + parts[0] + ")"
	case len(parts) == 1:
		return parts[0]
	case t.joined == anyOf:
		return "((" + joined(parts, ") or (", "false") + "))"
	}
	return joined(parts, " and ", "true")
}

func (s *statement) comparison(t *test) string {
	switch c := t.with.(type) {
	case *models.IntFilter:
		return compared(s.q, t.measure.form.sql(), c)
	case *models.FloatFilter:
		return compared(s.q, t.measure.form.sql(), c)
	case *models.DecimalFilter:
		return compared(s.q, t.measure.form.sql(), c)
	}
	panic(fmt.Sprintf("reports: no comparison for %T at %s", t.with, strings.Join(t.path, ".")))
}

// compared renders the comparison of a number; a nil filter compares nothing.
func compared[T any](q *access.Query, value string, c *models.Range[T]) string {
	if c == nil {
		return "true"
	}
	value = "(" + value + ")"
	var all []string
	for _, bound := range []struct {
		operator string
		value    *T
	}{{"=", c.Eq}, {">", c.Gt}, {">=", c.Gte}, {"<", c.Lt}, {"<=", c.Lte}} {
		if bound.value != nil {
			all = append(all, value+" "+bound.operator+" "+q.Bind(*bound.value))
		}
	}
	if c.In != nil {
		all = append(all, value+" = any("+q.Bind(c.In)+")")
	}
	if c.IsNull != nil {
		all = append(all, fmt.Sprintf("(%s is null) = %t", value, *c.IsNull))
	}
	return joined(all, " and ", "true")
}

// sorted renders what the groups are sorted by, strongest first; unknown comes last, and the keys decide ties.
func (s *statement) sorted() []string {
	var list []string
	for _, key := range s.order {
		way := direction(key.descend)
		if key.measure == nil {
			list = append(list, s.byKeys(way, len(s.by))...)
			continue
		}
		list = append(list, key.measure.form.sql()+" "+way+" nulls last")
	}
	return append(append(list, s.byKeys("asc", len(s.by))...), s.keys(len(s.by)))
}

// byKeys sorts by the first keys.
func (s *statement) byKeys(way string, n int) []string {
	list := make([]string, n)
	for i, d := range s.by[:n] {
		list[i] = d.order(fmt.Sprintf("k%d", i+1), fmt.Sprintf("place%d", i+1)) + " " + way + " nulls last"
	}
	return list
}

func direction(descend bool) string {
	if descend {
		return "desc"
	}
	return "asc"
}

func tooMany(path []string) error {
	return fault.Deny(fault.LimitExceeded, fault.Say("A list has at most %d values.", "列表最多 %d 个值。", maxList)).At(path...)
}

func joined(parts []string, by, none string) string {
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, by)
}

func sortedNames(m map[string]any) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
