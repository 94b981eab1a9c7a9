package reports_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

var cohortsPlainly = plainly{
	dataset: reports.StageCohorts,
	facts:   func(s seen) []item { return s.cohorts(nil) },
	keys: map[string]func(item) string{"ENTERED_STAGE": text("to_stage_id"), "AT_MONTH": monthOf("changed_at"), "OUTCOME": text("outcome"), "ENTERED_BY": text("changed_by"),
		"FROM_STAGE": text("from_stage_id")},
	counts: map[string]func(item) bool{"count": every, "advanced": has("advanced"), "won": is("outcome", models.Won), "lost": is("outcome", models.Lost),
		"cancelled": is("outcome", models.Cancelled), "open": is("outcome", models.Open), "waiting": is("waiting", "true")},
	differ: map[string]func(item) string{"opportunities": text("opportunity_id")},
	rates: map[string][2]func(item) bool{"advanceRate": {has("advanced"), every}, "winRate": {is("outcome", models.Won), every},
		"lossRate": {is("outcome", models.Lost), every}},
	numbers: map[string]func(item) *decimal.Decimal{"advance": daysBetween("changed_at", "advanced"),
		"win":  func(i item) *decimal.Decimal { return only2(daysBetween("changed_at", "ended"), i, models.Won) },
		"loss": func(i item) *decimal.Decimal { return only2(daysBetween("changed_at", "ended"), i, models.Lost) }},
	put: map[string]string{"medianDaysToAdvance": "median advance", "medianDaysToWin": "median win", "medianDaysToLoss": "median loss"},
}

func only2(number func(item) *decimal.Decimal, i item, outcome string) *decimal.Decimal {
	if i.text("outcome") != outcome {
		return nil
	}
	return number(i)
}

// cohorts goes through each opportunity's changes in their order, and notes what came of its first entries of stages.
func (s seen) cohorts(within *int) (facts []item) {
	ways := map[string][]item{}
	for _, h := range s.list(access.StageChange) {
		ways[h.text("opportunity_id")] = append(ways[h.text("opportunity_id")], h)
	}
	for _, way := range ways {
		slices.SortFunc(way, func(a, b item) int {
			return cmp.Or(a.time("changed_at").Compare(*b.time("changed_at")), cmp.Compare(a.text("id"), b.text("id")))
		})
		entered := map[string]bool{}
		for i, h := range way {
			stage := h.text("to_stage_id")
			if h.text("to_status") != models.Open || entered[stage] {
				continue
			}
			entered[stage] = true
			facts = append(facts, s.came(h, way[i+1:], within))
		}
	}
	return facts
}

// came notes what came of an entry.
func (s seen) came(h item, later []item, within *int) item {
	f := item{"outcome": models.Open}
	for name, value := range h {
		f[name] = value
	}
	at := dayOf(h.time("changed_at"))
	first := func(name string, when *time.Time) {
		if f[name] == nil {
			f[name] = when.Format(time.RFC3339Nano)
		}
	}
	for _, x := range later {
		when := x.time("changed_at")
		if within != nil && dayOf(when).Sub(*at).IntPart() > int64(*within) {
			break
		}
		f["outcome"], f["ended"] = x.text("to_status"), when.Format(time.RFC3339Nano)
		from, to := s.of(access.Stage, h.text("to_stage_id")), s.of(access.Stage, x.text("to_stage_id"))
		further := x.text("to_status") == models.Won
		if to.number("position").GreaterThan(*from.number("position")) {
			further = true
		}
		if further {
			first("advanced", when)
		}
		for _, l := range s.list(access.Stage) {
			beyond := l.number("position").GreaterThan(*from.number("position"))
			if beyond && (x.text("to_status") == models.Won || to.number("position").GreaterThanOrEqual(*l.number("position"))) {
				first("reached "+l.text("id"), when)
			}
		}
	}
	over := within != nil && dayOf(&s.now).Sub(*at).IntPart() > int64(*within)
	f["waiting"] = f["outcome"] == models.Open && !over
	return f
}

// TestCohortsWithinDaysAndTheirSteps asks what came of stages within some days, and how many came to each later stage, and counts
// it again from the changes that the viewer lists.
func TestCohortsWithinDaysAndTheirSteps(t *testing.T) {
	w := newWorld(t)
	w.fill(120)
	w.work()
	waited, reached := 0, 0
	for _, v := range []*access.Viewer{w.viewer(w.users[1].ID, true), w.viewer(w.users[0].ID, false)} {
		s := seen{w, map[*access.Kind][]item{access.StageChange: w.listed(v, access.StageChange), access.Stage: w.listed(v, access.Stage)}}
		for _, days := range []*int{nil, pointer(1), pointer(12), pointer(90)} {
			n := cohortsPlainly
			n.within = days
			facts := s.cohorts(days)
			for _, f := range facts {
				if days != nil && f.text("waiting") == "true" {
					waited++
				}
			}
			w.folded(v, n, facts, []string{"ENTERED_STAGE", "AT_MONTH"}, 4)
			w.folded(v, n, facts, []string{"OUTCOME"}, 2)
			reached += w.stepped(v, s, n, facts)
		}
	}
	if waited == 0 || reached < 50 {
		t.Errorf("the past is too short: %d wait, %d reached a stage", waited, reached)
	}
}

