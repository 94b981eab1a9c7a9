package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/google/uuid"

	"guanxi/access"
)

// handful is how many records must answer as typed for nothing similar to be looked for.
const handful = 5

// Bounds of asking the database about what memory tells: each time it is asked about several times as many; when it still
// refused too many, SQL finds by itself.
const (
	askedMore = 4
	mostAsks  = 5
)

// remembered answers from names in memory: they tell what may be found, in order, and the database decides. errLacks leaves all
// to SQL.
func (f *finder) remembered(ctx context.Context, ask Ask, after *place) (*Page, error) {
	names, err := ask.Names.at(ctx, f.snap)
	if err != nil {
		return nil, err
	}
	rows, err := f.ranked(ctx, names, after, max(ask.First+1, handful), 0, byPhone)
	if err != nil {
		return nil, err
	}
	if len(rows) <= ask.First {
		similar, err := f.similar(ctx, names, after, rows, ask.First+1-len(rows))
		if err != nil {
			return nil, err
		}
		rows = append(rows, similar...)
	}
	return f.page(ask, rows)
}

// similar gives the first names that are similar to what was typed, behind a place; none when a handful answer as typed. rows
// are those that do behind the place.
func (f *finder) similar(ctx context.Context, names *copied, after *place, rows []row, most int) (_ []row, err error) {
	if len(nearPieces(f.typed.pieces)) == 0 {
		return nil, nil
	}
	if after != nil {
		if rows, err = f.ranked(ctx, names, nil, handful, 0, byPhone); err != nil {
			return nil, err
		}
	}
	if len(rows) >= handful {
		return nil, nil
	}
	return f.ranked(ctx, names, after, most, bySimilar, lastRank)
}

// countRemembered counts the records that memory tells, and the database finds: those that answer, and if these are less than a
// handful, those that are similar.
func (f *finder) countRemembered(ctx context.Context, kept *Names) (int, error) {
	names, err := kept.at(ctx, f.snap)
	if err != nil {
		return 0, err
	}
	number, err := f.countRanks(ctx, names, 0, byPhone)
	if err != nil || number >= handful {
		return number, err
	}
	similar, err := f.countRanks(ctx, names, bySimilar, lastRank)
	return number + similar, err
}

func (f *finder) countRanks(ctx context.Context, names *copied, first, last int) (number int, err error) {
	h, err := f.hunt(ctx, names)
	if err != nil {
		return 0, err
	}
	h.rank, h.behind = first, nil
	for asks := range mostAsks {
		list, done := h.next(mostCounted+1, last)
		f.q = f.snap.Viewer.Query()
		arms := f.asked(list)
		if asks == 0 && first < bySimilar {
			arms = append(arms, f.arms(h.others)...)
		}
		more, err := f.count(ctx, arms)
		if number += more; err != nil || done || number > mostCounted {
			return number, err
		}
	}
	return 0, errLacks
}

// ranked gives the first rows of some ranks behind a place. Kinds that are not in memory are found by SQL in the first
// statement, if they are found so at all.
func (f *finder) ranked(ctx context.Context, names *copied, after *place, most, first, last int) ([]row, error) {
	h, err := f.hunt(ctx, names)
	if err != nil {
		return nil, err
	}
	if h.rank, h.behind = first, nil; after != nil && after.Rank >= first {
		h.rank, h.behind = after.Rank, after
	}
	var rows []row
	for asks, at := 0, most; ; asks, at = asks+1, at*askedMore {
		if asks == mostAsks {
			return nil, errLacks
		}
		list, done := h.next(at, last)
		f.q = f.snap.Viewer.Query()
		arms := f.asked(list)
		if asks == 0 && first < bySimilar {
			arms = append(arms, f.arms(h.others)...)
		}
		more, err := f.rows(ctx, arms, f.behind(after), max(at, most))
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
		slices.SortFunc(rows, func(a, b row) int { return a.compare(&b.place) })
		settled := len(rows)
		if !done {
			settled, _ = slices.BinarySearchFunc(rows, &list[len(list)-1].place, func(r row, p *place) int { return cmp.Or(r.compare(p), -1) })
		}
		if done || settled >= most {
			return rows[:min(most, len(rows))], nil
		}
	}
}

func (p *place) compare(other *place) int {
	return cmp.Or(cmp.Compare(p.Rank, other.Rank), compareRows(p.Length, p.ID, other.Length, other.ID))
}

