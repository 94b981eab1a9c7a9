package access

import (
	"fmt"
	"strings"

	"guanxi/models"
)

// customersOf renders each way in which a record leads to a customer that it belongs to, as tables and condition.
func (q *Query) customersOf(kind *Kind, row, customer string) []string {
	live := func(alias string) string {
		if q.deleted {
			return ""
		}
		return " and " + alias + ".deleted_at is null"
	}
	from := "customers " + customer
	switch {
	case kind == Contact && q.deleted:
		return []string{fmt.Sprintf("%s where exists (select 1 from relationships e where e.a_id = %s.id and e.b_id = %s.id and e.type_id = '%s'"+
			" and e.deletion_id = %[2]s.deletion_id and "+notEnded+")", from, row, customer, models.WorksAtID)}
	case kind == Contact:
		return []string{from + " where " + worksAt(row, customer) + live(customer)}
	case kind.Customer == "":
		return nil
	}
	ways := []string{fmt.Sprintf("%s where %s.id = %s.%s", from, customer, row, kind.Customer) + live(customer)}
	for _, to := range kind.Attached {
		ways = append(ways, fmt.Sprintf("%s join %s a on a.%s = %s.id where a.id = %s.%s", from, to.Table, to.Customer, customer, row, attachment(to))+
			live(customer)+live("a"))
	}
	return ways
}

// attachment names the column by which a record is attached to one of the kind.
func attachment(to *Kind) string { return strings.ToLower(to.Name) + "_id" }

// worksAt joins a contact to a customer it is affiliated with today.
func worksAt(contact, customer string) string {
	return "exists (select 1 from relationships e where e.a_id = " + contact + ".id and e.b_id = " + customer +
		".id and e.type_id = '" + models.WorksAtID.String() + "' and e.deleted_at is null and " + notEnded + ")"
}

// notEnded is the condition on an affiliation e that it has not ended today.
const notEnded = "(e.valid_until is null or e.valid_until > @today)"
