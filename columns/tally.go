package columns

import (
	"bytes"
	"math/big"
	"slices"
	"sort"

	"github.com/google/uuid"
)

// tally is what one worker has counted, by cell: a group and a status.
type tally struct {
	places map[uint64]uint32 // of cells, when they are not dense
	cells  []uint64          // the cell of each place, then

	counts   []uint32
	amounts  []amounts // nil when they are not asked for
	weighted []wide
	cycles   []cycles
	latest   []latest
	most     int // of them
	values
}

// amounts and cycles are what is added up of a cell.
type (
	amounts struct {
		missing, noRate uint32 // of those that are added up
		sum             wide
	}
	cycles struct {
		opened, known uint32
		days          int64
	}
)

// latest are the ids of the latest opportunities, the latest first.
type latest []uuid.UUID

// precedes tells whether one comes before another where the latest are first.
func precedes(a, b uuid.UUID) bool { return bytes.Compare(a[:], b[:]) > 0 }

// add adds one that is not there yet, and keeps so many.
func (l *latest) add(id uuid.UUID, most int) {
	list := *l
	if len(list) == most && !precedes(id, list[most-1]) {
		return
	}
	at := sort.Search(len(list), func(i int) bool { return precedes(id, list[i]) })
	if at > 0 && list[at-1] == id {
		return
	}
	list = slices.Insert(list, at, id)
	*l = list[:min(len(list), most)]
}

// toFold is how many cells there is room for beside those that are counted in: folding some groups copies nothing then.
const toFold = 64

func (s *scan) tally() *tally {
	t := &tally{most: s.Latest}
	n := int(s.cells)
	if !s.dense {
		t.places, n = map[uint64]uint32{}, 0
	}
	t.counts = make([]uint32, n, n+toFold)
	if s.Amounts {
		t.amounts = make([]amounts, n, n+toFold)
	}
	if s.Weighted {
		t.weighted = make([]wide, n, n+toFold)
	}
	if s.Cycles {
		t.cycles = make([]cycles, n, n+toFold)
	}
	if s.Latest > 0 {
		t.latest = make([]latest, n)
	}
	t.values = s.lists(n)
	return t
}

// locate turns cells into their places.
func (t *tally) locate(cells []uint64) {
	if t.places == nil {
		return
	}
	for i, cell := range cells {
		place, has := t.places[cell]
		if !has {
			place = uint32(len(t.cells))
			t.places[cell] = place
			t.cells = append(t.cells, cell)
			t.grow()
		}
		cells[i] = uint64(place)
	}
}

// grow adds one place.
func (t *tally) grow() {
	t.counts = append(t.counts, 0)
	if t.amounts != nil {
		t.amounts = append(t.amounts, amounts{})
	}
	if t.weighted != nil {
		t.weighted = append(t.weighted, wide{})
	}
	if t.cycles != nil {
		t.cycles = append(t.cycles, cycles{})
	}
	if t.latest != nil {
		t.latest = append(t.latest, nil)
	}
	t.values.grow()
}

// add adds what another has counted, or takes it off; values that are listed are only added.
func (t *tally) add(other *tally, times int64) {
	at := make([]uint64, 1)
	for place, count := range other.counts {
		if count == 0 {
			continue
		}
		at[0] = uint64(place)
		if other.cells != nil {
			at[0] = other.cells[place]
		}
		t.locate(at)
		t.addCell(int(at[0]), other, place, times)
	}
}

// addCell adds what another has counted at a place, or takes it off.
func (t *tally) addCell(at int, other *tally, place int, times int64) {
	t.counts[at] += uint32(times) * other.counts[place]
	if t.amounts != nil {
		t.amounts[at].add(&other.amounts[place], times)
	}
	if t.weighted != nil {
		t.weighted[at].addTimes(other.weighted[place], times)
	}
	if t.cycles != nil {
		t.cycles[at].add(&other.cycles[place], times)
	}
	switch {
	case t.latest == nil:
	case times < 0:
		t.latest[at] = slices.DeleteFunc(t.latest[at], func(id uuid.UUID) bool { return slices.Contains(other.latest[place], id) })
	default:
		for _, id := range other.latest[place] {
			t.latest[at].add(id, t.most)
		}
	}
	t.values.addCell(at, &other.values, place)
}

func (a *amounts) add(other *amounts, times int64) {
	a.missing += uint32(times) * other.missing
	a.noRate += uint32(times) * other.noRate
	a.sum.addTimes(other.sum, times)
}

func (c *cycles) add(other *cycles, times int64) {
	c.opened += uint32(times) * other.opened
	c.known += uint32(times) * other.known
	c.days += times * other.days
}

// Numbers are those of opportunities of one group.
type Numbers struct {
	Count   int // how many
	Amounts int // with a known amount
	NoRate  int // with an amount in a currency without a rate
	Cycles  int // with a beginning and an end
	Opened  int // with a beginning
	Days    int // from beginning to end, added up
	Prices  int // of encounters: with a known price

	amount, weighted, price wide
}