// stepped compares the steps of each row, the row other and the total with a count, and opens them.
func (w *world) stepped(v *access.Viewer, s seen, n plainly, facts []item) (reached int) {
	w.t.Helper()
	snap := access.Look(w.pool, v)
	defer snap.Close(w.t.Context())
	a := ask("ENTERED_STAGE", "AT_MONTH")
	a.First, a.Subtotals, a.Within = 3, true, n.within
	r, err := reports.New().Run(w.t.Context(), snap, reports.StageCohorts, a)
	if err != nil {
		w.t.Fatal(err)
	}
	key := func(f item, level int) string {
		return fmt.Sprint([]string{n.keys["ENTERED_STAGE"](f), n.keys["AT_MONTH"](f)}[:level])
	}
	listed := map[string]bool{}
	shaped := reports.Shape[reports.StageCohortReportRow](r)
	for _, row := range append(slices.Concat(shaped.Rows, shaped.Subtotals), shaped.Total) {
		keys := make([]string, len(row.Keys))
		for i, k := range row.Keys {
			if k.ID != nil {
				keys[i] = *k.ID
			}
		}
		name := fmt.Sprint(keys)
		other := len(row.Keys) > 0 && row.Keys[0].Other
		if len(keys) == 2 && !other {
			listed[name] = true
		}
		behind := slices.DeleteFunc(slices.Clone(facts), func(f item) bool {
			if other {
				return listed[key(f, 2)]
			}
			return key(f, len(keys)) != name
		})
		reached += w.sameSteps(name, row, s, behind)
	}
	return reached
}

func (w *world) sameSteps(name string, row *reports.StageCohortReportRow, s seen, behind []item) (reached int) {
	w.t.Helper()
	steps, err := row.Steps(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	told := map[string]*reports.StageCohortStep{}
	for i, step := range steps {
		told[step.StageID.String()] = step
		if i > 0 && s.of(access.Stage, steps[i-1].StageID.String()).number("position").GreaterThan(*s.of(access.Stage, step.StageID.String()).number("position")) {
			w.t.Errorf("%s: the steps are not in the order of the stages", name)
		}
	}
	for _, l := range s.list(access.Stage) {
		entered, ids, days := 0, map[string]bool{}, []item{}
		for _, f := range behind {
			if s.of(access.Stage, f.text("to_stage_id")).number("position").LessThan(*l.number("position")) {
				entered++
				if f.has("reached " + l.text("id")) {
					ids[f.text("id")], days = true, append(days, f)
				}
			}
		}
		step := told[l.text("id")]
		if entered == 0 {
			if step != nil {
				w.t.Errorf("%s: a step that nobody can take", name)
			}
			continue
		}
		reached += len(ids)
		median := put("median", days, daysBetween("changed_at", "reached "+l.text("id")))
		if step == nil || step.Entered != entered || step.Reached != len(ids) || step.Rate.Sample != entered || *step.Rate.Value != float64(len(ids))/float64(entered) ||
			(median == nil) != (step.MedianDays == nil) || median != nil && *step.MedianDays != median.InexactFloat64() {
			w.t.Errorf("%s: the step is %+v, want %d of %d, in %v days", name, step, len(ids), entered, median)
			continue
		}
		page, err := step.Page(w.t.Context(), pointer(100), nil)
		if err != nil || page.Total.Number != len(ids) {
			w.t.Errorf("%s: the step opens to %d records, want %d, %v", name, page.Total.Number, len(ids), err)
		}
		for _, id := range page.IDs {
			if !ids[id.String()] {
				w.t.Errorf("%s: the step opens to %s", name, id)
			}
		}
	}
	return reached
}

// TestAHorizonIsOfCohortsAlone refuses days that are none, and those of what has no horizon.
func TestAHorizonIsOfCohortsAlone(t *testing.T) {
	w := newWorld(t)
	snap := w.look(w.viewer(w.users[0].ID, true))
	for _, c := range []struct {
		dataset *reports.Dataset
		days    int
	}{{reports.StageCohorts, 0}, {reports.StageCohorts, 3651}, {reports.Opportunities, 5}} {
		a := ask()
		a.Within = &c.days
		if _, err := reports.New().Run(t.Context(), snap, c.dataset, a); err == nil {
			t.Errorf("%s within %d days", c.dataset.Name, c.days)
		}
	}
}
