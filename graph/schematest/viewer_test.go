package schematest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// people are names under which a caller might try to say who he is, or as whom he asks.
var people = regexp.MustCompile(`(?i)user|viewer|login|actor|behalf|impersonat|person|identity|account|session|credential|token|secret|tenant|^as$|(?-i:^as[A-Z])|run_?as|self$`)

// subjects are the places where a caller names a user, all of them as what is asked about or acted on, never as who asks.
var subjects = []string{
	"AccessChangeInput.userActivate", "AccessChangeInput.userDeactivate", "AccessChangeInput.userRoles", "GrantSubjectInput.user", "GranteeInput.user", "GroupMemberChangeInput.user", "MembershipCreateInput.user",
	"Query.explainAccess(user:)", "SubjectInput.user", "UserCreateInput.login", "UserPasswordSetInput.user", "UserRolesSetInput.user",
	"UserUpdateInput.login", "ViewAsCreateInput.user",
}

// TestA09NobodySaysInARequestWhoHeIs walks every argument and input field: whoever asks is told by his credential alone.
func TestA09NobodySaysInARequestWhoHeIs(t *testing.T) {
	schema := load(t, root)
	found := map[string]bool{}
	note := func(place, name string, of *ast.Type) {
		if people.MatchString(name) && !strings.HasSuffix(of.Name(), "Where") && of.Name() != "DateTime" { // an instant names nobody
			found[place] = true
		}
	}
	for _, definition := range own(schema) {
		if strings.HasSuffix(definition.Name, "Where") { // a comparison of what is there
			continue
		}
		for _, field := range fields(definition) {
			if definition.Kind == ast.InputObject {
				note(definition.Name+"."+field.Name, field.Name, field.Type)
			}
			for _, argument := range field.Arguments {
				note(definition.Name+"."+field.Name+"("+argument.Name+":)", argument.Name, argument.Type)
			}
		}
	}
	for place := range found {
		if !slices.Contains(subjects, place) {
			t.Errorf("%s might say who asks: list it with what it is for, or take it away", place)
		}
	}
	for _, place := range subjects {
		if !found[place] {
			t.Errorf("%s is listed and is not there", place)
		}
	}
}
