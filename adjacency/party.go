package adjacency

import (
	"github.com/google/uuid"

	"guanxi/models"
)

// Party gives a party that the viewer was told of, with nothing but its id and its name.
func (v *View) Party(id uuid.UUID) models.Party { return v.party(id, v.parties.Find(id)) }

// Party gives the node's party, as View.Party does.
func (n Node) Party(v *View) models.Party { return v.party(n.ID, n.number) }

// party fills a party where it lies: customers are large, and a walk tells of hundreds.
func (v *View) party(id uuid.UUID, number uint32) models.Party {
	name := v.texts.read(v.names.at(number))
	switch models.KindOf(id) {
	case models.CustomerCode:
		c := new(models.Customer)
		c.ID, c.Name = id, name
		return c
	case models.ContactCode:
		c := new(models.Contact)
		c.ID, c.Name = id, name
		return c
	case models.CompetitorCode:
		c := new(models.Competitor)
		c.ID, c.Name = id, name
		return c
	case models.UserCode:
		u := new(models.User)
		u.ID, u.Name = id, name
		return u
	}
	return nil
}
