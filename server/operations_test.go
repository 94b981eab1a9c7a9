package server_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"guanxi/operations"
	"guanxi/sandbox"
	"guanxi/server/servertest"
)

var named = regexp.MustCompile(`(?m)^(query|mutation) (\w+)`)

// TestTheUsersOwnRequestsRun sends each request of the users as it stands: no errors, no user errors, and something in
// each root field. Each mutation has a sample company of its own.
func TestTheUsersOwnRequestsRun(t *testing.T) {
	t.Parallel()
	shared := servertest.New(t)
	for _, file := range operations.Files() {
		for _, match := range named.FindAllStringSubmatch(file.Document, -1) {
			t.Run(match[2], func(t *testing.T) {
				t.Parallel()
				company := shared
				if match[1] == "mutation" {
					company = servertest.New(t)
				}
				runs(t, company, file, match[2])
			})
		}
	}
}

func runs(t *testing.T, c *servertest.Company, file operations.File, name string) {
	t.Helper()
	variables, err := sandbox.Variables(t.Context(), c.Store, file.Variables)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"query": file.Document, "operationName": name, "variables": variables[name]})
	if err != nil {
		t.Fatal(err)
	}
	a := c.Send("POST", "/graphql", body, "Content-Type", plainJSON, "Authorization", "Bearer "+c.Token("admin"))
	if a.Status != 200 || len(a.Errors) > 0 || len(a.Data) == 0 {
		t.Fatalf("answered %d %.3000s", a.Status, a.Body)
	}
	for field, value := range a.Data {
		if empty(value) {
			t.Errorf("%s is empty: %.1000s", field, a.Body)
		}
	}
	t.Logf("%d statements in %s", c.Last().Statements, c.Last().Took)
}

// empty tells whether a root field has nothing: no value, a list without entries, or user errors.
func empty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case []any:
		return len(value) == 0
	case map[string]any:
		for _, name := range []string{"nodes", "edges", "rows"} {
			if list, has := value[name]; has && empty(list) {
				return true
			}
		}
		refused, has := value["userErrors"].([]any)
		return len(value) == 0 || has && len(refused) > 0
	}
	return false
}
