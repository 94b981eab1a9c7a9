package access_test

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/internal/naive"
	"guanxi/models"
)

// place gives the number that the model knows a user, department, group, role or pool by.
func place(id uuid.UUID) int { return int(id[2])<<8 + int(id[3]) - 1 }

// bare is the company without any grant, share, membership, role or list: only its records and their owners.
func bare(c *naive.Company) *naive.Company {
	b := *c
	b.Grants, b.Shares, b.Users, b.Groups, b.Records = nil, nil, nil, nil, nil
	b.Pools = make([][]naive.Subject, len(c.Pools))
	for _, u := range c.Users {
		b.Users = append(b.Users, &naive.User{Active: u.Active})
	}
	for _, g := range c.Groups {
		b.Groups = append(b.Groups, &naive.Group{Dissolved: g.Dissolved, Members: map[int]bool{}})
	}
	return &b
}

// unlisted takes the entries off the documents' lists; put back with the function.
func unlisted(c *naive.Company) (putBack func()) {
	var lists [][]naive.Subject
	for _, r := range c.Records {
		lists = append(lists, r.Readers)
		r.Readers = nil
	}
	return func() {
		for i, r := range c.Records {
			r.Readers = lists[i]
		}
	}
}

// removable are the facts of a chain that somebody could take away.
var removable = []string{access.ByScope, access.ByUnowned, access.ByShare, access.ByCustomerShare, access.ByCustomerScope,
	access.ByPool, access.ByReader, access.ByRole, access.ByMembership, access.ByGroup}

// checkChain holds a chain against the naive model: a company in which nothing holds but its facts shows the record, and
// without any one of them does not.
func checkChain(rt *rapid.T, c *naive.Company, user int, r *naive.Record, chain []*access.Reason) {
	if len(chain) == 0 {
		rt.Fatalf("user %d sees %s %d, and no chain says why", user, r.Kind, r.Number)
	}
	if with := onlyChain(c, user, chain, -1); !with(user, r) {
		rt.Fatalf("user %d, %s %d: the chain does not suffice: %s", user, r.Kind, r.Number, words(chain))
	}
	for i, reason := range chain {
		if slices.Contains(removable, reason.Rule) && onlyChain(c, user, chain, i)(user, r) {
			rt.Fatalf("user %d, %s %d: %q is not needed in the chain %s", user, r.Kind, r.Number, reason.Sentence.En, words(chain))
		}
	}
}

func words(chain []*access.Reason) (text string) {
	for _, r := range chain {
		text += fmt.Sprintf("\n  %s: %s", r.Rule, r.Sentence.En)
	}
	return text
}

// onlyChain makes the company in which only the facts of a chain hold, one of them left out, and gives its judgement.
func onlyChain(c *naive.Company, user int, chain []*access.Reason, without int) func(int, *naive.Record) bool {
	b := bare(c)
	b.Records = c.Records
	readers := map[*naive.Record][]naive.Subject{}
	for i, reason := range chain {
		if without >= 0 && (i == without || sameGrant(reason, chain[without])) {
			continue
		}
		switch reason.Rule {
		case access.ByScope, access.ByUnowned, access.ByCustomerScope:
			b.Grants = append(b.Grants, grantOf(c, reason.Under.ID))
		case access.ByShare, access.ByCustomerShare:
			b.Shares = append(b.Shares, c.Shares[slices.IndexFunc(c.Shares, func(s *naive.Share) bool { return s.Number == place(reason.Shared.ID) })])
		case access.ByRole:
			b.Users[user].Roles = append(b.Users[user].Roles, place(reason.Node))
		case access.ByMembership:
			member, department := b.Users[place(reason.Node)>>8], place(reason.Node)&0xff // see naive.MembershipID
			member.Departments = append(member.Departments, department)
		case access.ByGroup:
			b.Groups[place(reason.Node)].Members[place(access.EntryOf(reason))] = true
		case access.ByPool:
			pool := place(reason.Node)
			b.Pools[pool] = append(b.Pools[pool], entryOf(c.Pools[pool], reason))
		case access.ByReader:
			document := recordOf(c, reason.Node)
			readers[document] = append(readers[document], entryOf(document.Readers, reason))
		}
	}
	return func(user int, r *naive.Record) bool {
		defer unlisted(c)()
		for document, list := range readers {
			document.Readers = list
		}
		return b.Sees(user, r, false)
	}
}

func grantOf(c *naive.Company, id uuid.UUID) *naive.Grant {
	return c.Grants[slices.IndexFunc(c.Grants, func(g *naive.Grant) bool { return g.Number == place(id) })]
}

