package store

import "guanxi/models"

// What a new company finds in its currencies, dictionaries and pipeline.

var currencies = []models.Currency{
	{Code: "CNY", Name: "人民币", NameEn: optional("Chinese yuan")},
	{Code: "USD", Name: "美元", NameEn: optional("US dollar")},
	{Code: "EUR", Name: "欧元", NameEn: optional("Euro")},
	{Code: "HKD", Name: "港元", NameEn: optional("Hong Kong dollar")},
	{Code: "JPY", Name: "日元", NameEn: optional("Japanese yen")},
	{Code: "GBP", Name: "英镑", NameEn: optional("Pound sterling")},
	{Code: "TWD", Name: "新台币", NameEn: optional("New Taiwan dollar")},
	{Code: "KRW", Name: "韩元", NameEn: optional("South Korean won")},
	{Code: "SGD", Name: "新加坡元", NameEn: optional("Singapore dollar")},
	{Code: "AUD", Name: "澳大利亚元", NameEn: optional("Australian dollar")},
}

// word is one value of a dictionary before it is written down.
type word struct {
	code, zh, en string
	lossKind     string
}

var dictionaries = []struct {
	code, zh, en string
	words        []word
}{
	{models.RegionDictionary, "地区", "Region", regions},
	{models.IndustryDictionary, "行业", "Industry", industries},
	{models.SourceDictionary, "客户来源", "Customer source", sources},
	{models.LossReasonDictionary, "输单原因", "Loss reason", lossReasons},
	{models.DocumentCategoryDictionary, "文档类别", "Document category", documentCategories},
	{models.ProductCategoryDictionary, "产品类别", "Product category", productCategories},
}

// regions are the provinces by ISO 3166-2 and the countries that trade most with them by ISO 3166-1.
var regions = []word{
	{code: "CN-BJ", zh: "北京", en: "Beijing"}, {code: "CN-TJ", zh: "天津", en: "Tianjin"}, {code: "CN-HE", zh: "河北", en: "Hebei"},
	{code: "CN-SX", zh: "山西", en: "Shanxi"}, {code: "CN-NM", zh: "内蒙古", en: "Inner Mongolia"}, {code: "CN-LN", zh: "辽宁", en: "Liaoning"},
	{code: "CN-JL", zh: "吉林", en: "Jilin"}, {code: "CN-HL", zh: "黑龙江", en: "Heilongjiang"}, {code: "CN-SH", zh: "上海", en: "Shanghai"},
	{code: "CN-JS", zh: "江苏", en: "Jiangsu"}, {code: "CN-ZJ", zh: "浙江", en: "Zhejiang"}, {code: "CN-AH", zh: "安徽", en: "Anhui"},
	{code: "CN-FJ", zh: "福建", en: "Fujian"}, {code: "CN-JX", zh: "江西", en: "Jiangxi"}, {code: "CN-SD", zh: "山东", en: "Shandong"},
	{code: "CN-HA", zh: "河南", en: "Henan"}, {code: "CN-HB", zh: "湖北", en: "Hubei"}, {code: "CN-HN", zh: "湖南", en: "Hunan"},
	{code: "CN-GD", zh: "广东", en: "Guangdong"}, {code: "CN-GX", zh: "广西", en: "Guangxi"}, {code: "CN-HI", zh: "海南", en: "Hainan"},
	{code: "CN-CQ", zh: "重庆", en: "Chongqing"}, {code: "CN-SC", zh: "四川", en: "Sichuan"}, {code: "CN-GZ", zh: "贵州", en: "Guizhou"},
	{code: "CN-YN", zh: "云南", en: "Yunnan"}, {code: "CN-XZ", zh: "西藏", en: "Tibet"}, {code: "CN-SN", zh: "陕西", en: "Shaanxi"},
	{code: "CN-GS", zh: "甘肃", en: "Gansu"}, {code: "CN-QH", zh: "青海", en: "Qinghai"}, {code: "CN-NX", zh: "宁夏", en: "Ningxia"},
	{code: "CN-XJ", zh: "新疆", en: "Xinjiang"}, {code: "CN-HK", zh: "香港", en: "Hong Kong"}, {code: "CN-MO", zh: "澳门", en: "Macao"},
	{code: "CN-TW", zh: "台湾", en: "Taiwan"},
	{code: "US", zh: "美国", en: "United States"}, {code: "DE", zh: "德国", en: "Germany"}, {code: "GB", zh: "英国", en: "United Kingdom"},
	{code: "FR", zh: "法国", en: "France"}, {code: "JP", zh: "日本", en: "Japan"}, {code: "KR", zh: "韩国", en: "South Korea"},
	{code: "SG", zh: "新加坡", en: "Singapore"}, {code: "AU", zh: "澳大利亚", en: "Australia"}, {code: "VN", zh: "越南", en: "Vietnam"},
	{code: "OTHER", zh: "其他国家", en: "Other country"},
}

