package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What refuses, by name. An error is dropped, a yes or no answered so that nothing is refused.
var (
	refusals = map[string]bool{"PermissionDenied": true, "Forbidden": true, "Unauthenticated": true, "FieldDenied": true, "Absent": true, "NotFound": true,
		"NotInPool": true, "AlreadyClaimed": true, "SignInFirst": true, "foreign": true, "absent": true, "badCursor": true, "badToken": true,
		"Viewing": true, "NotViewingAs": true, "takesTooMuch": true}
	errorGuards = map[string]bool{"Need": true, "NeedHimself": true, "Use": true, "UseOn": true, "See": true, "Manage": true}
	foundGuards = map[string]bool{"Sees": true, "Manages": true}
	answers     = map[string]bool{"May": true, "KnowsRole": true, "ReadsSome": true, "ReadsAll": true, "ReadsOn": true, "InPool": true, "Anonymous": false}
)

// ours are the functions of package access that answer whether something is allowed: they are tried where they are asked.
var ours = map[string]bool{"access/viewer.go": true, "access/where.go": true, "access/explain.go": true}

// source is the program with its guards wrapped.
type source struct {
	folder   string
	guards   []*guard
	replaced map[string]string // a file by the one that takes its place
	packages []string

	files  *token.FileSet
	checks map[string]bool // functions of the package being read that refuse and answer nothing but that
}

// read finds the guards of a package and wraps them.
func (s *source) read(name string) error {
	s.files, s.checks = token.NewFileSet(), map[string]bool{}
	parsed, err := parser.ParseDir(s.files, name, func(f os.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, parser.ParseComments)
	if err != nil {
		return err
	}
	for _, p := range parsed {
		for more := true; more; {
			more = s.learnChecks(p)
		}
		for _, path := range slices.Sorted(maps.Keys(p.Files)) {
			if name == "access" && !ours[filepath.ToSlash(path)] {
				continue
			}
			text, err := s.wrap(path, p.Files[path])
			if err == nil && text != nil {
				err = s.replace(path, text)
			}
			if err != nil {
				return err
			}
		}
		if err := s.replace(filepath.Join(name, "guards_off.go"), []byte("package "+p.Name+switches)); err != nil {
			return err
		}
	}
	s.packages = append(s.packages, name)
	return nil
}

// replace has the compiler read a text in the place of a file.
func (s *source) replace(path string, text []byte) error {
	here, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	copied := filepath.Join(s.folder, strings.ReplaceAll(path, string(filepath.Separator), "_"))
	s.replaced[here] = copied
	return os.WriteFile(copied, text, 0o600)
}

// write writes the list of what replaces what.
func (s *source) write() error {
	text, err := json.Marshal(map[string]any{"Replace": s.replaced})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.folder, "overlay.json"), text, 0o600)
}

// learnChecks finds functions that give an error alone and refuse by a guard; it tells whether there were new ones.
func (s *source) learnChecks(p *ast.Package) (more bool) {
	for _, file := range p.Files {
		for _, declared := range file.Decls {
			f, ok := declared.(*ast.FuncDecl)
			if !ok || f.Body == nil || s.checks[f.Name.Name] || !givesErrorAlone(f.Type) || constructs(f) {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				name, is := n.(*ast.Ident)
				if ok && (errorGuards[called(call)] || s.checks[called(call)]) || is && refusals[name.Name] {
					more = more || !s.checks[f.Name.Name]
					s.checks[f.Name.Name] = true
				}
				return true
			})
		}
	}
	return more
}

// constructs tells whether a function does nothing but make a refusal, or say of a row that nobody has that it is absent.
func constructs(f *ast.FuncDecl) bool {
	return refusals[f.Name.Name] || f.Name.Name == "absentRow" || len(f.Body.List) == 1 && f.Recv == nil
}

func givesErrorAlone(f *ast.FuncType) bool {
	if f.Results == nil || len(f.Results.List) != 1 || len(f.Results.List[0].Names) > 1 {
		return false
	}
	name, ok := f.Results.List[0].Type.(*ast.Ident)
	return ok && name.Name == "error"
}

