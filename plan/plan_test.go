package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/models"
)

// The small schema that these tests plan for: a house with rooms, and what can be found by its id.
const small = `
directive @locked on FIELD_DEFINITION
interface Node { id: ID! }
type Query { house: House home: House! customer(id: ID!): Customer things: [Node] closed: House @locked }
type House { name: String! label: String rooms: [Room!] attic: Room! things: [Node]! sold: Boolean! }
type Room implements Node { id: ID! number: Int! house: House door: Room! }
type Garden implements Node { id: ID! flowers: [String!]! }
type Customer implements Node { id: ID! name: String! late: House early: House }
`

type house struct {
	name   string
	rooms  []*room
	attic  *room
	things []any
}

type room struct {
	number int
	door   *room
}

type garden struct{ flowers []string }

// world is what the resolvers of a test give.
type world struct {
	mu    sync.Mutex
	house *house
	fails string // the field that fails, or panics
	with  any
	found *models.Customer
	told  []string
	waits bool // what is read early waits for the end of its context
}

func (w *world) may(name string) error {
	if w.fails != name {
		return nil
	}
	if err, is := w.with.(error); is {
		return err
	}
	panic(w.with)
}

func (w *world) schema() *Schema {
	one := func(name string, give func(of any, into *Rows)) func(context.Context, any, map[string]any, *Rows) error {
		return func(_ context.Context, of any, _ map[string]any, into *Rows) error {
			if err := w.may(name); err != nil {
				return err
			}
			give(of, into)
			return nil
		}
	}
	theHouse := func(_ any, into *Rows) { One(into, w.house) }
	id := Field{Name: "id", Leaf: func(b []byte, _ any) []byte { return ID(b, uuid.Nil) }}
	return New(
		&Type{Name: "Query", Satisfies: []string{"Query"}, Fields: []Field{
			{Name: "house", Of: "House", Read: one("house", theHouse)},
			{Name: "home", Of: "House", NonNull: true, Read: one("home", theHouse)},
			{Name: "things", Of: "Node", List: true, Read: one("things", func(_ any, into *Rows) { Several(into, w.house.things) })},
			{Name: "closed", Of: "House", Read: one("closed", theHouse), Guard: func(context.Context, graphql.Resolver) (any, error) { return nil, errors.New("locked") }},
			{Name: "customer", Of: "Customer", Bare: func(id uuid.UUID) any { c := &models.Customer{}; c.ID = id; return c },
				Args: func(context.Context, map[string]any) (map[string]any, error) {
					return map[string]any{"id": uuid.Nil}, w.may("id")
				},
				Read: one("customer", func(_ any, into *Rows) { One(into, w.found) })},
		}},
		&Type{Name: "House", Go: reflect.TypeFor[*house](), Satisfies: []string{"House"}, Fields: []Field{
			{Name: "name", Leaf: func(b []byte, of any) []byte { return String(b, of.(*house).name) }},
			{Name: "label", Read: func(_ context.Context, of any, _ map[string]any, into *Rows) error {
				into.Text = Maybe(into.Text, (*string)(nil), String)
				return w.may("label")
			}},
			{Name: "sold", Leaf: func(b []byte, _ any) []byte { _ = w.may("sold"); return Bool(b, true) }},
			{Name: "rooms", Of: "Room", List: true, Filled: true, Now: true, Read: one("rooms", func(of any, into *Rows) { Many(into, of.(*house).rooms) })},
			{Name: "attic", Of: "Room", NonNull: true, Now: true, Read: one("attic", func(of any, into *Rows) { One(into, of.(*house).attic) })},
			{Name: "things", Of: "Node", List: true, NonNull: true, Now: true, Read: one("things", func(of any, into *Rows) { Several(into, of.(*house).things) })},
		}},
		&Type{Name: "Room", Go: reflect.TypeFor[*room](), Satisfies: []string{"Room", "Node"}, Fields: []Field{
			id, {Name: "number", Leaf: func(b []byte, of any) []byte { return Int(b, of.(*room).number) }},
			{Name: "house", Of: "House", Read: one("room's house", theHouse)},
			{Name: "door", Of: "Room", NonNull: true, Read: one("door", func(of any, into *Rows) { One(into, of.(*room).door) })},
		}},
		&Type{Name: "Garden", Go: reflect.TypeFor[*garden](), Satisfies: []string{"Garden", "Node"}, Fields: []Field{
			id, {Name: "flowers", Leaf: func(b []byte, of any) []byte { return All(b, of.(*garden).flowers, String) }},
		}},
		&Type{Name: "Customer", Go: reflect.TypeFor[*models.Customer](), Satisfies: []string{"Customer", "Node"}, Fields: []Field{
			id, {Name: "name", Leaf: func(b []byte, of any) []byte { return String(b, of.(*models.Customer).Name) }},
			{Name: "late", Of: "House", Read: one("late", func(of any, into *Rows) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.told = append(w.told, "late of "+of.(*models.Customer).Name)
				One(into, w.house)
			})},
			{Name: "early", Of: "House", Early: true, Read: func(ctx context.Context, of any, _ map[string]any, into *Rows) error {
				if w.waits {
					<-ctx.Done()
					return ctx.Err()
				}
				w.mu.Lock()
				defer w.mu.Unlock()
				w.told = append(w.told, "early of "+of.(*models.Customer).Name)
				One(into, w.house)
				return w.may("early")
			}},
		}},
	)
}