var industries = []word{
	{code: "MANUFACTURING", zh: "制造业", en: "Manufacturing"}, {code: "ELECTRONICS", zh: "电子", en: "Electronics"},
	{code: "AUTOMOTIVE", zh: "汽车", en: "Automotive"}, {code: "ENERGY", zh: "能源", en: "Energy"},
	{code: "CHEMICALS", zh: "化工", en: "Chemicals"}, {code: "CONSTRUCTION", zh: "建筑", en: "Construction"},
	{code: "LOGISTICS", zh: "物流", en: "Logistics"}, {code: "RETAIL", zh: "零售", en: "Retail"},
	{code: "FOOD", zh: "食品", en: "Food"}, {code: "HEALTH", zh: "医疗健康", en: "Health care"},
	{code: "EDUCATION", zh: "教育", en: "Education"}, {code: "FINANCE", zh: "金融", en: "Finance"},
	{code: "SOFTWARE", zh: "软件与互联网", en: "Software and internet"}, {code: "GOVERNMENT", zh: "政府与公共事业", en: "Government and utilities"},
	{code: "AGRICULTURE", zh: "农业", en: "Agriculture"}, {code: "OTHER", zh: "其他", en: "Other"},
}

var sources = []word{
	{code: "REFERRAL", zh: "客户介绍", en: "Referral"}, {code: "EXHIBITION", zh: "展会", en: "Exhibition"},
	{code: "WEBSITE", zh: "官网", en: "Website"}, {code: "PHONE", zh: "电话营销", en: "Cold call"},
	{code: "ADVERTISING", zh: "广告", en: "Advertising"}, {code: "SOCIAL_MEDIA", zh: "社交媒体", en: "Social media"},
	{code: "PARTNER", zh: "合作伙伴", en: "Partner"}, {code: "TENDER", zh: "招标", en: "Tender"},
	{code: "VISIT", zh: "上门拜访", en: "Visit"},
}

var lossReasons = []word{
	{code: "COMPETITOR", zh: "输给竞争对手", en: "Lost to a competitor", lossKind: models.LossToCompetitor},
	{code: "COMPETITOR_RELATION", zh: "对手原有合作", en: "Competitor was there before", lossKind: models.LossToCompetitor},
	{code: "NO_BUDGET", zh: "预算取消", en: "Budget withdrawn", lossKind: models.LossNoDecision},
	{code: "POSTPONED", zh: "项目搁置", en: "Project shelved", lossKind: models.LossNoDecision},
	{code: "PRICE", zh: "价格过高", en: "Price too high", lossKind: "PRICE"},
	{code: "PAYMENT_TERMS", zh: "付款条件", en: "Terms of payment", lossKind: "PRICE"},
	{code: "FUNCTION", zh: "功能不满足", en: "Function missing", lossKind: "PRODUCT"},
	{code: "DELIVERY", zh: "交期太长", en: "Delivery too late", lossKind: "PRODUCT"},
	{code: "CONTACT_LEFT", zh: "关键人离职", en: "Key contact left", lossKind: "RELATIONSHIP"},
	{code: "NO_ACCESS", zh: "未接触到决策人", en: "Decision maker not reached", lossKind: "RELATIONSHIP"},
	{code: "OTHER", zh: "其他", en: "Other", lossKind: "OTHER"},
}

var documentCategories = []word{
	{code: "CONTRACT", zh: "合同", en: "Contract"}, {code: "QUOTE", zh: "报价单", en: "Quote"},
	{code: "PROPOSAL", zh: "方案", en: "Proposal"}, {code: "MINUTES", zh: "会议纪要", en: "Minutes"},
	{code: "REPORT", zh: "服务报告", en: "Service report"}, {code: "OTHER", zh: "其他", en: "Other"},
}

var productCategories = []word{
	{code: "EQUIPMENT", zh: "设备", en: "Equipment"}, {code: "SOFTWARE", zh: "软件", en: "Software"},
	{code: "SERVICE", zh: "服务", en: "Service"}, {code: "SPARE_PART", zh: "配件", en: "Spare part"},
}

func (b *beginning) dictionaries() {
	for _, d := range dictionaries {
		list := &models.Dictionary{Record: b.record(BuiltIn(models.DictionaryCode, d.code)), Code: d.code, Name: d.zh, NameEn: optional(d.en)}
		b.add(list)
		entries := make([]models.DictionaryEntry, len(d.words))
		for i, w := range d.words {
			entries[i] = models.DictionaryEntry{
				Record: b.record(BuiltIn(models.DictionaryEntryCode, d.code+"/"+w.code)), DictionaryID: list.ID,
				Code: optional(w.code), Label: w.zh, LabelEn: optional(w.en), LossKind: optional(w.lossKind), Position: i + 1, Active: true,
			}
		}
		b.add(&entries)
	}
}

var stages = []struct {
	code, zh, en string
	probability  float64
}{
	{"NEED", "有需求", "Has a need", 0.10},
	{"QUALIFIED", "已立项", "Project approved", 0.30},
	{"PREFERS_US", "倾向我方", "Prefers us", 0.50},
	{"NEGOTIATING", "商务谈判", "Negotiating", 0.70},
	{"SIGNING", "赢单前", "About to sign", 0.90},
}

func (b *beginning) pipeline() {
	sales := &models.Pipeline{Record: b.record(BuiltIn(models.PipelineCode, "SALES")), Name: "销售流程", IsDefault: true}
	b.add(sales)
	rows := make([]models.Stage, len(stages))
	for i, s := range stages {
		rows[i] = models.Stage{
			Record: b.record(BuiltIn(models.StageCode, s.code)), PipelineID: sales.ID,
			Name: s.zh, NameEn: optional(s.en), Probability: s.probability, Position: i + 1,
		}
	}
	b.add(&rows)
}
