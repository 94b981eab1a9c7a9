package naive

import (
	"slices"
	"time"

	"pgregory.net/rapid"
)

// Kinds lists the kinds of business records.
var Kinds = []string{"CUSTOMER", "CONTACT", "OPPORTUNITY", "SERVICE", "DOCUMENT", "ACTIVITY"}

// Draw makes a small company at random: few people and records, so that every rule meets every other.
func Draw(t *rapid.T, now time.Time, today string) *Company {
	d := &drawer{T: t, c: &Company{Now: now, Today: today}}
	d.people()
	d.records()
	d.rights()
	return d.c
}

type drawer struct {
	*rapid.T
	c *Company
}

func (d *drawer) upTo(label string, n int) int { return rapid.IntRange(0, n).Draw(d.T, label) }

func (d *drawer) once(label string, in int) bool { return d.upTo(label, in-1) == in-1 }

// some draws an index below n, or -1 for none.
func (d *drawer) some(label string, n int) int { return d.upTo(label, n) - 1 }

func (d *drawer) several(label string, n int) []int {
	return rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, min(n, 2), rapid.ID[int]).Draw(d.T, label)
}

func (d *drawer) people() {
	c := d.c
	for i := range 4 {
		c.Parents = append(c.Parents, d.some("parent", i))
	}
	for range 3 {
		may := map[string]bool{}
		for _, kind := range append(slices.Clone(Kinds), "RELATIONSHIP") {
			may[kind+"_READ"] = !d.once("not read", 6)
		}
		c.Roles = append(c.Roles, &Role{May: may})
	}
	for range 6 {
		u := &User{Active: !d.once("inactive", 12), Departments: d.several("departments", 4), Roles: d.several("roles", 3)}
		c.Users = append(c.Users, u)
	}
	for range 2 {
		g := &Group{Dissolved: d.once("dissolved", 4), Members: map[int]bool{}}
		for _, u := range d.several("members", 6) {
			g.Members[u] = true
		}
		c.Groups = append(c.Groups, g)
	}
	for range 2 {
		var members []Subject
		for i := range d.upTo("pool members", 2) {
			s := d.subject(1)
			if i == 0 || s.What != members[0].What || s.Which != members[0].Which {
				members = append(members, s)
			}
		}
		c.Pools = append(c.Pools, members)
	}
}

// subject draws people; from 0 everyone may be meant, from 1 not.
func (d *drawer) subject(from int) Subject {
	switch rapid.IntRange(from, 4).Draw(d.T, "subject") {
	case 0:
		return Subject{What: "everyone"}
	case 1, 2:
		return Subject{What: "department", Which: d.upTo("department", 3), Below: d.once("below", 2)}
	case 3:
		return Subject{What: "user", Which: d.upTo("user", 5)}
	}
	return Subject{What: "group", Which: d.upTo("group", 1)}
}

func (d *drawer) add(kind string) *Record {
	r := &Record{Kind: kind, Number: len(d.c.Records), Owner: d.some("owner", 6), Assignee: -1, Pool: -1, Deleted: d.once("deleted", 12)}
	d.c.Records = append(d.c.Records, r)
	return r
}

func (d *drawer) pick(label string, from []*Record) *Record {
	if i := d.some(label, len(from)); i >= 0 {
		return from[i]
	}
	return nil
}

func (d *drawer) records() {
	var customers, contacts, opportunities, services []*Record
	for range 4 {
		r := d.add("CUSTOMER")
		if r.Owner < 0 {
			r.Pool = d.some("pool", 2)
		}
		customers = append(customers, r)
	}
	for range 4 {
		contacts = append(contacts, d.contact(customers))
	}
	for range 4 {
		r := d.add("OPPORTUNITY")
		r.Customer = d.pick("customer", customers)
		opportunities = append(opportunities, r)
	}
	for range 4 {
		services = append(services, d.attached("SERVICE", customers, opportunities))
	}
	for range 5 {
		r := d.attached("DOCUMENT", customers, opportunities, services)
		r.Listed = d.once("listed", 3)
		if d.once("readers", 2) {
			r.Readers = []Subject{d.subject(1)}
		}
	}
	for range 4 {
		d.attached("ACTIVITY", customers, opportunities, services)
	}
	ends := append(append([]*Record{nil}, customers...), contacts...)
	for range 4 {
		a := d.upTo("end", len(ends)-1)
		b := (a + 1 + d.upTo("other end", len(ends)-2)) % len(ends)
		r := d.add("RELATIONSHIP")
		r.Owner = -1
		r.Ends = [2]End{{Record: ends[a]}, {Record: ends[b], User: 1}}
	}
}

func (d *drawer) contact(customers []*Record) *Record {
	r := d.add("CONTACT")
	for _, i := range d.several("affiliations", len(customers)) {
		until := rapid.SampledFrom([]string{"", "", "2026-03-01", "2026-03-02", "2026-03-03"}).Draw(d.T, "until")
		r.At = append(r.At, Affiliation{Customer: customers[i], Until: until, Deleted: d.once("gone", 8)})
	}
	return r
}

func (d *drawer) attached(kind string, customers []*Record, to ...[]*Record) *Record {
	r := d.add(kind)
	r.Customer = d.pick("customer", customers)
	for _, from := range to {
		if a := d.pick("attached", from); a != nil {
			r.Attached = append(r.Attached, a)
		}
	}
	if kind != "DOCUMENT" {
		r.Assignee = d.some("assignee", 12)
		if r.Assignee > 5 {
			r.Assignee = -1
		}
	}
	return r
}

func (d *drawer) rights() {
	c := d.c
	for range d.upTo("grants", 9) {
		g := &Grant{ToUser: -1, ToRole: -1, Over: d.subject(0), Deny: d.once("deny", 3), Manage: d.once("manage", 2), Kinds: d.kinds()}
		if d.once("to role", 3) {
			g.ToRole = d.upTo("role", 2)
		} else {
			g.ToUser = d.upTo("grantee", 5)
		}
		g.From, g.Until = d.moment("from", -1, 0, 1), d.moment("until", 0, 1, 2)
		if g.From != nil && g.Until != nil && !g.Until.After(*g.From) {
			g.Until = nil
		}
		c.Grants = append(c.Grants, g)
	}
	shareable := c.Records[:len(c.Records)-4]
	for range d.upTo("shares", 6) {
		r := rapid.SampledFrom(shareable).Draw(d.T, "shared")
		c.Shares = append(c.Shares, &Share{Record: r, With: d.subject(1), Manage: d.once("manage", 2), Kinds: d.kinds(), Until: d.moment("until", 0, 1)})
	}
}

func (d *drawer) kinds() []string {
	if !d.once("some kinds", 3) {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(Kinds), 1, 2, rapid.ID[string]).Draw(d.T, "kinds")
}

// moment draws no instant, mostly, or one some hours from now.
func (d *drawer) moment(label string, hours ...int) *time.Time {
	if !d.once(label, 4) {
		return nil
	}
	at := d.c.Now.Add(time.Duration(rapid.SampledFrom(hours).Draw(d.T, label)) * time.Hour)
	return &at
}
