package reports

import (
	"fmt"
	"strings"
)

// listed renders the whole report: the listed groups by place, what was left out as one line, the subtotals, and the total of
// the whole population. What does not add up over groups is computed from the facts of each line.
func (s *statement) listed() (string, error) {
	s.unwritten = s.additive() // or facts are joined to their groups again
	facts, err := s.facts()
	if err != nil {
		return "", err
	}
	if len(s.by) == 0 {
		return fmt.Sprintf("with facts as (\n  %s\n)\nselect 0, 1, %s\nfrom facts", facts, s.overs()), nil
	}
	having, order := s.chosen(), s.sorted()
	first := s.q.Bind(s.First) + "::bigint"
	text := fmt.Sprintf(`with facts as (
  %s
), groups as (
  select %s,
    %s
  from facts
  group by %s
), ranked as (
  select %s, (%s) is true as kept
  from groups g%s
), placed as (
  select *, case when kept then row_number() over (partition by kept order by %s) end as place
  from ranked
)`, facts, s.writtenKeys(), s.named(), s.keys(len(s.by)), s.rankedColumns(), having, s.labels(), strings.Join(order, ", "))
	from, fold := "placed", s.folds()
	if !s.additive() {
		text += s.members()
		from, fold = "members", s.overs()
	}
	n := len(s.by)
	parts := []string{
		fmt.Sprintf("select %d as level, place, %s, %s from placed where place <= %s", n, s.lineKeys(n), s.names(), first),
		fmt.Sprintf("select %d, 0, %s, %s from %s where place is null or place > %s having count(*) > 0", n, s.lineKeys(0), fold, from, first),
		fmt.Sprintf("select 0, 1, %s, %s from %s", s.lineKeys(0), fold, from),
	}
	for level := 1; s.Subtotals && level < n; level++ {
		parts = append(parts, s.subtotal(level, from, fold))
	}
	return text + "\n" + strings.Join(parts, "\nunion all\n") + "\norder by 1 desc, 2", nil
}

// subtotal renders the lines of the first dimensions alone, in the order of their keys.
func (s *statement) subtotal(level int, from, fold string) string {
	group := s.keys(level)
	for i, d := range s.by[:level] {
		if d.Type == RecordKeys {
			group += fmt.Sprintf(", label%d, place%[1]d", i+1)
		}
	}
	order := append(s.byKeys("asc", level), s.keys(level))
	return fmt.Sprintf("(select %d, row_number() over (order by %s), %s, %s from %s group by %s limit %d)",
		level, strings.Join(order, ", "), s.lineKeys(level), fold, from, group, maxRows+1)
}

// members renders each fact with its group's place and names.
func (s *statement) members() string {
	more, on := []string{"p.place"}, make([]string, len(s.by))
	for i, d := range s.by {
		if d.Type == RecordKeys {
			more = append(more, fmt.Sprintf("p.label%d, p.place%[1]d", i+1))
		}
		on[i] = fmt.Sprintf("coalesce(p.k%[1]d::text, '') = coalesce(f.k%[1]d::text, '')", i+1)
	}
	return fmt.Sprintf(", members as (\n  select f.*, %s\n  from facts f join placed p on %s\n)", strings.Join(more, ", "), strings.Join(on, " and "))
}

// keys lists the columns of the first keys.
func (s *statement) keys(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("k%d", i+1)
	}
	return strings.Join(list, ", ")
}

// writtenKeys are the keys of groups, of their facts' keys.
func (s *statement) writtenKeys() string {
	list := make([]string, len(s.by))
	for i, d := range s.by {
		list[i] = fmt.Sprintf("k%d", i+1)
		if s.unwritten && d.Type == TimeKeys {
			list[i] = d.Grain.written(list[i], "") + " as " + list[i]
		}
	}
	return strings.Join(list, ", ")
}

// named are the components over facts under their names, overs without them.
func (s *statement) named() string {
	return s.eachComponent(",\n    ", func(c *component) string { return c.over() + " as " + c.name })
}

func (s *statement) overs() string {
	return s.eachComponent(", ", func(c *component) string { return c.over() })
}

// names are the components of a group, folds those of several groups together.
func (s *statement) names() string {
	return s.eachComponent(", ", func(c *component) string { return c.name })
}

func (s *statement) folds() string { return s.eachComponent(", ", (*component).folded) }

func (s *statement) eachComponent(between string, render func(*component) string) string {
	list := make([]string, len(s.components))
	for i, c := range s.components {
		list[i] = render(c)
	}
	return strings.Join(list, between)
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

// lineKeys are what is read of a line's keys: the first with their names, as text, and nothing of the others.
func (s *statement) lineKeys(level int) string {
	list := make([]string, len(s.by))
	for i, d := range s.by {
		switch {
		case i >= level:
			list[i] = "null, null"
		case d.Type == RecordKeys:
			list[i] = fmt.Sprintf("k%d::text, label%[1]d::text", i+1)
		default:
			list[i] = fmt.Sprintf("k%d::text, null::text", i+1)
		}
	}
	return strings.Join(list, ", ")
}

// matched renders the facts joined to groups that are named by their first keys as text: w.place is the group's place, null
// for all other facts.
func (s *statement) matched(level int, groups [][]string) string {
	if level == 0 {
		return "facts f cross join (select 1 as place) w"
	}
	arrays, names, on := make([]string, level), make([]string, level), make([]string, level)
	for i := range level {
		column := make([]string, len(groups))
		for j, keys := range groups {
			column[j] = keys[i]
		}
		arrays[i] = s.q.Bind(column) + "::text[]"
		names[i] = fmt.Sprintf("g%d", i+1)
		on[i] = fmt.Sprintf("w.g%[1]d = coalesce(f.k%[1]d::text, '')", i+1)
	}
	return fmt.Sprintf("facts f left join unnest(%s) with ordinality as w (%s, place) on %s",
		strings.Join(arrays, ", "), strings.Join(names, ", "), strings.Join(on, " and "))
}

// again renders the numbers of given groups over the plan's population, level by level, and those of all others together.
func (s *statement) again(groups [][][]string) (string, error) {
	facts, err := s.facts()
	if err != nil {
		return "", err
	}
	var parts []string
	for level, list := range groups {
		if level == 0 || list != nil {
			parts = append(parts, fmt.Sprintf("select %d as level, coalesce(w.place, 0) as place, %s\nfrom %s\ngroup by 2", level, s.overs(), s.matched(level, list)))
		}
	}
	return fmt.Sprintf("with facts as (\n  %s\n)\n%s\norder by 1, 2", facts, strings.Join(parts, "\nunion all\n")), nil
}
