package importer

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/simplifiedchinese"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/models"
)

func TestBadRowsAreToldAndTheOthersAreIn(t *testing.T) {
	c := imported(t)
	c.people("insert into products (id, name, created_at, updated_at) values ($1, '手工产品', now(), now())", models.NewID(models.ProductCode))
	mapping, folder := oldCRM(t)
	write(t, filepath.Join(folder, "customers.csv"), "no,name,phone,note,owner,industry\nN1,好,,,,\nN2,没有人,,,张三,\nN3,"+strings.Repeat("长", 501)+",,,,\nN1,再来,,,,\nN5,也好,,,,\n")
	write(t, filepath.Join(folder, "products.csv"), "name,price,rival\n新品,1,\n手工产品,2,\n又一,3,\n")
	write(t, filepath.Join(folder, "deals.csv"), "no,title,customer,owner,product,quantity,amount,status,opened,closed,rival,reason\n"+
		"10,好,N1,李雷,泵,1,5,OPEN,,,,\n"+
		"11,客户没有,X9,李雷,没有,1,5,OPEN,,,,\n"+
		"12,没有日期,N1,李雷,泵,1,5,WON,,,,\n"+
		"13,开着又关,N1,李雷,泵,1,5,OPEN,,2026-01-01,,\n"+
		"14,赢了又输,N1,李雷,泵,1,5,WON,,2026-01-01,对手甲,贵\n"+
		"15,太大,N1,李雷,泵,1,12345678901234567,OPEN,,,,\n"+
		"16,负,N1,李雷,泵,0,-5,OPEN,,,,\n"+
		"17,数量,N1,李雷,,3,5,OPEN,,,,\n"+
		"18,词,N1,李雷,泵,1,5,MAYBE,,,,\n"+
		",无号,N1,李雷,泵,1,5,OPEN,,,,\n"+
		"19,也好,N5,李雷,泵,1,5,LOST,2026-01-01,2026-02-01,,\n"+
		"20,先关后开,N5,李雷,泵,1,5,LOST,2026-02-01,2026-01-01,,\n")
	r := c.into(mapping, folder)
	says(t, r.Problems,
		`customers.csv:3: column owner: no user with the key "张三" was imported`,
		"customers.csv:4: column name: Text has at most 500 characters",
		"customers.csv:5: column no: lines 2 (of ",
		`deals.csv:3: column customer: no customer with the key "X9"`,
		`deals.csv:3: column product: no product with the key "没有"`,
		"deals.csv:4: column closed: empty, but it is closed (WON)",
		"deals.csv:5: column closed: it is open, so it has no closing date",
		"deals.csv:6: column reason: it is not lost",
		"deals.csv:6: column rival: it is not lost",
		"deals.csv:7: column amount: ",
		"deals.csv:8: column amount: an amount is 0 or more",
		"deals.csv:8: column quantity: a quantity is more than 0",
		"deals.csv:9: column product: empty, but a quantity",
		`deals.csv:10: column status: "MAYBE" is not one of`,
		"deals.csv:11: column no: empty",
		"deals.csv:13: column closed: it is before the opportunity began on 2026-02-01",
		"products.csv:3: column name: there is another product of this name",
	)
	c.counts(r, KindResult{Kind: "customer", Created: 2})
	c.counts(r, KindResult{Kind: "product", Created: 2})
	c.counts(r, KindResult{Kind: "opportunity", Created: 2})
	if r.BadRows() != 14 {
		t.Errorf("%d bad rows", r.BadRows())
	}
	var told bytes.Buffer
	if err := r.Write(&told, "zh"); err != nil || !strings.Contains(told.String(), "14 行有问题") || !strings.Contains(told.String(), "张三") {
		t.Errorf("told: %v\n%s", err, told.String())
	}
	is(c, 0, "select count(*) from users where name = '张三'")
	is(c, 4, "select count(*) from opportunities")
}

