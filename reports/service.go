package reports

import (
	"slices"

	"guanxi/access"
	"guanxi/models"
)

// Services is the dataset with one fact per service. Sources: v is the service, m its cost in the company's currency, c its
// customer.
var Services = &Dataset{
	Name: "services", Noun: "Service", Label: say("Services", "服务"),
	Sentence: say(
		"Services that the viewer sees, each counted once. One is on time that was closed by the day it was due; on-time rate = on time / all closed with a due day, with a 95 % Wilson interval. Days are whole days from opening to closing. Costs are converted one by one to the company's currency, at the rate of the closing day or of today while open, rounded half-even to 4 places, then summed; one without a rate is unknown.",
		"查看者可见的服务，每个只计一次。在截止日或之前完成的为按时；按时率 = 按时 / 有截止日的已完成服务，附 95% 威尔逊区间。天数为从受理到完成的整天数。成本逐条折算为公司货币：已完成的按完成日汇率，进行中的按今日汇率，四位小数银行家舍入后求和；无汇率的视为未知。"),
	Kind: access.Service, Alias: "v",
	Clocks: serviceClocks, Measures: serviceMeasures,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "KIND", Label: say("Kind", "类型"), Type: ChoiceKeys, Key: "v.kind", List: serviceKinds},
		{Name: "STATUS", Label: say("Status", "状态"), Type: ChoiceKeys, Key: "v.status", List: serviceStatuses},
		{Name: "PRIORITY", Label: say("Priority", "优先级"), Type: ChoiceKeys, Key: "v.priority", List: choices("LOW", "Low", "低", "NORMAL", "Normal", "普通", "HIGH", "High", "高", "URGENT", "Urgent", "紧急")},
		{Name: "ASSIGNEE", Label: say("Assignee", "执行人"), Type: RecordKeys, Key: "v.assignee_id", Of: access.User},
		{Name: "CONTACT", Label: say("Contact", "联系人"), Type: RecordKeys, Key: "k.id", From: "contact", Of: access.Contact},
		amountBand("COST_BAND", say("Cost band", "成本区间"), access.Costs, "m.amount", "cost"),
		ageBand("AGE_BAND", say("Days from opening", "受理天数"), "coalesce((v.closed_at at time zone {zone})::date, {localtoday}) - "+serviceDay),
	}, ownerDimensions("v"), customerDimensions, timeDimensions(serviceClocks...)),
	sources: append(append(ownerSources("v"), customerSources("v")...), seen("contact", access.Contact, "k", "k.id = v.contact_id"),
		amountSource("cost", "m", "v.cost", "v.currency", "v.closed_at")),
	covered: []covered{{"customer", "customer"}, {"dueAt", "due"}, {"cost", "cost"}},
	part:    "status",
	values: []*value{
		{name: "status", text: "v.status", cast: "text"},
		{name: "owner", text: "v.owner_id", cast: "uuid"},
		{name: "customer", text: "c.id", cast: "uuid", from: []string{"customer"}},
		{name: "due", text: "v.due_at", cast: "timestamptz"},
		{name: "in_time", text: "v.status = 'CLOSED' and v.closed_at <= v.due_at", cast: "boolean"},
		{name: "judged", text: "v.status = 'CLOSED' and v.due_at is not null", cast: "boolean"},
		{name: "late", text: "v.status <> 'CANCELLED' and coalesce(v.closed_at, @now) > v.due_at", cast: "boolean"},
		{name: "days", text: "case when v.status = 'CLOSED' then (v.closed_at at time zone {zone})::date - " + serviceDay + " end", cast: "integer"},
		{name: "cost", text: "m.amount", cast: "numeric", from: []string{"cost"}, rule: access.Costs},
	},
}

var serviceClocks = []*Clock{
	{Name: OpenedClock, Past: say("opened", "受理"), Column: "v.opened_at"},
	{Name: ClosedClock, Past: say("closed", "完成"), Column: "v.closed_at"},
	{Name: DueClock, Past: say("due", "截止"), Column: "v.due_at"},
}

const serviceDay = "(v.opened_at at time zone {zone})::date"

