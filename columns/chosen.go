package columns

import (
	"errors"
	"sync"
	"sync/atomic"
)

// Whoever asks several questions of the same rows of a view has those rows, and the encounters in them, found once: they are kept as
// long as the view.

// choice names the rows that a question counts: those of one filter that fall into one period.
type choice struct {
	where       *Filter
	clock       Clock
	from, until end
	never       bool
	over        over
}

// end is one of a period's, if it has that.
type end struct {
	given bool
	day   int32
}

func endOf(day *int32) end {
	if day == nil {
		return end{}
	}
	return end{true, *day}
}

// chosen are the rows of a choice, found when they are asked for first.
type chosen struct {
	asked atomic.Int32
	rows  func() (kept, error)
	met   func() (kept, error) // the encounters in them
}

// kept are rows that need no choosing any more.
type kept struct {
	list []span
	rows int
}

// mostKept bounds how many rows a view keeps, of all choices together.
const mostKept = 1 << 21

var errMany = errors.New("columns: too many rows to keep")

// chosen gives what is kept for a question's choice.
func (v *View) chosen(s *scan) *chosen {
	v.choosing.Lock()
	defer v.choosing.Unlock()
	of := choice{s.Where, s.Clock, endOf(s.From), endOf(s.Until), s.Never, s.over}
	if c, has := v.choices[of]; has {
		return c
	}
	own := *s // another may be the first to ask while this one goes on
	c := &chosen{rows: sync.OnceValues(own.chooseAll)}
	c.met = sync.OnceValues(func() (kept, error) { return own.meetAll(c) })
	if v.choices == nil {
		v.choices = map[choice]*chosen{}
	}
	v.choices[of] = c
	return c
}

// toCount gives what is counted. Competitors are always asked of several times; of anything else only the second who asks knows that he is not
// the only one.
func (s *scan) toCount() (kept, error) {
	c := s.chosen(s)
	found := c.rows
	if s.Met {
		found = c.met
	}
	if c.asked.Add(1) > 1 || s.Met {
		if k, err := found(); !errors.Is(err, errMany) {
			return k, err
		}
	}
	return s.toLookThrough()
}

// toLookThrough gives all rows that the viewer sees, to be chosen from while they are counted.
func (s *scan) toLookThrough() (k kept, err error) {
	if err = s.testers(); err == nil {
		k.list, k.rows = s.stretches()
	}
	return k, err
}

// gathered is what a worker has found.
type gathered struct {
	*buffers
	list    []span
	held    int  // how many rows are listed
	stopped bool // since the view would have kept too much, so that some is missing
}

// chooseAll finds all rows of the question's choice.
func (s *scan) chooseAll() (kept, error) {
	through, err := s.toLookThrough()
	if err != nil {
		return kept{}, err
	}
	return s.together(shared(through.list, through.rows, func() *gathered { return &gathered{buffers: newBuffers()} }, func(g *gathered, of span) {
		for of.len() > 0 && !g.stops(s.View) {
			one := of.next()
			if rows := s.choose(g.buffers, one); len(rows) > 0 {
				s.hold(g, g.add(&one, rows))
			}
		}
	}))
}

// add adds rows that were chosen from a span to what was found last, and tells how many had to be listed: none that lie in a row.
func (g *gathered) add(from *span, rows []uint32) (listed int) {
	first, until, last := int(rows[0]), int(rows[0])+len(rows), &span{part: -1}
	if n := len(g.list); n > 0 && g.list[n-1].part == from.part && g.list[n-1].len() < stretch {
		last = &g.list[n-1]
	}
	if from.inRow(rows) {
		if last.part == from.part && last.rows == nil && last.until == first {
			last.until = until
		} else {
			g.list = append(g.list, span{part: from.part, from: first, until: until, chosen: true})
		}
		return 0
	}
	if last.rows == nil {
		g.list = append(g.list, span{part: from.part, chosen: true})
		last = &g.list[len(g.list)-1]
	}
	last.rows = append(last.rows, rows...)
	return len(rows)
}

// hold takes note of how many rows more the view keeps.
func (s *scan) hold(g *gathered, rows int) {
	g.held += rows
	s.held.Add(int64(rows))
}

// meetAll finds the encounters in the rows of a choice.
func (s *scan) meetAll(c *chosen) (kept, error) {
	in, err := c.rows()
	if err != nil {
		return kept{}, err
	}
	return s.together(shared(in.list, in.rows, func() *gathered { return &gathered{buffers: newBuffers()} }, func(g *gathered, of span) {
		if g.stops(s.View) {
			return
		}
		p := s.version.parts[of.part].segment
		rows, room := of.rows, of.len()
		if rows == nil {
			rows = of.list(make([]uint32, room))
		}
		met := span{part: of.part, chosen: true, rows: make([]uint32, 0, room), met: meeting{make([]uint16, 0, room), make([]uint8, 0, room)}}
		s.meet(p, rows, &met)
		met = s.keepAllMet(g.buffers, p, met)
		s.hold(g, len(met.rows))
		g.list = append(g.list, met)
	}))
}

// keepAllMet gives those encounters of a stretch that fulfil the filter on them.
func (s *scan) keepAllMet(b *buffers, p *segment, all span) span {
	if s.testMet == nil {
		return all
	}
	in, n := all, 0
	for in.len() > 0 {
		one := s.keepMet(b, all.part, p, in.next())
		copy(all.met.rivals[n:], one.met.rivals)
		copy(all.met.outcomes[n:], one.met.outcomes)
		n += copy(all.rows[n:], one.rows)
	}
	all.rows, all.met = all.rows[:n], all.met.first(n)
	return all
}

// full tells that the view keeps more than it may.
func (v *View) full() bool { return v.held.Load() > int64(v.keeps) }

// stops tells whether the worker stops, or has stopped: others may have given back what they kept since.
func (g *gathered) stops(v *View) bool {
	g.stopped = g.stopped || v.full()
	return g.stopped
}

// together joins what the workers have found, unless the view would keep too much.
func (s *scan) together(workers []*gathered) (kept, error) {
	k, stopped, held := kept{}, s.full(), 0
	for _, g := range workers {
		stopped, held = stopped || g.stopped, held+g.held
		for _, one := range g.list {
			k.rows += one.len()
		}
		k.list = append(k.list, g.list...)
	}
	if stopped {
		s.held.Add(int64(-held))
		return kept{}, errMany
	}
	return k, nil
}
