package reports_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

// then gives the world as it was recorded at a moment, for a viewer of today: the opportunities that he sees today, in the
// state of then; amounts that he may not read today are gone.
func (p *past) then(m moment, e eyes) *world {
	today := p.kept[len(p.kept)-1]
	w := *p.world
	w.now, w.sales, w.customers = m.at, nil, nil
	for _, c := range today.customers {
		was := *m.customers[c.ID]
		was.OwnerID = c.OwnerID
		w.customers = append(w.customers, &was)
	}
	sees := func(o *models.Opportunity) bool {
		return e.wide || *o.OwnerID == e.user || o.CustomerID != nil && *today.customers[*o.CustomerID].OwnerID == e.user
	}
	for id, o := range today.sales {
		was, there := m.sales[id]
		if !there || !sees(o) {
			continue
		}
		s := &sale{Opportunity: *was, quoted: map[uuid.UUID]models.Money{}}
		relation := access.Other
		switch {
		case *o.OwnerID == e.user:
			relation = access.Own
		case e.wide:
			relation = access.InScope
		}
		if s.reads = slices.Contains(e.amounts, relation); !s.reads {
			s.Amount, s.Currency = nil, nil
		}
		for _, met := range m.met[id] {
			s.met = append(s.met, met.CompetitorID)
			if met.QuotedPrice != nil && s.reads {
				s.quoted[met.CompetitorID] = models.Money{Amount: *met.QuotedPrice, Currency: *met.Currency}
			}
		}
		w.sales = append(w.sales, s)
	}
	return &w
}

// TestAReportAsOfAnInstantIsWhatWasRecordedThen compares reports as of each moment of a random past with the states that were
// kept while it went on.
func TestAReportAsOfAnInstantIsWhatWasRecordedThen(t *testing.T) {
	p := newPast(t)
	p.live(160)
	p.now = p.now.Add(time.Hour)
	dimensions := []string{"STATUS", "STAGE", "OWNER", "CUSTOMER", "REGION", "MAIN_COMPETITOR", "LOSS_REASON", "CLOSED_MONTH", "OPENED_MONTH", "EXPECTED_CLOSE_MONTH", "CREATED_DAY"}
	for name, e := range map[string]eyes{
		"sees all":                 {p.boss, true, everyAmount},
		"sees his own":             {p.users[0].ID, false, everyAmount},
		"reads amounts of his own": {p.users[1].ID, true, []access.Relation{access.Own}},
	} {
		v := p.viewer(e.user, e.wide && e.user != p.boss, e.amounts...)
		for at := 0; at < len(p.kept); at += 1 + p.random.Intn(12) {
			m := p.kept[at]
			w := p.then(m, e)
			for _, i := range p.random.Perm(len(dimensions))[:3] {
				w.asOf(name, v, e, m.at.Add(time.Duration(p.random.Intn(2))*59*time.Minute), dimensions[i])
			}
		}
	}
}

func (w *world) asOf(name string, v *access.Viewer, e eyes, at time.Time, by string) {
	w.t.Helper()
	a := ask(by)
	a.AsOf = &at
	r := w.report(v, a)
	groups := map[string][]*sale{}
	seen := e
	seen.wide, seen.amounts = true, everyAmount
	for _, s := range w.sales {
		key := w.grouped(e, by, s, zone(companyZone))
		groups[key] = append(groups[key], s)
	}
	name += " " + by + " at " + at.String()
	for _, row := range r.Rows {
		key := ""
		if id := row.Keys[0].ID; id != nil {
			key = *id
		}
		w.same(name+" "+key, row, w.fold(seen, groups[key], zone(companyZone)))
		delete(groups, key)
	}
	if len(groups) > 0 {
		w.t.Errorf("%s: %d groups are missing", name, len(groups))
	}
	w.same(name+" total", r.Total, w.fold(seen, w.sales, zone(companyZone)))
	if !r.Definition.AsOf.Equal(at) {
		w.t.Errorf("%s: the definition says %s", name, r.Definition.AsOf)
	}
}

