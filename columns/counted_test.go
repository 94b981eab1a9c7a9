package columns

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"guanxi/models"
)

// What is kept is named by all that the counting reads. A question, dimension or filter that has something new is kept only when somebody has thought of its name.
func TestWhatIsKeptIsNamedByAllThatIsAsked(t *testing.T) {
	t.Parallel()
	for of, known := range map[reflect.Type][]string{
		reflect.TypeFor[Question](): {"Met", "By", "Where", "Clock", "From", "Until", "Never", "Amounts", "Weighted", "Cycles", "AllAmounts", "AmountsOf", "AmountsListed", "CyclesListed", "Gaps", "Different",
			"Latest", "LatestOf", "Before"},
		reflect.TypeFor[Dimension](): {"column", "through", "leads", "into", "words", "rival", "known", "customer", "amounts", "clock", "step", "bands", "ages"},
		reflect.TypeFor[Filter]():    {"All", "Any", "Not", "Of", "Null", "Other", "Keys", "Day", "Clock", "Amount", "ID", "Says"},
		reflect.TypeFor[refs]():      {"department", "above", "category", "lossKind", "lossKinds", "probability", "kept", "number"},
		reflect.TypeFor[sight]():     {"nothing", "owner", "custOwner", "pool", "shares", "customers", "opened", "everything", "allShown", "allRead", "allSpared", "eyes"},
	} {
		for i := range of.NumField() {
			if name := of.Field(i).Name; !slices.Contains(known, name) {
				t.Errorf("%s of a %s is in no name of what is kept", name, of.Name())
			}
		}
	}
}

// Questions that differ in anything have different names, and so have those who see different things.
func TestQuestionsThatDifferHaveDifferentNames(t *testing.T) {
	t.Parallel()
	v := asking(rand.New(rand.NewPCG(11, 11)), 500)
	v.version.whole = 1
	one, two := int32(1), int32(2)
	status, stage := By(Status), By(Stage)
	list := []*Question{
		{}, {Met: true}, {By: []Dimension{By(Owner)}}, {By: []Dimension{By(Stage)}}, {By: []Dimension{OwnerDepartment}}, {By: []Dimension{OwnerDepartmentAt(1)}}, {By: []Dimension{OwnerDepartmentAt(2)}},
		{By: []Dimension{Known(By(Owner))}}, {By: []Dimension{Bands([]int{1})}}, {By: []Dimension{Bands([]int{2})}}, {By: []Dimension{Ages([]int{2})}},
		{By: []Dimension{Steps(Closed, Step{Days: 7})}}, {By: []Dimension{Steps(Opened, Step{Days: 7})}}, {By: []Dimension{Steps(Closed, Step{Days: 1})}},
		{By: []Dimension{By(Owner), By(Stage)}}, {By: []Dimension{By(Stage), By(Owner)}},
		{Clock: Opened}, {From: &one}, {From: &two}, {Until: &one}, {Never: true}, {Amounts: true, AmountsOf: []string{models.Won}}, {Amounts: true, AmountsOf: []string{models.Lost}}, {Amounts: true, AllAmounts: true},
		{Cycles: true}, {Latest: 1}, {Latest: 2}, {Latest: 1, LatestOf: []string{models.Won}}, {Latest: 1, Before: [16]byte{1}},
		{Where: &Filter{Says: "a", Amount: func(int64) int8 { return Yes }}}, {Where: &Filter{Says: "b", Amount: func(int64) int8 { return Yes }}}, {Where: &Filter{Says: "a", Day: func(int32) int8 { return Yes }}},
		{Where: &Filter{Says: "a", Clock: Opened, Day: func(int32) int8 { return Yes }}},
		{Where: &Filter{Of: &status, Keys: map[string]int8{"WON": Yes}}}, {Where: &Filter{Of: &status, Keys: map[string]int8{"WON": No}}}, {Where: &Filter{Of: &status, Null: Yes}}, {Where: &Filter{Of: &status, Other: Yes}},
		{Where: &Filter{Of: &stage, Other: Yes}}, {Where: &Filter{Not: &Filter{Of: &stage, Other: Yes}}}, {Where: &Filter{Any: []*Filter{{Of: &stage, Other: Yes}}}}, {Where: &Filter{All: []*Filter{{Of: &stage, Other: Yes}}}},
		{Where: &Filter{All: []*Filter{}}}, {Where: &Filter{Any: []*Filter{}}},
	}
	names := map[keptAs]int{}
	name := func(q *Question) keptAs {
		s, err := v.scan(q)
		if err != nil {
			t.Fatal(err)
		}
		of, may := s.keptAs()
		if !may {
			t.Fatalf("%+v has no name", q)
		}
		return of
	}
	for i, q := range list {
		of := name(q)
		if before, had := names[of]; had {
			t.Errorf("%+v and %+v have the same name", list[before], q)
		}
		names[of] = i
		if name(q) != of {
			t.Errorf("%+v has another name each time", q)
		}
	}
	before := name(list[0])
	v.sight.eyes[0]++
	if name(list[0]) == before {
		t.Error("two who see different things have the same name")
	}
	unnamed := &Filter{All: []*Filter{{Amount: func(int64) int8 { return Yes }}}}
	if s, err := v.scan(&Question{Where: unnamed}); err != nil {
		t.Error(err)
	} else if _, may := s.keptAs(); may {
		t.Error("what a filter without a name chose is kept")
	}
}

// What is kept stays below its bound, and what was asked for lately stays in it.
func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	c, often := counted{most: 100_000}, keptAs{question: "often"}
	c.keep(often, &tally{})
	for i := range 5_000 {
		c.keep(keptAs{today: int32(i)}, &tally{counts: make([]uint32, 100)})
		if c.find(often) == nil {
			t.Fatalf("what is asked for often is not kept after %d others", i)
		}
		if c.bytes() > c.most+2_000 {
			t.Fatalf("%d bytes are kept", c.bytes())
		}
	}
	if c.find(keptAs{today: 4_999}) == nil || c.find(keptAs{today: 1}) != nil {
		t.Error("what was asked for last is not kept, or what was asked for first is")
	}
	if c.keep(keptAs{}, &tally{counts: make([]uint32, 100_000)}); c.find(keptAs{}) != nil {
		t.Error("more is kept than there is room for")
	}
}
