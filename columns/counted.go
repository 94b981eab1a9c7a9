package columns

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Boards are asked again and again, many of them by many. What a question counts in the bases of a version, all rows of which are there for
// long, is kept for whoever sees the same: to answer it again, what is gone since is taken off that, and what is new is added to it. So an answer
// tells what it would if everything were counted.

// keptAs is all that hangs on what a question counts in bases.
type keptAs struct {
	bases, refs uint64
	today       int32
	eyes        eyes
	question    string
}

// eyes name all that a viewer sees. Whoever sees the same has the same; of who sees everything, only that is told.
type eyes [sha256.Size]byte

// over tells which rows are counted.
type over int

const (
	all   over = iota // what the version shows
	bases             // the rows of its bases, whether they are gone since or not
	gone              // those of them that are
	news              // the rows of its other parts
)

// counted counts what the question asks for, or takes from what is kept as much as it can.
func (s *scan) counted() (*tally, error) {
	if s.rows(bases) < max(s.tables.few/fewKept, 2*s.rows(gone), 1) {
		return s.ofRows(all) // as quick
	}
	of, may := s.keptAs()
	if !may {
		return s.ofRows(all)
	}
	twice := s.listingTwice()
	base := s.tables.counted.find(of)
	switch base {
	case tooMuch:
		return s.ofRows(all)
	case nil:
		fresh, err := twice.ofRows(bases)
		if err != nil {
			return nil, err
		}
		base = fresh.packed()
		s.tables.counted.keep(of, base)
	default:
		s.tables.counted.recalled.Add(1)
	}
	twice.dense = s.cells <= mostDense && s.cells <= uint64(len(base.cells))*4+1024
	t := twice.tally()
	t.add(base, 1)
	if err := twice.further(t, gone, -1); err != nil {
		return nil, err
	}
	if t.short(base, s.Latest) {
		return s.ofRows(all)
	}
	err := twice.further(t, news, 1)
	t.most = s.Latest
	return t, err
}

// further adds some more rows to a tally, or takes them off it.
func (s *scan) further(t *tally, rows over, times int64) error {
	if s.rows(rows) == 0 {
		return nil
	}
	more, err := s.ofRows(rows)
	if err == nil {
		t.add(more, times)
	}
	return err
}

// listingTwice lists twice as many of the latest opportunities, so that some of them may go.
func (s *scan) listingTwice() *scan {
	own, q := *s, *s.Question
	q.Latest *= 2
	own.Question = &q
	return &own
}

// short tells whether too few of the latest are left somewhere of what was kept.
func (t *tally) short(base *tally, most int) bool {
	for place, list := range base.latest {
		at := []uint64{base.cells[place]}
		if t.locate(at); len(list) == t.most && len(t.latest[at[0]]) < most {
			return true
		}
	}
	return false
}

// ofRows counts what the question asks for over some rows.
func (s *scan) ofRows(of over) (*tally, error) {
	own := *s
	own.over = of
	k, err := own.toCount()
	if err != nil {
		return nil, err
	}
	return own.work(k.list, k.rows), nil
}

// rows tells how many rows are to be looked at.
func (s *scan) rows(of over) (rows int) {
	for one := range s.spans(of) {
		rows += one.len()
	}
	return rows
}

// keptAs names what the question counts in the bases; false when that is not kept: what is listed one by one, and what is told by a test without
// a name.
func (s *scan) keptAs() (keptAs, bool) {
	if s.forget || s.tables.counted.most < 0 || s.sight.nothing || s.version.whole == 0 || s.AmountsListed || s.CyclesListed || s.Gaps || s.Prices || s.Knowing != nil || s.Different != nil ||
		s.Latest > 0 && s.cells > uint64(mostListed/s.Latest/2) {
		return keptAs{}, false
	}
	text := fmt.Appendf(nil, "%v %v %v %v %v %v %v %v %v %v %v %s", s.Met, s.Clock, endOf(s.From), endOf(s.Until), s.Never, s.Amounts, s.Weighted, s.Cycles, s.valued, s.Latest, s.listed, s.Before)
	for i, d := range s.By {
		text = fmt.Appendf(d.text(text), " %d %d", s.dims[i].size, s.dims[i].first)
	}
	text, named := s.Where.text(append(text, " where "...))
	return keptAs{s.version.whole, s.version.refs.number, s.today, s.sight.named(), string(text)}, named && len(text) <= mostText
}

// Bounds of the name of a question that is kept: how long it is, and how many keys one filter in it names.
const (
	mostText = 1 << 16
	mostKeys = 1_000
)

// text adds the name of a dimension.
func (d *Dimension) text(to []byte) []byte {
	return fmt.Appendf(to, " (%d %d %q %d %t %t %t %t %t %t %t %d %v %v %v %v)", d.column, d.into, d.leads, d.level, d.rival, d.ending, d.price, d.each, d.known, d.customer, d.amounts, d.clock, d.step, d.step != Step{}, d.bands, d.ages)
}

