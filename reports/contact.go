package reports

import (
	"slices"

	"guanxi/access"
	"guanxi/models"
)

// Contacts is the dataset with one fact per contact, whose customer is that of the affiliation marked primary, else of the first
// noted. Sources: k is the contact, af the affiliation, c its customer.
var Contacts = &Dataset{
	Name: "contacts", Noun: "Contact", Label: say("Contacts", "联系人"),
	Sentence: say(
		"Contacts that the viewer sees, each counted once, at the customer of the affiliation not ended that is marked primary, else of the first noted. Empty and hidden values are unknown; contact details that he may not read in full are not counted as known.",
		"查看者可见的联系人，每人只计一次，归于其未结束的主要任职客户，无主要任职时归于最先记录的一个。空值与不可见的值均为未知；无权完整读取的联系方式不计为已知。"),
	Kind: access.Contact, Alias: "k",
	Clocks: contactClocks, Measures: contactMeasures,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "GENDER", Label: say("Gender", "性别"), Type: ChoiceKeys, Key: "k.gender", List: choices("FEMALE", "Female", "女", "MALE", "Male", "男", "OTHER", "Other gender", "其他性别")},
		{Name: "ROLE", Label: say("Part in decisions", "决策角色"), Type: ChoiceKeys, Key: "af.contact_role", From: "affiliation", List: contactRoles},
		{Name: "BIRTHDAY_MONTH", Label: say("Month of birth", "出生月份"), Type: TimeKeys, Rule: access.ContactDetails, Key: month.key("k.birthday::timestamp"), Grain: month, Local: "k.birthday::timestamp"},
	}, ownerDimensions("k"), customerDimensions, timeDimensions(contactClocks...)),
	sources: append(append(ownerSources("k"),
		source{name: "affiliation", alias: "af", reads: "k.id", lateral: func(s *statement) string {
			return "(select min(x.customer_id::text)::uuid as customer_id, min(x.contact_role) as contact_role from (select w.b_id as customer_id, w.contact_role from " +
				s.q.Visible(access.Relationship, "w") + " where w.a_id = k.id and w.type_id = '" + models.WorksAtID.String() +
				"' and (w.valid_until is null or w.valid_until > " + s.today() + ") order by w.is_primary desc, w.id limit 1) x)"
		}},
		seen("customer", access.Customer, "c", "c.id = af.customer_id").after("affiliation")), customerTrees("customer")...),
	covered: []covered{{"customer", "customer"}, {"role", "role"}},
	values: []*value{
		{name: "owner", text: "k.owner_id", cast: "uuid"},
		{name: "gender", text: "k.gender", cast: "text"},
		{name: "customer", text: "c.id", cast: "uuid", from: []string{"customer"}},
		{name: "role", text: "af.contact_role", cast: "text", from: []string{"affiliation"}},
		{name: "phone", text: "k.phone", cast: "text", rule: access.ContactDetails},
		{name: "email", text: "k.email", cast: "text", rule: access.ContactDetails},
		{name: "wechat", text: "k.wechat", cast: "text", rule: access.ContactDetails},
		{name: "birthday", text: "k.birthday", cast: "date", rule: access.ContactDetails},
	},
}

var contactClocks = []*Clock{{Name: CreatedClock, Past: say("entered", "录入"), Column: "k.created_at"}}

var contactRoles = choices("DECISION_MAKER", "Decision maker", "决策人", "INFLUENCER", "Influencer", "影响者", "USER", "User", "使用者", "GATEKEEPER", "Gatekeeper", "把关人",
	"CHAMPION", "Champion", "支持者", "BUYER", "Buyer", "采购", "OTHER", "Other part", "其他角色")

var contactMeasures = []*Measure{
	whole("count", say("Contacts", "联系人数"), say("How many contacts.", "联系人数量。"), number{all}),
	whole("women", say("Women", "女性"), say("How many are women.", "女性联系人的数量。"), countWhen("gender", "FEMALE")),
	whole("men", say("Men", "男性"), say("How many are men.", "男性联系人的数量。"), countWhen("gender", "MALE")),
	whole("decisionMakers", say("Decision makers", "决策人数"), say("How many decide at their customer.", "在其客户处为决策人的数量。"), countWhen("role", "DECISION_MAKER")),
	whole("affiliated", say("At a customer", "有任职客户"), say("How many are at a customer that the viewer sees.", "在查看者可见的客户处任职的数量。"), countOf("customer")),
	different("customers", say("Customers", "客户数"), "customer"),
	different("owners", say("Owners", "负责人数"), "owner"),
	whole("withPhone", say("With a phone number", "有电话"), say("How many have a phone number that the viewer reads in full.", "有电话且查看者可完整读取的数量。"), countOf("phone")).under(access.ContactDetails),
	whole("withEmail", say("With an email address", "有邮箱"), say("How many have an email address that the viewer reads in full.", "有邮箱且查看者可完整读取的数量。"), countOf("email")).under(access.ContactDetails),
	whole("withWechat", say("With WeChat", "有微信"), say("How many have a WeChat id that the viewer reads in full.", "有微信且查看者可完整读取的数量。"), countOf("wechat")).under(access.ContactDetails),
	whole("withBirthday", say("With a birthday", "有生日"), say("How many have a birthday that the viewer reads.", "有生日且查看者可读取的数量。"), countOf("birthday")).under(access.ContactDetails),
}

// ContactReportRow is a row of a report on contacts.
type ContactReportRow struct {
	*Row
	Previous                                                         *ContactReportRow
	Count, Women, Men, DecisionMakers, Affiliated, Customers, Owners int
	WithPhone, WithEmail, WithWechat, WithBirthday                   *int
}

// ContactReport is a report on contacts.
type ContactReport = Shaped[ContactReportRow]
