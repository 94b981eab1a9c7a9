package server

import (
	"context"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"guanxi/fault"
)

// What is kept of documents that have been read and found good.
const (
	documentsKept   = 1_000
	longestDocument = 16 << 10 // bytes; a longer one is read anew each time
)

// document is a document that has been read and measured.
type document struct {
	*ast.QueryDocument
	text  string
	sizes map[*ast.OperationDefinition]size
	good  bool // validated
}

// documents keeps the good documents sent lately.
type documents struct {
	kept *lru.Cache[string, *document]
}

func newDocuments() *documents {
	kept, err := lru.New[string, *document](documentsKept)
	if err != nil {
		panic(err) // the size is positive
	}
	return &documents{kept}
}

// keep keeps a document as it was sent; one that was changed here has no text.
func (d *documents) keep(one *document) {
	if one.text != "" && len(one.text) <= longestDocument {
		d.kept.Add(one.text, one)
	}
}

// read reads a document and refuses one that is too large, before it is validated, which costs more than measuring it. What
// has been found good before is not read again.
func (e *engine) read(text string) (*document, error) {
	if known, has := e.documents.kept.Get(text); has {
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
	e.documents.keep(d)
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
