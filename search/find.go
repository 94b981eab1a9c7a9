package search

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// MostHits is how many hits a page may have.
const MostHits = 100

// mostCounted is how far hits are counted. Of each kind one more than these are put in order, the newest of those that
// match: who types one letter is served at once, in a company of any size.
const mostCounted = 10_000

// ByText says that a record was found by other text than its name.
const ByText Reason = "TEXT"

// Ask is what somebody looks for.
type Ask struct {
	Text  string   // see Parse
	Kinds []string // names of searchable kinds; nil for all
	First int      // hits of a page, 1 to MostHits
	After *string  // a hit's cursor, to go on behind it

	Seal func(plain []byte) string                     // makes a cursor
	Open func(cursor string) (plain []byte, err error) // reads one that Seal made
}

// Hit is a record found.
type Hit struct {
	RecordID uuid.UUID
	Matched  Reason
	Cursor   string
}

// Page is a page of hits, the best first: the name as typed, then names that begin so, that have it within, that sound
// so, then phone numbers; among these the shorter name, then the older id.
type Page struct {
	Hits    []*Hit
	HasNext bool
}

// Searchable lists the kinds that can be searched for.
func Searchable() []*access.Kind {
	return []*access.Kind{
		access.Customer, access.Contact, access.Opportunity, access.Service, access.Document, access.Activity,
		access.Competitor, access.Product, access.User,
	}
}

// Find looks in what the viewer reads in full. A fault is BAD_INPUT at text, kinds, first or after.
func Find(ctx context.Context, snap *access.Snapshot, ask Ask) (*Page, error) {
	if ask.First < 1 || ask.First > MostHits {
		return nil, fault.Deny(fault.BadInput, fault.Say("first is from 1 to %d.", "first 应在 1 到 %d 之间。", MostHits)).At("first")
	}
	f, err := look(snap, ask)
	if err != nil {
		return nil, err
	}
	behind, err := f.behind(ask)
	if err != nil || len(f.kinds) == 0 {
		return &Page{}, err
	}
	text := fmt.Sprintf(`select id, line, rank, length from (
			select id, line, min(rank) as rank, char_length(line) as length from (%s) found group by id, line) ranked
		where %s order by rank, length, id limit %s`, f.arms(), behind, f.q.Bind(ask.First+1))
	page := &Page{}
	err = snap.Run(ctx, f.q, text, func(row access.Row) error {
		hit, err := f.hit(row, ask.Seal)
		page.Hits = append(page.Hits, hit)
		return err
	})
	if len(page.Hits) > ask.First {
		page.Hits, page.HasNext = page.Hits[:ask.First], true
	}
	return page, err
}

// Count counts what Find would find over all pages, to 10,000.
func Count(ctx context.Context, snap *access.Snapshot, ask Ask) (models.Count, error) {
	f, err := look(snap, ask)
	if err != nil || len(f.kinds) == 0 {
		return models.Count{Exact: true}, err
	}
	text := fmt.Sprintf("select count(*) from (select distinct id from (%s) found limit %s) counted", f.arms(), f.q.Bind(mostCounted+1))
	var number int
	err = snap.Run(ctx, f.q, text, func(row access.Row) error { return row.Scan(&number) })
	return models.Count{Number: min(number, mostCounted), Exact: number <= mostCounted}, err
}

// finder renders one search.
type finder struct {
	q     *access.Query
	typed Query
	kinds []*access.Kind
}

func look(snap *access.Snapshot, ask Ask) (*finder, error) {
	typed, err := Parse(ask.Text)
	if err != nil {
		return nil, err
	}
	f := &finder{q: snap.Viewer.Query(), typed: typed, kinds: Searchable()}
	if ask.Kinds == nil {
		return f, nil
	}
	for _, name := range ask.Kinds {
		if !slices.ContainsFunc(f.kinds, func(k *access.Kind) bool { return k.Name == name }) {
			return nil, fault.Deny(fault.BadInput, fault.Say("%q cannot be searched for.", "不能搜索 %q。", name)).At("kinds")
		}
	}
	f.kinds = slices.DeleteFunc(f.kinds, func(k *access.Kind) bool { return !slices.Contains(ask.Kinds, k.Name) })
	return f, nil
}

