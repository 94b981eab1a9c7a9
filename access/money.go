package access

import "fmt"

// HalfEven renders a numeric expression rounded to 4 places, a tie to the even neighbour.
func HalfEven(value string) string {
	return fmt.Sprintf("case when abs(%[1]s * 10000 - trunc(%[1]s * 10000)) = 0.5 and mod(trunc(%[1]s * 10000), 2) = 0 then trunc(%[1]s, 4) else round(%[1]s, 4) end", value)
}

// Converted renders a lateral source of one column, amount: that of the row under an alias in another currency, at the
// rate of a day, rounded half-even to 4 places; NULL when the amount or the rate is unknown. What is in that currency
// already is taken as it stands: no rate is looked up for it.
func Converted(alias, currency, day string) string {
	return fmt.Sprintf(`(
    select case when %[1]s.currency = %[2]s then %[1]s.amount else (
      select %[4]s from exchange_rates e where e.currency = %[1]s.currency and e.valid_on <= %[3]s order by e.valid_on desc limit 1
    ) end as amount)`, alias, currency, day, HalfEven("("+alias+".amount * e.rate)"))
}

// Rates renders a source of the exchange rates of each currency, under an alias: rates, and days, from which each counts, in their order.
func Rates(alias string) string {
	return "(select e.currency, array_agg(e.valid_on order by e.valid_on) as days, array_agg(e.rate order by e.valid_on) as rates from exchange_rates e group by e.currency) as " + alias
}

// ConvertedAt renders what Converted does of an amount and its currency, to which a source of Rates has been joined under an alias.
func ConvertedAt(amount, currency, into, rates, day string) string {
	rate := fmt.Sprintf("%[1]s.rates[width_bucket(%[2]s, %[1]s.days)]", rates, day)
	return fmt.Sprintf("(select case when %s = %s then %s else %s end as amount)", currency, into, amount, HalfEven("("+amount+" * "+rate+")"))
}
