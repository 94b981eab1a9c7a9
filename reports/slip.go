package reports

import (
	"slices"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
)

// Slips is the dataset with one fact per slip: each time that an open opportunity's expected closing day was moved to a later one,
// and each such day that passed while it was open. Sources: x is the slip, o the opportunity, m its amount.
var Slips = &Dataset{
	Name: "slips", Noun: "Slip", Label: say("Slipped deals", "延期商机"),
	Sentence: say(
		"Slips of the opportunities that the viewer sees, as their history records them. An opportunity slips each time that its expected closing day is moved to a later day while it is open (moved), and each time that such a day ends, by the company's calendar, while it is open and due by then (passed); one that slips three times is three slips. A first day, one taken away, one moved to an earlier day, and what is changed after closing are no slips; a day that was over before it was entered has not passed. Days slipped lie between the old day and the new, so they are of what was moved; days overdue lie between the day that passed and that of the next move, of closing, or of the answer, so they are of what passed. Amounts are those of the opportunities, each once in every row, so they do not add up over rows: converted to the company's currency, at the rate of the closing day or of today while open, rounded half-even to 4 places. A record that was loaded without a history begins with what it was loaded with.",
		"查看者可见商机的延期，以其历史记录为准。进行中商机的预计成交日期每被改到更晚的一天（推迟），以及每当该日期按公司日历过完而商机当时仍在进行且到期（逾期），各计一次延期；延期三次即三条。首次填写、清空、提前以及结束后的修改不算延期；填写时已过去的日期不算逾期。推迟天数为新旧日期之差，只属于推迟；逾期天数为逾期日到下次改期、结束或查询之日的天数，只属于逾期。金额为商机金额，每行中每个商机只计一次，故不能逐行相加；折算为公司货币：已结束的按结束日汇率，进行中的按今日汇率，四位小数银行家舍入。未带历史载入的记录自载入时的值开始。"),
	Kind: access.Opportunity, Alias: "o",
	Clocks: slipClocks, Measures: slipMeasures, asOf: true, part: "kind",
	Dimensions: slices.Concat([]*Dimension{
		{Name: "KIND", Label: say("Kind of slip", "延期类型"), Type: ChoiceKeys, Key: "x.kind", From: "slip", List: slipKinds},
		{Name: "MOVED_BY", Label: say("Moved by", "推迟人"), Type: RecordKeys, Key: "x.person", From: "slip", Of: access.User},
		ageBand("DAYS_BAND", say("Days slipped", "推迟天数区间"), "x.days").from("slip"),
		{Name: "OPPORTUNITY", Label: say("Opportunity", "商机"), Type: RecordKeys, Key: "o.id", Of: access.Opportunity},
	}, opportunityDimensions, timeDimensions(slipClocks...)),
	sources: append([]source{{name: "slip", alias: "x", on: "x.record_id = o.id", each: true, reads: "o.id o.expected_close_on o.status",
		lateral: func(s *statement) string { return s.q.Slips(s.now(), s.homeZone()) }}}, opportunitySources...),
	covered: []covered{{"amount", "amount"}},
	values: append([]*value{
		{name: "kind", text: "x.kind", cast: "text"},
		{name: "days", text: "x.days", cast: "integer"},
		{name: "overdue", text: "x.overdue", cast: "integer"},
		{name: "person", text: "x.person", cast: "uuid"},
		{name: "opportunity", text: "o.id", cast: "uuid"},
		{name: "valued", text: "case when m.amount is not null then o.id end", cast: "uuid", from: []string{"amount"}, rule: access.Amounts},
	}, opportunityValues...),
}

var slipClocks = []*Clock{{Name: AtClock, Past: say("slipped", "延期"), Column: "x.at", From: "slip"}}

var slipKinds = choices(access.SlipMoved, "Moved to a later day", "推迟", access.SlipPassed, "Passed while open", "逾期")

