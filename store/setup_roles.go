package store

import (
	"slices"

	"guanxi/access"
	"guanxi/models"
)

// shippedRole is a role that a new company finds; administrators may change it.
type shippedRole struct {
	code, zh, en, note string
	permissions        []access.Permission
	rights             map[access.Rule]reading
	grants             []models.Grant // standing: effect, level and kinds over everyone
}

// reading is how far the fields of a rule are read: of one's own records, those in one's scope, all others one sees.
type reading struct{ own, scope, other string }

const (
	fully    = "FULL"
	masked   = "MASKED"
	notAtAll = "NONE"
)

var (
	always    = reading{fully, fully, fully}
	never     = reading{notAtAll, notAtAll, notAtAll}
	nearFully = reading{fully, fully, notAtAll}
)

var (
	businessKinds = []*access.Kind{access.Customer, access.Contact, access.Opportunity, access.Service, access.Document, access.Activity, access.Relationship}
	reportKinds   = []*access.Kind{access.SavedReport, access.Dashboard}
	reads         = may(businessKinds, access.Read)
	exports       = may(businessKinds, access.Export)
	works         = may(businessKinds, access.Read, access.Create, access.Update, access.Delete, access.Sharing)
	asks          = append(may(reportKinds, access.Read, access.Create, access.Update, access.Delete, access.Sharing), access.Report)
)

var shippedRoles = []shippedRole{
	{
		code: "administrator", zh: "系统管理员", en: "Administrator", note: "管理一切。",
		permissions: access.Permissions(),
		rights:      map[access.Rule]reading{access.ContactDetails: always, access.Amounts: always, access.Costs: always},
		grants:      []models.Grant{overEveryone(models.Manage)},
	},
	{
		code: "analyst", zh: "数据分析员", en: "Analyst", note: "可查看全部业务数据与报表，不可修改，不可查看联系方式。",
		permissions: slices.Concat(reads, exports, may(reportKinds, access.Read), []access.Permission{access.Report}),
		rights:      map[access.Rule]reading{access.ContactDetails: never, access.Amounts: always, access.Costs: always},
		grants:      []models.Grant{overEveryone(models.Observe)},
	},
	{
		code: "finance", zh: "财务", en: "Finance", note: "可查看全部客户与合同。",
		permissions: slices.Concat(reads, may([]*access.Kind{access.Customer, access.Contact}, access.Export), asks),
		rights:      map[access.Rule]reading{access.ContactDetails: always, access.Amounts: always, access.Costs: always},
		grants:      []models.Grant{overEveryone(models.Observe, access.Customer)},
	},
	{
		code: "service", zh: "售后服务", en: "Service", note: "可查看全部客户，处理全部售后服务。",
		permissions: slices.Concat(reads, may([]*access.Kind{access.Service}, access.Create, access.Update, access.Delete, access.Transfer, access.Sharing, access.Export),
			may([]*access.Kind{access.Activity, access.Document}, access.Create, access.Update, access.Delete), asks),
		rights: map[access.Rule]reading{access.ContactDetails: always, access.Amounts: nearFully, access.Costs: always},
		grants: []models.Grant{overEveryone(models.Observe, access.Customer), overEveryone(models.Manage, access.Service)},
	},
	{
		code: "sales", zh: "销售", en: "Sales", note: "管理自己的客户与商机。",
		permissions: slices.Concat(works, asks),
		rights:      map[access.Rule]reading{access.ContactDetails: {fully, fully, masked}, access.Amounts: always, access.Costs: nearFully},
	},
	{
		code: "sales_manager", zh: "销售主管", en: "Sales manager", note: "通过授权管理团队的客户与商机。",
		permissions: slices.Concat(works, exports, may(businessKinds, access.Transfer), may(reportKinds, access.Transfer), asks, []access.Permission{access.Import}),
		rights:      map[access.Rule]reading{access.ContactDetails: {fully, fully, masked}, access.Amounts: always, access.Costs: always},
	},
	{
		code: "marketing", zh: "市场", en: "Marketing", note: "可查看全部客户与市场活动，不可查看金额。",
		permissions: slices.Concat(reads, may([]*access.Kind{access.Customer, access.Contact, access.Document, access.Activity, access.Relationship}, access.Create, access.Update),
			asks),
		rights: map[access.Rule]reading{access.ContactDetails: always, access.Amounts: never, access.Costs: never},
		grants: []models.Grant{overEveryone(models.Observe, access.Customer)},
	},
}

// may lists the permissions for actions on kinds; an action that a kind does not know is left out.
func may(kinds []*access.Kind, actions ...access.Action) []access.Permission {
	var list []access.Permission
	for _, kind := range kinds {
		for _, action := range actions {
			if slices.Contains(kind.Actions, action) {
				list = append(list, access.To(action, kind))
			}
		}
	}
	return list
}

func overEveryone(level string, kinds ...*access.Kind) models.Grant {
	g := models.Grant{Everyone: true, Effect: models.Allow, Level: level}
	for _, kind := range kinds {
		g.Kinds = append(g.Kinds, kind.Name)
	}
	return g
}

func (b *beginning) roles() {
	for _, r := range shippedRoles {
		role := &models.Role{Record: b.record(BuiltIn(models.RoleCode, r.code)), Code: r.code, Name: r.zh, NameEn: optional(r.en), Note: optional(r.note)}
		for _, p := range r.permissions {
			role.Permissions = append(role.Permissions, string(p))
		}
		b.add(role)
		b.rights(role, r.rights)
		for _, g := range r.grants {
			g.Record = b.record(BuiltIn(models.GrantCode, r.code+"/"+g.Level))
			g.GranteeRoleID = &role.ID
			b.add(&g)
		}
	}
}

func (b *beginning) rights(role *models.Role, rights map[access.Rule]reading) {
	var rows []models.FieldRight
	for _, rule := range access.Rules {
		r := rights[rule]
		for relation, far := range map[access.Relation]string{access.Own: r.own, access.InScope: r.scope, access.Other: r.other} {
			rows = append(rows, models.FieldRight{RoleID: role.ID, Rule: string(rule), Relation: string(relation), Access: far})
		}
	}
	b.add(&rows)
}
