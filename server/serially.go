package server

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

type brokenKey struct{}

// withBroken gives a request a place to remember that one of its mutations could not be answered.
func withBroken(ctx context.Context) context.Context {
	return context.WithValue(ctx, brokenKey{}, new(bool))
}

// serially keeps the mutations behind one that could not be answered from being carried out: its null takes the place of all data, and
// nobody would be told what came of them. What came before it is done.
func serially(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if graphql.GetOperationContext(ctx).Operation.Operation != ast.Mutation {
		return next(ctx)
	}
	broken := ctx.Value(brokenKey{}).(*bool) // mutations are carried out one by one
	if *broken {
		return graphql.Null
	}
	value := next(ctx)
	*broken = value == graphql.Null
	return value
}
