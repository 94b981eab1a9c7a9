package access

import (
	"fmt"
	"slices"
	"strings"

	"guanxi/models"
)

// Page is a page of a list of records r that the viewer sees: the one place that decides where reading begins. It follows from the
// viewer's rights alone. Who sees all, or reaches many people, walks the list's order and asks of each record whether he sees it; who
// reaches few begins at what is theirs. What Visible says decides on every record, whichever way it was come by.
type Page struct {
	Kind     *Kind
	Deleted  bool           // of the deleted records that the viewer could manage
	Linked   string         // the condition by which the records hang on another, p: reading begins there; empty for a list of its own
	Where    map[string]any // what the caller asks of them
	Keys     []SortKey      // by Order, on r
	Backward bool           // from the end
	Place    []*string      // the keys of the record that the page goes on behind; nil from the beginning
	Size     int
}

// Of how many people records are looked up one by one, rather than found among all: where each brings customers to follow, fewer.
const (
	fewOwners          = 50
	fewCustomersOwners = 20
)

// few is how many people's records of a kind are looked up one by one.
func (k *Kind) few() int {
	if k == Relationship || k == Contact {
		return fewCustomersOwners
	}
	return fewOwners
}

// Page renders the statement that reads a page: the columns as they are shown, and the keys. Its rows come in no order, and there may be
// more than were asked for.
func (q *Query) Page(p Page) (string, error) {
	o := q.ordered(p)
	b, few := q.beginnings(p.Kind, p.Kind.few())
	few = few && !p.Deleted && p.Linked == ""
	where, err := q.where(p, few)
	if err != nil {
		return "", err
	}
	q.each = true
	defer func() { q.each = false }()
	if !few {
		return q.walked(p, o, where), nil
	}
	return fmt.Sprintf("select distinct on (%s) * from (%s) a order by %s limit %d",
		strings.Join(o.values("a"), ", "), strings.Join(q.lookedUp(p, o, b, where), " union all "), o.by("a"), p.Size), nil
}

// where renders what the caller asks of r. Of few records it is asked one by one; of many, PostgreSQL may begin at what it asks for.
func (q *Query) where(p Page, few bool) (string, error) {
	q.each = few
	defer func() { q.each = false }()
	return q.Where(p.Kind, "r", p.Where)
}

// By renders the order of the page's rows, whose keys stand as k0, k1 … under an alias.
func (p Page) By(alias string) string {
	return (&ordered{keys: p.Keys, backward: p.Backward}).by(alias)
}

// reads lists what is read of a record r.
func (q *Query) reads(p Page) string {
	list := []string{q.Shown(p.Kind, "r")}
	for i, key := range p.Keys {
		list = append(list, key.Value+" as k"+fmt.Sprint(i))
	}
	return strings.Join(list, ", ")
}

// walked reads the list in its order until the page is full: first one run of it, and if that was not enough, the next.
func (q *Query) walked(p Page, o *ordered, where string) string {
	runs := o.runs(p.Linked == "")
	for i, run := range runs {
		conditions := join([]string{p.Linked, where, run.condition}, " and ", "true")
		if i > 0 {
			conditions = fmt.Sprintf("(select count(*) from run) < %d and %s", p.Size, conditions)
		}
		runs[i].text = fmt.Sprintf("select %s from %s where %s order by %s limit %d", q.reads(p), q.listed(p), conditions, run.order, p.Size)
	}
	if len(runs) == 1 {
		return runs[0].text
	}
	return "with run as materialized (" + runs[0].text + ") select * from run union all (" + runs[1].text + ")"
}

