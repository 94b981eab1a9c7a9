package sandbox

import (
	"github.com/google/uuid"

	"guanxi/models"
)

// department is a place in the sample company's tree, with the regions that its salespeople sell to.
type department struct {
	id      uuid.UUID
	path    []uuid.UUID
	regions []territory
}

// territory is a region and how often it is sold to.
type territory struct {
	code   string
	weight float64
}

// tree lists the departments, those above first. weight is how many of the salespeople sit there.
var tree = []struct {
	code, parent, name string
	weight             float64
	regions            []territory
}{
	{"company", "", "总公司", 0, nil},
	{"south", "company", "华南区", 0, southRegions},
	{"guangdong", "south", "广东分公司", 0, guangdongRegions},
	{"shenzhen", "guangdong", "深圳销售组", 5, guangdongRegions},
	{"guangzhou", "guangdong", "广州销售组", 4, guangdongRegions},
	{"keyaccounts", "guangdong", "大客户组", 3, guangdongRegions},
	{"guangxi", "south", "广西分公司", 0, guangxiRegions},
	{"nanning", "guangxi", "南宁销售组", 3, guangxiRegions},
	{"liuzhou", "guangxi", "柳州销售组", 2, guangxiRegions},
	{"east", "company", "华东区", 0, shanghaiRegions},
	{"shanghai", "east", "上海分公司", 5, shanghaiRegions},
	{"jiangsu", "east", "江苏分公司", 3, jiangsuRegions},
	{"zhejiang", "east", "浙江分公司", 3, zhejiangRegions},
	{"north", "company", "华北区", 0, northRegions},
	{"beijing", "north", "北京分公司", 4, northRegions},
	{"international", "company", "国际业务部 International", 3, abroad},
	{"research", "company", "研发部", 0, researchRegions},
	{"service", "company", "售后服务部", 0, nil},
	{"finance", "company", "财务部", 0, nil},
	{"marketing", "company", "市场部", 0, nil},
	{"office", "company", "总经理办公室", 0, nil},
}

var (
	southRegions     = []territory{{"CN-GD", 6}, {"CN-GX", 3}, {"CN-HI", 1}}
	guangdongRegions = []territory{{"CN-GD", 88}, {"CN-HN", 4}, {"CN-JX", 3}, {"CN-HK", 5}}
	guangxiRegions   = []territory{{"CN-GX", 84}, {"CN-YN", 6}, {"CN-GZ", 5}, {"CN-HI", 5}}
	shanghaiRegions  = []territory{{"CN-SH", 80}, {"CN-AH", 12}, {"CN-JS", 8}}
	jiangsuRegions   = []territory{{"CN-JS", 90}, {"CN-AH", 10}}
	zhejiangRegions  = []territory{{"CN-ZJ", 80}, {"CN-FJ", 20}}
	northRegions     = []territory{{"CN-BJ", 55}, {"CN-HE", 12}, {"CN-TJ", 13}, {"CN-SD", 20}}
	abroad           = []territory{{"US", 30}, {"DE", 24}, {"GB", 12}, {"FR", 8}, {"JP", 8}, {"SG", 8}, {"AU", 5}, {"VN", 5}}
	researchRegions  = []territory{{"CN-GD", 50}, {"CN-SC", 25}, {"CN-HB", 25}}
)

// organize makes the departments.
func (f *firm) organize() error {
	c := f.chance("departments")
	founded := f.from.AddDate(-1, 0, 0)
	var rows []*models.Department
	for _, place := range tree {
		d := &department{id: c.id(models.DepartmentCode, founded), regions: place.regions}
		row := &models.Department{Name: place.name}
		if above := f.departments[place.parent]; above != nil {
			row.ParentID = &above.id
			d.path = append(d.path, above.path...)
		}
		d.path = append(d.path, d.id)
		row.Record, row.Path = born(d.id, founded, founded, 1), d.path
		f.departments[place.code] = d
		rows = append(rows, row)
	}
	return copyAll(f, rows)
}
