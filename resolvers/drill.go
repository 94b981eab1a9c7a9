package resolvers

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/loaders"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

// drillDown names the lists behind a report's numbers, for their cursors.
const drillDown = "drill-down"

// recordsBehind makes the list of the records behind a count beside a report's rows.
func recordsBehind(ctx context.Context, r *Resolver, b *reports.Behind, first *int, after *string) (*models.RecordConnection, error) {
	page, err := recordsOf(ctx, r, after, func(after *string) (*reports.RecordPage, error) { return b.Page(ctx, first, after) }, findersThen(b))
	if err != nil {
		return nil, err
	}
	list := &models.RecordConnection{Edges: []*models.RecordEdge{}, Nodes: []models.Keyed{}, PageInfo: page.PageInfo, Counted: page.Counted}
	for _, edge := range page.Edges {
		place := &models.RecordEdge{At: edge.At}
		if edge.Node != nil { // one that was deleted by the instant asked about is not there then
			place.Node = *edge.Node
			list.Nodes = append(list.Nodes, place.Node)
		}
		list.Edges = append(list.Edges, place)
	}
	return list, nil
}

// findersThen finds the records behind a count: as they were recorded by its instant, if it has one.
func findersThen(b *reports.Behind) func(context.Context, *access.Snapshot, []uuid.UUID) (map[uuid.UUID]*models.Keyed, error) {
	if b.AsOf() != nil {
		switch b.Kind() {
		case access.Opportunity:
			return keyed(store.Opportunities.Then(b.AsOf()))
		case access.Encounter:
			return keyed(store.Encounters.Then(b.AsOf()))
		case access.OpportunityLine:
			return keyed(store.OpportunityLines.Then(b.AsOf()))
		}
	}
	return func(ctx context.Context, _ *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]*models.Keyed, error) {
		found, err := loaders.Nodes(ctx, ids)
		nodes := make(map[uuid.UUID]*models.Keyed, len(found))
		for id, one := range found {
			nodes[id] = &one
		}
		return nodes, err
	}
}

// keyed makes a finder of one kind one of any.
func keyed[N any, P interface {
	*N
	models.Keyed
}](find func(context.Context, *access.Snapshot, []uuid.UUID) (map[uuid.UUID]*N, error)) func(context.Context, *access.Snapshot, []uuid.UUID) (map[uuid.UUID]*models.Keyed, error) {
	return func(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]*models.Keyed, error) {
		found, err := find(ctx, snap, ids)
		nodes := make(map[uuid.UUID]*models.Keyed, len(found))
		for id, one := range found {
			node := models.Keyed(P(one))
			nodes[id] = &node
		}
		return nodes, err
	}
}

// recordsOf makes the list of the records behind a number from a page of their ids; the records of all rows' pages are
// read together.
func recordsOf[N any](ctx context.Context, r *Resolver, after *string, open func(after *string) (*reports.RecordPage, error), byIDs func(context.Context, *access.Snapshot, []uuid.UUID) (map[uuid.UUID]*N, error)) (*models.Connection[N], error) {
	after, err := r.Store.OpenPlace(viewer(ctx), drillDown, after, "after")
	if err != nil {
		return nil, err
	}
	page, err := open(after)
	if err != nil {
		return nil, err
	}
	found, err := models.Fetch(ctx, page.All.Fetched, "records", func() (map[uuid.UUID]*N, error) {
		return byIDs(ctx, access.Of(ctx), page.All.IDs)
	})
	if err != nil {
		return nil, err
	}
	list := &models.Connection[N]{
		PageInfo: &models.PageInfo{HasNextPage: page.HasNext, HasPreviousPage: page.After},
		Counted:  func(context.Context) (models.Count, error) { return page.Total, nil },
	}
	for i, place := range page.Cursors() {
		cursor := r.Store.SealPlace(viewer(ctx), drillDown, place)
		list.Edges = append(list.Edges, &models.Edge[N]{At: models.Sealed(cursor), Node: found[page.IDs[i]]})
	}
	if n := len(list.Edges); n > 0 {
		list.PageInfo.First, list.PageInfo.Last = list.Edges[0].At, list.Edges[n-1].At
	}
	return list, nil
}
