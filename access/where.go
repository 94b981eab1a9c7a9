package access

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/fault"
	"guanxi/models"
)

// Limits of what a caller may ask to filter by.
const (
	maxDepth   = 5
	maxList    = 200
	maxPattern = 64
)

// Where renders a caller's filter on the rows under an alias. What the viewer may not read is unknown, and a comparison
// with unknown is neither true nor false. A field that he may read on no record is refused by name.
func (q *Query) Where(kind *Kind, alias string, where map[string]any) (string, error) {
	return q.WhereBeside(kind, alias, where, nil)
}

// WhereBeside is the same of rows beside which some of the records that they link to stand already, all NULL where the viewer sees
// none: by the name of the link, under which alias. A filter on such a link reads what stands there, be it of another instant.
func (q *Query) WhereBeside(kind *Kind, alias string, where map[string]any, beside map[string]string) (string, error) {
	if len(where) > 0 {
		q.Sifts()
	}
	return (&filter{q: q, row: alias, beside: beside}).all(kind, alias, where, []string{"where"})
}

type filter struct {
	q      *Query
	row    string            // the alias of the rows that are filtered
	beside map[string]string // what stands beside them, by link
	depth  int
	links  int

	turned int // how many nots stand around what is rendered: under one, unknown is not as good as false
}

// compares tells whether a filter says something that is not true of a record which is unknown.
func compares(kind *Kind, where map[string]any) bool {
	for name, value := range where {
		if IsNil(value) {
			continue
		}
		link, linked := kind.Relations[name]
		list, _ := value.([]map[string]any)
		inner, _ := value.(map[string]any)
		apart := func(w map[string]any) bool { return !compares(kind, w) }
		switch {
		case name == "and" && slices.ContainsFunc(list, func(w map[string]any) bool { return compares(kind, w) }),
			name == "or" && !slices.ContainsFunc(list, apart),
			linked && !link.Many && compares(link.To, inner),
			linked && link.Many && !IsNil(inner["some"]):
			return true
		}
		if _, field := kind.Fields[name]; field && asksValue(value) {
			return true
		}
	}
	return false
}

// asksValue tells whether a comparison is true of no unknown value.
func asksValue(value any) bool {
	asked := reflect.Indirect(reflect.ValueOf(value))
	for i := range asked.NumField() {
		null, _ := asked.Field(i).Interface().(*bool)
		isNull := asked.Type().Field(i).Name == "IsNull"
		if !asked.Field(i).IsNil() && !(isNull && *null) {
			return true
		}
	}
	return false
}

// all joins the conditions of one filter object by AND.
func (f *filter) all(kind *Kind, alias string, where map[string]any, path []string) (string, error) {
	f.depth++
	defer func() { f.depth-- }()
	if f.depth > maxDepth {
		return "", tooDeep(path)
	}
	conditions := make([]string, 0, len(where))
	for _, name := range sortedKeys(where) {
		condition, err := f.one(kind, alias, name, where[name], append(slices.Clone(path), name))
		if err != nil {
			return "", err
		}
		if condition != "" {
			conditions = append(conditions, condition)
		}
	}
	return join(conditions, " and ", "true"), nil
}

func (f *filter) one(kind *Kind, alias, name string, value any, path []string) (string, error) {
	if IsNil(value) {
		return "", nil
	}
	switch name {
	case "and", "or":
		return f.several(kind, alias, name, value, path)
	case "not":
		f.turned++
		defer func() { f.turned-- }()
		inner, err := f.all(kind, alias, value.(map[string]any), path)
		return "not (" + inner + ")", err
	}
	if field, ok := kind.Fields[name]; ok {
		return f.field(field, alias, value, path)
	}
	if link, ok := kind.Relations[name]; ok {
		if err := f.q.viewer.Use(kind.Protected[link.Column], path...); err != nil {
			return "", err
		}
		if where, is := value.(map[string]any); is && alias == f.row && f.beside[name] != "" {
			return f.all(link.To, f.beside[name], where, path)
		}
		return f.link(link, alias, value, path)
	}
	return "", unknownField(kind, path)
}

