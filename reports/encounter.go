package reports

import (
	"slices"

	"guanxi/access"
	"guanxi/models"
)

// Encounters is the dataset with one fact per encounter: an opportunity that met three competitors is three, a cancelled one is
// none. Sources: e is the encounter, q its quoted price in the company's currency, o the opportunity, m that one's amount.
var Encounters = &Dataset{
	Name: "encounters", Noun: "Encounter", Label: say("Encounters", "交锋"),
	Sentence: say(
		"Encounters with competitors in the opportunities that the viewer sees, cancelled ones left out: an opportunity with three competitors is three encounters, and its amount counts in each. Win rate against a competitor = we won / (we won + they won), with a 95 % Wilson interval. Amounts are converted one by one to the company's currency, at the rate of the opportunity's closing day or of today while open, rounded half-even to 4 places, then summed; one without a rate is unknown.",
		"查看者可见商机（不含已取消）中与竞争对手的交锋：一个商机遇到三个对手即三次交锋，其金额在每次交锋中各计一次。对某对手的赢单率 = 我方赢 /（我方赢 + 对方赢），附 95% 威尔逊区间。金额逐条折算为公司货币：已结束的按商机结束日汇率，进行中的按今日汇率，四位小数银行家舍入后求和；无汇率的视为未知。"),
	Kind: access.Encounter, Alias: "e",
	Clocks: encounterClocks, Measures: encounterMeasures,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "COMPETITOR", Label: say("Competitor", "竞争对手"), Type: RecordKeys, Key: "e.competitor_id", Of: access.Competitor},
		{Name: "OUTCOME", Label: say("Outcome", "结果"), Type: ChoiceKeys, Key: access.Outcome, From: "loss reason", List: outcomes},
		{Name: "MAIN", Label: say("Main competitor of its opportunity", "是否主要对手"), Type: ChoiceKeys, Key: "e.is_main::text", List: yesNo},
		amountBand("QUOTED_BAND", say("Quoted price band", "报价区间"), access.Amounts, "q.amount", "quoted price"),
	}, ofOpportunity(opportunityGroups), timeDimensions(encounterClocks...)),
	condition: "o.status <> 'CANCELLED'", always: []string{"opportunity"}, part: "outcome", asOf: true,
	sources: append(partSources("e"), amountSource("quoted price", "q", "e.quoted_price", "e.currency", "o.closed_at").after("opportunity")),
	covered: []covered{{"amount", "amount"}, {"quotedPrice", "quoted"}, {"lossReason", "reason"}},
	values: append(ofOpportunity(opportunityValues), []*value{
		{name: "outcome", text: access.Outcome, cast: "text", from: []string{"opportunity", "loss reason"}},
		{name: "competitor", text: "e.competitor_id", cast: "uuid"},
		{name: "opportunity", text: "o.id", cast: "uuid", from: []string{"opportunity"}},
		{name: "reason", text: "o.loss_reason_id", cast: "uuid", from: []string{"opportunity"}},
		{name: "quoted", text: "q.amount", cast: "numeric", from: []string{"quoted price"}, rule: access.Amounts},
	}...),
}

// encounterClocks are those of the opportunity, but that an encounter is noted at a time of its own.
var encounterClocks = append(ofOpportunity(opportunityClocks[:3]), &Clock{Name: CreatedClock, Past: say("noted", "记录"), Column: "e.created_at"})

var (
	outcomeIs  = func(outcome string) condition { return condition{"outcome", []string{outcome}} }
	weWon      = &component{name: "we_won", when: outcomeIs(models.WeWon)}
	theyWon    = &component{name: "they_won", when: outcomeIs(models.TheyWon)}
	stillOpen  = &component{name: "still_open", when: outcomeIs(models.Open)}
	otherWon   = &component{name: "other_won", when: outcomeIs(models.OtherWon)}
	nobodyWon  = &component{name: "nobody_won", when: outcomeIs(models.NobodyWon)}
	notKnown   = &component{name: "not_known", when: outcomeIs(models.UnknownOutcome)}
	amountWon  = amountWhen("won", "amount", outcomeIs(models.WeWon))
	amountLost = amountWhen("lost", "amount", outcomeIs(models.TheyWon))
	winRate    = rate{weWon, []*component{weWon, theyWon}}
)

