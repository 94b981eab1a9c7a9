package reports_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

var everyAmount = []access.Relation{access.Own, access.InScope, access.Other}

func day(text string) *models.Date { d := models.Date(text); return &d }

func ask(by ...string) reports.Ask { return reports.Ask{By: by, First: 1000, Coverage: true} }

// opportunities answers a question as a report with its measures as fields.
func opportunities(ctx context.Context, snap *access.Snapshot, a reports.Ask) (*reports.OpportunityReport, error) {
	r, err := reports.New().Run(ctx, snap, reports.Opportunities, a)
	if err != nil {
		return nil, err
	}
	return reports.Shape[reports.OpportunityReportRow](r), nil
}

func (w *world) report(v *access.Viewer, a reports.Ask) *reports.OpportunityReport {
	w.t.Helper()
	snap := access.Look(w.pool, v)
	defer snap.Close(context.Background())
	r, err := opportunities(context.Background(), snap, a)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// grouped gives each sale's key of a dimension, computed apart from the compiler; "" is unknown.
func (w *world) grouped(e eyes, dimension string, s *sale, in *time.Location) string {
	id := func(id *uuid.UUID) string {
		if id == nil {
			return ""
		}
		return id.String()
	}
	closed := func(layout string) string {
		if s.ClosedAt == nil {
			return ""
		}
		return s.ClosedAt.In(in).Format(layout)
	}
	customer := w.customerOf(s)
	if customer != nil && !e.wide && *customer.OwnerID != e.user {
		customer = nil
	}
	switch dimension {
	case "STATUS":
		return s.Status
	case "STAGE":
		return s.StageID.String()
	case "OWNER":
		return id(s.OwnerID)
	case "OWNER_DEPARTMENT":
		return w.departments[slices.IndexFunc(w.users, func(u models.User) bool { return u.ID == *s.OwnerID })%2].ID.String()
	case "CLOSING_OWNER":
		return id(s.ClosingOwnerID)
	case "CLOSING_DEPARTMENT_LEVEL_1":
		if s.ClosingDepartmentID == nil {
			return ""
		}
		return w.departments[0].ID.String()
	case "CLOSING_DEPARTMENT_LEVEL_2":
		if s.ClosingDepartmentID == nil || *s.ClosingDepartmentID == w.departments[0].ID {
			return ""
		}
		return w.departments[1].ID.String()
	case "CUSTOMER":
		if customer == nil {
			return ""
		}
		return customer.ID.String()
	case "REGION":
		if customer == nil {
			return ""
		}
		return id(customer.RegionID)
	case "MAIN_COMPETITOR":
		return id(s.MainCompetitorID)
	case "LOSS_REASON":
		return id(s.LossReasonID)
	case "CLOSED_MONTH":
		return closed("2006-01")
	case "CLOSED_YEAR":
		return closed("2006")
	case "OPENED_MONTH":
		if s.OpenedOn == nil {
			return ""
		}
		return string(*s.OpenedOn)[:7]
	case "EXPECTED_CLOSE_MONTH":
		if s.ExpectedCloseOn == nil {
			return ""
		}
		return string(*s.ExpectedCloseOn)[:7]
	case "CREATED_DAY":
		return s.CreatedAt.In(in).Format("2006-01-02")
	case "CREATED_YEAR":
		return s.CreatedAt.In(in).Format("2006")
	case "AMOUNT_BAND": // of a world from which the amounts that one may not read are gone
		amount, _ := w.amount(eyes{e.user, true, everyAmount}, s)
		return band(dimension, amount)
	case "AGE_BAND":
		if s.OpenedOn == nil {
			return ""
		}
		until := w.now
		if s.ClosedAt != nil {
			until = *s.ClosedAt
		}
		age := decimal.NewFromInt(int64(between(*s.OpenedOn, models.DateOf(until.In(in)))))
		return band(dimension, &age)
	}
	w.t.Fatalf("the test does not know %s", dimension)
	return ""
}

// band counts the ends of a dimension's steps that a value has reached.
func band(dimension string, value *decimal.Decimal) string {
	if value == nil {
		return ""
	}
	d, _ := reports.Opportunities.Dimension(dimension)
	n := 0
	for n < len(d.Ends) && !value.LessThan(decimal.NewFromInt(int64(d.Ends[n]))) {
		n++
	}
	return strconv.Itoa(n)
}

func TestEveryNumberIsTheFoldOfTheRecords(t *testing.T) {
	w := newWorld(t)
	w.fill(300)
	w.date()
	me := w.users[0].ID
	all, rep := w.users[1].ID, me
	viewers := map[string]eyes{
		"sees all":                  {all, true, everyAmount},
		"sees his own":              {rep, false, everyAmount},
		"reads amounts of his own":  {w.users[2].ID, true, []access.Relation{access.Own}},
		"reads amounts but his own": {w.users[3].ID, true, []access.Relation{access.InScope}},
	}
	questions := [][]string{
		{"STATUS"}, {"STAGE"}, {"OWNER"}, {"OWNER_DEPARTMENT"}, {"CLOSING_OWNER"}, {"CLOSING_DEPARTMENT_LEVEL_1"}, {"CLOSING_DEPARTMENT_LEVEL_2"},
		{"CUSTOMER"}, {"REGION"}, {"MAIN_COMPETITOR"}, {"LOSS_REASON"}, {"CLOSED_MONTH"}, {"OPENED_MONTH"}, {"REGION", "CLOSED_MONTH"}, {"CLOSED_YEAR", "STATUS", "MAIN_COMPETITOR"},
		{"EXPECTED_CLOSE_MONTH"}, {"CREATED_DAY"}, {"EXPECTED_CLOSE_MONTH", "CREATED_YEAR"},
	}
	for name, e := range viewers {
		v := w.viewer(e.user, e.wide, e.amounts...)
		for _, by := range questions {
			w.check(name, v, e, by)
		}
	}
}

func (w *world) check(name string, v *access.Viewer, e eyes, by []string) {
	w.t.Helper()
	in := zone("America/New_York")
	a := ask(by...)
	a.TimeZone = pointer("America/New_York")
	r := w.report(v, a)
	sales := w.seen(e)
	groups := map[string][]*sale{}
	for _, s := range sales {
		key := ""
		for _, d := range by {
			key += w.grouped(e, d, s, in) + "|"
		}
		groups[key] = append(groups[key], s)
	}
	if len(groups) != len(r.Rows) {
		w.t.Errorf("%s by %v: %d rows, want %d", name, by, len(r.Rows), len(groups))
	}
	for _, row := range r.Rows {
		key := ""
		for _, k := range row.Keys {
			if k.Unknown != (k.ID == nil) || k.Label == "" {
				w.t.Errorf("%s by %v: key %+v", name, by, k)
			}
			if k.ID != nil {
				key += *k.ID
			}
			key += "|"
		}
		w.same(name+" by "+key, row, w.fold(e, groups[key], in))
	}
	w.same(name+" total", r.Total, w.fold(e, sales, in))
	for i, d := range by {
		known := 0
		for _, s := range sales {
			if w.grouped(e, d, s, in) != "" {
				known++
			}
		}
		if c := r.Coverage[i]; c.Field != d || c.Known != known || c.Known+c.Unknown != len(sales) {
			w.t.Errorf("%s: coverage %+v, want %d known of %d", name, c, known, len(sales))
		}
	}
}

func pointer[T any](value T) *T { return &value }

func TestPeriodsClocksAndZones(t *testing.T) {
	w := newWorld(t)
	w.fill(200)
	e := eyes{w.users[1].ID, true, everyAmount}
	v := w.viewer(e.user, true, everyAmount...)
	for _, name := range []string{companyZone, "America/New_York", "UTC"} {
		a := ask()
		a.TimeZone = &name
		a.Period = &reports.Period{From: day("2026-02-01"), Until: day("2026-03-01")}
		var closed, opened []*sale
		for _, s := range w.sales {
			if s.ClosedAt != nil && s.ClosedAt.In(zone(name)).Format("2006-01") == "2026-02" {
				closed = append(closed, s)
			}
			if s.OpenedOn != nil && string(*s.OpenedOn)[:7] == "2026-02" {
				opened = append(opened, s)
			}
		}
		w.same("closed in "+name, w.report(v, a).Total, w.fold(e, closed, zone(name)))
		a.Clock = reports.OpenedClock
		w.same("opened in "+name, w.report(v, a).Total, w.fold(e, opened, zone(name)))
	}
}

// In Havana, 1 November 2026 begins twice: at 04:00 UTC, and an hour later again. Both hours are November's.
func TestADayThatBeginsTwiceIsOneDay(t *testing.T) {
	w := newWorld(t)
	w.fill(40)
	w.exec("update opportunities set closed_at = '2026-11-01 04:30+00' where closed_at is not null")
	v := w.viewer(w.users[1].ID, true, everyAmount...)
	a := ask("CLOSED_MONTH")
	a.TimeZone = pointer("America/Havana")
	a.Period = &reports.Period{From: day("2026-10-01"), Until: day("2026-11-01")}
	if r := w.report(v, a); r.Total.Count != 0 {
		t.Errorf("October has %d of %s", r.Total.Count, *r.Rows[0].Keys[0].ID)
	}
	a.Period = &reports.Period{From: day("2026-11-01"), Until: day("2026-12-01")}
	if r := w.report(v, a); len(r.Rows) != 1 || *r.Rows[0].Keys[0].ID != "2026-11" || r.Total.Count == 0 {
		t.Errorf("November has %d in %d rows", r.Total.Count, len(r.Rows))
	}
}

func TestWhatIsLeftOutIsOneMoreRow(t *testing.T) {
	w := newWorld(t)
	w.fill(200)
	v := w.viewer(w.users[1].ID, true, everyAmount...)
	a := ask("CUSTOMER", "CLOSED_MONTH")
	a.First = 4
	a.Having = map[string]any{"count": &models.IntFilter{Gte: pointer(3)}}
	a.OrderBy = []*reports.Order{{Measure: "LOST_AMOUNT", Direction: "DESC"}}
	r := w.report(v, a)
	if len(r.Rows) != 5 || !r.Rows[4].Keys[0].Other || !r.Rows[4].Keys[1].Other {
		t.Fatalf("%d rows, want 4 and other", len(r.Rows))
	}
	count, lost := 0, r.Rows[4].LostAmount.Amount
	for i, row := range r.Rows {
		count += row.Count
		if i < 4 {
			if row.Count < 3 {
				t.Errorf("row %d has %d, want at least 3", i, row.Count)
			}
			if row.LostAmount != nil {
				lost = lost.Add(row.LostAmount.Amount)
			}
		}
		if i > 0 && i < 4 && row.LostAmount != nil && row.LostAmount.Amount.GreaterThan(r.Rows[i-1].LostAmount.Amount) {
			t.Errorf("row %d is not in order", i)
		}
	}
	if count != r.Total.Count || !lost.Equal(r.Total.LostAmount.Amount) || r.Total.Count != 200 {
		t.Errorf("rows add up to %d, %v; total %d, %v", count, lost, r.Total.Count, r.Total.LostAmount.Amount)
	}
}

func TestHiddenRecordsChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.fill(80)
	rep := w.users[0].ID
	v := w.viewer(rep, false, access.Own)
	before := w.report(v, ask("REGION", "CLOSED_MONTH"))
	hidden := w.customer(w.users[1].ID, &w.regions[0].ID)
	for range 20 {
		w.sale(func(s *sale) {
			w.anything(s)
			s.OwnerID, s.CustomerID = &w.users[1].ID, &hidden.ID
		})
	}
	after := w.report(v, ask("REGION", "CLOSED_MONTH"))
	if len(before.Rows) != len(after.Rows) || before.Total.Count != after.Total.Count || before.Total.Count == 0 {
		t.Fatalf("%d rows of %d became %d rows of %d", len(before.Rows), before.Total.Count, len(after.Rows), after.Total.Count)
	}
	for i := range before.Rows {
		if before.Rows[i].Count != after.Rows[i].Count || before.Rows[i].Keys[0].Label != after.Rows[i].Keys[0].Label {
			t.Errorf("row %d changed", i)
		}
	}
}

