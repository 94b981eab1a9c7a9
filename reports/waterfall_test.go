package reports_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// fall is a waterfall's steps counted by going through the records one by one.
type fall map[string]struct {
	n   int
	sum decimal.Decimal
	ids []uuid.UUID
}

func (f fall) add(step string, holds bool, id uuid.UUID, amount decimal.Decimal) {
	if !holds {
		return
	}
	s := f[step]
	s.n, s.sum, s.ids = s.n+1, s.sum.Add(amount), append(s.ids, id)
	f[step] = s
}

// falls replays what became of each record between two moments, by group.
func (p *past) falls(from, until moment, e eyes, by string) map[string]fall {
	before, after := p.then(from, e), p.then(until, e)
	all := eyes{e.user, true, everyAmount}
	amount := func(w *world, s *sale) decimal.Decimal {
		if a, _ := w.amount(all, s); a != nil {
			return *a
		}
		return decimal.Zero
	}
	found := map[string]fall{}
	group := func(key string) fall {
		if found[key] == nil {
			found[key] = fall{}
		}
		return found[key]
	}
	key := func(w *world, s *sale) string {
		if by == "" {
			return ""
		}
		return w.grouped(e, by, s, zone(companyZone))
	}
	was := map[uuid.UUID]*sale{}
	for _, s := range before.sales {
		was[s.ID] = s
	}
	gone := func(s *sale) {
		group(key(before, s)).add("BEGIN", s.Status == models.Open, s.ID, amount(before, s))
		group(key(before, s)).add("LEFT", s.Status == models.Open, s.ID, amount(before, s))
	}
	for _, s := range after.sales {
		old, last := was[s.ID], amount(after, s)
		f := group(key(after, s))
		f.add("END", s.Status == models.Open, s.ID, last)
		delete(was, s.ID)
		if old != nil && key(before, old) != key(after, s) {
			gone(old)
			f.add("ENTERED", s.Status == models.Open, s.ID, last)
			continue
		}
		created := s.CreatedAt.After(from.at)
		f.add("CREATED", created, s.ID, last)
		f.add("ENTERED", old == nil && !created && s.Status == models.Open, s.ID, last)
		if old != nil && old.Status == models.Open {
			first, stale := amount(before, old), *s
			stale.Amount, stale.Currency = old.Amount, old.Currency
			unchanged := amount(after, &stale)
			f.add("BEGIN", true, s.ID, first)
			f.add("REVALUED", !unchanged.Equal(first), s.ID, unchanged.Sub(first))
			f.add("RAISED", last.GreaterThan(unchanged), s.ID, last.Sub(unchanged))
			f.add("LOWERED", last.LessThan(unchanged), s.ID, unchanged.Sub(last))
		}
		f.add("REOPENED", old != nil && old.Status != models.Open && s.Status == models.Open, s.ID, last)
		if created || old != nil && old.Status == models.Open {
			f.add(s.Status, s.Status != models.Open, s.ID, last)
		}
	}
	for _, s := range was {
		gone(s)
	}
	return found
}

func named(r *reports.WaterfallRow) map[string]*reports.WaterfallStep {
	return map[string]*reports.WaterfallStep{
		"BEGIN": r.Begin, "CREATED": r.Created, "ENTERED": r.Entered, "REOPENED": r.Reopened, "RAISED": r.Raised, "LOWERED": r.Lowered,
		"REVALUED": r.Revalued, "WON": r.Won, "LOST": r.Lost, "CANCELLED": r.Cancelled, "LEFT": r.Left, "END": r.End,
	}
}

// closes holds a row against its identity.
func (p *past) closes(name string, r *reports.WaterfallRow) {
	p.t.Helper()
	n := r.Begin.Count + r.Created.Count + r.Entered.Count + r.Reopened.Count - r.Won.Count - r.Lost.Count - r.Cancelled.Count - r.Left.Count
	sum := decimal.Zero
	for _, s := range []*reports.WaterfallStep{r.Begin, r.Created, r.Entered, r.Reopened, r.Raised, r.Revalued} {
		sum = sum.Add(s.Amount.Amount)
	}
	for _, s := range []*reports.WaterfallStep{r.Lowered, r.Won, r.Lost, r.Cancelled, r.Left} {
		sum = sum.Sub(s.Amount.Amount)
	}
	if n != r.End.Count || !sum.Equal(r.End.Amount.Amount) {
		p.t.Errorf("%s leads to %d and %s, not %d and %s", name, n, sum, r.End.Count, r.End.Amount.Amount)
	}
}

