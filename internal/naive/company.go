// Package naive is a second reading of who sees and manages what: loops over facts in memory, written apart from the
// compiler in access that it checks and sharing no code with it. It also draws random companies and writes them into a
// database.
package naive

import (
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// Company is everything that decides. People, groups, roles, pools and types are named by their place in their list; -1 is
// none.
type Company struct {
	Now     time.Time
	Today   string
	Parents []int // of each department; -1 at the top
	Users   []*User
	Groups  []*Group
	Roles   []*Role
	Grants  []*Grant
	Shares  []*Share
	Pools   [][]Subject
	Types   []Type // of relationships; the first is that of affiliations
	Records []*Record

	deletions int
	numbers   int // given to grants and shares so far
}

// Subject is whom a grant, a share, a pool or a list means.
type Subject struct {
	What  string // everyone, department, user or group
	Which int
	Below bool // with the departments below
}

// User is an employee.
type User struct {
	Active      bool
	Departments []int
	Roles       []int
}

// Group is a team for a time.
type Group struct {
	Dissolved bool
	Members   map[int]bool
}

// Role gives permissions, such as CUSTOMER_READ, and says how far fields are read: by rule and relation to the record, FULL,
// MASKED or NONE.
type Role struct {
	May    map[string]bool
	Fields map[string]map[string]string
}

// Grant is given to a user or a role.
type Grant struct {
	Number         int
	Given          uuid.UUID // the id that the product gave it, if it did
	ToUser, ToRole int       // -1 for none
	Over           Subject
	Deny, Manage   bool
	Kinds          []string
	From, Until    *time.Time
}

// Share opens one record.
type Share struct {
	Number int
	Given  uuid.UUID // the id that the product gave it, if it did
	Record *Record
	With   Subject
	Manage bool
	Kinds  []string
	Until  *time.Time
}

// Type is what a relationship says.
type Type struct{ Introduces bool }

// WorksAt is the type of affiliations: from a contact to a customer.
const WorksAt = 0

// Record is a business record or a relationship. No two have the same number.
type Record struct {
	Kind            string
	Number          int
	Owner, Assignee int // -1 for none
	Pool            int // of a customer; -1 for none
	ClaimedBy       int // who took a customer last, from the pool ClaimedFrom, since it changed hands otherwise; -1 for none
	ClaimedFrom     int
	Customer        *Record
	Attached        []*Record // an opportunity, a service
	Contact         *Record   // with whom; opens nothing
	Listed          bool
	Readers         []Subject
	Deletion        int // which deletion took it away; 0 for none

	Type        int // of a relationship
	Ends        [2]End
	From, Until string // days, or empty
	Strength    int    // 1 to 5, 0 for unknown

	Name   string
	Phone  string
	Amount int64 // of an opportunity, the cost of a service; 0 for unknown
	Status string
	At     time.Time
	Parts  []Part
	Told   *Record // the customer that its entry in the history names, once it is written
}

// Part is seen exactly with its record.
type Part struct {
	Kind   string
	Number int
	Of     int // the competitor of an encounter
}

// End is a party of a relationship: a record, or else a user or a competitor, whom everyone sees.
type End struct {
	Record *Record
	Kind   string
	Number int
}

var codes = map[string]models.KindCode{
	"CUSTOMER": models.CustomerCode, "CONTACT": models.ContactCode, "OPPORTUNITY": models.OpportunityCode, "SERVICE": models.ServiceCode,
	"DOCUMENT": models.DocumentCode, "ACTIVITY": models.ActivityCode, "SAVED_REPORT": models.SavedReportCode, "DASHBOARD": models.DashboardCode,
	"RELATIONSHIP": models.RelationshipCode,
	"USER":         models.UserCode, "COMPETITOR": models.CompetitorCode,
	"OPPORTUNITY_LINE": models.OpportunityLineCode, "STAGE_CHANGE": models.StageChangeCode, "ENCOUNTER": models.EncounterCode,
	"DOCUMENT_REVISION": models.DocumentRevisionCode,
}

// ID is the record's id in a database that the company was written to.
func (r *Record) ID() uuid.UUID { return ID(codes[r.Kind], r.Number) }

// Entry is the id of the entry in the record's history that it is written with.
func (r *Record) Entry() uuid.UUID { return ID(models.AuditEntryCode, r.Number) }

// ID is the part's id.
func (p Part) ID() uuid.UUID { return ID(codes[p.Kind], p.Number) }

// ID is the party's id.
func (e End) ID() uuid.UUID {
	if e.Record != nil {
		return e.Record.ID()
	}
	return ID(codes[e.Kind], e.Number)
}

// ID is the grant's id.
func (g *Grant) ID() uuid.UUID { return given(g.Given, models.GrantCode, g.Number) }

// ID is the share's id.
func (s *Share) ID() uuid.UUID { return given(s.Given, models.ShareCode, s.Number) }

func given(id uuid.UUID, kind models.KindCode, number int) uuid.UUID {
	if id != uuid.Nil {
		return id
	}
	return ID(kind, number)
}

// ID gives the nth thing of a kind the same id every time.
func ID(kind models.KindCode, n int) uuid.UUID {
	id := uuid.MustParse("00000000-0000-7000-8000-000000000000")
	id[2], id[3], id[15] = byte((n+1)>>8), byte(n+1), byte(kind)
	return id
}

func idOrNil(kind models.KindCode, n int) *uuid.UUID {
	if n < 0 {
		return nil
	}
	id := ID(kind, n)
	return &id
}

// ID is the subject's id; nil for everyone.
func (s Subject) ID() *uuid.UUID {
	code := map[string]models.KindCode{"department": models.DepartmentCode, "user": models.UserCode, "group": models.GroupCode}[s.What]
	if code == 0 {
		return nil
	}
	return idOrNil(code, s.Which)
}

// AddAdministrator adds a user who has the permissions, reads every field and manages everyone's records, and gives his
// number.
func (c *Company) AddAdministrator(permissions ...string) int {
	role := &Role{May: map[string]bool{}, Fields: map[string]map[string]string{}}
	for _, p := range permissions {
		role.May[p] = true
	}
	for _, rule := range Rules {
		role.Fields[rule] = map[string]string{"OWN": "FULL", "SCOPE": "FULL", "OTHER": "FULL"}
	}
	c.Roles = append(c.Roles, role)
	c.Users = append(c.Users, &User{Active: true, Roles: []int{len(c.Roles) - 1}})
	user := len(c.Users) - 1
	c.Grants = append(c.Grants, &Grant{Number: c.number(), ToUser: user, ToRole: -1, Over: Subject{What: "everyone"}, Manage: true})
	return user
}

// number gives a grant or a share a number that no other has.
func (c *Company) number() int {
	c.numbers++
	return c.numbers
}

// Decisions is how many decisions a test is to compare: as many as usual, or what GUANXI_PROVE says.
func Decisions(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("GUANXI_PROVE")); err == nil && n > 0 {
		return n
	}
	return usual
}
