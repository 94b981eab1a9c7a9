package columns

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// sold makes columns of random opportunities over five years, of 2,000 owners and a customer for each five, in segments of at least so many rows.
func sold(n, few int) *View {
	r := rand.New(rand.NewPCG(1, 1))
	t := newTables(fewCut)
	for _, status := range []string{models.Open, models.Won, models.Lost, models.Cancelled} {
		t.words[Status].number(status)
	}
	number := func(c Column, below int) {
		for i := range below {
			var id uuid.UUID
			binary.BigEndian.PutUint32(id[:], uint32(i+1))
			t.of[c].Number(id)
		}
	}
	number(Owner, 2000)
	number(MainCompetitor, 50)
	number(LossReason, 60)
	number(ClosingDepartment, 200)
	number(Stage, 5)
	g := gather(n)
	for i := range n {
		f := fact{customer: uint32(i/5 + 1), amount: r.Int64N(1e10), foreign: noAmount}
		binary.BigEndian.PutUint64(f.key[:], r.Uint64())
		owner := uint16(f.customer*7%2000 + 1)
		f.narrow[Owner], f.narrow[CustomerOwner], f.narrow[ClosingOwner], f.narrow[ClosingDepartment] = owner, owner, uint16(r.IntN(2000)+1), owner%200+1
		f.narrow[Stage], f.narrow[LossReason], f.narrow[CustomerRegion], f.narrow[CustomerSource] = uint16(r.IntN(5)+1), uint16(r.IntN(10)+1), uint16(f.customer%30+1), uint16(f.customer%7+1)
		f.narrow[Status], f.narrow[MainCompetitor] = uint16(r.IntN(5)%4+1), uint16(r.IntN(51))
		f.days = [clocks]int32{Closed: 18_000 + r.Int32N(1826), Opened: 17_900 + r.Int32N(1826), Expected: noDay, Created: 18_000}
		if f.narrow[Status] == 1 {
			f.days[Closed] = noDay
		}
		if f.narrow[MainCompetitor] > 0 {
			f.met = []offer{{f.narrow[MainCompetitor], noAmount}}
		}
		g.add(&f)
	}
	all := []uint8{seen | spared | reads}
	for range 2000 {
		all = append(all, all[0])
	}
	return &View{version: &version{parts: partsOf(g.segments(few)), tables: t, refs: &refs{lossKinds: newWords()}}, tables: t,
		sight: &sight{owner: all, everything: true, allShown: true, allRead: true, allSpared: true}, keeps: mostKept}
}

// BenchmarkBoard asks what a board of losses asks, and one of competitors, of one year of five, and one question of all five, for one who sees all
// two million opportunities, and for one who sees those of 210 owners of 2,000 but not all of one of them: counted anew each time, and when what was
// counted is kept and a hundredth of all has changed since. It tells the processor's time too.
func BenchmarkBoard(b *testing.B) {
	v := sold(2_000_000, fewCut)
	all, some := v.sight, &sight{owner: make([]uint8, 2001), custOwner: make([]uint8, 2001), allShown: true, allRead: true, eyes: eyes{1}}
	for n := range some.owner {
		some.owner[n] = reads | spared | flag(n > 0 && n <= 210, seen)
		some.custOwner[n] = flag(n > 1 && n <= 210, reaches)
	}
	some.owner[1] &^= spared
	for _, kept := range []bool{false, true} {
		if kept {
			v.changed()
		}
		for _, seeing := range []*sight{all, some} {
			v.sight = seeing
			b.Run(fmt.Sprintf("kept=%t/all=%t", kept, seeing.everything), func(b *testing.B) { boards(b, v) })
		}
	}
}

// changed lets the bases be named, and a hundredth of their rows be read anew since.
func (v *View) changed() {
	v.version.whole, v.version.bases = 1, len(v.version.parts)
	g := gather(0)
	for at, p := range v.version.parts {
		var keys []uuid.UUID
		for row := range uint32(p.len() / 100) {
			f := p.fact(row * 97)
			keys = append(keys, f.key)
			g.add(&f)
		}
		v.version.parts[at] = p.without(keys)
	}
	v.version.parts = append(v.version.parts, part{segment: g.segment()})
}

func boards(b *testing.B, v *View) {
	from, until := int32(19_461), int32(19_826)
	least := int64(1_000_000)
	always, never := int32(0), int32(30_000)
	losses := func(by ...Dimension) *Question {
		return &Question{By: by, Clock: Closed, From: &from, Until: &until, Amounts: true, AmountsOf: []string{models.Won, models.Lost}}
	}
	ask := func(b *testing.B, list ...*Question) {
		before := spent()
		defer func() { b.ReportMetric(float64((spent()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op") }()
		for b.Loop() {
			view := &View{version: v.version, tables: v.tables, sight: v.sight, keeps: mostKept}
			for _, q := range list {
				if _, err := view.Ask(q); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("losses", func(b *testing.B) {
		ask(b, losses(), losses(By(ClosingOwner)), losses(By(ClosingDepartment)), losses(By(MainCompetitor)), losses(By(LossReason)), losses(By(CustomerSource)), losses(Steps(Closed, Step{Months: 3})))
	})
	b.Run("competitors", func(b *testing.B) {
		where := &Filter{Says: "at least 100", Amount: func(amount int64) int8 {
			if amount == noAmount {
				return Unknown
			}
			if amount >= least {
				return Yes
			}
			return No
		}}
		of := func(by ...Dimension) *Question {
			q := losses(append([]Dimension{Rival}, by...)...)
			q.Met, q.Where, q.AmountsOf = true, where, []string{models.WeWon, models.TheyWon}
			return q
		}
		whole := losses(Known(By(MainCompetitor)), Known(By(LossReason)), Known(By(WonBy)), LossKind)
		whole.Where, whole.AllAmounts = where, true
		ask(b, of(), whole, of(By(CustomerRegion)), of(Steps(Closed, Step{Months: 3})), of(By(LossReason)))
	})
	b.Run("encounters", func(b *testing.B) {
		of := func(by ...Dimension) *Question {
			q := losses(by...)
			q.Met, q.AmountsOf, q.Different = true, []string{models.WeWon, models.TheyWon}, []Dimension{Each}
			return q
		}
		ask(b, of(Rival, Ending), of(By(CustomerRegion), Steps(Closed, Step{Months: 3})), of(By(ClosingOwner)))
	})
	b.Run("one", func(b *testing.B) { ask(b, losses(By(MainCompetitor), Steps(Closed, Step{Months: 3}))) })
	years := losses(By(MainCompetitor), Steps(Closed, Step{Months: 3}))
	years.From, years.Until = &always, &never
	b.Run("five years", func(b *testing.B) { ask(b, years) })
}

// spent is the processor time of this process until now.
func spent() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
