package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// long are tests that take long and meet what shorter ones meet too.
const long = "^TestChangingWhat|^TestMaven|Killed|^TestA33|^TestA53|^TestEachPerson"

// patience is how long the tests of one package may take.
const patience = 15 * time.Minute

// test is a test that has met the refusals of guards.
type test struct {
	name    string
	took    float64 // seconds
	fired   map[int]bool
	failed  bool
	program string
}

// trial runs the tests of programs whose guards can be switched off.
type trial struct {
	folder  string
	workers int
	from    []string           // the packages whose tests are run
	tests   map[string][]*test // by package
}

// build makes a test program of each package.
func (t *trial) build(overlay string) error {
	for _, name := range t.from {
		c := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", t.program(name), "./"+name)
		if text, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("build the tests of %s: %w\n%s", name, err, text)
		}
	}
	return nil
}

func (t *trial) program(name string) string { return filepath.Join(t.folder, name+".test") }

// learn runs every test once, one at a time in each program, and notes which guards refused something in it.
func (t *trial) learn() error {
	var mu sync.Mutex
	var failed error
	t.eachOf(len(t.from), func(i int) {
		name := t.from[i]
		if _, err := os.Stat(t.program(name)); err != nil {
			return // a package without tests
		}
		began := time.Now()
		text, err := t.start(context.Background(), name, []string{"GUARDS=1"}, "-test.v", "-test.parallel=1", "-test.skip", long)
		tests := t.heard(name, text)
		mu.Lock()
		defer mu.Unlock()
		t.tests[name] = tests
		if err != nil {
			failed = fmt.Errorf("the tests of %s fail with every guard on: %w\n%s", name, err, complaints(text))
		}
		fmt.Printf("    the tests of %s took %s\n", name, time.Since(began).Round(time.Second))
	})
	return failed
}

// eachOf does something for each number below n, some at a time.
func (t *trial) eachOf(n int, do func(int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range t.workers {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}

// start runs a test program in its package's folder.
func (t *trial) start(ctx context.Context, name string, env []string, flags ...string) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	c := exec.CommandContext(ctx, t.program(name), flags...)
	c.Dir, c.Env = name, append(append(os.Environ(), "RAPID_NOFAILFILE=1"), env...)
	return c.CombinedOutput()
}

var (
	turned  = regexp.MustCompile(`^\s*=== (?:RUN|CONT|NAME)\s+(\w+)`)
	ended   = regexp.MustCompile(`^--- (PASS|FAIL|SKIP): (\w+) \(([0-9.]+)s\)`)
	within  = regexp.MustCompile(`^\s+--- (?:PASS|FAIL): (\w+)/\S+ \(([0-9.]+)s\)`)
	failing = regexp.MustCompile(`(?m)^\s*--- FAIL: Test|^panic: `)
	met     = regexp.MustCompile(`^guard (\d+)$`)
)

// heard reads what a run of tests printed: which test was running when a guard refused.
func (t *trial) heard(program string, text []byte) []*test {
	known, now := map[string]*test{}, ""
	of := func(name string) *test {
		if known[name] == nil {
			known[name] = &test{name: name, fired: map[int]bool{}, program: program}
		}
		return known[name]
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		line := lines.Text()
		if m := turned.FindStringSubmatch(line); m != nil {
			now = m[1]
		} else if m := met.FindStringSubmatch(line); m != nil && now != "" {
			n, _ := strconv.Atoi(m[1])
			of(now).fired[n] = true
		} else if m := ended.FindStringSubmatch(line); m != nil {
			took, _ := strconv.ParseFloat(m[3], 64)
			of(m[2]).took += took
		} else if m := within.FindStringSubmatch(line); m != nil {
			took, _ := strconv.ParseFloat(m[2], 64)
			of(m[1]).took += took
		}
	}
	var list []*test
	for _, one := range known {
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b *test) int { return cmp.Or(cmp.Compare(a.took, b.took), strings.Compare(a.name, b.name)) })
	return list
}

func (t *trial) count() (n int) {
	for _, list := range t.tests {
		n += len(list)
	}
	return n
}

// try takes each guard away in turn and gives those that no test missed.
func (t *trial) try(guards []*guard) (survived []*guard) {
	var mu sync.Mutex
	done := 0
	t.eachOf(len(guards), func(i int) {
		g := guards[i]
		missed := t.missed(g)
		mu.Lock()
		defer mu.Unlock()
		if done++; done%25 == 0 {
			fmt.Printf("    %d of %d guards tried\n", done, len(guards))
		}
		if !missed {
			survived = append(survived, g)
		}
	})
	slices.SortFunc(survived, func(a, b *guard) int { return a.number - b.number })
	return survived
}

// missed tells whether a test that met the guard's refusals fails without it: the quickest ones first, and more at a time the
// longer it takes.
func (t *trial) missed(g *guard) bool {
	var meeting []*test
	for _, list := range t.tests {
		for _, one := range list {
			if one.fired[g.number] {
				meeting = append(meeting, one)
			}
		}
	}
	g.fired = len(meeting) > 0
	slices.SortFunc(meeting, func(a, b *test) int { return cmp.Or(cmp.Compare(a.took, b.took), strings.Compare(a.name, b.name)) })
	for size := 2; len(meeting) > 0; size *= 3 {
		some := meeting[:min(size, len(meeting))]
		meeting = meeting[len(some):]
		names := map[string][]string{}
		for _, one := range some {
			names[one.program] = append(names[one.program], one.name)
		}
		for program, list := range names {
			text, err := t.start(context.Background(), program, []string{"GUARD=" + strconv.Itoa(g.number)}, "-test.run", "^("+strings.Join(list, "|")+")$", "-test.failfast", "-test.timeout", "3m")
			if err != nil && failing.Match(text) {
				return true
			}
		}
	}
	return false
}

// complaints gives what a run of tests said but for what it was made to say.
func complaints(text []byte) []byte {
	var said [][]byte
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 && !met.Match(bytes.TrimSpace(line)) && !bytes.HasPrefix(line, []byte("===")) && !bytes.HasPrefix(line, []byte("--- PASS")) {
			said = append(said, line)
		}
	}
	return bytes.Join(said[max(0, len(said)-60):], nil)
}
