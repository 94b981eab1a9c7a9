package naive

import (
	"slices"
	"time"
)

func (c *Company) reaches(s Subject, user int) bool {
	switch s.What {
	case "everyone":
		return true
	case "user":
		return s.Which == user
	case "group":
		return !c.Groups[s.Which].Dissolved && c.Groups[s.Which].Members[user]
	}
	for _, d := range c.Users[user].Departments {
		for at := d; at >= 0; at = c.Parents[at] {
			if at == s.Which {
				return true
			}
			if !s.Below {
				break
			}
		}
	}
	return false
}

func (c *Company) hasRole(user, role int) bool {
	for _, r := range c.Users[user].Roles {
		if r == role {
			return true
		}
	}
	return false
}

func covers(kinds []string, kind string) bool {
	if len(kinds) == 0 {
		return true
	}
	for _, k := range kinds {
		if k == kind || k == "CUSTOMER" && kind == "CONTACT" {
			return true
		}
	}
	return false
}

// given tells whether a live grant of the viewer with the effect reaches the owner; -1 is the owner of what has none.
func (c *Company) given(viewer int, kind string, manage, deny bool, owner int) bool {
	for _, g := range c.Grants {
		mine := g.ToUser == viewer || g.ToRole >= 0 && c.hasRole(viewer, g.ToRole)
		live := (g.From == nil || !g.From.After(c.Now)) && (g.Until == nil || g.Until.After(c.Now))
		speaks := g.Manage == manage || g.Manage != deny
		if !mine || !live || g.Deny != deny || !speaks || !covers(g.Kinds, kind) {
			continue
		}
		if owner < 0 && g.Over.What == "everyone" || owner >= 0 && c.reaches(g.Over, owner) {
			return true
		}
	}
	return false
}

func (c *Company) inScope(viewer int, kind string, manage bool, owner int) bool {
	if owner == viewer {
		return true
	}
	return c.given(viewer, kind, manage, false, owner) && !c.given(viewer, kind, manage, true, owner)
}

// shared tells whether a live share of the record reaches the viewer; a kind asks for a share that covers it.
func (c *Company) shared(viewer int, record *Record, kind string, manage bool) bool {
	for _, s := range c.Shares {
		if s.Record == record && (s.Until == nil || s.Until.After(c.Now)) && (s.Manage || !manage) &&
			(kind == "" || covers(s.Kinds, kind)) && c.reaches(s.With, viewer) {
			return true
		}
	}
	return false
}

func (c *Company) inPool(viewer, pool int) bool {
	if pool < 0 {
		return false
	}
	for _, s := range c.Pools[pool] {
		if c.reaches(s, viewer) {
			return true
		}
	}
	return false
}

// customers lists what the record belongs to.
func (c *Company) customers(r *Record) []*Record {
	var all []*Record
	if r.Customer != nil {
		all = append(all, r.Customer)
	}
	for _, a := range r.Attached {
		if a.Customer != nil && a.Deletion == 0 {
			all = append(all, a.Customer)
		}
	}
	for _, a := range c.affiliations(r) {
		if a.Deletion == 0 {
			all = append(all, a.Ends[1].Record)
		}
	}
	return all
}

// affiliations lists those of a contact that have not ended, deleted ones too.
func (c *Company) affiliations(contact *Record) []*Record {
	var all []*Record
	for _, r := range c.Records {
		if r.Kind == "RELATIONSHIP" && r.Type == WorksAt && r.Ends[0].Record == contact && !c.ended(r) {
			all = append(all, r)
		}
	}
	return all
}

func (c *Company) ended(r *Record) bool { return r.Until != "" && r.Until <= c.Today }

// May tells whether a role of the user gives the permission.
func (c *Company) May(user int, permission string) bool {
	for _, role := range c.Users[user].Roles {
		if c.Users[user].Active && c.Roles[role].May[permission] {
			return true
		}
	}
	return false
}

// Sees decides whether the viewer sees the record, or manages it.
func (c *Company) Sees(viewer int, r *Record, manage bool) bool {
	if r.Deletion != 0 || !c.May(viewer, r.Kind+"_READ") {
		return false
	}
	if r.Kind == "RELATIONSHIP" {
		return c.seesBetween(viewer, r, manage)
	}
	return c.reached(viewer, r, manage, c.liveCustomers(r))
}