var schema = gqlparser.MustLoadSchema(&ast.Source{Input: small})

// asked compiles a query; the plan is nil when it is left to gqlgen.
func (w *world) asked(t *testing.T, query string, variables map[string]any) (*Plan, *graphql.OperationContext) {
	t.Helper()
	doc, err := gqlparser.LoadQuery(schema, query)
	if err != nil {
		t.Fatal(err)
	}
	op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: variables}
	return w.schema().Compile(op, func(object, field string) any {
		if field == "name" || field == "number" {
			return "noted"
		}
		return nil
	}), op
}

// answered carries out a query, and gives its data, or the cause why it was given up.
func (w *world) answered(t *testing.T, query string, variables map[string]any) (string, any) {
	t.Helper()
	p, op := w.asked(t, query, variables)
	if p == nil {
		return "", "no plan"
	}
	data, cause := p.Answer(t.Context(), access.Look(nil, access.Nobody(time.Now())), op, func(name string, _, _ any, above []any) {
		w.told = append(w.told, fmt.Sprintf("%s below %d", name, len(above)))
	})
	return string(data), cause
}

func rooms(n int) *world {
	h := &house{name: "Old", attic: &room{number: 99}}
	for i := range n {
		h.rooms = append(h.rooms, &room{number: i, door: h.attic})
	}
	h.attic.door = h.attic
	h.things = []any{h.attic, nil, &garden{[]string{"rose"}}, h.attic}
	return &world{house: h}
}

func TestWhatIsSelectedIsWritten(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"{ house { name label __typename rooms { number } } }":                                              `{"house":{"name":"Old","label":null,"__typename":"House","rooms":[{"number":0},{"number":1}]}}`,
		"{ a: house { n: name } b: house { name } }":                                                        `{"a":{"n":"Old"},"b":{"name":"Old"}}`,
		"{ house { ...F ... { sold } name } } fragment F on House { rooms { number } rooms { n: number } }": `{"house":{"rooms":[{"number":0,"n":0},{"number":1,"n":1}],"sold":true,"name":"Old"}}`,
		"{ things { __typename ... on Room { number door { number } } ... on Garden { flowers } } }":        `{"things":[{"__typename":"Room","number":99,"door":{"number":99}},null,{"__typename":"Garden","flowers":["rose"]},{"__typename":"Room","number":99,"door":{"number":99}}]}`,
		"{ house { rooms { house { rooms { door { number } } } } } }":                                       `{"house":{"rooms":[{"house":{"rooms":[{"door":{"number":99}},{"door":{"number":99}}]}},{"house":{"rooms":[{"door":{"number":99}},{"door":{"number":99}}]}}]}}`,
		"query($no: Boolean = false) { house { name @include(if: $no) sold @skip(if: $no) } }":              `{"house":{"sold":true}}`,
	} {
		if got, cause := rooms(2).answered(t, query, map[string]any{"no": false}); got != want {
			t.Errorf("%s\nanswered %s %v\nwant     %s", query, got, cause, want)
		}
	}
	none := &world{}
	if got, _ := none.answered(t, "{ house { name } }", nil); got != `{"house":null}` {
		t.Errorf("answered %s", got)
	}
	empty := &world{house: &house{}}
	if got, _ := empty.answered(t, "{ house { rooms { number } things { id } } }", nil); got != `{"house":{"rooms":null,"things":[]}}` {
		t.Errorf("answered %s", got)
	}
}