func TestImportingNeedsThePermission(t *testing.T) {
	c := newCompany(t)
	mapping, folder := oldCRM(t)
	for role, want := range map[string]fault.Code{"sales": fault.PermissionDenied, "": fault.Unauthenticated} {
		viewer := access.Nobody(c.viewer.Now)
		if role != "" {
			viewer = c.person(role)
		}
		if _, err := Run(context.Background(), c.store, viewer, open(t, mapping, folder), Options{}); !fault.Is(err, want) {
			t.Errorf("as %q: %v, want %s", role, err, want)
		}
	}
	is(c, 0, "select count(*) from external_keys")
	if _, err := Run(context.Background(), c.store, c.person("administrator"), open(t, mapping, folder), Options{}); err != nil {
		t.Errorf("as an administrator: %v", err)
	}
}

// person is somebody with a role.
func (c *company) person(role string) *access.Viewer {
	c.t.Helper()
	id := models.NewID(models.UserCode)
	c.people("insert into users (id, login, name, created_at, updated_at) values ($1::uuid, $1::text, 'somebody', now(), now())", id)
	c.people("insert into user_roles (user_id, role_id) select $1, id from roles where code = $2", id, role)
	viewer, err := access.Load(context.Background(), c.store.Pool, id, c.viewer.Now)
	if err != nil || viewer.UserID == uuid.Nil {
		c.t.Fatalf("%v, %v", viewer, err)
	}
	return viewer
}

