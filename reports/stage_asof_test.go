package reports_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
	"guanxi/store"
)

// TestReportsOfStagesAskedLaterSayWhatTheySaidThen asks what changed and what came of stages at moments of a random past, and again
// after it, as of each: with some changes that happened long before they were entered, and opportunities that are deleted and restored.
func TestReportsOfStagesAskedLaterSayWhatTheySaidThen(t *testing.T) {
	p := newPast(t)
	p.live(40)
	said, moments := map[time.Time]string{}, []time.Time{}
	for range 12 {
		for range 14 {
			if err := p.change(); err != nil {
				t.Log(err) // it was no change
			}
			p.keep()
		}
		p.enterLate()
		at := p.now.Add(time.Minute)
		said[at], moments = p.sayStages(p.viewer(p.boss, true, everyAmount...), at, nil), append(moments, at)
	}
	p.restoreAll()
	p.now = p.now.Add(40 * 24 * time.Hour)
	different := map[string]bool{}
	for _, at := range moments {
		different[said[at]] = true
		if later := p.sayStages(p.viewer(p.boss, true, everyAmount...), p.now, &at); later != said[at] {
			t.Errorf("as of %s it is\n%s\nand was\n%s", at, later, said[at])
		}
	}
	if len(different) < len(moments) {
		t.Errorf("%d moments said only %d things", len(moments), len(different))
	}
	p.seesHisOwn(moments[6])
}

// enterLate enters a change of stage that happened before most others.
func (p *past) enterLate() {
	p.t.Helper()
	o := p.kept[len(p.kept)-1].sales[p.anyOf(p.kept[len(p.kept)-1].sales)]
	p.insert(&models.StageChange{Part: models.Part{ID: models.NewID(models.StageChangeCode)}, OpportunityID: o.ID, FromStageID: &p.stages[0].ID, FromStatus: pointer(models.Open),
		ToStageID: &p.stages[p.random.Intn(3)].ID, ToStatus: models.Open, ChangedAt: p.now.Add(-time.Duration(p.random.Intn(200)) * time.Hour), CreatedAt: p.now})
}

func (p *past) restoreAll() {
	p.t.Helper()
	var gone []uuid.UUID
	if err := p.db.NewRaw("select id from opportunities where deleted_at is not null").Scan(context.Background(), &gone); err != nil || len(gone) == 0 {
		p.t.Fatalf("%d are deleted, %v", len(gone), err)
	}
	for _, id := range gone {
		if _, err := store.Opportunities.Restore(context.Background(), p.store, p.writer(), store.Request{Operation: "test"}, id); err != nil {
			p.t.Fatal(err)
		}
	}
}

// sayStages writes down all that the reports say at an instant, or as of one, and the ids behind them.
func (p *past) sayStages(v *access.Viewer, now time.Time, asOf *time.Time) string {
	p.t.Helper()
	ctx := context.Background()
	v.Now = now
	snap := p.look(v)
	defer snap.Close(ctx)
	text := ""
	for _, by := range [][]string{{"TO_STAGE", "DIRECTION"}, {"STATUS"}, {"AT_MONTH"}, {"REGION", "STAGE"}} {
		text += p.said(snap, reports.StageChanges, reports.Ask{By: by, AsOf: asOf, First: 1000})
	}
	for _, within := range []*int{nil, pointer(3), pointer(30)} {
		text += p.said(snap, reports.StageCohorts, reports.Ask{By: []string{"ENTERED_STAGE", "STATUS"}, AsOf: asOf, First: 1000, Within: within})
	}
	return text
}

func (p *past) said(snap *access.Snapshot, d *reports.Dataset, a reports.Ask) string {
	p.t.Helper()
	a.Subtotals = true
	r, err := reports.New().Run(context.Background(), snap, d, a)
	if err != nil {
		p.t.Fatal(err)
	}
	var rows any
	steps := ""
	if d == reports.StageChanges {
		shaped := reports.Shape[reports.StageChangeReportRow](r)
		rows = append(shaped.Rows, shaped.Total)
	} else {
		shaped := reports.Shape[reports.StageCohortReportRow](r)
		rows = append(shaped.Rows, shaped.Total)
		for _, row := range append(shaped.Rows, shaped.Total) {
			list, err := row.Steps(context.Background())
			if err != nil {
				p.t.Fatal(err)
			}
			for _, s := range list {
				days, _ := json.Marshal([]any{s.StageID, s.Entered, s.Reached, s.Rate, s.MedianDays})
				steps += string(days)
			}
		}
	}
	told, err := json.Marshal(rows)
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintln(d.Name, a.By, string(told), steps, p.behind(r))
}

// seesHisOwn tells that who sees some records sees as of an instant the changes of those alone.
func (p *past) seesHisOwn(at time.Time) {
	p.t.Helper()
	all, own := p.look(p.viewer(p.boss, true)), p.look(p.viewer(p.users[0].ID, false))
	mine := map[uuid.UUID]bool{}
	var sales []uuid.UUID
	q := own.Viewer.Query()
	if err := own.Run(context.Background(), q, "select o.id from "+q.Visible(access.Opportunity, "o"), func(row access.Row) error {
		var id uuid.UUID
		sales = append(sales, id)
		err := row.Scan(&sales[len(sales)-1])
		mine[sales[len(sales)-1]] = true
		return err
	}); err != nil {
		p.t.Fatal(err)
	}
	ids := func(snap *access.Snapshot) []uuid.UUID {
		return p.behind(p.partsReport(snap, reports.StageChanges, at))
	}
	every, err := store.StageChanges.ByIDs(context.Background(), all, ids(all))
	if err != nil {
		p.t.Fatal(err)
	}
	want := 0
	for _, c := range every {
		if mine[c.OpportunityID] {
			want++
		}
	}
	got, err := store.StageChanges.ByIDs(context.Background(), own, ids(own))
	for _, c := range got {
		if !mine[c.OpportunityID] {
			p.t.Errorf("%v is shown to who does not see its opportunity", c)
		}
	}
	if err != nil || len(got) != want || want == 0 || want == len(every) {
		p.t.Errorf("%d changes of his own, want %d of %d, %v", len(got), want, len(every), err)
	}
}