func (f *filter) several(kind *Kind, alias, name string, value any, path []string) (string, error) {
	list := value.([]map[string]any)
	if len(list) > maxList {
		return "", tooMany(path)
	}
	conditions := make([]string, len(list))
	for i, where := range list {
		inner, err := f.all(kind, alias, where, append(slices.Clone(path), fmt.Sprint(i)))
		if err != nil {
			return "", err
		}
		conditions[i] = "(" + inner + ")"
	}
	if name == "or" {
		return "(" + join(conditions, " or ", "false") + ")", nil
	}
	return "(" + join(conditions, " and ", "true") + ")", nil
}

// field renders the comparison of one value.
func (f *filter) field(field Field, alias string, value any, path []string) (string, error) {
	if err := f.q.viewer.Use(field.Rule, path...); err != nil {
		return "", err
	}
	column := field.Of(alias)
	switch c := value.(type) {
	case *models.IDFilter:
		return compared(f, column, comparison[uuid.UUID]{eq: c.Eq, in: c.In, null: c.IsNull}, path)
	case *models.PartyFilter:
		return f.party(field, alias, c, path)
	case *models.EnumFilter:
		return compared(f, column, comparison[string]{eq: c.Eq, in: c.In, null: c.IsNull}, path)
	case *models.BooleanFilter:
		return compared(f, column, comparison[bool]{eq: c.Eq, null: c.IsNull}, path)
	case *models.StringFilter:
		return f.text(column, c, path)
	case *models.IntFilter:
		return compareRange(f, column, (*models.Range[int])(c), path)
	case *models.FloatFilter:
		return compareRange(f, column, (*models.Range[float64])(c), path)
	case *models.DecimalFilter:
		return compareRange(f, column, (*models.Range[decimal.Decimal])(c), path)
	case *models.DateFilter:
		return compareRange(f, column, (*models.Range[models.Date])(c), path)
	case *models.DateTimeFilter:
		return compareRange(f, column, (*models.Range[time.Time])(c), path)
	}
	return "", fmt.Errorf("access: no comparison for %T at %s", value, strings.Join(path, "."))
}

// party renders the comparison of a reference to a party of any kind. Of one of another kind than is asked about all fields are unknown.
func (f *filter) party(field Field, alias string, c *models.PartyFilter, path []string) (string, error) {
	which, err := compared(f, field.Of(alias), comparison[uuid.UUID]{eq: c.Eq, in: c.In, null: c.IsNull}, path)
	all := []string{which}
	for _, of := range []struct {
		name  string
		kind  *Kind
		where map[string]any
	}{{"customer", Customer, c.Customer}, {"contact", Contact, c.Contact}, {"competitor", Competitor, c.Competitor}, {"user", User, c.User}} {
		if err != nil || of.where == nil {
			continue
		}
		var part string
		part, err = f.link(ByColumn(of.kind, field.Column), alias, of.where, append(slices.Clone(path), of.name))
		all = append(all, part)
	}
	return join(all, " and ", "true"), err
}

type comparison[T any] struct {
	eq   *T
	in   []T
	null *bool
}

func compared[T any](f *filter, column string, c comparison[T], path []string) (string, error) {
	var all []string
	if c.eq != nil {
		all = append(all, column+" = "+f.q.Bind(*c.eq))
	}
	if c.in != nil {
		if len(c.in) > maxList {
			return "", tooMany(append(path, "in"))
		}
		if len(c.in) == 0 {
			all = append(all, column+" <> "+column) // no value is in it; whether an unknown one is stays unknown
		} else {
			all = append(all, column+" = any("+f.q.Bind(c.in)+")")
		}
	}
	if c.null != nil {
		all = append(all, nullness(column, *c.null))
	}
	return join(all, " and ", "true"), nil
}

func compareRange[T any](f *filter, column string, c *models.Range[T], path []string) (string, error) {
	first, err := compared(f, column, comparison[T]{eq: c.Eq, in: c.In, null: c.IsNull}, path)
	all := []string{first}
	for _, bound := range []struct {
		operator string
		value    *T
	}{{">", c.Gt}, {">=", c.Gte}, {"<", c.Lt}, {"<=", c.Lte}} {
		if bound.value != nil {
			all = append(all, column+" "+bound.operator+" "+f.q.Bind(*bound.value))
		}
	}
	return join(all, " and ", "true"), err
}

