package store

import "guanxi/models"

// relationshipTypes are the ways of standing to each other that a company starts with: what a is to b, what b is to a.
var relationshipTypes = []struct {
	code             string
	ab, ba           string
	abEn, baEn       string
	category         string
	symmetric, leads bool // leads: one end can introduce us to the other
	a, b             []string
}{
	{models.WorksAt, "任职于", "员工", "works at", "employs", "EMPLOYMENT", false, true, contactParty, customerParty},
	{"PARENT_OF", "母公司", "子公司", "parent of", "subsidiary of", "OWNERSHIP", false, true, customerParty, customerParty},
	{"INVESTS_IN", "投资于", "投资方", "invests in", "invested in by", "OWNERSHIP", false, false, customerParty, customerParty},
	{"SPOUSE_OF", "配偶", "配偶", "married to", "married to", "KINSHIP", true, true, people, people},
	{"PARENT_PERSON_OF", "父母", "子女", "parent (person) of", "child of", "KINSHIP", false, true, people, people},
	{"SIBLING_OF", "兄弟姐妹", "兄弟姐妹", "sibling of", "sibling of", "KINSHIP", true, true, people, people},
	{"RELATIVE_OF", "亲属", "亲属", "relative of", "relative of", "KINSHIP", true, true, people, people},
	{"FRIEND_OF", "朋友", "朋友", "friend of", "friend of", "SOCIAL", true, true, people, people},
	{"CLASSMATE_OF", "同学", "同学", "classmate of", "classmate of", "SOCIAL", true, true, people, people},
	{"FELLOW_TOWNSMAN_OF", "老乡", "老乡", "from the same town as", "from the same town as", "SOCIAL", true, true, people, people},
	{"FORMER_COLLEAGUE_OF", "前同事", "前同事", "former colleague of", "former colleague of", "SOCIAL", true, true, people, people},
	{"KNOWS", "认识", "熟人", "knows", "known by", "SOCIAL", false, true, userParty, append(contactParty, customerParty...)},
	{"REFERRED_BY", "由其介绍", "介绍了", "referred by", "referred", "REFERRAL", false, true, reachable, append(reachable, userParty...)},
	{"SUPPLIES", "供应商", "采购方", "supplies", "buys from", "BUSINESS", false, true, customerParty, customerParty},
	{"PARTNER_OF", "合作伙伴", "合作伙伴", "partner of", "partner of", "BUSINESS", true, true, customerParty, customerParty},
	{"BUYS_FROM_COMPETITOR", "对手的客户", "服务对象", "buys from the competitor", "sells to", "RIVALRY", false, false, customerParty, competitorParty},
	{"RIVAL_OF", "竞争关系", "竞争关系", "rival of", "rival of", "RIVALRY", true, false, companies, companies},
}

var (
	customerParty   = []string{"CUSTOMER"}
	contactParty    = []string{"CONTACT"}
	competitorParty = []string{"COMPETITOR"}
	userParty       = []string{"USER"}
	people          = []string{"CONTACT", "CUSTOMER", "USER"} // a customer may be a person
	reachable       = []string{"CONTACT", "CUSTOMER"}
	companies       = []string{"CUSTOMER", "COMPETITOR"}
)

func (b *beginning) relationshipTypes() {
	rows := make([]models.RelationshipType, len(relationshipTypes))
	for i, t := range relationshipTypes {
		rows[i] = models.RelationshipType{
			Record: b.record(BuiltIn(models.RelationshipTypeCode, t.code)), Code: t.code,
			NameAb: t.ab, NameBa: t.ba, NameAbEn: optional(t.abEn), NameBaEn: optional(t.baEn),
			Category: t.category, Symmetric: t.symmetric, Introduces: t.leads, AKinds: t.a, BKinds: t.b, BuiltIn: t.code == models.WorksAt,
		}
	}
	b.add(&rows)
}
