package store

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// PartyRelationships gives each party's page of relationships, ended ones too, as read from that party.
func PartyRelationships(ctx context.Context, s *Store, snap *access.Snapshot, parties []uuid.UUID, ask Ask) (map[uuid.UUID]*models.PartyRelationshipConnection, error) {
	pages, err := Relationships.ListOf(ctx, s, snap, "relationships", access.Customer.Relations["relationships"], parties, ask)
	found := make(map[uuid.UUID]*models.PartyRelationshipConnection, len(pages))
	for party, page := range pages {
		to := &models.PartyRelationshipConnection{Nodes: page.Nodes(), PageInfo: page.PageInfo, Counted: page.Counted}
		for _, e := range page.Edges {
			to.Edges = append(to.Edges, &models.PartyRelationshipEdge{At: e.At, Party: party, Node: e.Node})
		}
		found[party] = to
	}
	return found, err
}

// partyKind tells which kind of party an id belongs to; nil when to none.
func partyKind(id uuid.UUID) *access.Kind {
	kind, _ := access.Coded(models.KindOf(id))
	switch kind {
	case access.Customer, access.Contact, access.Competitor, access.User:
		return kind
	}
	return nil
}

// seeParty refuses an end of a relationship that is no party which the viewer sees.
func (tx *Tx) seeParty(id uuid.UUID, field string) error {
	kind := partyKind(id)
	if kind == nil {
		kind = access.Customer // asks as for a party, and finds none
	}
	return tx.See(kind, id, "input", field)
}

// managesParty tells whether the viewer may write a party; competitors and users are managed by nobody.
func (tx *Tx) managesParty(id uuid.UUID) (bool, error) {
	switch kind := partyKind(id); kind {
	case access.Customer, access.Contact:
		return tx.Manages(kind, id)
	}
	return false, nil
}
