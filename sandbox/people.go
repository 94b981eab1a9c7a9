package sandbox

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/store"
)

// Password is the password of every person of the sample company; a server that holds them says so.
const Password = "guanxi"

// passwordHash is Password under argon2id, with cheap parameters: it keeps no secret.
const passwordHash = "$argon2id$v=19$m=1024,t=1,p=1$3tyXvv/zokYe/IXspPZhug$uiSdr4310SvdX8R2bR+oPSn1WNQ6DF/3deJMaolXSFA"

// Person is somebody of the sample company whom a visitor may sign in as.
type Person struct {
	Login    string
	Name     string
	Title    string // in Chinese
	TitleEn  string
	Password string
}

// castMember is a person with a fixed login and a place in the stories.
type castMember struct {
	login, name    string
	title, titleEn string
	role           string
	departments    []string // the first is primary
	sells          bool
	told           bool // whether visitors are told of him
}

var cast = []castMember{
	{"admin", "陈志远", "系统管理员", "Administrator", "administrator", []string{"office"}, false, true},
	{"director", "林海峰", "华南总监", "South-China director", "sales_manager", []string{"south"}, true, true},
	{"new.director", "周雅婷", "新任华南总监（尚无授权）", "New South-China director, no grants yet", "sales_manager", []string{"south"}, false, true},
	{"guangdong.head", "罗永康", "广东分公司经理", "Head of the Guangdong branch", "sales_manager", []string{"guangdong"}, true, true},
	{"guangxi.head", "覃国栋", "广西分公司经理", "Head of the Guangxi branch", "sales_manager", []string{"guangxi"}, true, true},
	{"leader", "郑凯", "项目组长（智慧园区项目组）", "Project leader of the Smart Park group", "sales", []string{"office"}, false, true},
	{"head", "何建国", "上海分公司经理（一人除外）", "Head of the Shanghai branch, all but one person", "sales_manager", []string{"shanghai"}, true, true},
	{"apart", "蒋雪", "上海销售（经理不可见其客户）", "Shanghai salesperson hidden from the branch head", "sales", []string{"shanghai"}, true, true},
	{"xiaowang", "小王", "研发部项目工程师", "Project engineer in R&D (Xiao Wang)", "sales", []string{"research"}, true, true},
	{"guangdong.sales", "黄俊杰", "广东销售", "Guangdong salesperson", "sales", []string{"shenzhen"}, true, true},
	{"guangxi.sales", "韦丽华", "广西销售", "Guangxi salesperson", "sales", []string{"nanning"}, true, true},
	{"twohats", "梁文博", "兼任广东与广西销售", "Salesperson in two departments", "sales", []string{"guangzhou", "liuzhou"}, true, true},
	{"service", "刘强", "售后工程师", "Service engineer", "service", []string{"service"}, false, true},
	{"finance", "孙敏", "财务经理", "Finance manager", "finance", []string{"finance"}, false, true},
	{"analyst", "钱思远", "数据分析员", "Analyst", "analyst", []string{"office"}, false, true},
	{"marketing", "赵欣怡", "市场专员", "Marketing specialist", "marketing", []string{"marketing"}, false, true},
	{"service2", "邓志强", "售后工程师", "Service engineer", "service", []string{"service"}, false, false},
	{"service3", "冯晓燕", "客服专员", "Service clerk", "service", []string{"service"}, false, false},
	{"research.head", "许文涛", "研发总监", "Head of R&D", "sales_manager", []string{"research"}, true, false},
	{"beijing.head", "宋立新", "北京分公司经理", "Head of the Beijing branch", "sales_manager", []string{"beijing"}, true, false},
	{"export", "Emily Carter", "国际业务经理", "Export manager", "sales_manager", []string{"international"}, true, false},
}

// People lists those of the sample company whom a visitor may sign in as, in the order to show them.
func People() []Person {
	var list []Person
	for _, m := range cast {
		if m.told {
			list = append(list, Person{Login: m.login, Name: m.name, Title: m.title, TitleEn: m.titleEn, Password: Password})
		}
	}
	return list
}

