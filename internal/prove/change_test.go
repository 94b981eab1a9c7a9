package prove

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"guanxi/internal/naive"
	"guanxi/models"
)

// changes are what may happen between two looks, each through a mutation of the API.
var changes = map[string]func(*proof){
	"grant": (*proof).grant, "revoke": (*proof).revoke, "join": (*proof).join, "leave": (*proof).leave, "team": (*proof).team,
	"dissolve": (*proof).dissolve, "roles": (*proof).roles, "permit": (*proof).permit, "move": (*proof).move, "deactivate": (*proof).deactivate,
	"pool": (*proof).pool, "share": (*proof).share, "unshare": (*proof).unshare, "list": (*proof).readers, "transfer": (*proof).transfer,
	"release": (*proof).release, "claim": (*proof).claim, "delete": (*proof).remove, "restore": (*proof).restore, "end": (*proof).end,
	"reattach": (*proof).reattach, "time": (*proof).pass,
}

// change lets one thing happen.
func (p *proof) change() {
	p.begin()
	names := slices.Sorted(maps.Keys(changes))
	changes[rapid.SampledFrom(names).Draw(p.T, "change")](p)
}

// decree carries out a mutation as the administrator, which succeeds, and gives the id of what it made or changed.
func (p *proof) decree(mutation, kind, payload string, input map[string]any) uuid.UUID {
	v := viewer{p, p.admin}
	selected := payload + " { id }"
	if payload == "id" {
		selected = "id"
	}
	data := v.ask("mutation ($i: "+kind+"!) { done: "+mutation+"(input: $i) { "+selected+" userErrors { code field } } }", map[string]any{"i": input})
	if wrong := list(data, "done.userErrors"); len(wrong) > 0 {
		p.Fatalf("%s with %v was refused: %v\n%s", mutation, input, wrong, describe(p.c))
	}
	made, _ := at(data, "done."+payload+".id").(string)
	id, _ := uuid.Parse(made)
	return id
}

// attempt lets a user do what only some may, and tells whether he did, which is as the model expects.
func (p *proof) attempt(user int, mutation string, input map[string]any, permitted bool, expected string) bool {
	v := viewer{p, user}
	if !permitted {
		a := v.mutate(mutation, []map[string]any{input})
		v.decide(mutation+" done", text(mutation), false, a.refusal() != "PERMISSION_DENIED")
		return false
	}
	got := codeOf(v.outcomes(mutation, []map[string]any{input})[0])
	if got != expected {
		p.Fatalf("%s: user %d tried %v, the model says %q, the API %q\n%s", mutation, user, input, expected, got, describe(p.c))
	}
	v.count(mutation+" done", text(mutation), expected == "")
	return expected == ""
}

// standing is what a user is answered who tries to write the record: nothing when he may.
func (v viewer) standing(r *naive.Record) string {
	switch {
	case !v.sees(r):
		return "NOT_FOUND"
	case !v.manages(r):
		return "FORBIDDEN"
	}
	return ""
}

// anyone draws a user who has not left, every other time the administrator, who may do most.
func (p *proof) anyone() int {
	if rapid.Bool().Draw(p.T, "administrator") {
		return p.admin
	}
	var active []int
	for i, u := range p.c.Users {
		if u.Active {
			active = append(active, i)
		}
	}
	return active[p.draw("who", len(active))]
}

// another draws a user of the company as it was drawn, not the administrator.
func (p *proof) another(label string) int { return p.draw(label, p.admin) }

func subjectInput(s naive.Subject) map[string]any {
	switch s.What {
	case "everyone":
		return map[string]any{"everyone": true}
	case "department":
		return map[string]any{"department": map[string]any{"id": s.ID(), "withSubDepartments": s.Below}}
	}
	return map[string]any{s.What: s.ID()}
}

func future(at *time.Time, now time.Time) *time.Time {
	if at == nil || !at.After(now) {
		return nil
	}
	return at
}

func level(manage bool) string { return map[bool]string{false: "OBSERVE", true: "MANAGE"}[manage] }

