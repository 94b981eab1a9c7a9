package store

import "guanxi/access"

// Converted renders a row's amount in the company's currency at the rate of a day, rounded half-even to 4 places; NULL
// when the amount is unknown or no rate is known for the day.
func Converted(q *access.Query, alias, day string) string {
	company := q.Bind(q.Viewer().Company.Currency) + "::text"
	rate := "(select x.rate from exchange_rates x where x.currency = " + alias + ".currency and x.valid_on <= " + day + " order by x.valid_on desc limit 1)"
	return "case when " + alias + ".currency = " + company + " then " + alias + ".amount else " + access.HalfEven(alias+".amount * "+rate) + " end"
}