// lookedUp reads a page of the records behind each index that leads to what the viewer may see, and of those that are looked up one by
// one.
func (q *Query) lookedUp(p Page, o *ordered, b beginnings, where string) []string {
	condition := join([]string{where, o.behind("r")}, " and ", "true")
	var arms []string
	for _, begins := range b.columns {
		arms = append(arms, "("+begins.each("v.*", func(person string) string {
			return fmt.Sprintf("select %s from %s where %s order by %s limit %d", q.reads(p), q.begun(p.Kind, false, "r."+begins.column+" = "+person), condition, o.by("r"), p.Size)
		})+")")
	}
	columns, stored := o.stored("o")
	single := b.single(p.Kind, columns)
	if single == "" {
		return arms
	}
	by, looked := o.by("r"), fmt.Sprintf("(select * from %s where %s offset 0) r", q.begun(p.Kind, false, "r.id = g.id"), condition)
	if stored { // sorted before each is looked at, so that what stands behind the page never is
		by, single = o.by("g"), fmt.Sprintf("select * from (%s) g where %s order by %s", single, o.behind("g"), o.by("g"))
	}
	return append(arms, fmt.Sprintf("(select %s from (%s) g cross join lateral %s order by %s limit %d)", q.reads(p), single, looked, by, p.Size))
}

// begun renders the source of those visible rows of a kind that fulfil conditions. Where these decide, nothing else is asked of a row, so
// that an index alone may answer.
func (q *Query) begun(kind *Kind, decided bool, conditions ...string) string {
	text := q.kept(kind) + strings.Join(conditions, " and ")
	if open := q.open(kind, models.Observe); !decided || open == "false" || hasLists(kind) {
		text += " and (" + open + ")"
	}
	return q.render(kind, "r", text)
}

// hasLists tells whether records of the kind may have a list of their own, which shuts them to those that a way leads there.
func hasLists(kind *Kind) bool {
	return slices.ContainsFunc(closings, func(c closing) bool { return c.list != "" && c.of(kind) })
}

// Count renders how many records there are on all pages of a list, one at most above a bound. Who reaches many people nearly always has
// that many of their records, which are counted first; unless he asks for few of them, which PostgreSQL may know where to find.
func (q *Query) Count(p Page, bound int) (string, error) {
	most := p.Kind.few()
	if len(p.Where) == 0 && p.Kind.Guard == Business {
		most = anyNumber
	}
	b, ok := q.beginnings(p.Kind, most)
	ok = ok && !p.Deleted && p.Linked == ""
	where, err := q.where(p, ok)
	if err != nil {
		return "", err
	}
	q.each = ok || len(p.Where) == 0
	defer func() { q.each = false }()
	if !ok {
		return fmt.Sprintf("select count(*) from (select 1 from %s where %s limit %d) c", q.listed(p), join([]string{p.Linked, where}, " and ", "true"), bound+1), nil
	}
	return fmt.Sprintf("select count(*) from (select 1 from (%s) a limit %d) c", strings.Join(q.counted(p.Kind, b, where), " union all "), bound+1), nil
}

// counted reads the records behind each index that leads to what the viewer may see, and those that are looked up one by one, which come
// last; no record twice, so that reading ends where there are enough.
func (q *Query) counted(kind *Kind, b beginnings, where string) []string {
	var arms, others []string
	for _, begins := range b.columns {
		arms = append(arms, "("+begins.each("1", func(person string) string {
			source := q.begun(kind, begins.decides, append(slices.Clone(others), "r."+begins.column+" = "+person)...)
			return fmt.Sprintf("select 1 from %s where %s offset 0", source, where)
		})+")")
		others = append(others, "not "+begins.tests("r"))
	}
	if single := b.single(kind, "o.id"); single != "" {
		source := q.begun(kind, false, append(others, "r.id = g.id")...)
		arms = append(arms, fmt.Sprintf("select 1 from (%s) g cross join lateral (select 1 from %s where %s offset 0) v", single, source, where))
	}
	return arms
}

// listed renders the source of a list that is walked.
func (q *Query) listed(p Page) string {
	if p.Deleted {
		return q.Deleted(p.Kind, "r")
	}
	return q.Visible(p.Kind, "r")
}
