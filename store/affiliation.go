package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// CustomerContacts gives each customer's page of contacts whose affiliation has not ended, with what each is there.
func CustomerContacts(ctx context.Context, s *Store, snap *access.Snapshot, customers []uuid.UUID, ask Ask) (map[uuid.UUID]*models.CustomerContactConnection, error) {
	pages, err := Contacts.ListOf(ctx, s, snap, "contacts", access.Customer.Relations["contacts"], customers, ask)
	if err != nil {
		return nil, err
	}
	return affiliated(ctx, snap, pages, func(customer uuid.UUID, c *models.Contact) ends { return ends{c.ID, customer} })
}

// ContactCustomers gives each contact's page of customers that his affiliation with has not ended, with what he is there.
func ContactCustomers(ctx context.Context, s *Store, snap *access.Snapshot, contacts []uuid.UUID, ask Ask) (map[uuid.UUID]*models.ContactCustomerConnection, error) {
	pages, err := Customers.ListOf(ctx, s, snap, "customers", access.Contact.Relations["customers"], contacts, ask)
	if err != nil {
		return nil, err
	}
	return affiliated(ctx, snap, pages, func(contact uuid.UUID, c *models.Customer) ends { return ends{contact, c.ID} })
}

// ends are a contact and a customer.
type ends struct{ contact, customer uuid.UUID }

// affiliated adds to the pages what each contact is at each customer.
func affiliated[N any](ctx context.Context, snap *access.Snapshot, pages map[uuid.UUID]*models.Connection[N], of func(parent uuid.UUID, node *N) ends) (map[uuid.UUID]*models.EdgeConnection[models.AffiliationEdge[N], *N], error) {
	var wanted []ends
	for parent, page := range pages {
		for _, node := range page.Nodes() {
			wanted = append(wanted, of(parent, node))
		}
	}
	known, err := affiliations(ctx, snap, wanted)
	found := make(map[uuid.UUID]*models.EdgeConnection[models.AffiliationEdge[N], *N], len(pages))
	for parent, page := range pages {
		to := &models.EdgeConnection[models.AffiliationEdge[N], *N]{Nodes: page.Nodes(), PageInfo: page.PageInfo, Counted: page.Counted}
		for _, e := range page.Edges {
			to.Edges = append(to.Edges, &models.AffiliationEdge[N]{At: e.At, Node: e.Node, Relationship: known[of(parent, e.Node)]})
		}
		found[parent] = to
	}
	return found, err
}

// affiliations finds the affiliation that has not ended of each contact with each customer, in one statement.
func affiliations(ctx context.Context, snap *access.Snapshot, wanted []ends) (map[ends]*models.Relationship, error) {
	var contacts, customers []uuid.UUID
	for _, e := range wanted {
		contacts, customers = append(contacts, e.contact), append(customers, e.customer)
	}
	q := snap.Viewer.Query()
	text, err := q.Kept("affiliations", []any{contacts, customers, models.WorksAtID}, func() (string, error) {
		return fmt.Sprintf(`select %s from unnest(%s::uuid[], %s::uuid[]) as p (contact, customer) cross join lateral (
			select e.* from %s where e.a_id = p.contact and e.b_id = p.customer and e.type_id = %s and (e.valid_until is null or e.valid_until > @today)
			order by e.is_primary desc, e.valid_from desc nulls last, e.id limit 1) as e`,
			q.Shown(access.Relationship, "e"), q.Bind(contacts), q.Bind(customers), q.Visible(access.Relationship, "e"), q.Bind(models.WorksAtID)), nil
	})
	if err != nil {
		return nil, err
	}
	known := make(map[ends]*models.Relationship, len(wanted))
	var rows []*models.Relationship
	err = snap.Run(ctx, q, text, func(row access.Row) error {
		one := &models.Relationship{}
		err := row.Scan(models.Pointers(nil, one)...)
		rows = append(rows, one)
		known[ends{one.AID, one.BID}] = one
		return err
	})
	models.NewBatch(rows)
	return known, err
}
