package reports

import (
	"slices"

	"guanxi/access"
)

// Customers is the dataset with one fact per customer. Sources: c is the customer as the viewer reads it, co the opportunities
// with it, added up before they are joined.
var Customers = &Dataset{
	Name: "customers", Noun: "Customer", Label: say("Customers", "客户"),
	Sentence: say(
		"Customers that the viewer sees, each counted once, however many opportunities there are with it. Conversion = customers with an opportunity won / all, with a 95 % Wilson interval. Empty and hidden values are unknown; a phone number or email address that he may not read in full is not counted as known.",
		"查看者可见的客户，每个只计一次，不论有多少商机。转化率 = 有赢单商机的客户 / 全部客户，附 95% 威尔逊区间。空值与不可见的值均为未知；无权完整读取的电话与邮箱不计为已知。"),
	Kind: access.Customer, Alias: "c",
	Clocks: customerClocks, Measures: customerMeasures,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "KIND", Label: say("Kind", "类型"), Type: ChoiceKeys, Key: "c.kind", List: customerKinds},
		{Name: "LIFECYCLE", Label: say("Lifecycle", "生命周期"), Type: ChoiceKeys, Key: "c.lifecycle", List: lifecycles},
		{Name: "SOURCE", Label: say("Source", "来源"), Type: RecordKeys, Key: "c.source_id", Of: access.DictionaryEntry},
	}, placesOf(""), []*Dimension{
		{Name: "POOL", Label: say("Pool", "公海"), Type: RecordKeys, Key: "c.pool_id", Of: access.Pool},
		ageBand("AGE_BAND", say("Days since it was entered", "录入天数"), "{localtoday} - "+customerDay),
	}, ownerDimensions("c"), timeDimensions(customerClocks...)),
	sources: append(append(ownerSources("c"), customerTrees("")...), source{name: "opportunities", alias: "co", reads: "c.id", lateral: func(s *statement) string {
		return "(select count(*) as opportunities, count(*) filter (where x.status = 'WON') as won from " + s.q.Visible(access.Opportunity, "x") + " where x.customer_id = c.id)"
	}}),
	covered: []covered{{"region", "region"}, {"industry", "industry"}, {"source", "source"}},
	values: []*value{
		{name: "kind", text: "c.kind", cast: "text"},
		{name: "owner", text: "c.owner_id", cast: "uuid"},
		{name: "pool", text: "c.pool_id", cast: "uuid"},
		{name: "region", text: "c.region_id", cast: "uuid"},
		{name: "industry", text: "c.industry_id", cast: "uuid"},
		{name: "source", text: "c.source_id", cast: "uuid"},
		{name: "phone", text: "c.phone", cast: "text", rule: access.ContactDetails},
		{name: "email", text: "c.email", cast: "text", rule: access.ContactDetails},
		{name: "met", text: "co.opportunities > 0", cast: "boolean", from: []string{"opportunities"}},
		{name: "won", text: "co.won > 0", cast: "boolean", from: []string{"opportunities"}},
		{name: "age_days", text: "{localtoday} - " + customerDay, cast: "integer"},
	},
}

var customerClocks = []*Clock{{Name: CreatedClock, Past: say("entered", "录入"), Column: "c.created_at"}}

const customerDay = "(c.created_at at time zone {zone})::date"

var customersWon = number{&component{name: "with_won", when: condition{of: "won"}}}

var customerMeasures = []*Measure{
	whole("count", say("Customers", "客户数"), say("How many customers.", "客户数量。"), number{all}),
	whole("organizations", say("Organizations", "机构数"), say("How many are organizations.", "机构客户的数量。"), countWhen("kind", "ORGANIZATION")),
	whole("individuals", say("Individuals", "个人数"), say("How many are individuals.", "个人客户的数量。"), countWhen("kind", "PERSON")),
	whole("pooled", say("In a pool", "公海客户数"), say("How many are in a pool.", "在公海中的客户数量。"), countOf("pool")),
	whole("owned", say("With an owner", "有负责人"), say("How many have an owner.", "有负责人的客户数量。"), countOf("owner")),
	whole("withOpportunities", say("With opportunities", "有商机"), say("How many have an opportunity that the viewer sees.", "有查看者可见商机的客户数量。"), number{&component{name: "with_opportunities", when: condition{of: "met"}}}),
	whole("won", say("Won", "赢得的客户"), say("How many have an opportunity won that the viewer sees.", "有查看者可见赢单商机的客户数量。"), customersWon),
	{Name: "conversionRate", Label: say("Conversion", "转化率"), Sentence: say("Customers with an opportunity won, of all.", "有赢单商机的客户占全部客户的比例。"), Unit: RateUnit,
		Denominator: say("All customers.", "全部客户。"), form: rate{customersWon.of, []*component{all}}},
	different("owners", say("Owners", "负责人数"), "owner"),
	whole("withPhone", say("With a phone number", "有电话"), say("How many have a phone number that the viewer reads in full.", "有电话且查看者可完整读取的数量。"), countOf("phone")).under(access.ContactDetails),
	whole("withEmail", say("With an email address", "有邮箱"), say("How many have an email address that the viewer reads in full.", "有邮箱且查看者可完整读取的数量。"), countOf("email")).under(access.ContactDetails),
	{Name: "averageAgeDays", Label: say("Average age", "平均录入天数"), Sentence: say("Whole days since they were entered, on average.", "录入至今的整天数的平均值。"), Unit: DaysUnit,
		Denominator: say("All customers.", "全部客户。"), form: meanOf("age_days")},
}

// CustomerReportRow is a row of a report on customers.
type CustomerReportRow struct {
	*Row
	Previous                                                                         *CustomerReportRow
	Count, Organizations, Individuals, Pooled, Owned, WithOpportunities, Won, Owners int
	ConversionRate                                                                   *Rate
	WithPhone, WithEmail                                                             *int
	AverageAgeDays                                                                   *float64
}

// CustomerReport is a report on customers.
type CustomerReport = Shaped[CustomerReportRow]
