package reports

import (
	"guanxi/access"
)

// Customers is the dataset with one fact per customer. Sources: c is the customer as the viewer reads it.
var Customers = &Dataset{
	Name: "customers", Noun: "Customer", Label: say("Customers", "客户"),
	Sentence: say(
		"Customers that the viewer sees, each counted once. Empty and hidden values are unknown; a phone number or email address that he may not read in full is not counted as known.",
		"查看者可见的客户，每个只计一次。空值与不可见的值均为未知；无权完整读取的电话与邮箱不计为已知。"),
	Kind: access.Customer, Alias: "c",
	Clocks: customerClocks, Dimensions: customerRecordDimensions, Measures: customerMeasures,
	sources: []source{seen("owner", access.Membership, "om", "om.user_id = c.owner_id and om.is_primary")},
	values: []*value{
		{name: "kind", text: "c.kind", cast: "text"},
		{name: "owner", text: "c.owner_id", cast: "uuid"},
		{name: "pool", text: "c.pool_id", cast: "uuid"},
		{name: "phone", text: "c.phone", cast: "text", rule: access.ContactDetails},
		{name: "email", text: "c.email", cast: "text", rule: access.ContactDetails},
	},
}

var customerClocks = []*Clock{{Name: CreatedClock, Past: say("entered", "录入"), Column: "c.created_at"}}

var customerRecordDimensions = append([]*Dimension{
	{Name: "KIND", Label: say("Kind", "类型"), Type: ChoiceKeys, Key: "c.kind", List: customerKinds},
	{Name: "LIFECYCLE", Label: say("Lifecycle", "生命周期"), Type: ChoiceKeys, Key: "c.lifecycle", List: lifecycles},
	{Name: "SOURCE", Label: say("Source", "来源"), Type: RecordKeys, Key: "c.source_id", Of: access.DictionaryEntry},
	{Name: "REGION", Label: say("Region", "地区"), Type: RecordKeys, Key: "c.region_id", Of: access.DictionaryEntry},
	{Name: "INDUSTRY", Label: say("Industry", "行业"), Type: RecordKeys, Key: "c.industry_id", Of: access.DictionaryEntry},
	{Name: "POOL", Label: say("Pool", "公海"), Type: RecordKeys, Key: "c.pool_id", Of: access.Pool},
	{Name: "OWNER", Label: say("Owner", "负责人"), Type: RecordKeys, Key: "c.owner_id", Of: access.User},
	{Name: "OWNER_DEPARTMENT", Label: say("Owner's department", "负责人部门"), Type: RecordKeys, Key: "om.department_id", From: "owner", Of: access.Department},
}, timeDimensions(customerClocks...)...)

var customerMeasures = []*Measure{
	{Name: "count", Label: say("Customers", "客户数"), Sentence: say("How many customers.", "客户数量。"), Unit: CountUnit, form: number{all}},
	{Name: "organizations", Label: say("Organizations", "机构数"), Sentence: say("How many are organizations.", "机构客户的数量。"), Unit: CountUnit,
		form: number{&component{name: "organizations", when: condition{"kind", []string{"ORGANIZATION"}}}}},
	{Name: "individuals", Label: say("Individuals", "个人数"), Sentence: say("How many are individuals.", "个人客户的数量。"), Unit: CountUnit,
		form: number{&component{name: "individuals", when: condition{"kind", []string{"PERSON"}}}}},
	{Name: "pooled", Label: say("In a pool", "公海客户数"), Sentence: say("How many are in a pool.", "在公海中的客户数量。"), Unit: CountUnit, form: number{&component{name: "pooled", of: "pool"}}},
	{Name: "owners", Label: say("Owners", "负责人数"), Sentence: say("How many different users own them; it does not add up over rows.", "不同负责人的数量，不能逐行相加。"), Unit: CountUnit,
		form: number{&component{name: "owners", fold: distinct, of: "owner"}}},
	{Name: "withPhone", Label: say("With a phone number", "有电话"), Sentence: say("How many have a phone number that the viewer reads in full.", "有电话且查看者可完整读取的数量。"), Unit: CountUnit, Rule: access.ContactDetails,
		form: number{&component{name: "with_phone", of: "phone"}}},
	{Name: "withEmail", Label: say("With an email address", "有邮箱"), Sentence: say("How many have an email address that the viewer reads in full.", "有邮箱且查看者可完整读取的数量。"), Unit: CountUnit, Rule: access.ContactDetails,
		form: number{&component{name: "with_email", of: "email"}}},
}

// CustomerReportRow is a row of a report on customers.
type CustomerReportRow struct {
	*Row
	Previous                                          *CustomerReportRow
	Count, Organizations, Individuals, Pooled, Owners int
	WithPhone, WithEmail                              *int
}

// CustomerReport is a report on customers.
type CustomerReport = Shaped[CustomerReportRow]

var customerKinds = []choice{{"ORGANIZATION", say("Organization", "机构")}, {"PERSON", say("Person", "个人")}}

var lifecycles = []choice{
	{"LEAD", say("Lead", "线索")}, {"PROSPECT", say("Prospect", "潜在客户")}, {"CUSTOMER", say("Customer", "客户")},
	{"DORMANT", say("Dormant", "休眠")}, {"FORMER", say("Former", "流失")},
}