func (c *Company) liveCustomers(r *Record) []*Record {
	return slices.DeleteFunc(c.customers(r), func(customer *Record) bool { return customer.Deletion != 0 })
}

// reached decides whether a way leads to the record, given the customers that it belongs to.
func (c *Company) reached(viewer int, r *Record, manage bool, customers []*Record) bool {
	if r.Listed {
		return r.Owner == viewer || !manage && c.onList(viewer, r)
	}
	if r.Owner == viewer || r.Assignee == viewer || c.inScope(viewer, r.Kind, manage, r.Owner) || c.shared(viewer, r, "", manage) {
		return true
	}
	if !manage && r.Kind == "CUSTOMER" && c.inPool(viewer, r.Pool) {
		return true
	}
	for _, customer := range customers {
		if c.through(viewer, r, customer, manage) {
			return true
		}
	}
	return false
}

func (c *Company) through(viewer int, r, customer *Record, manage bool) bool {
	if customer.Owner == viewer || c.shared(viewer, customer, r.Kind, manage) {
		return true
	}
	if !manage && r.Kind == "CONTACT" && c.inPool(viewer, customer.Pool) {
		return true
	}
	return c.inScope(viewer, r.Kind, manage, customer.Owner) && !c.given(viewer, r.Kind, manage, true, r.Owner)
}

func (c *Company) onList(viewer int, r *Record) bool {
	for _, s := range r.Readers {
		if c.reaches(s, viewer) {
			return true
		}
	}
	return false
}

func (c *Company) seesBetween(viewer int, r *Record, manage bool) bool {
	managed := false
	for _, end := range r.Ends {
		if end.Record == nil {
			continue // everyone sees it, and nobody manages it here
		}
		if !c.Sees(viewer, end.Record, false) {
			return false
		}
		managed = managed || c.Sees(viewer, end.Record, true)
	}
	return managed || !manage
}

// FindsDeleted decides whether the viewer finds the record among the deleted ones of its kind: he could manage it. What it
// belonged to counts although it was deleted later, or with it; an affiliation counts that went with it.
func (c *Company) FindsDeleted(viewer int, r *Record) bool {
	if r.Deletion == 0 || !c.May(viewer, r.Kind+"_READ") {
		return false
	}
	if r.Kind == "RELATIONSHIP" {
		return c.seesBetween(viewer, r, true)
	}
	var customers []*Record
	if r.Customer != nil {
		customers = append(customers, r.Customer)
	}
	for _, a := range r.Attached {
		if a.Customer != nil {
			customers = append(customers, a.Customer)
		}
	}
	for _, a := range c.affiliations(r) {
		if a.Deletion == r.Deletion {
			customers = append(customers, a.Ends[1].Record)
		}
	}
	return c.reached(viewer, r, true, customers)
}

// SeesEnd decides whether the viewer sees a party.
func (c *Company) SeesEnd(viewer int, e End) bool {
	return e.Record == nil && c.Users[viewer].Active || e.Record != nil && c.Sees(viewer, e.Record, false)
}

// MayTake tells whether the user may become a customer's owner: no DENY keeps him from others' records of a kind that
// belongs to customers and that he may read. An owner would see them.
func (c *Company) MayTake(user int) bool {
	for _, kind := range Kinds {
		for owner := -1; owner < len(c.Users); owner++ {
			if kind != "CUSTOMER" && owner != user && c.May(user, kind+"_READ") && c.given(user, kind, true, true, owner) {
				return false // a DENY of reading keeps from writing too
			}
		}
	}
	return true
}

// Later is the same company at the end of a year.
func (c *Company) Later(year int) *Company {
	later := *c
	later.Now = time.Date(year, 12, 30, 0, 0, 0, 0, time.UTC)
	later.Today = later.Now.Format("2006-01-02")
	return &later
}

// Stands tells whether a subject is there to be given something over: a user who has not left, a group not dissolved.
func (c *Company) Stands(s Subject) bool {
	return (s.What != "user" || c.Users[s.Which].Active) && (s.What != "group" || !c.Groups[s.Which].Dissolved)
}

// InPool decides whether the user is a member of the pool.
func (c *Company) InPool(user, pool int) bool { return c.inPool(user, pool) }
