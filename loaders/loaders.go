// Package loaders follows references and lists from records that came together: what is asked of one of them is fetched
// for the whole batch in one statement, through the same door as everything else.
package loaders

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/store"
)

// batch gives the records that came with this one; at least itself.
func batch[F models.Keyed](from F) *models.Batch {
	_, b := from.Key()
	if b == nil {
		b = models.NewBatch([]F{from})
	}
	return b
}

// One follows a reference to another record; nil when there is none or the viewer does not see it.
func One[F models.Keyed, T any, P interface {
	*T
	models.Keyed
}](ctx context.Context, from F, name string, reference func(F) *uuid.UUID, to store.Records[T, P]) (*T, error) {
	return OneThen(ctx, from, name, reference, to, nil)
}

// OneThen follows a reference to what the other record was at an instant; to what it is without one. The records that came together are of one instant.
func OneThen[F models.Keyed, T any, P interface {
	*T
	models.Keyed
}](ctx context.Context, from F, name string, reference func(F) *uuid.UUID, to store.Records[T, P], at *time.Time) (*T, error) {
	id := reference(from)
	if id == nil {
		return nil, nil
	}
	b := batch(from)
	found, err := models.Fetch(ctx, b, name, func() (map[uuid.UUID]*T, error) {
		ids := b.Distinct(func(k models.Keyed) *uuid.UUID { return reference(k.(F)) })
		return to.Then(at)(ctx, access.Of(ctx), ids)
	})
	return found[*id], err
}

// Page gives one page of the records that a link leads to from this one.
func Page[F models.Keyed, T any, P interface {
	*T
	models.Keyed
}](ctx context.Context, s *store.Store, from F, name string, link access.Link, ask store.Ask, to store.Records[T, P]) (*models.Connection[T], error) {
	id, _ := from.Key()
	b := batch(from)
	pages, err := models.Fetch(ctx, b, keyOf(name, ask), func() (map[uuid.UUID]*models.Connection[T], error) {
		return to.ListOf(ctx, s, access.Of(ctx), name, link, b.IDs(), ask)
	})
	return pages[id], err
}

// All gives every record that a link leads to from this one, in the order of a column: for lists that are short.
func All[F models.Keyed, T any, P interface {
	*T
	models.Keyed
}](ctx context.Context, from F, name string, link access.Link, order string, to store.Records[T, P]) ([]*T, error) {
	id, _ := from.Key()
	b := batch(from)
	found, err := models.Fetch(ctx, b, name, func() (map[uuid.UUID][]*T, error) {
		return to.Linked(ctx, access.Of(ctx), b.IDs(), link, order)
	})
	return found[id], err
}

// AllWith gives what All gives. Where it is known that a field of theirs is selected which Each fetches, that is read in the same
// wave, by the ids that they are linked from.
func AllWith[F models.Keyed, T any, P interface {
	*T
	models.Keyed
}, V any](ctx context.Context, from F, name string, link access.Link, order string, to store.Records[T, P],
	field string, load func(parents []uuid.UUID) (map[uuid.UUID]V, error)) ([]*T, error) {
	if !models.Selects(ctx, field) {
		return All(ctx, from, name, link, order, to)
	}
	id, _ := from.Key()
	b := batch(from)
	found, err := models.Fetch(ctx, b, name, func() (found map[uuid.UUID][]*T, err error) {
		var values map[uuid.UUID]V
		err = access.Of(ctx).Beside(
			func() (err error) { found, err = to.Linked(ctx, access.Of(ctx), b.IDs(), link, order); return err },
			func() (err error) { values, err = load(b.IDs()); return err },
		)
		for _, rows := range found {
			if err == nil && len(rows) > 0 {
				_, together := P(rows[0]).Key()
				return found, models.Learn(ctx, together, keyOf(field, nil), values)
			}
		}
		return found, err
	})
	return found[id], err
}

// Each fetches something of its own for the whole batch at once, by record id.
func Each[F models.Keyed, V any](ctx context.Context, from F, name string, args any, load func(ids []uuid.UUID) (map[uuid.UUID]V, error)) (V, error) {
	id, _ := from.Key()
	b := batch(from)
	found, err := models.Fetch(ctx, b, keyOf(name, args), func() (map[uuid.UUID]V, error) { return load(b.IDs()) })
	return found[id], err
}

func keyOf(name string, args any) string {
	text, _ := json.Marshal(args)
	return name + string(text)
}

// Node finds any record by its id; nil when the viewer does not see it.
func Node(ctx context.Context, id uuid.UUID) (models.Keyed, error) {
	found, err := Nodes(ctx, []uuid.UUID{id})
	return found[id], err
}

