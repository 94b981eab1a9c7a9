package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// Limits of a filter on rows, as for filters on records.
const (
	maxDepth = 5
	maxList  = 200
)

// having renders which groups are listed. A comparison with an unknown number is neither true nor false.
func (s *statement) having(where map[string]any, depth int, path ...string) (string, error) {
	if depth > maxDepth {
		return "", fault.Deny(fault.LimitExceeded, fault.Say("A filter nests at most %d deep.", "筛选最多嵌套 %d 层。", maxDepth)).At(path...)
	}
	conditions := []string{}
	for _, name := range sortedNames(where) {
		condition, err := s.havingOne(name, where[name], depth, append(slices.Clone(path), name))
		if err != nil {
			return "", err
		}
		if condition != "" {
			conditions = append(conditions, condition)
		}
	}
	return joined(conditions, " and ", "true"), nil
}

func (s *statement) havingOne(name string, value any, depth int, path []string) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case map[string]any:
		if value == nil {
			return "", nil
		}
		inner, err := s.having(value, depth+1, path...)
		return "not (" + inner + ")", err
	case []map[string]any:
		if value == nil {
			return "", nil
		}
		return s.havingSeveral(name, value, depth, path)
	}
	m, ok := measureBy(name, func(m measure) string { return m.name })
	if !ok {
		return "", fault.Deny(fault.BadInput, fault.Say("Rows have no such number to filter by.", "没有可用于筛选的此指标。")).At(path...)
	}
	if err := s.viewer.Use(m.rule, path...); err != nil {
		return "", err
	}
	switch c := value.(type) {
	case *models.IntFilter:
		return compared(s.q, m.value, c, path)
	case *models.FloatFilter:
		return compared(s.q, m.value, c, path)
	case *models.DecimalFilter:
		return compared(s.q, m.value, (*models.Range[decimal.Decimal])(c), path)
	}
	return "", fmt.Errorf("reports: no comparison for %T at %s", value, strings.Join(path, "."))
}

func (s *statement) havingSeveral(name string, list []map[string]any, depth int, path []string) (string, error) {
	if len(list) > maxList {
		return "", tooMany(path)
	}
	conditions := make([]string, len(list))
	for i, where := range list {
		inner, err := s.having(where, depth+1, append(slices.Clone(path), fmt.Sprint(i))...)
		if err != nil {
			return "", err
		}
		conditions[i] = "(" + inner + ")"
	}
	if name == "or" {
		return "(" + joined(conditions, " or ", "false") + ")", nil
	}
	return "(" + joined(conditions, " and ", "true") + ")", nil
}

// compared renders the comparison of a number; a nil filter compares nothing.
func compared[T any](q *access.Query, value string, c *models.Range[T], path []string) (string, error) {
	if c == nil {
		return "", nil
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
		if len(c.In) > maxList {
			return "", tooMany(append(path, "in"))
		}
		all = append(all, value+" = any("+q.Bind(c.In)+")")
	}
	if c.IsNull != nil {
		all = append(all, fmt.Sprintf("(%s is null) = %t", value, *c.IsNull))
	}
	return joined(all, " and ", "true"), nil
}

// order renders what the groups are sorted by, strongest first; unknown comes last, and the keys decide ties.
func (s *statement) order() ([]string, error) {
	var list []string
	for i, o := range s.OrderBy {
		if o.Measure == "KEY" {
			list = append(list, s.byKeys(direction(o.Direction))...)
			continue
		}
		m, ok := measureBy(o.Measure, func(m measure) string { return m.order })
		if !ok {
			return nil, fault.Deny(fault.BadInput, fault.Say("Rows cannot be sorted by %.64q.", "不能按 %.64q 排序。", o.Measure)).At("orderBy", fmt.Sprint(i), "measure")
		}
		if err := s.viewer.Use(m.rule, "orderBy", o.Measure); err != nil {
			return nil, err
		}
		list = append(list, m.value+" "+direction(o.Direction)+" nulls last")
	}
	list = append(list, s.byKeys("asc")...)
	for i := range s.by {
		list = append(list, fmt.Sprintf("k%d", i+1))
	}
	return list, nil
}

func (s *statement) byKeys(way string) []string {
	list := make([]string, len(s.by))
	for i, d := range s.by {
		list[i] = d.order(fmt.Sprintf("k%d", i+1), fmt.Sprintf("place%d", i+1)) + " " + way + " nulls last"
	}
	return list
}

func direction(d string) string {
	if d == "DESC" {
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
