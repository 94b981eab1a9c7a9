package sandbox

import (
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
	"guanxi/store"
)

// article is a product while the company is being made.
type article struct {
	id     uuid.UUID
	name   string
	short  string
	abroad string // what it is called in English
	price  int64  // list price in CNY
	many   int    // usual quantity
}

var assortment = []struct {
	name, code, short, english, category string
	price                                int64
	many                                 int
}{
	{"智能网关 G200", "G200", "智能网关", "Smart gateway", "EQUIPMENT", 6_800, 20},
	{"边缘控制器 E500", "E500", "边缘控制器", "Edge controller", "EQUIPMENT", 18_500, 8},
	{"视觉检测站 V8", "V8", "视觉检测", "Vision station", "EQUIPMENT", 168_000, 2},
	{"AGV 搬运车 A3", "A3", "AGV 搬运车", "AGV", "EQUIPMENT", 96_000, 4},
	{"能耗监测终端 P10", "P10", "能耗监测", "Energy meter", "EQUIPMENT", 2_600, 40},
	{"工业无线 AP W6", "W6", "工业无线", "Industrial Wi-Fi", "EQUIPMENT", 3_200, 30},
	{"智慧园区平台", "PARK", "智慧园区", "Smart Park platform", "SOFTWARE", 380_000, 1},
	{"设备管理云", "CLOUD", "设备管理云", "Equipment cloud", "SOFTWARE", 120_000, 1},
	{"MES 制造执行系统", "MES", "MES", "MES", "SOFTWARE", 290_000, 1},
	{"数据分析套件", "DATA", "数据分析", "Analytics suite", "SOFTWARE", 88_000, 1},
	{"实施服务（人天）", "IMPL", "实施服务", "Implementation", "SERVICE", 1_800, 25},
	{"年度维保", "CARE", "年度维保", "Annual care", "SERVICE", 36_000, 1},
	{"操作培训", "TRAIN", "操作培训", "Training", "SERVICE", 8_000, 2},
	{"传感器套件", "SENS", "传感器", "Sensor kit", "SPARE_PART", 450, 60},
	{"备用电池组", "BATT", "备用电池", "Battery pack", "SPARE_PART", 1_200, 12},
	{"通信模块 5G", "M5G", "5G 模块", "5G module", "SPARE_PART", 780, 30},
}

// rival is a competitor while the company is being made.
type rival struct {
	id       uuid.UUID
	meets    float64 // how often it is met
	strength float64 // taken from our odds of winning, and how likely it is the one who wins
	cheap    float64 // its price against ours
}

var field = []struct {
	name, website, strengths, weaknesses string
	meets, strength, cheap               float64
}{
	{"远山智能", "https://yuanshan.example", "产品线完整，政府关系好", "价格偏高，交期长", 26, 1.5, 1.08},
	{"众联科技", "https://zhonglian.example", "价格低，响应快", "方案能力弱，售后差", 38, -0.9, 0.82},
	{"海川自动化", "https://haichuan.example", "华东服务网点多", "软件能力弱", 14, 0.4, 0.95},
	{"Nordwind Systems", "https://nordwind.example", "Brand and quality", "Price, slow local support", 9, 0.7, 1.25},
	{"天工物联", "https://tiangong.example", "平台开放", "硬件依赖外购", 10, 0.0, 0.90},
	{"Kestrel Robotics", "https://kestrel.example", "Best AGVs on the market", "No software platform", 6, 0.5, 1.12},
	{"金桥软件", "https://jinqiao.example", "MES 行业经验", "不做硬件", 8, 0.1, 0.97},
	{"老张自动化工程队", "", "本地人情", "无资质", 4, -0.3, 0.60},
}

// catalog makes products and competitors.
func (f *firm) catalog() error {
	c := f.chance("catalog")
	made := f.from.AddDate(0, -6, 0)
	var products []*models.Product
	for _, a := range assortment {
		p := &article{id: c.id(models.ProductCode, made), name: a.name, short: a.short, abroad: a.english, price: a.price, many: a.many}
		f.products = append(f.products, p)
		products = append(products, &models.Product{
			Record: born(p.id, made, made, 1), Name: a.name, Code: someText(a.code), ListPrice: some(decimal.NewFromInt(a.price)), Currency: someText("CNY"), Active: true,
			CategoryID: some(entry(models.ProductCategoryDictionary, a.category)),
		})
	}
	var competitors []*models.Competitor
	for _, r := range field {
		id := c.id(models.CompetitorCode, made)
		f.rivals = append(f.rivals, &rival{id: id, meets: r.meets, strength: r.strength, cheap: r.cheap})
		competitors = append(competitors, &models.Competitor{
			Record: born(id, made, made, 1), Name: r.name, Website: someText(r.website), Strengths: someText(r.strengths), Weaknesses: someText(r.weaknesses), Active: true,
		})
	}
	if err := copyAll(f, products); err != nil {
		return err
	}
	return copyAll(f, competitors)
}

// entry is the id of a dictionary's entry.
func entry(dictionary, code string) uuid.UUID {
	return store.BuiltIn(models.DictionaryEntryCode, dictionary+"/"+code)
}

// worth is what one unit of a currency is worth in CNY around the middle of the history.
var worth = map[string]float64{"USD": 7.12, "EUR": 7.74, "HKD": 0.912, "JPY": 0.0485, "GBP": 9.05, "SGD": 5.32, "AUD": 4.70, "TWD": 0.224, "KRW": 0.0053}

// money makes a rate for every currency and month.
func (f *firm) money() error {
	c := f.chance("rates")
	var rows []*models.ExchangeRate
	for _, currency := range []string{"USD", "EUR", "HKD", "JPY", "GBP", "SGD", "AUD", "TWD", "KRW"} {
		rate := worth[currency]
		month := time.Date(f.from.Year(), f.from.Month()-6, 1, 0, 0, 0, 0, time.UTC)
		for ; month.Before(f.until); month = month.AddDate(0, 1, 0) {
			rate *= math.Exp(c.NormFloat64() * 0.008)
			rows = append(rows, &models.ExchangeRate{Currency: currency, ValidOn: models.DateOf(month), Rate: decimal.NewFromFloat(rate).Round(6)})
		}
	}
	return copyAll(f, rows)
}
