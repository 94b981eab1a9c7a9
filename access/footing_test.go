package access

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// TestWhatIsKeptIsWhatWouldBeRendered renders statements for random viewers at random instants, some of them before and after a
// grant begins or ends: with what is kept from the others, and with nothing kept.
func TestWhatIsKeptIsWhatWouldBeRendered(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	texts := map[string]bool{}
	for n := range 40 {
		v := randomViewer(r, begin)
		for range 40 {
			at := begin.Add(time.Duration(r.IntN(100)) * time.Hour)
			fresh := *v
			fresh.known = &footings{byLive: map[string]*footing{}}
			kind, other := Kinds[r.IntN(len(Kinds))], Kinds[r.IntN(len(Kinds))]
			write := r.IntN(2) == 0
			render := func(v *Viewer) (string, []any) {
				q := v.Query()
				q.Bind("first")
				text := "select " + q.Shown(kind, "r") + " from " + q.Visible(kind, "r") + " join " + q.Visible(other, "o") + " on true"
				if write {
					text += " where exists (select from " + q.Manageable(kind, "m") + ") and x = " + q.Bind("second")
				}
				text += " union " + q.Deleted(Customer, "r")
				text = q.Text(text)
				return text, q.Args()
			}
			text, args := render(v.At(at))
			want, wanted := render(fresh.At(at))
			if text != want || !reflect.DeepEqual(args, wanted) {
				t.Fatalf("viewer %d, %s and %s: kept gives\n%s\n%v\nfresh\n%s\n%v", n, kind.Name, other.Name, text, args, want, wanted)
			}
			texts[want] = true
		}
		if len(v.known.byLive) > mostFootings {
			t.Errorf("%d footings are kept of one viewer", len(v.known.byLive))
		}
	}
	if len(texts) < 500 {
		t.Errorf("only %d different texts were compared", len(texts))
	}
}

func randomViewer(r *rand.Rand, begin time.Time) *Viewer {
	v := Nobody(begin)
	v.UserID = models.NewID(models.UserCode)
	v.subjects, v.reach, v.pools = []uuid.UUID{v.UserID}, []uuid.UUID{v.UserID}, []uuid.UUID{uuid.New()}
	v.permissions, v.rights = map[Permission]bool{}, map[Rule]map[Relation]Right{}
	for _, p := range Permissions() {
		v.permissions[p] = r.IntN(5) > 0
	}
	for _, rule := range Rules {
		v.rights[rule] = map[Relation]Right{}
		for _, relation := range Relations {
			v.rights[rule][relation] = []Right{Full, Masked, Rights["NONE"]}[r.IntN(3)]
		}
	}
	instant := func() *time.Time {
		if r.IntN(2) == 0 {
			return nil
		}
		at := begin.Add(time.Duration(r.IntN(100)) * time.Hour)
		return &at
	}
	for range r.IntN(4) {
		g := granted{Grant: models.Grant{Effect: []string{models.Allow, models.Deny}[r.IntN(2)], Level: []string{models.Observe, models.Manage}[r.IntN(2)]}}
		g.Everyone, g.ValidFrom, g.ValidUntil = r.IntN(3) == 0, instant(), instant()
		if r.IntN(2) == 0 {
			g.Kinds = []string{Kinds[r.IntN(len(Kinds))].Name, "CUSTOMER"}
		}
		for range r.IntN(60) {
			g.Reached = append(g.Reached, models.NewID(models.UserCode))
		}
		v.given = append(v.given, g)
	}
	return v.At(begin)
}

// TestNothingKeptBindsAValue renders every source with a query that takes no value.
func TestNothingKeptBindsAValue(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		v := randomViewer(r, time.Now())
		for _, kind := range Kinds {
			for _, level := range []string{models.Observe, models.Manage} {
				if text := v.sourceOf(kind, "r", level, false); text != v.sourceOf(kind, "r", level, false) || text == "" {
					t.Error(fmt.Sprint(kind.Name, " ", level))
				}
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a value is bound in what is kept")
		}
	}()
	(&Query{viewer: Nobody(time.Now()), unbound: true}).Bind(1)
}

// TestAGrantThatBeginsOrEndsMovesItsViewer expects random viewers at one instant and finds them at another: right where the same
// grants are live on the same day.
func TestAGrantThatBeginsOrEndsMovesItsViewer(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	begin := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	moved := 0
	for range 300 {
		v := randomViewer(r, begin)
		then, now := begin.Add(time.Duration(r.IntN(14))*time.Hour), begin.Add(time.Duration(r.IntN(14))*time.Hour)
		want := true
		for i := range v.given {
			want = want && v.given[i].live(then) == v.given[i].live(now)
		}
		if got := v.Expected(then).Settle(now); got != want {
			t.Errorf("from %s to %s it is right %t", then, now, got)
		}
		if !want {
			moved++
		}
	}
	if moved < 20 {
		t.Errorf("only %d moved", moved)
	}
}

// TestWholeTextsAreKept renders whole statements by their keys, with other values each time, and compares them with what a viewer
// of whom nothing is kept is rendered. What binds other values than it says is rendered anew each time.
func TestWholeTextsAreKept(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	begin := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	rendered, asked := 0, 0
	for range 30 {
		v := randomViewer(r, begin)
		for range 60 {
			at := begin.Add(time.Duration(r.IntN(100)) * time.Hour)
			fresh := *v
			fresh.known = &footings{byLive: map[string]*footing{}}
			viewers := []*Viewer{v.At(at), fresh.At(at)}
			if r.IntN(2) == 0 {
				viewers = []*Viewer{v.Expected(at), fresh.Expected(at)}
			}
			kind, values := Kinds[r.IntN(4)], []any{[]int{r.IntN(1000)}, r.IntN(1000)}
			var texts [2]string
			var args [2][]any
			for i, v := range viewers {
				q := v.Query()
				var err error
				if texts[i], err = q.Kept(kind.Name, values, func() (string, error) {
					rendered++
					text := q.Bind(values[0]) + " @now " + q.Visible(kind, "r") + q.Visible(Customer, "c")
					return text + " @me @> " + q.Bind(values[1]), nil
				}); err != nil {
					t.Fatal(err)
				}
				args[i] = q.Args()
				asked++
			}
			if texts[0] != texts[1] || !reflect.DeepEqual(args[0], args[1]) {
				t.Fatalf("kept\n%s\n%v\nfresh\n%s\n%v", texts[0], args[0], texts[1], args[1])
			}
		}
	}
	if rendered == asked || rendered < asked/2 {
		t.Errorf("%d texts of %d are rendered", rendered, asked)
	}
	v := randomViewer(r, begin)
	for _, bound := range [][]any{{1}, {2, 1}, {1, 2, 3}, {}} {
		for range 2 {
			q := v.Query()
			text, err := q.Kept("two", []any{1, 2}, func() (string, error) {
				text := "select"
				for _, value := range bound {
					text += " " + q.Bind(value)
				}
				return text, nil
			})
			if err != nil || strings.Count(text, "$") != len(bound) || len(v.footing.texts) != 0 {
				t.Errorf("%v is rendered as %s, and %d are kept", bound, text, len(v.footing.texts))
			}
		}
	}
}