func (p *proof) grant() {
	g := naive.DrawGrant(p.T, p.c)
	if !p.c.Stands(g.Over) || g.ToUser >= 0 && !p.c.Users[g.ToUser].Active {
		return
	}
	g.Until = future(g.Until, p.c.Now)
	if g.From != nil && g.Until != nil && !g.Until.After(*g.From) {
		g.Until = nil
	}
	grantee := map[string]any{"user": userID(max(g.ToUser, 0))}
	if g.ToRole >= 0 {
		grantee = map[string]any{"role": naive.ID(models.RoleCode, g.ToRole)}
	}
	g.Given = p.decree("grantCreate", "GrantCreateInput", "grant", map[string]any{
		"grantee": grantee, "subject": subjectInput(g.Over), "effect": map[bool]string{false: "ALLOW", true: "DENY"}[g.Deny],
		"level": level(g.Manage), "kinds": g.Kinds, "from": g.From, "until": g.Until,
	})
	p.c.Grants = append(p.c.Grants, g)
}

func (p *proof) revoke() {
	mine := slices.IndexFunc(p.c.Grants, func(g *naive.Grant) bool { return g.ToUser == p.admin })
	if i := p.draw("grant", len(p.c.Grants)); i != mine {
		p.decree("grantDelete", "RecordInput", "id", map[string]any{"id": p.c.Grants[i].ID()})
		p.c.Grants = slices.Delete(p.c.Grants, i, i+1)
	}
}

func (p *proof) join() {
	user, department := p.another("who joins"), p.draw("department", len(p.c.Parents))
	u := p.c.Users[user]
	if !u.Active || slices.Contains(u.Departments, department) {
		return
	}
	p.decree("membershipCreate", "MembershipCreateInput", "membership", map[string]any{"user": userID(user), "department": naive.ID(models.DepartmentCode, department)})
	u.Departments = append(u.Departments, department)
}

func (p *proof) leave() {
	user := p.another("who leaves")
	data := viewer{p, p.admin}.ask("query ($u: ID!) { user(id: $u) { memberships { id department { id } } } }", map[string]any{"u": userID(user)})
	memberships := list(data, "user.memberships")
	if len(memberships) == 0 {
		return
	}
	left := memberships[p.draw("membership", len(memberships))]
	p.decree("membershipDelete", "RecordInput", "id", map[string]any{"id": at(left, "id")})
	p.c.Users[user].Departments = slices.DeleteFunc(p.c.Users[user].Departments, func(d int) bool {
		return naive.ID(models.DepartmentCode, d).String() == at(left, "department.id")
	})
}

func (p *proof) team() {
	group := p.draw("group", len(p.c.Groups))
	if p.c.Groups[group].Dissolved {
		return
	}
	members, ids := map[int]bool{}, []uuid.UUID{}
	for range 3 {
		if user := p.another("member"); p.c.Users[user].Active && !members[user] {
			members[user] = true
			ids = append(ids, userID(user))
		}
	}
	p.decree("groupMembersSet", "GroupMembersSetInput", "group", map[string]any{"id": naive.ID(models.GroupCode, group), "members": ids})
	p.c.Groups[group].Members = members
}

func (p *proof) dissolve() {
	group := p.draw("group", len(p.c.Groups))
	if g := p.c.Groups[group]; !g.Dissolved {
		p.decree("groupDissolve", "RecordInput", "group", map[string]any{"id": naive.ID(models.GroupCode, group)})
		g.Dissolved, g.Members = true, nil
	}
}

func (p *proof) roles() {
	user := p.another("whose roles")
	roles := rapid.SliceOfNDistinct(rapid.IntRange(0, 2), 0, 2, rapid.ID[int]).Draw(p.T, "roles")
	ids := []uuid.UUID{}
	for _, r := range roles {
		ids = append(ids, naive.ID(models.RoleCode, r))
	}
	p.decree("userRolesSet", "UserRolesSetInput", "user", map[string]any{"user": userID(user), "roles": ids})
	p.c.Users[user].Roles = roles
}

