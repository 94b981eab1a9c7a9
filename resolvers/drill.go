package resolvers

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// drillDown names the lists behind a report's numbers, for their cursors.
const drillDown = "drill-down"

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