// slipMeasures lists what is counted of slips, in the order of the catalogue.
var slipMeasures = []*Measure{
	whole("count", say("Slips", "延期次数"), say("How many times opportunities slipped.", "延期次数。"), number{all}),
	different("opportunities", say("Opportunities", "商机数"), "opportunity"),
	whole("moved", say("Times moved", "推迟次数"), say("How many times the expected closing day was moved to a later day.", "预计成交日期被改到更晚一天的次数。"), countWhen("kind", access.SlipMoved)),
	whole("passed", say("Times passed", "逾期次数"), say("How many times the expected closing day passed while the opportunity was open.", "预计成交日期过完而商机仍在进行的次数。"), countWhen("kind", access.SlipPassed)),
	{Name: "amount", Label: say("Amount slipped", "延期金额"), Sentence: say("Known amounts of the opportunities that slipped, each once, in the company's currency; it does not add up over rows.", "延期商机的已知金额之和，每个商机只计一次，折算为公司货币，不能逐行相加。"), Unit: MoneyUnit, Rule: access.Amounts,
		form: amount{&component{name: "once_of_amount", fold: once, of: "amount", by: "opportunity"}, differentOf("valued").of}},
	{Name: "daysSlipped", Label: say("Days slipped", "推迟天数"), Sentence: say("Days from the old day to the new, over all moves.", "各次推迟的新旧日期之差的总和。"), Unit: DaysUnit, form: quantityOf("days")},
	{Name: "averageDays", Label: say("Average days slipped", "平均推迟天数"), Sentence: say("Days from the old day to the new, on average.", "新旧日期之差的平均值。"), Unit: DaysUnit, Denominator: movedSlips, form: meanOf("days")},
	{Name: "medianDays", Label: say("Median days slipped", "推迟天数中位数"), Sentence: say("Days from the old day to the new, the middle ones.", "新旧日期之差的中位数。"), Unit: DaysUnit, Denominator: movedSlips, form: placed{medianOf("days")}},
	{Name: "maxDays", Label: say("Most days slipped", "最长推迟天数"), Sentence: say("Days from the old day to the new, the most.", "新旧日期之差的最大值。"), Unit: DaysUnit, Denominator: movedSlips, form: placed{mostOf("days")}},
	{Name: "averageDaysOverdue", Label: say("Average days overdue", "平均逾期天数"), Sentence: say("Days from the day that passed to that of the next move, of closing or of the answer, on average.", "逾期日到下次改期、结束或查询之日天数的平均值。"), Unit: DaysUnit, Denominator: passedSlips, form: meanOf("overdue")},
	{Name: "medianDaysOverdue", Label: say("Median days overdue", "逾期天数中位数"), Sentence: say("Days from the day that passed to that of the next move, of closing or of the answer, the middle ones.", "逾期日到下次改期、结束或查询之日天数的中位数。"), Unit: DaysUnit, Denominator: passedSlips, form: placed{medianOf("overdue")}},
	{Name: "maxDaysOverdue", Label: say("Most days overdue", "最长逾期天数"), Sentence: say("Days from the day that passed to that of the next move, of closing or of the answer, the most.", "逾期日到下次改期、结束或查询之日天数的最大值。"), Unit: DaysUnit, Denominator: passedSlips, form: placed{mostOf("overdue")}},
	different("owners", say("Owners", "负责人数"), "owner"),
}

var (
	movedSlips  = say("The times that a day was moved.", "推迟的次数。")
	passedSlips = say("The times that a day passed.", "逾期的次数。")
)

// SlipReportRow is a row of a report on slips.
type SlipReportRow struct {
	*Row
	Previous                                              *SlipReportRow
	Count, Opportunities, Moved, Passed                   int
	Amount                                                *models.Money
	DaysSlipped                                           *decimal.Decimal
	AverageDays, MedianDays, MaxDays                      *float64
	AverageDaysOverdue, MedianDaysOverdue, MaxDaysOverdue *float64
	Owners                                                int
}

// SlipReport is a report on slips.
type SlipReport = Shaped[SlipReportRow]
