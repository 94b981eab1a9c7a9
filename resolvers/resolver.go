// Package resolvers stands between GraphQL and Go: each function decodes, makes one call and returns.
package resolvers

// Resolver holds what the resolvers call.
type Resolver struct{}