// text adds the name of a filter; false when one of its tests has none.
func (f *Filter) text(to []byte) ([]byte, bool) {
	named := true
	switch {
	case f == nil:
		return append(to, '-'), true
	case f.All != nil || f.Any != nil || f.Not != nil:
		list := []*Filter{f.Not}
		switch {
		case f.Any != nil:
			list, to = f.Any, append(to, "any("...)
		case f.Not != nil:
			to = append(to, "not("...)
		default:
			list, to = f.All, append(to, "all("...)
		}
		for _, part := range list {
			more := false
			to, more = part.text(to)
			named = named && more
		}
		return append(to, ')'), named
	case f.Met != nil:
		to, named = f.Met.text(fmt.Appendf(to, "met(%t ", f.Every))
		return append(to, ')'), named
	case len(f.Keys) > mostKeys:
		return to, false
	case f.Of != nil:
		to = fmt.Appendf(f.Of.text(to), "%d %d", f.Null, f.Other)
		for _, key := range slices.Sorted(maps.Keys(f.Keys)) {
			to = fmt.Appendf(to, " %q %d", key, f.Keys[key])
		}
		return to, true
	}
	return fmt.Appendf(to, "(%t %t %t %d %q)", f.Day != nil, f.Amount != nil, f.ID != nil, f.Clock, f.Says), f.Says != ""
}

// named gives the name of what the viewer sees.
func (s *sight) named() eyes {
	s.naming.Do(func() { s.eyes = s.withShares() })
	return s.eyes
}

// withShares adds pools and shares to what names that which was decided by owners.
func (s *sight) withShares() eyes {
	if s.everything && s.allShown && s.allRead {
		return eyes{}
	}
	lines := make([]string, 0, len(s.shared))
	for _, one := range s.shared {
		lines = append(lines, fmt.Sprintf("%s %q", one.id, slices.Sorted(slices.Values(one.kinds))))
	}
	slices.Sort(lines)
	return sha256.Sum256(fmt.Appendf(s.eyes[:], "%v %q", s.pool, slices.Compact(lines)))
}

// counted keeps what was counted, up to so many bytes; what was asked for least lately goes first.
type counted struct {
	most        int
	mu          sync.Mutex
	now, before map[keptAs]*tally // before is what was asked for when now was begun
	sizes       [2]int            // of both

	recalled atomic.Int64 // how many questions were answered from what was kept
}

// Bounds of what is kept.
const (
	mostCounted = 32 << 20
	fewKept     = 4 // what took less than a 4th of a small segment to count is counted again
)

func (c *counted) find(of keptAs) *tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.before[of]; t != nil {
		delete(c.before, of)
		c.sizes[1] -= of.size(t)
		c.add(of, t)
	}
	return c.now[of]
}

// tooMuch stands for what is not kept because it is very much: who asks again counts it once.
var tooMuch = &tally{}

// keep keeps what was counted, or that it is too much to be kept.
func (c *counted) keep(of keptAs, t *tally) {
	if of.size(t) > c.most/16 {
		t = tooMuch
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(of, t)
}

func (c *counted) add(of keptAs, t *tally) {
	if c.now == nil || c.sizes[0] > c.most/2 {
		c.before, c.now = c.now, map[keptAs]*tally{}
		c.sizes = [2]int{0, c.sizes[0]}
	}
	if _, has := c.now[of]; !has {
		c.now[of] = t
		c.sizes[0] += of.size(t)
	}
}

func (c *counted) bytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sizes[0] + c.sizes[1]
}

// drop keeps nothing any more of what was counted until now.
func (c *counted) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.before, c.sizes = nil, nil, [2]int{}
}

// packed gives the cells of a tally that have anything.
func (t *tally) packed() *tally {
	p := &tally{cells: []uint64{}, most: t.most}
	for place, count := range t.counts {
		if count == 0 {
			continue
		}
		cell := uint64(place)
		if t.cells != nil {
			cell = t.cells[place]
		}
		p.cells, p.counts = append(p.cells, cell), append(p.counts, count)
		if t.amounts != nil {
			p.amounts = append(p.amounts, t.amounts[place])
		}
		if t.weighted != nil {
			p.weighted = append(p.weighted, t.weighted[place])
		}
		if t.cycles != nil {
			p.cycles = append(p.cycles, t.cycles[place])
		}
		if t.latest != nil {
			p.latest = append(p.latest, slices.Clip(t.latest[place]))
		}
	}
	return p
}

// size tells the memory that a packed tally takes with its name.
func (of *keptAs) size(t *tally) int {
	return 500 + len(of.question) + cap(t.cells)*8 + cap(t.counts)*4 + cap(t.amounts)*24 + cap(t.weighted)*16 + cap(t.cycles)*16 + cap(t.latest)*(24+t.most*16)
}

// lost lists the rows of a base that the viewer saw and that are gone.
func (v *View) lost(at int) []span {
	p, r := &v.version.parts[at], v.reached(at)
	if p.dead == nil {
		return nil
	}
	r.lost.Do(func() {
		r.gone = span{part: at, rows: []uint32{}}
		for _, one := range r.spans {
			p.eachDead(&one, func(row uint32) {
				if !one.check || v.sight.seesByOwners(p.segment, row) {
					r.gone.rows = append(r.gone.rows, row)
				}
			})
		}
	})
	return []span{r.gone}
}
