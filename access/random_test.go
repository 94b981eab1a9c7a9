package access_test

import (
	"time"

	"pgregory.net/rapid"
)

var naiveKinds = []string{"CUSTOMER", "CONTACT", "OPPORTUNITY", "SERVICE", "DOCUMENT", "ACTIVITY"}

// drawCompany makes a small company at random: few people and records, so that every rule meets every other.
func drawCompany(t *rapid.T, now time.Time, today string) *naiveCompany {
	d := &drawer{T: t, c: &naiveCompany{now: now, today: today}}
	d.people()
	d.records()
	d.rights()
	return d.c
}

type drawer struct {
	*rapid.T
	c *naiveCompany
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
		c.parents = append(c.parents, d.some("parent", i))
	}
	for range 3 {
		reads := map[string]bool{}
		for _, kind := range append(naiveKinds, "RELATIONSHIP") {
			reads[kind] = !d.once("not read", 6)
		}
		c.reads = append(c.reads, reads)
	}
	for range 6 {
		u := &naiveUser{active: !d.once("inactive", 12), departments: d.several("departments", 4), roles: d.several("roles", 3)}
		c.users = append(c.users, u)
	}
	for range 2 {
		g := &naiveGroup{dissolved: d.once("dissolved", 4), members: map[int]bool{}}
		for _, u := range d.several("members", 6) {
			g.members[u] = true
		}
		c.groups = append(c.groups, g)
	}
	for range 2 {
		var members []naiveSubject
		for i := range d.upTo("pool members", 2) {
			s := d.subject(1)
			if i == 0 || s.what != members[0].what || s.which != members[0].which {
				members = append(members, s)
			}
		}
		c.pools = append(c.pools, members)
	}
}

// subject draws people; from 0 everyone may be meant, from 1 not.
func (d *drawer) subject(from int) naiveSubject {
	switch rapid.IntRange(from, 4).Draw(d.T, "subject") {
	case 0:
		return naiveSubject{what: "everyone"}
	case 1, 2:
		return naiveSubject{what: "department", which: d.upTo("department", 3), below: d.once("below", 2)}
	case 3:
		return naiveSubject{what: "user", which: d.upTo("user", 5)}
	}
	return naiveSubject{what: "group", which: d.upTo("group", 1)}
}

func (d *drawer) add(kind string) *naiveRecord {
	r := &naiveRecord{kind: kind, id: len(d.c.records), owner: d.some("owner", 6), assignee: -1, pool: -1, deleted: d.once("deleted", 12)}
	d.c.records = append(d.c.records, r)
	return r
}

func (d *drawer) pick(label string, from []*naiveRecord) *naiveRecord {
	if i := d.some(label, len(from)); i >= 0 {
		return from[i]
	}
	return nil
}

func (d *drawer) records() {
	var customers, contacts, opportunities, services []*naiveRecord
	for range 4 {
		r := d.add("CUSTOMER")
		if r.owner < 0 {
			r.pool = d.some("pool", 2)
		}
		customers = append(customers, r)
	}
	for range 4 {
		contacts = append(contacts, d.contact(customers))
	}
	for range 4 {
		r := d.add("OPPORTUNITY")
		r.customer = d.pick("customer", customers)
		opportunities = append(opportunities, r)
	}
	for range 4 {
		services = append(services, d.attached("SERVICE", customers, opportunities))
	}
	for range 5 {
		r := d.attached("DOCUMENT", customers, opportunities, services)
		r.listed = d.once("listed", 3)
		if d.once("readers", 2) {
			r.readers = []naiveSubject{d.subject(1)}
		}
	}
	for range 4 {
		d.attached("ACTIVITY", customers, opportunities, services)
	}
	ends := append(append([]*naiveRecord{nil}, customers...), contacts...)
	for range 4 {
		a := d.upTo("end", len(ends)-1)
		b := (a + 1 + d.upTo("other end", len(ends)-2)) % len(ends)
		r := d.add("RELATIONSHIP")
		r.owner = -1
		r.ends = [2]naiveEnd{{record: ends[a]}, {record: ends[b], user: 1}}
	}
}

func (d *drawer) contact(customers []*naiveRecord) *naiveRecord {
	r := d.add("CONTACT")
	for _, i := range d.several("affiliations", len(customers)) {
		until := rapid.SampledFrom([]string{"", "", "2026-03-01", "2026-03-02", "2026-03-03"}).Draw(d.T, "until")
		r.at = append(r.at, naiveAffiliation{customer: customers[i], until: until, deleted: d.once("gone", 8)})
	}
	return r
}

func (d *drawer) attached(kind string, customers []*naiveRecord, to ...[]*naiveRecord) *naiveRecord {
	r := d.add(kind)
	r.customer = d.pick("customer", customers)
	for _, from := range to {
		if a := d.pick("attached", from); a != nil {
			r.attached = append(r.attached, a)
		}
	}
	if kind != "DOCUMENT" {
		r.assignee = d.some("assignee", 12)
		if r.assignee > 5 {
			r.assignee = -1
		}
	}
	return r
}

func (d *drawer) rights() {
	c := d.c
	for range d.upTo("grants", 9) {
		g := &naiveGrant{toUser: -1, toRole: -1, over: d.subject(0), deny: d.once("deny", 3), manage: d.once("manage", 2), kinds: d.kinds()}
		if d.once("to role", 3) {
			g.toRole = d.upTo("role", 2)
		} else {
			g.toUser = d.upTo("grantee", 5)
		}
		g.from, g.until = d.moment("from", -1, 0, 1), d.moment("until", 0, 1, 2)
		if g.from != nil && g.until != nil && !g.until.After(*g.from) {
			g.until = nil
		}
		c.grants = append(c.grants, g)
	}
	shareable := c.records[:len(c.records)-4]
	for range d.upTo("shares", 6) {
		r := rapid.SampledFrom(shareable).Draw(d.T, "shared")
		c.shares = append(c.shares, &naiveShare{record: r, with: d.subject(1), manage: d.once("manage", 2), kinds: d.kinds(), until: d.moment("until", 0, 1)})
	}
}

func (d *drawer) kinds() []string {
	if !d.once("some kinds", 3) {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(naiveKinds), 1, 2, rapid.ID[string]).Draw(d.T, "kinds")
}

// moment draws no instant, mostly, or one some hours from now.
func (d *drawer) moment(label string, hours ...int) *time.Time {
	if !d.once(label, 4) {
		return nil
	}
	at := d.c.now.Add(time.Duration(rapid.SampledFrom(hours).Draw(d.T, label)) * time.Hour)
	return &at
}
