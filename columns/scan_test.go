package columns

import (
	"errors"
	"math/rand/v2"
	"testing"

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

// add adds another's amount, where the status has an odd number, and its days from opening to closing.
func (f *fact) add(other fact) {
	if other.narrow[Status]%2 == 1 {
		f.amount += other.amount
	}
	if other.days[Opened] != noDay && other.days[Closed] != noDay {
		f.days[Closed] += other.days[Closed] - other.days[Opened]
	}
}