func TestWhatIsOutOfTheOrdinaryIsGivenUp(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, one := range map[string]struct {
		change func(*world)
		query  string
	}{
		"an error at the root":      {func(w *world) { w.fails, w.with = "house", broken }, "{ house { name } }"},
		"an error below":            {func(w *world) { w.fails, w.with = "room's house", broken }, "{ house { rooms { house { name } } } }"},
		"an error beside a value":   {func(w *world) { w.fails, w.with = "label", broken }, "{ house { label } }"},
		"a panic at the root":       {func(w *world) { w.fails, w.with = "house", "boo" }, "{ house { name } }"},
		"a panic in a task":         {func(w *world) { w.fails, w.with = "door", "boo" }, "{ house { rooms { door { number } } } }"},
		"a panic on looking":        {func(w *world) { w.fails, w.with = "rooms", "boo" }, "{ house { rooms { number } } }"},
		"a panic in writing":        {func(w *world) { w.fails, w.with = "sold", "boo" }, "{ house { sold } }"},
		"a wrong argument":          {func(w *world) { w.fails, w.with = "id", broken }, `{ customer(id: "1") { name } }`},
		"an early field's error":    {func(w *world) { w.fails, w.with, w.found = "early", broken, &models.Customer{} }, `{ customer(id: "1") { early { name } } }`},
		"a directive's refusal":     {func(*world) {}, "{ closed { name } }"},
		"null at the root":          {func(w *world) { w.house = nil }, "{ home { name } }"},
		"null below":                {func(w *world) { w.house.attic = nil }, "{ house { attic { number } } }"},
		"null in a list":            {func(w *world) { w.house.rooms[1] = nil }, "{ house { rooms { number } } }"},
		"an object of another type": {func(w *world) { w.house.things = []any{&house{}} }, "{ things { id } }"},
		"a pointer to nothing":      {func(w *world) { w.house.things = []any{(*room)(nil)} }, "{ things { id } }"},
	} {
		w := rooms(3)
		one.change(w)
		if got, cause := w.answered(t, one.query, nil); got != "" || cause == nil || cause == "no plan" {
			t.Errorf("%s: answered %q %v", name, got, cause)
		}
	}
}

func TestWhatGqlgenMustSeeHasNoPlan(t *testing.T) {
	t.Parallel()
	if p, _ := rooms(1).asked(t, "{ __schema { description } }", nil); p != nil {
		t.Error("introspection has a plan")
	}
	wide := "{ house { name " + strings.Repeat("... { sold } ", 10)
	for i := range most {
		wide += fmt.Sprintf(" a%d: name", i)
	}
	if p, _ := rooms(1).asked(t, wide+" } }", nil); p != nil {
		t.Error("what is too long has a plan")
	}
}

func TestARecordIsReadOnWhileItIsLookedFor(t *testing.T) {
	t.Parallel()
	w := rooms(1)
	w.found = &models.Customer{Name: "Ann"}
	got, _ := w.answered(t, `{ customer(id: "1") { early { sold } late { sold } id } }`, nil)
	if got != `{"customer":{"early":{"sold":true},"late":{"sold":true},"id":"00000000-0000-0000-0000-000000000000"}}` {
		t.Errorf("answered %s", got)
	}
	told := strings.Join(w.told, ", ")
	if !strings.Contains(told, "late of Ann") || !strings.Contains(told, "early of") || strings.Contains(told, "early of Ann") {
		t.Errorf("read %s", told)
	}
	hidden := rooms(1)
	got, _ = hidden.answered(t, `{ customer(id: "1") { name early { name } late { name } } }`, nil)
	if got != `{"customer":null}` || strings.Contains(strings.Join(hidden.told, ""), "below") || strings.Contains(strings.Join(hidden.told, ""), "late") {
		t.Errorf("answered %s after %v", got, hidden.told)
	}
}

