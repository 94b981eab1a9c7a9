package reports

import (
	"slices"

	"guanxi/access"
	"guanxi/models"
)

// Opportunities is the dataset with one fact per opportunity: every dimension has one value for each. Sources: o is the
// opportunity as the viewer reads it, m its amount in the company's currency.
var Opportunities = &Dataset{
	Name: "opportunities", Noun: "Opportunity", Label: say("Opportunities", "商机"),
	Sentence: say(
		"Opportunities that the viewer sees, each counted once. Loss rate = lost / (won + lost), win rate = 1 − loss rate, with a 95 % Wilson interval; cancelled ones are in no rate. Amounts are converted one by one to the company's currency, at the rate of the closing day or of today while open, rounded half-even to 4 places, then summed; one without a rate is unknown. A cycle is the whole days from beginning to closing of whatever is closed. Empty and hidden values are unknown.",
		"查看者可见的商机，每个只计一次。丢单率 = 丢单 /（赢单 + 丢单），赢单率 = 1 − 丢单率，附 95% 威尔逊区间；已取消的不计入任何比率。金额逐条折算为公司货币：已结束的按结束日汇率，进行中的按今日汇率，四位小数银行家舍入后求和；无汇率的视为未知。周期为已结束商机从开始到结束的整天数。空值与不可见的值均为未知。"),
	Kind: access.Opportunity, Alias: "o",
	Clocks: opportunityClocks, Dimensions: opportunityDimensions, Measures: opportunityMeasures,
	sources: opportunitySources, values: opportunityValues, part: "status", asOf: true, compared: rate{wonCount, []*component{wonCount, lostCount}},
	covered: []covered{{"amount", "amount"}, {"openedOn", "opened_on"}},
}

var opportunityClocks = []*Clock{
	{Name: ClosedClock, Past: say("closed", "结束"), Column: "o.closed_at"},
	{Name: OpenedClock, Past: say("opened", "开始"), Column: "o.opened_on", IsDay: true},
	{Name: ExpectedClock, Past: say("expected to close", "预计成交"), Column: "o.expected_close_on", IsDay: true},
	{Name: CreatedClock, Past: say("created", "创建"), Column: "o.created_at"},
}

var opportunitySources = slices.Concat(customerSources("o"), []source{
	seen("closing department", access.Department, "cd", "cd.id = o.closing_department_id"),
	seen("product", access.Product, "p", "p.id = o.main_product_id"),
	tree("product's category", "pt", "p.category_id").after("product"),
	seen("loss reason", access.DictionaryEntry, "lr", "lr.id = o.loss_reason_id"),
	seen("stage", access.Stage, "s", "s.id = o.stage_id"),
	{name: "amount", alias: "m", reads: "o.amount o.currency", money: &opportunityPrice, lateral: func(s *statement) string {
		return access.Converted("o", s.home(), opportunityPrice.day(s))
	}},
}, ownerSources("o"))

// opportunityPrice is converted at the closing day's rate, of an open one at today's.
var opportunityPrice = priced{"o.amount", "o.currency", "o.closed_at"}

var weightedText = access.HalfEven("(m.amount * s.probability::numeric)")

var opportunityValues = []*value{
	{name: "status", text: "o.status", cast: "text"},
	{name: "amount", text: "m.amount", cast: "numeric", from: []string{"amount"}, rule: access.Amounts},
	{name: "unconverted", text: "m.amount is null and o.amount is not null", cast: "boolean", from: []string{"amount"}, rule: access.Amounts},
	{name: "weighted", text: "case when o.status = 'OPEN' then " + weightedText + " end", cast: "numeric", from: []string{"stage", "amount"}, rule: access.Amounts},
	{name: "cycle_days", text: "(o.closed_at at time zone {zone})::date - o.opened_on", cast: "integer"},
	{name: "opened_on", text: "o.opened_on", cast: "date"},
	{name: "customer", text: "c.id", cast: "uuid", from: []string{"customer"}},
	{name: "owner", text: "o.owner_id", cast: "uuid"},
}

// opportunityDimensions lists what opportunities are grouped by, in the order of the catalogue.
var opportunityDimensions = slices.Concat(opportunityGroups, timeDimensions(opportunityClocks...))

