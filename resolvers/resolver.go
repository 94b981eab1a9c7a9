// Package resolvers stands between GraphQL and Go: each function decodes, makes one call and returns.
package resolvers

import (
	"guanxi/files"
	"guanxi/network"
	"guanxi/reports"
	"guanxi/simulate"
	"guanxi/store"
)

// Resolver holds what the resolvers call.
type Resolver struct {
	Store   *store.Store
	Files   *files.Folder // the bytes of documents
	Reports *reports.Engine
	Network *network.Engine
	Askable store.Askable // tells whether a report can be asked
	Totals  simulate.Totals
}
