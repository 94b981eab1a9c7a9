package reports

import (
	"slices"

	"guanxi/access"
	"guanxi/models"
)

// Competition is the dataset of competitorAnalysis: opportunities, of which one that met three competitors is three facts and
// a cancelled one is none. How an encounter ended is derived from its opportunity.
var Competition = &Dataset{
	Name: "competitors", Noun: "Competitor", Label: say("Encounters with competitors", "竞争对手交锋"),
	Over: say("Encounters with competitors in the opportunities", "商机中与竞争对手的交锋"),
	Sentence: say(
		"Encounters with competitors in the opportunities that the viewer sees, cancelled ones left out: an opportunity with three competitors is three encounters, and its amount counts in each, in other and in the total too. Win rate against a competitor = we won / (we won + they won), with a 95 % Wilson interval. Rank 1 has the highest lower bound of their win rate against us; the other rank goes by the amount lost to them. Unattributed is what was lost without a winner named, the reason not being that the customer decided for nobody. Strength is by the model of Bradley and Terry over decided games: what we won was a game against each competitor met; what another won, a game that he won against us and against each other competitor met; half a game each way against us is taken as given, and we are 0. Price gap = (their price − our amount) / our amount, over the encounters where theirs is known and ours is known and above 0, both at the rate of the closing day or of today while open. Amounts are converted one by one to the company's currency, rounded half-even to 4 places, then summed.",
		"查看者可见商机（不含已取消）中与竞争对手的交锋：一个商机遇到三个对手即三次交锋，其金额在每次交锋中各计一次，“其他”与合计亦然。对某对手的赢单率 = 我方赢 /（我方赢 + 对方赢），附 95% 威尔逊区间。排名按对方对我方赢单率的置信下限由高到低；另一排名按输给对方的金额。未归因指丢单而未指明赢家，且原因不是客户未决定。实力按布拉德利–特里模型，由已决出的对局估计：我方赢单即对所遇每个对手各胜一局；他方赢单即其对我方及所遇其余对手各胜一局；另设每个对手与我方互有半局胜负，我方为 0。价差 = （对方报价 − 我方金额）/ 我方金额，仅计对方报价已知且我方金额已知并大于 0 的交锋，均按结束日（进行中的按今日）汇率折算。金额逐条折算为公司货币，四位小数银行家舍入后求和。"),
	Kind: access.Opportunity, Alias: "o",
	Clocks: opportunityClocks, Dimensions: opportunityDimensions, Measures: competitionMeasures,
	condition: "o.status <> 'CANCELLED'", part: "outcome", compared: winRate, asOf: true,
	sources: append(append([]source{{name: "encounter", kind: access.Encounter, alias: "e", on: "e.opportunity_id = o.id", each: true}}, opportunitySources...),
		source{name: "price", kind: access.Encounter, alias: "q", reads: "e.quoted_price e.currency", lateral: quotedPrice}),
	values: append([]*value{
		{name: "competitor_id", text: "e.competitor_id", cast: "uuid"},
		{name: "loss_reason_id", text: "o.loss_reason_id", cast: "uuid"},
		{name: "winner", text: "o.won_by_id", cast: "uuid"},
		{name: "outcome", text: access.Outcome, cast: "text", from: []string{"loss reason"}},
		{name: "quoted", text: "q.quoted_price", cast: "numeric", from: []string{"price"}, rule: access.Amounts},
		{name: "price_gap", text: "case when m.amount > 0 then (q.quoted_price - m.amount) / m.amount end", cast: "numeric", from: []string{"amount", "price"}, rule: access.Amounts},
	}, opportunityValues...),
}

// competitorKey is the dimension of the rows of competitorAnalysis.
var competitorKey = &Dimension{Name: "COMPETITOR", Label: say("Competitor", "竞争对手"), Type: RecordKeys, Key: "e.competitor_id", Of: access.Competitor}

// quotedPrice renders the source q with what the competitor asked, converted as the opportunity's amount is.
func quotedPrice(s *statement) string {
	return "(\n    select x.amount as quoted_price from (select e.quoted_price as amount, e.currency as currency) y cross join lateral " +
		access.Converted("y", s.home(), "coalesce("+s.homeDay("o.closed_at")+", "+s.today()+")") + " x)"
}

