package reports

import (
	"fmt"
	"slices"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// StageCohorts is the dataset with one fact per opportunity and stage that it entered: its first entry while it was open. Sources:
// h is the entry, f and g the stages it leads from and to, z what came of it, o the opportunity.
var StageCohorts = &Dataset{
	Name: "stageCohorts", Noun: "StageCohort", Label: say("What came of stages entered", "阶段转化"), Over: say("First entries of opportunities into stages", "商机首次进入阶段的记录"),
	Sentence: say(
		"First entries of the opportunities that the viewer sees into each stage, while open: one that entered four stages is four, one that came back to a stage is still its first entry. Advanced are those that later came to a later stage of the same pipeline, or were won, also when they went back after; a stage that was passed over counts as reached. Won, lost, cancelled and open are how each stood at its horizon, and add up to those entered: the horizon is the end of the days within which it is asked, else now. Waiting are those open whose horizon is not over: what comes of them is not known yet, and they are in every denominator, so rates can still rise. Rates are of those entered, with a 95 % Wilson interval. Days are whole days from the entry, over those that got there. Stages stand in today's order, as of an earlier instant in the order of then.",
		"查看者可见商机在进行中首次进入各阶段的记录：进入过四个阶段即四条，重新回到某阶段仍以首次进入为准。晋级指之后到达同一流程的更后阶段或赢单，之后退回亦算；跳过的阶段视为已到达。赢单、丢单、取消与进行中为其在观察期末的状态，合计等于进入数：观察期为所问天数之内，未指定则至今。待定为仍在进行且观察期未满者：结果尚不可知，但计入各分母，故比率仍可能上升。比率以进入数为分母，附 95% 威尔逊区间。天数为自进入起的整天数，只计已到达者。阶段次序以今日为准，按较早时点时以当时为准。"),
	Kind: access.StageChange, Alias: "h",
	Clocks: cohortClocks, Measures: cohortMeasures, timed: true, asOf: true,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "ENTERED_STAGE", Label: say("Stage entered", "进入的阶段"), Type: RecordKeys, Key: "h.to_stage_id", Of: access.Stage, Place: "position"},
		{Name: "FROM_STAGE", Label: say("From stage", "原阶段"), Type: RecordKeys, Key: "h.from_stage_id", Of: access.Stage, Place: "position"},
		{Name: "OUTCOME", Label: say("Outcome", "结果"), Type: ChoiceKeys, Key: "z.outcome", From: "way", List: statuses},
		{Name: "ENTERED_BY", Label: say("Entered by", "操作人"), Type: RecordKeys, Key: "h.changed_by", Of: access.User},
	}, ofOpportunity(opportunityDimensions), timeDimensions(cohortClocks...)),
	condition: firstEntry, always: []string{"way"},
	sources: cohortSources, values: cohortValues,
	parts: map[string]condition{
		"ADVANCED": {of: "advanced"}, "WAITING": {of: "waiting"},
		models.Won: outcomeIs(models.Won), models.Lost: outcomeIs(models.Lost), models.Cancelled: outcomeIs(models.Cancelled), models.Open: outcomeIs(models.Open),
	},
}

var cohortClocks = []*Clock{{Name: AtClock, Past: say("entered", "进入"), Column: "h.changed_at"}}

// firstEntry chooses of an opportunity's changes those that first lead to a stage while it is open.
const firstEntry = "h.to_status = 'OPEN' and h.to_stage_id is not null and not z.again"

var cohortSources = append(partSources("h"),
	seen("to stage", access.Stage, "g", "g.id = h.to_stage_id"),
	source{name: "way", needs: "to stage", alias: "z", reads: "h.opportunity_id h.changed_at h.to_stage_id g.position", lateral: wayOn})

var cohortValues = []*value{
	{name: "outcome", text: "z.outcome", cast: "text", from: []string{"way"}},
	{name: "advanced", text: "z.advanced_at is not null", cast: "boolean", from: []string{"way"}},
	{name: "waiting", text: "z.waiting", cast: "boolean", from: []string{"way"}},
	{name: "days_to_advance", text: daysOn("z.advanced_at"), cast: "integer", from: []string{"way"}},
	{name: "days_to_win", text: "case when z.outcome = 'WON' then " + daysOn("z.ended_at") + " end", cast: "integer", from: []string{"way"}},
	{name: "days_to_loss", text: "case when z.outcome = 'LOST' then " + daysOn("z.ended_at") + " end", cast: "integer", from: []string{"way"}},
	{name: "opportunity", text: "h.opportunity_id", cast: "uuid"},
}

// daysOn renders the whole days from an entry h to a later instant.
func daysOn(at string) string {
	return "(" + at + " at time zone {zone})::date - (h.changed_at at time zone {zone})::date"
}

// wayOn renders what came of an entry h to stage g by its horizon: whether the stage had been entered before, when the opportunity
// first came further, how it stood, since when, and whether more may come.
func wayOn(s *statement) string {
	later, open := s.later(), "true"
	if s.Within != nil {
		open = s.fill("((" + s.now() + " at time zone {zone})::date - (h.changed_at at time zone {zone})::date) <= " + s.horizon())
	}
	return fmt.Sprintf(`(select w.again, w.advanced_at, coalesce(w.last, 'OPEN') as outcome, w.ended_at, coalesce(w.last, 'OPEN') = 'OPEN' and %s as waiting from (
    select coalesce(bool_or(x.to_stage_id = h.to_stage_id and x.to_status = 'OPEN' and (x.changed_at, x.id) < (h.changed_at, h.id)), false) as again,
      min(x.changed_at) filter (where %[2]s and (x.to_status = 'WON' or t.pipeline_id = g.pipeline_id and t.position > g.position)) as advanced_at,
      (array_agg(x.to_status order by x.changed_at desc, x.id desc) filter (where %[2]s))[1] as last,
      max(x.changed_at) filter (where %[2]s) as ended_at
    from %[3]s left join %[4]s on t.id = x.to_stage_id
    where x.opportunity_id = h.opportunity_id) w)`, open, later, s.lookedUp(access.StageChange, "x"), s.lookedUp(access.Stage, "t"))
}