// outcomeMeasures are counted of encounters, here and in the analysis of competitors.
var outcomeMeasures = []*Measure{
	whole("open", say("Open", "进行中"), say("Not decided.", "尚未结束。"), number{stillOpen}),
	whole("weWon", say("We won", "我方赢"), say("Won by us.", "我方赢单。"), number{weWon}),
	whole("theyWon", say("They won", "对方赢"), say("Lost, and the winner is this competitor.", "丢单且赢家为该竞争对手。"), number{theyWon}),
	whole("otherWon", say("Another won", "他方赢"), say("Lost, and the winner is another competitor.", "丢单且赢家为另一竞争对手。"), number{otherWon}),
	whole("nobodyWon", say("Nobody won", "无人赢"), say("Lost because the customer decided for nobody.", "因客户未决定而丢单。"), number{nobodyWon}),
	whole("unknown", say("Unknown", "未知"), say("Lost, and not known to whom.", "丢单而不知赢家。"), number{notKnown}),
	{Name: "winRate", Label: say("Win rate against them", "对其赢单率"), Sentence: say("We won / (we won + they won).", "我方赢 /（我方赢 + 对方赢）。"), Unit: RateUnit,
		Denominator: say("Encounters that we or they won.", "我方或对方赢的交锋。"), form: winRate},
	{Name: "amountWon", Label: say("Amount won", "赢单金额"), Sentence: say("Known amounts of what we won against them, in the company's currency.", "对其赢单的已知金额之和，折算为公司货币。"), Unit: MoneyUnit, Rule: access.Amounts, form: amountWon},
	{Name: "amountLost", Label: say("Amount lost", "丢单金额"), Sentence: say("Known amounts of what they won, in the company's currency.", "对方赢得的已知金额之和，折算为公司货币。"), Unit: MoneyUnit, Rule: access.Amounts, form: amountLost},
}

// encounterMeasures lists what is counted of encounters, in the order of the catalogue.
var encounterMeasures = slices.Concat([]*Measure{
	whole("count", say("Encounters", "交锋数"), say("How many encounters.", "交锋数量。"), number{all}),
}, outcomeMeasures, []*Measure{
	different("opportunities", say("Opportunities", "商机数"), "opportunity"),
	different("competitors", say("Competitors", "竞争对手数"), "competitor"),
	{Name: "averageQuotedPrice", Label: say("Average quoted price", "平均报价"), Sentence: say("The mean of their known quoted prices, in the company's currency, rounded half-even to 4 places.", "对方已知报价的平均值，折算为公司货币，四位小数银行家舍入。"), Unit: MoneyUnit, Rule: access.Amounts,
		Denominator: quoted, form: meanAmount{amount(quantityOf("quoted"))}},
	{Name: "medianQuotedPrice", Label: say("Median quoted price", "报价中位数"), Sentence: say("The known quoted price in the middle, in the company's currency; of an even number, the mean of the two in the middle.", "已知报价的中位数，折算为公司货币；偶数个时取中间两个的平均。"), Unit: MoneyUnit, Rule: access.Amounts,
		Denominator: quoted, form: placedAmount{medianOf("quoted")}},
})

var quoted = say("The encounters whose quoted price is known.", "报价已知的交锋。")

// EncounterReportRow is a row of a report on encounters.
type EncounterReportRow struct {
	*Row
	Previous                                                  *EncounterReportRow
	Count, Open, WeWon, TheyWon, OtherWon, NobodyWon, Unknown int
	WinRate                                                   *Rate
	AmountWon, AmountLost                                     *models.Money
	Opportunities, Competitors                                int
	AverageQuotedPrice, MedianQuotedPrice                     *models.Money
}

// EncounterReport is a report on encounters.
type EncounterReport = Shaped[EncounterReportRow]
