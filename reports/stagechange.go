package reports

import (
	"slices"

	"guanxi/access"
)

// StageChanges is the dataset with one fact per change of an opportunity's stage or status: one that went through four stages is
// four. Sources: h is the change, f and g the stages it leads from and to, b the changes before it, o the opportunity.
var StageChanges = &Dataset{
	Name: "stageChanges", Noun: "StageChange", Label: say("Changes of stage", "阶段变更"),
	Sentence: say(
		"Changes of stage or status of the opportunities that the viewer sees, each counted once, the first entry of an opportunity among them. A change goes forward to a later stage or to won, back to an earlier stage, or out to lost; conversion = forward / (forward + back + out), with a 95 % Wilson interval. Days in stage are whole days from the change before it.",
		"查看者可见商机的阶段或状态变更，每次计一次，含商机的首次进入。变更分为：前进（至更后的阶段或赢单）、后退（至更前的阶段）、退出（丢单）；转化率 = 前进 /（前进 + 后退 + 退出），附 95% 威尔逊区间。停留天数为距上一次变更的整天数。"),
	Kind: access.StageChange, Alias: "h",
	Clocks: changeClocks, Measures: changeMeasures, asOf: true,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "FROM_STAGE", Label: say("From stage", "原阶段"), Type: RecordKeys, Key: "h.from_stage_id", Of: access.Stage, Place: "position"},
		{Name: "TO_STAGE", Label: say("To stage", "新阶段"), Type: RecordKeys, Key: "h.to_stage_id", Of: access.Stage, Place: "position"},
		{Name: "FROM_STATUS", Label: say("From status", "原状态"), Type: ChoiceKeys, Key: "h.from_status", List: statuses},
		{Name: "TO_STATUS", Label: say("To status", "新状态"), Type: ChoiceKeys, Key: "h.to_status", List: statuses},
		{Name: "DIRECTION", Label: say("Direction", "方向"), Type: ChoiceKeys, Key: changeDirection, From: "to stage", List: directions},
		{Name: "CHANGED_BY", Label: say("Changed by", "变更人"), Type: RecordKeys, Key: "h.changed_by", Of: access.User},
	}, ofOpportunity(opportunityDimensions), timeDimensions(changeClocks...)),
	sources: append(partSources("h"), seen("from stage", access.Stage, "f", "f.id = h.from_stage_id"),
		seen("to stage", access.Stage, "g", "g.id = h.to_stage_id").after("from stage"),
		source{name: "before", alias: "b", reads: "h.opportunity_id h.changed_at", lateral: func(s *statement) string {
			return "(select max(x.changed_at) as at from " + s.lookedUp(access.StageChange, "x") + " where x.opportunity_id = h.opportunity_id and x.changed_at < h.changed_at)"
		}}),
	covered: []covered{{"at", "changed"}},
	values: []*value{
		{name: "direction", text: changeDirection, cast: "text", from: []string{"to stage"}},
		{name: "opportunity", text: "h.opportunity_id", cast: "uuid"},
		{name: "person", text: "h.changed_by", cast: "uuid"},
		{name: "changed", text: "h.changed_at", cast: "timestamptz"},
		{name: "days_in_stage", text: "(h.changed_at at time zone {zone})::date - (b.at at time zone {zone})::date", cast: "integer", from: []string{"before"}},
	},
}

var changeClocks = []*Clock{{Name: AtClock, Past: say("changed", "变更"), Column: "h.changed_at"}}

// changeDirection renders which way a change h goes from stage f to stage g; unknown when it moves nothing or between pipelines.
const changeDirection = `case
      when h.from_stage_id is null and h.from_status is null then 'ENTERED'
      when h.to_status <> h.from_status and h.to_status = 'WON' then 'FORWARD'
      when h.to_status <> h.from_status and h.to_status = 'LOST' then 'OUT'
      when h.to_status <> h.from_status then h.to_status
      when g.pipeline_id = f.pipeline_id and g.position > f.position then 'FORWARD'
      when g.pipeline_id = f.pipeline_id and g.position < f.position then 'BACK'
    end`

var directions = choices("ENTERED", "Entered", "首次进入", "FORWARD", "Forward", "前进", "BACK", "Back", "后退", "OUT", "Out, as lost", "退出（丢单）",
	"CANCELLED", "Cancelled", "取消", "OPEN", "Opened again", "重新打开")

var changeMeasures = []*Measure{
	whole("count", say("Changes", "变更数"), say("How many changes.", "变更数量。"), number{all}),
	whole("entered", say("Entered", "首次进入"), say("How many are the first of an opportunity.", "商机首次进入的数量。"), countWhen("direction", "ENTERED")),
	whole("forward", say("Forward", "前进"), say("How many lead to a later stage, or to won.", "至更后阶段或赢单的数量。"), countWhen("direction", "FORWARD")),
	whole("back", say("Back", "后退"), say("How many lead to an earlier stage.", "至更前阶段的数量。"), countWhen("direction", "BACK")),
	whole("out", say("Out", "退出"), say("How many lead to lost.", "丢单的数量。"), countWhen("direction", "OUT")),
	{Name: "conversionRate", Label: say("Conversion", "转化率"), Sentence: say("Forward of forward, back and out.", "前进占前进、后退与退出之和的比例。"), Unit: RateUnit,
		Denominator: say("Changes forward, back and out.", "前进、后退与退出的变更。"),
		form:        rate{countWhen("direction", "FORWARD").of, []*component{countWhen("direction", "FORWARD", "BACK", "OUT").of}}},
	{Name: "averageDaysInStage", Label: say("Average days in stage", "平均停留天数"), Sentence: say("Whole days since the change before, on average.", "距上一次变更的整天数的平均值。"), Unit: DaysUnit,
		Denominator: changedBefore, form: meanOf("days_in_stage")},
	{Name: "medianDaysInStage", Label: say("Median days in stage", "停留天数中位数"), Sentence: say("Whole days since the change before, the middle ones.", "距上一次变更的整天数的中位数。"), Unit: DaysUnit,
		Denominator: changedBefore, form: placed{medianOf("days_in_stage")}},
	{Name: "p90DaysInStage", Label: say("90th percentile of days in stage", "停留天数第 90 百分位"), Sentence: say("The fewest days since the change before that 90 % do not exceed.", "90% 的变更不超过的最少停留天数。"), Unit: DaysUnit,
		Denominator: changedBefore, form: placed{ninthOf("days_in_stage")}},
	different("opportunities", say("Opportunities", "商机数"), "opportunity"),
	different("people", say("People", "变更人数"), "person"),
}

var changedBefore = say("The changes with another before them.", "之前另有变更的变更。")

// StageChangeReportRow is a row of a report on changes of stage.
type StageChangeReportRow struct {
	*Row
	Previous                                              *StageChangeReportRow
	Count, Entered, Forward, Back, Out                    int
	ConversionRate                                        *Rate
	AverageDaysInStage, MedianDaysInStage, P90DaysInStage *float64
	Opportunities, People                                 int
}

// StageChangeReport is a report on changes of stage.
type StageChangeReport = Shaped[StageChangeReportRow]
