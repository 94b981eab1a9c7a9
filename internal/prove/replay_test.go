package prove

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// replay carries out a check with each seed that once disagreed; a line of the file is a seed and what it found.
func replay(t *testing.T, check func()) {
	t.Helper()
	text, err := os.ReadFile("testdata/seeds")
	if err != nil {
		t.Fatal(err)
	}
	seed, checks := flag.Lookup("rapid.seed").Value.String(), flag.Lookup("rapid.checks").Value.String()
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 0 && !strings.HasPrefix(line, "#") {
			set(t, "rapid.seed", fields[0])
			set(t, "rapid.checks", "1")
			check()
		}
	}
	set(t, "rapid.seed", seed)
	set(t, "rapid.checks", checks)
}

func set(t *testing.T, name, value string) {
	t.Helper()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}
