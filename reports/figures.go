package reports

import (
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
)

// figures are the components of one row, in the order of components.
type figures struct {
	n, won, lost, open, cancelled        int
	wonAmount, lostAmount, openAmount    decimal.Decimal
	wonAmounts, lostAmounts, openAmounts int
	weighted                             decimal.Decimal
	unconverted, cycleDays, cycles       int
	amounts, opened                      int
	known                                []int // by dimension
}

// places are where a row's components are read into.
func (f *figures) places() []any {
	list := []any{
		&f.n, &f.won, &f.lost, &f.open, &f.cancelled, &f.wonAmount, &f.wonAmounts, &f.lostAmount, &f.lostAmounts,
		&f.openAmount, &f.openAmounts, &f.weighted, &f.unconverted, &f.cycleDays, &f.cycles, &f.amounts, &f.opened,
	}
	for i := range f.known {
		list = append(list, &f.known[i])
	}
	return list
}

// add takes in another row's components.
func (f *figures) add(g *figures) {
	into, from := f.places(), g.places()
	for i := range into {
		switch total := into[i].(type) {
		case *int:
			*total += *from[i].(*int)
		case *decimal.Decimal:
			*total = total.Add(*from[i].(*decimal.Decimal))
		}
	}
}

// row computes the measures of a report's row; those under a rule that the viewer reads on no record are absent.
func (f *figures) row(v *access.Viewer) *OpportunityReportRow {
	minimum := v.Company.SmallSample
	r := &OpportunityReportRow{
		Keys: []*ReportKey{}, Count: f.n, Won: f.won, Lost: f.lost, Open: f.open, Cancelled: f.cancelled,
		LossRate: rateOf(f.lost, f.won+f.lost, minimum), WinRate: rateOf(f.won, f.won+f.lost, minimum),
	}
	if f.cycles > 0 {
		days := float64(f.cycleDays) / float64(f.cycles)
		r.AverageCycleDays = &days
	}
	if !v.ReadsSome(access.Amounts) {
		return r
	}
	unconverted := f.unconverted
	r.Unconverted = &unconverted
	r.LossRateByAmount = f.rateByAmount(minimum)
	r.WonAmount = money(v, f.wonAmount, f.wonAmounts)
	r.LostAmount = money(v, f.lostAmount, f.lostAmounts)
	r.OpenAmount = money(v, f.openAmount, f.openAmounts)
	r.WeightedAmount = money(v, f.weighted, f.openAmounts)
	return r
}

func (f *figures) rateByAmount(minimum int) *AmountRate {
	r := &AmountRate{Sample: f.wonAmounts + f.lostAmounts}
	r.SmallSample = r.Sample < minimum
	both := f.wonAmount.Add(f.lostAmount)
	if f.wonAmounts > 0 && f.lostAmounts > 0 && !both.IsZero() {
		value := f.lostAmount.Div(both).InexactFloat64()
		r.Value = &value
	}
	return r
}

// money gives a sum in the company's currency; a sum of no known amount is unknown.
func money(v *access.Viewer, sum decimal.Decimal, amounts int) *models.Money {
	if amounts == 0 {
		return nil
	}
	return &models.Money{Amount: sum, Currency: v.Company.Currency}
}
