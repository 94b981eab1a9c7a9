package server

import (
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/fault"
)

// size is what a selection comes to, once its fragments stand where they are spread.
type size struct {
	depth, introspection     int // levels; those below __schema and __type
	fields, breadth, aliases int
	lists                    int // of types, in each other: they multiply what introspection answers
}

// side joins two selections that stand side by side.
func (a size) side(b size) size {
	return size{
		depth: max(a.depth, b.depth), introspection: max(a.introspection, b.introspection), lists: max(a.lists, b.lists),
		fields: plus(a.fields, b.fields), breadth: plus(a.breadth, b.breadth), aliases: plus(a.aliases, b.aliases),
	}
}

// most is where sums and products stay: no document or variable makes a number run over.
const most = 1_000_000_000

func plus(a, b int) int { return min(a+b, most) }

// times multiplies two numbers from 0 to most.
func times(a, b int) int {
	if a != 0 && b > most/a {
		return most
	}
	return a * b
}

// measured gives the size of each operation of a document, or refuses a document that passes a limit.
func measured(document *ast.QueryDocument) (map[*ast.OperationDefinition]size, error) {
	m := &measure{fragments: fragmentsOf(document), sizes: map[string]*size{}}
	for _, fragment := range document.Fragments {
		if _, err := m.fragment(fragment.Name); err != nil {
			return nil, err
		}
	}
	sizes := map[*ast.OperationDefinition]size{}
	for _, operation := range document.Operations {
		s, err := m.operation(operation)
		if err != nil {
			return nil, err
		}
		sizes[operation] = s
	}
	if n := directivesIn(document); n > maxDirectives {
		return nil, tooMuch("directives", "指令", n, maxDirectives)
	}
	return sizes, nil
}

// fragmentsOf finds fragments by name; of several with one name the first, as validation does.
func fragmentsOf(document *ast.QueryDocument) map[string]*ast.FragmentDefinition {
	named := make(map[string]*ast.FragmentDefinition, len(document.Fragments))
	for _, fragment := range document.Fragments {
		if named[fragment.Name] == nil {
			named[fragment.Name] = fragment
		}
	}
	return named
}

type measure struct {
	fragments map[string]*ast.FragmentDefinition
	sizes     map[string]*size // nil while being measured
}

func (m *measure) operation(o *ast.OperationDefinition) (size, error) {
	s, err := m.selection(o.SelectionSet)
	roots := maxRoots
	if o.Operation == ast.Mutation {
		roots = maxMutations
	}
	switch {
	case err != nil:
		return s, err
	case s.breadth > roots:
		return s, tooMuch("root fields", "根字段", s.breadth, roots)
	case s.depth > maxDepth:
		return s, tooMuch("levels", "层级", s.depth, maxDepth)
	}
	return s, nil
}

// selection measures fields that stand together. Each fragment is measured once.
func (m *measure) selection(set ast.SelectionSet) (total size, err error) {
	for _, one := range set {
		var s size
		switch one := one.(type) {
		case *ast.Field:
			s, err = m.field(one)
		case *ast.InlineFragment:
			s, err = m.selection(one.SelectionSet)
		case *ast.FragmentSpread:
			s, err = m.fragment(one.Name)
		}
		if err != nil {
			return total, err
		}
		total = total.side(s)
	}
	return total, total.check()
}

func (m *measure) field(f *ast.Field) (size, error) {
	s, err := m.selection(f.SelectionSet)
	if err == nil && introspects(f) && s.lists > maxTypeLists {
		err = tooMuch("lists of types in each other", "层嵌套的类型列表", s.lists, maxTypeLists)
	}
	s.fields, s.breadth = plus(s.fields, 1), 1
	if f.Alias != f.Name {
		s.aliases = plus(s.aliases, 1)
	}
	switch {
	case introspects(f):
		s.depth, s.introspection, s.lists = 1, s.depth+1, 0
	case f.Name == "fields" || f.Name == "inputFields" || f.Name == "interfaces" || f.Name == "possibleTypes":
		s.lists++
		s.depth++
	default:
		s.depth++
	}
	return s, err
}

// introspects tells whether a field asks for the schema.
func introspects(f *ast.Field) bool { return f.Name == "__schema" || f.Name == "__type" }

func (m *measure) fragment(name string) (size, error) {
	if s, known := m.sizes[name]; known {
		if s == nil {
			return size{}, fault.Deny(fault.BadInput, fault.Say("The fragment %q spreads itself.", "片段 %q 引用了自身。", name))
		}
		return *s, nil
	}
	definition := m.fragments[name]
	if definition == nil {
		return size{}, nil // validation names it
	}
	m.sizes[name] = nil
	s, err := m.selection(definition.SelectionSet)
	m.sizes[name] = &s
	return s, err
}

func (a size) check() error {
	switch {
	case a.introspection > maxIntrospection:
		return tooMuch("levels of introspection", "层内省", a.introspection, maxIntrospection)
	case a.fields > maxFields:
		return tooMuch("fields", "字段", a.fields, maxFields)
	case a.breadth > maxBreadth:
		return tooMuch("fields side by side", "并列字段", a.breadth, maxBreadth)
	case a.aliases > maxAliases:
		return tooMuch("aliases", "别名", a.aliases, maxAliases)
	}
	return nil
}

func tooMuch(en, zh string, n, most int) error {
	return fault.Deny(fault.LimitExceeded, fault.Say("The document has %[2]d %[1]s; at most %[3]d are allowed.", "%[4]s过多：文档中有 %[2]d 个，最多允许 %[3]d 个。", en, n, most, zh))
}