func sameGrant(a, b *access.Reason) bool {
	return a.Under != nil && b.Under != nil && a.Under.ID == b.Under.ID || a.Shared != nil && b.Shared != nil && a.Shared.ID == b.Shared.ID
}

func entryOf(list []naive.Subject, reason *access.Reason) naive.Subject {
	subject := access.EntryOf(reason)
	what := map[models.KindCode]string{models.DepartmentCode: "department", models.UserCode: "user", models.GroupCode: "group"}[models.KindOf(subject)]
	return list[slices.IndexFunc(list, func(s naive.Subject) bool { return s.What == what && s.Which == place(subject) })]
}

func recordOf(c *naive.Company, id uuid.UUID) *naive.Record {
	return c.Records[slices.IndexFunc(c.Records, func(r *naive.Record) bool { return r.ID() == id })]
}

// checkNeeded does in the naive model what would be needed, with each of the choices there are: the record is then seen.
func checkNeeded(rt *rapid.T, c *naive.Company, user int, r *naive.Record, needed []*access.Remedy) {
	if len(needed) == 0 {
		rt.Fatalf("user %d does not see %s %d, and nothing would help", user, r.Kind, r.Number)
	}
	for _, remedy := range needed {
		choices := 1
		for _, need := range remedy.Steps {
			choices = max(choices, len(need.OneOf))
		}
		for choice := range choices {
			if !remedied(c, user, r, remedy, choice) {
				rt.Fatalf("user %d, %s %d: would still not be seen after choice %d of %s", user, r.Kind, r.Number, choice, steps(remedy))
			}
		}
	}
}

func steps(remedy *access.Remedy) (text string) {
	for _, need := range remedy.Steps {
		text += fmt.Sprintf("\n  %s: %s", need.Action, need.Sentence.En)
	}
	return text
}

// remedied does the steps in a copy of the company and tells whether the record is then seen.
func remedied(c *naive.Company, user int, r *naive.Record, remedy *access.Remedy, choice int) bool {
	b := bare(c)
	b.Grants, b.Shares, b.Groups, b.Records, b.Pools = slices.Clone(c.Grants), slices.Clone(c.Shares), c.Groups, c.Records, slices.Clone(c.Pools)
	for i, u := range c.Users {
		b.Users[i] = &naive.User{Active: u.Active, Departments: u.Departments, Roles: slices.Clone(u.Roles)}
	}
	var undo []func()
	defer func() {
		for _, f := range undo {
			f()
		}
	}()
	me := naive.Subject{What: "user", Which: user}
	for _, need := range remedy.Steps {
		var chosen uuid.UUID
		if len(need.OneOf) > 0 {
			chosen = need.OneOf[min(choice, len(need.OneOf)-1)]
		}
		switch need.Action {
		case access.ToActivate:
			b.Users[user].Active = true
		case access.ToGiveRole:
			if chosen == uuid.Nil { // there is no such role yet
				return true
			}
			b.Users[user].Roles = append(b.Users[user].Roles, place(chosen))
		case access.ToRestore:
			undo = append(undo, restored(c, recordOf(c, chosen)))
		case access.ToShare:
			b.Shares = append(b.Shares, &naive.Share{Record: recordOf(c, chosen), With: me})
		case access.ToGrant:
			b.Grants = append(b.Grants, &naive.Grant{ToUser: user, ToRole: -1, Over: over(chosen), Kinds: []string{r.Kind}})
		case access.ToTakeBack:
			gone := grantOf(c, chosen)
			b.Grants = slices.DeleteFunc(b.Grants, func(g *naive.Grant) bool { return g == gone })
		case access.ToJoinPool:
			b.Pools[place(chosen)] = append(slices.Clone(b.Pools[place(chosen)]), me)
		case access.ToList:
			document := recordOf(c, chosen)
			before := document.Readers
			undo = append(undo, func() { document.Readers = before })
			document.Readers = append(slices.Clone(before), me)
		}
	}
	return b.Sees(user, r, false)
}

func restored(c *naive.Company, r *naive.Record) (putBack func()) {
	var before []int
	for _, r := range c.Records {
		before = append(before, r.Deletion)
	}
	c.Restore(r)
	return func() {
		for i, r := range c.Records {
			r.Deletion = before[i]
		}
	}
}

func over(subject uuid.UUID) naive.Subject {
	switch models.KindOf(subject) {
	case models.DepartmentCode:
		return naive.Subject{What: "department", Which: place(subject), Below: true}
	case models.GroupCode:
		return naive.Subject{What: "group", Which: place(subject)}
	case models.UserCode:
		return naive.Subject{What: "user", Which: place(subject)}
	}
	return naive.Subject{What: "everyone"}
}
