package store

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// timelineSource is something that a timeline is made of: the kind, when a row of it happened, and of which customer p it is.
type timelineSource struct {
	kind *access.Kind
	at   string
	of   func(q *access.Query) string
}

var timelineSources = append([]timelineSource{
	{access.Activity, "happened_at", ofCustomer},
	{access.Service, "opened_at", ofCustomer},
	{access.Document, "uploaded_at", ofCustomer},
	{access.StageChange, "changed_at", func(q *access.Query) string {
		return "exists (select 1 from " + q.Visible(access.Opportunity, "o") + " where o.id = r.opportunity_id and o.customer_id = p.id)"
	}},
}, historySources()...)

// timelineHistories are the kinds whose histories stand in a customer's timeline.
var timelineHistories = []*access.Kind{access.Customer, access.Contact, access.Opportunity, access.Service}

// historySources are the changes of a customer, of its contacts, opportunities and services. What stands in the timeline
// by itself, such as a new service or another stage, is not told twice.
func historySources() (list []timelineSource) {
	for _, kind := range timelineHistories {
		list = append(list, timelineSource{access.HistoryOf(kind), "at", func(q *access.Query) string { return changedOf(q, kind) }})
	}
	return list
}

func changedOf(q *access.Query, kind *access.Kind) string {
	const twice = "r.action not in ('CREATE', 'STAGE', 'WON', 'LOST', 'CANCELLED', 'REOPEN') and "
	switch kind {
	case access.Customer:
		return "r.record_id = p.id"
	case access.Contact:
		return "exists (select 1 from " + q.Visible(kind, "o") + " where o.id = r.record_id and " + access.Customer.Relations["contacts"].On("p", "o") + ")"
	}
	return twice + "exists (select 1 from " + q.Visible(kind, "o") + " where o.id = r.record_id and o.customer_id = p.id)"
}

func ofCustomer(*access.Query) string { return "r.customer_id = p.id" }

// timelineShape tells cursors of timelines from those of other lists.
const timelineShape = "CUSTOMER.timeline"

