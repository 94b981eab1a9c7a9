// Package arrows holds the drawing of which package may import which: imports
// go down only.
package arrows

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "guanxi"

// below lists, for each package, the packages of this module that it may
// import. Everyone may also import fault.
var below = map[string][]string{
	"cmd/guanxi": {"server", "feed", "columns", "adjacency", "network", "search", "reports", "jobs", "simulate", "console", "operations", "graph", "importer", "sandbox", "store", "store/migrations", "postgres", "files", "access", "models"},
	"server":     {"resolvers", "graph", "plan", "console", "loaders", "store", "network", "reports", "simulate", "sheets", "files", "access", "models"},
	"resolvers":  {"graph", "loaders", "store", "network", "reports", "simulate", "files", "search", "access", "models"},
	"graph":      {"plan", "network", "reports", "simulate", "access", "models"},
	"plan":       {"access", "models"},
	"loaders":    {"store", "network", "access", "models"},
	"simulate":   {"store", "reports", "access", "models"},
	"jobs":       {"store", "models"},
	"importer":   {"store", "search", "access", "models"},
	"sandbox":    {"store", "files", "search", "access", "models"},
	// store, network and reports never import each other: they meet in access
	"store":            {"files", "search", "access", "models"},
	"network":          {"adjacency", "access", "models"},
	"reports":          {"columns", "access", "models"},
	"columns":          {"feed", "internal/numbers", "access", "models"},
	"adjacency":        {"feed", "internal/numbers", "access", "models"},
	"access":           {"models"},
	"store/migrations": {},
	"postgres":         {},
	// what changed, for whoever keeps something beside the records
	"feed":       {"models"},
	"console":    {},
	"operations": {},
	// the harness of tests that stand the whole house up
	"server/servertest": {"server", "columns", "adjacency", "network", "reports", "sandbox", "search", "store", "files", "internal/pgtest"},
	"models":            {},
	"files":             {},
	"sheets":            {},
	"search":            {"feed", "internal/numbers", "access", "models"},
	"fault":             {},
	"internal/pgtest":   {"postgres", "store/migrations"},
	"internal/arrows":   {},
	"internal/generate": {},
	"internal/attacks":  {},
	// the naive model shares no code with the access that it checks
	"internal/guards":  {},
	"internal/prove":   {},
	"internal/naive":   {"models"},
	"graph/schematest": {"reports", "access", "models"},
	"internal/testlog": {},
	"internal/numbers": {},
	// what is measured, each as a test that stands up what it needs
	"bench": {},
	// a company to measure, the server that is the limit, and the race between them
	"bench/market": {"simulate", "store", "search", "models"},
	"bench/limit":  {"bench/market", "models"},
	"bench/run360": {"bench/limit", "bench/market", "operations", "postgres", "store", "store/migrations", "models"},
}

// testsMay lists what the tests of every package may import beside that.
var testsMay = []string{"columns", "adjacency", "feed", "internal/pgtest", "internal/naive", "postgres", "store/migrations", "store", "sandbox", "access", "models"}

// wholeHouse lists the packages whose tests stand everything up, or hold the whole sample company against its reports, and so import what they like.
var wholeHouse = []string{"cmd/guanxi", "server", "resolvers", "sandbox", "internal/prove", "bench", "bench/run360"}

// reserved lists outside modules that only some packages may import.
var reserved = []struct {
	module  string
	home    []string
	because string
}{
	{"github.com/99designs/gqlgen", graphQLSpeakers, "nothing below resolvers knows that GraphQL exists"},
	{"github.com/vektah/gqlparser", graphQLSpeakers, "nothing below resolvers knows that GraphQL exists"},
	{"github.com/jackc/pgx", databaseSpeakers, "nothing above store, network and reports writes SQL"},
	{"github.com/uptrace/bun", databaseSpeakers, "nothing above store, network and reports writes SQL"},
}

var (
	// models is among them for one thing: how its scalars are written on the wire.
	graphQLSpeakers = []string{"graph", "plan", "resolvers", "server", "cmd/guanxi", "models", "internal/generate"}
	// fault is among them for one thing: it reads the database's error codes.
	databaseSpeakers = []string{
		"store", "store/migrations", "network", "reports", "simulate", "feed", "columns", "adjacency", "search", "access", "models", "postgres", "internal/pgtest", "fault",
		"server/servertest", "internal/naive", "bench/market", "bench/limit", "bench/run360",
	}
)

// goPackage is what `go list` tells of a package.
type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestImportsGoDownOnly(t *testing.T) {
	for _, p := range packages(t) {
		name := inModule(p.ImportPath)
		allowed, known := below[name]
		if !known {
			t.Errorf("%s has no row in the table of this test: add one that says what it may import", name)
			continue
		}
		for _, imported := range p.Imports {
			if !mayImport(name, imported, allowed) {
				t.Errorf("%s imports %s, which is not below it", name, inModule(imported))
			}
		}
		if slices.Contains(wholeHouse, name) {
			continue
		}
		forTests := slices.Concat(allowed, testsMay)
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if !mayImport(name, imported, forTests) {
				t.Errorf("the tests of %s import %s, which is not below it", name, inModule(imported))
			}
		}
	}
}

func TestReservedModulesStayInTheirPackages(t *testing.T) {
	for _, p := range packages(t) {
		name := inModule(p.ImportPath)
		for _, imported := range p.Imports {
			for _, r := range reserved {
				if strings.HasPrefix(imported, r.module) && !slices.Contains(r.home, name) {
					t.Errorf("%s imports %s: %s", name, imported, r.because)
				}
			}
		}
	}
}

// TestTableHasNoCircle checks the drawing itself: following it, one only ever gets further down.
func TestTableHasNoCircle(t *testing.T) {
	var walk func(name string, path []string)
	walk = func(name string, path []string) {
		if slices.Contains(path, name) {
			t.Fatalf("the table goes in a circle: %s", strings.Join(append(path, name), " -> "))
		}
		rows, known := below[name]
		if !known {
			t.Fatalf("%s is allowed to %s and has no row of its own", name, path[len(path)-1])
		}
		for _, next := range rows {
			walk(next, append(slices.Clone(path), name))
		}
	}
	for name := range below {
		walk(name, nil)
	}
}

// mayImport says whether a package may import another; what is outside the module it may.
func mayImport(name, imported string, allowed []string) bool {
	if imported != module && !strings.HasPrefix(imported, module+"/") {
		return true
	}
	short := inModule(imported)
	return short == name || short == "fault" || slices.Contains(allowed, short)
}

func inModule(path string) string { return strings.TrimPrefix(path, module+"/") }

// packages asks the go command for every package of the module.
func packages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	command.Dir = filepath.Join("..", "..")
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, complaint.String())
	}
	var all []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}
