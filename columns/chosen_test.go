package columns

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"guanxi/internal/numbers"
)

// asking draws a view of several parts with gone rows, whose viewer sees some of them, and knows every number that is drawn.
func asking(r *rand.Rand, most int) *View {
	const width = 6
	t := newTables(fewCut)
	named := map[*numbers.Dictionary]bool{}
	for c := range narrow {
		for n := range width {
			if t.words[c] != nil {
				t.words[c].number([]string{"OPEN", "WON", "LOST", "CANCELLED", "FIFTH", "SIXTH"}[n])
			} else if !named[t.of[c]] {
				t.of[c].Number(uuid.UUID{1, byte(n)})
			}
		}
		named[t.of[c]] = true
	}
	for n := range width {
		t.customers.Number(uuid.UUID{2, byte(n)})
	}
	kinds := newWords()
	kinds.number("NO_DECISION")
	v := &View{tables: t, version: &version{tables: t, refs: &refs{lossKind: []uint16{0, 1, 0, 1}, lossKinds: kinds}}, keeps: mostKept}
	for range 1 + r.IntN(4) {
		g, _ := drawn(r, r.IntN(most), width)
		p := part{segment: g.segment()}
		var gone []uuid.UUID
		for _, key := range p.keys {
			if r.IntN(10) == 0 {
				gone = append(gone, key)
			}
		}
		v.version.parts = append(v.version.parts, p.without(gone))
	}
	v.version.bases, v.version.whole, t.few = r.IntN(len(v.version.parts)+1), 1, r.IntN(most/4)
	v.sight = &sight{owner: make([]uint8, width+1), custOwner: make([]uint8, width+1), everything: r.IntN(3) == 0, allShown: true, allRead: r.IntN(2) == 0}
	for n := range v.sight.owner {
		v.sight.owner[n] = flag(r.IntN(2) == 0, seen) | flag(r.IntN(2) == 0, reads) | spared
		v.sight.custOwner[n] = flag(r.IntN(4) == 0, opens)
	}
	return v
}

// asked draws questions of the same rows.
func asked(r *rand.Rand, where *Filter) []*Question {
	var from, until *int32
	if r.IntN(3) > 0 {
		a, b := int32(-100+r.IntN(3)), int32(-97+r.IntN(3))
		from, until = &a, &b
	}
	var list []*Question
	never := r.IntN(8) == 0
	for range 6 {
		q := &Question{Where: where, Clock: Clock(r.IntN(int(clocks))), From: from, Until: until, Met: r.IntN(2) == 0, Amounts: r.IntN(2) == 0, Cycles: r.IntN(3) == 0, Never: never}
		q.AmountsListed, q.CyclesListed, q.Gaps = q.Amounts && r.IntN(3) == 0, q.Cycles && r.IntN(2) == 0, q.Met && r.IntN(2) == 0
		q.Met = q.Met || where != nil && where.ofMet()
		if q.Met && r.IntN(2) == 0 {
			q.Prices, q.PricesListed, q.Knowing = true, r.IntN(2) == 0, []Dimension{By(LossReason), PriceBands([]int{0})}
		}
		switch r.IntN(4) {
		case 0:
			q.Different = []Dimension{By(Customer), By(Owner), Each}
		case 1:
			if q.Met {
				q.Different = []Dimension{Each, Rival}
			}
		}
		q.AllAmounts = r.IntN(2) == 0
		q.AmountsOf = []string{"WON", "WE_WON", "THEY_WON"}
		for _, d := range []Dimension{By(Owner), By(LossReason), By(CustomerRegion), By(MainProduct), Rival, Ending, PriceBands([]int{0, 1}), Ages([]int{0, 3}), Steps(Expected, Step{Days: 7})} {
			if r.IntN(3) == 0 && (q.Met || !d.ofMet()) {
				q.By = append(q.By, d)
			}
		}
		if r.IntN(3) == 0 && len(q.By) < 4 {
			q.Latest, q.Before = 1+r.IntN(4), uuid.Max
		}
		list = append(list, q)
	}
	return list
}