// permit lets a role read a kind that it did not, or the other way round, and reads a rule's fields otherwise.
func (p *proof) permit() {
	number := p.draw("role", 3)
	role := p.c.Roles[number]
	kind := rapid.SampledFrom(p.every()).Draw(p.T, "kind")
	role.May[kind+"_READ"] = !role.May[kind+"_READ"]
	rule := rapid.SampledFrom(naive.Rules).Draw(p.T, "rule")
	relation := rapid.SampledFrom([]string{"OWN", "SCOPE", "OTHER"}).Draw(p.T, "relation")
	role.Fields[rule][relation] = rapid.SampledFrom([]string{"FULL", "MASKED", "NONE"}).Draw(p.T, "right")
	var permissions []string
	for name, may := range role.May {
		if may {
			permissions = append(permissions, name)
		}
	}
	rights := []map[string]any{}
	for rule, of := range role.Fields {
		for relation, right := range of {
			rights = append(rights, map[string]any{"rule": rule, "relation": relation, "access": right})
		}
	}
	p.decree("roleUpdate", "RoleUpdateInput", "role", map[string]any{"id": naive.ID(models.RoleCode, number), "permissions": permissions, "fieldRights": rights})
}

// move puts a department under another that is not below it, or to the top.
func (p *proof) move() {
	department, parent := p.draw("department", len(p.c.Parents)), p.draw("parent", len(p.c.Parents)+1)-1
	for above := parent; above >= 0; above = p.c.Parents[above] {
		if above == department {
			return
		}
	}
	var to any
	if parent >= 0 {
		to = naive.ID(models.DepartmentCode, parent)
	}
	p.decree("departmentUpdate", "DepartmentUpdateInput", "department", map[string]any{"id": naive.ID(models.DepartmentCode, department), "parent": to})
	p.c.Parents[department] = parent
}

func (p *proof) deactivate() {
	if user := p.another("who leaves for good"); p.c.Users[user].Active {
		p.decree("userDeactivate", "RecordInput", "user", map[string]any{"id": userID(user)})
		p.c.Users[user].Active = false
	}
}

func (p *proof) pool() {
	pool := p.draw("pool", len(p.c.Pools))
	member := naive.DrawSubject(p.T, p.c)
	if p.c.Stands(member) {
		p.decree("poolUpdate", "PoolUpdateInput", "pool", map[string]any{"id": naive.ID(models.PoolCode, pool), "members": []any{subjectInput(member)}})
		p.c.Pools[pool] = []naive.Subject{member}
	}
}

func (p *proof) share() {
	s := naive.DrawShare(p.T, p.c)
	if !p.c.Stands(s.With) || !p.c.Sees(p.admin, s.Record, true) {
		return
	}
	s.Until = future(s.Until, p.c.Now)
	if s.Record.Kind != "CUSTOMER" {
		s.Kinds = nil
	}
	s.Given = p.decree("shareCreate", "ShareCreateInput", "share", map[string]any{
		"record": s.Record.ID(), "subject": subjectInput(s.With), "level": level(s.Manage), "kinds": s.Kinds, "expiresAt": s.Until,
	})
	p.c.Shares = append(p.c.Shares, s)
}

func (p *proof) unshare() {
	if len(p.c.Shares) == 0 {
		return
	}
	i := p.draw("share", len(p.c.Shares))
	s := p.c.Shares[i]
	v := viewer{p, p.anyone()}
	expected := ""
	switch {
	case !v.manages(s.Record):
		expected = "NOT_FOUND"
	case !v.may(s.Record.Kind + "_SHARE"):
		expected = "FORBIDDEN"
	}
	if p.attempt(v.user, "shareDelete", map[string]any{"id": s.ID()}, true, expected) {
		p.c.Shares = slices.Delete(p.c.Shares, i, i+1)
	}
}

func (p *proof) readers() {
	v, r := viewer{p, p.anyone()}, p.some("document", p.all("DOCUMENT"))
	reader := naive.DrawSubject(p.T, p.c)
	if !p.c.Stands(reader) {
		return
	}
	expected := v.standing(r)
	switch {
	case expected != "":
	case r.Owner < 0:
		expected = "INVALID"
	case !p.c.Later(9999).Sees(v.user, r, true):
		expected = "FORBIDDEN" // his right ends, and a list does not
	}
	input := map[string]any{"id": r.ID(), "restricted": true, "readers": []any{subjectInput(reader)}}
	if p.attempt(v.user, "documentReadersSet", input, v.may("DOCUMENT_SHARE"), expected) {
		r.Listed, r.Readers = true, []naive.Subject{reader}
	}
}

