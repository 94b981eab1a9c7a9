package columns

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"guanxi/access"
)

// TestAPanicOfAWorkerIsRaisedWhereItIsWaitedFor counts what is not there: the panic of a worker would end the server.
func TestAPanicOfAWorkerIsRaisedWhereItIsWaitedFor(t *testing.T) {
	t.Parallel()
	defer func() {
		var met *access.Panic
		if cause, _ := recover().(error); !errors.As(cause, &met) || len(met.Stack) == 0 {
			t.Errorf("raised is %v", cause)
		}
	}()
	(&scan{View: &View{sight: &sight{}}, Question: &Question{}}).work([]span{{until: 1}}, 1)
}

// What several workers count of many rows, in an array or in a map, adds up to what there is.
func TestWorkersCountEachRowOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	g, all := drawn(r, 9*stretch+77, 50_000)
	v := &View{version: &version{parts: []part{{segment: g.segment()}}}, sight: &sight{everything: true, allRead: true}}
	const statuses = 1 << 16
	for _, by := range []Column{Status, Customer} {
		s := &scan{View: v, Question: &Question{Amounts: true, Cycles: true}, statuses: statuses, cells: statuses, valued: make([]uint32, statuses)}
		for status := range s.valued {
			s.valued[status] = uint32(status % 2)
		}
		if by == Customer {
			s.dims = []*coded{{size: 50_000, column: func(p *segment) *ints { return &p.customer }}}
			s.cells *= 50_000
		}
		list, rows := s.stretches()
		got, want := s.work(list, rows), map[uint64]fact{}
		counts := map[uint64]uint32{}
		for _, f := range all {
			cell := uint64(f.narrow[Status])
			if by == Customer {
				cell += uint64(f.customer) * statuses
			}
			counts[cell]++
			sum := want[cell]
			sum.add(f)
			want[cell] = sum
		}
		for cell, sum := range want {
			at := []uint64{cell}
			got.locate(at)
			a, c := got.amounts[at[0]], got.cycles[at[0]]
			if got.counts[at[0]] != counts[cell] || a.sum.big().Int64() != sum.amount || c.days != int64(sum.days[Closed]) {
				t.Fatalf("%d rows, %v and %v; there are %d, %d and %d", got.counts[at[0]], a.sum.big(), c.days, counts[cell], sum.amount, sum.days[Closed])
			}
		}
	}
}

// What several workers count of the competitors met, and list of the latest opportunities, is what there is.
func TestWorkersCountEachEncounterOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 8))
	const width = 6
	g, all := drawn(r, 9*stretch+77, width)
	v := &View{version: &version{parts: []part{{segment: g.segment()}}, refs: &refs{lossKind: []uint16{0, 1, 2, 1}}}, sight: &sight{everything: true, allRead: true}}
	few := make([]uint32, len(outcomes))
	few[theyWon], few[otherWon] = 1, 1
	s := &scan{View: v, Question: &Question{Met: true, Amounts: true, Latest: 3, Before: uuid.Max}, statuses: uint64(len(outcomes)), listing: &listing{}, valued: few, listed: few,
		dims: []*coded{{size: width + 1, rival: true}}, cells: (width + 1) * uint64(len(outcomes)), endings: endings{open: 1, won: 2, cancelled: 3, noDecision: 2}}
	type numbers struct {
		count uint32
		sum   int64
		ids   []uuid.UUID
	}
	want := map[uint64]numbers{}
	for id, f := range all {
		for _, rival := range f.met {
			outcome := f.outcome(rival.rival)
			if outcome == 0 {
				continue
			}
			cell := uint64(rival.rival)*s.statuses + uint64(outcome)
			n := want[cell]
			n.count++
			if few[outcome] == 1 {
				n.sum, n.ids = n.sum+f.amount, append(n.ids, id)
			}
			want[cell] = n
		}
	}
	got := s.work(s.stretches())
	for cell, n := range want {
		slices.SortFunc(n.ids, func(a, b uuid.UUID) int { return bytes.Compare(b[:], a[:]) })
		if got.counts[cell] != n.count || got.amounts[cell].sum.big().Int64() != n.sum || !slices.Equal(got.latest[cell], n.ids[:min(3, len(n.ids))]) {
			t.Fatalf("cell %d: %d, %v, %v; there are %d, %d, %d", cell, got.counts[cell], got.amounts[cell].sum.big(), got.latest[cell], n.count, n.sum, len(n.ids))
		}
	}
	if len(want) != width*6-1 { // the last competitor never won
		t.Errorf("only %d cells have anything", len(want))
	}
}

// outcome derives how the opportunity ended for a competitor, with the numbers of the test: 1 is open, 2 won, 3 cancelled, and reasons
// 2 say that nobody won.
func (f *fact) outcome(rival uint16) uint8 {
	switch {
	case f.narrow[Status] == 3:
		return 0
	case f.narrow[Status] == 1:
		return isOpen
	case f.narrow[Status] == 2:
		return weWon
	case f.narrow[WonBy] == rival:
		return theyWon
	case f.narrow[WonBy] != 0:
		return otherWon
	case f.narrow[LossReason] == 2:
		return nobodyWon
	}
	return notKnown
}

// add adds another's amount, where the status has an odd number, and its days from opening to closing.
func (f *fact) add(other fact) {
	if other.narrow[Status]%2 == 1 {
		f.amount += other.amount
	}
	if other.days[Opened] != noDay && other.days[Closed] != noDay {
		f.days[Closed] += other.days[Closed] - other.days[Opened]
	}
}
