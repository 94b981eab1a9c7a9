package naive

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// Kinds lists the kinds of business records.
var Kinds = []string{"CUSTOMER", "CONTACT", "OPPORTUNITY", "SERVICE", "DOCUMENT", "ACTIVITY", "SAVED_REPORT", "DASHBOARD"}

// Competitors is how many competitors there are.
const Competitors = 2

// Draw makes a small company at random: few people and records, so that every rule meets every other.
func Draw(t *rapid.T, now time.Time, today string) *Company { return DrawOf(t, now, today, 4) }

// DrawOf makes a company with so many records of each kind, at most 40, at random.
func DrawOf(t *rapid.T, now time.Time, today string, size int) *Company {
	d := &drawer{T: t, size: size, c: &Company{Now: now, Today: today, deletions: 3}}
	d.people()
	d.records()
	d.rights()
	return d.c
}

// DrawSubject draws some people of a company, not everyone.
func DrawSubject(t *rapid.T, c *Company) Subject { return (&drawer{T: t, c: c}).subject(1) }

// DrawGrant draws one more grant, which the company does not have yet.
func DrawGrant(t *rapid.T, c *Company) *Grant { return (&drawer{T: t, c: c}).grant() }

// DrawShare draws one more share, which the company does not have yet.
func DrawShare(t *rapid.T, c *Company) *Share { return (&drawer{T: t, c: c}).share() }

type drawer struct {
	*rapid.T
	c    *Company
	size int
}

func (d *drawer) upTo(label string, n int) int { return rapid.IntRange(0, n).Draw(d.T, label) }

func (d *drawer) once(label string, in int) bool { return d.upTo(label, in-1) == in-1 }

// some draws an index below n, or -1 for none.
func (d *drawer) some(label string, n int) int { return d.upTo(label, n) - 1 }

func (d *drawer) oneOf(label string, values ...string) string {
	return rapid.SampledFrom(values).Draw(d.T, label)
}

func (d *drawer) several(label string, n int) []int {
	return rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, min(n, 2), rapid.ID[int]).Draw(d.T, label)
}

