package server

import (
	"context"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"guanxi/fault"
)

// How large a document may be, once its fragments stand where they are spread.
const (
	maxTokens        = 2_000 // words and signs
	maxDepth         = 15
	maxIntrospection = 20 // depth below __schema and __type
	maxFields        = 1_000
	maxBreadth       = 200 // fields side by side
	maxAliases       = 30
	maxRoots         = 10
	maxMutations     = 5
	maxDirectives    = 20
)

// guard refuses a document that is too large, before it is validated, which costs more than measuring it. What has been
// found good before is not measured again.
func (e *engine) guard(ctx context.Context, text string) error {
	if _, known := e.documents.Get(ctx, text); known {
		return nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokens)
	if err != nil {
		errcode.Set(err, errcode.ParseFailed)
		return gqlerror.List{err.(*gqlerror.Error)}
	}
	if err := checkLiterals(document); err != nil {
		return err
	}
	return measured(document)
}

// measured refuses a document that passes a limit.
func measured(document *ast.QueryDocument) error {
	m := &measure{document: document, fragments: map[string]*size{}}
	for _, fragment := range document.Fragments {
		if _, err := m.fragment(fragment.Name); err != nil {
			return err
		}
	}
	for _, operation := range document.Operations {
		if err := m.operation(operation); err != nil {
			return err
		}
	}
	if n := directivesIn(document); n > maxDirectives {
		return tooMuch("directives", "指令", n, maxDirectives)
	}
	return nil
}

// size is what a selection comes to.
type size struct {
	depth, introspection     int
	fields, breadth, aliases int
}

// side joins two selections that stand side by side.
func (a size) side(b size) size {
	return size{
		depth: max(a.depth, b.depth), introspection: max(a.introspection, b.introspection),
		fields: plus(a.fields, b.fields), breadth: plus(a.breadth, b.breadth), aliases: plus(a.aliases, b.aliases),
	}
}

// plus adds without ever running over: spreads of spreads double a number many times.
func plus(a, b int) int { return min(a+b, 1_000_000) }

type measure struct {
	document  *ast.QueryDocument
	fragments map[string]*size // nil while being measured
}

func (m *measure) operation(o *ast.OperationDefinition) error {
	s, err := m.selection(o.SelectionSet)
	roots := maxRoots
	if o.Operation == ast.Mutation {
		roots = maxMutations
	}
	switch {
	case err != nil:
		return err
	case s.breadth > roots:
		return tooMuch("root fields", "根字段", s.breadth, roots)
	case s.depth > maxDepth:
		return tooMuch("levels", "层级", s.depth, maxDepth)
	}
	return nil
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
	below, err := m.selection(f.SelectionSet)
	s := size{depth: below.depth + 1, introspection: below.introspection, fields: plus(below.fields, 1), breadth: 1, aliases: below.aliases}
	if f.Alias != f.Name {
		s.aliases = plus(s.aliases, 1)
	}
	if f.Name == "__schema" || f.Name == "__type" {
		s.depth, s.introspection = 1, below.depth+1
	}
	return s, err
}

func (m *measure) fragment(name string) (size, error) {
	if s, known := m.fragments[name]; known {
		if s == nil {
			return size{}, fault.Deny(fault.BadInput, fault.Say("The fragment %q spreads itself.", "片段 %q 引用了自身。", name))
		}
		return *s, nil
	}
	definition := m.document.Fragments.ForName(name)
	if definition == nil {
		return size{}, nil // validation names it
	}
	m.fragments[name] = nil
	s, err := m.selection(definition.SelectionSet)
	m.fragments[name] = &s
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
