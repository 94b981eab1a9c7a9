package reports_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/reports"
)

// truth is whether a condition holds of a part: yes, no, or unknown when nil.
type truth = *bool

// known compares a value, which is unknown when it is empty.
func known(value string, holds bool) truth {
	if value == "" {
		return nil
	}
	return &holds
}

// onOpportunity is a filter on the opportunity of a part, and what it comes to on the part as it is listed.
type onOpportunity struct {
	name  string
	where map[string]any
	of    func(item) truth
}

func (w *world) onOpportunities() []onOpportunity {
	region, owner, rival := w.regions[0].ID, w.users[0].ID, w.competitors[1].ID
	amount, due := decimal.New(100_000, 0), models.Date("2026-02-20")
	id := func(id uuid.UUID) map[string]any { return map[string]any{"id": &models.IDFilter{Eq: &id}} }
	equal := func(column, value string) func(item) truth {
		return func(i item) truth { return known(i.text(column), i.text(column) == value) }
	}
	return []onOpportunity{
		{"status", map[string]any{"status": &models.EnumFilter{Eq: pointer(models.Won)}}, equal("o_status", models.Won)},
		{"owner", map[string]any{"owner": id(owner)}, equal("o_owner_id", owner.String())},
		{"region", map[string]any{"customer": map[string]any{"region": id(region)}}, equal("c_region_id", region.String())},
		{"customer", map[string]any{"customer": map[string]any{"id": &models.IDFilter{IsNull: pointer(true)}}}, func(i item) truth { return pointer(!i.has("c_id")) }},
		{"competitor", map[string]any{"mainCompetitor": id(rival)}, equal("o_main_competitor_id", rival.String())},
		{"amount", map[string]any{"amount": &models.DecimalFilter{Gt: &amount}}, func(i item) truth {
			return known(i.text("o_amount"), i.has("o_amount") && i.number("o_amount").GreaterThan(amount))
		}},
		{"due", map[string]any{"expectedCloseOn": &models.DateFilter{Lt: &due}}, func(i item) truth {
			return known(i.text("o_expected_close_on"), i.text("o_expected_close_on") < string(due))
		}},
	}
}

// TestPartsAreFilteredByTheirOpportunities filters encounters and lines by what their opportunities are, by each condition, its contrary
// and one of two: the parts behind the total are those of the list of which it is true.
func TestPartsAreFilteredByTheirOpportunities(t *testing.T) {
	w := newWorld(t)
	w.fill(120)
	w.work()
	chosen := 0
	for _, v := range []*access.Viewer{w.viewer(w.users[1].ID, true, everyAmount...), w.viewer(w.users[0].ID, false, access.Own)} {
		snap := w.look(v)
		for _, d := range []*reports.Dataset{reports.Encounters, reports.OpportunityLines} {
			s := seen{w, map[*access.Kind][]item{}}
			for _, kind := range []*access.Kind{d.Kind, access.Opportunity, access.Customer} {
				s.kinds[kind] = w.listed(v, kind)
			}
			list := s.joined(s.joined(s.list(d.Kind), "opportunity_id", "o_", access.Opportunity), "o_customer_id", "c_", access.Customer)
			if d == reports.Encounters {
				list = slices.DeleteFunc(list, func(i item) bool { return i.text("o_status") == models.Cancelled })
			}
			all := w.onOpportunities()
			for n, one := range all {
				other := all[(n+1)%len(all)]
				for name, form := range map[string]struct {
					where map[string]any
					holds func(item) bool
				}{
					"is":     {one.where, func(i item) bool { return isTrue(one.of(i)) }},
					"is not": {map[string]any{"not": one.where}, func(i item) bool { return isFalse(one.of(i)) }},
					"or":     {map[string]any{"or": []map[string]any{one.where, other.where}}, func(i item) bool { return isTrue(one.of(i)) || isTrue(other.of(i)) }},
				} {
					var want []uuid.UUID
					for _, i := range list {
						if form.holds(i) {
							want = append(want, uuid.MustParse(i.text("id")))
						}
					}
					a := ask("STATUS")
					a.Where = map[string]any{"opportunity": form.where}
					chosen += w.chosenAre(d.Name+" whose "+one.name+" "+name, snap, d, a, want)
				}
			}
		}
	}
	if chosen < 500 {
		t.Errorf("%d parts prove nothing", chosen)
	}
}

func isTrue(holds truth) bool  { return holds != nil && *holds }
func isFalse(holds truth) bool { return holds != nil && !*holds }

