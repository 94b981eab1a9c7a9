package reports_test

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// eyes say, apart from package access, what a viewer of these tests sees: all, or what he owns and what is of his
// customers; amounts on his own records, or on all.
type eyes struct {
	user    uuid.UUID
	wide    bool
	amounts []access.Relation
}

func (w *world) seen(e eyes) []*sale {
	var list []*sale
	for _, s := range w.sales {
		c := w.customerOf(s)
		if e.wide || *s.OwnerID == e.user || c != nil && *c.OwnerID == e.user {
			list = append(list, s)
		}
	}
	return list
}

func (w *world) customerOf(s *sale) *models.Customer {
	for _, c := range w.customers {
		if s.CustomerID != nil && c.ID == *s.CustomerID {
			return c
		}
	}
	return nil
}

// amount converts what the viewer reads to the company's currency; unconverted is an amount without a rate.
func (w *world) amount(e eyes, s *sale) (amount *decimal.Decimal, unconverted bool) {
	relation := access.Other
	switch {
	case *s.OwnerID == e.user:
		relation = access.Own
	case e.wide:
		relation = access.InScope
	}
	if s.Amount == nil || !slices.Contains(e.amounts, relation) {
		return nil, false
	}
	if *s.Currency == "CNY" {
		return s.Amount, false
	}
	day := models.DateOf(w.now.In(zone(companyZone)))
	if s.ClosedAt != nil {
		day = models.DateOf(s.ClosedAt.In(zone(companyZone)))
	}
	var last *models.ExchangeRate
	for i, r := range w.rates {
		if r.Currency == *s.Currency && r.ValidOn <= day && (last == nil || r.ValidOn > last.ValidOn) {
			last = &w.rates[i]
		}
	}
	if last == nil {
		return nil, true
	}
	converted := s.Amount.Mul(last.Rate).RoundBank(4)
	return &converted, false
}

func zone(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return location
}

// tally is a row counted by plain folding.
type tally struct {
	count, won, lost, open, cancelled, unconverted, days, cycles int
	amounts                                                      map[string]decimal.Decimal
	known                                                        map[string]int
	weighted                                                     decimal.Decimal
}

// fold counts sales one by one.
func (w *world) fold(e eyes, sales []*sale, in *time.Location) tally {
	t := tally{amounts: map[string]decimal.Decimal{}, known: map[string]int{}}
	for _, s := range sales {
		t.count++
		switch s.Status {
		case models.Won:
			t.won++
		case models.Lost:
			t.lost++
		case models.Open:
			t.open++
		default:
			t.cancelled++
		}
		amount, unconverted := w.amount(e, s)
		if unconverted {
			t.unconverted++
		}
		if amount != nil {
			t.amounts[s.Status] = t.amounts[s.Status].Add(*amount)
			t.known[s.Status]++
			if s.Status == models.Open {
				t.weighted = t.weighted.Add(amount.Mul(w.probability(s)).RoundBank(4))
			}
		}
		if s.ClosedAt != nil && s.OpenedOn != nil {
			closed := models.DateOf(s.ClosedAt.In(in)).Time()
			t.days += int(closed.Sub(s.OpenedOn.Time()).Hours() / 24)
			t.cycles++
		}
	}
	return t
}

func (w *world) probability(s *sale) decimal.Decimal {
	for _, stage := range w.stages {
		if stage.ID == s.StageID {
			return decimal.NewFromFloat(stage.Probability)
		}
	}
	return decimal.Zero
}

// same compares a report's row with a tally.
func (w *world) same(name string, row *reports.OpportunityReportRow, t tally) {
	w.t.Helper()
	got := []int{row.Count, row.Won, row.Lost, row.Open, row.Cancelled, *row.Unconverted}
	want := []int{t.count, t.won, t.lost, t.open, t.cancelled, t.unconverted}
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: count, won, lost, open, cancelled, unconverted = %v, want %v", name, got, want)
	}
	w.sameMoney(name+" won", row.WonAmount, t.amounts[models.Won], t.known[models.Won])
	w.sameMoney(name+" lost", row.LostAmount, t.amounts[models.Lost], t.known[models.Lost])
	w.sameMoney(name+" open", row.OpenAmount, t.amounts[models.Open], t.known[models.Open])
	w.sameMoney(name+" weighted", row.WeightedAmount, t.weighted, t.known[models.Open])
	switch {
	case t.cycles == 0 && row.AverageCycleDays != nil:
		w.t.Errorf("%s: a cycle of %v without one", name, *row.AverageCycleDays)
	case t.cycles > 0 && (row.AverageCycleDays == nil || *row.AverageCycleDays != float64(t.days)/float64(t.cycles)):
		w.t.Errorf("%s: cycle %v, want %d days in %d", name, row.AverageCycleDays, t.days, t.cycles)
	}
	if decided := t.won + t.lost; decided > 0 && *row.LossRate.Value != float64(t.lost)/float64(decided) {
		w.t.Errorf("%s: loss rate %v, want %d of %d", name, *row.LossRate.Value, t.lost, decided)
	}
}

func (w *world) sameMoney(name string, got *models.Money, want decimal.Decimal, known int) {
	w.t.Helper()
	switch {
	case known == 0 && got != nil:
		w.t.Errorf("%s: %v, want unknown", name, got.Amount)
	case known > 0 && (got == nil || !got.Amount.Equal(want) || got.Currency != "CNY"):
		w.t.Errorf("%s: %v, want %v CNY", name, got, want)
	}
}