// told writes an answer.
func told(q *Question, a *Answer) string {
	var lines []string
	for _, g := range a.Groups {
		for status := range a.statuses {
			n := a.Sum(g, []int{status})
			line := fmt.Sprint(g.Keys, status, n.Count, n.Amounts, n.NoRate, n.Amount(), n.Cycles, n.Opened, n.Days)
			if q.AmountsListed {
				line += fmt.Sprint(slices.Sorted(slices.Values(a.Amounts(g, []int{status}))))
			}
			if q.CyclesListed {
				line += fmt.Sprint(slices.Sorted(slices.Values(a.Cycles(g, []int{status}))))
			}
			if q.Gaps {
				line += fmt.Sprint(slices.SortedFunc(slices.Values(a.Gaps(g, []int{status})), Gap.Compare))
			}
			if q.Prices {
				n := a.Sum(g, []int{status})
				line += fmt.Sprint(" prices ", n.Prices, n.Price())
			}
			if q.PricesListed {
				line += fmt.Sprint(slices.Sorted(slices.Values(a.Prices(g, []int{status}))))
			}
			for of := range q.Knowing {
				line += fmt.Sprint(" known ", a.Known(of, g, []int{status}))
			}
			for of := range q.Different {
				line += fmt.Sprint(" different ", a.Different(of, g, []int{status}))
			}
			if q.Latest > 0 {
				line += fmt.Sprint(a.Latest(g, []int{status}))
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Questions of the same rows, asked at once or one after the other, tell what each tells that looks through all rows alone, also when there
// are too many rows to keep, and when they are asked again and what was counted is kept.
func TestQuestionsOfTheSameRowsTellWhatEachTellsAlone(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	some, recalled := 0, int64(0)
	for round := range 120 {
		most := 2_000
		if round%60 == 0 {
			most = 5 * stretch // for which there are workers
		}
		v := asking(r, most)
		if r.IntN(4) == 0 {
			v.keeps = r.IntN(500)
		}
		large := &Filter{Amount: func(amount int64) int8 { return flagged(amount > 500) }}
		named := &Filter{Says: "more than 500", Amount: large.Amount}
		rival := &Filter{Of: &Rival, Keys: map[string]int8{uuid.UUID{1, 2}.String(): Yes, uuid.UUID{1, 3}.String(): Unknown}}
		where := []*Filter{nil, large, named, {All: []*Filter{named, rival}}, {Any: []*Filter{named, {Not: rival}}}}[r.IntN(5)]
		questions := asked(r, where)
		got, want := make([]string, len(questions)), make([]string, len(questions))
		var all sync.WaitGroup
		for i, q := range questions {
			s, err := v.scan(q)
			if err != nil {
				t.Fatal(err)
			}
			k, err := s.toLookThrough()
			if err != nil {
				t.Fatal(err)
			}
			alone, err := s.answer(v.statuses(q), s.work(k.list, k.rows))
			if err != nil {
				t.Fatal(err)
			}
			want[i] = told(q, alone)
			ask := func() {
				for range 2 {
					if a, err := v.Ask(q); err != nil {
						got[i] += err.Error()
					} else if now := told(q, a); got[i] == "" || got[i] == now {
						got[i] = now
					} else {
						got[i] += "\nand then\n" + now
					}
				}
			}
			if round%2 == 0 {
				all.Go(ask)
			} else {
				ask()
			}
		}
		all.Wait()
		for i := range questions {
			if got[i] != want[i] {
				t.Fatalf("round %d, question %+v tells\n%s\nalone it tells\n%s", round, questions[i], got[i], want[i])
			}
			some += min(len(want[i]), 1)
		}
		recalled += v.tables.counted.recalled.Load()
	}
	if some < 350 || recalled < 60 {
		t.Errorf("only %d questions had an answer, %d from what was kept", some, recalled)
	}
}

func flagged(yes bool) int8 {
	if yes {
		return Yes
	}
	return No
}

// However many questions are asked of competitors in the same rows, each row is tested once.
func TestRowsAreChosenOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(10, 10))
	v := asking(r, 2_000)
	v.sight.everything = true
	rows, _ := v.version.rows()
	var tested atomic.Int64
	where := &Filter{Amount: func(int64) int8 { tested.Add(1); return Yes }}
	for _, by := range [][]Dimension{{Rival}, {Rival, By(LossReason)}, {Rival, By(CustomerRegion)}, nil} {
		if _, err := v.Ask(&Question{Met: by != nil, By: by, Where: where}); err != nil {
			t.Fatal(err)
		}
	}
	if int(tested.Load()) != rows || rows == 0 {
		t.Errorf("of %d rows %d were tested", rows, tested.Load())
	}
}