// business draws a record that can have an owner, every other time one that is shared.
func (p *proof) business() *naive.Record {
	if len(p.c.Shares) > 0 && rapid.Bool().Draw(p.T, "a shared one") {
		return p.c.Shares[p.draw("share", len(p.c.Shares))].Record
	}
	return p.some("record", slices.DeleteFunc(slices.Clone(p.c.Records), func(r *naive.Record) bool { return r.Kind == "RELATIONSHIP" }))
}

func (p *proof) transfer() {
	v, r, to, keep := viewer{p, p.anyone()}, p.business(), p.another("to"), rapid.Bool().Draw(p.T, "keep shares")
	expected := v.standing(r)
	if expected == "" && !p.c.Users[to].Active {
		expected = "NOT_FOUND"
	}
	if expected == "" && r.Kind == "CUSTOMER" && to == v.user && r.Owner != to && !p.c.MayTake(v.user) {
		expected = "FORBIDDEN"
	}
	input := map[string]any{"id": r.ID(), "to": userID(to), "keepShares": keep}
	if p.attempt(v.user, kinds[r.Kind].mutation+"Transfer", input, v.may(r.Kind+"_TRANSFER"), expected) {
		p.c.Transfer(r, to, keep)
	}
}

func (p *proof) release() {
	v, r, pool := viewer{p, p.anyone()}, p.some("customer", p.all("CUSTOMER")), p.draw("pool", len(p.c.Pools))
	input := map[string]any{"id": r.ID(), "pool": naive.ID(models.PoolCode, pool)}
	expected := v.standing(r)
	if expected == "" && r.Owner >= 0 && r.Owner != v.user && !v.may("CUSTOMER_TRANSFER") {
		expected = "FORBIDDEN"
	}
	if p.attempt(v.user, "customerRelease", input, v.may("CUSTOMER_UPDATE"), expected) {
		p.c.Release(r, pool)
	}
}

func (p *proof) claim() {
	v, r := viewer{p, p.anyone()}, p.some("customer", p.all("CUSTOMER"))
	if p.attempt(v.user, "customerClaim", map[string]any{"id": r.ID()}, v.may("CUSTOMER_UPDATE"), v.claiming(r)) {
		p.c.Claim(r, v.user)
	}
}

func (p *proof) remove() {
	v, r := viewer{p, p.anyone()}, p.some("record", p.c.Records)
	if p.attempt(v.user, kinds[r.Kind].mutation+"Delete", map[string]any{"id": r.ID()}, v.may(r.Kind+"_DELETE"), v.standing(r)) {
		p.c.Delete(r)
	}
}

func (p *proof) restore() {
	v := viewer{p, p.anyone()}
	gone := slices.DeleteFunc(slices.Clone(p.c.Records), func(r *naive.Record) bool { return r.Deletion == 0 })
	if len(gone) == 0 {
		return
	}
	r := p.some("record", gone)
	expected := ""
	if !p.c.FindsDeleted(v.user, r) {
		expected = "NOT_FOUND"
	}
	if p.attempt(v.user, kinds[r.Kind].mutation+"Restore", map[string]any{"id": r.ID()}, v.may(r.Kind+"_DELETE"), expected) {
		p.c.Restore(r)
	}
}

// end ends a relationship today.
func (p *proof) end() {
	r := p.some("relationship", p.all("RELATIONSHIP"))
	began := r.From != "" && r.From >= p.c.Today
	if p.c.Sees(p.admin, r, true) && !began && (r.Until == "" || r.Until > p.c.Today) {
		p.decree("relationshipEnd", "RelationshipEndInput", "relationship", map[string]any{"id": r.ID()})
		r.Until = p.c.Today
	}
}

// reattach gives an opportunity, and what is attached to it, to another customer.
func (p *proof) reattach() {
	r, to := p.some("opportunity", p.all("OPPORTUNITY")), p.some("customer", p.all("CUSTOMER"))
	if !p.c.Sees(p.admin, r, true) || !p.c.Sees(p.admin, to, false) || r.Customer == to {
		return
	}
	p.decree("opportunityUpdate", "OpportunityUpdateInput", "opportunity", map[string]any{"id": r.ID(), "customer": to.ID()})
	p.c.Reattach(r, to)
}

// pass lets an hour go by: some grants and shares begin or end.
func (p *proof) pass() {
	p.c.Now = p.c.Now.Add(time.Hour)
	p.h.now = p.c.Now
}
