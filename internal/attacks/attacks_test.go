// Package attacks holds the page of attacks against the tests that it names.
package attacks

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	root     = "../.."
	last     = 58
	whyNotIs = "Does not apply yet, because"
)

var (
	row   = regexp.MustCompile(`^\| A(\d\d) \|(.*)\|$`)
	named = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
)

func TestThePageOfAttacksNamesTestsThatThereAre(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "attacks.md"))
	if err != nil {
		t.Fatal(err)
	}
	there := tests(t)
	seen := 0
	for line := range strings.Lines(string(page)) {
		match := row.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if match == nil {
			continue
		}
		seen++
		if number := match[1]; number != fmt.Sprintf("%02d", seen) {
			t.Errorf("A%s stands where A%02d should", number, seen)
		}
		names := named.FindAllStringSubmatch(match[2], -1)
		if len(names) == 0 && !strings.Contains(match[2], whyNotIs) {
			t.Errorf("A%s names no test and says not why", match[1])
		}
		for _, name := range names {
			if !there[name[1]] {
				t.Errorf("A%s names %s, and there is no such test", match[1], name[1])
			}
		}
	}
	if seen != last {
		t.Errorf("%d attacks stand on the page, not %d", seen, last)
	}
}

// tests are the names of all tests of the module.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != root):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				there[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}
