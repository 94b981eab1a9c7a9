package reports

import (
	"strings"

	"guanxi/fault"
	"guanxi/models"
)

var opportunitySentence = say(
	"Opportunities that the viewer sees, each counted once. Loss rate = lost / (won + lost), win rate = 1 − loss rate, with a 95 % Wilson interval; cancelled ones are in no rate. Amounts are converted one by one to the company's currency, at the rate of the closing day or of today while open, rounded half-even to 4 places, then summed; one without a rate is unknown. A cycle is the whole days from beginning to closing of whatever is closed. Empty and hidden values are unknown.",
	"查看者可见的商机，每个只计一次。丢单率 = 丢单 /（赢单 + 丢单），赢单率 = 1 − 丢单率，附 95% 威尔逊区间；已取消的不计入任何比率。金额逐条折算为公司货币：已结束的按结束日汇率，进行中的按今日汇率，四位小数银行家舍入后求和；无汇率的视为未知。周期为已结束商机从开始到结束的整天数。空值与不可见的值均为未知。")

var competitorSentence = say(
	"Encounters with competitors in the opportunities that the viewer sees, cancelled ones left out: an opportunity with three competitors is three encounters. Win rate against a competitor = we won / (we won + they won), with a 95 % Wilson interval. Rank 1 has the highest lower bound of their win rate against us; the other rank goes by the amount lost to them. Unattributed is what was lost without a winner named, the reason not being that the customer decided for nobody. Amounts are converted one by one to the company's currency, rounded half-even to 4 places, then summed.",
	"查看者可见商机（不含已取消）中与竞争对手的交锋：一个商机遇到三个对手即三次交锋。对某对手的赢单率 = 我方赢 /（我方赢 + 对方赢），附 95% 威尔逊区间。排名按对方对我方赢单率的置信下限由高到低；另一排名按输给对方的金额。未归因指丢单而未指明赢家，且原因不是客户未决定。金额逐条折算为公司货币，四位小数银行家舍入后求和。")

// definition says what the report's numbers mean, over which population, by which clock and calendar.
func (p *plan) definition(sentence fault.Sentence) *ReportDefinition {
	d := &ReportDefinition{
		Sentence: p.populationSentence() + sentence.In(p.language),
		Clock:    p.Clock, TimeZone: p.calendar.zone, FiscalYearStart: p.calendar.start,
		Currency: p.viewer.Company.Currency, AsOf: p.viewer.Now,
	}
	if p.Period != nil {
		d.From, d.Until = p.Period.From, p.Period.Until
	}
	return d
}

// populationSentence tells which opportunities the report is over.
func (p *plan) populationSentence() string {
	if !p.Period.given() {
		return fault.Say("Of all times, open and closed. ", "不限时间，含进行中与已结束。").In(p.language)
	}
	from, until := edge(p.Period.From), edge(p.Period.Until)
	if p.Clock == OpenedClock {
		return fault.Say("Begun from %s until before %s. ", "开始日期自 %s 至 %s 之前。", from, until).In(p.language)
	}
	return fault.Say("Closed from %s until before %s. ", "结束日期自 %s 至 %s 之前。", from, until).In(p.language)
}

func edge(day *models.Date) string {
	if day == nil {
		return "…"
	}
	return strings.TrimSpace(string(*day))
}
