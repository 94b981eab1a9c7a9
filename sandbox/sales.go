package sandbox

import (
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
	"guanxi/store"
)

// steps are the stages of the pipeline, in order.
var steps = []string{"NEED", "QUALIFIED", "PREFERS_US", "NEGOTIATING", "SIGNING"}

func step(at int) uuid.UUID { return store.BuiltIn(models.StageCode, steps[at]) }

// sell makes the opportunities and the daily work around them, some thousands at a time.
func (f *firm) sell() error {
	s := &selling{firm: f, chance: f.chance("opportunities"), field: f.chance("encounters"), lines: f.chance("lines"), past: f.chance("history"), work: newWork(f)}
	for i := range f.nOpportunities {
		if err := s.deal(i); err != nil {
			return err
		}
		if len(s.opportunities) >= portion {
			if err := s.write(); err != nil {
				return err
			}
		}
	}
	return s.write()
}

// selling collects the rows of new opportunities.
type selling struct {
	*firm
	chance
	field, lines, past chance
	work               *work
	opportunities      []*models.Opportunity
	lineRows           []*models.OpportunityLine
	encounters         []*models.Encounter
	changes            []*models.StageChange
	entries            []*models.AuditEntry
}

// deal is one opportunity while it is being made.
type deal struct {
	*models.Opportunity
	client *client
	owner  int // place in staff of who has it today
	seller int // of who worked on it
	opened time.Time
	closed time.Time // zero while open
	rate   float64   // of its currency
	value  float64   // in CNY
	met    []*rival
	reach  int // the stage it got to
	main   *article
	parts  store.Parts
	way    []*models.StageChange
	hoped  models.Date // the day that it was expected to close on when it was entered, unless its history says another
}

func (s *selling) deal(i int) error {
	d := s.begin(i)
	s.price(d)
	s.meet(d)
	s.settle(d)
	s.journey(d)
	s.opportunities = append(s.opportunities, d.Opportunity)
	s.work.around(d)
	return s.remember(d)
}

// begin draws when an opportunity began, with whom, and who works on it; business grows over the years.
func (s *selling) begin(i int) *deal {
	share := math.Pow((float64(i)+s.Float64())/float64(s.nOpportunities), 0.88)
	d := &deal{Opportunity: &models.Opportunity{PipelineID: store.BuiltIn(models.PipelineCode, "SALES"), Status: models.Open}, rate: 1}
	d.opened = s.workingHour(s.from.Add(time.Duration(share*float64(s.until.Sub(s.from)))), s.until.Add(-4*time.Hour))
	cycle := time.Duration(s.around(52, 0.65)*24) * time.Hour
	if end := s.workingHour(d.opened.Add(cycle), s.until.Add(48*time.Hour)); end.Before(s.until) && end.After(d.opened.Add(30*time.Hour)) {
		d.closed = end
	}
	d.client = s.buyer(d)
	d.CustomerID = &d.client.id
	s.assign(d)
	d.ID = s.id(models.OpportunityCode, d.opened)
	if !s.yes(0.02) {
		d.OpenedOn = dateOf(d.opened)
	}
	d.ExpectedCloseOn = dateOf(d.opened.AddDate(0, 0, 20+s.IntN(90)))
	d.hoped = *d.ExpectedCloseOn
	d.CreatedBy = &s.staff[d.seller].id
	return d
}

// buyer draws a customer of that time; leads have bought nothing and asked for nothing yet, and what lies in a pool has no
// open opportunity.
func (s *selling) buyer(d *deal) *client {
	early := s.from.AddDate(-1, 0, 0)
	known := int(float64(len(s.clients)) * float64(d.opened.Sub(early)) / float64(s.until.Sub(early)))
	known = min(max(known, len(stories)+1), len(s.clients))
	at := s.IntN(known)
	if s.yes(110 / float64(s.nOpportunities)) {
		at = s.weigh([]float64{40, 8, 8, 6, 12, 14, 10, 12})
	}
	for range len(s.clients) {
		k := &s.clients[at]
		if k.stage != "LEAD" && !k.since.After(d.opened) && (k.owner >= 0 || !d.closed.IsZero() && !d.closed.After(k.handed)) {
			return k
		}
		at = (at + 1) % known
	}
	return &s.clients[0]
}

// assign says who worked on it and who has it today: mostly the customer's keeper, at times a colleague.
func (s *selling) assign(d *deal) {
	end := d.closed
	if end.IsZero() {
		end = s.until
	}
	d.seller = d.client.keeper(end)
	if d.seller < 0 {
		d.seller = d.client.before
	}
	if s.yes(0.08) {
		d.seller = s.colleague(s.chance, s.staff[d.seller].department)
	}
	d.owner = d.seller
	if e := s.staff[d.seller]; !e.active() || d.client.owner >= 0 && d.seller == d.client.before {
		d.owner = d.client.owner
	}
	if d.owner < 0 || !s.staff[d.owner].active() {
		d.owner = s.colleague(s.chance, s.staff[d.seller].department)
	}
	d.OwnerID = &s.staff[d.owner].id
}

