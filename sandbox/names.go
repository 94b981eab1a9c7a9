package sandbox

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
)

var surnames = strings.Fields("王 王 王 李 李 李 张 张 张 刘 刘 陈 陈 杨 黄 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 罗 高 梁 郑 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 肖 田 董 潘 袁 蔡 蒋 余 于 杜 叶 程 魏 苏 吕 丁 任 卢 姚 沈 钟 姜 崔 谭 陆 范 汪 廖 石 金 韦 贾 夏 付 方 邹 熊 白 孟 秦 邱 侯 江 尹 薛 闫 雷 龙 黎 史 陶 贺 毛 郝 顾 龚 邵 万 覃 武 钱 戴 莫 欧阳 司徒 上官")
var femaleGiven = strings.Fields("丽 敏 静 艳 芳 娟 霞 秀英 雪梅 婷婷 欣怡 雅婷 佳琪 思颖 晓红 美玲 玉兰 慧 洁 琳 雯 梦瑶 诗涵 子萱 雨桐 丽华 秀珍 淑芬 晓燕 倩 莹 蕾 佩珊 嘉仪 海燕 春梅 若曦 可欣 文静 月娥")
var maleGiven = strings.Fields("伟 强 磊 军 勇 杰 涛 明 超 平 刚 志强 建国 建军 文博 俊杰 浩然 子轩 宇航 海峰 国栋 永康 立新 志远 思远 晓东 家豪 振华 德胜 少华 鹏 斌 波 辉 健 宏伟 卫东 天宇 嘉伟 景明 凯 祥 文涛 正豪")

var foreignFirst = strings.Fields("James Emma Oliver Sophie Lukas Anna Felix Clara Pierre Camille Hiroshi Yuki Daniel Grace Thomas Laura Michael Sarah Minh Linh David Julia Robert Helen Karl Ingrid")
var foreignLast = strings.Fields("Smith Miller Schmidt Weber Fischer Martin Bernard Dubois Tanaka Sato Nguyen Tran Taylor Wilson Brown Clark Wagner Becker Hoffmann Lim Tan Murphy Kelly Evans Walker Young")

// personName draws a Chinese name and the gender it goes with.
func (c chance) personName() (name, gender string) {
	if c.yes(0.45) {
		return pick(c, surnames) + pick(c, femaleGiven), "FEMALE"
	}
	return pick(c, surnames) + pick(c, maleGiven), "MALE"
}

func (c chance) foreignName() string { return pick(c, foreignFirst) + " " + pick(c, foreignLast) }

// city is a place with the telephone area code that its numbers begin with.
type city struct{ name, area string }

// citiesOf lists the cities of each region in China.
var citiesOf = map[string][]city{
	"CN-GD": {{"深圳", "755"}, {"深圳", "755"}, {"广州", "20"}, {"广州", "20"}, {"东莞", "769"}, {"佛山", "757"}, {"珠海", "756"}, {"惠州", "752"}, {"中山", "760"}, {"汕头", "754"}},
	"CN-GX": {{"南宁", "771"}, {"南宁", "771"}, {"柳州", "772"}, {"桂林", "773"}, {"北海", "779"}, {"玉林", "775"}},
	"CN-SH": {{"上海", "21"}},
	"CN-JS": {{"苏州", "512"}, {"南京", "25"}, {"无锡", "510"}, {"常州", "519"}},
	"CN-ZJ": {{"杭州", "571"}, {"宁波", "574"}, {"温州", "577"}, {"嘉兴", "573"}},
	"CN-BJ": {{"北京", "10"}}, "CN-TJ": {{"天津", "22"}}, "CN-HE": {{"石家庄", "311"}, {"唐山", "315"}},
	"CN-SD": {{"青岛", "532"}, {"济南", "531"}}, "CN-AH": {{"合肥", "551"}}, "CN-FJ": {{"厦门", "592"}, {"福州", "591"}},
	"CN-HN": {{"长沙", "731"}}, "CN-JX": {{"南昌", "791"}}, "CN-HB": {{"武汉", "27"}}, "CN-SC": {{"成都", "28"}},
	"CN-YN": {{"昆明", "871"}}, "CN-GZ": {{"贵阳", "851"}}, "CN-HI": {{"海口", "898"}},
	"CN-HK": {{"香港", ""}},
}

var brandFirst = strings.Split("启华中鑫恒博瑞嘉远盛宏德信泰永科星海天金龙飞亿荣和顺凯捷锐联创智慧新安康美明辉兴隆万立伟诚源森润", "")
var brandSecond = strings.Split("航芯达源泰通科宇盛和诚信力华峰业光亚腾翔博雅丰凌睿捷茂升图森恒跃洲岳昊晟川桥域杰讯邦", "")