// chosenAre asks a report, and compares the records behind its total.
func (w *world) chosenAre(name string, snap *access.Snapshot, d *reports.Dataset, a reports.Ask, want []uuid.UUID) int {
	w.t.Helper()
	r, err := reports.New().Run(context.Background(), snap, d, a)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	if got := models.SortIDs(w.behind(r)); !slices.Equal(got, models.SortIDs(want)) || r.Total.Records() != len(want) {
		w.t.Errorf("%s: %d are told, %d behind them, want %d", name, r.Total.Records(), len(got), len(want))
	}
	return len(want)
}

// filteredThen asks for the parts of an instant whose opportunities were so and so then, whatever they are today; which, chance decides.
func (w *world) filteredThen(name string, snap *access.Snapshot, d *reports.Dataset, at time.Time, parts map[uuid.UUID]*sale) {
	w.t.Helper()
	amount, stage := decimal.New(100_000, 0), w.stages[1].ID
	open := map[string]any{"status": &models.EnumFilter{Eq: pointer(models.Open)}}
	large := map[string]any{"amount": &models.DecimalFilter{Gt: &amount}}
	isLarge := func(s *sale) truth {
		if s.Amount == nil {
			return nil
		}
		return pointer(s.Amount.GreaterThan(amount))
	}
	cases := map[string]struct {
		where map[string]any
		holds func(*sale) bool
	}{
		"open":             {open, func(s *sale) bool { return s.Status == models.Open }},
		"not open":         {map[string]any{"not": open}, func(s *sale) bool { return s.Status != models.Open }},
		"large":            {large, func(s *sale) bool { return isTrue(isLarge(s)) }},
		"not large":        {map[string]any{"not": large}, func(s *sale) bool { return isFalse(isLarge(s)) }},
		"open or large":    {map[string]any{"or": []map[string]any{open, large}}, func(s *sale) bool { return s.Status == models.Open || isTrue(isLarge(s)) }},
		"in a stage":       {map[string]any{"stage": map[string]any{"id": &models.IDFilter{Eq: &stage}}}, func(s *sale) bool { return s.StageID == stage }},
		"without a day":    {map[string]any{"expectedCloseOn": &models.DateFilter{IsNull: pointer(true)}}, func(s *sale) bool { return s.ExpectedCloseOn == nil }},
		"neither of these": {map[string]any{"not": map[string]any{"or": []map[string]any{open, large}}}, func(s *sale) bool { return s.Status != models.Open && isFalse(isLarge(s)) }},
	}
	names := slices.Sorted(maps.Keys(cases))
	what, want := names[w.random.Intn(len(names))], []uuid.UUID(nil)
	for id, s := range parts {
		if cases[what].holds(s) {
			want = append(want, id)
		}
	}
	a := ask()
	a.AsOf, a.Clock, a.Where = &at, "", map[string]any{"and": []map[string]any{{"opportunity": cases[what].where}}}
	w.chosenAre(name+" at "+at.String()+" "+d.Name+" "+what, snap, d, a, want)
}

// TestPartsAreNotFilteredByWhatIsNotRead refuses by name, now and as of an instant, what tells of amounts to who reads none.
func TestPartsAreNotFilteredByWhatIsNotRead(t *testing.T) {
	w := newWorld(t)
	snap := w.look(w.viewer(w.users[0].ID, true))
	amount := decimal.New(1, 0)
	for _, d := range []*reports.Dataset{reports.Encounters, reports.OpportunityLines, reports.StageChanges} {
		for _, at := range []*time.Time{nil, pointer(w.now)} {
			for field, where := range map[string]map[string]any{
				"amount":      {"amount": &models.DecimalFilter{Gt: &amount}},
				"mainProduct": {"mainProduct": map[string]any{"name": &models.StringFilter{IsNull: pointer(true)}}},
			} {
				_, err := reports.New().Run(t.Context(), snap, d, reports.Ask{First: 1, AsOf: at, Where: map[string]any{"not": map[string]any{"opportunity": where}}})
				var f *fault.Fault
				if !errors.As(err, &f) || f.Code != fault.FieldDenied || strings.Join(f.Field, ".") != "where.not.opportunity."+field {
					t.Errorf("%s by %s: %v", d.Name, field, err)
				}
			}
		}
	}
	if snap.Statements() != 0 {
		t.Errorf("%d statements were run", snap.Statements())
	}
}
