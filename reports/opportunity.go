package reports

import (
	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// The dataset of opportunities: every dimension has one value per opportunity. Sources: o is the opportunity as the viewer
// reads it, m its amount in the company's currency.

// dimensions lists what opportunities are grouped by, in the order of the catalogue.
var dimensions = []*Dimension{
	{Name: "STATUS", Label: say("Status", "状态"), Type: ChoiceKeys, Key: "o.status", List: statuses},
	{Name: "STAGE", Label: say("Stage", "阶段"), Type: RecordKeys, Key: "o.stage_id", Of: access.Stage, Place: "position"},
	{Name: "PIPELINE", Label: say("Pipeline", "销售流程"), Type: RecordKeys, Key: "o.pipeline_id", Of: access.Pipeline},
	{Name: "OWNER", Label: say("Owner", "负责人"), Type: RecordKeys, Key: "o.owner_id", Of: access.User},
	{Name: "OWNER_DEPARTMENT", Label: say("Owner's department", "负责人部门"), Type: RecordKeys, Key: "om.department_id", From: "owner", Of: access.Department},
	{Name: "CLOSING_OWNER", Label: say("Closing owner", "成交负责人"), Type: RecordKeys, Key: "o.closing_owner_id", Of: access.User},
	{Name: "CLOSING_DEPARTMENT", Label: say("Closing department", "成交部门"), Type: RecordKeys, Key: "o.closing_department_id", Of: access.Department},
	{Name: "CLOSING_DEPARTMENT_LEVEL_1", Label: say("Closing department, level 1", "成交部门（一级）"), Type: RecordKeys, Key: "cd.path[1]", From: "closing department", Of: access.Department},
	{Name: "CLOSING_DEPARTMENT_LEVEL_2", Label: say("Closing department, level 2", "成交部门（二级）"), Type: RecordKeys, Key: "cd.path[2]", From: "closing department", Of: access.Department},
	{Name: "CLOSING_DEPARTMENT_LEVEL_3", Label: say("Closing department, level 3", "成交部门（三级）"), Type: RecordKeys, Key: "cd.path[3]", From: "closing department", Of: access.Department},
	{Name: "CUSTOMER", Label: say("Customer", "客户"), Type: RecordKeys, Key: "c.id", From: "customer", Of: access.Customer},
	{Name: "CUSTOMER_KIND", Label: say("Customer kind", "客户类型"), Type: ChoiceKeys, Key: "c.kind", From: "customer", List: customerKinds},
	{Name: "CUSTOMER_LIFECYCLE", Label: say("Customer lifecycle", "客户生命周期"), Type: ChoiceKeys, Key: "c.lifecycle", From: "customer", List: lifecycles},
	{Name: "CUSTOMER_SOURCE", Label: say("Customer source", "客户来源"), Type: RecordKeys, Key: "c.source_id", From: "customer", Of: access.DictionaryEntry},
	{Name: "REGION", Label: say("Region", "地区"), Type: RecordKeys, Key: "c.region_id", From: "customer", Of: access.DictionaryEntry},
	{Name: "INDUSTRY", Label: say("Industry", "行业"), Type: RecordKeys, Key: "c.industry_id", From: "customer", Of: access.DictionaryEntry},
	{Name: "MAIN_COMPETITOR", Label: say("Main competitor", "主要竞争对手"), Type: RecordKeys, Key: "o.main_competitor_id", Of: access.Competitor},
	{Name: "MAIN_PRODUCT", Label: say("Main product", "主要产品"), Type: RecordKeys, Rule: access.Amounts, Key: "o.main_product_id", Of: access.Product},
	{Name: "PRODUCT_CATEGORY", Label: say("Product category", "产品类别"), Type: RecordKeys, Rule: access.Amounts, Key: "p.category_id", From: "product", Of: access.DictionaryEntry},
	{Name: "LOSS_REASON", Label: say("Loss reason", "丢单原因"), Type: RecordKeys, Key: "o.loss_reason_id", Of: access.DictionaryEntry},
	{Name: "LOSS_KIND", Label: say("Kind of loss", "丢单类型"), Type: ChoiceKeys, Key: "lr.loss_kind", From: "loss reason", List: lossKinds},
	{Name: "AMOUNT_BAND", Label: say("Amount band", "金额区间"), Type: BandKeys, Rule: access.Amounts, Key: bandKey("m.amount")},
	timeDimension("CLOSED_MONTH", say("Month closed", "结束月份"), closedDay, month),
	timeDimension("CLOSED_QUARTER", say("Quarter closed", "结束季度"), closedDay, quarter),
	timeDimension("CLOSED_YEAR", say("Year closed", "结束年度"), closedDay, year),
	timeDimension("OPENED_MONTH", say("Month opened", "开始月份"), openedDay, month),
	timeDimension("OPENED_QUARTER", say("Quarter opened", "开始季度"), openedDay, quarter),
	timeDimension("OPENED_YEAR", say("Year opened", "开始年度"), openedDay, year),
}

const (
	closedDay = "o.closed_at at time zone {zone}"
	openedDay = "o.opened_on::timestamp"
)

var statuses = []choice{
	{models.Open, say("Open", "进行中")}, {models.Won, say("Won", "赢单")}, {models.Lost, say("Lost", "丢单")}, {models.Cancelled, say("Cancelled", "已取消")},
}

var customerKinds = []choice{{"ORGANIZATION", say("Organization", "机构")}, {"PERSON", say("Person", "个人")}}

var lifecycles = []choice{
	{"LEAD", say("Lead", "线索")}, {"PROSPECT", say("Prospect", "潜在客户")}, {"CUSTOMER", say("Customer", "客户")},
	{"DORMANT", say("Dormant", "休眠")}, {"FORMER", say("Former", "流失")},
}

var lossKinds = []choice{
	{"COMPETITOR", say("To a competitor", "竞争对手")}, {"NO_DECISION", say("No decision", "客户未决定")}, {"PRICE", say("Price", "价格")},
	{"PRODUCT", say("Product", "产品")}, {"RELATIONSHIP", say("Relationship", "关系")}, {"OTHER", say("Other reason", "其他原因")},
}

// sources renders the sources that some dimensions need, by name; what the viewer does not see is unknown in them.
var sources = map[string]func(q *access.Query) string{
	"customer": func(q *access.Query) string { return q.Visible(access.Customer, "c") + " on c.id = o.customer_id" },
	"owner": func(q *access.Query) string {
		return q.Visible(access.Membership, "om") + " on om.user_id = o.owner_id and om.is_primary"
	},
	"closing department": func(q *access.Query) string {
		return q.Visible(access.Department, "cd") + " on cd.id = o.closing_department_id"
	},
	"product": func(q *access.Query) string { return q.Visible(access.Product, "p") + " on p.id = o.main_product_id" },
	"loss reason": func(q *access.Query) string {
		return q.Visible(access.DictionaryEntry, "lr") + " on lr.id = o.loss_reason_id"
	},
	"stage": func(q *access.Query) string { return q.Visible(access.Stage, "s") + " on s.id = o.stage_id" },
}

func say(en, zh string) fault.Sentence { return fault.Sentence{En: en, Zh: zh} }

func timeDimension(name string, label fault.Sentence, day string, g grain) *Dimension {
	return &Dimension{Name: name, Label: label, Type: TimeKeys, Key: g.key(day), Grain: g}
}

// dimensionNamed finds a dimension by its name.
func dimensionNamed(name string) (*Dimension, bool) {
	for _, d := range dimensions {
		if d.Name == name {
			return d, true
		}
	}
	return nil, false
}
