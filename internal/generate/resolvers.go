package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// resolverSource is the text of the resolvers, read to see what each needs of its object.
type resolverSource struct {
	functions map[string]*ast.FuncDecl
	methods   map[string]*ast.FuncDecl // by receiver and name
}

func readResolvers(dir string) (*resolverSource, error) {
	s := &resolverSource{functions: map[string]*ast.FuncDecl{}, methods: map[string]*ast.FuncDecl{}}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Recv == nil {
				s.functions[f.Name.Name] = f
			} else if is {
				s.methods[receiver(f)+"."+f.Name.Name] = f
			}
		}
	}
	return s, nil
}

func receiver(f *ast.FuncDecl) string {
	of := f.Recv.List[0].Type
	if star, is := of.(*ast.StarExpr); is {
		of = star.X
	}
	if name, is := of.(*ast.Ident); is {
		return name.Name
	}
	return ""
}

// needsID tells whether the resolver of a field needs nothing of its object but the id.
func (s *resolverSource) needsID(object, field string) bool {
	first := []rune(object)
	first[0] = unicode.ToLower(first[0])
	f := s.methods[string(first)+"Resolver."+field]
	return f != nil && s.passesOn(f, 1)
}

// passesOn tells whether a function does nothing with one of its parameters but hand it to others that look at its id alone.
func (s *resolverSource) passesOn(f *ast.FuncDecl, parameter int) bool {
	name := parameters(f)[parameter].name
	handed := map[*ast.Ident]bool{}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		for i, a := range call.Args {
			if id, is := a.(*ast.Ident); is && id.Name == name && s.looksAtID(call.Fun, i) {
				handed[id] = true
			}
		}
		return true
	})
	alone := true
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is && id.Name == name && !handed[id] {
			alone = false
		}
		return alone
	})
	return alone
}

// byID are the functions of loaders that look at a record's id alone.
var byID = map[string]bool{"Each": true, "Page": true, "All": true, "AllWith": true}

// looksAtID tells whether a function that is called looks at nothing of an argument but its id.
func (s *resolverSource) looksAtID(called ast.Expr, argument int) bool {
	if generic, is := called.(*ast.IndexExpr); is {
		called = generic.X
	}
	switch called := called.(type) {
	case *ast.SelectorExpr:
		of, is := called.X.(*ast.Ident)
		return is && of.Name == "loaders" && byID[called.Sel.Name]
	case *ast.Ident:
		f := s.functions[called.Name]
		if f == nil || f.Type.TypeParams == nil || argument >= len(parameters(f)) {
			return false
		}
		return keyed(f, parameters(f)[argument].of) && s.passesOn(f, argument)
	}
	return false
}

type parameter struct {
	name string
	of   ast.Expr
}

func parameters(f *ast.FuncDecl) (list []parameter) {
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			list = append(list, parameter{name.Name, field.Type})
		}
	}
	return list
}

// keyed tells whether a type is a parameter of the function that can be any record.
func keyed(f *ast.FuncDecl, of ast.Expr) bool {
	name, is := of.(*ast.Ident)
	if !is {
		return false
	}
	for _, field := range f.Type.TypeParams.List {
		for _, own := range field.Names {
			constraint, is := field.Type.(*ast.SelectorExpr)
			if own.Name == name.Name {
				return is && constraint.Sel.Name == "Keyed"
			}
		}
	}
	return false
}
