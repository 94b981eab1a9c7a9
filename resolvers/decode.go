package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/graph"
	"guanxi/loaders"
	"guanxi/models"
	"guanxi/store"
)

func viewer(ctx context.Context) *access.Viewer { return access.Of(ctx).Viewer }

// list decodes the arguments that every list takes.
func list(first *int, after *string, last *int, before *string, where map[string]any, orderBy []*models.Order) store.Ask {
	ask := store.Ask{First: first, After: after, Last: last, Before: before, Where: where}
	for _, order := range orderBy {
		ask.OrderBy = append(ask.OrderBy, *order)
	}
	return ask
}

// request names the mutation being carried out, with its input and idempotency key.
func request(ctx context.Context, input any, key *string) store.Request {
	return store.Request{Operation: graphql.GetFieldContext(ctx).Field.Name, Input: input, Key: key}
}

// change is what every update's input says beside the fields: which record, from which version, under which key.
type change struct {
	id      uuid.UUID
	version *int
	key     *string
}

// changeOf takes these out of an input that is a map of fields.
func changeOf(input map[string]any) change {
	var c change
	c.id, _ = input["id"].(uuid.UUID)
	c.version, _ = input["expectedVersion"].(*int)
	c.key, _ = input["idempotencyKey"].(*string)
	return c
}

// told turns business refusals into user errors in the reader's language; any other error stays one.
func told(ctx context.Context, err error) ([]*graph.UserError, error) {
	refusals, err := fault.Refusals(err)
	list := []*graph.UserError{}
	for _, f := range refusals {
		list = append(list, &graph.UserError{Code: string(f.Code), Field: f.Field, Message: f.Sentence.In(fault.Language(ctx))})
	}
	return list, err
}

// after gives the record that a write made or changed, as the viewer sees it now, or the reasons why nothing was done.
func after[T any, P interface {
	*T
	models.Keyed
}](ctx context.Context, records store.Records[T, P], id uuid.UUID, err error) (*T, []*graph.UserError, error) {
	refused, err := told(ctx, err)
	if err != nil || len(refused) > 0 {
		return nil, refused, err
	}
	snap := access.Of(ctx)
	snap.Close(ctx)
	row, err := records.ByID(ctx, snap, id)
	return row, refused, err
}

// deleted is the answer of every deletion.
func deleted(ctx context.Context, id uuid.UUID, err error) (*graph.DeletePayload, error) {
	refused, err := told(ctx, err)
	if err != nil || len(refused) > 0 {
		return &graph.DeletePayload{UserErrors: refused}, err
	}
	access.Of(ctx).Close(ctx)
	return &graph.DeletePayload{ID: &id, UserErrors: refused}, nil
}

// The references that many kinds have.

func ownerOf[F interface {
	models.Keyed
	Owned() *models.Business
}](ctx context.Context, from F) (*models.User, error) {
	return loaders.One(ctx, from, "owner", func(f F) *uuid.UUID { return f.Owned().OwnerID }, store.Users)
}

func createdByOf[F interface {
	models.Keyed
	Owned() *models.Business
}](ctx context.Context, from F) (*models.User, error) {
	return loaders.One(ctx, from, "createdBy", func(f F) *uuid.UUID { return f.Owned().CreatedBy }, store.Users)
}

func entry[F models.Keyed](ctx context.Context, from F, name string, reference func(F) *uuid.UUID) (*models.DictionaryEntry, error) {
	return loaders.One(ctx, from, name, reference, store.DictionaryEntries)
}

// localized picks the English text for readers of English, where there is one.
func localized(ctx context.Context, zh string, en *string) string {
	if fault.Language(ctx) != "zh" && en != nil && *en != "" {
		return *en
	}
	return zh
}

// deletedList decodes the arguments of a kind's list of deleted records: last deleted first.
func deletedList(first *int, after *string, last *int, before *string) store.Ask {
	return store.Ask{First: first, After: after, Last: last, Before: before, Deleted: true,
		OrderBy: []models.Order{{Field: "DELETED_AT", Direction: "DESC"}}}
}

// sharesOf lists a record's shares for a viewer who manages it; nothing for others.
func sharesOf[F models.Keyed](ctx context.Context, from F, kind *access.Kind) ([]*models.Share, error) {
	return loaders.Each(ctx, from, "shares", nil, func(ids []uuid.UUID) (map[uuid.UUID][]*models.Share, error) {
		return store.SharesOf(ctx, access.Of(ctx), kind, ids)
	})
}
