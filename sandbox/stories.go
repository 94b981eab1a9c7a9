package sandbox

import "guanxi/models"

// story is a customer that is always there, with the people whom one is told of.
type story struct {
	name, short, region, industry, source, owner string
	parent                                       int // place in stories of the company above it; -1 for none
	people                                       []figure
}

// figure is a contact of a story.
type figure struct{ name, gender, title, part string }

// Names that the sample requests begin at.
const (
	busiest    = "深圳华芯电子集团有限公司"
	target     = "广州南粤轨道交通集团有限公司"
	introducer = "xiaowang"
)

var stories = []story{
	{busiest, "华芯电子", "CN-GD", "ELECTRONICS", "EXHIBITION", "guangdong.sales", -1, []figure{
		{"吴国华", "MALE", "董事长", "DECISION_MAKER"}, {"陈美玲", "FEMALE", "采购总监", "BUYER"}, {"刘敏仪", "FEMALE", "信息部主任", "CHAMPION"},
		{"张启明", "MALE", "生产副总", "INFLUENCER"}, {"谢文静", "FEMALE", "总经理助理", "GATEKEEPER"}, {"周建平", "MALE", "设备工程师", "USER"},
		{"David Lim", "MALE", "海外项目经理", "USER"},
	}},
	{"深圳华芯封测科技有限公司", "华芯封测", "CN-GD", "ELECTRONICS", "REFERRAL", "twohats", 0, []figure{{"郭少华", "MALE", "总经理", "DECISION_MAKER"}}},
	{"广西华芯材料有限公司", "华芯材料", "CN-GX", "CHEMICALS", "REFERRAL", "guangxi.sales", 0, []figure{{"莫雨桐", "FEMALE", "厂长", "DECISION_MAKER"}}},
	{"柳州华芯靶材有限公司", "华芯靶材", "CN-GX", "CHEMICALS", "REFERRAL", "guangxi.sales", 2, []figure{{"覃海燕", "FEMALE", "采购经理", "BUYER"}}},
	{target, "南粤轨道", "CN-GD", "GOVERNMENT", "TENDER", "guangdong.head", -1, []figure{
		{"何志强", "MALE", "采购部部长", "DECISION_MAKER"}, {"郑德胜", "MALE", "总工程师", "INFLUENCER"},
	}},
	{"深圳启明园区开发有限公司", "启明园区", "CN-GD", "CONSTRUCTION", "VISIT", "xiaowang", -1, []figure{
		{"陈晓东", "MALE", "项目总监", "CHAMPION"}, {"吴建军", "MALE", "弱电主管", "USER"},
	}},
	{"上海申联商贸集团有限公司", "申联商贸", "CN-SH", "RETAIL", "WEBSITE", "apart", -1, []figure{{"顾佳琪", "FEMALE", "运营总监", "DECISION_MAKER"}}},
	{"Hansa Precision GmbH", "Hansa Precision", "DE", "MANUFACTURING", "EXHIBITION", "export", -1, []figure{{"Lukas Weber", "MALE", "Plant Manager", "DECISION_MAKER"}}},
}

// told are the ties between people of the stories: two ways from Xiao Wang to the rail company, each over three people.
var told = []struct {
	kind, from, to string
	strength       int
	origin         string
}{
	{"SIBLING_OF", "陈晓东", "陈美玲", 5, "小王拜访时得知"},
	{"SPOUSE_OF", "陈美玲", "何志强", 5, "中秋客户答谢会"},
	{"CLASSMATE_OF", "吴建军", "刘敏仪", 3, "华南理工大学校友"},
	{"FRIEND_OF", "刘敏仪", "郑德胜", 3, "行业协会"},
	{"PARENT_PERSON_OF", "吴国华", "吴建军", 5, ""},
}

// story makes one of the customers that are always there.
func (a *acquiring) story(s story) {
	k := client{since: a.since(len(a.clients)), owner: a.named(s.owner), before: -1, region: s.region, stage: "CUSTOMER", short: s.short, parent: s.parent}
	row := &models.Customer{
		Name: s.name, Kind: "ORGANIZATION", Phone: someText(a.landline(s.region, storyCity(s.region))), Website: someText("https://" + latin(s.short, "-") + ".example"),
		RegionID: some(entry(models.RegionDictionary, s.region)), IndustryID: some(entry(models.IndustryDictionary, s.industry)),
		SourceID: some(entry(models.SourceDictionary, s.source)),
	}
	a.taken[s.name] = true
	a.keep(k, row)
	at := len(a.clients) - 1
	for i, p := range s.people {
		contact := &models.Contact{Name: p.name, Gender: someText(p.gender), Phone: someText(a.people.mobile()), Email: someText(latin(p.name, ".") + "@" + latin(s.short, "") + ".example")}
		a.addContact(&a.clients[at], contact, k.since)
		a.employ(&a.clients[at], contact, 0)
		r := a.relationships[len(a.relationships)-1]
		r.Title, r.ContactRole, r.IsPrimary = someText(p.title), someText(p.part), i == 0
		a.known[p.name] = contact
	}
	a.clients[at].contact = a.known[s.people[0].name].ID
	if s.parent >= 0 {
		a.relate("PARENT_OF", a.clients[s.parent].id, a.clients[at].id, k.since).Strength = some(5)
	}
}

func storyCity(region string) city {
	if list := citiesOf[region]; len(list) > 0 {
		return list[0]
	}
	return city{}
}

// introductions ties the people of the stories.
func (a *acquiring) introductions() {
	since := a.clients[0].since
	for _, t := range told {
		r := a.relate(t.kind, a.known[t.from].ID, a.known[t.to].ID, since)
		r.Strength, r.Origin = some(t.strength), someText(t.origin)
	}
	for _, name := range []string{"陈晓东", "吴建军"} {
		a.relate("KNOWS", a.person(introducer), a.known[name].ID, since).Strength = some(4)
	}
	a.relate("BUYS_FROM_COMPETITOR", a.clients[0].id, a.rivals[0].id, since).Strength = some(3)
	a.relate("REFERRED_BY", a.clients[0].id, a.clients[5].id, since).Strength = some(3)
}
