package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/graph"
	"guanxi/resolvers"
	"guanxi/store"
)

// rootDoor is the schema with nothing behind it: what its directives let through breaks down.
type rootDoor struct {
	exec *executor.Executor
	open string // the root field whose directive is taken away

	mu      sync.Mutex
	refused map[string]string // by root field: the code that its directive refused with
}

func newRootDoor() *rootDoor {
	d := &rootDoor{}
	note := func(ctx context.Context, do func(graphql.Resolver) (any, error), next graphql.Resolver) (any, error) {
		name := graphql.GetFieldContext(ctx).Field.Name
		if name == d.open {
			return next(ctx)
		}
		let := false
		value, err := do(func(ctx context.Context) (any, error) { let = true; return next(ctx) })
		if !let && err != nil {
			d.mu.Lock()
			d.refused[name] = new(Server).present(ctx, err).Extensions["code"].(string)
			d.mu.Unlock()
		}
		return value, err
	}
	schema := graph.NewExecutableSchema(graph.Config{
		Resolvers: &resolvers.Resolver{Store: &store.Store{}},
		Directives: graph.DirectiveRoot{
			Allow: func(ctx context.Context, of any, next graphql.Resolver, permission string) (any, error) {
				return note(ctx, func(next graphql.Resolver) (any, error) { return allow(ctx, of, next, permission) }, next)
			},
			SignedIn: func(ctx context.Context, of any, next graphql.Resolver) (any, error) {
				return note(ctx, func(next graphql.Resolver) (any, error) { return signedIn(ctx, of, next) }, next)
			},
		},
	})
	d.exec = executor.New(schema)
	d.exec.SetRecoverFunc(func(context.Context, any) error { return fmt.Errorf("let through") })
	return d
}

// answers asks a root field as a viewer, and gives the code that its directive refused with; "" when it let him through.
func (d *rootDoor) answers(t *testing.T, v *access.Viewer, operation ast.Operation, field *ast.FieldDefinition, schema *ast.Schema) string {
	t.Helper()
	d.refused = map[string]string{}
	text := fmt.Sprintf("%s { %s%s%s }", operation, field.Name, neededBy(schema, field), selectionOf(schema, field))
	variables := map[string]any{}
	if strings.Contains(text, "$file") {
		text = strings.Replace(text, " {", "($file: Upload!) {", 1)
		variables["file"] = graphql.Upload{Filename: "a.txt", File: strings.NewReader("a")}
	}
	ctx := graphql.StartOperationTrace(t.Context())
	op, errs := d.exec.CreateOperationContext(ctx, &graphql.RawParams{Query: text, Variables: variables})
	if len(errs) > 0 {
		t.Fatalf("%s: %v", text, errs)
	}
	handle, ctx := d.exec.DispatchOperation(access.With(ctx, access.Look(nil, v)), op)
	handle(ctx)
	return d.refused[field.Name]
}

// neededBy writes the arguments that a field needs.
func neededBy(schema *ast.Schema, field *ast.FieldDefinition) string {
	var list []string
	for _, argument := range field.Arguments {
		if argument.Type.NonNull && argument.DefaultValue == nil {
			list = append(list, argument.Name+": "+someValue(schema, argument.Type))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// someValue writes some value of a type.
func someValue(schema *ast.Schema, of *ast.Type) string {
	if of.Elem != nil {
		return "[" + someValue(schema, of.Elem) + "]"
	}
	definition := schema.Types[of.NamedType]
	switch definition.Kind {
	case ast.Enum:
		return definition.EnumValues[0].Name
	case ast.InputObject:
		var list []string
		for i, field := range definition.Fields {
			if field.Type.NonNull && field.DefaultValue == nil || i == 0 && definition.Directives.ForName("oneOf") != nil {
				list = append(list, field.Name+": "+someValue(schema, field.Type))
			}
		}
		return "{" + strings.Join(list, ", ") + "}"
	}
	switch of.NamedType {
	case "Int", "Float":
		return "1"
	case "Boolean":
		return "true"
	case "Upload":
		return "$file"
	case "Date":
		return `"2026-01-01"`
	case "DateTime":
		return `"2026-01-01T00:00:00Z"`
	case "Decimal", "PreciseDecimal":
		return `"1"`
	}
	return `"x"`
}

func selectionOf(schema *ast.Schema, field *ast.FieldDefinition) string {
	if schema.Types[field.Type.Name()].IsLeafType() {
		return ""
	}
	return " { __typename }"
}

// TestEachRootFieldIsKeptByItsDirective asks every root field as nobody and as somebody without any role: its directive
// refuses before anything behind it is asked. Then each directive is taken away in turn, and is missed.
func TestEachRootFieldIsKeptByItsDirective(t *testing.T) {
	t.Parallel()
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	d := newRootDoor()
	roleless := &access.Viewer{UserID: uuid.New()}
	kept := func(operation ast.Operation, field *ast.FieldDefinition) bool {
		asNobody, asSomebody := d.answers(t, &access.Viewer{}, operation, field, schema), d.answers(t, roleless, operation, field, schema)
		switch {
		case field.Directives.ForName("allow") != nil:
			return asNobody == "UNAUTHENTICATED" && asSomebody == "PERMISSION_DENIED"
		case field.Directives.ForName("signedIn") != nil:
			return asNobody == "UNAUTHENTICATED" && asSomebody == ""
		}
		return false
	}
	tried, public := 0, []string{}
	for operation, definition := range map[ast.Operation]*ast.Definition{ast.Query: schema.Query, ast.Mutation: schema.Mutation} {
		for _, field := range definition.Fields {
			switch {
			case strings.HasPrefix(field.Name, "__"):
				continue
			case field.Directives.ForName("public") != nil:
				public = append(public, field.Name)
				continue
			}
			d.open = ""
			if !kept(operation, field) {
				t.Errorf("%s is not kept by its directive", field.Name)
			}
			d.open = field.Name
			if kept(operation, field) {
				t.Errorf("the directive of %s is not missed", field.Name)
			}
			tried++
		}
	}
	if !slices.Equal(public, []string{"viewer"}) {
		t.Errorf("anyone may ask %v", public)
	}
	t.Logf("%d directives taken away, each missed", tried)
}