func called(call *ast.CallExpr) string {
	if call == nil {
		return ""
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		if f.Obj != nil && f.Obj.Kind == ast.Var {
			return "" // a value that was handed in
		}
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// wrapping is what stands around a stretch of a file.
type wrapping struct {
	from, to int
	open     string
}

// wrap puts a switch around each guard of a file, and gives its text; nil when it has none.
func (s *source) wrap(path string, file *ast.File) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var found []wrapping
	around := func(n ast.Node, open string) {
		from, to := s.files.Position(n.Pos()), s.files.Position(n.End())
		g := &guard{number: len(s.guards) + 1, place: fmt.Sprintf("%s:%d", path, from.Line), text: string(text[from.Offset:to.Offset])}
		s.guards = append(s.guards, g)
		found = append(found, wrapping{from.Offset, to.Offset, fmt.Sprintf(open, g.number)})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return !(strings.HasPrefix(path, "access") && answers[n.Name.Name]) // tried where it is asked
		case *ast.CallExpr:
			s.call(n, around)
		case *ast.IfStmt:
			if refuses(n.Body.List) && !answered(n.Cond) {
				around(n.Cond, "guardNo(%d, ")
			}
		case *ast.SwitchStmt:
			for _, one := range n.Body.List {
				if c := one.(*ast.CaseClause); n.Tag == nil && len(c.List) == 1 && refuses(c.Body) && !answered(c.List[0]) {
					around(c.List[0], "guardNo(%d, ")
				}
			}
		}
		return true
	})
	return inserted(text, found), nil
}

// answered tells whether a condition is nothing but an answer that is wrapped by itself.
func answered(condition ast.Expr) bool {
	if not, ok := condition.(*ast.UnaryExpr); ok {
		condition = not.X
	}
	call, ok := condition.(*ast.CallExpr)
	_, answer := answers[called(call)]
	return ok && answer
}

// call wraps a call of something that guards.
func (s *source) call(n *ast.CallExpr, around func(ast.Node, string)) {
	name := called(n)
	refusing, answer := answers[name]
	switch {
	case errorGuards[name] || s.checks[name]:
		around(n, "guardError(%d, ")
	case foundGuards[name] && len(n.Args) == 2: // of a kind and a record; a kind alone makes a condition in SQL
		around(n, "guardFound(%d)(")
	case answer && refusing:
		around(n, "guardYes(%d, ")
	case answer:
		around(n, "guardNo(%d, ")
	}
}

// inserted writes the wrappings into a text: of two that begin together the longer first, of two that end together the
// shorter.
func inserted(text []byte, list []wrapping) []byte {
	if len(list) == 0 {
		return nil
	}
	type insertion struct {
		at, order int
		text      string
	}
	var all []insertion
	for _, w := range list {
		all = append(all, insertion{w.from, 1<<30 - (w.to - w.from), w.open}, insertion{w.to, -(1 << 30) + (w.to - w.from), ")"})
	}
	slices.SortStableFunc(all, func(a, b insertion) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order)) })
	var whole []byte
	last := 0
	for _, one := range all {
		whole = append(append(whole, text[last:one.at]...), one.text...)
		last = one.at
	}
	return append(whole, text[last:]...)
}

// refuses tells whether a block refuses by itself, not in a block within.
func refuses(block []ast.Stmt) bool {
	found := false
	for _, one := range block {
		switch one.(type) {
		case *ast.ReturnStmt, *ast.AssignStmt, *ast.ExprStmt:
		default:
			continue
		}
		ast.Inspect(one, func(n ast.Node) bool {
			if _, inside := n.(*ast.FuncLit); inside {
				return false
			}
			if id, ok := n.(*ast.Ident); ok && refusals[id.Name] {
				found = true
			}
			return true
		})
	}
	return found
}

// switches is what the wrapped files call. A refusal that is met is told on the standard output.
const switches = `

import (
	"fmt"
	"os"
	"strconv"
)

var guardOff, _ = strconv.Atoi(os.Getenv("GUARD"))

var guardsTold = os.Getenv("GUARDS") != ""

func guardMet(n int) {
	if guardsTold {
		fmt.Fprintf(os.Stdout, "\nguard %d\n", n)
	}
}

func guardError(n int, err error) error {
	if err != nil {
		guardMet(n)
	}
	if n == guardOff {
		return nil
	}
	return err
}

func guardFound(n int) func(bool, error) (bool, error) {
	return func(found bool, err error) (bool, error) {
		if !found {
			guardMet(n)
		}
		return found || n == guardOff, err
	}
}

func guardYes(n int, yes bool) bool {
	if !yes {
		guardMet(n)
	}
	return yes || n == guardOff
}

func guardNo(n int, no bool) bool {
	if no {
		guardMet(n)
	}
	return no && n != guardOff
}

var _, _, _, _ = guardError, guardFound, guardYes, guardNo
`
