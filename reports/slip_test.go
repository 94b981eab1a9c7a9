package reports_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

// slip is one of an opportunity, found by going through the past.
type slip struct {
	sale          uuid.UUID
	kind          string
	at            time.Time
	days, overdue *int
	person        *uuid.UUID
}

// slips replays the past up to an instant: each later day that a change left on an open opportunity, and each midnight, by the
// company's calendar, at the end of the day that an open one was expected to close on.
func (p *past) slips(until time.Time) (list []slip) {
	last := map[uuid.UUID]*models.Opportunity{}
	for i, m := range p.kept {
		if m.at.After(until) {
			return list
		}
		local := m.at.In(zone(companyZone))
		midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone(companyZone))
		if midnight.Before(m.at) {
			midnight = midnight.AddDate(0, 0, 1)
		}
		if !midnight.After(until) && (i+1 == len(p.kept) || midnight.Before(p.kept[i+1].at)) {
			list = append(list, p.passed(m, i+1, midnight, until)...)
		}
		for id, o := range m.sales {
			if was := last[id]; was != nil && was.Status == models.Open && was.ExpectedCloseOn != nil && o.ExpectedCloseOn != nil && *was.ExpectedCloseOn < *o.ExpectedCloseOn {
				list = append(list, slip{sale: id, kind: access.SlipMoved, at: m.at, days: pointer(between(*was.ExpectedCloseOn, *o.ExpectedCloseOn)), person: &p.boss})
			}
			last[id] = o
		}
	}
	return list
}

// put makes a random change, mostly of the day that one is expected to close on, soon, or of whether it is open.
func (p *past) put() {
	p.t.Helper()
	q, id := store.Request{Operation: "test"}, p.anyOf(p.kept[len(p.kept)-1].sales)
	var err error
	switch p.random.Intn(8) {
	case 0:
		err = p.change()
	case 1:
		_, err = p.store.OpportunityClose(p.t.Context(), p.writer(), q, id, nil, store.Closing{Status: models.Won})
	case 2, 3:
		_, err = p.store.OpportunityReopen(p.t.Context(), p.writer(), q, id, nil)
	default:
		day := maybe(p.random, models.DateOf(p.now.AddDate(0, 0, p.random.Intn(5)-1)))
		_, err = p.store.OpportunityUpdate(p.t.Context(), p.writer(), q, id, nil, map[string]any{"expectedCloseOn": day})
	}
	if err != nil && !fault.Is(err, fault.AlreadyClosed) && !fault.Is(err, fault.NotClosed) && !fault.Is(err, fault.Invalid) {
		p.t.Fatal(err)
	}
	p.keep()
}

// passed finds whose day ended at a midnight, before the next moment, and for how long it was over.
func (p *past) passed(m moment, next int, midnight, until time.Time) (list []slip) {
	yesterday := models.DateOf(midnight.AddDate(0, 0, -1))
	for id, o := range m.sales {
		if o.Status != models.Open || o.ExpectedCloseOn == nil || *o.ExpectedCloseOn != yesterday {
			continue
		}
		end := until
		for _, later := range p.kept[next:] {
			now := later.sales[id]
			if later.at.After(until) {
				break
			}
			if now != nil && (now.Status != models.Open || now.ExpectedCloseOn == nil || *now.ExpectedCloseOn != yesterday) {
				end = later.at
				break
			}
		}
		list = append(list, slip{sale: id, kind: access.SlipPassed, at: midnight, overdue: pointer(between(yesterday, models.DateOf(end.In(zone(companyZone)))))})
	}
	return list
}

func between(from, until models.Date) int { return int(until.Time().Sub(from.Time()).Hours() / 24) }

// slipped are the slips of what a viewer sees, with what was recorded of each at a moment.
func (p *past) slipped(m moment, e eyes, until time.Time) (facts []item) {
	w, sales := p.then(m, e), map[uuid.UUID]*sale{}
	for _, s := range w.sales {
		sales[s.ID] = s
	}
	for _, x := range p.slips(until) {
		s := sales[x.sale]
		if s == nil {
			continue
		}
		w.now = until
		amount, _ := w.amount(eyes{e.user, true, everyAmount}, s)
		f := item{"opportunity": s.ID.String(), "kind": x.kind, "at": x.at.Format(time.RFC3339Nano), "status": s.Status, "worth": text2(amount),
			"owner": s.OwnerID.String(), "region": w.grouped(e, "REGION", s, zone(companyZone))}
		for name, days := range map[string]*int{"days": x.days, "overdue": x.overdue} {
			if days != nil {
				f[name] = fmt.Sprint(*days)
			}
		}
		if x.person != nil {
			f["person"] = x.person.String()
		}
		facts = append(facts, f)
	}
	return facts
}

