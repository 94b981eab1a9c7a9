package columns

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/google/uuid"

	"guanxi/models"
)

// What is kept is named by all that the counting reads of small tables and of what a viewer sees, and by nothing else: what is new in these is kept only when somebody has
// thought of its name.
func TestWhatIsKeptIsNamedByAllThatIsRead(t *testing.T) {
	t.Parallel()
	for of, known := range map[reflect.Type][]string{
		reflect.TypeFor[refs]():  {"department", "above", "category", "lossKind", "lossKinds", "probability", "kept", "number", "tree"},
		reflect.TypeFor[sight](): {"nothing", "owner", "custOwner", "pool", "shares", "customers", "opened", "everything", "allShown", "allRead", "allSpared", "shared", "naming", "eyes"},
	} {
		for i := range of.NumField() {
			if name := of.Field(i).Name; !slices.Contains(known, name) {
				t.Errorf("%s of a %s is in no name of what is kept", name, of.Name())
			}
		}
	}
}

// What is kept of a question is found again by its name alone. So whatever is different in a question, a filter or a dimension, its name is
// different too, or nothing is kept of it.
func TestWhateverIsAskedIsInItsName(t *testing.T) {
	t.Parallel()
	v := asking(rand.New(rand.NewPCG(3, 3)), 500)
	named := func(q Question) string {
		s, err := v.scan(&q)
		if err != nil {
			return "" // nothing is counted
		}
		if of, may := s.keptAs(); may {
			return fmt.Sprint(of)
		}
		return ""
	}
	from, until := int32(-100), int32(-90)
	eachField(t, Question{By: []Dimension{By(Owner)}, From: &from, Until: &until, Amounts: true, Latest: 3}, named, map[string]bool{
		"PricesListed": true, // of what asks for prices nothing is kept
	})
	eachField(t, By(Owner), func(d Dimension) string { return string(d.text(nil)) }, map[string]bool{
		"through": true, "words": true, // which leads names
	})
	asked := func(f Filter) string {
		if name, has := f.text(nil); has {
			return string(name)
		}
		return ""
	}
	owner := By(Owner)
	eachField(t, Filter{Of: &owner, Keys: map[string]int8{"1": 1}}, asked, map[string]bool{
		"Says": true, "Day": true, "Clock": true, "Amount": true, "ID": true, "Every": true, // of other forms
	})
	amount := func(int64) int8 { return 1 }
	eachField(t, Filter{Amount: amount, Says: "some"}, asked, map[string]bool{
		"Amount": true, // which Says names
		"Null":   true, "Other": true, "Keys": true, "Every": true,
	})
	eachField(t, Filter{Met: &Filter{Of: &owner}}, asked, map[string]bool{
		"Of": true, "Null": true, "Other": true, "Keys": true, "Day": true, "Clock": true, "Amount": true, "ID": true, "Says": true,
	})
}

// eachField changes a value field by field, but some, and wants another name each time, or none.
func eachField[T any](t *testing.T, value T, named func(T) string, but map[string]bool) {
	t.Helper()
	name := named(value)
	if name == "" {
		t.Fatalf("%+v has no name", value)
	}
	for i := range reflect.TypeFor[T]().NumField() {
		field := reflect.TypeFor[T]().Field(i)
		if but[field.Name] {
			continue
		}
		other := value
		at := reflect.ValueOf(&other).Elem().Field(i)
		at = reflect.NewAt(at.Type(), unsafe.Pointer(at.UnsafeAddr())).Elem() // those that are not exported too
		alter(t, field.Name, at)
		if now := named(other); now == name {
			t.Errorf("%T with another %s is called %s too", value, field.Name, name)
		}
	}
}

// alter sets a field to another value.
func alter(t *testing.T, name string, at reflect.Value) {
	t.Helper()
	switch of := at.Interface().(type) {
	case bool:
		at.SetBool(!of)
	case uuid.UUID:
		at.Set(reflect.ValueOf(uuid.UUID{7}))
	case *int32:
		other := int32(-95)
		at.Set(reflect.ValueOf(&other))
	case []string:
		at.Set(reflect.ValueOf([]string{"WON"}))
	case []int:
		at.Set(reflect.ValueOf([]int{7}))
	case []int64:
		at.Set(reflect.ValueOf([]int64{7}))
	case map[string]int8:
		at.Set(reflect.ValueOf(map[string]int8{"1": 0}))
	case Step:
		at.Set(reflect.ValueOf(Step{Months: 7}))
	case []Dimension:
		at.Set(reflect.ValueOf([]Dimension{By(Stage)}))
	case *Dimension:
		other := By(Stage)
		at.Set(reflect.ValueOf(&other))
	case *Filter:
		at.Set(reflect.ValueOf(&Filter{Says: "another", ID: func(uuid.UUID) int8 { return 1 }}))
	case []*Filter:
		at.Set(reflect.ValueOf([]*Filter{{Says: "another", ID: func(uuid.UUID) int8 { return 1 }}}))
	case func(int32) int8:
		at.Set(reflect.ValueOf(func(int32) int8 { return 1 }))
	case func(int64) int8:
		at.Set(reflect.ValueOf(func(int64) int8 { return 1 }))
	case func(uuid.UUID) int8:
		at.Set(reflect.ValueOf(func(uuid.UUID) int8 { return 1 }))
	default:
		switch at.Kind() {
		case reflect.Int, reflect.Int8, reflect.Int32:
			at.SetInt(at.Int() + 1)
		case reflect.Uint8, reflect.Uint16, reflect.Uint32:
			at.SetUint(at.Uint() + 1)
		case reflect.String:
			at.SetString(at.String() + "another")
		default:
			t.Fatalf("%s is of a type that the test does not know", name)
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
	if c.keep(keptAs{}, &tally{counts: make([]uint32, 100_000)}); c.find(keptAs{}) != tooMuch {
		t.Error("more is kept than there is room for")
	}
}
