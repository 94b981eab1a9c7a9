// Command guards takes away each guard of the program in turn and tells which of them no test misses.
//
// A guard is a place outside the rules of package access where something is refused: a permission needed, a record to be seen
// or managed, a field right, a cursor's seal, a page's origin. All of them are wrapped at once in copies of the files, which
// the compiler takes in their place; the variable GUARD then says which one is off. The tests run once to learn which test
// meets a refusal of which guard. Then each guard is off while the tests that met its refusals run, the quickest first, until
// one fails. A guard whose refusal no test meets, or that no test misses, has survived.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// guarded are the packages that guards stand in, and whose tests are to miss them.
var guarded = []string{"access", "store", "resolvers", "server", "reports", "simulate", "search", "network", "importer", "loaders"}

func main() {
	only := flag.String("only", "", "try only guards whose place or text matches this expression")
	list := flag.Bool("list", false, "list the guards and do nothing else")
	from := flag.String("tests", strings.Join(guarded, ","), "run the tests of these packages")
	workers := flag.Int("workers", 2, "how many guards to try at a time")
	flag.Parse()
	survivors, err := run(*only, *list, *workers, strings.Split(*from, ","))
	if err != nil {
		fmt.Fprintln(os.Stderr, "guards:", err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

func run(only string, list bool, workers int, from []string) (survivors int, err error) {
	began := time.Now()
	wanted, err := regexp.Compile(only)
	if err != nil {
		return 0, err
	}
	folder, err := os.MkdirTemp("", "guards")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	s := &source{folder: folder, replaced: map[string]string{}}
	for _, name := range guarded {
		if err := s.read(name); err != nil {
			return 0, err
		}
	}
	var chosen []*guard
	for _, g := range s.guards {
		if wanted.MatchString(g.place + " " + g.text) {
			chosen = append(chosen, g)
		}
	}
	if list {
		for _, g := range chosen {
			fmt.Println(g)
		}
		return 0, nil
	}
	t := &trial{folder: folder, workers: workers, from: from, tests: map[string][]*test{}}
	if err := s.write(); err != nil {
		return 0, err
	}
	if err := t.build(filepath.Join(folder, "overlay.json")); err != nil {
		return 0, err
	}
	if err := t.learn(); err != nil {
		return 0, err
	}
	fmt.Printf("==> %d tests have met the guards, after %s\n", t.count(), time.Since(began).Round(time.Second))
	survived := t.try(chosen)
	for _, g := range survived {
		fmt.Println("survived:", g)
	}
	fmt.Printf("==> %d guards taken away, %d guards survived, in %s\n", len(chosen), len(survived), time.Since(began).Round(time.Second))
	return len(survived), nil
}

// guard is one place where something is refused.
type guard struct {
	number int
	place  string // file and line
	text   string // what stands there
	fired  bool   // whether a test met its refusal
}

func (g *guard) String() string {
	text := strings.Join(strings.Fields(g.text), " ")
	if runes := []rune(text); len(runes) > 140 {
		text = string(runes[:140]) + "…"
	}
	met := ""
	if !g.fired {
		met = " (no test meets its refusal)"
	}
	return fmt.Sprintf("%d %s: %s%s", g.number, g.place, text, met)
}