// attributions is the dataset with one fact per opportunity that tells how far losses name their winner.
var attributions = &Dataset{
	Kind: access.Opportunity, Alias: "o", Clocks: opportunityClocks, condition: "o.status <> 'CANCELLED'", sources: opportunitySources,
	values: append([]*value{
		{name: "met", text: "o.main_competitor_id is not null", cast: "boolean"},
		{name: "attributed", text: "o.won_by_id is not null", cast: "boolean"},
		{name: "explained", text: "o.loss_reason_id is not null", cast: "boolean"},
		{name: "nobody", text: "lr.loss_kind is not distinct from 'NO_DECISION'", cast: "boolean", from: []string{"loss reason"}},
	}, opportunityValues...),
}

// competitionMeasures lists what is counted of a competitor, in the order of the catalogue.
var competitionMeasures = slices.Concat([]*Measure{
	{Name: "rank", Label: say("Rank", "排名"), Sentence: say("Place among all competitors by the lower bound of their win rate against us, from 1.", "在全部竞争对手中按对方对我方赢单率的置信下限由高到低的名次，自 1 起。"), Unit: PlainUnit, form: apart{winRate.components()}},
	{Name: "rankByAmountLost", Label: say("Rank by amount lost", "丢单金额排名"), Sentence: say("Place among all competitors by the amount lost to them, from 1.", "在全部竞争对手中按输给对方的金额由高到低的名次，自 1 起。"), Unit: PlainUnit, Rule: access.Amounts, form: apart{amountLost.components()}},
	{Name: "competitors", Label: say("Competitors", "竞争对手数"), Sentence: say("How many competitors the numbers are of.", "数字所涉竞争对手的数量。"), Unit: CountUnit, form: apart{}},
	whole("encounters", say("Encounters", "交锋数"), say("Opportunities that the competitor was met in.", "遇到该竞争对手的商机数量。"), number{all}),
}, outcomeMeasures, []*Measure{
	{Name: "priceGap", Label: say("Price gap", "价差"), Sentence: say("(Their price − our amount) / our amount, both converted at the same day's rate, on average and in the middle.", "（对方报价 − 我方金额）/ 我方金额，两者按同一天汇率折算，取平均与中位数。"), Unit: RatioUnit, Rule: access.Amounts,
		Denominator: say("Encounters where their price is known and our amount is known and above 0.", "对方报价已知且我方金额已知并大于 0 的交锋。"), form: priceGap},
	{Name: "strength", Label: say("Strength", "实力"), Sentence: say("Logarithm of the odds that they win against us, by the model of Bradley and Terry over all decided games; 0 is as strong as we are.", "按布拉德利–特里模型由全部已决对局估计的对方胜我方之比的自然对数；0 表示与我方相当。"), Unit: LogOddsUnit,
		Denominator: say("Decided games, against us and among competitors.", "已决出的对局，含与我方及对手之间。"), form: apart{}},
	{Name: "lossReasons", Label: say("Loss reasons", "丢单原因"), Sentence: say("How often each reason was given for what they won, none among them; the counts add up to what they won.", "对方所赢交锋中各丢单原因（含未填）的次数，合计等于对方赢的次数。"), Unit: CountUnit,
		Denominator: say("Encounters that they won.", "对方赢的交锋。"), form: apart{}},
})

// bouts are the measures that every row has; the others are read when they are asked for.
var bouts = []string{"encounters", "open", "weWon", "theyWon", "otherWon", "nobodyWon", "unknown", "winRate", "amountWon", "amountLost"}

// bout is the numbers of one competitor against us.
type bout struct{ figures }

// threat is the lower bound of their win rate against us.
func (b bout) threat() float64 {
	low, _ := wilson(b.count(theyWon), b.count(weWon)+b.count(theyWon))
	return low
}

// told gives the numbers as they are shown; amounts are absent when the viewer reads none.
func (b bout) told() Bouts {
	won, _ := amountWon.value(b.figures).(*models.Money)
	lost, _ := amountLost.value(b.figures).(*models.Money)
	return Bouts{
		Encounters: b.count(all), Open: b.count(stillOpen), WeWon: b.count(weWon), TheyWon: b.count(theyWon),
		OtherWon: b.count(otherWon), NobodyWon: b.count(nobodyWon), Unknown: b.count(notKnown),
		WinRate: winRate.value(b.figures).(*Rate), AmountWon: won, AmountLost: lost,
	}
}
