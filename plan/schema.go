// Package plan carries out queries by a plan that is made of a document once: a field at a time for all the rows that it
// stands on, by the very resolvers that gqlgen calls, and writes the answer straight from what they give. What is out of the
// ordinary it gives up, and gqlgen answers it from the beginning.
package plan

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
)

// Schema is what can be planned: the types that a query can reach, written by the generator into graph.
type Schema struct {
	types map[string]*Type
	of    map[string][]*Type // the object types behind an interface
}

// Type is an object type.
type Type struct {
	Name      string
	Satisfies []string     // itself and its interfaces, as fragments name them
	Go        reflect.Type // what its objects are: a pointer
	Fields    []Field

	named map[string]*Field
}

// Field is a field of an object type. It is read right away (Leaf, or Now), or by a task that may wait for the database.
type Field struct {
	Name string
	Of   string // the type that it gives, when that has fields of its own

	List    bool
	NonNull bool // null is an error
	Filled  bool // null among a list's entries is an error

	Leaf func(b []byte, of any) []byte // writes the value
	Read func(ctx context.Context, of any, args map[string]any, into *Rows) error
	Now  bool // it only looks at the object

	Args  func(ctx context.Context, raw map[string]any) (map[string]any, error)
	Guard func(ctx context.Context, next graphql.Resolver) (any, error) // what the schema's directives let through

	Early bool                   // of its object it needs the id alone
	Bare  func(id uuid.UUID) any // for a field that finds a record by its argument id: the record with nothing but the id
}

// New makes a schema of its types.
func New(types ...*Type) *Schema {
	s := &Schema{types: map[string]*Type{}, of: map[string][]*Type{}}
	for _, t := range types {
		s.types[t.Name] = t
		t.named = make(map[string]*Field, len(t.Fields))
		for i := range t.Fields {
			t.named[t.Fields[i].Name] = &t.Fields[i]
		}
		for _, name := range t.Satisfies {
			s.of[name] = append(s.of[name], t)
		}
	}
	return s
}
