package server

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// protectedValues are the places in an answer where protected values stand that the access log must tell of first.
type protectedValues struct {
	mu    sync.Mutex
	paths []ast.Path
}

type protectedKey struct{}

func withProtected(ctx context.Context) context.Context {
	return context.WithValue(ctx, protectedKey{}, &protectedValues{})
}

func protectedIn(ctx context.Context) *protectedValues {
	return ctx.Value(protectedKey{}).(*protectedValues)
}

func (p *protectedValues) add(path ast.Path) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paths = append(p.paths, path)
}

// withhold makes null of the protected values in the answer to a mutation that the access log could not be told of, each with an
// error. What was written stands, and the rest of the answer says so: asking again would write again.
func (e *engine) withhold(ctx context.Context, response *graphql.Response, cause error) error {
	ctx = context.WithoutCancel(ctx)
	read := json.NewDecoder(bytes.NewReader(response.Data))
	read.UseNumber()
	var data any
	if err := read.Decode(&data); err != nil {
		return err
	}
	why := e.server.present(ctx, cause)
	for _, path := range protectedIn(ctx).paths {
		blank(data, path)
		one := *why
		one.Path = path
		response.Errors = append(response.Errors, &one)
	}
	text, err := json.Marshal(data)
	response.Data = text
	return err
}

// blank makes null of what stands at a path; nothing where there is none, since something above it is null already.
func blank(in any, path ast.Path) {
	last := len(path) == 1
	switch in := in.(type) {
	case map[string]any:
		name, _ := path[0].(ast.PathName)
		if _, has := in[string(name)]; !has {
			return
		}
		if last {
			in[string(name)] = nil
			return
		}
		blank(in[string(name)], path[1:])
	case []any:
		if i, is := path[0].(ast.PathIndex); is && !last && int(i) < len(in) {
			blank(in[i], path[1:])
		}
	}
}