var slipsPlainly = plainly{
	dataset: reports.Slips,
	keys: map[string]func(item) string{"KIND": text("kind"), "STATUS": text("status"), "OWNER": text("owner"), "REGION": text("region"), "AT_DAY": steps("at", "2006-01-02"),
		"MOVED_BY": text("person"), "OPPORTUNITY": text("opportunity")},
	counts:  map[string]func(item) bool{"count": every, "moved": is("kind", access.SlipMoved), "passed": is("kind", access.SlipPassed)},
	differ:  map[string]func(item) string{"opportunities": text("opportunity"), "owners": text("owner")},
	numbers: map[string]func(item) *decimal.Decimal{"days": numberOf("days"), "overdue": numberOf("overdue"), "worth": numberOf("worth")},
	put: map[string]string{"amount": "once worth", "daysSlipped": "sum days", "averageDays": "mean days", "medianDays": "median days", "maxDays": "most days",
		"averageDaysOverdue": "mean overdue", "medianDaysOverdue": "median overdue", "maxDaysOverdue": "most overdue"},
}

// TestSlipsAreWhatThePastShows lives a random past, and compares what slipped, by now and as of earlier instants, with a replay of
// the states that were kept while it went on.
func TestSlipsAreWhatThePastShows(t *testing.T) {
	p := newPast(t)
	p.live(60)
	for range 320 {
		p.put()
	}
	end := p.kept[len(p.kept)-1]
	p.now = end.at.Add(30 * time.Minute)
	found := map[string]int{}
	for _, x := range p.slips(p.now) {
		found[x.kind]++
	}
	if found[access.SlipMoved] < 10 || found[access.SlipPassed] < 10 {
		t.Fatalf("the past is too short: %v", found)
	}
	names := []string{}
	for name := range slipsPlainly.keys {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, e := range []eyes{{p.boss, true, everyAmount}, {p.users[0].ID, false, everyAmount}, {p.users[1].ID, true, []access.Relation{access.Own}}} {
		v := p.viewer(e.user, e.wide && e.user != p.boss, e.amounts...)
		for i := range 6 {
			n, m, until := slipsPlainly, end, p.now
			if i > 0 {
				m = p.kept[40+p.random.Intn(len(p.kept)-40)]
				until = m.at.Add(time.Duration(p.random.Intn(59)) * time.Minute)
				n.asOf = &until
			}
			facts := p.slipped(m, e, until)
			by := p.random.Perm(len(names))
			p.folded(v, n, facts, []string{names[by[0]]}, 3)
			p.folded(v, n, facts, []string{names[by[1]], names[by[2]]}, 1000)
			p.opens(v, n.asOf, facts)
		}
	}
}

// opens opens the total: each opportunity is there once.
func (p *past) opens(v *access.Viewer, asOf *time.Time, facts []item) {
	p.t.Helper()
	a := ask()
	a.AsOf = asOf
	snap := access.Look(p.pool, v)
	defer snap.Close(p.t.Context())
	r, err := reports.New().Run(p.t.Context(), snap, reports.Slips, a)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, kind := range []string{"", access.SlipMoved, access.SlipPassed} {
		want := map[string]bool{}
		for _, f := range facts {
			if kind == "" || f.text("kind") == kind {
				want[f.text("opportunity")] = true
			}
		}
		page, err := r.Total.Page(p.t.Context(), kind, pointer(100), nil)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, id := range page.IDs {
			if !want[id.String()] {
				p.t.Errorf("%s %s is opened, and did not slip", kind, id)
			}
		}
		if len(page.IDs) != len(want) || page.Total.Number != len(want) {
			p.t.Errorf("%s opens to %d of %d opportunities, want %d", kind, len(page.IDs), page.Total.Number, len(want))
		}
	}
}

// slippery gives opportunities a past of their own, in which their expected closing days were moved about and some were closed.
func (w *world) slippery(sales []*sale, r *rand.Rand) {
	for _, s := range sales {
		at, last := time.Date(2026, 1, 1+r.Intn(60), r.Intn(24), 0, 0, 0, time.UTC), (*models.Date)(nil)
		note := func(changes map[string][2]any) {
			kept := map[string]map[string]any{}
			for name, c := range changes {
				kept[name] = map[string]any{"old": c[0], "new": c[1]}
			}
			text, _ := json.Marshal(kept)
			w.insert(&models.AuditEntry{Part: models.Part{ID: models.NewID(models.AuditEntryCode)}, RecordID: s.ID, Action: "UPDATE", At: at, ActorID: &w.users[r.Intn(4)].ID, Changes: text})
			at = at.Add(time.Duration(1+r.Intn(600)) * time.Hour)
		}
		for range 1 + r.Intn(4) {
			next := maybe(r, models.DateOf(at.AddDate(0, 0, r.Intn(30)-5)))
			note(map[string][2]any{"expected_close_on": {last, next}})
			last = next
		}
		if s.Status != models.Open {
			note(map[string][2]any{"status": {models.Open, s.Status}})
		}
		w.exec("update opportunities set expected_close_on = ? where id = ?", last, s.ID)
	}
}
