package reports

import (
	"guanxi/access"
	"guanxi/fault"
)

// What a measure is measured in.
const (
	CountUnit = "COUNT"
	RateUnit  = "RATE"
	MoneyUnit = "MONEY"
	DaysUnit  = "DAYS"
)

// component is a number that adds up over rows: what a group keeps, and what every measure is computed from.
type component struct {
	name string
	over string // the number over facts
	cast string // its SQL type
}

// measure is a number that a report gives.
type measure struct {
	name     string // the row's field
	order    string // the value of orderBy
	label    fault.Sentence
	sentence fault.Sentence
	unit     string
	rule     access.Rule
	value    string // computed from a group's components
}

// components of the opportunities dataset, in the order in which figures are read.
var components = []component{
	{"n", "count(*)", "bigint"},
	{"won", "count(*) filter (where status = 'WON')", "bigint"},
	{"lost", "count(*) filter (where status = 'LOST')", "bigint"},
	{"open", "count(*) filter (where status = 'OPEN')", "bigint"},
	{"cancelled", "count(*) filter (where status = 'CANCELLED')", "bigint"},
	{"won_amount", "coalesce(sum(amount) filter (where status = 'WON'), 0)", "numeric"},
	{"won_amounts", "count(amount) filter (where status = 'WON')", "bigint"},
	{"lost_amount", "coalesce(sum(amount) filter (where status = 'LOST'), 0)", "numeric"},
	{"lost_amounts", "count(amount) filter (where status = 'LOST')", "bigint"},
	{"open_amount", "coalesce(sum(amount) filter (where status = 'OPEN'), 0)", "numeric"},
	{"open_amounts", "count(amount) filter (where status = 'OPEN')", "bigint"},
	{"weighted", "coalesce(sum(weighted), 0)", "numeric"},
	{"unconverted", "count(*) filter (where unconverted)", "bigint"},
	{"cycle_days", "coalesce(sum(cycle_days), 0)", "bigint"},
	{"cycles", "count(cycle_days)", "bigint"},
	{"amounts", "count(amount)", "bigint"},
	{"opened", "count(*) filter (where opened)", "bigint"},
}

// measures of the opportunities dataset, in the order of the catalogue.
var measures = []measure{
	{"count", "COUNT", say("Opportunities", "商机数"), say("How many opportunities, whatever their status.", "商机数量，不论状态。"), CountUnit, "", "n"},
	{"won", "WON", say("Won", "赢单数"), say("How many were won.", "赢单的商机数量。"), CountUnit, "", "won"},
	{"lost", "LOST", say("Lost", "丢单数"), say("How many were lost.", "丢单的商机数量。"), CountUnit, "", "lost"},
	{"open", "OPEN", say("Open", "进行中"), say("How many are not decided.", "尚未结束的商机数量。"), CountUnit, "", "open"},
	{"cancelled", "", say("Cancelled", "已取消"), say("How many were cancelled as a mistake or a duplicate; they are in no rate.", "因错误或重复而取消的数量，不计入任何比率。"), CountUnit, "", "cancelled"},
	{"lossRate", "LOSS_RATE", say("Loss rate", "丢单率"), say("Lost of won and lost, by number.", "丢单数占赢单数与丢单数之和的比例。"), RateUnit, "", "lost::float8 / nullif(won + lost, 0)"},
	{"winRate", "WIN_RATE", say("Win rate", "赢单率"), say("Won of won and lost, by number.", "赢单数占赢单数与丢单数之和的比例。"), RateUnit, "", "won::float8 / nullif(won + lost, 0)"},
	{"lossRateByAmount", "LOSS_RATE_BY_AMOUNT", say("Loss rate by amount", "金额丢单率"), say("Amount lost of amount won and lost; none when one side has no amounts at all.", "丢单金额占赢单与丢单金额之和的比例；任一方没有金额时为空。"), RateUnit, access.Amounts,
		"case when won_amounts > 0 and lost_amounts > 0 then (lost_amount / nullif(won_amount + lost_amount, 0))::float8 end"},
	{"wonAmount", "WON_AMOUNT", say("Amount won", "赢单金额"), say("Known amounts of what was won, in the company's currency at the closing days' rates.", "赢单的已知金额之和，按结束日汇率折算为公司货币。"), MoneyUnit, access.Amounts, "case when won_amounts > 0 then won_amount end"},
	{"lostAmount", "LOST_AMOUNT", say("Amount lost", "丢单金额"), say("Known amounts of what was lost, in the company's currency at the closing days' rates.", "丢单的已知金额之和，按结束日汇率折算为公司货币。"), MoneyUnit, access.Amounts, "case when lost_amounts > 0 then lost_amount end"},
	{"openAmount", "OPEN_AMOUNT", say("Amount open", "进行中金额"), say("Known amounts of what is open, in the company's currency at today's rates.", "进行中商机的已知金额之和，按今日汇率折算为公司货币。"), MoneyUnit, access.Amounts, "case when open_amounts > 0 then open_amount end"},
	{"weightedAmount", "WEIGHTED_AMOUNT", say("Weighted amount", "加权金额"), say("Known amounts of what is open, each times its stage's probability and rounded half-even to 4 places.", "进行中商机的已知金额乘以阶段概率之和，逐条四位小数银行家舍入。"), MoneyUnit, access.Amounts, "case when open_amounts > 0 then weighted end"},
	{"unconverted", "", say("Without a rate", "缺汇率"), say("How many have an amount in a currency without an exchange rate on the day; they are in no amount.", "金额所用货币当日无汇率的数量，不计入任何金额。"), CountUnit, access.Amounts, "unconverted"},
	{"averageCycleDays", "AVERAGE_CYCLE_DAYS", say("Average cycle", "平均周期"), say("Whole days from beginning to closing, on average over the closed opportunities where both are known.", "从开始到结束的整天数，对两者均已知的已结束商机取平均。"), DaysUnit, "", "cycle_days::float8 / nullif(cycles, 0)"},
}

// measureBy finds a measure by what a caller names it.
func measureBy(name string, called func(measure) string) (measure, bool) {
	for _, m := range measures {
		if name != "" && called(m) == name {
			return m, true
		}
	}
	return measure{}, false
}
