package reports

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/models"
)

// StageCohortStep tells of a row how many of those that entered an earlier stage came to one or beyond it.
type StageCohortStep struct {
	StageID          uuid.UUID
	Entered, Reached int
	Rate             *Rate
	MedianDays       *float64

	row   *Row
	batch *models.Batch
}

// Key gives the stage's id and the batch of all steps read with it.
func (s *StageCohortStep) Key() (uuid.UUID, *models.Batch) { return s.StageID, s.batch }

// Join tells which others were read with it.
func (s *StageCohortStep) Join(b *models.Batch) { s.batch = b }

// cohortSteps is the dataset with one fact for each stage entered and each later one of its pipeline, l; y is when it was reached.
var cohortSteps = &Dataset{
	Kind: access.StageChange, Alias: "h", Clocks: cohortClocks, Dimensions: StageCohorts.Dimensions, timed: true,
	condition: firstEntry, always: []string{"way"},
	sources: append(slices.Clone(cohortSources),
		source{name: "later stage", needs: "to stage", kind: access.Stage, alias: "l", on: "l.pipeline_id = g.pipeline_id and l.position > g.position", each: true},
		source{name: "reached", needs: "later stage", alias: "y", reads: "h.opportunity_id h.changed_at l.position", lateral: reachedOn}),
	values: append([]*value{
		{name: "reached", text: "y.at is not null", cast: "boolean", from: []string{"reached"}},
		{name: "days_to_reach", text: daysOn("y.at"), cast: "integer", from: []string{"reached"}},
		{name: "position", text: "l.position", cast: "integer", from: []string{"later stage"}},
	}, cohortValues...),
}

// reachedOn renders when an entry h had come to stage l or beyond it.
func reachedOn(s *statement) string {
	return fmt.Sprintf(`(select min(x.changed_at) as at from %s left join %s on t.id = x.to_stage_id
    where x.opportunity_id = h.opportunity_id and %s and (x.to_status = 'WON' or t.pipeline_id = l.pipeline_id and t.position >= l.position))`,
		s.lookedUp(access.StageChange, "x"), s.lookedUp(access.Stage, "t"), s.later())
}

var (
	laterStage   = &Dimension{Name: "LATER_STAGE", Label: say("Later stage", "更后阶段"), Type: RecordKeys, Key: "l.id", From: "later stage", Of: access.Stage}
	reachedCount = &component{name: "hits", when: condition{of: "reached"}}
	daysToReach  = medianOf("days_to_reach")
)

// Steps tells how many of the row came to each later stage, in the order of the stages. One statement reads it for all rows of a level.
func (row *StageCohortReportRow) Steps(ctx context.Context) ([]*StageCohortStep, error) {
	r := row.Row
	all, err := models.Fetch(ctx, r.report.opened, fmt.Sprint("steps ", r.level), func() (map[int][]*StageCohortStep, error) { return r.report.steps(ctx, r.level) })
	list := slices.Concat([]*StageCohortStep{}, all[r.place])
	for _, s := range list {
		s.row = r
	}
	return list, err
}

// stepping is the statement of the plan's facts for each later stage, and the name of that stage's column.
func (r *Report) stepping(components ...*component) (*statement, string) {
	p := *r.plan
	p.dataset, p.by = cohortSteps, append(slices.Clone(p.by), laterStage)
	p.components, p.at = nil, map[string]int{}
	p.need(components...)
	return p.statement(), fmt.Sprintf("f.k%d", len(p.by))
}

func (r *Report) steps(ctx context.Context, level int) (map[int][]*StageCohortStep, error) {
	s, stage := r.stepping(all, reachedCount, daysToReach)
	facts, err := s.facts("position")
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("with facts as (\n  %s\n)\nselect coalesce(w.place, 0), %s, %s\nfrom %s\ngroup by 1, 2\norder by 1, min(f.position), 2", facts, stage, s.overs(), s.matched(level, r.groups[level]))
	found, together := map[int][]*StageCohortStep{}, []*StageCohortStep{}
	err = r.snap.Run(ctx, s.q, text, func(row access.Row) error {
		var place int
		step, f := &StageCohortStep{}, s.figures()
		if err := row.Scan(append([]any{&place, &step.StageID}, f.places()...)...); err != nil {
			return err
		}
		step.Entered, step.Reached = f.count(all), f.count(reachedCount)
		step.Rate = rateOf(step.Reached, step.Entered, s.viewer.Company.SmallSample)
		step.MedianDays, _ = placed{daysToReach}.value(f).(*float64)
		found[place], together = append(found[place], step), append(together, step)
		return nil
	})
	models.NewBatch(together)
	return found, err
}

// Page opens the step: a page of the entries that came to the stage. What is asked of one is read for all of a level.
func (s *StageCohortStep) Page(ctx context.Context, first *int, after *string) (*RecordPage, error) {
	t, err := turn(first, after)
	if err != nil {
		return nil, err
	}
	r, level := s.row.report, s.row.level
	pages, err := models.Fetch(ctx, r.opened, fmt.Sprint("reached ", t.size, t.after, level), func() (*RecordPages, error) { return r.reached(ctx, t, level) })
	if err != nil {
		return nil, err
	}
	return pages.page(fmt.Sprint(s.row.place, " ", s.StageID)), nil
}

func (r *Report) reached(ctx context.Context, t turned, level int) (*RecordPages, error) {
	s, stage := r.stepping(reachedCount)
	facts, err := s.facts()
	if err != nil {
		return nil, err
	}
	return t.read(ctx, r.snap, s.q, fmt.Sprintf("with facts as (\n  %s\n), behind as (\n  select coalesce(w.place, 0) || ' ' || %s as line, f.id from %s where f.reached\n)",
		facts, stage, s.matched(level, r.groups[level])))
}
