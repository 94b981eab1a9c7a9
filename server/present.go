package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"guanxi/fault"
)

// present is the one place where an error becomes what a GraphQL caller is told: a sentence in his language and a code.
// What is no fault is masked; the log has it.
func (s *Server) present(ctx context.Context, err error) *gqlerror.Error {
	shown := graphql.DefaultErrorPresenter(ctx, err)
	if presented(shown) {
		return shown
	}
	var many fault.Many
	if errors.As(err, &many) && len(many) > 0 {
		err = many[0]
	}
	f := s.faultOf(ctx, err)
	extensions := map[string]any{"code": string(f.Code)}
	if len(f.Field) > 0 {
		extensions["field"] = f.Field
	}
	if f.Code == fault.Internal {
		extensions["requestId"] = requestID(ctx)
	}
	return &gqlerror.Error{Message: f.Sentence.In(fault.Language(ctx)), Path: shown.Path, Locations: shown.Locations, Extensions: extensions}
}

// presented tells whether an error is fit to be shown: one that this presenter made, or the parser's about the document.
func presented(err *gqlerror.Error) bool {
	code, has := err.Extensions["code"].(string)
	if !has || err.Err != nil && code != errcode.ValidationFailed && code != errcode.ParseFailed {
		return false
	}
	return true
}

// inOrder puts errors in the order of the document: fields that are resolved side by side fail in any.
func inOrder(errs gqlerror.List) {
	slices.SortStableFunc(errs, func(a, b *gqlerror.Error) int {
		return strings.Compare(placed(a), placed(b))
	})
}

// placed gives the place in the document and the answer that an error is about, as text that sorts.
func placed(err *gqlerror.Error) string {
	var place strings.Builder
	for _, at := range err.Locations {
		fmt.Fprintf(&place, "%06d:%06d ", at.Line, at.Column)
	}
	for _, step := range err.Path {
		if index, ok := step.(ast.PathIndex); ok {
			fmt.Fprintf(&place, "%06d ", index)
			continue
		}
		fmt.Fprintf(&place, "%v ", step)
	}
	return place.String()
}
