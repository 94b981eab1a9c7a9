package reports

import (
	"fmt"
	"slices"
	"strings"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

// What several datasets have in common: owners and their departments, the customer that a record belongs to, the opportunity
// that a part is of, amounts in the company's currency.

// How many levels of a tree there are dimensions for.
const (
	departmentLevels = 5
	entryLevels      = 3
)

// ownerSources are the owner's primary membership and department, of what has an owner under an alias.
func ownerSources(alias string) []source {
	return []source{
		seen("owner", access.Membership, "om", "om.user_id = "+alias+".owner_id and om.is_primary"),
		seen("owner's department", access.Department, "od", "od.id = om.department_id").after("owner"),
	}
}

// ownerDimensions group by the owner today, his primary department, and the departments above it.
func ownerDimensions(alias string) []*Dimension {
	return append([]*Dimension{
		{Name: "OWNER", Label: say("Owner", "负责人"), Type: RecordKeys, Key: alias + ".owner_id", Of: access.User},
		{Name: "OWNER_DEPARTMENT", Label: say("Owner's department", "负责人部门"), Type: RecordKeys, Key: "om.department_id", From: "owner", Of: access.Department},
	}, departments("OWNER_DEPARTMENT", say("Owner's department", "负责人部门"), "od", "owner's department")...)
}

// departments group by the department above a department, or itself, on each level of the tree.
func departments(name string, label fault.Sentence, alias, from string) []*Dimension {
	return levels(departmentLevels, access.Department, "", name, label, alias, from)
}

// entries group by an entry of a dictionary, under the rule, and by those above it, or itself, on each level of its tree.
func entries(d *Dimension, alias, from string) []*Dimension {
	return append([]*Dimension{d}, levels(entryLevels, access.DictionaryEntry, d.Rule, d.Name, d.Label, alias, from)...)
}

// levels group by what stands above a record in its tree, or itself, on each level from the top.
func levels(n int, of *access.Kind, rule access.Rule, name string, label fault.Sentence, alias, from string) []*Dimension {
	list := make([]*Dimension, n)
	for i := range list {
		list[i] = &Dimension{
			Name: fmt.Sprintf("%s_LEVEL_%d", name, i+1), Type: RecordKeys, Rule: rule, Key: fmt.Sprintf("%s.path[%d]", alias, i+1), From: from, Of: of,
			Label: say(fmt.Sprintf("%s, level %d", label.En, i+1), fmt.Sprintf("%s（第 %d 级）", label.Zh, i+1)),
		}
	}
	return list
}

// customerSources are the customer that a record belongs to by its column, and the trees that its region and industry stand in.
func customerSources(alias string) []source {
	return append([]source{seen("customer", access.Customer, "c", "c.id = "+alias+".customer_id")}, customerTrees("customer")...)
}

func customerTrees(needs string) []source {
	return []source{tree("region", "rt", "c.region_id").after(needs), tree("industry", "it", "c.industry_id").after(needs)}
}

var customerDimensions = slices.Concat([]*Dimension{
	{Name: "CUSTOMER", Label: say("Customer", "客户"), Type: RecordKeys, Key: "c.id", From: "customer", Of: access.Customer},
	{Name: "CUSTOMER_KIND", Label: say("Customer kind", "客户类型"), Type: ChoiceKeys, Key: "c.kind", From: "customer", List: customerKinds},
	{Name: "CUSTOMER_LIFECYCLE", Label: say("Customer lifecycle", "客户生命周期"), Type: ChoiceKeys, Key: "c.lifecycle", From: "customer", List: lifecycles},
	{Name: "CUSTOMER_SOURCE", Label: say("Customer source", "客户来源"), Type: RecordKeys, Key: "c.source_id", From: "customer", Of: access.DictionaryEntry},
}, placesOf("customer"))

// placesOf are where the customer c is and what it does, on each level.
func placesOf(from string) []*Dimension {
	return slices.Concat(
		entries(&Dimension{Name: "REGION", Label: say("Region", "地区"), Type: RecordKeys, Key: "c.region_id", From: from, Of: access.DictionaryEntry}, "rt", "region"),
		entries(&Dimension{Name: "INDUSTRY", Label: say("Industry", "行业"), Type: RecordKeys, Key: "c.industry_id", From: from, Of: access.DictionaryEntry}, "it", "industry"))
}

// partSources are the opportunity that a part under an alias is of, and what opportunities are read from.
func partSources(alias string) []source {
	list := []source{seen("opportunity", access.Opportunity, "o", "o.id = "+alias+".opportunity_id")}
	for _, s := range opportunitySources {
		if s.needs == "" {
			s = s.after("opportunity")
		}
		list = append(list, s)
	}
	return list
}

// ofOpportunity gives what is known of the opportunity to its parts.
func ofOpportunity[T Dimension | value | Clock](list []*T) []*T {
	copies := make([]*T, len(list))
	for i, one := range list {
		of := *one
		switch of := any(&of).(type) {
		case *Dimension:
			if of.From == "" {
				of.From = "opportunity"
			}
		case *value:
			of.from = append([]string{"opportunity"}, of.from...)
		case *Clock:
			of.From = "opportunity"
		}
		copies[i] = &of
	}
	return copies
}

// amountSource makes the source of an amount in the company's currency; unknown without a rate.
func amountSource(name, alias, amount, currency, at string) source {
	p := priced{amount, currency, at}
	return source{name: name, alias: alias, reads: amount + " " + currency, money: &p, lateral: func(s *statement) string {
		row := fmt.Sprintf("(select %s as amount, %s as currency) %sx", amount, currency, alias)
		return row + "\n  cross join lateral " + access.Converted(alias+"x", s.home(), p.day(s))
	}}
}

// amountWhen sums the amounts of some facts, and counts those that are known.
func amountWhen(name, of string, when condition) amount {
	return amount{&component{name: name + "_amount", fold: summed, of: of, when: when}, &component{name: name + "_amounts", of: of, when: when}}
}

// sumOf sums the values of all facts, and counts those that are known.
func sumOf(of string) (sum, known *component) {
	return &component{name: "sum_of_" + of, fold: summed, of: of}, &component{name: "known_of_" + of, of: of}
}

// quantityOf is the same as a quantity.
func quantityOf(of string) quantity {
	sum, known := sumOf(of)
	return quantity{sum, known}
}

// meanOf, medianOf and ninthOf are the mean of a value of facts, the one in the middle, and the one that 90 % do not exceed.
func meanOf(of string) mean {
	return mean(quantityOf(of))
}

func medianOf(of string) *component { return &component{name: "median_of_" + of, fold: median, of: of} }
func mostOf(of string) *component   { return &component{name: "most_of_" + of, fold: largest, of: of} }
func ninthOf(of string) *component  { return &component{name: "ninth_of_" + of, fold: ninth, of: of} }

// countOf counts the facts with a value, countWhen those where it is one of some, differentOf its different values.
func countOf(of string) number { return number{&component{name: "known_of_" + of, of: of}} }
func countWhen(of string, in ...string) number {
	return number{&component{name: strings.ToLower(of + "_is_" + strings.Join(in, "_")), when: condition{of, in}}}
}
func differentOf(of string) number {
	return number{&component{name: "different_" + of, fold: distinct, of: of}}
}

// whole is a measure that counts.
func whole(name string, label, sentence fault.Sentence, form form) *Measure {
	return &Measure{Name: name, Label: label, Sentence: sentence, Unit: CountUnit, form: form}
}

// different is a measure that counts different things behind the facts.
func different(name string, label fault.Sentence, of string) *Measure {
	return whole(name, label, say("How many different ones; it does not add up over rows.", "不同者的数量，不能逐行相加。"), differentOf(of))
}

// under puts a measure under a rule.
func (m *Measure) under(rule access.Rule) *Measure {
	m.Rule = rule
	return m
}

// choices lists a closed list's values, each with its names.
func choices(names ...string) []choice {
	var list []choice
	for i := 0; i < len(names); i += 3 {
		list = append(list, choice{names[i], say(names[i+1], names[i+2])})
	}
	return list
}

var yesNo = choices("true", "Yes", "是", "false", "No", "否")

var customerKinds = choices("ORGANIZATION", "Organization", "机构", "PERSON", "Person", "个人")

var lifecycles = choices("LEAD", "Lead", "线索", "PROSPECT", "Prospect", "潜在客户", "CUSTOMER", "Customer", "客户", "DORMANT", "Dormant", "休眠", "FORMER", "Former", "流失")

var statuses = choices(models.Open, "Open", "进行中", models.Won, "Won", "赢单", models.Lost, "Lost", "丢单", models.Cancelled, "Cancelled", "已取消")

var lossKinds = choices("COMPETITOR", "To a competitor", "竞争对手", "NO_DECISION", "No decision", "客户未决定", "PRICE", "Price", "价格",
	"PRODUCT", "Product", "产品", "RELATIONSHIP", "Relationship", "关系", "OTHER", "Other reason", "其他原因")

var outcomes = choices(models.Open, "Open", "进行中", models.WeWon, "We won", "我方赢", models.TheyWon, "They won", "对方赢", models.OtherWon, "Another won", "他方赢",
	models.NobodyWon, "Nobody won", "无人赢", models.UnknownOutcome, "Not known", "不知")
