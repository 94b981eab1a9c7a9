package columns

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// encountered are the competitors that each row met, one row's after the other's, and what they asked.
type encountered struct {
	from        []uint32 // by row, and where those of the last end
	competitors []uint16
	prices      []int64 // in the company's currency; nil when none is known
}

// offer is a competitor met, and what he asked: noAmount when that is unknown.
type offer struct {
	rival uint16
	price int64
}

func meetings(capacity int) encountered {
	return encountered{from: make([]uint32, 1, capacity+1), competitors: make([]uint16, 0, capacity)}
}

// add adds those of one more row.
func (e *encountered) add(met []offer) {
	for _, one := range met {
		if one.price != noAmount && e.prices == nil {
			e.prices = slices.Repeat([]int64{noAmount}, len(e.competitors))
		}
		if e.competitors = append(e.competitors, one.rival); e.prices != nil {
			e.prices = append(e.prices, one.price)
		}
	}
	e.from = append(e.from, uint32(len(e.competitors)))
}

// of gives those of a row.
func (e *encountered) of(row uint32) []uint16 { return e.competitors[e.from[row]:e.from[row+1]] }

// price gives what a competitor asked that a row met.
func (e *encountered) price(row uint32, rival uint16) int64 {
	if e.prices == nil {
		return noAmount
	}
	at := int(e.from[row])
	for e.competitors[at] != rival {
		at++
	}
	return e.prices[at]
}

// offers gives those of a row with what they asked.
func (e *encountered) offers(row uint32) []offer {
	var list []offer
	for _, rival := range e.of(row) {
		list = append(list, offer{rival, e.price(row, rival)})
	}
	return list
}

// ordered gives the same in another order of rows.
func (e *encountered) ordered(order []uint32) encountered {
	list := meetings(len(order))
	list.competitors = slices.Grow(list.competitors, len(e.competitors))
	for _, row := range order {
		list.add(e.offers(row))
	}
	list.competitors, list.prices = slices.Clip(list.competitors), slices.Clip(list.prices)
	return list
}

func (e *encountered) bytes() int { return len(e.from)*4 + len(e.competitors)*2 + len(e.prices)*8 }

// metText renders the competitors met, as their ids one after the other, each with what he asked at the rate of a day, and whether that hangs
// on the rate: n is the encounter, which may be joined with what it is of.
func (s *factsStatement) metText(of, day string) string {
	return fmt.Sprintf(`string_agg(uuid_send(n.competitor_id) || int8send(coalesce(case when n.amount is not null then %s end, '%d'::bigint)), '') as met,
		bool_or(n.amount is not null and n.currency <> %s) as elsewhere
	from (select w.opportunity_id, w.competitor_id, w.quoted_price as amount, w.currency from %s) n %s
	cross join lateral %s p`, money("p.amount"), int64(noAmount), s.home, s.q.Visible(access.Encounter, "w"), of, access.Converted("n", s.home, day))
}

// metByEach renders the source e of whom each opportunity o met, looked up for it; metByAll the same, read of all at once.
func (s *factsStatement) metByEach() string {
	return "cross join lateral (select " + s.metText("", s.day("o")) + " where n.opportunity_id = o.id) e"
}

func (s *factsStatement) metByAll() string {
	return "left join (select n.opportunity_id, " + s.metText("join "+s.q.Visible(access.Opportunity, "d")+" on d.id = n.opportunity_id", s.day("d")) + `
	group by n.opportunity_id) e on e.opportunity_id = o.id`
}

// met reads the competitors met into a fact; false when one does not fit.
func (t *tables) met(list []byte, f *fact) bool {
	f.met = f.met[:0]
	for ; len(list) > 0; list = list[24:] {
		n, price := t.of[MainCompetitor].Number(uuid.UUID(list[:16])), amountOf(list[16:24])
		if n > 0xFFFF || price == tooLarge {
			return false
		}
		f.met = append(f.met, offer{uint16(n), price})
	}
	return true
}

