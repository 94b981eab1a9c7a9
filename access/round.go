package access

import "strings"

// HalfEven renders a numeric expression rounded to 4 places, a half to the even neighbour.
func HalfEven(value string) string {
	return strings.ReplaceAll("(case when abs((V) * 10000 - trunc((V) * 10000)) = 0.5 then 2 * round((V) * 5000) else round((V) * 10000) end / 10000)", "V", value)
}
