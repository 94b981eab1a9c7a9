// Package naive is a second reading of who sees and manages what: loops over facts in memory, written apart from the
// compiler in access that it checks and sharing no code with it. It also draws random companies and writes them into a
// database.
package naive

import (
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// Company is everything that decides. People, groups, roles and pools are named by their place in their list; -1 is none.
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
	Records []*Record
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

// Role gives permissions, such as CUSTOMER_READ.
type Role struct {
	May map[string]bool
}

// Grant is given to a user or a role.
type Grant struct {
	ToUser, ToRole int // -1 for none
	Over           Subject
	Deny, Manage   bool
	Kinds          []string
	From, Until    *time.Time
}

// Share opens one record.
type Share struct {
	Record *Record
	With   Subject
	Manage bool
	Kinds  []string
	Until  *time.Time
}

// Record is a business record or a relationship. No two have the same number.
type Record struct {
	Kind            string
	Number          int
	Owner, Assignee int // -1 for none
	Pool            int // of a customer; -1 for none
	Customer        *Record
	Attached        []*Record
	At              []Affiliation // of a contact
	Ends            [2]End        // of a relationship
	Deleted         bool
	Listed          bool
	Readers         []Subject
}

// Affiliation says that a contact works at a customer.
type Affiliation struct {
	Customer *Record
	Until    string // a day, or empty
	Deleted  bool
}

// End is a party of a relationship.
type End struct {
	Record *Record // nil for a user, whom everyone sees
	User   int
}

var codes = map[string]models.KindCode{
	"CUSTOMER": models.CustomerCode, "CONTACT": models.ContactCode, "OPPORTUNITY": models.OpportunityCode, "SERVICE": models.ServiceCode,
	"DOCUMENT": models.DocumentCode, "ACTIVITY": models.ActivityCode, "RELATIONSHIP": models.RelationshipCode,
}

var tables = map[string]string{
	"CUSTOMER": "customers", "CONTACT": "contacts", "OPPORTUNITY": "opportunities", "SERVICE": "services",
	"DOCUMENT": "documents", "ACTIVITY": "activities", "RELATIONSHIP": "relationships",
}

// ID is the record's id in a database that the company was written to.
func (r *Record) ID() uuid.UUID { return ID(codes[r.Kind], r.Number) }

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

// AddAdministrator adds a user who has the permissions and manages everyone's records, and gives his number.
func (c *Company) AddAdministrator(permissions ...string) int {
	may := map[string]bool{}
	for _, p := range permissions {
		may[p] = true
	}
	c.Roles = append(c.Roles, &Role{May: may})
	c.Users = append(c.Users, &User{Active: true, Roles: []int{len(c.Roles) - 1}})
	user := len(c.Users) - 1
	c.Grants = append(c.Grants, &Grant{ToUser: user, ToRole: -1, Over: Subject{What: "everyone"}, Manage: true})
	return user
}