// later renders that a change x comes after an entry h, and not after its horizon.
func (s *statement) later() string {
	text := "(x.changed_at, x.id) > (h.changed_at, h.id)"
	if s.Within == nil {
		return text
	}
	return text + s.fill(" and (x.changed_at at time zone {zone})::date - (h.changed_at at time zone {zone})::date <= "+s.horizon())
}

// horizon is within how many days it is asked.
func (s *statement) horizon() string { return s.once("within", fmt.Sprint(*s.Within)) + "::integer" }

// maxWithin is the longest horizon, in days.
const maxWithin = 3650

// checkWithin refuses a horizon that is none, or of what has none.
func (p *plan) checkWithin() error {
	if p.Within != nil && (*p.Within < 1 || *p.Within > maxWithin || !p.dataset.timed) {
		return outOfRange("within", maxWithin)
	}
	return nil
}

// withinSentence tells of the horizon that was asked for.
func (p *plan) withinSentence() string {
	if p.Within == nil {
		return ""
	}
	return fault.Say(" Within %d days from the day of entry.", "自进入之日起 %d 天内。", *p.Within).In(p.language)
}

var (
	advancedCount = &component{name: "advanced", when: condition{of: "advanced"}}
	enteredOnes   = say("The opportunities that entered.", "进入的商机。")
)

// cohortRate is the share of those entered that became something.
func cohortRate(name string, label, sentence fault.Sentence, hits *component) *Measure {
	return &Measure{Name: name, Label: label, Sentence: sentence, Unit: RateUnit, Denominator: enteredOnes, form: rate{hits, []*component{all}}}
}

// cohortDays is where the days of those that got somewhere lie.
func cohortDays(name string, label, sentence fault.Sentence, of string, among fault.Sentence) *Measure {
	return &Measure{Name: name, Label: label, Sentence: sentence, Unit: DaysUnit, Denominator: among, form: placed{medianOf(of)}}
}

// cohortMeasures lists what is counted of stages entered, in the order of the catalogue.
var cohortMeasures = []*Measure{
	whole("count", say("Entered", "进入数"), say("How many first entries of stages.", "首次进入阶段的数量。"), number{all}),
	whole("advanced", say("Advanced", "晋级数"), say("How many came to a later stage of the pipeline, or were won.", "到达更后阶段或赢单的数量。"), number{advancedCount}),
	cohortRate("advanceRate", say("Advance rate", "晋级率"), say("Advanced of entered.", "晋级数占进入数的比例。"), advancedCount),
	whole("won", say("Won", "赢单数"), say("How many stood as won.", "观察期末为赢单的数量。"), countWhen("outcome", models.Won)),
	cohortRate("winRate", say("Win rate", "赢单率"), say("Won of entered.", "赢单数占进入数的比例。"), countWhen("outcome", models.Won).of),
	whole("lost", say("Lost", "丢单数"), say("How many stood as lost.", "观察期末为丢单的数量。"), countWhen("outcome", models.Lost)),
	cohortRate("lossRate", say("Loss rate", "丢单率"), say("Lost of entered.", "丢单数占进入数的比例。"), countWhen("outcome", models.Lost).of),
	whole("cancelled", say("Cancelled", "已取消"), say("How many stood as cancelled.", "观察期末为已取消的数量。"), countWhen("outcome", models.Cancelled)),
	whole("open", say("Open", "进行中"), say("How many stood as open.", "观察期末仍在进行的数量。"), countWhen("outcome", models.Open)),
	whole("waiting", say("Waiting", "待定"), say("How many are open and have not had the days that are asked about, or are open now: what comes of them is not known yet.", "仍在进行且观察期未满的数量：结果尚不可知。"), number{&component{name: "waiting", when: condition{of: "waiting"}}}),
	cohortDays("medianDaysToAdvance", say("Median days to advance", "晋级天数中位数"), say("Whole days from entering to coming further, the middle ones.", "从进入到晋级的整天数的中位数。"), "days_to_advance", say("Those that advanced.", "晋级者。")),
	cohortDays("medianDaysToWin", say("Median days to win", "赢单天数中位数"), say("Whole days from entering to winning, the middle ones.", "从进入到赢单的整天数的中位数。"), "days_to_win", say("Those won.", "赢单者。")),
	cohortDays("medianDaysToLoss", say("Median days to loss", "丢单天数中位数"), say("Whole days from entering to losing, the middle ones.", "从进入到丢单的整天数的中位数。"), "days_to_loss", say("Those lost.", "丢单者。")),
	different("opportunities", say("Opportunities", "商机数"), "opportunity"),
}

// StageCohortReportRow is a row of a report on stages entered.
type StageCohortReportRow struct {
	*Row
	Previous                                               *StageCohortReportRow
	Count, Advanced, Won, Lost, Cancelled, Open, Waiting   int
	AdvanceRate, WinRate, LossRate                         *Rate
	MedianDaysToAdvance, MedianDaysToWin, MedianDaysToLoss *float64
	Opportunities                                          int
}

// StageCohortReport is a report on stages entered.
type StageCohortReport = Shaped[StageCohortReportRow]