func (f *filter) text(column string, c *models.StringFilter, path []string) (string, error) {
	first, err := compared(f, column, comparison[string]{eq: c.Eq, in: c.In, null: c.IsNull}, path)
	all := []string{first}
	for _, p := range []struct {
		name           string
		value          *string
		before, behind string
	}{{"contains", c.Contains, "%", "%"}, {"startsWith", c.StartsWith, "", "%"}} {
		if p.value == nil {
			continue
		}
		if len([]rune(*p.value)) > maxPattern {
			return "", fault.Deny(fault.LimitExceeded, fault.Say("A pattern has at most %d characters.", "模式最多 %d 个字符。", maxPattern)).At(append(path, p.name)...)
		}
		all = append(all, column+" ilike "+f.q.Bind(p.before+likeEscaper.Replace(*p.value)+p.behind))
	}
	return join(all, " and ", "true"), err
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func nullness(column string, null bool) string {
	if null {
		return column + " is null"
	}
	return column + " is not null"
}

// link renders a filter on other records. Those that the viewer does not see are unknown: a single one reads as empty in
// every field, several are only those that he sees.
func (f *filter) link(link Link, alias string, value any, path []string) (string, error) {
	where, ok := value.(map[string]any)
	if !ok {
		return "", fmt.Errorf("access: %s takes a filter object, not %T", strings.Join(path, "."), value)
	}
	if link.Many && isEmpty(where) {
		return "", nil // asks nothing, so no parameter may be bound for it
	}
	f.links++
	child := fmt.Sprintf("l%d", f.links)
	source := f.q.Visible(link.To, child)
	on := f.q.Text(link.On(alias, child))
	if !link.Many {
		inner, err := f.all(link.To, child, where, path)
		if f.turned == 0 && compares(link.To, where) { // so that PostgreSQL may begin at the other records
			return "exists (select 1 from " + source + " where " + on + " and " + inner + f.q.alone() + ")", err
		}
		return fmt.Sprintf("(select %s from (values (1)) one left join %s on %s)", inner, source, on), err
	}
	defer func(turned int) { f.turned = turned }(f.turned)
	f.turned = 0 // whether there is one is never unknown
	var all []string
	for _, quantifier := range sortedKeys(where) {
		some, _ := where[quantifier].(map[string]any)
		if some == nil {
			continue
		}
		inner, err := f.all(link.To, child, some, append(slices.Clone(path), quantifier))
		if err != nil {
			return "", err
		}
		form := map[string]string{
			"some":  "exists (select 1 from %s where %s and (%s))",
			"none":  "not exists (select 1 from %s where %s and (%s))",
			"every": "not exists (select 1 from %s where %s and (%s) is not true)",
		}[quantifier]
		all = append(all, fmt.Sprintf(form, source, on, inner))
	}
	return join(all, " and ", "true"), nil
}

// Use refuses a field that is filtered, sorted or grouped by when the viewer reads its rule in full on no record.
func (v *Viewer) Use(rule Rule, path ...string) error {
	if rule == "" || v.ReadsSome(rule) {
		return nil
	}
	return denied(rule, path)
}

// UseOn refuses a field of a record to be written when the viewer does not read its rule in full there: what he reads masked, or not
// at all, he would write over without knowing it.
func (v *Viewer) UseOn(record models.BusinessRecord, rule Rule, path ...string) error {
	if rule == "" || v.ReadsOn(record, rule) {
		return nil
	}
	return denied(rule, path)
}

func denied(rule Rule, path []string) error {
	return fault.Deny(fault.FieldDenied, fault.Say("You may not use this field: it is under the rule %s.", "您无权使用此字段：受规则 %s 保护。", rule)).At(path...)
}

func unknownField(kind *Kind, path []string) error {
	return fault.Deny(fault.BadInput, fault.Say("%s has no such field to filter or sort by.", "%s 没有可用于筛选或排序的此字段。", kind.Name)).At(path...)
}

func tooDeep(path []string) error {
	return fault.Deny(fault.LimitExceeded, fault.Say("A filter nests at most %d deep.", "筛选最多嵌套 %d 层。", maxDepth)).At(path...)
}

func tooMany(path []string) error {
	return fault.Deny(fault.LimitExceeded, fault.Say("A list has at most %d values.", "列表最多 %d 个值。", maxList)).At(path...)
}

func join(parts []string, by, none string) string {
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" || p == none })
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, by)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func isEmpty(m map[string]any) bool {
	for _, value := range m {
		if !IsNil(value) {
			return false
		}
	}
	return true
}

// IsNil tells whether a filter says nothing.
func IsNil(value any) bool {
	if value == nil {
		return true
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return v.IsNil()
	}
	return false
}