// TestAWaterfallLeadsExactlyFromOneInstantToAnother holds waterfalls between moments of a random past against a replay, against
// their identity, and opens their steps.
func TestAWaterfallLeadsExactlyFromOneInstantToAnother(t *testing.T) {
	p := newPast(t)
	for i, day := range []models.Date{"2026-05-21", "2026-05-22", "2026-05-23", "2026-05-24", "2026-05-25"} {
		p.rate("USD", day, []string{"6.5", "7.5"}[i%2])
		p.rate("EUR", day, []string{"8.25", "7.5"}[i%2])
	}
	p.live(140)
	p.now = p.kept[len(p.kept)-1].at
	taken := map[string]bool{}
	for name, e := range map[string]eyes{"sees all": {p.boss, true, everyAmount}, "sees his own": {p.users[0].ID, false, everyAmount},
		"reads amounts of his own": {p.users[1].ID, true, []access.Relation{access.Own}}} {
		v := p.viewer(e.user, e.wide && e.user != p.boss, e.amounts...)
		for range 12 {
			i := p.random.Intn(len(p.kept) - 1)
			j := i + 1 + p.random.Intn(len(p.kept)-i-1)
			for _, by := range []string{[]string{"", "OWNER", "REGION", "LOSS_REASON", "STATUS", "AMOUNT_BAND", "AGE_BAND"}[p.random.Intn(7)]} {
				p.compareFall(name+" "+by, v, e, p.kept[i], p.kept[j], by, taken)
			}
		}
	}
	for step := range named(&reports.WaterfallRow{}) {
		if !taken[step] {
			t.Errorf("nothing took the step %s: the past is too short", step)
		}
	}
}

func (p *past) compareFall(name string, v *access.Viewer, e eyes, from, until moment, by string, taken map[string]bool) {
	p.t.Helper()
	ask := reports.WaterfallAsk{From: from.at, Until: &until.at}
	if by != "" {
		ask.By = &by
	}
	snap := access.Look(p.pool, v)
	defer snap.Close(p.t.Context())
	w, err := reports.Fall(p.t.Context(), snap, ask)
	if err != nil {
		p.t.Fatal(err)
	}
	want := p.falls(from, until, e, by)
	whole := fall{}
	for _, f := range want {
		for step, s := range f {
			t := whole[step]
			t.n, t.sum, t.ids = t.n+s.n, t.sum.Add(s.sum), append(t.ids, s.ids...)
			whole[step], taken[step] = t, true
		}
	}
	p.sameFall(name+" total", w.Total, whole)
	for _, row := range w.Rows {
		key := ""
		if row.Key.ID != nil {
			key = *row.Key.ID
		}
		p.sameFall(name+" "+key, row, want[key])
	}
}

func (p *past) sameFall(name string, row *reports.WaterfallRow, want fall) {
	p.t.Helper()
	p.closes(name, row)
	for step, got := range named(row) {
		if got.Count != want[step].n || !got.Amount.Amount.Equal(want[step].sum) {
			p.t.Errorf("%s: %s is %d and %s, want %d and %s", name, step, got.Count, got.Amount.Amount, want[step].n, want[step].sum)
			continue
		}
		if p.random.Intn(8) > 0 {
			continue
		}
		page, err := got.Page(p.t.Context(), pointer(100), nil)
		if err != nil {
			p.t.Fatal(err)
		}
		ids := slices.Compact(models.SortIDs(slices.Clone(want[step].ids)))
		if !slices.Equal(models.SortIDs(page.IDs), ids) {
			p.t.Errorf("%s: %s opens to %d records, want %d", name, step, len(page.IDs), len(ids))
		}
	}
}