// TestCompetitorsAsOfAnInstantAreThoseMetByThen compares the analysis as of moments of a random past with what was kept: how the
// encounters ended, amounts, price gaps, reasons, groups, and the records behind each.
func TestCompetitorsAsOfAnInstantAreThoseMetByThen(t *testing.T) {
	p := newPast(t)
	p.live(220)
	p.now = p.now.Add(time.Hour)
	met := 0
	for name, e := range map[string]eyes{
		"sees all":                 {p.boss, true, everyAmount},
		"sees his own":             {p.users[0].ID, false, everyAmount},
		"reads amounts of his own": {p.users[1].ID, true, []access.Relation{access.Own}},
	} {
		snap := p.look(p.viewer(e.user, e.wide && e.user != p.boss, e.amounts...))
		for at := 40; at < len(p.kept); at += 30 + p.random.Intn(20) {
			m := p.kept[at]
			w, seen, until := p.then(m, e), e, m.at.Add(time.Minute)
			seen.wide, seen.amounts = true, everyAmount
			r, err := reports.New().Competitors(t.Context(), snap, reports.Ask{First: 10, AsOf: &until})
			if err != nil {
				t.Fatal(name, err)
			}
			rows := map[uuid.UUID]bool{}
			for _, row := range r.Rows {
				w.checkThen(seen, row)
				rows[row.ID] = true
				met += row.Encounters
			}
			for _, c := range p.competitors {
				if _, some := w.encounters(seen, c.ID); some != rows[c.ID] {
					t.Errorf("%s at %s: %s is met: %t", name, until, c.Name, some)
				}
			}
			w.checkUnattributed(seen, r)
			if !r.Definition.AsOf.Equal(until) {
				t.Errorf("the definition says %s", r.Definition.AsOf)
			}
		}
	}
	if met < 50 {
		t.Errorf("%d encounters prove nothing", met)
	}
}

// encounters lists the opportunities that count in which a competitor was met.
func (w *world) encounters(e eyes, competitor uuid.UUID) (list []*sale, some bool) {
	for _, s := range w.seen(e) {
		if slices.Contains(s.met, competitor) && s.Status != models.Cancelled {
			list = append(list, s)
		}
	}
	return list, len(list) > 0
}

