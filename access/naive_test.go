package access_test

import "time"

// A second reading of who sees and manages what, as loops over facts in memory. It shares no code with the compiler that
// it checks: the rules stand here in plain words.

type naiveSubject struct {
	what  string // everyone, department, user or group
	which int
	below bool // with the departments below
}

type naiveUser struct {
	active      bool
	departments []int
	roles       []int
}

type naiveGroup struct {
	dissolved bool
	members   map[int]bool
}

type naiveGrant struct {
	toUser, toRole int // -1 for none
	over           naiveSubject
	deny, manage   bool
	kinds          []string
	from, until    *time.Time
}

type naiveShare struct {
	record *naiveRecord
	with   naiveSubject
	manage bool
	kinds  []string
	until  *time.Time
}

type naiveRecord struct {
	kind            string
	id              int
	owner, assignee int // -1 for none
	pool            int // of a customer; -1 for none
	customer        *naiveRecord
	attached        []*naiveRecord
	at              []naiveAffiliation // of a contact
	ends            [2]naiveEnd        // of a relationship
	deleted         bool
	listed          bool
	readers         []naiveSubject
}

type naiveAffiliation struct {
	customer *naiveRecord
	until    string // a day, or empty
	deleted  bool
}

type naiveEnd struct {
	record *naiveRecord // nil for a user, whom everyone sees
	user   int
}

type naiveCompany struct {
	now     time.Time
	today   string
	parents []int // of each department; -1 at the top
	users   []*naiveUser
	groups  []*naiveGroup
	reads   []map[string]bool // what each role may read
	grants  []*naiveGrant
	shares  []*naiveShare
	pools   [][]naiveSubject
	records []*naiveRecord
}

func (c *naiveCompany) reaches(s naiveSubject, user int) bool {
	switch s.what {
	case "everyone":
		return true
	case "user":
		return s.which == user
	case "group":
		return !c.groups[s.which].dissolved && c.groups[s.which].members[user]
	}
	for _, d := range c.users[user].departments {
		for at := d; at >= 0; at = c.parents[at] {
			if at == s.which {
				return true
			}
			if !s.below {
				break
			}
		}
	}
	return false
}

func (c *naiveCompany) hasRole(user, role int) bool {
	for _, r := range c.users[user].roles {
		if r == role {
			return true
		}
	}
	return false
}

func naiveCovers(kinds []string, kind string) bool {
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
func (c *naiveCompany) given(viewer int, kind string, manage, deny bool, owner int) bool {
	for _, g := range c.grants {
		mine := g.toUser == viewer || g.toRole >= 0 && c.hasRole(viewer, g.toRole)
		live := (g.from == nil || !g.from.After(c.now)) && (g.until == nil || g.until.After(c.now))
		speaks := g.manage == manage || g.manage != deny
		if !mine || !live || g.deny != deny || !speaks || !naiveCovers(g.kinds, kind) {
			continue
		}
		if owner < 0 && g.over.what == "everyone" || owner >= 0 && c.reaches(g.over, owner) {
			return true
		}
	}
	return false
}

func (c *naiveCompany) inScope(viewer int, kind string, manage bool, owner int) bool {
	if owner == viewer {
		return true
	}
	return c.given(viewer, kind, manage, false, owner) && !c.given(viewer, kind, manage, true, owner)
}

// shared tells whether a live share of the record reaches the viewer; a kind asks for a share that covers it.
func (c *naiveCompany) shared(viewer int, record *naiveRecord, kind string, manage bool) bool {
	for _, s := range c.shares {
		if s.record == record && (s.until == nil || s.until.After(c.now)) && (s.manage || !manage) &&
			(kind == "" || naiveCovers(s.kinds, kind)) && c.reaches(s.with, viewer) {
			return true
		}
	}
	return false
}

func (c *naiveCompany) inPool(viewer, pool int) bool {
	if pool < 0 {
		return false
	}
	for _, s := range c.pools[pool] {
		if c.reaches(s, viewer) {
			return true
		}
	}
	return false
}

// customers lists what the record belongs to.
func (c *naiveCompany) customers(r *naiveRecord) []*naiveRecord {
	var all []*naiveRecord
	if r.customer != nil {
		all = append(all, r.customer)
	}
	for _, a := range r.attached {
		if a.customer != nil && !a.deleted {
			all = append(all, a.customer)
		}
	}
	for _, a := range r.at {
		if !a.deleted && (a.until == "" || a.until > c.today) {
			all = append(all, a.customer)
		}
	}
	return all
}

func (c *naiveCompany) mayRead(viewer int, kind string) bool {
	for _, role := range c.users[viewer].roles {
		if c.reads[role][kind] {
			return true
		}
	}
	return false
}

// sees decides whether the viewer sees the record, or manages it.
func (c *naiveCompany) sees(viewer int, r *naiveRecord, manage bool) bool {
	if !c.users[viewer].active || r.deleted || !c.mayRead(viewer, r.kind) {
		return false
	}
	if r.kind == "RELATIONSHIP" {
		return c.seesBetween(viewer, r, manage)
	}
	if r.listed {
		return r.owner == viewer || !manage && c.onList(viewer, r)
	}
	if r.owner == viewer || r.assignee == viewer || c.inScope(viewer, r.kind, manage, r.owner) || c.shared(viewer, r, "", manage) {
		return true
	}
	if !manage && r.kind == "CUSTOMER" && c.inPool(viewer, r.pool) {
		return true
	}
	for _, customer := range c.customers(r) {
		if !customer.deleted && c.through(viewer, r, customer, manage) {
			return true
		}
	}
	return false
}

func (c *naiveCompany) through(viewer int, r, customer *naiveRecord, manage bool) bool {
	if customer.owner == viewer || c.shared(viewer, customer, r.kind, manage) {
		return true
	}
	if !manage && r.kind == "CONTACT" && c.inPool(viewer, customer.pool) {
		return true
	}
	return c.inScope(viewer, r.kind, manage, customer.owner) && !c.given(viewer, r.kind, manage, true, r.owner)
}

func (c *naiveCompany) onList(viewer int, r *naiveRecord) bool {
	for _, s := range r.readers {
		if c.reaches(s, viewer) {
			return true
		}
	}
	return false
}

func (c *naiveCompany) seesBetween(viewer int, r *naiveRecord, manage bool) bool {
	managed := false
	for _, end := range r.ends {
		if end.record == nil {
			continue
		}
		if !c.sees(viewer, end.record, false) {
			return false
		}
		managed = managed || c.sees(viewer, end.record, true)
	}
	return managed || !manage
}
