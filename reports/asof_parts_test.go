package reports_test

import (
	"context"
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

// linesPast is a past in which opportunities have lines too.
type linesPast struct {
	*past
	products []uuid.UUID
	lines    []map[uuid.UUID][]*models.OpportunityLine // by moment
}

func newLinesPast(t *testing.T) *linesPast {
	t.Helper()
	p := &linesPast{past: newPast(t)}
	for _, name := range []string{"泵", "阀"} {
		one := models.Product{Record: models.Record{ID: models.NewID(models.ProductCode)}, Name: name, Active: true}
		p.insert(&one)
		p.products = append(p.products, one.ID)
	}
	p.live(30)
	p.keepLines()
	return p
}

// goOn makes random changes, and keeps what was recorded after each.
func (p *linesPast) goOn(changes int) {
	p.t.Helper()
	for range changes {
		err := p.change()
		if p.random.Intn(3) == 0 {
			err = p.replaceLines()
		}
		if err != nil && !fault.Is(err, fault.AlreadyClosed) && !fault.Is(err, fault.NotClosed) && !fault.Is(err, fault.Invalid) {
			p.t.Fatal(err)
		}
		p.keep()
		p.keepLines()
	}
}

func (p *linesPast) replaceLines() error {
	id, r := p.anyOf(p.kept[len(p.kept)-1].sales), p.random
	var lines []store.Line
	for range r.Intn(4) {
		lines = append(lines, store.Line{Product: p.products[r.Intn(2)], Quantity: decimal.New(r.Int63n(9)+1, 0), UnitPrice: maybe(r, decimal.New(r.Int63n(100)+1, 0))})
	}
	_, err := p.store.OpportunityLinesReplace(context.Background(), p.writer(), store.Request{Operation: "test"}, id, nil, lines)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil && r.Intn(2) == 0 { // as an import leaves lines
		_, err = p.db.ExecContext(context.Background(), "update opportunity_lines set position = 10 * position + 3 where opportunity_id = ?", id)
	}
	return err
}

func (p *linesPast) keepLines() {
	p.t.Helper()
	var all []*models.OpportunityLine
	if err := p.db.NewSelect().Model(&all).Order("position").Scan(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	by := map[uuid.UUID][]*models.OpportunityLine{}
	for _, l := range all {
		by[l.OpportunityID] = append(by[l.OpportunityID], l)
	}
	for len(p.lines) < len(p.kept) {
		p.lines = append(p.lines, by)
	}
}

// TestPartsAsOfAnInstantAreThoseThatWereRecordedThen compares reports on encounters and lines as of moments of a random past with what was
// kept: the groups, how encounters ended, and the very parts behind the total, each with the values and the id that it had.
func TestPartsAsOfAnInstantAreThoseThatWereRecordedThen(t *testing.T) {
	p := newLinesPast(t)
	p.goOn(220)
	p.now = p.now.Add(time.Hour)
	met, lines := 0, 0
	for name, e := range map[string]eyes{
		"sees all":                 {p.boss, true, everyAmount},
		"sees his own":             {p.users[0].ID, false, everyAmount},
		"reads amounts of his own": {p.users[1].ID, true, []access.Relation{access.Own}},
	} {
		snap := p.look(p.viewer(e.user, e.wide && e.user != p.boss, e.amounts...))
		for at := 40; at < len(p.kept); at += 20 + p.random.Intn(15) {
			m := p.kept[at]
			w, instant := p.then(m, e), m.at.Add(time.Minute)
			met += w.encountersThen(name, snap, m, e, instant)
			lines += w.linesThen(name, snap, p.lines[at], instant)
		}
	}
	if met < 50 || lines < 50 {
		t.Errorf("%d encounters and %d lines prove nothing", met, lines)
	}
}

// partsReport asks a report of parts as of an instant.
func (w *world) partsReport(snap *access.Snapshot, d *reports.Dataset, at time.Time, by ...string) *reports.Report {
	w.t.Helper()
	a := ask(by...)
	a.AsOf, a.Clock = &at, ""
	r, err := reports.New().Run(context.Background(), snap, d, a)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// behind gives all ids behind a report's total.
func (w *world) behind(r *reports.Report) (ids []uuid.UUID) {
	w.t.Helper()
	var after *string
	for {
		page, err := r.Total.Page(context.Background(), "", pointer(100), after)
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, page.IDs...)
		if !page.HasNext {
			return ids
		}
		cursors := page.Cursors()
		after = &cursors[len(cursors)-1]
	}
}

func (w *world) encountersThen(name string, snap *access.Snapshot, m moment, e eyes, at time.Time) int {
	w.t.Helper()
	want, outcomes, byCompetitor, whole := map[uuid.UUID]*models.Encounter{}, map[uuid.UUID]string{}, map[string]int{}, map[uuid.UUID]*sale{}
	for _, s := range w.sales {
		for _, one := range m.met[s.ID] {
			if s.Status == models.Cancelled {
				continue
			}
			was := *one
			if _, reads := s.quoted[one.CompetitorID]; !reads {
				was.QuotedPrice, was.Currency = nil, nil
			}
			want[one.ID], outcomes[one.ID], whole[one.ID] = &was, w.outcome(s, one.CompetitorID), s
			byCompetitor[one.CompetitorID.String()]++
		}
	}
	r := w.partsReport(snap, reports.Encounters, at, "COMPETITOR")
	shaped := reports.Shape[reports.EncounterReportRow](r)
	for _, row := range shaped.Rows {
		if row.Count != byCompetitor[*row.Keys[0].ID] {
			w.t.Errorf("%s at %s: %d encounters of %s, want %d", name, at, row.Count, *row.Keys[0].ID, byCompetitor[*row.Keys[0].ID])
		}
	}
	ids := w.behind(r)
	if shaped.Total.Count != len(want) || len(ids) != len(want) || len(shaped.Rows) != len(byCompetitor) {
		w.t.Errorf("%s at %s: %d encounters, %d behind them, want %d", name, at, shaped.Total.Count, len(ids), len(want))
	}
	w.filteredThen(name, snap, reports.Encounters, at, whole)
	found, err := store.Encounters.Then(&at)(context.Background(), snap, ids)
	if err != nil {
		w.t.Fatal(err)
	}
	ended, err := store.OutcomesOf(context.Background(), snap, "id", ids, &at)
	if err != nil {
		w.t.Fatal(err)
	}
	for id, was := range want {
		got := found[id]
		if got == nil || got.OpportunityID != was.OpportunityID || got.CompetitorID != was.CompetitorID || got.IsMain != was.IsMain || !got.CreatedAt.Equal(was.CreatedAt) ||
			!sameText(got.Strengths, was.Strengths) || !sameNumber(got.QuotedPrice, was.QuotedPrice) || was.QuotedPrice != nil && !sameText(got.Currency, was.Currency) || !got.AsOf.Equal(at) {
			w.t.Errorf("%s at %s: %+v is shown as %+v", name, at, was, got)
		}
		if ended[id] == nil || *ended[id] != outcomes[id] {
			w.t.Errorf("%s at %s: %s ended %v, want %s", name, at, id, ended[id], outcomes[id])
		}
	}
	return len(want)
}

func (w *world) linesThen(name string, snap *access.Snapshot, kept map[uuid.UUID][]*models.OpportunityLine, at time.Time) int {
	w.t.Helper()
	want, byProduct, whole := map[uuid.UUID]*models.OpportunityLine{}, map[string]int{}, map[uuid.UUID]*sale{}
	for _, s := range w.sales {
		for _, l := range kept[s.ID] {
			want[l.ID], whole[l.ID] = l, s
			byProduct[l.ProductID.String()]++
		}
	}
	r := w.partsReport(snap, reports.OpportunityLines, at, "PRODUCT")
	shaped := reports.Shape[reports.OpportunityLineReportRow](r)
	for _, row := range shaped.Rows {
		if row.Count != byProduct[*row.Keys[0].ID] {
			w.t.Errorf("%s at %s: %d lines of %s, want %d", name, at, row.Count, *row.Keys[0].ID, byProduct[*row.Keys[0].ID])
		}
	}
	ids := w.behind(r)
	if shaped.Total.Count != len(want) || len(ids) != len(want) || len(shaped.Rows) != len(byProduct) {
		w.t.Errorf("%s at %s: %d lines, %d behind them, want %d", name, at, shaped.Total.Count, len(ids), len(want))
	}
	w.filteredThen(name, snap, reports.OpportunityLines, at, whole)
	found, err := store.OpportunityLines.Then(&at)(context.Background(), snap, ids)
	if err != nil {
		w.t.Fatal(err)
	}
	for id, was := range want {
		got, price, amount := found[id], was.UnitPrice, was.Amount
		if !whole[id].reads {
			price, amount = nil, nil
		}
		if got == nil || got.OpportunityID != was.OpportunityID || got.ProductID != was.ProductID || got.Position != was.Position || !got.Quantity.Equal(was.Quantity) ||
			!sameNumber(got.UnitPrice, price) || !sameNumber(got.Amount, amount) {
			w.t.Errorf("%s at %s: %+v is shown as %+v", name, at, was, got)
		}
	}
	return len(want)
}

func sameText(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func sameNumber(a, b *decimal.Decimal) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Equal(*b))
}

// TestPartsOfBeforeTheirIDsWereKeptAreCountedAllTheSame takes the ids out of the history: as many parts are told, each opens, and no two are one.
func TestPartsOfBeforeTheirIDsWereKeptAreCountedAllTheSame(t *testing.T) {
	p := newLinesPast(t)
	p.goOn(60)
	p.now = p.now.Add(time.Hour)
	p.exec("alter table audit_entries disable trigger user")
	p.exec("update audit_entries set changes = changes - 'part_ids'")
	snap := p.look(p.viewer(p.boss, false))
	for at := 40; at < len(p.kept); at += 10 {
		m := p.kept[at]
		w, instant, met, lines := p.then(m, eyes{p.boss, true, nil}), m.at.Add(time.Minute), 0, 0
		for _, s := range w.sales {
			lines += len(p.lines[at][s.ID])
			if s.Status != models.Cancelled {
				met += len(m.met[s.ID])
			}
		}
		for d, want := range map[*reports.Dataset]int{reports.Encounters: met, reports.OpportunityLines: lines} {
			ids := w.behind(w.partsReport(snap, d, instant))
			if n := len(models.SortIDs(slices.Clone(ids))); n != want || len(ids) != want {
				t.Errorf("%s at %s: %d records of %d, want %d", d.Name, instant, n, len(ids), want)
			}
			if d == reports.Encounters {
				p.notedThen(snap, m, instant, ids)
			}
		}
	}
}

// notedThen holds when encounters were noted against what was kept.
func (p *past) notedThen(snap *access.Snapshot, m moment, at time.Time, ids []uuid.UUID) {
	p.t.Helper()
	found, err := store.Encounters.Then(&at)(context.Background(), snap, ids)
	if err != nil || len(found) != len(ids) {
		p.t.Fatalf("%d of %d, %v", len(found), len(ids), err)
	}
	for _, got := range found {
		for _, was := range m.met[got.OpportunityID] {
			if was.CompetitorID == got.CompetitorID && !was.CreatedAt.Equal(got.CreatedAt) {
				p.t.Errorf("at %s: %+v is noted %s", at, was, got.CreatedAt)
			}
		}
	}
}
