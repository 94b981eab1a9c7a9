package reports

import (
	"slices"

	"guanxi/access"
)

// Activities is the dataset with one fact per activity. Sources: a is the activity, c its customer.
var Activities = &Dataset{
	Name: "activities", Noun: "Activity", Label: say("Activities", "活动"),
	Sentence: say(
		"Activities that the viewer sees, each counted once. A follow-up is due when its day has passed. Empty and hidden values are unknown.",
		"查看者可见的活动，每个只计一次。跟进日期已过的为逾期跟进。空值与不可见的值均为未知。"),
	Kind: access.Activity, Alias: "a",
	Clocks: activityClocks, Measures: activityMeasures,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "KIND", Label: say("Kind", "类型"), Type: ChoiceKeys, Key: "a.kind", List: activityKinds},
		{Name: "ASSIGNEE", Label: say("Assignee", "执行人"), Type: RecordKeys, Key: "a.assignee_id", Of: access.User},
		{Name: "CONTACT", Label: say("Contact", "联系人"), Type: RecordKeys, Key: "k.id", From: "contact", Of: access.Contact},
		{Name: "OPPORTUNITY_STATUS", Label: say("Status of the opportunity", "商机状态"), Type: ChoiceKeys, Key: "o.status", From: "opportunity", List: statuses},
	}, ownerDimensions("a"), customerDimensions, timeDimensions(activityClocks...)),
	sources: append(append(ownerSources("a"), customerSources("a")...),
		seen("contact", access.Contact, "k", "k.id = a.contact_id"), seen("opportunity", access.Opportunity, "o", "o.id = a.opportunity_id")),
	covered: []covered{{"customer", "customer"}, {"opportunity", "opportunity"}, {"nextFollowUpOn", "follow_up"}},
	part:    "kind",
	values: []*value{
		{name: "kind", text: "a.kind", cast: "text"},
		{name: "owner", text: "a.owner_id", cast: "uuid"},
		{name: "customer", text: "c.id", cast: "uuid", from: []string{"customer"}},
		{name: "contact", text: "k.id", cast: "uuid", from: []string{"contact"}},
		{name: "opportunity", text: "o.id", cast: "uuid", from: []string{"opportunity"}},
		{name: "follow_up", text: "a.next_follow_up_on", cast: "date"},
		{name: "due", text: "a.next_follow_up_on < {today}", cast: "boolean"},
	},
}

var activityClocks = []*Clock{
	{Name: AtClock, Past: say("happened", "发生"), Column: "a.happened_at"},
	{Name: CreatedClock, Past: say("entered", "录入"), Column: "a.created_at"},
	{Name: DueClock, Past: say("of the follow-up", "跟进"), Column: "a.next_follow_up_on", IsDay: true},
}

var activityKinds = choices("CALL", "Call", "电话", "VISIT", "Visit", "拜访", "MEETING", "Meeting", "会议", "MAIL", "Mail", "邮件", "MESSAGE", "Message", "消息", "NOTE", "Note", "记录", "TASK", "Task", "任务")

var activityMeasures = []*Measure{
	whole("count", say("Activities", "活动数"), say("How many activities.", "活动数量。"), number{all}),
	whole("calls", say("Calls", "电话"), say("How many are calls.", "电话的数量。"), countWhen("kind", "CALL")),
	whole("visits", say("Visits", "拜访"), say("How many are visits.", "拜访的数量。"), countWhen("kind", "VISIT")),
	whole("meetings", say("Meetings", "会议"), say("How many are meetings.", "会议的数量。"), countWhen("kind", "MEETING")),
	whole("messages", say("Mails and messages", "邮件与消息"), say("How many are mails or messages.", "邮件与消息的数量。"), countWhen("kind", "MAIL", "MESSAGE")),
	whole("tasks", say("Tasks", "任务"), say("How many are tasks.", "任务的数量。"), countWhen("kind", "TASK")),
	whole("withFollowUp", say("With a follow-up", "有跟进日期"), say("How many name a day to follow up.", "有跟进日期的数量。"), countOf("follow_up")),
	whole("overdue", say("Follow-up overdue", "跟进逾期"), say("How many have a day to follow up that has passed.", "跟进日期已过的数量。"), number{&component{name: "overdue", when: condition{of: "due"}}}),
	different("customers", say("Customers", "客户数"), "customer"),
	different("contacts", say("Contacts", "联系人数"), "contact"),
	different("opportunities", say("Opportunities", "商机数"), "opportunity"),
	different("owners", say("Owners", "负责人数"), "owner"),
}

// ActivityReportRow is a row of a report on activities.
type ActivityReportRow struct {
	*Row
	Previous                                                                                                           *ActivityReportRow
	Count, Calls, Visits, Meetings, Messages, Tasks, WithFollowUp, Overdue, Customers, Contacts, Opportunities, Owners int
}

// ActivityReport is a report on activities.
type ActivityReport = Shaped[ActivityReportRow]
