package adjacency

import (
	"github.com/google/uuid"

	"guanxi/models"
)

// Party gives a party that the viewer was told of, with nothing but its id and its name.
func (v *View) Party(id uuid.UUID) models.Party {
	name := v.texts.read(v.names.at(v.parties.Find(id)))
	record := models.Record{ID: id}
	switch models.KindOf(id) {
	case models.CustomerCode:
		return &models.Customer{Business: models.Business{Record: record}, Name: name}
	case models.ContactCode:
		return &models.Contact{Business: models.Business{Record: record}, Name: name}
	case models.CompetitorCode:
		return &models.Competitor{Record: record, Name: name}
	case models.UserCode:
		return &models.User{Record: record, Name: name}
	}
	return nil
}
