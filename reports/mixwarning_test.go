package reports_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/reports"
)

// decided adds sales that were decided, so many of them won: of a region's customer, closed by an owner against a competitor.
func (w *world) decided(customer *models.Customer, owner, competitor uuid.UUID, won, all int) {
	at := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	sales, encounters := []*models.Opportunity{}, []*models.Encounter{}
	for i := range all {
		o := &models.Opportunity{Title: "商机", PipelineID: w.pipeline.ID, StageID: w.stages[0].ID, Status: models.Won, CustomerID: &customer.ID, ClosedAt: &at, ClosingOwnerID: &owner}
		o.ID, o.OwnerID = models.NewID(models.OpportunityCode), &w.users[0].ID
		o.Version, o.CreatedAt, o.UpdatedAt = 1, w.now, w.now
		if i >= won {
			o.Status, o.WonByID = models.Lost, &competitor
		}
		sales = append(sales, o)
		encounters = append(encounters, &models.Encounter{Part: models.Part{ID: models.NewID(models.EncounterCode)}, OpportunityID: o.ID, CompetitorID: competitor, IsMain: true, CreatedAt: w.now})
	}
	w.insertAll(&sales, &encounters)
}

func (w *world) insertAll(lists ...any) {
	for _, list := range lists {
		if _, err := w.db.NewInsert().Model(list).Exec(context.Background()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// Two treatments of kidney stones as two salespeople, and as two competitors: small stones are one region and large ones
// another. Each is warned of with the rates overall, those at the same mix and those of the regions.
func TestReportsWarnThatARankingTurnsRoundWithinRegions(t *testing.T) {
	w := newWorld(t)
	small, large := w.customer(w.users[0].ID, &w.regions[0].ID), w.customer(w.users[0].ID, &w.regions[1].ID)
	a, b := w.users[0].ID, w.users[1].ID
	acme, bolt := w.competitors[0].ID, w.competitors[1].ID
	w.decided(small, a, acme, 81, 87)
	w.decided(large, a, acme, 192, 263)
	w.decided(small, b, bolt, 234, 270)
	w.decided(large, b, bolt, 55, 80)
	w.decided(large, w.users[2].ID, w.competitors[2].ID, 1, 3) // too few to be compared
	snap := w.look(w.viewer(w.users[0].ID, true))
	r, err := opportunities(t.Context(), snap, ask("CLOSING_OWNER"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.MixWarnings(t.Context(), pointer("REGION"), 10)
	if err != nil {
		t.Fatal(err)
	}
	w.checkKidneys(found, "CLOSING_OWNER", b, a, "Li", "Chen")
	people := found[0].Strata[0]
	against, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 10})
	if err != nil {
		t.Fatal(err)
	}
	if found, err = against.MixWarnings(t.Context(), pointer("REGION"), 10); err != nil {
		t.Fatal(err)
	}
	w.checkKidneys(found, "COMPETITOR", bolt, acme, "Bolt", "Acme")
	if snap.Statements() != 5 {
		t.Errorf("%d statements, not one for each list of warnings", snap.Statements())
	}
	for _, stratum := range append([]*reports.MixStratum{people}, found[0].Strata...) {
		for _, side := range []struct {
			open func(context.Context, *int, *string) (*reports.RecordPage, error)
			of   *reports.Rate
		}{{stratum.HigherPage, stratum.Higher}, {stratum.LowerPage, stratum.Lower}} {
			page, err := side.open(t.Context(), pointer(100), nil)
			if err != nil || page.Total.Number != side.of.Sample || len(page.IDs) != min(100, side.of.Sample) {
				t.Errorf("a rate of %d cases opens to %d records, %v", side.of.Sample, page.Total.Number, err)
			}
		}
	}
	if snap.Statements() != 7 {
		t.Errorf("%d statements, not one for the records behind each list of warnings", snap.Statements())
	}
}

func (w *world) checkKidneys(found []*reports.MixWarning, by string, higher, lower uuid.UUID, names ...string) {
	w.t.Helper()
	if len(found) != 1 {
		w.t.Fatalf("%d warnings, want 1", len(found))
	}
	m := found[0]
	if *m.Higher.Key.ID != higher.String() || *m.Lower.Key.ID != lower.String() || m.Higher.Key.Dimension != by || !m.Everywhere || m.StrataShared != 2 {
		w.t.Errorf("%s over %s by %s in %d strata, everywhere %t", m.Higher.Key.Label, m.Lower.Key.Label, m.Higher.Key.Dimension, m.StrataShared, m.Everywhere)
	}
	if want := names[0] + " has a higher rate than " + names[1] + " overall, and a lower one in each of the 2 groups by Region with enough cases of both."; m.Sentence != want {
		w.t.Errorf("%q, want %q", m.Sentence, want)
	}
	if *m.Higher.Overall.Value != 289./350 || *m.Lower.Overall.Value != 273./350 || m.Lower.Overall.Sample != 350 || *m.Lower.Overall.Low >= 273./350 {
		w.t.Errorf("overall %v and %v", *m.Higher.Overall.Value, *m.Lower.Overall.Value)
	}
	if math.Abs(m.Higher.Standardised-0.778875) > 1e-6 || math.Abs(m.Lower.Standardised-0.832546) > 1e-6 || m.Higher.Share != 1 || m.Lower.Share != 1 {
		w.t.Errorf("at the same mix %+v and %+v", m.Higher, m.Lower)
	}
	first := m.Strata[0]
	if *first.Key.ID != w.regions[0].ID.String() || first.Weight != 357./700 || *first.Higher.Value != 234./270 || *first.Lower.Value != 81./87 {
		w.t.Errorf("the heaviest stratum: %+v", first)
	}
}

// score is a number of cases and hits.
type score struct{ hits, cases int }

// naive finds by plain folding which groups turn round within a dimension, and their rates at the same mix.
func (w *world) naive(e eyes, by, within string) map[[2]string][2]float64 {
	overall, strata := map[string]score{}, map[string]map[string]score{}
	for _, s := range w.seen(e) {
		group, stratum := w.grouped(e, by, s, zone(companyZone)), w.grouped(e, within, s, zone(companyZone))
		if group == "" || s.Status != models.Won && s.Status != models.Lost {
			continue
		}
		for _, in := range []map[string]score{overall, stratumOf(strata, stratum)} {
			n := in[group]
			n.cases++
			if s.Status == models.Won {
				n.hits++
			}
			in[group] = n
		}
	}
	delete(strata, "")
	rate := func(s score) float64 { return float64(s.hits) / float64(s.cases) }
	found := map[[2]string][2]float64{}
	for a, x := range overall {
		for b, y := range overall {
			var sums [2]float64
			weights, shared := 0.0, 0
			for _, in := range strata {
				if in[a].cases >= 5 && in[b].cases >= 5 {
					weight := float64(in[a].cases + in[b].cases)
					sums[0], sums[1] = sums[0]+weight*rate(in[a]), sums[1]+weight*rate(in[b])
					weights, shared = weights+weight, shared+1
				}
			}
			if shared > 1 && rate(x) > rate(y)+1e-12 && sums[1]/weights > sums[0]/weights+1e-9 {
				found[[2]string{a, b}] = [2]float64{sums[0] / weights, sums[1] / weights}
			}
		}
	}
	return found
}

func stratumOf(strata map[string]map[string]score, stratum string) map[string]score {
	if strata[stratum] == nil {
		strata[stratum] = map[string]score{}
	}
	return strata[stratum]
}

func TestMixWarningsAreThoseOfPlainFolding(t *testing.T) {
	w := newWorld(t)
	w.fill(400)
	seen := 0
	dimensions := []string{"OWNER", "CLOSING_OWNER", "REGION", "CUSTOMER", "STAGE", "MAIN_COMPETITOR", "OWNER_DEPARTMENT", "CLOSED_MONTH", "OPENED_MONTH"}
	for _, e := range []eyes{{w.users[1].ID, true, nil}, {w.users[0].ID, false, nil}} {
		snap := w.look(w.viewer(e.user, e.wide))
		for _, by := range dimensions {
			r, err := opportunities(t.Context(), snap, ask(by))
			if err != nil {
				t.Fatal(err)
			}
			for _, within := range dimensions {
				if within == by {
					continue
				}
				found, err := r.MixWarnings(t.Context(), &within, 100)
				if err != nil {
					t.Fatal(err)
				}
				seen += len(found)
				want := w.naive(e, by, within)
				if len(found) != len(want) {
					t.Errorf("%s within %s: %d warnings, want %d", by, within, len(found), len(want))
				}
				for _, m := range found {
					rates := want[[2]string{*m.Higher.Key.ID, *m.Lower.Key.ID}]
					if math.Abs(rates[0]-m.Higher.Standardised) > 1e-9 || math.Abs(rates[1]-m.Lower.Standardised) > 1e-9 {
						t.Errorf("%s within %s: %v and %v, want %v", by, within, m.Higher.Standardised, m.Lower.Standardised, rates)
					}
					w.opensToCases(e, by, within, m)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d warnings were seen", seen)
	}
}

// opensToCases checks the records behind the rates of both in each stratum.
func (w *world) opensToCases(e eyes, by, within string, m *reports.MixWarning) {
	w.t.Helper()
	for _, stratum := range m.Strata {
		for key, open := range map[string]func(context.Context, *int, *string) (*reports.RecordPage, error){*m.Higher.Key.ID: stratum.HigherPage, *m.Lower.Key.ID: stratum.LowerPage} {
			var cases []bout
			for _, s := range w.seen(e) {
				if (s.Status == models.Won || s.Status == models.Lost) && w.grouped(e, by, s, zone(companyZone)) == key && w.grouped(e, within, s, zone(companyZone)) == *stratum.Key.ID {
					cases = append(cases, bout{sale: s})
				}
			}
			w.opensTo(by+" within "+within, cases, func(first *int, after *string) (*reports.RecordPage, error) {
				return open(context.Background(), first, after)
			})
		}
	}
}

func TestWrongQuestionsForMixWarningsAreRefused(t *testing.T) {
	w := newWorld(t)
	snap := w.look(w.viewer(w.users[0].ID, true))
	for name, c := range map[string]struct {
		by     []string
		within string
		first  int
		code   fault.Code
		field  []string
	}{
		"by nothing":        {nil, "REGION", 10, fault.BadInput, []string{"by"}},
		"by two":            {[]string{"OWNER", "STAGE"}, "REGION", 10, fault.BadInput, []string{"by"}},
		"within itself":     {[]string{"OWNER"}, "OWNER", 10, fault.BadInput, []string{"within"}},
		"no such dimension": {[]string{"OWNER"}, "MOON", 10, fault.BadInput, []string{"within"}},
		"within amounts":    {[]string{"OWNER"}, "AMOUNT_BAND", 10, fault.FieldDenied, []string{"within"}},
		"none":              {[]string{"OWNER"}, "REGION", 0, fault.BadInput, []string{"first"}},
		"too many":          {[]string{"OWNER"}, "REGION", 101, fault.BadInput, []string{"first"}},
	} {
		r, err := opportunities(t.Context(), snap, ask(c.by...))
		if err != nil {
			t.Fatal(err)
		}
		before := snap.Statements()
		_, err = r.MixWarnings(t.Context(), &c.within, c.first)
		var f *fault.Fault
		if !errors.As(err, &f) || f.Code != c.code || !slices.Equal(f.Field, c.field) || f.Sentence.Zh == "" || snap.Statements() != before {
			t.Errorf("%s: %v, want %s at %v", name, err, c.code, c.field)
		}
	}
}

// TestMixWarningsAreLookedForWithinTheUsualDimensions asks within nothing and holds the answer against that of each dimension, for who
// reads amounts and who reads none.
func TestMixWarningsAreLookedForWithinTheUsualDimensions(t *testing.T) {
	w := newWorld(t)
	w.fill(400)
	seen := map[string]bool{}
	for viewer, v := range map[string]*access.Viewer{"reads amounts": w.viewer(w.users[0].ID, true, everyAmount...), "reads none": w.viewer(w.users[1].ID, true)} {
		snap := w.look(v)
		for _, by := range []string{"CLOSING_OWNER", "REGION", "MAIN_COMPETITOR"} {
			r, err := opportunities(t.Context(), snap, ask(by))
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]int{}
			for _, within := range reports.UsualMixes {
				if d, _ := reports.Opportunities.Dimension(within); within == by || v.Use(d.Rule) != nil {
					continue
				}
				list, err := r.MixWarnings(t.Context(), &within, 100)
				if err != nil {
					t.Fatal(err)
				}
				if len(list) > 0 {
					want[within], seen[viewer+" "+within] = len(list), true
				}
			}
			found, err := r.MixWarnings(t.Context(), nil, 100)
			got, plain := map[string]int{}, math.Inf(1)
			for _, m := range found {
				size := min(*m.Higher.Overall.Value-*m.Lower.Overall.Value, m.Lower.Standardised-m.Higher.Standardised)
				if size > plain+1e-9 {
					t.Errorf("%s: a plainer warning of %v comes after one of %v", by, size, plain)
				}
				plain = size
				got[m.Within]++
			}
			if err != nil || !maps.Equal(got, want) {
				t.Errorf("who %s, by %s: %v, %v; one by one %v", viewer, by, got, err, want)
			}
		}
		if _, noted := snap.Noted()[access.Reading{Field: "OpportunityDimension.AMOUNT_BAND"}]; noted != (viewer == "reads amounts") {
			t.Errorf("that who %s was compared by amounts is noted: %t", viewer, noted)
		}
	}
	if !seen["reads amounts AMOUNT_BAND"] || !seen["reads none REGION"] || seen["reads none AMOUNT_BAND"] {
		t.Errorf("warnings were seen for %v", seen)
	}
}
