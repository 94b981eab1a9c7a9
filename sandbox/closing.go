package sandbox

import (
	"math"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// settle decides how an opportunity ended, if it has.
func (s *selling) settle(d *deal) {
	if d.closed.IsZero() {
		s.stillOpen(d)
		return
	}
	d.ClosedAt = &d.closed
	d.ClosingOwnerID = &s.staff[d.seller].id
	d.ClosingDepartmentID = &s.departments[s.staff[d.seller].department].id
	switch {
	case s.yes(0.04):
		d.Status, d.ClosingNote = models.Cancelled, some(pick(s.chance, []string{"重复录入", "录入错误", "Duplicate entry"}))
		d.reach = s.IntN(2)
	case d.client.stage != "PROSPECT" && s.yes(s.odds(d)):
		d.Status, d.reach = models.Won, len(steps)-1
	default:
		s.lose(d)
	}
}

// stillOpen puts an open opportunity into a stage by its age; some lie around for long.
func (s *selling) stillOpen(d *deal) {
	age := s.until.Sub(d.opened).Hours() / 24
	d.reach = min(len(steps)-1, int(age/20+s.Float64()*1.6))
	if age < 2 {
		d.reach = 0
	}
	if s.yes(0.7) {
		d.ExpectedCloseOn = dateOf(s.until.AddDate(0, 0, s.between(3, 100)))
	}
}

// odds is our chance of winning: by who sells, who else wants it, how large it is, and a little better every year.
func (s *selling) odds(d *deal) float64 {
	x := 0.95 + s.staff[d.seller].skill
	for _, r := range d.met {
		x -= 0.35 + r.strength*0.55
	}
	x -= 0.12 * (math.Log10(max(d.value, 1)) - 5)
	x += 0.10 * d.opened.Sub(s.from).Hours() / 24 / 365
	return 1 / (1 + math.Exp(-x))
}

// reasons of a loss by who won.
var (
	reasonsWithWinner = []string{"COMPETITOR", "COMPETITOR", "COMPETITOR_RELATION", "PRICE", "PRICE", "FUNCTION", "PAYMENT_TERMS", "NO_ACCESS"}
	reasonsWithout    = []string{"NO_BUDGET", "NO_BUDGET", "POSTPONED", "POSTPONED", "PRICE", "DELIVERY", "CONTACT_LEFT", "OTHER", "FUNCTION"}
)

// lose decides who won instead and why; neither need be known.
func (s *selling) lose(d *deal) {
	d.Status, d.reach = models.Lost, s.weigh([]float64{25, 30, 22, 15, 8})
	reasons := reasonsWithout
	if len(d.met) > 0 && s.yes(0.72) {
		reasons = reasonsWithWinner
		s.giveTo(d, s.strongest(d))
	} else if s.yes(0.04) {
		reasons = reasonsWithWinner
		s.giveTo(d, s.outsider(d))
	}
	if !s.yes(0.15) {
		d.LossReasonID = some(entry(models.LossReasonDictionary, pick(s.chance, reasons)))
	}
	if s.yes(0.3) {
		d.ClosingNote = some(pick(s.chance, []string{"客户反馈报价高出预算", "对手提前介入", "项目明年再议", "asked for a lower price", "技术评分落后"}))
	}
}

// giveTo names the winner; one who was not met before has now been met.
func (s *selling) giveTo(d *deal, winner *rival) {
	d.WonByID, d.MainCompetitorID = &winner.id, &winner.id
	for _, r := range d.met {
		if r == winner {
			return
		}
	}
	d.met = append(d.met, winner)
	s.encounter(d, winner, d.closed, false)
}

// strongest draws a winner among those met, the strong more often.
func (s *selling) strongest(d *deal) *rival {
	weights := make([]float64, len(d.met))
	for i, r := range d.met {
		weights[i] = math.Exp(r.strength * 1.2)
	}
	return d.met[s.weigh(weights)]
}

// outsider draws a competitor whom nobody had on the list.
func (s *selling) outsider(d *deal) *rival {
	for {
		r := pick(s.chance, s.rivals)
		if !containsRival(d.met, r) {
			return r
		}
	}
}

func containsRival(list []*rival, one *rival) bool {
	for _, r := range list {
		if r == one {
			return true
		}
	}
	return false
}

// journey writes the way through the stages, ending with the close.
func (s *selling) journey(d *deal) {
	end := d.closed
	if end.IsZero() {
		end = s.until
	}
	by := s.staff[d.seller].id
	s.change(d, nil, 0, nil, models.Open, d.opened, by)
	for at, moves := 1, d.reach; at <= moves; at++ {
		when := d.opened.Add(time.Duration(float64(end.Sub(d.opened)) * (float64(at) - 0.5*s.Float64()) / float64(moves+1)))
		s.change(d, some(at-1), at, some(models.Open), models.Open, when.Truncate(time.Second), by)
	}
	d.StageID = step(d.reach)
	if !d.closed.IsZero() {
		s.change(d, &d.reach, d.reach, some(models.Open), d.Status, d.closed, by)
	}
}

func (s *selling) change(d *deal, from *int, to int, before *string, after string, at time.Time, by uuid.UUID) {
	c := &models.StageChange{OpportunityID: d.ID, ToStageID: some(step(to)), FromStatus: before, ToStatus: after, ChangedAt: at, ChangedBy: &by, CreatedAt: at}
	c.ID = s.id(models.StageChangeCode, at)
	if from != nil {
		c.FromStageID = some(step(*from))
	}
	s.changes, d.way = append(s.changes, c), append(d.way, c)
}