// TestWhatWasBegunOfNoRecordIsDropped has a field that was begun early wait: it ends with the search for its record, and its
// error is nobody's.
func TestWhatWasBegunOfNoRecordIsDropped(t *testing.T) {
	t.Parallel()
	w := rooms(1)
	w.waits = true
	if got, cause := w.answered(t, `{ customer(id: "1") { early { name } } }`, nil); got != `{"customer":null}` || cause != nil {
		t.Errorf("answered %s %v", got, cause)
	}
}

// TestAPlanEndsWithItsContext ends the context while a field is read.
func TestAPlanEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := rooms(1)
	w.found, w.waits = &models.Customer{}, true
	p, op := w.asked(t, `{ customer(id: "1") { early { name } } }`, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if data, cause := p.Answer(ctx, access.Look(nil, access.Nobody(time.Now())), op, nil); data != nil || !errors.Is(cause.(error), context.DeadlineExceeded) {
		t.Errorf("answered %s %v", data, cause)
	}
}

func TestEachMarkedFieldIsNotedWhereItStands(t *testing.T) {
	t.Parallel()
	w := rooms(2)
	if _, cause := w.answered(t, "{ house { name a: name rooms { number door { number } } } }", nil); cause != nil {
		t.Fatal(cause)
	}
	want := "House.name below 1, House.name below 1, Room.number below 2, Room.number below 3, Room.number below 2, Room.number below 3"
	if got := strings.Join(w.told, ", "); got != want {
		t.Errorf("noted %s", got)
	}
}

func TestSwitchesAreTheVariablesThatTurnPartsOnAndOff(t *testing.T) {
	t.Parallel()
	doc, err := gqlparser.LoadQuery(schema, "query($a: Boolean!, $b: Boolean!, $c: ID!) { house @skip(if: $b) { ...F ... @include(if: $a) { sold } x: name @skip(if: true) } customer(id: $c) { name } } fragment F on House { name @include(if: $b) }")
	if err != nil {
		t.Fatal(err)
	}
	if got := Switches(doc); !reflect.DeepEqual(got, []string{"a", "b"}) {
		t.Errorf("switches %v", got)
	}
}

// TestValuesAreWrittenAsGqlgenAndJSONWriteThem writes values of each kind as gqlgen does, and what it writes as the server then
// did, and holds it against what stands here.
func TestValuesAreWrittenAsGqlgenAndJSONWriteThem(t *testing.T) {
	t.Parallel()
	check := func(got []byte, value graphql.Marshaler) {
		t.Helper()
		var text strings.Builder
		value.MarshalGQL(&text)
		want, err := json.Marshal(json.RawMessage(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("written %s, by gqlgen %s", got, want)
		}
	}
	letters := []rune("ab<>&\"\\\u0000\u0001\u001f\t\r\n\b\f\u007f 关系é\u2027\u2028\u2029\u202a😀\u2000/'")
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text := make([]rune, r.IntN(8))
		for i := range text {
			text[i] = letters[r.IntN(len(letters))]
		}
		check(String(nil, string(text)), graphql.MarshalString(string(text)))
		id := uuid.New()
		check(ID(nil, id), models.MarshalID(id))
		n := r.Int() - r.Int()
		check(Int(nil, n), models.MarshalInt(n))
		check(Int64(nil, int64(n)), graphql.MarshalInt64(int64(n)))
		f := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			f = float64(r.IntN(1_000_000_000)) / 1000
		}
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			check(Float(nil, f), graphql.MarshalFloat(f))
		}
		at := time.Unix(r.Int64N(4e9), r.Int64N(1e9)).In(time.FixedZone("", r.IntN(80_000)-40_000))
		if r.IntN(2) == 0 {
			at = at.Truncate(time.Second)
		}
		check(DateTime(nil, at), models.MarshalDateTime(at))
		check(Date(nil, models.DateOf(at)), models.DateOf(at))
		d := decimal.New(r.Int64()-r.Int64(), int32(r.IntN(12)-9))
		check(Decimal(nil, d), models.MarshalDecimal(d))
	}
	check(Marshaled(graphql.MarshalString)(nil, "<\u2028>"), graphql.MarshalString("<\u2028>"))
	check(Bool(nil, true), graphql.MarshalBoolean(true))
}