// trades are what companies do, by industry.
var trades = []struct {
	industry string
	names    []string
}{
	{"ELECTRONICS", []string{"电子", "光电", "半导体", "电子科技"}}, {"MANUFACTURING", []string{"机械", "精密制造", "模具", "重工"}},
	{"AUTOMOTIVE", []string{"汽车零部件", "汽车电子"}}, {"ENERGY", []string{"新能源", "电力设备"}}, {"LOGISTICS", []string{"物流", "供应链"}},
	{"FOOD", []string{"食品", "饮料"}}, {"CONSTRUCTION", []string{"建设工程", "园区开发"}}, {"CHEMICALS", []string{"化工", "新材料"}},
	{"HEALTH", []string{"医疗器械", "生物医药"}}, {"RETAIL", []string{"商贸", "连锁超市"}}, {"SOFTWARE", []string{"信息技术", "软件"}},
	{"EDUCATION", []string{"教育科技"}}, {"AGRICULTURE", []string{"农业发展"}}, {"GOVERNMENT", []string{"城市投资", "轨道交通"}},
}

var foreignBrand = strings.Fields("Alpine Baltic Cascade Delta Eastgate Falcon Granite Harbor Iris Juniper Keystone Lakeside Meridian Northfield Orchard Pioneer Quartz Ridgeway Sterling Titan Union Vertex Westbrook Yorkdale Zenith Hansa Rhein Orion Sakura Lotus")
var foreignTrade = []struct{ industry, name string }{
	{"MANUFACTURING", "Precision"}, {"ELECTRONICS", "Electronics"}, {"AUTOMOTIVE", "Automotive"}, {"LOGISTICS", "Logistics"}, {"ENERGY", "Energy"},
	{"FOOD", "Foods"}, {"HEALTH", "Medical"}, {"CHEMICALS", "Chemicals"}, {"SOFTWARE", "Software"}, {"RETAIL", "Trading"},
}
var foreignForm = map[string]string{"US": "Inc.", "DE": "GmbH", "GB": "Ltd", "FR": "SA", "JP": "K.K.", "SG": "Pte Ltd", "AU": "Pty Ltd", "VN": "Co., Ltd"}

// numbersOf are how telephone numbers look abroad; x is a digit.
var numbersOf = map[string]string{
	"US": "+121255501xx", "DE": "+4930230xxxxx", "GB": "+442079460xxx", "FR": "+33199001xxx", "JP": "+81355xxxxxx",
	"SG": "+6567xxxxxx", "AU": "+61255501xxx", "VN": "+842438xxxxxx", "CN-HK": "+8522xxxxxxx",
}

// companyName is how a company is called, in full and in short, with its trade and where it is.
type companyName struct {
	full, short, industry string
	city                  city
}

func (c chance) chineseCompany(region string, group bool) companyName {
	place := pick(c, citiesOf[region])
	trade := pick(c, trades)
	n := companyName{short: pick(c, brandFirst) + pick(c, brandSecond), industry: trade.industry, city: place}
	what := pick(c, trade.names)
	switch {
	case group:
		n.full = n.short + what + "集团有限公司"
	case region == "CN-HK":
		n.full = "香港" + n.short + what + "有限公司"
	case c.yes(0.15):
		n.full = n.short + what + "（" + place.name + "）有限公司"
	case c.yes(0.1):
		n.full = place.name + "市" + n.short + what + "股份有限公司"
	default:
		n.full = place.name + "市" + n.short + what + "有限公司"
	}
	return n
}

func (c chance) foreignCompany(region string) companyName {
	trade := pick(c, foreignTrade)
	short := pick(c, foreignBrand) + " " + trade.name
	return companyName{full: short + " " + foreignForm[region], short: short, industry: trade.industry}
}

func (c chance) mobile() string {
	return c.digits("+861" + pick(c, []string{"38", "39", "35", "36", "37", "50", "58", "59", "86", "88", "89", "77"}) + "xxxxxxxx")
}

// landline draws a number of the region; cities in China have a code of their own.
func (c chance) landline(region string, place city) string {
	if pattern, ok := numbersOf[region]; ok {
		return c.digits(pattern)
	}
	return c.digits("+86" + place.area + pick(c, []string{"2", "3", "5", "6", "8"}) + "xxxxxxx")
}

func (c chance) digits(pattern string) string {
	number := []byte(pattern)
	for i, x := range number {
		if x == 'x' {
			number[i] = byte('0' + c.IntN(10))
		}
	}
	return string(number)
}

var plainPinyin = pinyin.NewArgs()

// readAs are characters that surnames read otherwise.
var readAs = map[rune]string{'曾': "zeng", '覃': "qin", '尹': "yin"}

// doubleSurnames have two characters.
var doubleSurnames = []string{"欧阳", "司徒", "上官"}

// latin writes a name in small Latin letters, Chinese in pinyin, with the separator after a surname.
func latin(name, separator string) string {
	surname := 1
	for _, double := range doubleSurnames {
		if strings.HasPrefix(name, double) {
			surname = 2
		}
	}
	var text strings.Builder
	for i, r := range []rune(name) {
		if i == surname && r > 0x2000 {
			text.WriteString(separator)
		}
		text.WriteString(reading(r))
	}
	return text.String()
}

// reading is how a character is written in small Latin letters; a space becomes a dot.
func reading(r rune) string {
	if known, ok := readAs[r]; ok {
		return known
	}
	if list := pinyin.SinglePinyin(r, plainPinyin); len(list) > 0 {
		return list[0]
	}
	if r == ' ' {
		return "."
	}
	return strings.ToLower(string(r))
}
