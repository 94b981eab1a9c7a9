package server_test

import (
	"fmt"
	"testing"

	"guanxi/server/servertest"
)

// TestNothingIsDoneUntold sends three mutations, the second of which cannot be read: its null is the whole answer's, so that the third is
// not carried out. One that is refused with userErrors stops nobody.
func TestNothingIsDoneUntold(t *testing.T) {
	t.Parallel()
	c := servertest.New(t)
	const three = `mutation { a: opportunityCreate(input: {title: "first"}) { opportunity { id } } b: opportunityCreate(input: {title: %q, amount: %q}) { userErrors { code } }
		c: opportunityCreate(input: {title: "third"}) { opportunity { id } } }`
	there := func() []any {
		return c.Ask("director", `{ opportunities(where: {title: {in: ["first", "second", "third"]}}, orderBy: [{field: TITLE}]) { nodes { title } } }`, nil).Good().List("opportunities.nodes")
	}
	a := c.Ask("director", fmt.Sprintf(three, "second", "x"), nil)
	if a.Get("a") != nil || len(a.Errors) != 1 || fmt.Sprint(a.Errors[0].Path[0]) != "b" {
		t.Errorf("answered %s", a.Body)
	}
	if got := there(); len(got) != 1 || fmt.Sprint(got[0]) != "map[title:first]" {
		t.Errorf("done are %v", got)
	}
	if a := c.Ask("director", fmt.Sprintf(three, " ", "1"), nil).Good(); a.Get("b.userErrors.0.code") != "REQUIRED" || a.Get("c.opportunity.id") == nil {
		t.Errorf("answered %s", a.Body)
	}
	if got := there(); len(got) != 3 {
		t.Errorf("done are %v", got)
	}
}
