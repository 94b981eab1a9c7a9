package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// Records is the way to the records of one kind.
type Records[T any, P interface {
	*T
	models.Keyed
}] struct {
	Kind *access.Kind
}

func records[T any, P interface {
	*T
	models.Keyed
}](kind *access.Kind) Records[T, P] {
	return Records[T, P]{Kind: kind}
}

// The kinds of records.
var (
	Users             = records[models.User](access.User)
	Departments       = records[models.Department](access.Department)
	Memberships       = records[models.Membership](access.Membership)
	Groups            = records[models.Group](access.Group)
	Roles             = records[models.Role](access.Role)
	Grants            = records[models.Grant](access.Grant)
	Competitors       = records[models.Competitor](access.Competitor)
	RelationshipTypes = records[models.RelationshipType](access.RelationshipType)
	Relationships     = records[models.Relationship](access.Relationship)
	Products          = records[models.Product](access.Product)
	Pipelines         = records[models.Pipeline](access.Pipeline)
	Stages            = records[models.Stage](access.Stage)
	Dictionaries      = records[models.Dictionary](access.Dictionary)
	DictionaryEntries = records[models.DictionaryEntry](access.DictionaryEntry)
	Pools             = records[models.Pool](access.Pool)
	Customers         = records[models.Customer](access.Customer)
	Contacts          = records[models.Contact](access.Contact)
	Opportunities     = records[models.Opportunity](access.Opportunity)
	OpportunityLines  = records[models.OpportunityLine](access.OpportunityLine)
	StageChanges      = records[models.StageChange](access.StageChange)
	Encounters        = records[models.Encounter](access.Encounter)
	Services          = records[models.Service](access.Service)
	Documents         = records[models.Document](access.Document)
	DocumentRevisions = records[models.DocumentRevision](access.DocumentRevision)
	AccessLog         = records[models.AccessLogEntry](access.AccessLogEntry)
	Activities        = records[models.Activity](access.Activity)
	SavedReports      = records[models.SavedReport](access.SavedReport)
	Dashboards        = records[models.Dashboard](access.Dashboard)
)

// ByIDs finds the records that the viewer sees among the ids, as one batch. Those of a kind that everyone sees alike are
// read again only when some of them changed.
func (r Records[T, P]) ByIDs(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]*T, error) {
	if !r.Kind.Common() {
		return r.read(ctx, snap, ids)
	}
	found, rows, missing := make(map[uuid.UUID]*T, len(ids)), make([]P, 0, len(ids)), []uuid.UUID(nil)
	for _, id := range ids {
		kept, ok := snap.Common(r.Kind, id)
		if !ok {
			missing = append(missing, id)
			continue
		}
		one := *kept.(*T)
		found[id], rows = &one, append(rows, P(&one))
	}
	if len(missing) > 0 {
		read, err := r.read(ctx, snap, missing)
		if err != nil {
			return nil, err
		}
		for id, row := range read {
			kept := *row
			P(&kept).Join(nil)
			snap.KeepCommon(r.Kind, id, &kept)
			found[id], rows = row, append(rows, P(row))
		}
	}
	models.NewBatch(rows)
	return found, nil
}

func (r Records[T, P]) read(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]*T, error) {
	q := snap.Viewer.Query()
	text, err := q.Kept(fmt.Sprintf("ids %p", r.Kind), []any{ids}, func() (string, error) {
		return amongText(q, q.Shown(r.Kind, "r"), q.Visible(r.Kind, "r"), ids), nil
	})
	if err != nil {
		return nil, err
	}
	return r.found(ctx, snap, q, text, models.Pointers)
}

// Then gives what ByIDs gives of a business kind, or of its parts, with the values that were recorded by an instant; of today without one.
func (r Records[T, P]) Then(at *time.Time) func(context.Context, *access.Snapshot, []uuid.UUID) (map[uuid.UUID]*T, error) {
	if at == nil {
		return r.ByIDs
	}
	return func(ctx context.Context, snap *access.Snapshot, ids []uuid.UUID) (map[uuid.UUID]*T, error) {
		q := snap.Viewer.Query()
		if r.Kind.Guard == access.PartOf {
			text := amongText(q, q.Shown(r.Kind, "r"), q.VisibleThen(r.Kind, "r", q.Bind(*at)+"::timestamptz", ""), ids)
			return r.found(ctx, snap, q, text, func(others []any, row any) []any {
				row.(interface{ ShowAsOf(at *time.Time) }).ShowAsOf(at)
				return models.Pointers(others, row)
			})
		}
		text := amongText(q, q.Shown(r.Kind, "r")+", r.holder_id", q.VisibleThen(r.Kind, "r", q.Bind(*at)+"::timestamptz", "select unnest("+q.Bind(ids)+"::uuid[])"), ids)
		return r.found(ctx, snap, q, text, func(others []any, row any) []any {
			today := &models.Today{}
			row.(models.BusinessRecord).Owned().Today = today
			return append(models.Pointers(others, row), &today.OwnerID)
		})
	}
}

// amongText asks for those of the ids that a source r has, and the columns asked for.
func amongText(q *access.Query, columns, source string, ids []uuid.UUID) string {
	return fmt.Sprintf("select %s from %s where r.id = any(%s)", columns, source, q.Bind(ids))
}

// found reads the records that a text asks for into places, as one batch.
func (r Records[T, P]) found(ctx context.Context, snap *access.Snapshot, q *access.Query, text string, places func(others []any, row any) []any) (map[uuid.UUID]*T, error) {
	found := map[uuid.UUID]*T{}
	var rows []P
	var into []any
	err := snap.Run(ctx, q, text, func(row access.Row) error {
		one := P(new(T))
		rows = append(rows, one)
		into = places(into[:0], one)
		return row.Scan(into...)
	})
	models.NewBatch(rows)
	for _, one := range rows {
		id, _ := one.Key()
		found[id] = one
	}
	return found, err
}

// ByID finds one record, nil when the viewer does not see it.
func (r Records[T, P]) ByID(ctx context.Context, snap *access.Snapshot, id uuid.UUID) (*T, error) {
	found, err := r.ByIDs(ctx, snap, []uuid.UUID{id})
	return found[id], err
}

// Linked finds all records at the end of a link from each parent, in the order of a column, then id: for short lists that
// are always wanted whole.
func (r Records[T, P]) Linked(ctx context.Context, snap *access.Snapshot, parents []uuid.UUID, link access.Link, order string) (map[uuid.UUID][]*T, error) {
	q, on := snap.Viewer.Query(), link.On("p", "r")
	text, err := q.Kept(fmt.Sprintf("linked %p %s %s", r.Kind, order, on), []any{parents}, func() (string, error) {
		return fmt.Sprintf("select p.id, %s from unnest(%s::uuid[]) as p (id) join %s on %s order by p.id, r.%s, r.id",
			q.Shown(r.Kind, "r"), q.Bind(parents), q.Visible(r.Kind, "r"), on, order), nil
	})
	if err != nil {
		return nil, err
	}
	found := map[uuid.UUID][]*T{}
	var rows []P
	err = snap.Run(ctx, q, text, func(row access.Row) error {
		one := P(new(T))
		var parent uuid.UUID
		err := row.Scan(models.Pointers([]any{&parent}, one)...)
		rows = append(rows, one)
		found[parent] = append(found[parent], (*T)(one))
		return err
	})
	models.NewBatch(rows)
	return found, err
}
