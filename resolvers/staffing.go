package resolvers

import (
	"context"

	"guanxi/access"
	"guanxi/graph"
	"guanxi/models"
	"guanxi/store"
)

// draftOf decodes a new user.
func draftOf(input graph.UserCreateInput) store.UserDraft {
	draft := store.UserDraft{
		User:     models.User{Login: input.Login, Name: input.Name, Email: input.Email, Phone: input.Phone, Locale: input.Locale},
		Password: input.Password, Roles: input.Roles,
	}
	for _, d := range input.Departments {
		draft.Places = append(draft.Places, models.Membership{DepartmentID: d.ID, IsPrimary: d.Primary, Title: d.Title})
	}
	return draft
}

// withoutPassword is what is remembered of the request beside its idempotency key: never a password, in any form.
func withoutPassword(input graph.UserCreateInput) graph.UserCreateInput {
	input.Password = nil
	return input
}

// poolFields are the fields of a pool that an input names.
func poolFields(input graph.PoolUpdateInput) map[string]any {
	fields := map[string]any{}
	if input.Name != nil {
		fields["name"] = *input.Name
	}
	if note := omitted(input.Note); note != nil {
		fields["note"] = *note
	}
	return fields
}

func currencyNamed(ctx context.Context, code string) (*models.Currency, error) {
	found, err := store.Currencies(ctx, access.Of(ctx), code)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// currencyPayload is the answer of every mutation on a currency.
func currencyPayload(ctx context.Context, code string, refused []*graph.UserError, err error) (*graph.CurrencyPayload, error) {
	if err != nil || len(refused) > 0 {
		return &graph.CurrencyPayload{UserErrors: refused}, err
	}
	access.Of(ctx).Close(ctx)
	row, err := currencyNamed(ctx, code)
	return &graph.CurrencyPayload{Currency: row, UserErrors: refused}, err
}