// opportunityGroups are those that are not of time.
var opportunityGroups = slices.Concat([]*Dimension{
	{Name: "STATUS", Label: say("Status", "状态"), Type: ChoiceKeys, Key: "o.status", List: statuses},
	{Name: "STAGE", Label: say("Stage", "阶段"), Type: RecordKeys, Key: "o.stage_id", Of: access.Stage, Place: "position"},
	{Name: "PIPELINE", Label: say("Pipeline", "销售流程"), Type: RecordKeys, Key: "o.pipeline_id", Of: access.Pipeline},
}, ownerDimensions("o"), []*Dimension{
	{Name: "CLOSING_OWNER", Label: say("Closing owner", "成交负责人"), Type: RecordKeys, Key: "o.closing_owner_id", Of: access.User},
	{Name: "CLOSING_DEPARTMENT", Label: say("Closing department", "成交部门"), Type: RecordKeys, Key: "o.closing_department_id", Of: access.Department},
}, departments("CLOSING_DEPARTMENT", say("Closing department", "成交部门"), "cd", "closing department"), customerDimensions, []*Dimension{
	{Name: "MAIN_COMPETITOR", Label: say("Main competitor", "主要竞争对手"), Type: RecordKeys, Key: "o.main_competitor_id", Of: access.Competitor},
	{Name: "MAIN_PRODUCT", Label: say("Main product", "主要产品"), Type: RecordKeys, Rule: access.Amounts, Key: "o.main_product_id", Of: access.Product},
}, entries(&Dimension{Name: "PRODUCT_CATEGORY", Label: say("Product category", "产品类别"), Type: RecordKeys, Rule: access.Amounts, Key: "p.category_id", From: "product", Of: access.DictionaryEntry}, "pt", "product's category"), []*Dimension{
	{Name: "LOSS_REASON", Label: say("Loss reason", "丢单原因"), Type: RecordKeys, Key: "o.loss_reason_id", Of: access.DictionaryEntry},
	{Name: "LOSS_KIND", Label: say("Kind of loss", "丢单类型"), Type: ChoiceKeys, Key: "lr.loss_kind", From: "loss reason", List: lossKinds},
	amountBand("AMOUNT_BAND", say("Amount band", "金额区间"), access.Amounts, "m.amount", "amount"),
	ageBand("AGE_BAND", say("Age band", "时长区间"), "coalesce((o.closed_at at time zone {zone})::date, {localtoday}) - o.opened_on"),
})

var (
	statusIs   = func(status string) condition { return condition{"status", []string{status}} }
	wonCount   = &component{name: "won", when: statusIs(models.Won)}
	lostCount  = &component{name: "lost", when: statusIs(models.Lost)}
	openCount  = &component{name: "open", when: statusIs(models.Open)}
	wonAmount  = amountWhen("won", "amount", statusIs(models.Won))
	lostAmount = amountWhen("lost", "amount", statusIs(models.Lost))
	openAmount = amountWhen("open", "amount", statusIs(models.Open))
)

