package simulate_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/internal/pgtest"
	"guanxi/models"
	"guanxi/store"
)

// company is a small one made at random, in which grants, groups, shares, lists and pools meet.
type company struct {
	store *store.Store
	now   time.Time
	admin *access.Viewer

	*rapid.T
	departments, users, groups, roles, pools, customers []uuid.UUID
}

func newCompany(t *testing.T) *company {
	t.Helper()
	s, err := store.Open(t.Context(), pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Setup(t.Context(), store.SetupOptions{}); err != nil {
		t.Fatal(err)
	}
	c := &company{store: s, now: time.Now().UTC().Truncate(time.Microsecond)}
	c.admin = access.System("tests arrange what they need", c.now, models.Company{Currency: "CNY", TimeZone: "Asia/Shanghai"})
	return c
}

// draw fills the company anew.
func (c *company) draw(t *rapid.T) {
	c.T = t
	c.departments, c.users, c.groups, c.roles, c.pools, c.customers = nil, nil, nil, nil, nil, nil
	c.exec("truncate users, departments, groups, pools, customers, contacts, opportunities, services, documents, activities, saved_reports, dashboards, relationships, shares, grants, audit_entries cascade")
	c.exec("delete from field_rights where role_id in (select id from roles where code like 'test%')")
	c.exec("delete from roles where code like 'test%'")
	c.people()
	c.records()
	for range c.upTo("grants", 6) {
		c.keep(c.grant(), models.GrantCode)
	}
}

func (c *company) exec(text string) {
	if _, err := c.store.DB.Exec(text); err != nil {
		c.Fatal(err)
	}
}

func (c *company) keep(row interface{ Base() *models.Record }, kind models.KindCode) uuid.UUID {
	base := models.Record{ID: models.NewID(kind), Version: 1, CreatedAt: c.now, UpdatedAt: c.now}
	*row.Base() = base
	c.insert(row)
	return base.ID
}

func (c *company) insert(row any) {
	if _, err := c.store.DB.NewInsert().Model(row).On("conflict do nothing").Exec(c.Context()); err != nil {
		c.Fatal(err)
	}
}

func (c *company) upTo(label string, n int) int { return rapid.IntRange(0, n).Draw(c.T, label) }

func (c *company) once(label string, in int) bool { return c.upTo(label, in-1) == in-1 }

func (c *company) one(label string, of []uuid.UUID) uuid.UUID { return of[c.upTo(label, len(of)-1)] }

func (c *company) maybe(label string, of []uuid.UUID) *uuid.UUID {
	if c.once("no "+label, 4) {
		return nil
	}
	id := c.one(label, of)
	return &id
}

func (c *company) subject() uuid.UUID {
	return c.one("subject", slices.Concat(c.departments, c.groups, c.users[:2]))
}

var businessKinds = []string{"CUSTOMER", "CONTACT", "OPPORTUNITY", "SERVICE", "DOCUMENT", "ACTIVITY", "SAVED_REPORT", "DASHBOARD"}

// permissions draws what a role permits: most kinds, now and then not one.
func (c *company) permissions() []string {
	list := []string{string(access.AccessAdmin)}
	for _, kind := range slices.Concat(businessKinds, []string{"RELATIONSHIP"}) {
		if !c.once("not "+kind, 7) {
			list = append(list, kind+"_READ")
		}
	}
	return list
}

func (c *company) people() {
	var paths [][]uuid.UUID
	for i := range 4 {
		d := &models.Department{Name: fmt.Sprint("d", i)}
		id := models.NewID(models.DepartmentCode)
		d.Record = models.Record{ID: id, Version: 1, CreatedAt: c.now, UpdatedAt: c.now}
		if i > 0 && !c.once("top", 4) {
			above := c.upTo("parent", i-1)
			d.ParentID = &c.departments[above]
			d.Path = slices.Clone(paths[above])
		}
		d.Path = append(d.Path, id)
		paths = append(paths, d.Path)
		c.insert(d)
		c.departments = append(c.departments, id)
	}
	for i := range 3 {
		c.roles = append(c.roles, c.keep(&models.Role{Code: fmt.Sprint("test", i), Name: "r", Permissions: c.permissions()}, models.RoleCode))
	}
	for i := range 5 {
		u := c.keep(&models.User{Login: fmt.Sprint("u", i), Name: fmt.Sprint("u", i), Active: !c.once("left", 8)}, models.UserCode)
		c.users = append(c.users, u)
		for n := range c.upTo("places", 2) {
			c.keep(&models.Membership{UserID: u, DepartmentID: c.one("place", c.departments), IsPrimary: n == 0}, models.MembershipCode)
		}
		if !c.once("without role", 6) {
			c.insert(&models.UserRole{UserID: u, RoleID: c.one("role", c.roles)})
		}
	}
	for i := range 2 {
		c.groups = append(c.groups, c.keep(&models.Group{Name: fmt.Sprint("g", i)}, models.GroupCode))
		c.insert(&models.GroupMember{GroupID: c.groups[i], UserID: c.one("member", c.users)})
		c.insert(&models.GroupMember{GroupID: c.groups[i], UserID: c.one("member", c.users)})
		c.pools = append(c.pools, c.keep(&models.Pool{Name: fmt.Sprint("p", i)}, models.PoolCode))
		c.insert(&models.PoolMember{PoolID: c.pools[i], SubjectID: c.subject(), WithSubDepartments: c.once("below", 2)})
	}
}

func (c *company) grant() *models.Grant {
	g := &models.Grant{Effect: models.Allow, Level: models.Observe}
	if c.once("deny", 3) {
		g.Effect = models.Deny
	}
	if g.GranteeUserID = c.maybe("grantee", c.users); g.GranteeUserID == nil {
		role := c.one("grantee", c.roles)
		g.GranteeRoleID = &role
	}
	if g.Everyone = c.once("everyone", 5); !g.Everyone {
		subject := c.subject()
		g.SubjectID, g.WithSubDepartments = &subject, c.once("below", 2)
	}
	if c.once("kinds", 3) {
		g.Kinds = []string{businessKinds[c.upTo("kind", len(businessKinds)-1)]}
	}
	if c.once("over", 8) {
		g.ValidUntil = &c.now
	}
	return g
}

// owned gives what all records have; its holder is told by the caller.
func (c *company) owned(b *models.Business) {
	b.OwnerID = c.maybe("owner", c.users)
	if c.once("deleted", 10) {
		deletion := uuid.New()
		b.DeletedAt, b.DeletionID = &c.now, &deletion
	}
}

func (c *company) records() {
	var pipeline, stage uuid.UUID
	if err := c.store.DB.NewRaw("select pipeline_id, id from stages limit 1").Scan(c.Context(), &pipeline, &stage); err != nil {
		c.Fatal(err)
	}
	var records, opportunities, services []uuid.UUID
	for range 6 {
		customer := &models.Customer{Name: "c", Kind: "ORGANIZATION", Lifecycle: "LEAD"}
		c.owned(&customer.Business)
		if c.once("pooled", 4) {
			customer.OwnerID, customer.PoolID = nil, c.maybe("pool", c.pools)
		}
		c.customers = append(c.customers, c.keep(customer, models.CustomerCode))
	}
	for range 5 {
		contact := &models.Contact{Name: "k"}
		c.owned(&contact.Business)
		records = append(records, c.keep(contact, models.ContactCode))
		for range c.upTo("affiliations", 2) {
			works := &models.Relationship{TypeID: models.WorksAtID, AID: contact.ID, BID: c.one("at", c.customers)}
			if c.once("ended", 6) {
				long := models.Date("2020-01-01")
				works.ValidUntil = &long
			}
			if c.once("ending", 4) {
				later := models.DateOf(c.now).AddDays(30)
				works.ValidUntil = &later
			}
			c.keep(works, models.RelationshipCode)
		}
	}
	c.relate(records)
	for range 5 {
		o := &models.Opportunity{Title: "o", CustomerID: c.maybe("customer", c.customers), PipelineID: pipeline, StageID: stage, Status: models.Open}
		c.owned(&o.Business)
		opportunities = append(opportunities, c.keep(o, models.OpportunityCode))
	}
	for range 4 {
		s := &models.Service{Title: "s", Kind: "REPAIR", Status: "OPEN", Priority: "LOW", OpenedAt: c.now, CustomerID: c.maybe("customer", c.customers),
			OpportunityID: c.maybe("opportunity", opportunities), AssigneeID: c.maybe("assignee", c.users)}
		c.owned(&s.Business)
		services = append(services, c.keep(s, models.ServiceCode))
	}
	for range 4 {
		d := &models.Document{Name: "d", MediaType: "text/plain", SHA256: []byte{}, StorageKey: "k", Revision: 1, UploadedAt: c.now, Restricted: c.once("restricted", 2),
			CustomerID: c.maybe("customer", c.customers), OpportunityID: c.maybe("opportunity", opportunities), ServiceID: c.maybe("service", services)}
		c.owned(&d.Business)
		records = append(records, c.keep(d, models.DocumentCode))
		c.insert(&models.DocumentReader{DocumentID: d.ID, SubjectID: c.subject(), WithSubDepartments: c.once("below", 2)})
		a := &models.Activity{Kind: "CALL", Summary: "a", HappenedAt: c.now, CustomerID: c.maybe("customer", c.customers),
			OpportunityID: c.maybe("opportunity", opportunities), ServiceID: c.maybe("service", services), AssigneeID: c.maybe("assignee", c.users)}
		c.owned(&a.Business)
		records = append(records, c.keep(a, models.ActivityCode))
		saved, board := &models.SavedReport{Name: "r", Document: "{}", Defaults: "{}"}, &models.Dashboard{Title: "b", Tiles: []models.Tile{}}
		c.owned(&saved.Business)
		c.owned(&board.Business)
		records = append(records, c.keep(saved, models.SavedReportCode), c.keep(board, models.DashboardCode))
	}
	records = slices.Concat(records, c.customers, opportunities, services)
	for range 5 {
		share := &models.Share{RecordID: c.one("shared", records), SubjectID: c.subject(), WithSubDepartments: c.once("below", 2), Level: models.Observe}
		if c.once("share kinds", 3) {
			share.Kinds = []string{businessKinds[c.upTo("kind", 5)]}
		}
		if c.once("expired", 6) {
			share.ExpiresAt = &c.now
		}
		c.keep(share, models.ShareCode)
	}
}

// relate puts customers, contacts, users and competitors into relationships, one of them deleted now and then.
func (c *company) relate(contacts []uuid.UUID) {
	var knows uuid.UUID
	if err := c.store.DB.NewRaw("select id from relationship_types where code <> ? order by id limit 1", models.WorksAt).Scan(c.Context(), &knows); err != nil {
		c.Fatal(err)
	}
	rival := c.keep(&models.Competitor{Name: fmt.Sprint("rival ", uuid.New())}, models.CompetitorCode)
	parties := slices.Concat(c.customers, contacts, c.users[:1], []uuid.UUID{rival})
	for range 14 {
		r := &models.Relationship{TypeID: knows, AID: c.one("one end", parties), BID: c.one("other end", parties)}
		if c.once("undone", 6) {
			deletion := uuid.New()
			r.DeletedAt, r.DeletionID = &c.now, &deletion
		}
		if r.AID != r.BID {
			c.keep(r, models.RelationshipCode)
		}
	}
}
