package models

import (
	"context"
	"slices"
)

// Selected names the fields that are selected on what a field gives and may wait for the database: what they need may be read
// together with what it gives, when it is known by then. It is a hint, and says nothing where requests are not planned.
type Selected []string

type selectedKey struct{}

// WithSelected tells whoever reads a field what is selected below it.
func WithSelected(ctx context.Context, s Selected) context.Context {
	if len(s) == 0 && ctx.Value(selectedKey{}) == nil {
		return ctx
	}
	return context.WithValue(ctx, selectedKey{}, s)
}

// Selects tells whether one of the fields is known to be selected.
func Selects(ctx context.Context, names ...string) bool {
	s, _ := ctx.Value(selectedKey{}).(Selected)
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(s, name) })
}
