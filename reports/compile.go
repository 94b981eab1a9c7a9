package reports

import (
	"fmt"
	"strings"
)

// Places of rows that are no group: a listed group has its place from 1.
const (
	otherPlace = 0
	totalPlace = -1
)

// listed renders the whole report: the listed groups by place, what was left out folded into one row, and the total of
// the whole population.
func (s *statement) listed() (string, error) {
	facts, err := s.facts(opportunities)
	if err != nil {
		return "", err
	}
	having, err := s.having(s.Having, 1, "having")
	if err != nil {
		return "", err
	}
	order, err := s.order()
	if err != nil {
		return "", err
	}
	first := s.q.Bind(s.First) + "::bigint"
	return fmt.Sprintf(`with facts as (
  %s
), groups as (
  select %s
  from facts%s
), ranked as (
  select %s, (%s) is true as kept
  from groups g%s
), placed as (
  select *, case when kept then row_number() over (partition by kept%s) end as place
  from ranked
)
select place, %s from placed where place <= %s
union all
select 0, %s from placed where place is null or place > %[9]s having count(*) > 0
union all
select -1, %[10]s from placed
order by 1`,
		facts, s.groupColumns(), s.groupBy(), s.rankedColumns(), having, s.labels(),
		orderClause(order), s.rowColumns(), first, s.foldColumns()), nil
}

// groupColumns are the keys and components of a group.
func (s *statement) groupColumns() string {
	var list []string
	for i := range s.by {
		list = append(list, fmt.Sprintf("k%d", i+1))
	}
	for _, c := range components {
		list = append(list, c.over+" as "+c.name)
	}
	for i := range s.by {
		list = append(list, fmt.Sprintf("count(k%[1]d) as known%[1]d", i+1))
	}
	return strings.Join(list, ",\n    ")
}

func (s *statement) groupBy() string {
	if len(s.by) == 0 {
		return ""
	}
	keys := make([]string, len(s.by))
	for i := range s.by {
		keys[i] = fmt.Sprintf("k%d", i+1)
	}
	return "\n  group by " + strings.Join(keys, ", ")
}

// rankedColumns add to a group the name of each key's record and what it is sorted by.
func (s *statement) rankedColumns() string {
	list := []string{"g.*"}
	for i, d := range s.by {
		if d.Type != RecordKeys {
			continue
		}
		alias := fmt.Sprintf("l%d", i+1)
		name := names(d.Of, alias, s.language)
		place := name + ` collate "zh-x-icu"`
		if d.Place != "" {
			place = alias + "." + d.Place
		}
		list = append(list, fmt.Sprintf("%s as label%d", name, i+1), fmt.Sprintf("%s as place%d", place, i+1))
	}
	return strings.Join(list, ", ")
}

// labels renders the sources of the records that keys stand for.
func (s *statement) labels() string {
	var text strings.Builder
	for i, d := range s.by {
		if d.Type == RecordKeys {
			fmt.Fprintf(&text, "\n    left join %s on l%[2]d.id = g.k%[2]d", s.q.Visible(d.Of, fmt.Sprintf("l%d", i+1)), i+1)
		}
	}
	return text.String()
}

// rowColumns are what is read of a listed group: keys and names as text, then the components.
func (s *statement) rowColumns() string {
	var list []string
	for i, d := range s.by {
		label := "null"
		if d.Type == RecordKeys {
			label = fmt.Sprintf("label%d", i+1)
		}
		list = append(list, fmt.Sprintf("k%d::text, %s::text", i+1, label))
	}
	for _, name := range s.componentNames() {
		list = append(list, name.name)
	}
	return strings.Join(list, ", ")
}

// foldColumns are the same of several groups added up.
func (s *statement) foldColumns() string {
	var list []string
	for range s.by {
		list = append(list, "null, null")
	}
	for _, c := range s.componentNames() {
		list = append(list, fmt.Sprintf("coalesce(sum(%s), 0)::%s", c.name, c.cast))
	}
	return strings.Join(list, ", ")
}

func (s *statement) componentNames() []component {
	list := components[:len(components):len(components)]
	for i := range s.by {
		list = append(list, component{name: fmt.Sprintf("known%d", i+1), cast: "bigint"})
	}
	return list
}

func orderClause(order []string) string {
	if len(order) == 0 {
		return ""
	}
	return " order by " + strings.Join(order, ", ")
}

// matched renders the facts joined to the groups that a report lists, each named by its keys as text: w.place is the
// group's place, null for all other facts.
func (s *statement) matched(groups [][]string) string {
	if len(s.by) == 0 {
		return "facts f cross join (select null::int as place) w"
	}
	arrays, names, on := make([]string, len(s.by)), make([]string, len(s.by)), make([]string, len(s.by))
	for i := range s.by {
		column := make([]string, len(groups))
		for j, keys := range groups {
			column[j] = keys[i]
		}
		arrays[i] = s.q.Bind(column) + "::text[]"
		names[i] = fmt.Sprintf("k%d", i+1)
		on[i] = fmt.Sprintf("w.k%[1]d = coalesce(f.k%[1]d::text, '')", i+1)
	}
	return fmt.Sprintf("facts f left join unnest(%s) with ordinality as w (%s, place) on %s",
		strings.Join(arrays, ", "), strings.Join(names, ", "), strings.Join(on, " and "))
}

// again renders the numbers of given groups over the plan's population, and those of all others together.
func (s *statement) again(groups [][]string) (string, error) {
	facts, err := s.facts(opportunities)
	if err != nil {
		return "", err
	}
	list := []string{"coalesce(w.place, 0)"}
	for _, c := range components {
		list = append(list, c.over)
	}
	for i := range s.by {
		list = append(list, fmt.Sprintf("count(f.k%d)", i+1))
	}
	return fmt.Sprintf("with facts as (\n  %s\n)\nselect %s\nfrom %s\ngroup by 1\norder by 1",
		facts, strings.Join(list, ",\n  "), s.matched(groups)), nil
}