// employee is a user while the company is being made.
type employee struct {
	id         uuid.UUID
	login      string
	name       string
	department string // code of the primary one
	regions    []territory
	skill      float64   // added to the odds of winning
	left       time.Time // zero while employed
	sells      bool
	service    bool
}

func (e *employee) active() bool { return e.left.IsZero() }

// hire makes the users with their departments and roles: the cast, then salespeople by name.
func (f *firm) hire() error {
	h := &hiring{firm: f, chance: f.chance("users"), logins: map[string]int{}, hired: f.from.AddDate(0, -6, 0)}
	for _, m := range cast {
		h.add(m)
	}
	var places []string
	var weights []float64
	for _, place := range tree {
		places, weights = append(places, place.code), append(weights, place.weight)
	}
	for len(f.staff) < f.nUsers {
		name, _ := h.personName()
		place := places[h.weigh(weights)]
		h.add(castMember{login: h.login(name), name: name, title: "销售", role: "sales", departments: []string{place}, sells: true})
	}
	h.dismiss()
	return h.write()
}

// hiring collects the rows of new users.
type hiring struct {
	*firm
	chance
	logins      map[string]int
	hired       time.Time
	users       []*models.User
	memberships []*models.Membership
	roles       []*models.UserRole
}

func (h *hiring) login(name string) string {
	login := latin(name, ".")
	h.logins[login]++
	if n := h.logins[login]; n > 1 {
		login = fmt.Sprintf("%s%d", login, n)
	}
	return login
}

func (h *hiring) add(m castMember) {
	e := &employee{
		id: h.id(models.UserCode, h.hired), login: m.login, name: m.name, department: m.departments[0],
		skill: h.NormFloat64() * 0.45, sells: m.sells, service: m.departments[0] == "service",
	}
	h.users = append(h.users, &models.User{
		Record: born(e.id, h.hired, h.hired, 1), Login: e.login, Name: e.name, Email: someText(e.login + "@pearlriver.example"),
		Phone: someText(h.mobile()), Active: true, PasswordHash: someText(passwordHash),
	})
	for i, code := range m.departments {
		d := h.departments[code]
		e.regions = append(e.regions, d.regions...)
		h.memberships = append(h.memberships, &models.Membership{
			Record: born(h.id(models.MembershipCode, h.hired), h.hired, h.hired, 1), UserID: e.id, DepartmentID: d.id, IsPrimary: i == 0, Title: someText(m.title),
		})
		if e.sells {
			h.sellers[code] = append(h.sellers[code], len(h.staff))
		}
	}
	h.roles = append(h.roles, &models.UserRole{UserID: e.id, RoleID: store.BuiltIn(models.RoleCode, m.role)})
	h.staff = append(h.staff, e)
}

// dismiss lets some of the hired salespeople leave: what they had goes to colleagues, what they closed stays theirs.
func (h *hiring) dismiss() {
	for i := len(cast); i < len(h.staff); i++ {
		if e := h.staff[i]; h.yes(0.06) || i == len(h.staff)-1 {
			e.left = h.from.AddDate(0, h.between(10, 30), h.IntN(28))
			h.users[i].Active, h.users[i].UpdatedAt, h.users[i].Version = false, e.left, 2
		}
	}
}

func (h *hiring) write() error {
	if err := copyAll(h.firm, h.users); err != nil {
		return err
	}
	if err := copyAll(h.firm, h.memberships); err != nil {
		return err
	}
	return copyAll(h.firm, h.roles)
}

// colleague draws an active salesperson of the department, else of any.
func (f *firm) colleague(c chance, department string) int {
	var list []int
	for _, i := range f.sellers[department] {
		if f.staff[i].active() {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return f.named("admin")
	}
	return pick(c, list)
}

// named finds the place in staff of a member of the cast.
func (f *firm) named(login string) int {
	for i, m := range cast {
		if m.login == login {
			return i
		}
	}
	panic("nobody in the cast is called " + login)
}
