package prove

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/internal/naive"
)

// proof compares one company, as it stands, with what the API answers.
type proof struct {
	*rapid.T
	h     *house
	c     *naive.Company
	size  int
	admin int
	tally *tally

	known map[question]bool     // what the model has answered
	asked map[decision]struct{} // what has been compared
}

type question struct {
	user   int
	record *naive.Record
	manage bool
}

// decision is one viewer, one record, one surface.
type decision struct {
	user    int
	record  string
	surface string
}

// viewer is a user for whom the answers are compared.
type viewer struct {
	*proof
	user int
}

// tally counts the decisions compared.
type tally struct {
	surfaces  map[string]int
	shown     int // those where the model shows the record
	total     int
	companies int
	failed    bool // from then on every attempt counts, to find the least
}

func (t *tally) String() string {
	var b strings.Builder
	names := make([]string, 0, len(t.surfaces))
	for name := range t.surfaces {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%9d %s\n", t.surfaces[name], name)
	}
	disagreements := 0
	if t.failed {
		disagreements = 1 // the proof ends with the first
	}
	fmt.Fprintf(&b, "%9d decisions compared, %d disagreements, in %d companies as they were and as they became, %d %% of them to show or allow",
		t.total, disagreements, t.companies, 100*t.shown/max(t.total, 1))
	return b.String()
}

// Fatalf ends the proof of a company that disagrees.
func (p *proof) Fatalf(format string, values ...any) {
	p.Helper()
	p.tally.failed = true
	p.T.Fatalf(format, values...)
}

// Fatal ends the proof of a company that cannot be carried out.
func (p *proof) Fatal(err error) { p.Fatalf("%v", err) }

// begin takes up a company as it stands now.
func (p *proof) begin() {
	p.known, p.asked = map[question]bool{}, map[decision]struct{}{}
}

func (v viewer) may(permission string) bool { return v.c.May(v.user, permission) }

func (v viewer) sees(r *naive.Record) bool { return v.decided(r, false) }

func (v viewer) manages(r *naive.Record) bool { return v.decided(r, true) }

func (v viewer) decided(r *naive.Record, manage bool) bool {
	q := question{v.user, r, manage}
	answer, ok := v.known[q]
	if !ok {
		answer = v.c.Sees(v.user, r, manage)
		v.known[q] = answer
	}
	return answer
}

// decide compares one decision, and counts it unless it has been compared before.
func (v viewer) decide(surface string, record fmt.Stringer, want, got bool) {
	if want != got {
		v.wrong(surface, record, want, got)
	}
	v.count(surface, record, want)
}

func (v viewer) count(surface string, record fmt.Stringer, shown bool) {
	d := decision{v.user, record.String(), surface}
	if _, again := v.asked[d]; again {
		return
	}
	v.asked[d] = struct{}{}
	v.tally.surfaces[surface]++
	v.tally.total++
	if shown {
		v.tally.shown++
	}
}

// same compares what the API says of a record with what the model says.
func (v viewer) same(surface string, record fmt.Stringer, want, got any) {
	if fmt.Sprint(want) != fmt.Sprint(got) {
		v.wrong(surface, record, want, got)
	}
	v.count(surface, record, want != nil)
}

func (v viewer) wrong(surface string, record fmt.Stringer, want, got any) {
	v.Fatalf("%s: for user %d and %s the model says %v, the API %v\n%s", surface, v.user, v.name(record), want, got, describe(v.c))
}

func (v viewer) name(record fmt.Stringer) string {
	for _, r := range v.c.Records {
		if r.ID().String() == record.String() {
			return fmt.Sprintf("%s %d", r.Kind, r.Number)
		}
	}
	return record.String()
}

// compare compares a list that was answered, without repetitions, with the records that the model chooses.
func (v viewer) compare(surface string, records []*naive.Record, got []string, chosen func(*naive.Record) bool) {
	extra := map[string]int{}
	for _, id := range got {
		extra[id]++
	}
	for _, r := range records {
		id := r.ID().String()
		v.decide(surface, r.ID(), chosen(r), extra[id] == 1)
		delete(extra, id)
	}
	for id := range extra {
		v.Fatalf("%s: user %d is answered %s, which is not to be there\n%s", surface, v.user, id, describe(v.c))
	}
}

// number compares a count or a sum, which is one decision over all records at once.
func (v viewer) number(surface string, of string, want int, got any) {
	if number, ok := got.(float64); !ok || int(number) != want {
		v.wrong(surface, text(of), want, got)
	}
	v.count(surface, text(of), want > 0)
}

type text string

func (t text) String() string { return string(t) }

