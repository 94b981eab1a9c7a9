package plan

import (
	"reflect"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/models"
)

// Plan is how one operation is carried out, for certain values of the variables that its @skip and @include ask.
type Plan struct {
	schema *Schema
	root   *selection
	length atomic.Int64 // that the next answer may have, by the last
}

// selection is what is selected on objects of one type.
type selection struct {
	of     *Type
	fields []*field
	read   []*field // those of fields that give objects or wait
	noted  []*field // those that somebody wants to know of
}

// field is a selected field.
type field struct {
	*Field
	key       []byte // its name in the answer, as it stands before the value
	text      []byte // the value, where the document tells it
	column    int    // where what is read stands; -1 when it is written from the object
	collected graphql.CollectedField
	rule      any
	name      string // Type.field

	waits  bool                        // it may wait for the database, or what is below it
	below  models.Selected             // the names of the fields below it, of any type
	single *selection                  // on objects of its type
	by     map[reflect.Type]*selection // on objects behind its interface
	early  []*field                    // fields of the record that it finds which need the id alone
}

// most is how many fields a plan has; a longer one is left to gqlgen. What is selected on an interface counts for each type
// behind it.
const most = 5_000

// Marks gives what is to be known of a field of a type, nil for nothing: Noted is told of each that is answered.
type Marks func(object, field string) any

// Compile makes a plan of an operation; nil when there is something in it that gqlgen must see.
func (s *Schema) Compile(op *graphql.OperationContext, marks Marks) (p *Plan) {
	defer func() {
		if recover() != nil { // as gqlgen would, of a document that is none
			p = nil
		}
	}()
	if op.Operation.Operation != ast.Query || deferred(op.Doc) {
		return nil
	}
	c := &compiling{schema: s, op: op, marks: marks}
	root := c.selection(op.Operation.SelectionSet, s.types["Query"])
	if root == nil {
		return nil
	}
	return &Plan{schema: s, root: root}
}

// deferred tells whether a document asks for parts of its answer later.
func deferred(doc *ast.QueryDocument) (found bool) {
	each(doc, func(d *ast.Directive) { found = found || d.Name != "skip" && d.Name != "include" })
	return found
}

// Switches names the variables that @skip and @include ask.
func Switches(doc *ast.QueryDocument) (names []string) {
	each(doc, func(d *ast.Directive) {
		for _, a := range d.Arguments {
			if a.Value.Kind == ast.Variable && !slices.Contains(names, a.Value.Raw) {
				names = append(names, a.Value.Raw)
			}
		}
	})
	slices.Sort(names)
	return names
}

// each visits the directives of what a document selects.
func each(doc *ast.QueryDocument, visit func(*ast.Directive)) {
	var walk func(ast.SelectionSet)
	all := func(list ast.DirectiveList) {
		for _, d := range list {
			visit(d)
		}
	}
	walk = func(set ast.SelectionSet) {
		for _, one := range set {
			switch one := one.(type) {
			case *ast.Field:
				all(one.Directives)
				walk(one.SelectionSet)
			case *ast.InlineFragment:
				all(one.Directives)
				walk(one.SelectionSet)
			case *ast.FragmentSpread:
				all(one.Directives)
			}
		}
	}
	for _, o := range doc.Operations {
		walk(o.SelectionSet)
	}
	for _, f := range doc.Fragments {
		walk(f.SelectionSet)
	}
}

type compiling struct {
	schema *Schema
	op     *graphql.OperationContext
	marks  Marks
	fields int
}

// selection compiles what is selected on a type; nil when gqlgen must see it.
func (c *compiling) selection(set ast.SelectionSet, of *Type) *selection {
	sel := &selection{of: of}
	named := map[string]bool{}
	for _, collected := range graphql.CollectFields(c.op, set, of.Satisfies) {
		if c.fields++; named[collected.Alias] || c.fields > most { // of two with one name gqlgen answers the first
			return nil
		}
		named[collected.Alias] = true
		f := c.field(collected, of)
		if f == nil {
			return nil
		}
		f.key = append(String(nil, f.collected.Alias), ':')
		if len(sel.fields) > 0 {
			f.key = append([]byte{','}, f.key...)
		}
		sel.fields = append(sel.fields, f)
		if f.Field != nil && f.Leaf == nil {
			f.column = len(sel.read)
			sel.read = append(sel.read, f)
		}
		if f.rule != nil {
			sel.noted = append(sel.noted, f)
		}
	}
	return sel
}

func (c *compiling) field(collected graphql.CollectedField, of *Type) *field {
	f := &field{collected: collected, column: -1}
	if collected.Name == "__typename" {
		f.text = strconv.AppendQuote(nil, of.Name)
		return f
	}
	if f.Field = of.named[collected.Name]; f.Field == nil {
		return nil
	}
	f.name = of.Name + "." + f.Name
	f.rule = c.marks(of.Name, f.Name)
	if f.Of == "" {
		f.waits = f.Leaf == nil && !f.Now
		return f
	}
	if object := c.schema.types[f.Of]; object != nil {
		f.single = c.selection(collected.Selections, object)
		if f.single == nil {
			return nil
		}
		f.early = earlyOf(f)
		f.waits = !f.Now || f.single.waits()
		f.below = f.single.names(models.Selected{})
		return f
	}
	f.by, f.waits, f.below = map[reflect.Type]*selection{}, !f.Now, models.Selected{}
	for _, object := range c.schema.of[f.Of] {
		below := c.selection(collected.Selections, object)
		if below == nil {
			return nil
		}
		f.by[object.Go] = below
		f.waits = f.waits || below.waits()
		f.below = below.names(f.below)
	}
	return f
}

// waits tells whether one of the fields selected may wait for the database.
func (s *selection) waits() bool {
	return slices.ContainsFunc(s.read, func(f *field) bool { return f.waits })
}

// names adds the names of the fields selected to others.
func (s *selection) names(to models.Selected) models.Selected {
	for _, f := range s.fields {
		if f.Field != nil && !slices.Contains(to, f.Name) {
			to = append(to, f.Name)
		}
	}
	return to
}

// earlyOf lists what can be read of a record before it has been found.
func earlyOf(f *field) (list []*field) {
	if f.Bare == nil {
		return nil
	}
	for _, below := range f.single.read {
		if below.Early {
			list = append(list, below)
		}
	}
	return list
}
