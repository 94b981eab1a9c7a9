package market

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/jackc/pgx/v5"

	"guanxi/search"
)

// titles is how many there are of each sort of record that shares its words with others.
const titles = 2_000

// naming puts what the records are called, with what they are found by, into a table that ends with the connection.
const naming = `create temp table names (kind text, at int, name text, terms text[], line text, phone text, phones text[])`

// called says in SQL what the n-th record of each kind is called. What is called after its number is found by nothing.
func called(kind string, named bool) string {
	at := fmt.Sprintf("pg_temp.draw(n, 40, %d)", titles)
	switch kind {
	case "USER", "CUSTOMER", "CONTACT":
		at = "n"
	}
	if named {
		return "select name, terms, line, phone, phones from pg_temp.names where kind = '" + kind + "' and at = " + at
	}
	return "select '" + strings.ToLower(kind[:1]) + "' || n as name, '{}'::text[] as terms, '' as line, null::text as phone, '{}'::text[] as phones"
}

var (
	kinds = []string{"USER", "CUSTOMER", "CONTACT", "OPPORTUNITY", "SERVICE", "DOCUMENT", "ACTIVITY"}

	places     = strings.Fields("深圳 广州 东莞 佛山 南宁 上海 苏州 南京 杭州 宁波 北京 天津 青岛 合肥 厦门 长沙 武汉 成都 重庆 昆明 西安 大连")
	syllables  = strings.Split("启华中鑫恒博瑞嘉远盛宏德信泰永科星海天金龙飞亿荣和顺凯捷锐联创智慧新安康美明辉兴隆万立伟诚源森润航芯达通宇力峰业光亚腾翔雅丰", "")
	crafts     = strings.Fields("电子 光电 机械 模具 物流 食品 化工 医疗器械 信息技术 软件 新能源 电力设备 汽车零部件 新材料 农业 教育科技 商贸 重工")
	forms      = strings.Fields("有限公司 有限公司 有限公司 股份有限公司 集团")
	surnames   = strings.Fields("王 王 李 李 张 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 罗 高 梁 郑 谢 宋 唐 许 韩 冯 邓 曹 欧阳 司徒")
	given      = strings.Split("丽敏静艳芳娟霞英梅婷怡雅琪颖红玲兰慧洁琳雯瑶涵萱桐华珍芬燕倩莹伟强磊军勇杰涛明超平刚志建国文博俊浩然宇航海峰栋", "")
	first      = strings.Fields("James Emma Oliver Sophie Lukas Anna Felix Clara Pierre Camille Hiroshi Yuki Daniel Grace Thomas Laura Minh Linh Julia Robert")
	last       = strings.Fields("Smith Miller Schmidt Weber Fischer Martin Bernard Dubois Tanaka Sato Nguyen Tran Taylor Wilson Brown Wagner Becker Lim Tan Murphy")
	beginnings = strings.Fields("Al Ba Cor Del Er Fal Gran Har Ir Jun Kel Lan Mer Nor Or Pen Quar Rid Ster Tit Ul Ver Wes Xen York Zan")
	middles    = strings.Fields("a e i o u an en in on ar er or el il os ta ri no ma de")
	ends       = strings.Fields("mond dale field gate haven ix land mark nox port quest ris son tech ton via wick worth zen")
	trades     = strings.Fields("Precision Electronics Automotive Logistics Energy Foods Medical Chemicals Software Trading Industries Systems")
	companies  = strings.Fields("GmbH Ltd Inc. SA K.K. AG plc")
	goods      = strings.Fields("泵站 机床 传感器 生产线 仓储系统 变压器 控制柜 检测设备 ERP 平台 pump sensor line server crane turbine scanner licence")
	doings     = map[string][]string{
		"OPPORTUNITY": strings.Fields("采购 升级 扩建 replacement order 项目"), "SERVICE": strings.Fields("维修 保养 安装 投诉 repair check"),
		"DOCUMENT": strings.Fields("合同.pdf 报价单.pdf 方案.docx offer.pdf minutes.docx"), "ACTIVITY": strings.Fields("电话沟通 拜访 会议 call visit 邮件 follow-up"),
	}
)

// drawer draws words, the same ones for the same number.
type drawer struct{ *rand.Rand }

func (d drawer) one(of []string) string { return of[d.IntN(len(of))] }

func (d drawer) person(chinese float64) string {
	if d.Float64() >= chinese {
		return d.one(first) + " " + d.one(last)
	}
	name := d.one(surnames) + d.one(given)
	if d.Float64() < 0.7 {
		name += d.one(given)
	}
	return name
}

// company is Chinese three times in ten.
func (d drawer) company() string {
	if d.Float64() >= 0.3 {
		return d.one(beginnings) + d.one(middles) + d.one(ends) + " " + d.one(trades) + " " + d.one(companies)
	}
	return d.one(places) + d.one(syllables) + d.one(syllables) + d.one(crafts) + d.one(forms)
}

func (d drawer) mobile() string {
	return fmt.Sprintf("+861%d%09d", 3+2*d.IntN(3), d.IntN(1_000_000_000))
}

// phone is one of every so many records'; nil of the others.
func (d drawer) phone(every int) (phone *string, terms []string) {
	if d.IntN(every) > 0 {
		return nil, []string{}
	}
	number := d.mobile()
	return &number, search.Phones(number)
}

// name gives the columns of the table of names for one record.
func (d drawer) name(kind string, at int) []any {
	var name string
	var phone *string
	phones := []string{}
	switch kind {
	case "USER":
		name = d.person(0.8)
	case "CUSTOMER":
		name = d.company()
		phone, phones = d.phone(10)
	case "CONTACT":
		name = d.person(0.5)
		phone, phones = d.phone(4)
	default:
		name = d.one(goods) + " " + d.one(doings[kind]) + fmt.Sprint(" ", d.IntN(1000))
	}
	terms, line := search.Name(name)
	return []any{kind, at, name, terms, line, phone, phones}
}

// name fills the table of names.
func (s Size) name(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, naming); err != nil {
		return err
	}
	for i, kind := range kinds {
		from, until := 0, titles
		switch kind {
		case "USER":
			from, until = 1, s.Users+1
		case "CUSTOMER":
			from, until = 1, s.Customers+1
		case "CONTACT":
			from, until = 1, s.Contacts+1
		}
		d, at := drawer{rand.New(rand.NewPCG(uint64(i), 360))}, from-1
		columns := []string{"kind", "at", "name", "terms", "line", "phone", "phones"}
		_, err := conn.CopyFrom(ctx, pgx.Identifier{"names"}, columns, pgx.CopyFromFunc(func() ([]any, error) {
			if at++; at >= until {
				return nil, nil
			}
			return d.name(kind, at), nil
		}))
		if err != nil {
			return err
		}
	}
	_, err := conn.Exec(ctx, "analyze pg_temp.names")
	return err
}
