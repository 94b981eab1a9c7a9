// Command testlog reads `go test -json` and prints what a person needs: one
// line a package as it ends, all that a failed test said, and at the end
// every test that was skipped, with its reason.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of `go test -json`.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

func main() {
	passed, err := summarise(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testlog:", err)
	}
	if err != nil || !passed {
		os.Exit(1)
	}
}

// summary is what was seen of the tests so far.
type summary struct {
	out     io.Writer
	said    map[string]map[string][]string // output by package and test, of those that have not ended
	passed  int
	failed  int
	skipped []string
}

// summarise returns false when a test or a package failed.
func summarise(in io.Reader, out io.Writer) (bool, error) {
	s := summary{out: out, said: map[string]map[string][]string{}}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			s.read(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, len(s.skipped))
	for _, line := range s.skipped {
		fmt.Fprintln(out, line)
	}
	return s.failed == 0, nil
}

// read takes one line; one that is no event is in the go command's own words.
func (s *summary) read(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		_, _ = s.out.Write(line)
		return
	}
	switch e.Action {
	case "output":
		s.keep(e)
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "pass", "skip", "fail":
		if e.Test == "" {
			s.endPackage(e)
		} else {
			s.endTest(e)
		}
	}
}

func (s *summary) keep(e event) {
	if s.said[e.Package] == nil {
		s.said[e.Package] = map[string][]string{}
	}
	s.said[e.Package][e.Test] = append(s.said[e.Package][e.Test], e.Output)
}

func (s *summary) endTest(e event) {
	said := s.said[e.Package][e.Test]
	delete(s.said[e.Package], e.Test)
	switch e.Action {
	case "pass":
		s.passed++
	case "fail":
		s.failed++
		fmt.Fprint(s.out, strings.Join(said, ""))
	case "skip":
		s.skipped = append(s.skipped, e.Package+" "+e.Test+": "+reason(said))
	}
}

// endPackage prints a package's line and, if it failed, all that has not been
// printed: its own words and those of tests that did not come to an end.
func (s *summary) endPackage(e event) {
	fmt.Fprint(s.out, packageLine(e, s.said[e.Package][""]))
	if e.Action == "fail" {
		s.failed++
		for _, said := range s.said[e.Package] {
			fmt.Fprint(s.out, strings.Join(said, ""))
		}
	}
	delete(s.said, e.Package)
}

func packageLine(e event, said []string) string {
	switch {
	case e.Action == "skip":
		return ""
	case strings.Contains(strings.Join(said, ""), "(cached)"):
		return fmt.Sprintf("%-4s %s (cached)\n", e.Action, e.Package)
	default:
		return fmt.Sprintf("%-4s %s %.1fs\n", e.Action, e.Package, e.Elapsed)
	}
}

// reason is what a skipped test said, without the frame around it.
func reason(said []string) string {
	var words []string
	for _, line := range said {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		words = append(words, line)
	}
	text := strings.Join(words, " ")
	if !strings.Contains(text, "SKIPPED") {
		text = "SKIPPED " + text
	}
	return text
}
