package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// longestContactName is how many characters a contact's name may have.
const longestContactName = 100

// Affiliation is what a new contact is at a customer.
type Affiliation struct {
	Customer    *uuid.UUID
	Role, Title *string
	Primary     bool
}

// ContactCreate makes a contact, and from today on at a customer if one is named, which the viewer has to see.
func (s *Store) ContactCreate(ctx context.Context, v *access.Viewer, q Request, input map[string]any, at Affiliation) (uuid.UUID, error) {
	return Contacts.Create(ctx, s, v, q, input, func(tx *Tx, c *models.Contact) error {
		if err := atMost(longestContactName, c.Name, "name"); err != nil {
			return err
		}
		if at.Customer != nil {
			return tx.See(access.Customer, *at.Customer, "input", "customer")
		}
		if at.Role != nil || at.Title != nil || at.Primary {
			return fault.Refuse(fault.Required, fault.Say("Name the customer he is that at.", "请指明他任职的客户。")).At("input", "customer")
		}
		return nil
	}, func(tx *Tx, c *models.Contact) error {
		if at.Customer == nil {
			return nil
		}
		row := &models.Relationship{TypeID: models.WorksAtID, AID: c.ID, BID: *at.Customer, ValidFrom: &tx.Viewer.Today,
			ContactRole: at.Role, Title: known(at.Title), IsPrimary: at.Primary}
		_, err := Relationships.insert(tx, row, nil, nil, nil)
		return err
	})
}

// ContactUpdate changes a contact's particulars.
func (s *Store) ContactUpdate(ctx context.Context, v *access.Viewer, q Request, id uuid.UUID, version *int, input map[string]any) (uuid.UUID, error) {
	return Contacts.Update(ctx, s, v, q, id, version, input, func(_ *Tx, _, c *models.Contact) error {
		return atMost(longestContactName, c.Name, "name")
	})
}
