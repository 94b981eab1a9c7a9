package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/codegen/templates"
)

var (
	plannedType  = regexp.MustCompile(`^func planned(\w+)\(`)
	plannedField = regexp.MustCompile(`^\s*\{Name: "(\w+)",(.*)`)
)

// TestWhatIsReadEarlyNeedsItsRecordsIDAlone reads the resolvers as they stand, and what was generated from them: a resolver that
// has come to look at more of its record than the id must be generated anew.
func TestWhatIsReadEarlyNeedsItsRecordsIDAlone(t *testing.T) {
	t.Parallel()
	s, err := readResolvers("../../resolvers")
	if err != nil {
		t.Fatal(err)
	}
	generated, err := os.ReadFile("../../graph/plan.generated.go")
	if err != nil {
		t.Fatal(err)
	}
	object, found := "", 0
	for line := range strings.SplitSeq(string(generated), "\n") {
		if match := plannedType.FindStringSubmatch(line); match != nil {
			object = match[1]
		}
		match := plannedField.FindStringSubmatch(line)
		if match == nil || object == "Query" {
			continue
		}
		early := strings.Contains(match[2], "Early: true")
		if early != s.needsID(object, templates.ToGo(match[1])) {
			t.Errorf("%s.%s is generated to be read early: %t; run scripts/generate.sh", object, match[1], early)
		}
		if early {
			found++
		}
	}
	if found < 20 {
		t.Errorf("only %d fields are read early", found)
	}
}

// TestResolversThatLookAtTheirRecordAreSeen reads resolvers that do and that do not.
func TestResolversThatLookAtTheirRecordAreSeen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := `package resolvers
func (r *thingResolver) Page(ctx context.Context, obj *Thing, first *int) (x, error) { return loaders.Page(ctx, r.s, obj, "page", link) }
func (r *thingResolver) Helped(ctx context.Context, obj *Thing) (x, error) { return helper(ctx, obj) }
func (r *thingResolver) Owner(ctx context.Context, obj *Thing) (x, error) { return loaders.One(ctx, obj, "owner", of) }
func (r *thingResolver) Seen(ctx context.Context, obj *Thing) (x, error) { return loaders.Each(ctx, obj, "x", obj.Hidden) }
func (r *thingResolver) Kept(ctx context.Context, obj *Thing) (x, error) { y := obj; return loaders.Each(ctx, obj, "x", y) }
func (r *thingResolver) Peeked(ctx context.Context, obj *Thing) (x, error) { return peeks(ctx, obj) }
func (r *thingResolver) Typed(ctx context.Context, obj *Thing) (x, error) { return typed(ctx, obj) }
func helper[F models.Keyed](ctx context.Context, from F) (x, error) { return loaders.Each(ctx, from, "helper", nil) }
func peeks[F models.Keyed](ctx context.Context, from F) (x, error) { any(from).(*Thing).Look(); return loaders.Each(ctx, from, "peeks", nil) }
func typed(ctx context.Context, from *Thing) (x, error) { return loaders.Each(ctx, from, "typed", nil) }
`
	if err := os.WriteFile(dir+"/thing.go", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := readResolvers(dir)
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]bool{"Page": true, "Helped": true, "Owner": false, "Seen": false, "Kept": false, "Peeked": false, "Typed": false, "None": false} {
		if got := s.needsID("Thing", field); got != want {
			t.Errorf("%s needs the id alone: %t", field, got)
		}
	}
}
