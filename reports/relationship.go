package reports

import (
	"fmt"
	"slices"

	"guanxi/access"
	"guanxi/models"
)

// Relationships is the dataset with one fact per relationship. Sources: n is the relationship, t its type.
var Relationships = &Dataset{
	Name: "relationships", Noun: "Relationship", Label: say("Relationships", "关系"),
	Sentence: say(
		"Relationships of which the viewer sees both parties, each counted once. One is current that has begun by today and not ended.",
		"双方均对查看者可见的关系，每条只计一次。已开始且未结束的为当前关系（按今日）。"),
	Kind: access.Relationship, Alias: "n",
	Clocks: relationshipClocks, Measures: relationshipMeasures,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "TYPE", Label: say("Type", "类型"), Type: RecordKeys, Key: "n.type_id", Of: access.RelationshipType},
		{Name: "CATEGORY", Label: say("Category", "类别"), Type: ChoiceKeys, Key: "t.category", From: "type", List: categories},
		{Name: "A_KIND", Label: say("Kind of the first party", "甲方类型"), Type: ChoiceKeys, Key: partyKind("n.a_id"), List: partyKinds},
		{Name: "B_KIND", Label: say("Kind of the second party", "乙方类型"), Type: ChoiceKeys, Key: partyKind("n.b_id"), List: partyKinds},
		{Name: "STRENGTH", Label: say("Strength", "强度"), Type: ChoiceKeys, Key: "n.strength::text", List: strengths},
		{Name: "CONTACT_ROLE", Label: say("Part in decisions", "决策角色"), Type: ChoiceKeys, Key: "n.contact_role", List: contactRoles},
		{Name: "CREATED_BY", Label: say("Entered by", "录入人"), Type: RecordKeys, Key: "n.created_by", Of: access.User},
	}, timeDimensions(relationshipClocks...)),
	sources: []source{seen("type", access.RelationshipType, "t", "t.id = n.type_id")},
	covered: []covered{{"strength", "strength"}},
	values: []*value{
		{name: "category", text: "t.category", cast: "text", from: []string{"type"}},
		{name: "current", text: "(n.valid_from is null or n.valid_from <= {today}) and (n.valid_until is null or n.valid_until > {today})", cast: "boolean"},
		{name: "ended", text: "n.valid_until <= {today}", cast: "boolean"},
		{name: "introduces", text: "t.introduces", cast: "boolean", from: []string{"type"}},
		{name: "strength", text: "n.strength", cast: "integer"},
		{name: "person", text: "n.created_by", cast: "uuid"},
	},
}

var relationshipClocks = []*Clock{
	{Name: CreatedClock, Past: say("entered", "录入"), Column: "n.created_at"},
	{Name: OpenedClock, Past: say("begun", "开始"), Column: "n.valid_from", IsDay: true},
	{Name: ClosedClock, Past: say("ended", "结束"), Column: "n.valid_until", IsDay: true},
}

var categories = choices("EMPLOYMENT", "Employment", "任职", "KINSHIP", "Kinship", "亲属", "OWNERSHIP", "Ownership", "股权", "BUSINESS", "Business", "业务",
	"REFERRAL", "Referral", "介绍", "SOCIAL", "Social", "社交", "RIVALRY", "Rivalry", "竞争")

var partyKinds = choices("CUSTOMER", "Customer", "客户", "CONTACT", "Contact", "联系人", "COMPETITOR", "Competitor", "竞争对手", "USER", "User", "用户")

var strengths = choices("1", "1, weakest", "1（最弱）", "2", "2", "2", "3", "3", "3", "4", "4", "4", "5", "5, strongest", "5（最强）")

// partyKind renders of which kind the party in a column is.
func partyKind(column string) string {
	return fmt.Sprintf("case get_byte(uuid_send(%s), 15) when %d then 'CUSTOMER' when %d then 'CONTACT' when %d then 'COMPETITOR' when %d then 'USER' end",
		column, models.CustomerCode, models.ContactCode, models.CompetitorCode, models.UserCode)
}

var relationshipMeasures = []*Measure{
	whole("count", say("Relationships", "关系数"), say("How many relationships.", "关系数量。"), number{all}),
	whole("current", say("Current", "当前关系"), say("How many have begun and not ended.", "已开始且未结束的数量。"), number{&component{name: "is_current", when: condition{of: "current"}}}),
	whole("ended", say("Ended", "已结束"), say("How many have ended.", "已结束的数量。"), number{&component{name: "has_ended", when: condition{of: "ended"}}}),
	whole("employments", say("Employments", "任职关系"), say("How many are employments.", "任职关系的数量。"), countWhen("category", "EMPLOYMENT")),
	whole("introductions", say("Introducing", "可引荐"), say("How many are of a type that introduces.", "属于可引荐类型的数量。"), number{&component{name: "introducing", when: condition{of: "introduces"}}}),
	different("people", say("People", "录入人数"), "person"),
	{Name: "averageStrength", Label: say("Average strength", "平均强度"), Sentence: say("The mean of the known strengths, 1 to 5.", "已知强度（1 至 5）的平均值。"), Unit: PlainUnit,
		Denominator: say("The relationships whose strength is known.", "强度已知的关系。"), form: meanOf("strength")},
	{Name: "medianStrength", Label: say("Median strength", "强度中位数"), Sentence: say("The known strength in the middle, 1 to 5.", "已知强度（1 至 5）的中位数。"), Unit: PlainUnit,
		Denominator: say("The relationships whose strength is known.", "强度已知的关系。"), form: placed{medianOf("strength")}},
}

// RelationshipReportRow is a row of a report on relationships.
type RelationshipReportRow struct {
	*Row
	Previous                                                  *RelationshipReportRow
	Count, Current, Ended, Employments, Introductions, People int
	AverageStrength, MedianStrength                           *float64
}

// RelationshipReport is a report on relationships.
type RelationshipReport = Shaped[RelationshipReportRow]
