package resolvers

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/loaders"
	"guanxi/models"
	"guanxi/network"
	"guanxi/store"
)

// end gives the party at one end of an edge; the parties at both ends of all edges that came together are fetched at
// once.
func end[F models.Keyed](ctx context.Context, edge F, id uuid.UUID, ends func(F) [2]uuid.UUID) (models.Party, error) {
	_, batch := edge.Key()
	if batch == nil {
		batch = models.NewBatch([]F{edge})
	}
	found, err := models.Fetch(ctx, batch, "ends", func() (map[uuid.UUID]models.Keyed, error) {
		var ids []uuid.UUID
		seen := map[uuid.UUID]bool{}
		for _, row := range batch.Rows {
			for _, id := range ends(row.(F)) {
				if !seen[id] {
					seen[id] = true
					ids = append(ids, id)
				}
			}
		}
		return loaders.Nodes(ctx, ids)
	})
	party, _ := found[id].(models.Party)
	return party, err
}

func endsOf(r *models.Relationship) [2]uuid.UUID { return [2]uuid.UUID{r.AID, r.BID} }

func endsOfEdge(e *network.NetworkEdge) [2]uuid.UUID { return [2]uuid.UUID{e.AID, e.BID} }

func typeOf(ctx context.Context, r *models.Relationship) (*models.RelationshipType, error) {
	return loaders.One(ctx, r, "type", func(r *models.Relationship) *uuid.UUID { return &r.TypeID }, store.RelationshipTypes)
}

// partyRelationships gives a page of one party's relationships.
func partyRelationships[F models.Keyed](ctx context.Context, s *store.Store, party F, ask store.Ask) (*models.PartyRelationshipConnection, error) {
	return loaders.Each(ctx, party, "relationships", ask, func(ids []uuid.UUID) (map[uuid.UUID]*models.PartyRelationshipConnection, error) {
		return store.PartyRelationships(ctx, s, access.Of(ctx), ids, ask)
	})
}

// found makes the list of what a search found; the records are read together.
func found(ctx context.Context, s *store.Store, text string, kinds []string, first *int, after *string) (*models.SearchHitConnection, error) {
	page, counted, err := s.Search(ctx, access.Of(ctx), text, kinds, first, after)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(page.Hits))
	for i, hit := range page.Hits {
		ids[i] = hit.RecordID
	}
	records, err := loaders.Nodes(ctx, ids)
	list := &models.SearchHitConnection{PageInfo: &models.PageInfo{HasNextPage: page.HasNext, HasPreviousPage: after != nil}, Counted: counted}
	for _, hit := range page.Hits {
		list.Edges = append(list.Edges, &models.SearchHitEdge{At: models.Sealed(hit.Cursor),
			Node: &models.SearchHit{Matched: string(hit.Matched), Record: records[hit.RecordID]}})
	}
	if n := len(list.Edges); n > 0 {
		list.PageInfo.First, list.PageInfo.Last = list.Edges[0].At, list.Edges[n-1].At
	}
	return list, err
}