// Nodes finds records of any kinds by their ids, one statement for each kind among them.
func Nodes(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]models.Keyed, error) {
	byKind := map[models.KindCode][]uuid.UUID{}
	for _, id := range ids {
		byKind[models.KindOf(id)] = append(byKind[models.KindOf(id)], id)
	}
	var parts []map[uuid.UUID]models.Keyed
	var tasks []func() error
	for _, code := range slices.Sorted(maps.Keys(byKind)) {
		if find, ok := finders[code]; ok {
			part := map[uuid.UUID]models.Keyed{}
			parts = append(parts, part)
			tasks = append(tasks, func() error { return find(ctx, byKind[code], part) })
		}
	}
	err := access.Of(ctx).Beside(tasks...)
	if err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]models.Keyed, len(ids))
	for _, part := range parts {
		maps.Copy(found, part)
	}
	return found, nil
}

// Party follows a reference to a customer, a contact, a competitor or a user.
func Party[F models.Keyed](ctx context.Context, from F, name string, reference func(F) *uuid.UUID) (models.Party, error) {
	found, err := OneOf(ctx, from, name, reference)
	party, _ := found.(models.Party)
	return party, err
}

// OneOf follows a reference to a record of any kind.
func OneOf[F models.Keyed](ctx context.Context, from F, name string, reference func(F) *uuid.UUID) (models.Keyed, error) {
	id := reference(from)
	if id == nil {
		return nil, nil
	}
	found, err := Any(ctx, from, name, func(f F) []uuid.UUID {
		if id := reference(f); id != nil {
			return []uuid.UUID{*id}
		}
		return nil
	})
	if len(found) == 0 {
		return nil, err
	}
	return found[0], err
}

// Any follows references to records of any kinds; nil in the place of one that the viewer does not see.
func Any[F models.Keyed](ctx context.Context, from F, name string, references func(F) []uuid.UUID) ([]models.Keyed, error) {
	b := batch(from)
	found, err := models.Fetch(ctx, b, name, func() (map[uuid.UUID]models.Keyed, error) {
		var ids []uuid.UUID
		for _, row := range b.Rows {
			ids = append(ids, references(row.(F))...)
		}
		return Nodes(ctx, models.SortIDs(ids))
	})
	records := make([]models.Keyed, 0, 1)
	for _, id := range references(from) {
		records = append(records, found[id])
	}
	return records, err
}

type finder func(ctx context.Context, ids []uuid.UUID, into map[uuid.UUID]models.Keyed) error

func find[T any, P interface {
	*T
	models.Keyed
}](records store.Records[T, P]) finder {
	return func(ctx context.Context, ids []uuid.UUID, into map[uuid.UUID]models.Keyed) error {
		found, err := records.ByIDs(ctx, access.Of(ctx), ids)
		for id, row := range found {
			into[id] = P(row)
		}
		return err
	}
}

// shares finds shares, which are read with the records they open.
func shares(ctx context.Context, ids []uuid.UUID, into map[uuid.UUID]models.Keyed) error {
	found, err := store.SharesByIDs(ctx, access.Of(ctx), ids)
	for id, share := range found {
		into[id] = share
	}
	return err
}

// history finds history entries, which are read with the records they are about.
func history(ctx context.Context, ids []uuid.UUID, into map[uuid.UUID]models.Keyed) error {
	found, err := store.HistoryByIDs(ctx, access.Of(ctx), ids)
	for id, entry := range found {
		into[id] = entry
	}
	return err
}

// tokens finds the viewer's own API tokens.
func tokens(ctx context.Context, ids []uuid.UUID, into map[uuid.UUID]models.Keyed) error {
	found, err := store.APITokens(ctx, access.Of(ctx))
	for _, token := range found {
		if slices.Contains(ids, token.ID) {
			into[token.ID] = token
		}
	}
	return err
}

var finders = map[models.KindCode]finder{
	models.UserCode: find(store.Users), models.DepartmentCode: find(store.Departments), models.GroupCode: find(store.Groups),
	models.RoleCode: find(store.Roles), models.MembershipCode: find(store.Memberships), models.GrantCode: find(store.Grants),
	models.ShareCode: shares, models.APITokenCode: tokens, models.AuditEntryCode: history, models.AccessLogEntryCode: find(store.AccessLog),
	models.CompetitorCode: find(store.Competitors), models.RelationshipTypeCode: find(store.RelationshipTypes),
	models.RelationshipCode: find(store.Relationships), models.ProductCode: find(store.Products),
	models.PipelineCode: find(store.Pipelines), models.StageCode: find(store.Stages),
	models.DictionaryCode: find(store.Dictionaries), models.DictionaryEntryCode: find(store.DictionaryEntries),
	models.PoolCode: find(store.Pools), models.CustomerCode: find(store.Customers), models.ContactCode: find(store.Contacts),
	models.OpportunityCode: find(store.Opportunities), models.OpportunityLineCode: find(store.OpportunityLines),
	models.StageChangeCode: find(store.StageChanges), models.EncounterCode: find(store.Encounters),
	models.ServiceCode: find(store.Services), models.DocumentCode: find(store.Documents),
	models.DocumentRevisionCode: find(store.DocumentRevisions), models.ActivityCode: find(store.Activities),
	models.SavedReportCode: find(store.SavedReports), models.DashboardCode: find(store.Dashboards),
}