func (w *world) checkThen(e eyes, row *reports.CompetitorReportRow) {
	w.t.Helper()
	list, _ := w.encounters(e, row.ID)
	for outcome, got := range map[string]int{models.Open: row.Open, models.WeWon: row.WeWon, models.TheyWon: row.TheyWon,
		models.OtherWon: row.OtherWon, models.NobodyWon: row.NobodyWon, models.UnknownOutcome: row.Unknown} {
		want := w.met(e, row.ID, outcome)
		page, err := row.Page(context.Background(), &outcome, pointer(100), nil)
		if err != nil || got != len(want) || page.Total.Number != got || len(page.IDs) != got {
			w.t.Errorf("%s: %d, want %d, opens to %v, %v", outcome, got, len(want), page, err)
		}
	}
	won, wonKnown := w.sum(e, w.met(e, row.ID, models.WeWon))
	lost, lostKnown := w.sum(e, w.met(e, row.ID, models.TheyWon))
	w.sameMoney("won against", row.AmountWon, won, wonKnown)
	w.sameMoney("lost to", row.AmountLost, lost, lostKnown)
	gap, err := row.PriceGap(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	w.checkGap(e, row.ID, gap, list)
	w.checkReasons(e, row)
	groups := map[string]int{}
	for _, s := range list {
		groups[w.grouped(e, "REGION", s, zone(companyZone))]++
	}
	parts, err := row.Breakdown(context.Background(), "REGION", 10)
	if err != nil || len(parts) != len(groups) {
		w.t.Errorf("%d groups, want %d, %v", len(parts), len(groups), err)
	}
	for _, part := range parts {
		key := ""
		if part.Key.ID != nil {
			key = *part.Key.ID
		}
		page, err := part.Page(context.Background(), nil, pointer(100), nil)
		if err != nil || part.Encounters != groups[key] || page.Total.Number != part.Encounters {
			w.t.Errorf("group %s: %d, want %d, opens to %v, %v", key, part.Encounters, groups[key], page, err)
		}
	}
}

// TestRecordsBehindAReportAsOfAnInstantAreAsTheyWere opens a report's total to its records.
func TestRecordsBehindAReportAsOfAnInstantAreAsTheyWere(t *testing.T) {
	p := newPast(t)
	p.live(60)
	m, v := p.kept[30], p.viewer(p.users[0].ID, true, everyAmount...)
	w := p.then(m, eyes{p.users[0].ID, true, everyAmount})
	a, snap := ask("STATUS"), p.look(v)
	at := m.at.Add(time.Minute)
	a.AsOf = &at
	r, err := opportunities(t.Context(), snap, a)
	if err != nil {
		t.Fatal(err)
	}
	page, err := r.Total.Page(t.Context(), "ALL", pointer(100), nil)
	if err != nil {
		t.Fatal(err)
	}
	found, err := store.Opportunities.Then(r.Total.AsOf())(t.Context(), snap, page.IDs)
	if err != nil || len(page.IDs) != len(w.sales) || len(found) != len(w.sales) {
		t.Fatalf("%d records of %d, %v", len(found), len(w.sales), err)
	}
	for _, s := range w.sales {
		got := found[s.ID]
		if got.Status != s.Status || got.StageID != s.StageID || models.OrNil(got.CustomerID) != models.OrNil(s.CustomerID) ||
			(got.Amount == nil) != (s.Amount == nil) || got.Amount != nil && !got.Amount.Equal(*s.Amount) {
			t.Errorf("%v is shown as %+v", s.Opportunity, got)
		}
	}
}

func TestNoReportIsAsOfAnInstantToComeOrOfWhatKeepsNone(t *testing.T) {
	w := newWorld(t)
	v := w.viewer(w.users[0].ID, true)
	snap := w.look(v)
	future, now := w.now.Add(time.Second), w.now
	a := ask()
	a.AsOf = &future
	if _, err := opportunities(t.Context(), snap, a); err == nil {
		t.Error("a report of an instant to come")
	}
	a.AsOf = &now
	if _, err := opportunities(t.Context(), snap, a); err != nil {
		t.Error(err)
	}
	if _, err := reports.New().Run(t.Context(), snap, reports.Customers, a); err == nil {
		t.Error("a report of customers as of an instant")
	}
}

// TestAWriteThatWaitedIsRecordedAfterWhatItWaitedFor lets a write that began first come second.
func TestAWriteThatWaitedIsRecordedAfterWhatItWaitedFor(t *testing.T) {
	p := newPast(t)
	p.live(10)
	id := p.anyOf(p.kept[len(p.kept)-1].sales)
	early, late := p.writer(), p.writer()
	p.rename(late, id, "late")
	p.rename(early, id, "early")
	p.now = late.Now.Add(time.Hour)
	v := p.viewer(p.users[0].ID, true)
	snap := p.look(v)
	for at, want := range map[time.Time]string{late.Now.Add(-time.Second): "商机", late.Now: "late", late.Now.Add(time.Second): "early"} {
		found, err := store.Opportunities.Then(&at)(t.Context(), snap, []uuid.UUID{id})
		if err != nil || found[id].Title != want {
			t.Errorf("at %s it is %q, want %q, %v", at, found[id].Title, want, err)
		}
	}
}

func (p *past) rename(v *access.Viewer, id uuid.UUID, title string) {
	p.t.Helper()
	if _, err := p.store.OpportunityUpdate(context.Background(), v, store.Request{Operation: "test"}, id, nil, map[string]any{"title": title}); err != nil {
		p.t.Fatal(err)
	}
}

// TestARestoringThatWaitedIsRecordedAfterTheDeletion lets a restoring that began before the deletion come second.
func TestARestoringThatWaitedIsRecordedAfterTheDeletion(t *testing.T) {
	p := newPast(t)
	p.live(10)
	id, q := p.anyOf(p.kept[len(p.kept)-1].sales), store.Request{Operation: "test"}
	early, late := p.writer(), p.writer()
	if _, err := store.Opportunities.Delete(t.Context(), p.store, late, q, id, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Opportunities.Restore(t.Context(), p.store, early, q, id); err != nil {
		t.Fatal(err)
	}
	p.now = late.Now.Add(time.Hour)
	v := p.viewer(p.users[0].ID, true)
	snap := p.look(v)
	for at, there := range map[time.Time]bool{early.Now.Add(-time.Second): true, late.Now.Add(-time.Second): true, late.Now: false, late.Now.Add(time.Second): true} {
		found, err := store.Opportunities.Then(&at)(t.Context(), snap, []uuid.UUID{id})
		if err != nil || (found[id] != nil) != there {
			t.Errorf("at %s it is %v, want %t, %v", at, found[id], there, err)
		}
	}
}

// TestARecordAsItWasIsReadByTheRightsOfToday hands an opportunity over: its amount of before is read by who has it now.
func TestARecordAsItWasIsReadByTheRightsOfToday(t *testing.T) {
	p := newPast(t)
	p.live(10)
	id, at, from, to := p.anyOf(p.kept[len(p.kept)-1].sales), p.now, p.users[0].ID, p.users[1].ID
	p.exec("update opportunities set owner_id = ?, amount = 1, currency = 'CNY'", from)
	if _, err := store.Opportunities.Transfer(t.Context(), p.store, p.writer(), store.Request{Operation: "test"}, id, to, false, nil); err != nil {
		t.Fatal(err)
	}
	for user, reads := range map[uuid.UUID]bool{from: false, to: true} {
		v := p.viewer(user, true, access.Own)
		found, err := store.Opportunities.Then(&at)(t.Context(), p.look(v), []uuid.UUID{id})
		if err != nil || *found[id].OwnerID != from || (found[id].Amount != nil) != reads || v.ReadsOn(found[id], access.Amounts) != reads {
			t.Errorf("%+v, %v, read: %t, want %t", found[id], err, v.ReadsOn(found[id], access.Amounts), reads)
		}
	}
}
