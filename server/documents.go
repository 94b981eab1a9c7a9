package server

import (
	"context"

	"github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// What is kept of documents that have been read and found good.
const (
	documentsKept   = 1_000
	longestDocument = 16 << 10 // bytes; a longer one is read anew each time
)

// documents keeps what was read of the documents sent lately.
type documents struct {
	kept *lru.Cache[string, *ast.QueryDocument]
}

func newDocuments() *documents {
	kept, err := lru.New[string, *ast.QueryDocument](documentsKept)
	if err != nil {
		panic(err) // the size is positive
	}
	return &documents{kept}
}

// Get gives a document by its text.
func (d *documents) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	return d.kept.Get(text)
}

// Add keeps a document.
func (d *documents) Add(_ context.Context, text string, document *ast.QueryDocument) {
	if len(text) <= longestDocument {
		d.kept.Add(text, document)
	}
}