// all lists the records of a kind.
func (p *proof) all(kind string) []*naive.Record {
	var found []*naive.Record
	for _, r := range p.c.Records {
		if r.Kind == kind {
			found = append(found, r)
		}
	}
	return found
}

func (p *proof) every() []string { return append(slices.Clone(naive.Kinds), "RELATIONSHIP") }

// ask asks as the viewer; anything but an answer fails the test.
func (v viewer) ask(query string, variables map[string]any) map[string]any {
	a := v.try(query, variables)
	if len(a.Errors) > 0 || a.Data == nil {
		v.Fatalf("user %d asked %s with %v and was answered %d %s\n%s", v.user, query, variables, a.Status, a.body, describe(v.c))
	}
	return a.Data
}

func (v viewer) try(query string, variables map[string]any) *answer {
	a, err := v.h.ask(v.user, query, variables)
	if err != nil {
		v.Fatal(err)
	}
	return a
}

// draw draws one of so many.
func (p *proof) draw(label string, n int) int { return rapid.IntRange(0, n-1).Draw(p.T, label) }

// some draws one of the records.
func (p *proof) some(label string, records []*naive.Record) *naive.Record {
	return records[p.draw(label, len(records))]
}

// among draws some of the ids of the records.
func (p *proof) among(label string, records []*naive.Record) []uuid.UUID {
	ids := []uuid.UUID{}
	chosen := rapid.SliceOfN(rapid.Bool(), len(records), len(records)).Draw(p.T, label)
	for i, r := range records {
		if chosen[i] {
			ids = append(ids, r.ID())
		}
	}
	return ids
}

func permissions() []string {
	var all []string
	for _, p := range access.Permissions() {
		all = append(all, string(p))
	}
	return all
}

// TestTheAPIAnswersAsTheNaiveModel draws companies, asks everything as every user, lets things change, and asks again.
func TestTheAPIAnswersAsTheNaiveModel(t *testing.T) {
	h := newHouse(t)
	counted := &tally{surfaces: map[string]int{}}
	target := naive.Decisions(20_000)
	defer func() { t.Logf("the API and the naive model\n%s, %d requests", counted, h.requests) }()
	replay(t, func() {
		rapid.Check(t, func(rt *rapid.T) { prove(rt, h, counted) })
	})
	rapid.Check(t, func(rt *rapid.T) {
		if counted.total < target || counted.failed {
			prove(rt, h, counted)
		}
	})
	if counted.total < target {
		t.Errorf("%d decisions are fewer than %d", counted.total, target)
	}
	answered, declined := h.columns.Answered()
	t.Logf("columns answered %d reports and left %d to SQL", answered, declined)
	if answered < declined || answered == 0 {
		t.Error("too few reports were answered from columns")
	}
}

func prove(rt *rapid.T, h *house, counted *tally) {
	size := rapid.SampledFrom([]int{2, 4, 8, 12}).Draw(rt, "size")
	p := &proof{T: rt, h: h, size: size, c: naive.DrawOf(rt, began, "2026-03-02", size), tally: counted}
	p.admin = p.c.AddAdministrator(permissions()...)
	if err := h.fill(rt.Context(), p.c); err != nil {
		rt.Fatal(err)
	}
	changes := rapid.IntRange(0, 20).Draw(rt, "changes")
	if changes == 0 || rapid.Bool().Draw(rt, "look first") {
		p.everything()
	}
	for range changes {
		p.change()
		p.glance()
	}
	if changes > 0 {
		p.everything()
	}
}

// glance compares what every user's lists have become.
func (p *proof) glance() {
	p.begin()
	for user, u := range p.c.Users {
		if u.Active {
			viewer{p, user}.lists()
		}
	}
}

// everything compares what every user is answered everywhere.
func (p *proof) everything() {
	p.begin()
	p.tally.companies++
	for user := range p.c.Users {
		v := viewer{p, user}
		if !p.c.Users[user].Active {
			v.shutOut()
			continue
		}
		for _, surface := range surfaces {
			surface(v)
		}
	}
}

// surfaces are the places where a record may be shown.
var surfaces = []func(viewer){
	viewer.lists, viewer.oneByOne, viewer.nested, viewer.filters, viewer.sorted, viewer.searches, viewer.reports, viewer.networks, viewer.paths,
	viewer.timelines, viewer.histories, viewer.downloads, viewer.deleted, viewer.writes, viewer.creates,
}

// shutOut compares what a user is answered who has left: nothing.
func (v viewer) shutOut() {
	a := v.try("{ customers { totalCount } }", nil)
	if a.Status != http.StatusUnauthorized || a.Data != nil {
		v.wrong("answer to who has left", userID(v.user), "UNAUTHENTICATED", string(a.body))
	}
	v.count("answer to who has left", userID(v.user), false)
}