// opportunityMeasures lists what is counted of opportunities, in the order of the catalogue.
var opportunityMeasures = []*Measure{
	{Name: "count", Label: say("Opportunities", "商机数"), Sentence: say("How many opportunities, whatever their status.", "商机数量，不论状态。"), Unit: CountUnit, form: number{all}},
	{Name: "won", Label: say("Won", "赢单数"), Sentence: say("How many were won.", "赢单的商机数量。"), Unit: CountUnit, form: number{wonCount}},
	{Name: "lost", Label: say("Lost", "丢单数"), Sentence: say("How many were lost.", "丢单的商机数量。"), Unit: CountUnit, form: number{lostCount}},
	{Name: "open", Label: say("Open", "进行中"), Sentence: say("How many are not decided.", "尚未结束的商机数量。"), Unit: CountUnit, form: number{openCount}},
	{Name: "cancelled", Label: say("Cancelled", "已取消"), Sentence: say("How many were cancelled as a mistake or a duplicate; they are in no rate.", "因错误或重复而取消的数量，不计入任何比率。"), Unit: CountUnit,
		form: number{&component{name: "cancelled", when: statusIs(models.Cancelled)}}},
	{Name: "lossRate", Label: say("Loss rate", "丢单率"), Sentence: say("Lost of won and lost, by number.", "丢单数占赢单数与丢单数之和的比例。"), Unit: RateUnit,
		Denominator: decided, form: rate{lostCount, []*component{wonCount, lostCount}}},
	{Name: "winRate", Label: say("Win rate", "赢单率"), Sentence: say("Won of won and lost, by number.", "赢单数占赢单数与丢单数之和的比例。"), Unit: RateUnit,
		Denominator: decided, form: rate{wonCount, []*component{wonCount, lostCount}}},
	{Name: "lossRateByAmount", Label: say("Loss rate by amount", "金额丢单率"), Sentence: say("Amount lost of amount won and lost; none when one side has no amounts at all.", "丢单金额占赢单与丢单金额之和的比例；任一方没有金额时为空。"), Unit: RateUnit, Rule: access.Amounts,
		Denominator: say("The known amounts of what was won and lost.", "赢单与丢单的已知金额之和。"), form: amountRate{lostAmount, wonAmount}},
	{Name: "wonAmount", Label: say("Amount won", "赢单金额"), Sentence: say("Known amounts of what was won, in the company's currency at the closing days' rates.", "赢单的已知金额之和，按结束日汇率折算为公司货币。"), Unit: MoneyUnit, Rule: access.Amounts, form: wonAmount},
	{Name: "lostAmount", Label: say("Amount lost", "丢单金额"), Sentence: say("Known amounts of what was lost, in the company's currency at the closing days' rates.", "丢单的已知金额之和，按结束日汇率折算为公司货币。"), Unit: MoneyUnit, Rule: access.Amounts, form: lostAmount},
	{Name: "openAmount", Label: say("Amount open", "进行中金额"), Sentence: say("Known amounts of what is open, in the company's currency at today's rates.", "进行中商机的已知金额之和，按今日汇率折算为公司货币。"), Unit: MoneyUnit, Rule: access.Amounts, form: openAmount},
	{Name: "weightedAmount", Label: say("Weighted amount", "加权金额"), Sentence: say("Known amounts of what is open, each times its stage's probability and rounded half-even to 4 places.", "进行中商机的已知金额乘以阶段概率之和，逐条四位小数银行家舍入。"), Unit: MoneyUnit, Rule: access.Amounts,
		form: amount{&component{name: "weighted_sum", fold: summed, of: "weighted"}, openAmount.known}},
	{Name: "unconverted", Label: say("Without a rate", "缺汇率"), Sentence: say("How many have an amount in a currency without an exchange rate on the day; they are in no amount.", "金额所用货币当日无汇率的数量，不计入任何金额。"), Unit: CountUnit, Rule: access.Amounts,
		form: number{&component{name: "without_rate", when: condition{of: "unconverted"}}}},
	{Name: "averageCycleDays", Label: say("Average cycle", "平均周期"), Sentence: say("Whole days from beginning to closing, on average over the closed opportunities where both are known.", "从开始到结束的整天数，对两者均已知的已结束商机取平均。"), Unit: DaysUnit,
		Denominator: begun, form: meanOf("cycle_days")},
	{Name: "medianCycleDays", Label: say("Median cycle", "周期中位数"), Sentence: say("The cycle that half of the closed opportunities do not exceed; of an even number, the mean of the two in the middle.", "已结束商机周期的中位数；偶数个时取中间两个的平均。"), Unit: DaysUnit,
		Denominator: begun, form: placed{medianOf("cycle_days")}},
	{Name: "p90CycleDays", Label: say("90th percentile of cycles", "周期第 90 百分位"), Sentence: say("The shortest cycle that 90 % of the closed opportunities do not exceed.", "90% 的已结束商机不超过的最短周期。"), Unit: DaysUnit,
		Denominator: begun, form: placed{ninthOf("cycle_days")}},
	{Name: "averageAmount", Label: say("Average amount", "平均金额"), Sentence: say("The mean of the known amounts, whatever the status, rounded half-even to 4 places.", "已知金额的平均值，不论状态，四位小数银行家舍入。"), Unit: MoneyUnit, Rule: access.Amounts,
		Denominator: valued, form: meanAmount{amount(quantityOf("amount"))}},
	{Name: "medianAmount", Label: say("Median amount", "金额中位数"), Sentence: say("The known amount in the middle, whatever the status; of an even number, the mean of the two in the middle.", "已知金额的中位数，不论状态；偶数个时取中间两个的平均。"), Unit: MoneyUnit, Rule: access.Amounts,
		Denominator: valued, form: placedAmount{medianOf("amount")}},
	{Name: "p90Amount", Label: say("90th percentile of amounts", "金额第 90 百分位"), Sentence: say("The smallest known amount that 90 % do not exceed, whatever the status.", "90% 的已知金额不超过的最小金额，不论状态。"), Unit: MoneyUnit, Rule: access.Amounts,
		Denominator: valued, form: placedAmount{ninthOf("amount")}},
	different("customers", say("Customers", "客户数"), "customer"),
	different("owners", say("Owners", "负责人数"), "owner"),
}

var (
	begun  = say("The closed opportunities whose beginning is known.", "开始日期已知的已结束商机。")
	valued = say("The opportunities whose amount is known.", "金额已知的商机。")
)

var decided = say("Won and lost; those open and cancelled are left out.", "赢单与丢单之和，不含进行中与已取消。")

// OpportunityReportRow is a row of a report on opportunities.
type OpportunityReportRow struct {
	*Row
	Previous                                          *OpportunityReportRow
	Count, Won, Lost, Open, Cancelled                 int
	LossRate, WinRate                                 *Rate
	LossRateByAmount                                  *AmountRate
	WonAmount, LostAmount, OpenAmount, WeightedAmount *models.Money
	Unconverted                                       *int
	AverageCycleDays, MedianCycleDays, P90CycleDays   *float64
	AverageAmount, MedianAmount, P90Amount            *models.Money
	Customers, Owners                                 int
}

// OpportunityReport is a report on opportunities.
type OpportunityReport = Shaped[OpportunityReportRow]