// arms renders the candidates of every kind.
func (f *finder) arms() string {
	names, rank, end := f.names(), f.rank(), f.phone()
	var list []string
	for _, kind := range f.kinds {
		list = append(list, arm(f.q.Visible(kind, "x"), names, rank))
		if end != "" && slices.Contains(kind.Columns, "phone_terms") {
			list = append(list, arm(f.q.Sought(kind, "x", "phone_terms", end), "true", fmt.Sprint(byPhone)))
		}
	}
	return strings.Join(list, " union all ")
}

func arm(source, condition, rank string) string {
	return fmt.Sprintf("(select x.id, %s as line, %s as rank from %s where %s order by x.id desc limit %d)", line, rank, source, condition, mostCounted+1)
}

// line is a record's name in its normal form: what Name writes first.
const line = "split_part(x.search_text, chr(10), 1)"

// byPhone is the rank behind the ranks by name.
const byPhone = 4

// rank renders how directly a name answers, 0 to 3.
func (f *finder) rank() string {
	name := "replace(" + line + ", ' ', '')"
	typed := f.q.Bind(strings.ReplaceAll(f.typed.Normal, " ", "")) + "::text"
	return fmt.Sprintf("case when %[1]s = %[2]s then 0 when starts_with(%[1]s, %[2]s) then 1 when position(%[2]s in %[1]s) > 0 then 2 else 3 end", name, typed)
}

// names renders whether a record's names answer.
func (f *finder) names() string {
	var all []string
	if len(f.typed.Terms) > 0 {
		all = append(all, "x.search_terms @> "+f.q.Bind(f.typed.Terms)+"::text[]")
	}
	if f.typed.Like != "" {
		all = append(all, "x.search_text like "+f.q.Bind(f.typed.Like)+"::text")
	}
	if len(f.typed.Likes) > 0 {
		all = append(all, "x.search_text like all ("+f.q.Bind(f.typed.Likes)+"::text[])")
	}
	return strings.Join(all, " and ")
}

// phone renders whether a record's phone terms, $value, answer; empty when no phone number was typed.
func (f *finder) phone() string {
	if f.typed.Phone == "" {
		return ""
	}
	return "$value @> " + f.q.Bind([]string{f.typed.Phone}) + "::text[]"
}

// position is where a hit stands, as its cursor keeps it.
type position struct {
	Rank   int       `json:"r"`
	Length int       `json:"l"`
	ID     uuid.UUID `json:"i"`
}

// behind renders what comes after the cursor.
func (f *finder) behind(ask Ask) (string, error) {
	if ask.After == nil {
		return "true", nil
	}
	var at position
	plain, err := ask.Open(*ask.After)
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(plain, &at); err != nil {
		return "", fault.Deny(fault.BadInput, fault.Say("This cursor is not from this list.", "此游标不属于这个列表。")).At("after").Because(err)
	}
	return fmt.Sprintf("(rank, length, id) > (%s::int, %s::int, %s::uuid)", f.q.Bind(at.Rank), f.q.Bind(at.Length), f.q.Bind(at.ID)), nil
}

func (f *finder) hit(row access.Row, seal func([]byte) string) (*Hit, error) {
	var at position
	var name string
	if err := row.Scan(&at.ID, &name, &at.Rank, &at.Length); err != nil {
		return nil, err
	}
	plain, err := json.Marshal(at)
	hit := &Hit{RecordID: at.ID, Matched: Match(f.typed, name), Cursor: seal(plain)}
	switch {
	case at.Rank == byPhone:
		hit.Matched = ByPhone
	case hit.Matched == ByNothing:
		hit.Matched = ByText
	}
	return hit, err
}