// asked renders the question which of some candidates are found. They are looked up by their ids, so what was typed stands where no
// index is chosen by it.
func (f *finder) asked(list []candidate) []string {
	type group struct {
		kind *access.Kind
		rank int
	}
	ids, order := map[group][]uuid.UUID{}, []group{}
	for _, c := range list {
		g := group{c.kind, max(c.Rank, byPhone-1)}
		if ids[g] == nil {
			order = append(order, g)
		}
		ids[g] = append(ids[g], c.ID)
	}
	var arms []string
	for _, g := range order {
		among := "x.id = any(" + f.q.Bind(ids[g]) + "::uuid[])"
		switch {
		case g.rank < byPhone:
			arms = append(arms, askedOf(f.q.Visible(g.kind, "x"), among, "case when "+f.names()+" then "+f.rank()+" end"))
		case g.rank == byPhone:
			arms = append(arms, askedOf(f.q.Sought(g.kind, "x", "phone_terms", f.phone()), among, fmt.Sprint(byPhone)))
		default:
			arms = append(arms, askedOf(f.q.Visible(g.kind, "x"), among, fmt.Sprint(g.rank)))
		}
	}
	return arms
}

func askedOf(source, condition, rank string) string {
	return fmt.Sprintf("select x.id, %s as line, %s as rank from %s where %s", line, rank, source, condition)
}

// candidate is a record that may be found.
type candidate struct {
	place
	kind *access.Kind
}

// hunt gives candidates in order, some at a time. It may begin again.
type hunt struct {
	lookers []kindLooker
	others  []*access.Kind // that are not in memory
	rank    int
	behind  *place // of the rank
}

// kindLooker looks in the parts of one kind.
type kindLooker struct {
	kind  *access.Kind
	parts []*looker
}

func (f *finder) hunt(ctx context.Context, names *copied) (*hunt, error) {
	if f.hunting != nil {
		return f.hunting, nil
	}
	h, w := &hunt{}, want(f.typed)
	beside, err := besides(ctx, f.snap)
	if err != nil {
		return nil, err
	}
	opened := names.numbered(beside)
	for _, kind := range f.kinds {
		at := slices.IndexFunc(names.kinds, func(s shelf) bool { return s.kind == kind })
		if at < 0 {
			h.others = append(h.others, kind)
			continue
		}
		s := newSight(f.snap.Viewer, kind, names.kinds[at].hands)
		k := kindLooker{kind: kind}
		for _, p := range names.kinds[at].parts {
			l := &looker{part: p, wanted: w, sight: s, few: names.kinds[at].few}
			if kind != access.Customer && kind.Guard == access.Business {
				l.opened = opened
			}
			l.mark(beside)
			k.parts = append(k.parts, l)
		}
		h.lookers = append(h.lookers, k)
	}
	f.hunting = h
	return h, nil
}

// next gives the next candidates up to a rank, and tells whether these are the last.
func (h *hunt) next(most, last int) (list []candidate, done bool) {
	for ; h.rank <= last; h.rank, h.behind = h.rank+1, nil {
		list = append(list, h.ofRank(most-len(list))...)
		if len(list) == most {
			h.behind = &list[most-1].place
			return list, false
		}
	}
	return list, true
}

// ofRank gives the next candidates of one rank. Where there are very many names, two kinds are looked through at a time.
func (h *hunt) ofRank(most int) []candidate {
	lists, met := make([][]candidate, len(h.lookers)), make([]*access.Panic, len(h.lookers))
	var all sync.WaitGroup
	free := make(chan struct{}, 2)
	for i, l := range h.lookers {
		if len(l.parts) == 0 || l.parts[0].len() < usually.rows {
			lists[i] = h.of(l, most)
			continue
		}
		free <- struct{}{}
		all.Go(func() {
			met[i] = access.Met(func() { lists[i] = h.of(l, most) })
			<-free
		})
	}
	all.Wait()
	access.Raise(met)
	list := slices.Concat(lists...)
	slices.SortFunc(list, func(a, b candidate) int { return a.compare(&b.place) })
	return list[:min(most, len(list))]
}

func (h *hunt) of(k kindLooker, most int) []candidate {
	var list []candidate
	for _, l := range k.parts {
		l.choose()
		from := 0
		if h.behind != nil {
			from = l.segment.behind(h.behind.Length, h.behind.ID)
		}
		for _, row := range l.best(h.rank, from, most) {
			list = append(list, candidate{place{h.rank, l.length(row), l.ids[row]}, k.kind})
		}
	}
	return list
}
