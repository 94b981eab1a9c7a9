package reports

import (
	"github.com/shopspring/decimal"

	"guanxi/access"
	"guanxi/models"
)

// The dataset of encounters: an opportunity that met three competitors is three rows, a cancelled one is none. How an
// encounter ended is derived from its opportunity.

var encounters = dataset{
	columns: "e.competitor_id, o.loss_reason_id,\n    " + access.Outcome + " as outcome",
	sources: []string{"loss reason"},
	each: func(q *access.Query) string {
		return q.Visible(access.Encounter, "e") + " on e.opportunity_id = o.id"
	},
	condition: "o.status <> 'CANCELLED'",
}

// attributions is the dataset with one row per opportunity that tells how far losses name their winner.
var attributions = dataset{
	columns: `o.main_competitor_id is not null as met, o.won_by_id is not null as attributed,
    o.loss_reason_id is not null as explained, lr.loss_kind is not distinct from 'NO_DECISION' as nobody`,
	sources:   []string{"loss reason"},
	condition: "o.status <> 'CANCELLED'",
}

var encounterComponents = []component{
	{"n", "count(*)", "bigint"},
	{"open", "count(*) filter (where outcome = 'OPEN')", "bigint"},
	{"we_won", "count(*) filter (where outcome = 'WE_WON')", "bigint"},
	{"they_won", "count(*) filter (where outcome = 'THEY_WON')", "bigint"},
	{"other_won", "count(*) filter (where outcome = 'OTHER_WON')", "bigint"},
	{"nobody_won", "count(*) filter (where outcome = 'NOBODY_WON')", "bigint"},
	{"not_known", "count(*) filter (where outcome = 'UNKNOWN')", "bigint"},
	{"won_amount", "coalesce(sum(amount) filter (where outcome = 'WE_WON'), 0)", "numeric"},
	{"won_amounts", "count(amount) filter (where outcome = 'WE_WON')", "bigint"},
	{"lost_amount", "coalesce(sum(amount) filter (where outcome = 'THEY_WON'), 0)", "numeric"},
	{"lost_amounts", "count(amount) filter (where outcome = 'THEY_WON')", "bigint"},
}

// encounterMeasures of the competitors dataset, in the order of the catalogue.
var encounterMeasures = []measure{
	{name: "encounters", label: say("Encounters", "交锋数"), sentence: say("Opportunities that the competitor was met in.", "遇到该竞争对手的商机数量。"), unit: CountUnit},
	{name: "open", label: say("Open", "进行中"), sentence: say("Not decided.", "尚未结束。"), unit: CountUnit},
	{name: "weWon", label: say("We won", "我方赢"), sentence: say("Won by us.", "我方赢单。"), unit: CountUnit},
	{name: "theyWon", label: say("They won", "对方赢"), sentence: say("Lost, and the winner is this competitor.", "丢单且赢家为该竞争对手。"), unit: CountUnit},
	{name: "otherWon", label: say("Another won", "他方赢"), sentence: say("Lost, and the winner is another competitor.", "丢单且赢家为另一竞争对手。"), unit: CountUnit},
	{name: "nobodyWon", label: say("Nobody won", "无人赢"), sentence: say("Lost because the customer decided for nobody.", "因客户未决定而丢单。"), unit: CountUnit},
	{name: "unknown", label: say("Unknown", "未知"), sentence: say("Lost, and not known to whom.", "丢单而不知赢家。"), unit: CountUnit},
	{name: "winRate", label: say("Win rate against them", "对其赢单率"), sentence: say("We won / (we won + they won).", "我方赢 /（我方赢 + 对方赢）。"), unit: RateUnit},
	{name: "amountWon", label: say("Amount won", "赢单金额"), sentence: say("Known amounts of what we won against them, in the company's currency.", "对其赢单的已知金额之和，折算为公司货币。"), unit: MoneyUnit, rule: access.Amounts},
	{name: "amountLost", label: say("Amount lost", "丢单金额"), sentence: say("Known amounts of what they won, in the company's currency.", "对方赢得的已知金额之和，折算为公司货币。"), unit: MoneyUnit, rule: access.Amounts},
}

// bout is the components of encounters, in the order of encounterComponents.
type bout struct {
	n, open, weWon, theyWon, otherWon, nobodyWon, notKnown int
	wonAmount, lostAmount                                  decimal.Decimal
	wonAmounts, lostAmounts                                int
}

func (b *bout) places() []any {
	return []any{
		&b.n, &b.open, &b.weWon, &b.theyWon, &b.otherWon, &b.nobodyWon, &b.notKnown,
		&b.wonAmount, &b.wonAmounts, &b.lostAmount, &b.lostAmounts,
	}
}

// strength is the lower bound of their win rate against us.
func (b *bout) strength() float64 {
	low, _ := wilson(b.theyWon, b.weWon+b.theyWon)
	return low
}

// amounts gives the amounts won and lost; absent when the viewer reads none.
func (b *bout) amounts(v *access.Viewer) (won, lost *models.Money) {
	return money(v, b.wonAmount, b.wonAmounts), money(v, b.lostAmount, b.lostAmounts)
}

func (b *bout) winRate(v *access.Viewer) *Rate {
	return rateOf(b.weWon, b.weWon+b.theyWon, v.Company.SmallSample)
}