var serviceKinds = choices("REPAIR", "Repair", "维修", "MAINTENANCE", "Maintenance", "保养", "INSTALLATION", "Installation", "安装", "COMPLAINT", "Complaint", "投诉",
	"CONSULTATION", "Consultation", "咨询", "RETURN_VISIT", "Return visit", "回访", "OTHER", "Other kind", "其他类型")

var serviceStatuses = choices("OPEN", "Open", "待处理", "IN_PROGRESS", "In progress", "处理中", "CLOSED", "Closed", "已完成", "CANCELLED", "Cancelled", "已取消")

var serviceMeasures = []*Measure{
	whole("count", say("Services", "服务数"), say("How many services, whatever their status.", "服务数量，不论状态。"), number{all}),
	whole("open", say("Open", "待处理"), say("How many are open or in progress.", "待处理与处理中的数量。"), countWhen("status", "OPEN", "IN_PROGRESS")),
	whole("closed", say("Closed", "已完成"), say("How many are closed.", "已完成的数量。"), countWhen("status", "CLOSED")),
	whole("cancelled", say("Cancelled", "已取消"), say("How many are cancelled.", "已取消的数量。"), countWhen("status", "CANCELLED")),
	whole("overdue", say("Overdue", "逾期"), say("How many were closed after they were due, or are past due and neither closed nor cancelled.", "逾期完成，或已过截止日而未完成且未取消的数量。"), number{&component{name: "overdue", when: condition{of: "late"}}}),
	{Name: "onTimeRate", Label: say("On-time rate", "按时率"), Sentence: say("Closed by the time they were due, of all closed that were due at some time.", "按时完成的占有截止日的已完成服务的比例。"), Unit: RateUnit,
		Denominator: say("Closed services with a due day.", "有截止日的已完成服务。"),
		form:        rate{&component{name: "in_time", when: condition{of: "in_time"}}, []*component{{name: "judged", when: condition{of: "judged"}}}}},
	{Name: "averageDays", Label: say("Average days", "平均天数"), Sentence: say("Whole days from opening to closing, on average.", "从受理到完成的整天数的平均值。"), Unit: DaysUnit, Denominator: served, form: meanOf("days")},
	{Name: "medianDays", Label: say("Median days", "天数中位数"), Sentence: say("Whole days from opening to closing, the middle ones.", "从受理到完成的整天数的中位数。"), Unit: DaysUnit, Denominator: served, form: placed{medianOf("days")}},
	{Name: "p90Days", Label: say("90th percentile of days", "天数第 90 百分位"), Sentence: say("The fewest days from opening to closing that 90 % do not exceed.", "90% 的服务不超过的最少天数。"), Unit: DaysUnit, Denominator: served, form: placed{ninthOf("days")}},
	{Name: "cost", Label: say("Cost", "成本"), Sentence: say("Known costs added up, in the company's currency.", "已知成本之和，折算为公司货币。"), Unit: MoneyUnit, Rule: access.Costs, form: amount(quantityOf("cost"))},
	{Name: "averageCost", Label: say("Average cost", "平均成本"), Sentence: say("The mean of the known costs, rounded half-even to 4 places.", "已知成本的平均值，四位小数银行家舍入。"), Unit: MoneyUnit, Rule: access.Costs,
		Denominator: say("The services whose cost is known.", "成本已知的服务。"), form: meanAmount{amount(quantityOf("cost"))}},
	{Name: "medianCost", Label: say("Median cost", "成本中位数"), Sentence: say("The known cost in the middle; of an even number, the mean of the two in the middle.", "已知成本的中位数；偶数个时取中间两个的平均。"), Unit: MoneyUnit, Rule: access.Costs,
		Denominator: say("The services whose cost is known.", "成本已知的服务。"), form: placedAmount{medianOf("cost")}},
	different("customers", say("Customers", "客户数"), "customer"),
	different("owners", say("Owners", "负责人数"), "owner"),
}

var served = say("The services that are closed.", "已完成的服务。")

// ServiceReportRow is a row of a report on services.
type ServiceReportRow struct {
	*Row
	Previous                                *ServiceReportRow
	Count, Open, Closed, Cancelled, Overdue int
	OnTimeRate                              *Rate
	AverageDays, MedianDays, P90Days        *float64
	Cost, AverageCost, MedianCost           *models.Money
	Customers, Owners                       int
}

// ServiceReport is a report on services.
type ServiceReport = Shaped[ServiceReportRow]
