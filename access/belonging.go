package access

import (
	"fmt"
	"strings"

	"guanxi/models"
)

// customerOwner is the column by which a record carries the owner of its customer, if that is not deleted: the zero id for one without an
// owner, null without such a customer. It is kept in the database by the statement that hands the customer over, and shown to nobody. So is
// attached_elsewhere, whether the record is attached to one of another customer: it belongs to that one as well.
const customerOwner = "customer_owner_id"

// whose is where a condition finds a customer: its id and its owner.
type whose struct {
	id, owner string
	carried   bool // by a record, with the zero id for no owner
}

// itself is the customer c.
var itself = whose{id: "c.id", owner: "c.owner_id"}

// carries is what a row of the kind carries of its customer.
func (k *Kind) carries(row string) whose {
	return whose{id: row + "." + k.Customer, owner: row + "." + customerOwner, carried: true}
}

// reachesCustomer renders whether the scope holds the owner of the customer, or it has none and the scope is everyone's: of whom the zero id is one.
func (a asked) reachesCustomer() string {
	if a.customer.carried {
		return a.inScope(a.customer.owner)
	}
	return a.reaches(a.customer.owner)
}

// attachments renders what the records that a row is attached to carry of their customers.
func (k *Kind) attachments(row string) string {
	var list []string
	for _, to := range k.Attached {
		list = append(list, fmt.Sprintf("select a.%s as %s, a.%s from %s a where a.id = %s.%s and a.deleted_at is null", to.Customer, k.Customer, customerOwner, to.Table, row, attachment(to)))
	}
	return strings.Join(list, " union all ")
}

// elsewhere renders the ids of the records that are attached to one whose customer people own, and are of another customer themselves.
func (k *Kind) elsewhere(people string) string {
	var list []string
	for _, to := range k.Attached {
		list = append(list, fmt.Sprintf("select o.id from %s o join %s a on a.id = o.%s where o.attached_elsewhere and a.%s = any(%s) and a.deleted_at is null",
			k.Table, to.Table, attachment(to), customerOwner, people))
	}
	return strings.Join(list, " union all ")
}

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
