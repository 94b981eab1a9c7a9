package resolvers

import (
	"context"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

// drillDown names the lists behind a report's numbers, for their cursors.
const drillDown = "drill-down"

// recordsOf makes the list of the records behind a number from a page of their ids; the records of all rows' pages are
// read together.
func (r *Resolver) recordsOf(ctx context.Context, after *string, open func(after *string) (*reports.RecordPage, error)) (*models.Connection[models.Opportunity], error) {
	after, err := r.Store.OpenPlace(viewer(ctx), drillDown, after, "after")
	if err != nil {
		return nil, err
	}
	page, err := open(after)
	if err != nil {
		return nil, err
	}
	found, err := models.Fetch(page.All.Fetched, "opportunities", func() (map[uuid.UUID]*models.Opportunity, error) {
		return store.Opportunities.ByIDs(ctx, access.Of(ctx), page.All.IDs)
	})
	if err != nil {
		return nil, err
	}
	list := &models.Connection[models.Opportunity]{
		PageInfo: &models.PageInfo{HasNextPage: page.HasNext, HasPreviousPage: page.After},
		Counted:  func(context.Context) (models.Count, error) { return page.Total, nil },
	}
	for i, place := range page.Cursors() {
		cursor := r.Store.SealPlace(viewer(ctx), drillDown, place)
		list.Edges = append(list.Edges, &models.Edge[models.Opportunity]{Cursor: cursor, Node: found[page.IDs[i]]})
	}
	if n := len(list.Edges); n > 0 {
		list.PageInfo.StartCursor, list.PageInfo.EndCursor = &list.Edges[0].Cursor, &list.Edges[n-1].Cursor
	}
	return list, nil
}
