package reports

import (
	"slices"

	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
)

// OpportunityLines is the dataset with one fact per line of an opportunity: one with five products is five. Sources: li is the
// line, la its amount in the company's currency, o the opportunity.
var OpportunityLines = &Dataset{
	Name: "opportunityLines", Noun: "OpportunityLine", Label: say("Lines of opportunities", "商机明细"),
	Sentence: say(
		"Lines of the opportunities that the viewer sees: an opportunity with five products is five lines, each with its own amount. Win rate = won / (won + lost), by lines, with a 95 % Wilson interval. Amounts are in the opportunity's currency, converted one by one to the company's at the rate of its closing day or of today while open, rounded half-even to 4 places, then summed; one without a rate is unknown.",
		"查看者可见商机的明细行：一个商机有五个产品即五行，各有其金额。赢单率 = 赢单 /（赢单 + 丢单），按行数计，附 95% 威尔逊区间。金额为商机货币，逐行折算为公司货币：已结束的按结束日汇率，进行中的按今日汇率，四位小数银行家舍入后求和；无汇率的视为未知。"),
	Kind: access.OpportunityLine, Alias: "li",
	Clocks: ofOpportunity(opportunityClocks), Measures: lineMeasures,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "PRODUCT", Label: say("Product", "产品"), Type: RecordKeys, Key: "li.product_id", Of: access.Product},
	}, entries(&Dimension{Name: "CATEGORY", Label: say("Product category", "产品类别"), Type: RecordKeys, Key: "lp.category_id", From: "line's product", Of: access.DictionaryEntry}, "lt", "line's category"), []*Dimension{
		amountBand("LINE_AMOUNT_BAND", say("Band of the line's amount", "明细金额区间"), access.Amounts, "la.amount", "line's amount"),
	}, ofOpportunity(opportunityDimensions)),
	part: "status", asOf: true,
	sources: append(partSources("li"), seen("line's product", access.Product, "lp", "lp.id = li.product_id"), tree("line's category", "lt", "lp.category_id").after("line's product"),
		amountSource("line's amount", "la", "li.amount", "o.currency", "o.closed_at").after("opportunity")),
	covered: []covered{{"amount", "line_amount"}},
	values: append(ofOpportunity(opportunityValues), []*value{
		{name: "product", text: "li.product_id", cast: "uuid"},
		{name: "opportunity", text: "o.id", cast: "uuid", from: []string{"opportunity"}},
		{name: "quantity", text: "li.quantity", cast: "numeric"},
		{name: "line_amount", text: "la.amount", cast: "numeric", from: []string{"line's amount"}, rule: access.Amounts},
	}...),
}

var lineMeasures = []*Measure{
	whole("count", say("Lines", "明细数"), say("How many lines, whatever the status of their opportunity.", "明细行数，不论商机状态。"), number{all}),
	whole("won", say("Won", "赢单数"), say("How many are of opportunities won.", "赢单商机的明细行数。"), number{wonCount}),
	whole("lost", say("Lost", "丢单数"), say("How many are of opportunities lost.", "丢单商机的明细行数。"), number{lostCount}),
	whole("open", say("Open", "进行中"), say("How many are of opportunities not decided.", "进行中商机的明细行数。"), number{openCount}),
	{Name: "winRate", Label: say("Win rate", "赢单率"), Sentence: say("Won of won and lost, by lines.", "赢单行数占赢单与丢单行数之和的比例。"), Unit: RateUnit,
		Denominator: decided, form: rate{wonCount, []*component{wonCount, lostCount}}},
	{Name: "quantity", Label: say("Quantity", "数量"), Sentence: say("Quantities added up, whatever the status.", "数量之和，不论状态。"), Unit: PlainUnit, form: quantityOf("quantity")},
	{Name: "amount", Label: say("Amount", "金额"), Sentence: say("Known amounts of the lines, whatever the status, in the company's currency.", "明细的已知金额之和，不论状态，折算为公司货币。"), Unit: MoneyUnit, Rule: access.Amounts, form: amount(quantityOf("line_amount"))},
	{Name: "wonAmount", Label: say("Amount won", "赢单金额"), Sentence: say("Known amounts of the lines of what was won.", "赢单商机明细的已知金额之和。"), Unit: MoneyUnit, Rule: access.Amounts, form: amountWhen("line_won", "line_amount", statusIs(models.Won))},
	{Name: "lostAmount", Label: say("Amount lost", "丢单金额"), Sentence: say("Known amounts of the lines of what was lost.", "丢单商机明细的已知金额之和。"), Unit: MoneyUnit, Rule: access.Amounts, form: amountWhen("line_lost", "line_amount", statusIs(models.Lost))},
	{Name: "averageAmount", Label: say("Average amount", "平均金额"), Sentence: say("The mean of the lines' known amounts, rounded half-even to 4 places.", "明细已知金额的平均值，四位小数银行家舍入。"), Unit: MoneyUnit, Rule: access.Amounts,
		Denominator: say("The lines whose amount is known.", "金额已知的明细。"), form: meanAmount{amount(quantityOf("line_amount"))}},
	{Name: "medianAmount", Label: say("Median amount", "金额中位数"), Sentence: say("The line's known amount in the middle; of an even number, the mean of the two in the middle.", "明细已知金额的中位数；偶数个时取中间两个的平均。"), Unit: MoneyUnit, Rule: access.Amounts,
		Denominator: say("The lines whose amount is known.", "金额已知的明细。"), form: placedAmount{medianOf("line_amount")}},
	different("opportunities", say("Opportunities", "商机数"), "opportunity"),
	different("products", say("Products", "产品数"), "product"),
}

// OpportunityLineReportRow is a row of a report on lines.
type OpportunityLineReportRow struct {
	*Row
	Previous                                                   *OpportunityLineReportRow
	Count, Won, Lost, Open                                     int
	WinRate                                                    *Rate
	Quantity                                                   *decimal.Decimal
	Amount, WonAmount, LostAmount, AverageAmount, MedianAmount *models.Money
	Opportunities, Products                                    int
}

// OpportunityLineReport is a report on lines.
type OpportunityLineReport = Shaped[OpportunityLineReportRow]