func TestAChineseFileBecomesRecordsEndToEnd(t *testing.T) {
	gb := func(text string) string {
		encoded, err := simplifiedchinese.GB18030.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	c := newCompany(t)
	c.clean(files(t, `
source: 用友
encoding: gb18030
dates: YYYY年M月D日
currency: CNY
numbers: { thousands: ",", multiples: { 万: 10000 } }
files:
  字典.csv:
    records:
      - { kind: dictionaryEntry, key: [字典, 名称], fields: { dictionary: 字典, label: 名称, code: 代码 } }
  客户.csv:
    columns: { 性质: { values: { 单位: ORGANIZATION, 个人: PERSON } } }
    records:
      - { kind: customer, key: 编号, fields: { name: 名称, kind: 性质, region: 地区, phone: 电话 } }
  联系人.csv:
    columns: { 角色: { values: { 决策人: DECISION_MAKER } }, 性别: { values: { 女: FEMALE } } }
    records:
      - kind: contact
        key: 编号
        fields: { name: 姓名, gender: 性别, phone: 手机, birthday: 生日, customer: 客户, role: 角色, title: 职务, primary: 主要 }
  商机.csv:
    columns: { 状态: { values: { 赢单: WON, 跟进: OPEN } } }
    records:
      - kind: opportunity
        key: 编号
        fields: { title: 名称, customer: { column: 客户, by: name }, amount: 金额, status: 状态, closedAt: 日期, openedOn: 开始 }
  关系.csv:
    records:
      - kind: relationship
        key: [甲, 乙]
        fields: { type: 类型, a: { column: 甲, kind: contact }, b: { column: 乙, kind: contact }, strength: 强度, from: 起 }
`,
		"字典.csv", gb("字典,名称,代码\nregion,南宁,450100\n"),
		"客户.csv", gb("编号,名称,性质,地区,电话\nK1,广西糖业有限公司,单位,南宁,0771-5551234\nK2,王小二,个人,,\n"),
		"联系人.csv", gb("编号,姓名,性别,手机,生日,客户,角色,职务,主要\nL1,韦芳,女,13877112233,1985年3月8日,K1,决策人,总经理,是\nL2,覃勇,,,,,,,\n"),
		"商机.csv", gb("编号,名称,客户,金额,状态,日期,开始\nS1,制糖设备,广西糖业有限公司,\"1,250.5万\",赢单,2026年2月3日,2025年12月31日\nS2,备件,王小二,,跟进,,\n"),
		"关系.csv", gb("甲,乙,类型,强度,起\nL1,L2,SPOUSE_OF,5,2010年10月1日\n"),
	))
	is(c, "12505000.0000", "select o.amount::text from opportunities o join customers c on c.id = o.customer_id where c.name = '广西糖业有限公司' and o.status = 'WON' and o.currency = 'CNY' and (o.closed_at at time zone 'Asia/Shanghai') = '2026-02-03' and o.opened_on = '2025-12-31'")
	is(c, "韦芳", `select p.name from contacts p join relationships r on r.a_id = p.id join customers c on c.id = r.b_id
		where r.type_id = $1 and r.contact_role = 'DECISION_MAKER' and r.title = '总经理' and r.is_primary and c.name = '广西糖业有限公司' and p.birthday = '1985-03-08' and p.gender = 'FEMALE'`, models.WorksAtID)
	is(c, 0, "select count(*) from relationships r join contacts p on p.id = r.a_id where p.name = '覃勇'")
	is(c, "南宁", "select e.label from customers c join dictionary_entries e on e.id = c.region_id join dictionaries d on d.id = e.dictionary_id and d.code = 'region' where e.code = '450100'")
	is(c, "PERSON LEAD", "select kind || ' ' || lifecycle from customers where name = '王小二'")
	is(c, 5, "select r.strength from relationships r join relationship_types t on t.id = r.type_id and t.code = 'SPOUSE_OF'")
	is(c, 1, "select count(*) from customers where search_text like '%guangxitangye%' and '1234' = any(phone_terms)")
	is(c, 1, "select count(*) from contacts where search_text like '%weifang%'")
}

func TestLoginsAreMadeOfNames(t *testing.T) {
	for name, want := range map[string]string{
		"Anna Snelling": "anna.snelling", "王小明": "wangxiaoming", "José Núñez-O'Neil": "jose.nunez.oneil", "  Иван ": "user", "吕 2": "lv.2", "": "user",
	} {
		if got := loginOf(name); got != want {
			t.Errorf("%q makes %q, want %q", name, got, want)
		}
	}
	taken := map[string]bool{"wangxiaoming": true, "wangxiaoming2": true}
	if got := freeLogin("王小明", taken); got != "wangxiaoming3" || !taken[got] {
		t.Errorf("got %q", got)
	}
}

func TestAPipelineOfTheMappingIsCheckedAndMade(t *testing.T) {
	wrong := write(t, filepath.Join(t.TempDir(), "wrong.yaml"), "source: x\npipelines:\n  P:\n    a: 0.5\n    b: 1.5\nfiles:\n  a.csv:\n    records:\n      - { kind: customer, key: n, fields: { name: n } }\n")
	says(t, loadProblems(t, wrong), "wrong.yaml:5: a stage has a probability from 0 to 1, not 1.5")
	c := newCompany(t)
	mapping, folder := files(t, `
source: x
pipelines:
  大客户: { 立项: 0.2, 投标: 0.6 }
files:
  deals.csv:
    records:
      - kind: opportunity
        key: no
        fields: { title: no, status: status, pipeline: { text: 大客户 }, stage: { column: stage, create: true } }
`, "deals.csv", "no,status,stage\n1,OPEN,投标\n2,OPEN,签约\n3,OPEN,\n")
	c.clean(mapping, folder)
	const stages = "select string_agg(s.name || ' ' || s.probability, ', ' order by s.position) from stages s join pipelines p on p.id = s.pipeline_id where p.name = '大客户'"
	is(c, "立项 0.2, 投标 0.6, 签约 0", stages)
	is(c, "立项", "select s.name from opportunities o join stages s on s.id = o.stage_id where o.title = '3'")
	c.people("update stages set name = '投标阶段', probability = 0.7 where name = '投标'")
	c.counts(c.clean(mapping, folder), KindResult{Kind: "opportunity", Unchanged: 3})
	is(c, "立项 0.2, 投标阶段 0.7, 签约 0", stages)
}