var verbs = []string{"采购", "升级改造", "扩容", "试点", "二期", "年度框架", "国产替代"}
var verbsAbroad = []string{"rollout", "pilot", "upgrade", "framework contract", "phase 2"}

// price draws what is to be sold, in which currency and for how much; some amounts are unknown.
func (s *selling) price(d *deal) {
	l := s.lines
	currency := "CNY"
	if !strings.HasPrefix(d.client.region, "CN-") {
		currency = map[string]string{"DE": "EUR", "FR": "EUR"}[d.client.region]
		if currency == "" {
			currency = "USD"
		}
		d.rate = worth[currency]
	}
	d.main = pick(l, s.products)
	d.Title = d.client.short + " " + d.main.short + " " + pick(l, verbs)
	if d.rate != 1 {
		d.Title = d.client.short + " – " + d.main.abroad + " " + pick(l, verbsAbroad)
	}
	sum, most := decimal.Zero, decimal.New(-1, 0)
	known := !l.yes(0.06)
	for i := range l.weigh([]float64{18, 40, 26, 12, 4}) {
		row := s.line(d, i, known)
		if row.Amount != nil {
			sum = sum.Add(*row.Amount)
		}
		if i == 0 || row.Amount != nil && row.Amount.GreaterThan(most) {
			d.MainProductID = &row.ProductID
			most = decimal.New(-1, 0)
			if row.Amount != nil {
				most = *row.Amount
			}
		}
	}
	if sum.IsZero() {
		sum = decimal.NewFromFloat(math.Round(l.around(90_000, 1.1)/d.rate/100) * 100)
	}
	d.value = sum.InexactFloat64() * d.rate
	if known {
		d.Amount, d.Currency = &sum, &currency
	}
}

// line adds a product to the opportunity; some have no price yet.
func (s *selling) line(d *deal, at int, known bool) *models.OpportunityLine {
	l := s.lines
	p := d.main
	if at > 0 {
		p = pick(l, s.products)
	}
	row := &models.OpportunityLine{OpportunityID: d.ID, ProductID: p.id, Quantity: decimal.NewFromInt(int64(max(1, math.Round(l.around(float64(p.many), 0.6))))), Position: at}
	row.ID = l.id(models.OpportunityLineCode, d.opened)
	if known && !l.yes(0.03) {
		price := decimal.NewFromFloat(math.Round(float64(p.price) * (0.82 + 0.2*l.Float64()) / d.rate))
		amount := price.Mul(row.Quantity)
		row.UnitPrice, row.Amount = &price, &amount
	}
	s.lineRows, d.parts.Lines = append(s.lineRows, row), append(d.parts.Lines, row)
	return row
}

// meet draws the competitors who want the same order.
func (s *selling) meet(d *deal) {
	weights := make([]float64, len(s.rivals))
	for i, r := range s.rivals {
		weights[i] = r.meets
	}
	for range s.field.weigh([]float64{34, 40, 19, 7}) {
		at := s.field.weigh(weights)
		weights[at] = 0
		d.met = append(d.met, s.rivals[at])
	}
	main := -1
	if len(d.met) > 1 && s.field.yes(0.5) {
		main = s.field.IntN(len(d.met))
	}
	for i, r := range d.met {
		s.encounter(d, r, d.opened.Add(time.Duration(i+1)*time.Hour), i == main)
	}
	switch {
	case main >= 0:
		d.MainCompetitorID = &d.met[main].id
	case len(d.met) > 0:
		d.MainCompetitorID = &d.met[0].id
	}
}

var strong, weak = []string{"价格低", "已有合作", "本地服务快", "品牌知名度高", "Existing supplier"}, []string{"交期长", "功能不全", "售后口碑差", "报价不含实施", "No local team"}

func (s *selling) encounter(d *deal, r *rival, at time.Time, main bool) {
	e := &models.Encounter{OpportunityID: d.ID, CompetitorID: r.id, IsMain: main, CreatedAt: at}
	e.ID = s.field.id(models.EncounterCode, at)
	if s.field.yes(0.55) && d.value > 0 {
		e.QuotedPrice = some(decimal.NewFromFloat(math.Round(d.value / d.rate * s.field.around(r.cheap, 0.08))))
		e.Currency = some("CNY")
		if d.Currency != nil {
			e.Currency = d.Currency
		} else if d.rate != 1 {
			e.QuotedPrice, e.Currency = nil, nil
		}
	}
	if s.field.yes(0.4) {
		e.Strengths = some(pick(s.field, strong))
	}
	if s.field.yes(0.35) {
		e.Weaknesses = some(pick(s.field, weak))
	}
	s.encounters, d.parts.Encounters = append(s.encounters, e), append(d.parts.Encounters, e)
}

func (s *selling) write() error {
	for _, step := range []func() error{
		func() error { return copyAll(s.firm, s.opportunities) }, func() error { return copyAll(s.firm, s.lineRows) },
		func() error { return copyAll(s.firm, s.encounters) }, func() error { return copyAll(s.firm, s.changes) },
		func() error { return copyAll(s.firm, s.entries) }, s.work.write,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	s.progress(len(s.opportunities))
	s.opportunities, s.lineRows, s.encounters, s.changes, s.entries = nil, nil, nil, nil, nil
	return nil
}