func (d *drawer) people() {
	c := d.c
	for i := range 4 {
		c.Parents = append(c.Parents, d.some("parent", i))
	}
	for range 3 {
		c.Roles = append(c.Roles, d.role())
	}
	for range 6 {
		u := &User{Active: !d.once("inactive", 12), Departments: d.several("departments", 4), Roles: []int{d.upTo("role", 2)}}
		if d.once("other roles", 3) {
			u.Roles = d.several("roles", 3)
		}
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
	for range 3 {
		c.Types = append(c.Types, Type{Introduces: !d.once("closed", 3)})
	}
}

func (d *drawer) role() *Role {
	role := &Role{May: map[string]bool{"REPORT": !d.once("no reports", 4)}, Fields: map[string]map[string]string{}}
	for _, kind := range append(slices.Clone(Kinds), "RELATIONSHIP") {
		for _, action := range []string{"CREATE", "UPDATE", "DELETE", "TRANSFER", "SHARE"} {
			role.May[kind+"_"+action] = !d.once("not "+action, 4) && (kind != "RELATIONSHIP" || action != "TRANSFER" && action != "SHARE")
		}
		role.May[kind+"_READ"] = !d.once("not read", 6)
	}
	for _, rule := range Rules {
		role.Fields[rule] = map[string]string{}
		for _, relation := range []string{"OWN", "SCOPE", "OTHER"} {
			role.Fields[rule][relation] = d.oneOf(rule, "FULL", "FULL", "MASKED", "NONE")
		}
	}
	return role
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
	n := len(d.c.Records)
	r := &Record{Kind: kind, Number: n, Owner: d.some("owner", 6), Assignee: -1, Pool: -1, ClaimedBy: -1}
	r.Name = fmt.Sprintf("guang %s%03d", strings.ToLower(kind), n)
	r.At = d.c.Now.Add(-time.Duration(d.upTo("hours ago", 6)) * 24 * time.Hour)
	if d.once("deleted", 12) {
		r.Deletion = 1 + d.upTo("deletion", 2)
	}
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
	for range d.size {
		r := d.add("CUSTOMER")
		if r.Owner < 0 {
			r.Pool = d.some("pool", 2)
		}
		r.Phone = d.phone(r)
		customers = append(customers, r)
	}
	for range d.size {
		r := d.add("CONTACT")
		r.Phone = d.phone(r)
		contacts = append(contacts, r)
	}
	for i := range d.size {
		opportunities = append(opportunities, d.opportunity(i, customers))
	}
	for i := range d.size {
		r := d.attached("SERVICE", customers, opportunities)
		r.Contact, r.Amount = d.pick("contact", contacts), d.amount(i)
		services = append(services, r)
	}
	for range d.size + 1 {
		r := d.attached("DOCUMENT", customers, opportunities, services)
		r.Parts = []Part{{Kind: "DOCUMENT_REVISION", Number: r.Number}}
		r.Listed = d.once("listed", 3)
		if d.once("readers", 2) {
			r.Readers = []Subject{d.subject(1)}
		}
	}
	for range d.size {
		d.attached("ACTIVITY", customers, opportunities, services).Contact = d.pick("contact", contacts)
	}
	for range d.size {
		d.add("SAVED_REPORT")
		d.add("DASHBOARD")
	}
	for _, contact := range contacts {
		d.affiliations(contact, customers)
	}
	d.relationships(append(slices.Clone(customers), contacts...))
}

func (d *drawer) phone(r *Record) string {
	if d.once("no phone", 5) {
		return ""
	}
	return fmt.Sprintf("1380000%04d", r.Number)
}

// amount draws none, or a power of two: a sum tells which were added up.
func (d *drawer) amount(i int) int64 {
	if d.once("no amount", 5) {
		return 0
	}
	return 1 << i
}

func (d *drawer) opportunity(i int, customers []*Record) *Record {
	r := d.add("OPPORTUNITY")
	r.Customer, r.Amount = d.pick("customer", customers), d.amount(i)
	r.Status = d.oneOf("status", "OPEN", "WON", "LOST", "CANCELLED")
	for k := range d.upTo("changes", 2) {
		r.Parts = append(r.Parts, Part{Kind: "STAGE_CHANGE", Number: 3*r.Number + k})
	}
	if d.once("line", 2) {
		r.Parts = append(r.Parts, Part{Kind: "OPPORTUNITY_LINE", Number: r.Number})
	}
	for k := range Competitors {
		if d.once("met", 3) {
			r.Parts = append(r.Parts, Part{Kind: "ENCOUNTER", Number: 3*r.Number + k, Of: k})
		}
	}
	return r
}

func (d *drawer) affiliations(contact *Record, customers []*Record) {
	for _, i := range d.several("affiliations", len(customers)) {
		r := d.add("RELATIONSHIP")
		r.Owner, r.Type, r.Ends = -1, WorksAt, [2]End{{Record: contact}, {Record: customers[i]}}
		r.Until = d.oneOf("until", "", "", "2026-03-01", "2026-03-02", "2026-03-03")
		r.Strength = d.upTo("strength", 3)
		if contact.Deletion != 0 && !d.once("not with him", 3) {
			r.Deletion = contact.Deletion
		}
	}
}

func (d *drawer) relationships(parties []*Record) {
	ends := []End{{Kind: "USER", Number: 0}, {Kind: "USER", Number: 1}, {Kind: "COMPETITOR", Number: 0}, {Kind: "COMPETITOR", Number: 1}}
	for _, r := range parties {
		ends = append(ends, End{Record: r})
	}
	known := map[string]bool{}
	for range d.size {
		a := d.upTo("end", len(ends)-1)
		b := (a + 1 + d.upTo("other end", len(ends)-2)) % len(ends)
		r := d.add("RELATIONSHIP")
		r.Owner, r.Type, r.Ends, r.Strength = -1, 1+d.upTo("type", 1), [2]End{ends[a], ends[b]}, d.upTo("strength", 3)
		r.From = d.oneOf("from", "", "", "2026-03-02", "2026-03-03")
		r.Until = d.oneOf("until", "", "", "2026-03-02", "2026-03-03", "2099-01-01")
		if r.From != "" && r.Until != "" && r.Until <= r.From {
			r.From = ""
		}
		if same := fmt.Sprint(r.Type, a, b); known[same] && r.Until == "" {
			r.Until = "2099-01-01" // two do not join the same ends without an end
		} else {
			known[same] = true
		}
	}
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
	for range d.upTo("grants", 9) {
		d.c.Grants = append(d.c.Grants, d.grant())
	}
	for range d.upTo("shares", 2+d.size) {
		d.c.Shares = append(d.c.Shares, d.share())
	}
}

func (d *drawer) grant() *Grant {
	g := &Grant{Number: d.c.number(), ToUser: -1, ToRole: -1, Over: d.subject(0), Deny: d.once("deny", 3), Manage: d.once("manage", 2), Kinds: d.kinds()}
	if d.once("to role", 3) {
		g.ToRole = d.upTo("role", 2)
	} else {
		g.ToUser = d.upTo("grantee", 5)
	}
	g.From, g.Until = d.moment("from", -1, 0, 1), d.moment("until", 0, 1, 2)
	if g.From != nil && g.Until != nil && !g.Until.After(*g.From) {
		g.Until = nil
	}
	return g
}

func (d *drawer) share() *Share {
	records := slices.DeleteFunc(slices.Clone(d.c.Records), func(r *Record) bool { return r.Kind == "RELATIONSHIP" })
	return &Share{Number: d.c.number(), Record: rapid.SampledFrom(records).Draw(d.T, "shared"), With: d.subject(1),
		Manage: d.once("manage", 2), Kinds: d.kinds(), Until: d.moment("until", 0, 1)}
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