func TestEveryRowOpensToItsRecords(t *testing.T) {
	w := newWorld(t)
	w.fill(150)
	e := eyes{w.users[1].ID, true, everyAmount}
	v := w.viewer(e.user, true, everyAmount...)
	a := ask("MAIN_COMPETITOR", "REGION")
	a.First = 5
	a.Period = &reports.Period{From: day("2026-02-01"), Until: day("2026-05-01")}
	a.CompareTo = pointer(reports.PreviousPeriod)
	snap := w.look(v)
	r, err := opportunities(t.Context(), snap, a)
	if err != nil {
		t.Fatal(err)
	}
	before := snap.Statements()
	for _, row := range append(r.Rows, r.Total) {
		w.same("records of the row", row, w.fold(e, w.open(row, "ALL"), zone(companyZone)))
		w.same("records of the row before", row.Previous, w.fold(e, w.open(row.Previous, "ALL"), zone(companyZone)))
		if lost := w.open(row, models.Lost); len(lost) != row.Lost {
			t.Errorf("%d lost, but %d records", row.Lost, len(lost))
		}
	}
	if pages := snap.Statements() - before; pages > 40 {
		t.Errorf("%d statements for %d rows", pages, len(r.Rows))
	}
}

// open reads all records behind a row, page by page.
func (w *world) open(row *reports.OpportunityReportRow, of string) []*sale {
	w.t.Helper()
	var list []*sale
	var after *string
	for {
		page, err := row.Page(context.Background(), of, pointer(20), after)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, id := range page.IDs {
			list = append(list, w.sales[slices.IndexFunc(w.sales, func(s *sale) bool { return s.ID == id })])
		}
		if !page.HasNext {
			if page.Total.Number != len(list) || !page.Total.Exact {
				w.t.Errorf("a total of %+v, but %d records", page.Total, len(list))
			}
			return list
		}
		after = &page.Cursors()[len(page.IDs)-1]
	}
}
