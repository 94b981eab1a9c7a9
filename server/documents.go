package server

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"guanxi/fault"
)

// What is kept of documents that have been read and found good.
const (
	documentsKept   = 1_000
	documentBytes   = 512 << 10 // of text in all; what is read of a text takes 40 to 80 times as much
	longestDocument = 16 << 10  // bytes; a longer one is read anew each time
)

// document is a document that has been read and measured.
type document struct {
	*ast.QueryDocument
	text  string
	sizes map[*ast.OperationDefinition]size
	good  bool // validated
	plans plans
}

// documents keeps the good documents that people who are signed in have sent lately.
type documents struct {
	mu    sync.Mutex
	kept  *simplelru.LRU[string, *document]
	bytes int // of the texts kept
}

func newDocuments() *documents {
	d := &documents{}
	var err error
	if d.kept, err = simplelru.NewLRU(documentsKept, func(text string, _ *document) { d.bytes -= len(text) }); err != nil {
		panic(err) // the size is positive
	}
	return d
}

// known gives a document that is kept.
func (d *documents) known(text string) (*document, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept.Get(text)
}

// keep keeps a document as it was sent; one that was changed here has no text.
func (d *documents) keep(one *document) {
	if one.text == "" || len(one.text) > longestDocument {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept.Contains(one.text) {
		return
	}
	d.bytes += len(one.text)
	for d.kept.Add(one.text, one); d.bytes > documentBytes; {
		d.kept.RemoveOldest()
	}
}

// read reads a document and refuses one that is too large, before it is validated, which costs more than measuring it. What
// has been found good before is not read again.
func (e *engine) read(text string) (*document, error) {
	if known, has := e.documents.known(text); has {
		return known, nil
	}
	if len(text) > maxDocument {
		return nil, fault.Deny(fault.LimitExceeded, fault.Say("The document is longer than %d bytes; long texts belong in variables.", "文档超过 %d 字节；长文本请放在变量中。", maxDocument))
	}
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokens)
	if err != nil {
		errcode.Set(err, errcode.ParseFailed)
		return nil, gqlerror.List{err.(*gqlerror.Error)}
	}
	if len(parsed.Operations) == 0 {
		return nil, invalid(gqlerror.Errorf("no operation provided"))
	}
	if err := checkLiterals(parsed); err != nil {
		return nil, err
	}
	sizes, err := measured(parsed)
	return &document{QueryDocument: parsed, text: text, sizes: sizes}, err
}

// validate holds a document against the schema.
func (e *engine) validate(d *document) error {
	if d.good {
		return nil
	}
	if errs := validator.ValidateWithRules(e.schema, d.QueryDocument, e.rules); len(errs) > 0 {
		return invalid(errs...)
	}
	d.good = true
	return nil
}

func invalid(errs ...*gqlerror.Error) gqlerror.List {
	for _, err := range errs {
		errcode.Set(err, errcode.ValidationFailed)
	}
	return errs
}

type documentKey struct{}

// Get gives the executor the document that has been read for this request.
func (d *documents) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	read, ok := ctx.Value(documentKey{}).(*document)
	if !ok {
		return nil, false
	}
	return read.QueryDocument, true
}

// Add keeps nothing: what the executor would add is kept already.
func (d *documents) Add(context.Context, string, *ast.QueryDocument) {}