// Amount gives the sum of the known amounts, Weighted that of the open ones times their stages' probability, both in
// ten-thousandths of the company's currency.
func (n *Numbers) Amount() *big.Int   { return n.amount.big() }
func (n *Numbers) Weighted() *big.Int { return n.weighted.big() }

// Price gives the sum of the known prices of the competitors met, in the same.
func (n *Numbers) Price() *big.Int { return n.price.big() }

// Answer is what was counted: groups, and for each of them numbers by status.
type Answer struct {
	Groups []*Group

	statuses []string
	valued   []uint32
	dims     []*coded
	tally    *tally
}

// Group is one combination of keys.
type Group struct {
	Keys []uint32 // by dimension, 0 for unknown

	cells []int32 // by status, where its numbers are; -1 for none
}

// Size tells what the keys of a dimension are below.
func (a *Answer) Size(dim int) int { return int(a.dims[dim].size) }

// Key gives a key of a dimension as text; none for unknown.
func (a *Answer) Key(dim int, key uint32) string { return a.dims[dim].key(key) }

// Statuses lists the numbers of some statuses, all of them for none.
func (a *Answer) Statuses(of []string) []int {
	var list []int
	for n, status := range a.statuses {
		if of == nil || n > 0 && slices.Contains(of, status) {
			list = append(list, n)
		}
	}
	return list
}

// Sum adds up the numbers of a group over some statuses.
func (a *Answer) Sum(g *Group, statuses []int) Numbers {
	n := Numbers{}
	for _, status := range statuses {
		cell := g.cells[status]
		if cell < 0 {
			continue
		}
		n.Count += int(a.tally.counts[cell])
		if a.tally.amounts != nil {
			of := &a.tally.amounts[cell]
			n.NoRate += int(of.noRate)
			if a.valued[status] == 1 {
				n.Amounts += int(a.tally.counts[cell] - of.missing - of.noRate)
			}
			n.amount.addWide(of.sum)
		}
		if a.tally.weighted != nil {
			n.weighted.addWide(a.tally.weighted[cell])
		}
		if a.tally.quoted != nil {
			n.Prices += int(a.tally.quoted[cell].known)
			n.price.addWide(a.tally.quoted[cell].sum)
		}
		if a.tally.cycles != nil {
			of := &a.tally.cycles[cell]
			n.Cycles, n.Opened, n.Days = n.Cycles+int(of.known), n.Opened+int(of.opened), n.Days+int(of.days)
		}
	}
	return n
}

// Latest lists the latest opportunities of a group over some statuses.
func (a *Answer) Latest(g *Group, statuses []int) []uuid.UUID {
	list := latest{}
	for _, status := range statuses {
		if cell := g.cells[status]; cell >= 0 {
			for _, id := range a.tally.latest[cell] {
				list.add(id, a.tally.most)
			}
		}
	}
	return list
}

// Fold gives the numbers of several groups together, as of one more.
func (a *Answer) Fold(groups []*Group) *Group {
	t, sum := a.tally, &Group{cells: make([]int32, len(a.statuses))}
	for status := range sum.cells {
		at := len(t.counts)
		sum.cells[status] = int32(at)
		t.grow()
		for _, g := range groups {
			cell := g.cells[status]
			if cell < 0 {
				continue
			}
			t.addCell(at, t, int(cell), 1)
		}
	}
	return sum
}

// answer lists the groups that have anything.
func (s *scan) answer(statuses []string, t *tally) (*Answer, error) {
	a := &Answer{statuses: statuses, valued: s.valued, dims: s.dims, tally: t}
	groups := map[uint64]int{} // needed where cells are in no order
	last := ^uint64(0)
	for place, count := range t.counts {
		if count == 0 {
			continue
		}
		cell := uint64(place)
		if t.places != nil {
			cell = t.cells[place]
		}
		group := cell / s.statuses
		at := len(a.Groups) - 1
		if t.places != nil {
			var has bool
			if at, has = groups[group]; !has {
				at = len(a.Groups)
				groups[group] = at
			}
		} else if group != last {
			at, last = len(a.Groups), group
		}
		if at == len(a.Groups) {
			if at >= mostGroups {
				return nil, ErrLacks
			}
			a.Groups = append(a.Groups, s.group(group))
		}
		a.Groups[at].cells[cell%s.statuses] = int32(place)
	}
	return a, nil
}

func (s *scan) group(group uint64) *Group {
	g := &Group{Keys: make([]uint32, len(s.dims)), cells: make([]int32, s.statuses)}
	for i := range g.cells {
		g.cells[i] = -1
	}
	for i := len(s.dims) - 1; i >= 0; i-- {
		g.Keys[i] = uint32(group % s.dims[i].size)
		group /= s.dims[i].size
	}
	return g
}