// outcomes are how encounters end, as access.Outcome derives it; one of a cancelled opportunity is none. They are numbered as statuses are.
var outcomes = []string{"", models.Open, models.WeWon, models.TheyWon, models.OtherWon, models.NobodyWon, models.UnknownOutcome}

const (
	isOpen uint8 = iota + 1
	weWon
	theyWon
	otherWon
	nobodyWon
	notKnown
)

// meeting is whom each row of a list met, and how that ended.
type meeting struct {
	rivals   []uint16
	outcomes []uint8
}

// endingsOf writes how encounters ended.
func endingsOf(of meeting, _ *segment, _, out []uint32) {
	for i, outcome := range of.outcomes {
		out[i] = uint32(outcome)
	}
}

// price gives what a competitor asked that a row met, as far as the viewer reads it.
func (v *View) price(p *segment, row uint32, rival uint16) int64 {
	if !v.sight.allRead && !v.sight.readsAmounts(p, row) {
		return noAmount
	}
	return p.met.price(row, rival)
}

// first gives those of the first rows, after those of the others.
func (m meeting) first(n int) meeting { return meeting{m.rivals[:n], m.outcomes[:n]} }
func (m meeting) after(n int) meeting { return meeting{m.rivals[n:], m.outcomes[n:]} }

// endings are the numbers of what outcomes are derived from.
type endings struct{ open, won, cancelled, noDecision uint32 }

func (v *View) endings() endings {
	status := v.tables.words[Status].find
	return endings{status(models.Open), status(models.Won), status(models.Cancelled), v.version.refs.lossKinds.find(models.LossNoDecision)}
}

// outcome numbers how a row that was not cancelled ended for the competitors met, but for the one who won it.
func (s *scan) outcome(p *segment, row uint32) (outcome uint8, winner uint32) {
	switch status := p.narrow[Status].at(row); status {
	case s.endings.open:
		return isOpen, 0
	case s.endings.won:
		return weWon, 0
	}
	if winner = p.narrow[WonBy].at(row); winner != 0 {
		return otherWon, winner
	}
	kinds, reason := s.version.refs.lossKind, p.narrow[LossReason].at(row)
	if int(reason) < len(kinds) && kinds[reason] != 0 && uint32(kinds[reason]) == s.endings.noDecision {
		return nobodyWon, 0
	}
	return notKnown, 0
}

// meet adds the encounters of some rows to those of a span.
func (s *scan) meet(p *segment, rows []uint32, in *span) {
	for _, row := range rows {
		rivals := p.met.of(row)
		if len(rivals) == 0 || p.narrow[Status].at(row) == s.endings.cancelled {
			continue
		}
		outcome, winner := s.outcome(p, row)
		for _, rival := range rivals {
			in.rows, in.met.rivals, in.met.outcomes = append(in.rows, row), append(in.met.rivals, rival), append(in.met.outcomes, outcome)
			if uint32(rival) == winner {
				in.met.outcomes[len(in.met.outcomes)-1] = theyWon
			}
		}
	}
}

// countMet counts the encounters of some rows, as many at once as make a block.
func (s *scan) countMet(t *tally, b *buffers, at int, p *segment, rows []uint32) {
	b.in.rows, b.in.met = b.in.rows[:0], b.in.met.first(0)
	s.meet(p, rows, &b.in)
	for in := b.in; in.len() > 0; {
		one := in.next()
		if one = s.keepMet(b, at, p, one); one.len() > 0 {
			b.met = one.met
			s.countBlock(t, b, at, p, picked{rows: one.rows})
		}
	}
}

// keepMet gives those encounters of a block that fulfil the filter on them.
func (s *scan) keepMet(b *buffers, at int, p *segment, of span) span {
	if s.testMet == nil {
		return of
	}
	b.met = of.met
	n := 0
	for i, truth := range s.testMet.say(b, at, p, of.rows, 0) {
		of.rows[n], of.met.rivals[n], of.met.outcomes[n] = of.rows[i], of.met.rivals[i], of.met.outcomes[i]
		if truth == Yes {
			n++
		}
	}
	of.rows, of.met = of.rows[:n], of.met.first(n)
	return of
}
