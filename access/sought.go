package access

import (
	"strings"

	"guanxi/models"
)

// Sought renders Visible with only the rows of a business kind whose protected column, as far as the viewer reads it in
// full, passes a test, written with $value where the column stands. The test is rendered twice, on what is stored too,
// so that an index serves it: the second alone decides.
func (q *Query) Sought(kind *Kind, alias, column, test string) string {
	stored := "r." + column
	read := q.readable(kind, kind.Protected[column], "r", stored)
	passes := strings.ReplaceAll(test, "$value", stored) + " and " + strings.ReplaceAll(test, "$value", "("+read+")")
	return q.render(kind, alias, q.kept(kind)+"("+q.open(kind, models.Observe)+") and "+passes)
}
