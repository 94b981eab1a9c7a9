package search

import (
	"context"
	"encoding/json"
	"errors"
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

// mostCounted is how far hits are counted. Where SQL answers, of each kind one more than these are put in order, the newest of
// those that match: who types one letter is served at once, in a company of any size.
const mostCounted = 10_000

// How a record is found beside the reasons of Match: by other text than its name, or by a name that is similar to what was
// typed, as it may have been typed wrong.
const (
	ByText        Reason = "TEXT"
	BySimilarName Reason = "SIMILAR"
)

// Ask is what somebody looks for.
type Ask struct {
	Text  string   // see Parse
	Kinds []string // names of searchable kinds; nil for all
	First int      // hits of a page, 1 to MostHits
	After *string  // a hit's cursor, to go on behind it
	Names *Names   // the names kept in memory; nil for none

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
// so, then phone numbers, then, where names are kept in memory and less than a handful answer, names that are similar; among
// these the shorter name, then the older id.
type Page struct {
	Hits    []*Hit
	HasNext bool
}

// Searchable lists the kinds that can be searched for.
func Searchable() []*access.Kind {
	return []*access.Kind{
		access.Customer, access.Contact, access.Opportunity, access.Service, access.Document, access.Activity,
		access.Competitor, access.Product, access.User, access.Department, access.Group, access.Pool, access.SavedReport, access.Dashboard,
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
	after, err := f.after(ask)
	if err != nil || len(f.kinds) == 0 {
		return &Page{}, err
	}
	f.note()
	if ask.Names != nil {
		page, err := f.remembered(ctx, ask, after)
		if !errors.Is(err, errLacks) {
			ask.Names.answered.Add(1)
			return page, err
		}
		ask.Names.declined.Add(1)
		f.q = snap.Viewer.Query() // memory may have asked something before it gave up
	}
	rows, err := f.rows(ctx, f.arms(f.kinds), f.behind(after), ask.First+1)
	if err != nil {
		return nil, err
	}
	return f.page(ask, rows)
}

// row is a hit as the database tells it.
type row struct {
	place
	line string
}

// rows runs a statement that puts candidates in order, behind a place, and gives the first.
func (f *finder) rows(ctx context.Context, arms []string, behind string, most int) (rows []row, err error) {
	if len(arms) == 0 {
		return nil, nil
	}
	text := fmt.Sprintf(`select id, line, rank, length from (
			select id, line, min(rank) as rank, char_length(line) as length from (%s) found group by id, line) ranked
		where rank is not null and %s order by rank, length, id limit %s`, strings.Join(arms, " union all "), behind, f.q.Bind(most))
	err = f.snap.Run(ctx, f.q, text, func(read access.Row) error {
		var r row
		err := read.Scan(&r.ID, &r.line, &r.Rank, &r.Length)
		rows = append(rows, r)
		return err
	})
	return rows, err
}

func (f *finder) page(ask Ask, rows []row) (*Page, error) {
	page := &Page{HasNext: len(rows) > ask.First}
	for _, r := range rows[:min(ask.First, len(rows))] {
		hit, err := f.hit(r, ask.Seal)
		if err != nil {
			return nil, err
		}
		page.Hits = append(page.Hits, hit)
	}
	return page, nil
}

// Count counts what Find would find over all pages, to 10,000.
func Count(ctx context.Context, snap *access.Snapshot, ask Ask) (models.Count, error) {
	f, err := look(snap, ask)
	if err != nil || len(f.kinds) == 0 {
		return models.Count{Exact: true}, err
	}
	if ask.Names != nil {
		number, err := f.countRemembered(ctx, ask.Names)
		if !errors.Is(err, errLacks) {
			return counted(number), err
		}
		f.q = snap.Viewer.Query()
	}
	number, err := f.count(ctx, f.arms(f.kinds))
	return counted(number), err
}

func counted(number int) models.Count {
	return models.Count{Number: min(number, mostCounted), Exact: number <= mostCounted}
}

// count counts the records found among candidates, to one more than are counted.
func (f *finder) count(ctx context.Context, arms []string) (number int, err error) {
	if len(arms) == 0 {
		return 0, nil
	}
	text := fmt.Sprintf("select count(*) from (select distinct id from (%s) found where rank is not null limit %s) counted", strings.Join(arms, " union all "), f.q.Bind(mostCounted+1))
	err = f.snap.Run(ctx, f.q, text, func(row access.Row) error { return row.Scan(&number) })
	return number, err
}

// finder renders one search.
type finder struct {
	snap  *access.Snapshot
	q     *access.Query // of the statement that is rendered
	typed Query
	kinds []*access.Kind

	hunting *hunt // in memory, once it has begun
}

func look(snap *access.Snapshot, ask Ask) (*finder, error) {
	typed, err := Parse(ask.Text)
	if err != nil {
		return nil, err
	}
	f := &finder{snap: snap, q: snap.Viewer.Query(), typed: typed, kinds: Searchable()}
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

// note keeps for the access log that what was typed was looked for in phone numbers, of which the viewer reads some: who is found tells of
// them. Such an entry is of no record, whoever was found.
func (f *finder) note() {
	for _, kind := range f.kinds {
		if rule := kind.Protected["phone_terms"]; f.typed.Phone != "" && rule != "" && f.snap.Viewer.ReadsSome(rule) {
			f.snap.Note(kind.Name[:1]+strings.ToLower(kind.Name[1:])+"Search.phone", uuid.Nil, 0)
		}
	}
}

// arms renders the candidates of some kinds, where SQL finds them.
func (f *finder) arms(kinds []*access.Kind) []string {
	if len(kinds) == 0 {
		return nil
	}
	f.q.Sifts()
	names, rank := f.names(), f.rank()
	var list []string
	for _, kind := range kinds {
		list = append(list, arm(f.q.Visible(kind, "x"), names, rank, mostCounted+1))
		if f.typed.Phone != "" && slices.Contains(kind.Columns, "phone_terms") {
			list = append(list, arm(f.q.Sought(kind, "x", "phone_terms", f.phone()), "true", fmt.Sprint(byPhone), mostCounted+1))
		}
	}
	return list
}

func arm(source, condition, rank string, newest int) string {
	return fmt.Sprintf("(select x.id, %s as line, %s as rank from %s where %s order by x.id desc limit %d)", line, rank, source, condition, newest)
}

// line is a record's name in its normal form: what Name writes first.
var line = access.NameLine("x")

// The ranks behind the ranks by name: by phone, and by a name with one error, or two.
const (
	byPhone   = 4
	bySimilar = 5
	lastRank  = bySimilar + mostErrors - 1
)

// rank renders how directly a name answers, 0 to 3.
func (f *finder) rank() string {
	name := "replace(" + line + ", ' ', '')"
	typed := f.q.Bind(f.typed.typed()) + "::text"
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

// phone renders whether a record's phone terms, $value, answer.
func (f *finder) phone() string {
	return "$value @> " + f.q.Bind([]string{f.typed.Phone}) + "::text[]"
}

// place is where a hit stands, as its cursor keeps it.
type place struct {
	Rank   int       `json:"r"`
	Length int       `json:"l"`
	ID     uuid.UUID `json:"i"`
}

// after reads the cursor; nil for none.
func (f *finder) after(ask Ask) (*place, error) {
	if ask.After == nil {
		return nil, nil
	}
	plain, err := ask.Open(*ask.After)
	if err != nil {
		return nil, err
	}
	var at place
	if err := json.Unmarshal(plain, &at); err != nil {
		return nil, fault.Deny(fault.BadInput, fault.Say("This cursor is not from this list.", "此游标不属于这个列表。")).At("after").Because(err)
	}
	return &at, nil
}

// behind renders what comes after a place.
func (f *finder) behind(at *place) string {
	if at == nil {
		return "true"
	}
	return fmt.Sprintf("(rank, length, id) > (%s::int, %s::int, %s::uuid)", f.q.Bind(at.Rank), f.q.Bind(at.Length), f.q.Bind(at.ID))
}

func (f *finder) hit(r row, seal func([]byte) string) (*Hit, error) {
	plain, err := json.Marshal(r.place)
	hit := &Hit{RecordID: r.ID, Matched: Match(f.typed, r.line), Cursor: seal(plain)}
	switch {
	case r.Rank == byPhone:
		hit.Matched = ByPhone
	case r.Rank >= bySimilar:
		hit.Matched = BySimilarName
	case hit.Matched == ByNothing:
		hit.Matched = ByText
	}
	return hit, err
}
