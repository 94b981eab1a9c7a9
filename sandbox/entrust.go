package sandbox

import (
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// entrust makes groups, grants and pools: who may see what beyond his own.
func (f *firm) entrust() error {
	e := &entrusting{firm: f, chance: f.chance("grants"), at: f.from.AddDate(0, -5, 0)}
	park := e.group("智慧园区项目组", "为智慧园区项目临时组建", nil, "leader", "guangdong.sales", "guangxi.sales", "apart", "xiaowang")
	e.group("大客户攻坚组", "", nil, "guangdong.head", "twohats", "beijing.head")
	e.group("老厂改造项目组", "项目已结束", some(f.until.AddDate(0, -8, 0)), "leader", "guangxi.head")

	guangdong, guangxi := f.departments["guangdong"].id, f.departments["guangxi"].id
	e.over("director", guangdong, models.Allow, models.Manage, "管理广东分公司")
	e.over("director", guangxi, models.Allow, models.Manage, "管理广西分公司")
	e.over("director", f.person("xiaowang"), models.Allow, models.Observe, "研发部只看小王的商机", "OPPORTUNITY")
	e.over("guangdong.head", guangdong, models.Allow, models.Manage, "")
	e.over("guangxi.head", guangxi, models.Allow, models.Manage, "")
	e.over("leader", park, models.Allow, models.Observe, "项目组成员的客户", "CUSTOMER")
	e.over("head", f.departments["shanghai"].id, models.Allow, models.Manage, "")
	e.over("head", f.person("apart"), models.Deny, models.Observe, "蒋雪的客户由总公司直接管理")
	e.over("beijing.head", f.departments["north"].id, models.Allow, models.Manage, "")
	e.over("research.head", f.departments["research"].id, models.Allow, models.Manage, "")
	e.over("export", f.departments["international"].id, models.Allow, models.Manage, "")
	e.grants[len(e.grants)-1].ValidUntil = some(f.until.AddDate(2, 0, 0))
	e.open()
	return e.write()
}

// entrusting collects the rows of groups, grants and pools.
type entrusting struct {
	*firm
	chance
	at      time.Time
	groups  []*models.Group
	members []*models.GroupMember
	grants  []*models.Grant
	opened  []*models.Pool
	inside  []*models.PoolMember
}

func (f *firm) person(login string) uuid.UUID { return f.staff[f.named(login)].id }

func (e *entrusting) group(name, note string, dissolved *time.Time, logins ...string) uuid.UUID {
	g := &models.Group{Record: born(e.id(models.GroupCode, e.at), e.at, e.at, 1), Name: name, Note: someText(note), DissolvedAt: dissolved}
	e.groups = append(e.groups, g)
	for _, login := range logins {
		e.members = append(e.members, &models.GroupMember{GroupID: g.ID, UserID: e.person(login)})
	}
	return g.ID
}

func (e *entrusting) over(login string, subject uuid.UUID, effect, level, note string, kinds ...string) {
	e.grants = append(e.grants, &models.Grant{
		Record: born(e.id(models.GrantCode, e.at), e.at, e.at, 1), GranteeUserID: some(e.person(login)), SubjectID: &subject,
		WithSubDepartments: models.KindOf(subject) == models.DepartmentCode, Effect: effect, Level: level, Kinds: kinds,
		Note: someText(note), CreatedBy: some(e.person("admin")),
	})
}

// poolsOf lists the pools and the department whose people are members.
var poolsOf = []struct{ name, note, department string }{
	{"华南沉睡客户", "半年无跟进的华南客户", "south"},
	{"华东公海", "华东区共享客户", "east"},
	{"全国公海", "任何人可以认领", "company"},
}

func (e *entrusting) open() {
	for _, p := range poolsOf {
		pool := &models.Pool{Record: born(e.id(models.PoolCode, e.at), e.at, e.at, 1), Name: p.name, Note: someText(p.note)}
		e.opened = append(e.opened, pool)
		e.inside = append(e.inside, &models.PoolMember{PoolID: pool.ID, SubjectID: e.departments[p.department].id, WithSubDepartments: true})
		e.pools = append(e.pools, pool.ID)
	}
}

func (e *entrusting) write() error {
	for _, err := range []error{
		copyAll(e.firm, e.groups), copyAll(e.firm, e.members), copyAll(e.firm, e.grants), copyAll(e.firm, e.opened), copyAll(e.firm, e.inside),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}
