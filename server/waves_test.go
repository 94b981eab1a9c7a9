package server_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guanxi/operations"
	"guanxi/sandbox"
	"guanxi/server/servertest"
)

// TestTheUsersOwnQueriesWaitSeldom asks each query of the users as one who asked before, and prints by -v what goes in which wave.
func TestTheUsersOwnQueriesWaitSeldom(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	most := map[string]int{"Customer360": 2, "Introduction": 2, "Find": 4}
	for _, file := range operations.Files() {
		variables, err := sandbox.Variables(t.Context(), c.Store, file.Variables)
		if err != nil {
			t.Fatal(err)
		}
		for name, of := range variables {
			body, err := json.Marshal(map[string]any{"query": file.Document, "operationName": name, "variables": of})
			if err != nil {
				t.Fatal(err)
			}
			ask := func() {
				c.Send("POST", "/graphql", body, "Content-Type", plainJSON, "Authorization", "Bearer "+c.Token("admin")).Good()
			}
			stand(t, c) // others have written
			for range 2 {
				ask()
			}
			for n, wave := range c.Waves(ask) {
				for _, text := range wave {
					t.Logf("%s, wave %d: %s", name, n+1, read(text))
				}
			}
			if bound, is := most[name]; is && c.Last().Waves > bound {
				t.Errorf("%s waits %d times for what it reads, at most %d are aimed at", name, c.Last().Waves, bound)
			}
		}
	}
}

var sources = regexp.MustCompile(`\b(?:from|join) ([a-z_]+)`)

// read tells what a statement begins with, and the tables that it reads.
func read(text string) string {
	var tables []string
	for _, found := range sources.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(tables, found[1]) {
			tables = append(tables, found[1])
		}
	}
	return strings.Join(strings.Fields(text[:min(90, len(text))]), " ") + " … of " + strings.Join(tables, ", ")
}
