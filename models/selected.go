package models

import (
	"context"
	"slices"
)

// Selected names the fields that are selected on what a field gives, of whatever type that is: what they need may be read together with
// what it gives, and what none of them needs may be left out. It is a hint, and says nothing where requests are not planned.
type Selected []string

type selectedKey struct{}

// WithSelected tells whoever reads a field what is selected below it.
func WithSelected(ctx context.Context, s Selected) context.Context {
	if s == nil && ctx.Value(selectedKey{}) == nil {
		return ctx
	}
	return context.WithValue(ctx, selectedKey{}, s)
}

// Selects tells whether one of the fields is known to be selected.
func Selects(ctx context.Context, names ...string) bool {
	s, _ := ctx.Value(selectedKey{}).(Selected)
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(s, name) })
}

// MaySelect tells whether a field is selected, or that is not known.
func MaySelect(ctx context.Context, name string) bool {
	s, _ := ctx.Value(selectedKey{}).(Selected)
	return s == nil || slices.Contains(s, name)
}

// SelectsOnly tells whether no fields are known to be selected but some.
func SelectsOnly(ctx context.Context, names ...string) bool {
	s, _ := ctx.Value(selectedKey{}).(Selected)
	return s != nil && !slices.ContainsFunc(s, func(name string) bool { return !slices.Contains(names, name) })
}