// Timelines gives a page of each customer's timeline, latest first.
func Timelines(ctx context.Context, s *Store, snap *access.Snapshot, customers []uuid.UUID, first *int, after *string) (map[uuid.UUID]*models.TimelineEntryConnection, error) {
	t := &timeline{store: s, snap: snap, customers: customers, size: defaultPage, after: after}
	if first != nil {
		if err := CheckPage(*first, "first"); err != nil {
			return nil, err
		}
		t.size = *first
	}
	var places map[uuid.UUID][]moment
	counting := newCounting(t.counts)
	err := counting.beside(ctx, snap, func() (err error) {
		places, err = t.places(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	entries, err := t.entries(ctx, places)
	if err != nil {
		return nil, err
	}
	pages := make(map[uuid.UUID]*models.TimelineEntryConnection, len(customers))
	for _, customer := range customers {
		page := t.page(places[customer], entries)
		page.Counted = counting.of(customer)
		pages[customer] = page
	}
	return pages, nil
}

type timeline struct {
	store     *Store
	snap      *access.Snapshot
	customers []uuid.UUID
	size      int
	after     *string
}

// moment is where an entry stands in a timeline.
type moment struct {
	id uuid.UUID
	at string
}

// instant is an entry's place in a timeline.
type instant struct {
	*timeline
	moment
}

// String seals the place.
func (i instant) String() string {
	id := i.id.String()
	return i.store.cursors.write(i.snap.Viewer.UserID, timelineShape, place{&i.at, &id})
}

// places finds which entries stand on the page of each customer, and one more where there is one, in one statement.
func (t *timeline) places(ctx context.Context) (map[uuid.UUID][]moment, error) {
	q := t.snap.Viewer.Query()
	text, err := q.Kept(fmt.Sprint("timeline ", t.size, t.after == nil), []any{t.customers}, func() (string, error) { return t.placesText(q) })
	if err != nil {
		return nil, err
	}
	found := map[uuid.UUID][]moment{}
	err = t.snap.Run(ctx, q, text, func(row access.Row) error {
		var customer uuid.UUID
		var m moment
		err := row.Scan(&customer, &m.id, &m.at)
		found[customer] = append(found[customer], m)
		return err
	})
	return found, err
}

func (t *timeline) placesText(q *access.Query) (string, error) {
	customers := q.Bind(t.customers)
	behind := "true"
	if t.after != nil {
		at, err := t.store.cursors.read(t.snap.Viewer.UserID, timelineShape, *t.after, "after", 2)
		if err != nil {
			return "", err
		}
		behind = fmt.Sprintf("(r.%%s, r.id) < (%s::text::timestamptz, %s::text::uuid)", q.Bind(at[0]), q.Bind(at[1]))
	}
	var arms []string
	for _, s := range timelineSources {
		arms = append(arms, fmt.Sprintf("(select r.id, r.%[1]s as at from %[2]s where %[3]s and %[4]s order by r.%[1]s desc, r.id desc limit %[5]d)",
			s.at, q.Visible(s.kind, "r"), s.of(q), strings.ReplaceAll(behind, "%s", s.at), t.size+1))
	}
	return fmt.Sprintf(`select p.id, x.id, x.at::text from unnest(%s::uuid[]) as p (id) cross join lateral (
		select e.id, e.at from (%s) as e order by e.at desc, e.id desc limit %d) as x order by p.id, x.at desc, x.id desc`,
		customers, strings.Join(arms, " union all "), t.size+1), nil
}

// entries fetches the records on all pages, one statement for each kind among them.
func (t *timeline) entries(ctx context.Context, places map[uuid.UUID][]moment) (map[uuid.UUID]models.TimelineEntry, error) {
	ids := map[models.KindCode][]uuid.UUID{}
	for _, moments := range places {
		for _, m := range moments[:min(t.size, len(moments))] {
			ids[models.KindOf(m.id)] = append(ids[models.KindOf(m.id)], m.id)
		}
	}
	var parts [5]map[uuid.UUID]models.TimelineEntry
	for i := range parts {
		parts[i] = map[uuid.UUID]models.TimelineEntry{}
	}
	err := t.snap.Beside(
		func() error { return entriesOf(ctx, t.snap, Activities, ids, parts[0]) },
		func() error { return entriesOf(ctx, t.snap, Services, ids, parts[1]) },
		func() error { return entriesOf(ctx, t.snap, Documents, ids, parts[2]) },
		func() error { return entriesOf(ctx, t.snap, StageChanges, ids, parts[3]) },
		func() error { return historiesOf(ctx, t.snap, ids[models.AuditEntryCode], parts[4]) },
	)
	for _, part := range parts[1:] {
		maps.Copy(parts[0], part)
	}
	return parts[0], err
}

func entriesOf[T any, P interface {
	*T
	models.TimelineEntry
}](ctx context.Context, snap *access.Snapshot, records Records[T, P], ids map[models.KindCode][]uuid.UUID, into map[uuid.UUID]models.TimelineEntry) error {
	some := ids[records.Kind.Code]
	if len(some) == 0 {
		return nil
	}
	found, err := records.ByIDs(ctx, snap, some)
	for id, row := range found {
		into[id] = P(row)
	}
	return err
}

func historiesOf(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID, into map[uuid.UUID]models.TimelineEntry) error {
	if len(ids) == 0 {
		return nil
	}
	found, err := historyOf(ctx, snap, timelineHistories, ids)
	for _, row := range found {
		into[row.ID] = row
	}
	models.NewBatch(found)
	return err
}

// page cuts the extra place that tells whether there is more.
func (t *timeline) page(moments []moment, entries map[uuid.UUID]models.TimelineEntry) *models.TimelineEntryConnection {
	page := &models.TimelineEntryConnection{PageInfo: &models.PageInfo{HasNextPage: len(moments) > t.size, HasPreviousPage: t.after != nil}}
	for _, m := range moments[:min(t.size, len(moments))] {
		page.Edges = append(page.Edges, &models.TimelineEntryEdge{At: instant{t, m}, Node: entries[m.id]})
		page.Nodes = append(page.Nodes, entries[m.id])
	}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.First, page.PageInfo.Last = page.Edges[0].At, page.Edges[n-1].At
	}
	return page
}

// counts counts each customer's whole timeline, to a bound.
func (t *timeline) counts(ctx context.Context) (map[uuid.UUID]models.Count, error) {
	q := t.snap.Viewer.Query()
	customers := q.Bind(t.customers)
	var arms []string
	for _, s := range timelineSources {
		arms = append(arms, "select 1 from "+q.Visible(s.kind, "r")+" where "+s.of(q))
	}
	text := fmt.Sprintf("select p.id, (select count(*) from (select 1 from (%s) as e limit %d) as c) from unnest(%s::uuid[]) as p (id)",
		strings.Join(arms, " union all "), maxCount+1, customers)
	counts := make(map[uuid.UUID]models.Count, len(t.customers))
	err := t.snap.Run(ctx, q, text, func(row access.Row) error {
		var customer uuid.UUID
		var n int
		err := row.Scan(&customer, &n)
		counts[customer] = models.Count{Number: min(n, maxCount), Exact: n <= maxCount}
		return err
	})
	return counts, err
}
